"""Gini, Lorenz curve, and the places of people in a sponsor tree."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from sim.views.people import gini, sample_tree, tree_places
from sim.views.report.facts import depths


def forest(uplines):
    return pd.DataFrame({
        "person": range(len(uplines)), "upline": pd.array(uplines, "Int64"), "seed": 1})


def test_gini_of_known_cases():
    assert gini(np.array([5.0, 5.0, 5.0])) == 0
    assert math.isclose(gini(np.array([0, 0, 0, 8.0])), 0.75)
    assert math.isclose(gini(np.array([1.0, 2.0, 3.0])), 2 / 9)
    assert math.isnan(gini(np.zeros(3)))


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=40).filter(any))
def test_gini_is_half_the_relative_mean_difference(amounts):
    values = np.array(amounts, float)
    wanted = np.abs(values[:, None] - values).mean() / (2 * values.mean())
    assert math.isclose(gini(values), wanted, abs_tol=1e-12)


@given(st.data())
def test_tree_puts_everybody_at_their_depth(data):
    size = data.draw(st.integers(1, 40))
    uplines = [data.draw(st.one_of(st.just(-1), st.integers(0, row - 1))) if row else -1
               for row in range(size)]
    places = tree_places(range(size), uplines)
    depth = depths(forest([None if up < 0 else up for up in uplines]))
    assert len(places) == size + 1
    for row in range(size):
        assert math.isclose(math.hypot(*places[row]), depth[row], rel_tol=1e-9)
    assert len({(round(x, 6), round(y, 6)) for x, y in places.values()}) == size + 1


def test_sample_keeps_all_uplines():
    uplines = [None, *[(row - 1) // 3 for row in range(1, 900)]]
    table = forest(uplines)
    shown = sample_tree(table, 100)
    kept = set(shown["person"])
    assert 100 <= len(kept) < 130
    assert set(shown["upline"].dropna()) <= kept
    assert sample_tree(table, 1000) is not None
    assert len(sample_tree(table, 1000)) == 900

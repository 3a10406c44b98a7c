"""Flows add up to the books; survival is the product-limit estimate; old channel and fan."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

import sim
from sim.views.flows import _spread, goods, money
from sim.views.lasting import kaplan_meier
from sim.views.plots import plot


@pytest.fixture(scope="module")
def turned():
    return sim.run(sim.load("transition", {"persons": 2000, "weeks": 66}), seed=3, threads=1)


def test_every_unit_that_left_the_brand_is_drawn_once(turned, run):
    for result in (turned, run):
        weekly = result.weekly
        flows = goods(weekly)
        left = weekly["sell_in"].sum() + weekly["direct_sales"].sum()
        assert sum(flow.amount for flow in flows) == pytest.approx(left)
        bought = sum(flow.amount for flow in flows if flow.target == "flow bought")
        assert bought == weekly["sell_through"].sum()


def test_every_yuan_has_a_source_and_an_end(turned, run):
    for result in (turned, run):
        flows = money(result.weekly, result.resellers)
        into = sum(flow.amount for flow in flows if flow.target == "pot")
        out = sum(flow.amount for flow in flows if flow.source == "pot")
        assert into == pytest.approx(out)
        profit = result.resellers["profit"]
        lost = [flow.amount for flow in flows if flow.source == "flow losers"]
        assert sum(lost) == -profit[profit < 0].sum()
        assert all(flow.amount > 0 for flow in flows)


def test_labels_keep_apart():
    places = _spread([(0.0, 0.01), (0.01, 0.02), (0.9, 0.95), (0.97, 0.98), (0.99, 1.0)], 0.08)
    assert all(b - a >= 0.0799 for a, b in itertools.pairwise(places))
    assert places == sorted(places)
    assert places[-1] <= 1.0


def test_survival_of_a_known_case():
    # Three of ten leave in week 2; four are watched no longer than week 3; one leaves in week 4.
    durations = np.array([2, 2, 2, 3, 3, 3, 3, 4, 5, 5])
    left = np.array([True] * 3 + [False] * 4 + [True] + [False] * 2)
    weeks, share, low, high, at_risk = kaplan_meier(durations, left)
    assert list(weeks) == [0, 1, 2, 3, 4, 5]
    assert list(at_risk) == [10, 10, 10, 7, 3, 2]
    assert share == pytest.approx([1, 1, 0.7, 0.7, 0.7 * 2 / 3, 0.7 * 2 / 3])
    assert (low <= share).all()
    assert (share <= high).all()
    assert ((low >= 0) & (high <= 1)).all()
    assert low[2] == pytest.approx(0.3287, abs=1e-3)  # Greenwood, log-log
    assert high[2] == pytest.approx(0.8919, abs=1e-3)


def test_a_fan_has_data_as_dots(run):
    data = pd.DataFrame({"week": [4, 8], "value": [3.0, 9.0]})
    ax = plot(run, "fan", of="sell_through", data=data)
    assert any(list(line.get_xdata()) == [4, 8] for line in ax.lines)


def test_what_is_not_there_is_said(run):
    assert "no old channel" in plot(run, "cannibalisation", lang="en").texts[0].get_text()
    open_market = sim.run(sim.load("prosumer", {"persons": 500, "weeks": 6}), seed=1, threads=1)
    assert "hold no stock" in plot(open_market, "sell_through_rate", lang="en").texts[0].get_text()

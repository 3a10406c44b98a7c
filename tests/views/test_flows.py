"""Flows add up to the books; survival is the product-limit estimate; legacy channel and fan."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

import sim
from sim.views.flows import _spread, goods, money
from sim.views.lasting import kaplan_meier
from sim.views.panels import PANELS
from sim.views.plots import plot
from sim.views.texts import text


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
    assert "no legacy channel" in plot(run, "cannibalisation", lang="en").texts[0].get_text()
    open_market = sim.run(sim.load("prosumer", {"persons": 500, "weeks": 6}), seed=1, threads=1)
    assert "hold no stock" in plot(open_market, "sell_through_rate", lang="en").texts[0].get_text()


def people(stays, *, end=80):
    """Resellers who all joined in week 1 and stay this long; those of None stay to the end."""
    resellers = pd.DataFrame({
        "scenario": "x", "seed": 1, "joined_week": 1,
        "left_week": pd.array([None if stay is None else 1 + stay for stay in stays], dtype="Int64")})
    return resellers, pd.DataFrame({"scenario": "x", "seed": 1, "week": [1, end]})


def marked(ax):
    """Where the picture marks that half have left."""
    return [(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in ax.lines
            if line.get_marker() == "o"]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("stays", "half"), [
    ([*range(1, 31)], 15), ([5] * 15 + [None] * 15, 5), ([40] * 14 + [60] * 16, 60)])
def test_half_have_left_is_marked_where_the_table_has_it(lang, stays, half):
    resellers, weekly = people(stays)
    left = (resellers["left_week"] - resellers["joined_week"]).fillna(10**6)
    assert (left <= half).mean() >= 0.5 > (left < half).mean()
    ax = PANELS["still_selling"].draw(resellers, weekly, lang=lang)
    assert marked(ax) == [(half, 0.5)]
    assert text("half left", lang, n=half) in [part.get_text() for part in ax.texts]
    curve = max(ax.lines, key=lambda line: len(line.get_xdata()))
    at = dict(zip(curve.get_xdata(), curve.get_ydata(), strict=True))
    assert at[half] <= 0.5 + 1e-9 < at[half - 1]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_where_more_than_half_stay_the_picture_says_so(lang):
    resellers, weekly = people([10] * 9 + [None] * 21)
    ax = PANELS["still_selling"].draw(resellers, weekly, lang=lang)
    assert not marked(ax)
    said = [part.get_text() for part in ax.texts]
    assert text("half stays", lang, n=79) in said
    assert "70%" in said


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_written_on_the_survival_curve_is_not_cut(run, lang):
    resellers, weekly = people([70] * 16 + [75] * 14)
    ax = PANELS["still_selling"].draw(resellers, weekly, lang=lang)
    ax.figure.canvas.draw()
    frame = ax.get_window_extent()
    [said] = [part for part in ax.texts if part.get_text() == text("half left", lang, n=70)]
    box = said.get_window_extent()
    assert frame.x0 <= box.x0
    assert box.x1 <= frame.x1
    end = next(part for part in ax.texts if part.get_text().endswith("%"))
    assert not box.overlaps(end.get_window_extent())

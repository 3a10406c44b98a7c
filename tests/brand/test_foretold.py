"""Sentences of a forecast: what is the same when rounded, which way an interval points, who is ahead."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.studies.forecast import Outcome, _weighed
from sim.studies.foretold import _winners, headline, percent
from sim.studies.particles import Particles
from sim.studies.statements import IN_STOCK, chances_of, statements_of
from sim.texts import speaking
from sim.texts.numbers import said


def foretold(
    difference: float, low: float, high: float, worst: float, *, ahead: float = 0.5, tied: float = 0.0,
) -> Any:
    rows = [{"scenario": "now", "outcome": "brand", "worst": 2_490_000.0},
            {"scenario": "plan", "outcome": "brand", "worst": worst, "difference": difference,
             "difference_low": low, "difference_high": high, "ahead": ahead, "tied": tied}]
    return SimpleNamespace(
        labels=("now", "plan"), outcomes=pd.DataFrame(rows),
        scenarios=[SimpleNamespace(title={"en": "As things are", "zh": "照现状继续"}),
                   SimpleNamespace(title={"en": "Turn", "zh": "转向"})])


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("worst", "same"), [
    (2_490_000.0, True), (2_490_400.0, True), (2_560_000.0, False), (1_000.0, False)])
def test_what_is_equal_when_rounded_is_said_to_be_the_same(lang: str, worst: float, *, same: bool) -> None:
    with speaking(lang):
        _first, told = headline(foretold(90_000.0, 10_000.0, 170_000.0, worst))
        before, after = said(2_490_000.0, "fen"), said(worst, "fen")
        assert (before == after) is same
        assert told.count(after) == 1
        assert (before in told) or not same
        assert (("as much as" in told) or ("相同" in told)) is same
        assert (("instead of" in told) or ("原来是" in told)) is not same


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("low", "high"), [(127_000.0, 440_000.0), (-440_000.0, -127_000.0)])
def test_the_ends_of_an_interval_are_said_in_the_direction_of_the_sentence(
    lang: str, low: float, high: float
) -> None:
    with speaking(lang):
        told = headline(foretold((low + high) / 2, low, high, 2_490_000.0))[0]
        ends = sorted((abs(low), abs(high)))
        assert re.findall(r"[\d,]+ (?:yuan|元)", told) == [
            said(one, "fen") for one in (abs(low + high) / 2, *ends)]
    assert not re.search(r"[-−]\d", told), "less by so much: no sign beside it"
    words = {1: (" more than with", "多赚"), -1: (" less than with", "少赚")}[1 if low > 0 else -1]
    assert words[lang == "zh"] in told


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("gap", [90_000.0, -90_000.0, 0.2, -0.2])
def test_where_the_interval_holds_zero_no_direction_is_told(lang: str, gap: float) -> None:
    low, high = gap - 100_000.0, gap + 100_000.0
    with speaking(lang):
        told = headline(foretold(gap, low, high, 2_490_000.0))[0]
        down, up = said(-low, "fen"), said(high, "fen")
        assert f"from {down} less to {up} more" in told or f"少 {down} 到多 {up}" in told
    assert ("cannot be told" in told) or ("看不出" in told)
    assert "50%" in told


def test_a_plan_that_changes_nothing_is_said_to_change_nothing() -> None:
    never = headline(foretold(0.0, 0.0, 0.0, 2_490_000.0, tied=1.0))[0]
    assert "in all futures" in never
    assert "50%" not in never


def test_futures_that_are_equal_are_told_apart_from_those_that_are_more() -> None:
    told = headline(foretold(90_000.0, 10_000.0, 170_000.0, 1.0, ahead=0.8, tied=0.4))[0]
    assert "more in 60% of the futures and as much in 40%" in told


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("better", [1, -1])
def test_who_is_better_off_is_counted_future_by_future(seed: int, better: int) -> None:
    rng = np.random.default_rng(seed)
    before = rng.integers(0, 5, 60).astype(float)
    mine = np.where(rng.random(60) < 0.5, before, before + rng.integers(-1, 4, 60))
    weights = rng.random(60)
    weights /= weights.sum()
    particles = Particles(tuple(range(60)), weights, 40.0, 100, 1.0)
    row = _weighed(Outcome("consumers", "what", "persons", better), "plan", mine, before, particles,
                   first=False)
    ahead = weights[better * mine > better * before].sum()
    tied = weights[mine == before].sum()
    assert tied > 0.2
    assert row["tied"] == pytest.approx(tied)
    assert row["ahead"] == pytest.approx(ahead + tied / 2)


def test_who_is_as_well_off_in_all_futures_is_not_worse_off() -> None:
    found = foretold(0.0, 0.0, 0.0, 2_490_000.0)
    rows = [{"scenario": "plan", "outcome": name, "ahead": ahead, "tied": tied} for name, ahead, tied in (
        ("brand", 0.95, 0.0), ("tiers", 0.5, 1.0), ("consumers", 0.05, 0.0), ("tier 0", 0.925, 0.15))]
    found.outcomes = pd.DataFrame(rows)
    found.scenarios[0].tiers = [SimpleNamespace(name="Top")]
    told = _winners(found, "plan")
    assert told == ["Better off in nine of ten futures under Turn: the brand.",
                    "Worse off in nine of ten futures under Turn: the consumers."]


@pytest.mark.parametrize(("share", "words"), [
    (0.0, "0%"), (0.004, "<1%"), (0.5, "50%"), (0.996, ">99%"), (1.0, "100%")])
def test_nearly_all_is_not_all(share: float, words: str) -> None:
    assert percent(share) == words


def test_a_suggested_statement_about_stock_is_told_of_plans_that_hold_stock_alone() -> None:
    import sim
    from tests.brand.test_forecast import BRAND

    def weekly(stock: int) -> pd.DataFrame:
        return pd.DataFrame({
            "week": [1, 2], "inventory_channel": [stock] * 2, "price_street_mean": [100.0] * 2,
            "price_wholesale_low": [200.0] * 2, "weeks_of_supply": [30.0] * 2, "profit_brand": [1.0] * 2})

    scenario = sim.load("pyramid", BRAND)
    particles = Particles.__new__(Particles)
    for name, value in {"weights": [0.5, 0.5], "effective": 2.0}.items():
        object.__setattr__(particles, name, value)
    runs = [[weekly(9), weekly(0)], [weekly(0), weekly(0)]]
    suggested = statements_of([scenario], [], 1, 2)
    told = chances_of(runs, ("stock", "none"), suggested, particles)
    for text in IN_STOCK:
        assert told.loc[told["statement"] == text, "scenario"].tolist() == ["stock"]
    assert told.iloc[0][["statement", "scenario"]].tolist() == [suggested[0].text, "stock"]
    # Who asks gets an answer.
    asked = chances_of(runs, ("stock", "none"), statements_of([scenario], [IN_STOCK[0]], 1, 2), particles)
    assert asked["scenario"].tolist() == ["stock", "none"]

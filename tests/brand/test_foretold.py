"""Sentences of a forecast say that two numbers are the same where they are when rounded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from sim.studies.foretold import headline
from sim.studies.particles import Particles
from sim.studies.statements import IN_STOCK, chances_of, statements_of
from sim.texts import speaking
from sim.texts.numbers import said


def foretold(difference: float, low: float, high: float, worst: float) -> Any:
    rows = [{"scenario": "now", "outcome": "brand", "worst": 2_490_000.0},
            {"scenario": "plan", "outcome": "brand", "worst": worst, "difference": difference,
             "difference_low": low, "difference_high": high, "ahead": 0.5}]
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


@pytest.mark.parametrize(("gap", "words"), [
    (90_000.0, "more than"), (-90_000.0, "less than"), (0.2, "as much as"), (-0.2, "as much as")])
def test_a_gap_that_rounds_to_nothing_is_no_gap(gap: float, words: str) -> None:
    told = headline(foretold(gap, gap - 10_000.0, gap + 10_000.0, 2_490_000.0))[0]
    assert f" {words} with 'As things are'" in told
    assert "more in 50% of the futures" in told
    never = headline(foretold(0.0, 0.0, 0.0, 2_490_000.0))[0]
    assert "in all futures" in never
    assert "50%" not in never


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

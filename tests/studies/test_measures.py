"""Measures and conditions as people write them: by the name of a key figure, with units."""

from __future__ import annotations

import pandas as pd
import pytest

from sim.errors import UsageError
from sim.studies.conditions import condition
from sim.studies.measures import measure

WEEKLY = pd.DataFrame({
    "week": [1, 2], "profit_brand": [100.0, 50_000.0], "bought_back": [20, 10_000],
    "price_street_mean": [6_000, 5_900], "resellers_active": [3, 12_000]})


@pytest.mark.parametrize("text", ["brand_profit", "品牌利润", "profit of the brand", "Profit of the brand",
                                  "cumulative(profit_brand)"])
def test_a_key_figure_is_found_by_what_it_is_called(text: str) -> None:
    found = measure(text)
    assert found.unit == "fen"
    assert found.of(WEEKLY) == 50_100.0


def test_a_name_that_nobody_has_gets_the_nearest() -> None:
    with pytest.raises(UsageError, match="品牌利润"):
        measure("品牌利闰")
    with pytest.raises(UsageError, match="write such as"):
        measure("xyzzy(")


@pytest.mark.parametrize(("text", "holds"), [
    ("cumulative(bought_back) <= 1.1万件", True), ("cumulative(bought_back) <= 1万件", False),
    ("cumulative(bought_back) > 10019 units", True), ("resellers_active > 1万人 at end", True),
    ("resellers_active > 12000 persons at end", False), ("price_street_mean < ￥60 at end", True),
    ("price_street_mean < ¥59 at end", False), ("price_street_mean < 59.5 yuan at end", True),
    ("cumulative(profit_brand) >= 0.05万元", True), ("cumulative(profit_brand) >= ¥0.06万", False)])
def test_numbers_in_conditions_carry_units(text: str, holds: bool) -> None:
    from sim.market.outputs import weekly_outputs
    from sim.scenario.expect import Expectation

    check = Expectation.parse(text, {column.name: column.unit for column in weekly_outputs()})
    assert check.holds(WEEKLY) is holds
    assert check.bare_money({column.name: column.unit for column in weekly_outputs()}) == ""


def test_a_condition_may_name_a_key_figure() -> None:
    named = condition("品牌利润 >= 0.05万元")
    assert named.measure is not None
    assert (named.measure.of(WEEKLY), named.bound) == (50_100.0, 50_000.0)

"""Key figures and sentences against values recomputed from the tables, in four kinds of market."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

import sim
from sim.runs.figures import FIGURES, KEY_FIGURES, STANDARD, figures_of
from sim.runs.sentences import FEW, percent, sentences, share_of_people, warnings
from sim.studies.measures import measure, measures

MARKETS: dict[str, tuple[str, dict[str, Any]]] = {
    "pyramid": ("pyramid", {"persons": 2500, "weeks": 60}),
    "prosumer": ("prosumer", {"persons": 2500, "weeks": 60}),
    "transition": ("transition", {"persons": 2500, "weeks": 70}),
    "nobody": ("pyramid", {"persons": 300, "weeks": 6, "recruiting.founders": 0.0}),
}


@pytest.fixture(scope="module", params=MARKETS)
def market(request: pytest.FixtureRequest) -> Any:
    name, changes = MARKETS[request.param]
    return sim.run(sim.load(name, changes), seed=2, threads=1)


@pytest.fixture
def told(market: Any) -> tuple[dict[str, float], str]:
    found = figures_of(market.weekly, market.resellers)
    said = " ".join(sentences(found, persons=market.scenario.persons, weeks=market.scenario.weeks))
    assert "nan" not in said.lower()
    return found, said


def test_who_lost_and_who_earned_nothing(market: Any, told: Any) -> None:
    found, said = told
    profit = market.resellers["profit"]
    assert found["ever_joined"] == len(profit)
    if not len(profit):
        assert math.isnan(found["lost_money"])
        assert "lost" not in said
        return
    assert found["lost_money"] == pytest.approx((profit < 0).mean())
    assert found["earned_nothing"] == pytest.approx((profit == 0).mean())
    lost = share_of_people(float((profit < 0).mean()), len(profit))
    idle = share_of_people(float((profit == 0).mean()), len(profit))
    assert f"{lost} lost money and {idle} neither lost nor earned" in said


def test_the_sell_through_rate_is_of_the_channel(market: Any, told: Any) -> None:
    found, said = told
    weekly = market.weekly
    took = int(weekly["sell_in"].sum() - weekly["bought_back"].sum())
    sold = int(weekly["sell_through"].sum() - weekly["direct_sales"].sum())
    if took <= 0:
        assert math.isnan(found["sell_through_rate"])
        assert "rate" not in said
    else:
        assert found["sell_through_rate"] == sold / took
        assert 0 <= found["sell_through_rate"] <= 1
        assert f"Sell-through rate of the channel: {percent(sold / took)}" in said
    if weekly["sell_through"].sum():
        assert f"{sold:,}" in said


def test_every_unit_that_the_channel_took_is_accounted_for(market: Any) -> None:
    weekly = market.weekly
    took = weekly["sell_in"].sum() - weekly["bought_back"].sum()
    used = (weekly["sell_through"] - weekly["direct_sales"] + weekly["dumped"]
            + weekly["self_consumed"] + weekly["written_off"]).sum()
    held = weekly["inventory_channel"].iloc[-1] + weekly["inventory_transit"].iloc[-1]
    assert took == used + held


def test_a_peak_has_a_week_only_when_it_has_passed(market: Any, told: Any) -> None:
    found, said = told
    active = market.weekly["resellers_active"].to_numpy()
    top = int(active.argmax())
    passed = len(active) - 1 - top >= 8 and active[-1] < 0.98 * active[top]
    assert math.isnan(found["peak_week"]) == (not passed)
    if passed:
        assert f"(week {market.weekly['week'].iloc[top]})" in said
    else:
        assert "at a time" not in said


def test_prices_are_told_with_where_they_began(market: Any, told: Any) -> None:
    found, said = told
    weekly = market.weekly
    paid = weekly["price_street_mean"].tail(4).dropna()
    if not len(paid):
        assert "people paid" not in said
        return
    assert found["street_price"] == pytest.approx(paid.mean())
    first, last = weekly["price_list"].iloc[0] / 100, weekly["price_list"].iloc[-1] / 100
    assert (f"from {first:,.2f} to {last:,.2f}" in said) == (first != last)
    channel = weekly["sell_through"] - weekly["direct_sales"] >= weekly["direct_sales"]
    under = channel & (weekly["price_street_mean"] < weekly["price_wholesale_low"])
    match = re.search(r"In (\d+) weeks, the first of them week (\d+)", said)
    assert (match is not None) == bool(under.any() and len(market.resellers))
    if match:
        assert int(match[1]) == under.sum()
        assert int(match[2]) == weekly["week"][under.to_numpy()].iloc[0]


def test_recruiting_is_of_the_whole_run(market: Any, told: Any) -> None:
    found, said = told
    paid = market.weekly["upline_payments"].sum()
    margin = max(0, market.weekly["retail_margin_resellers"].sum())
    if paid + margin == 0:
        assert math.isnan(found["recruiting_income"])
    elif len(market.resellers):
        assert found["recruiting_income"] == pytest.approx(paid / (paid + margin))
        if paid == 0:
            assert "Nothing was paid for recruits" in said
        else:
            assert f"{percent(paid / (paid + margin))} of the resellers' income" in said
        assert (paid == 0) or " 0% of the resellers" not in said


def test_the_business_lives_from_entry_where_entry_is_more_than_retail(market: Any) -> None:
    found = figures_of(market.weekly, market.resellers)
    weekly = market.weekly
    paid = weekly["revenue_retail"].sum() + weekly["revenue_dumped"].sum()
    warned = [text for text in warnings(found, [found]) if "depends on joining fees" in text]
    assert bool(warned) == bool(weekly["entry_payments"].sum() > paid)


def test_units_sold_are_always_told(told: Any) -> None:
    found, said = told
    direct = found["direct_sales"]
    assert f"{found['sell_through'] - direct:,.0f}" in said or f"{found['sell_through']:,.0f}" in said


def test_few_people_have_no_share() -> None:
    assert share_of_people(1.0, 1) == "1 of 1"
    assert share_of_people(0.25, FEW - 2) == "2 of 8"
    assert share_of_people(0.25, FEW) == "25%"


def test_a_figure_is_measured_as_it_is_told(market: Any) -> None:
    found = figures_of(market.weekly, market.resellers)
    for figure in KEY_FIGURES:
        if figure.people or figure.name in market.weekly:
            continue
        value = measure(figure.name).of(market.weekly)
        assert np.isclose(value, found[figure.name], equal_nan=True), figure.name
        low, high = figure.bounds
        assert math.isnan(value) or low <= value <= high, figure.name
    assert [one.label for one in measures()] == [FIGURES[name].label for name in STANDARD]


def test_every_column_of_a_figure_exists(market: Any) -> None:
    for figure in KEY_FIGURES:
        assert set(figure.columns()) <= set(market.weekly), figure.name

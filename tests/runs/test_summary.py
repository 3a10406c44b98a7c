"""What a summary says of runs whose tables are written by hand, to the figure."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import sim
from sim.runs import summary
from sim.runs.figures import FIGURES
from sim.runs.many import run_many
from sim.runs.sentences import count, percent, sentences, yuan
from sim.runs.summary import Checked, summaries_of, summarise

WEEKS: dict[str, list[float]] = {
    # Three weeks; money in fen.
    "week": [1, 2, 3], "resellers_active": [10, 30, 20], "exits": [0, 2, 12],
    "sell_in": [500, 600, 400], "sell_through": [250, 300, 350], "dumped": [0, 5, 7],
    "self_consumed": [0, 1, 2], "written_off": [0, 0, 3], "lost_sales": [4, 0, 1],
    "profit_brand": [-500_000, 1_000_000, 234_567], "entry_payments": [10_000, 20_000, 0],
    "revenue_brand": [30_000, 60_000, 30_000], "inventory_channel": [250, 550, 300],
    "inventory_transit": [0, 0, 0],
    "loss_share": [math.nan, 0.5, 0.62], "recruiting_share": [math.nan, 0.1, 0.35],
    "awareness": [0.1, 0.2, 0.45], "price_list": [30_000, 30_000, 29_900],
    "price_wholesale_low": [15_000, 15_000, 14_000], "trust_mean": [0.5, 0.45, 0.41],
    "quality_perceived": [0.8, 0.75, 0.7], "quality_true": [0.4, 0.4, 0.4],
    "bought_back": [0, 0, 0], "direct_sales": [0, 0, 0], "resellers_lost_money": [0, 10, 17],
    "resellers_earned_nothing": [0, 2, 4], "retail_margin_resellers": [1_000, 2_000, 3_000],
    "upline_payments": [0, 1_000, 3_000], "revenue_retail": [20_000, 30_000, 35_000],
    "revenue_dumped": [0, 0, 0], "consumer_surplus": [0, 0, 0],
    **{f"stage_{stage}": [50, 60, 70] for stage in ("stranger", "customer", "user", "fan", "geek")},
    "price_street_mean": [28_000, 22_000, math.nan], "price_street_min": [25_000, 9_950, math.nan],
}
JOINED = 34


def lived(seed: int = 7, joined: int = JOINED, **columns: list[float]) -> Any:
    """Return the tables of a run; `columns` are laid over the usual ones."""
    weekly = pd.DataFrame({**WEEKS, **columns})
    if not joined:
        weekly = weekly.assign(resellers_active=0, exits=0)
    resellers = pd.DataFrame({
        "joined_week": [0] * joined, "left_week": pd.array([pd.NA] * joined, "Int64"),
        "profit": [100] * joined})
    return SimpleNamespace(seed=seed, weekly=weekly, resellers=resellers)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summary, "measured_network", lambda scenario, seed: {})


@pytest.fixture
def scenario() -> Any:
    return sim.load("pyramid", {"persons": 1200, "weeks": 3, "expect": []})


def test_the_key_figures_of_one_run(scenario: Any) -> None:
    found = summarise([lived()], scenario, "one")
    assert (found.name, found.runs) == ("one", 1)
    assert set(found.figures) == set(FIGURES)
    wanted = {
        "exits": 14, "sell_in": 1500, "sell_through": 900, "dumped": 12, "self_consumed": 3,
        "written_off": 3, "lost_sales": 5, "brand_profit": 734_567, "entry_payments": 30_000,
        "channel_stock": 300, "loss_share": 0.62, "recruiting_income": 0.4, "awareness": 0.45,
        "price_list": 29_900, "price_list_start": 30_000, "wholesale": 14_000, "ever_joined": 34,
        "end_active": 20, "peak_active": 30, "sell_through_rate": 0.6, "unsold_share": 0.2,
        "lost_money": 0.5, "earned_nothing": 4 / 34, "trust_start": 0.5, "trust": 0.41,
        "quality_gap": 0.3, "street_price": 25_000, "street_lowest": 9_950,
        "paid_by_consumers": 85_000, "resellers_profit": 3_400, "customers": 280, "repeat": 0.75}
    assert {name: found.figures[name] for name in wanted} == pytest.approx(wanted)
    assert math.isnan(found.figures["peak_week"]), "one week after a maximum no peak has passed"


def test_figures_of_several_runs_are_medians_of_what_is_known(scenario: Any) -> None:
    unsold = lived(seed=8, sell_in=[0, 0, 0], loss_share=[0.2, 0.2, 0.2],
                   price_street_mean=[math.nan] * 3, price_street_min=[math.nan] * 3)
    found = summarise([lived(), lived(), unsold], scenario, "three").figures
    assert found["loss_share"] == 0.62
    assert found["sell_through_rate"] == pytest.approx(0.6)  # nothing was shipped: no rate
    assert found["street_price"] == 25_000
    alone = summarise([unsold], scenario, "one").figures
    assert math.isnan(alone["sell_through_rate"])
    assert math.isnan(alone["street_lowest"])
    nothing = summarise([], scenario, "none")
    assert (nothing.runs, nothing.figures, nothing.sentences) == (0, {}, [])


def test_trust_that_did_not_move_stayed(scenario: Any) -> None:
    for last, said in ((0.5, "stayed at 50%"), (0.5049, "stayed at 50%"), (0.5051, "went from 50% to 51%")):
        told = summarise([lived(trust_mean=[0.5, 0.45, last])], scenario, "one").sentences
        assert any(f"Trust in the channel {said};" in sentence for sentence in told), told


def test_the_sentences_of_a_run(scenario: Any) -> None:
    assert summarise([lived()], scenario, "one").sentences == [
        "Of 1,200 persons 34 became resellers; 20 sell at the end of week 3.",
        "The brand shipped 1,500 units to the channel, which sold 900; 300 were still there at the "
        "end, 12 were dumped, 3 kept by leavers and 3 written off.",
        "Sell-through rate of the channel: 60% of what it took and did not give back.",
        "The brand has 7,346 yuan more than at the start after 3 weeks.",
        "Of all who ever joined, 50% lost money and 12% neither lost nor earned.",
        "40% of the resellers' income came from recruits and downlines, not from retail (40.00 yuan "
        "over the whole run).",
        "Trust in the channel went from 50% to 41%; 45% of the persons know the product.",
        "People think the product 30 points better than it is.",
        "The list price went from 300.00 to 299.00 yuan; people paid 250.00 yuan in the last 4 weeks, "
        "the lowest price ever was 99.50 yuan.",
    ]


def test_what_did_not_happen_is_not_told(scenario: Any) -> None:
    quiet = lived(joined=0, sell_in=[0, 0, 0], price_street_mean=[math.nan] * 3,
                  price_street_min=[math.nan] * 3)
    assert summarise([quiet], scenario, "one").sentences == [
        "Nobody became a reseller.", "Consumers bought 900 units; the channel took no stock.",
        "The brand has 7,346 yuan more than at the start after 3 weeks.",
        "Trust in the channel went from 50% to 41%; 45% of the persons know the product.",
        "People think the product 30 points better than it is.",
    ]


@pytest.mark.parametrize(("columns", "warning"), [
    ({"inventory_channel": [250, 0, 450]}, None),
    ({"inventory_channel": [250, 0, 451]},
     "30% of what the channel took still lay there unsold at the end"),
    ({"entry_payments": [10_000, 20_000, 55_000]}, None),
    ({"entry_payments": [10_000, 20_000, 56_000]},
     "the business depends on joining fees: resellers paid 860.00 yuan to join, consumers 850.00 yuan for "
     "goods"),
    ({"resellers_lost_money": [0, 0, 23]}, None),
    ({"resellers_lost_money": [0, 0, 24]},
     "musical chairs: 71% of all who ever joined lost money"),
    ({"upline_payments": [0, 3_000, 3_000]}, None),
    ({"upline_payments": [0, 3_000, 4_000]},
     "resellers earned more from their recruits than from consumers, as in a pyramid scheme (54% of "
     "their income)"),
    ({"price_street_mean": [14_000, 14_000, 14_000]}, None),
    ({"price_street_mean": [0, 0, 0]}, None),
    ({"price_street_mean": [20_000, 10_000, 10_000]},
     "price war: people paid less in the last weeks than the lowest tier pays (133.33 against 140.00 "
     "yuan)"),
    # The same prices, and a channel that holds nothing: nobody pays what the tiers say.
    ({"price_street_mean": [20_000, 10_000, 10_000], "inventory_channel": [250, 0, 0]}, None),
    ({"trust_mean": [0.5, 0.3, 0.25]}, None),
    ({"trust_mean": [0.5, 0.3, 0.24]},
     "trust is burnt: less than half of the trust at the start is left"),
    ({"lost_sales": [0, 80, 100]}, None),
    ({"lost_sales": [0, 81, 100]},
     "sales were lost: consumers wanted much more than their sellers had in stock"),
    ({"lost_sales": [0, 81, 100], "sell_through": [0, 0, 0]}, None),
])
def test_a_warning_is_given_beyond_its_threshold_only(
    scenario: Any, columns: dict[str, list[float]], warning: str | None
) -> None:
    assert summarise([lived(**columns)], scenario, "one").warnings == ([warning] if warning else [])


def test_that_nobody_joined_is_a_warning(scenario: Any) -> None:
    assert summarise([lived(joined=0)], scenario, "one").warnings == [
        "nobody joined; look at recruiting.founders, the offer and the tiers"]
    assert summarise([lived(joined=1)], scenario, "one").warnings == []


def test_a_warning_is_given_when_it_is_true_of_most_runs(scenario: Any) -> None:
    burnt = lived(trust_mean=[0.5, 0.3, 0.1])
    said = "trust is burnt: less than half of the trust at the start is left"
    assert summarise([burnt, burnt], scenario, "two").warnings == [said]
    assert summarise([burnt, burnt, lived()], scenario, "three").warnings == [f"{said} (2 of 3 runs)"]
    assert summarise([burnt, lived()], scenario, "two").warnings == []


def test_reality_checks_are_counted_over_runs() -> None:
    scenario = sim.load("pyramid", {
        "persons": 1200, "weeks": 3, "expect": ["sell_in at end == 400"]})
    few = lived(sell_in=[500, 600, 399])
    (check,) = summarise([lived(), few, lived()], scenario, "three").checks
    assert (check.held, check.runs, check.ok) == (2, 3, False)
    assert Checked("always", 3, 3).ok


def test_the_network_in_words(monkeypatch: pytest.MonkeyPatch, scenario: Any) -> None:
    found = {
        "degree_mean": 12.34, "degree_p5": 3.0, "degree_p95": 31.0, "close_mean": 4.56,
        "clustering": 0.257, "components": 1234.0, "largest_component": 0.9871}
    seen: list[int] = []
    monkeypatch.setattr(
        summary, "measured_network", lambda scenario, seed: seen.append(seed) or found)
    told = (
        "The network ({kind}, seed 7): 12.3 contacts a person (3 to 31 for nine in ten persons), 4.6 "
        "of them close; clustering {clustering}; components: 1,234, the largest with 98.7% of the "
        "persons.")
    kind = scenario.network.kind
    assert summarise([lived(), lived(seed=8)], scenario, "one").sentences[-1] == told.format(
        kind=kind, clustering="0.26")
    assert seen == [7]
    found["clustering"] = math.nan
    assert summarise([lived()], scenario, "one").sentences[-1] == told.format(
        kind=kind, clustering="-")


def test_that_a_network_was_too_large_is_said(monkeypatch: pytest.MonkeyPatch, scenario: Any) -> None:
    monkeypatch.setattr(summary, "MAX_PERSONS", 1199)
    assert summarise([lived()], scenario, "one").sentences[-1] == (
        "The network was not measured: more than 1,199 persons.")
    monkeypatch.setattr(summary, "MAX_PERSONS", 1200)
    assert "network" not in summarise([lived()], scenario, "one").sentences[-1]


def test_numbers_are_written_for_reading() -> None:
    assert [count(1234.4), count(math.nan)] == ["1,234", "-"]
    assert [percent(0.125), percent(1.0), percent(math.nan)] == ["12%", "100%", "-"]
    assert [percent(0.0), percent(0.001), percent(0.999)] == ["0%", "0.1%", "99.9%"]
    assert [yuan(99_999), yuan(100_000), yuan(-100_000), yuan(-99_999), yuan(math.nan)] == [
        "999.99", "1,000", "-1,000", "-999.99", "-"]


def test_where_weeks_have_dates_sentences_say_them(scenario: Any) -> None:
    found = {**summarise([lived()], scenario, "one").figures, "peak_week": 2.0}
    dated = scenario.changed({"calendar": {"first_week": "2025-01-06"}}).calendar
    size = {"persons": 1200, "weeks": 3}
    told = ("Of 1,200 persons 34 became resellers; at most 30 sold at a time (week {}), 20 at the end of "
            "week {}.")
    assert sentences(found, **size, calendar=dated)[0] == told.format("2, 2025-01-13", "3, 2025-01-26")
    assert sentences(found, **size, calendar=scenario.calendar)[0] == told.format(2, 3)
    below = {**found, "weeks_below_wholesale": 2.0, "first_below_wholesale": 3.0}
    assert "In 2 weeks, the first of them week 3, 2025-01-20, the price paid" in " ".join(
        sentences(below, **size, rows=[below], calendar=dated))


def test_weeks_below_wholesale_are_those_in_which_the_channel_has_stock(scenario: Any) -> None:
    prices = [10_000, 10_000, 10_000]
    stocked = lived(price_street_mean=prices, inventory_channel=[250, 9, 300], sell_in=[0, 0, 0])
    sold_out = lived(price_street_mean=prices, inventory_channel=[0, 0, 300], sell_in=[0, 9, 0])
    never = lived(price_street_mean=prices, inventory_channel=[0, 0, 0], sell_in=[0, 0, 0])
    for run, weeks, first in ((stocked, 3, 1), (sold_out, 2, 2)):
        found = summarise([run], scenario, "one").figures
        assert (found["weeks_below_wholesale"], found["first_below_wholesale"]) == (weeks, first)
    summary = summarise([never], scenario, "one")
    assert summary.figures["weeks_below_wholesale"] == 0
    assert math.isnan(summary.figures["first_below_wholesale"])
    assert not [said for said in summary.sentences if "lowest tier pays" in said]


def test_where_the_brand_delivers_itself_its_price_is_no_price_war(scenario: Any) -> None:
    cheap = {"price_street_mean": [20_000, 10_000, 10_000], "inventory_channel": [250, 550, 6]}
    for direct, weeks in (([0, 0, 0], 2), ([0, 0, 300], 1), ([200, 280, 340], 0)):
        summary = summarise([lived(**cheap, direct_sales=direct)], scenario, "one")
        assert summary.figures["weeks_below_wholesale"] == weeks
        assert bool([said for said in summary.warnings if "price war" in said]) == (sum(direct) < 450)


def test_each_scenario_of_a_design_is_summed_up_from_its_own_runs() -> None:
    """Read run by run from packed tables, or from the results themselves: the same summary."""
    plans = [sim.load(name, {"persons": 400, "weeks": 30, "recruiting.founders": 0.02})
             for name in ("pyramid", "prosumer")]
    runs = run_many(plans, 2, workers=1)
    found = summaries_of(runs, plans, ["one", "two"])
    for plan, told, label in zip(plans, found, runs.design.labels, strict=True):
        mine = [runs.result(label, seed) for seed in (0, 1)]
        assert told.figures == pytest.approx(summarise(mine, plan, "x").figures, nan_ok=True)
        assert told.runs == 2
    assert found[0].figures != found[1].figures

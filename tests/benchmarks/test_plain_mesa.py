"""The plain-Mesa reference and the shipped model live the same weeks, unit for unit."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from typing import Any

import pytest

from benchmarks.plain_mesa import REFUSED, PlainModel
from sim.model import MicroCommerce
from sim.scenario.load import load

SMALL: dict[str, Any] = {"persons": 1200, "network.contacts": 30.0, "network.close": 6}
PYRAMID: dict[str, Any] = {"recruiting.founders": 0.01}
LIVELY: dict[str, Any] = {
    # A small world in which stages, versions and sellers come and go within a year.
    **PYRAMID, "people.never_need": 0.0, "people.weekly_need": 0.6, "brand_awareness.advertising": 0.02,
    "loyalty_stages.devoted": 0.8, "loyalty_stages.creators": 0.3, "loyalty_stages.lapse": 8,
    "product_development.interval": 4.0, "production.opening_stock": 0.3,
    "purchase_choice.price_sensitivity": 1.0,
    "leaving.base": 0.03, "selling.generation": 8, "controls.information_asymmetry": 0.3,
    "offer.quality": 0.85, "loyalty_stages.fan_satisfaction": 0.5, "loyalty_stages.fan_trust": 0.3,
    "product_experience.dropout": 0.1, "people.income": 5000.0, "word_of_mouth.talk": 0.5,
}
CASES = {"shipped": (PYRAMID, 70), "lively": (LIVELY, 40)}
MOVED = {
    "shipped": (
        "joins", "exits", "sell_in", "sell_through", "dumped", "self_consumed", "upline_payments",
        "consumed", "customers_lost", "stage_user", "versions"),
    "lively": (
        "exits", "lost_sales", "sell_in", "sell_through", "dumped", "purchases_broadcast", "purchases_seller",
        "purchases_word_of_mouth", "customers_lost", "stage_fan", "stage_geek", "convinced",
        "wom_reproduction", "upline_payments"),
}


def differing(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what is not the same in two rows; what is not a number equals itself here.

    Columns of rules that the plain model leaves out stay at zero.
    """
    return {
        name: (ours.get(name), theirs.get(name)) for name in ours.keys() | theirs.keys()
        if ours.get(name) != theirs.get(name, 0)
        and not (math.isnan(ours[name]) and math.isnan(theirs.get(name, 0)))
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("case", CASES)
def test_both_models_agree_in_every_column_of_every_week(case: str, seed: int) -> None:
    changes, weeks = CASES[case]
    shipped = MicroCommerce(load("pyramid", {**SMALL, **changes, "weeks": weeks}), rng=seed, threads=1)
    plain = PlainModel(shipped)
    moved: Counter[str] = Counter()
    founders = len(plain.resellers)
    for _ in range(weeks):
        shipped.step()
        plain.step()
        row = plain.observe()
        assert not differing(shipped.weekly[-1], row), f"week {plain.week}: (shipped, plain)"
        moved.update({column for column, value in {**row, **plain.flows}.items() if value > 0})
    assert set(MOVED[case]) <= moved.keys(), "the case no longer shows what it is for"
    assert len(plain.resellers) > founders, "nobody joined"
    persons, resellers = shipped.world.persons, shipped.world.resellers
    for column in ("trust", "belief", "satisfaction", "evidence", "convinced", "hops"):
        assert persons[column].tolist() == [getattr(p, column) for p in plain.persons], column
    for column in ("cash", "price", "inventory", "stock_value", "tier", "recruits", "optimism"):
        assert resellers[column].tolist() == [getattr(r, column) for r in plain.resellers], column
    assert shipped.world.brand.position == pytest.approx((plain.brand.x, plain.brand.y))


@pytest.mark.parametrize(("setting", "value"), [
    ("prospecting.mute", 0.2), ("product_development.drift", 0.05), ("leaving.base", 0.1),
    ("belief_updating.voice_weight", 0.5), ("brand_awareness.traffic_cost", 6.0),
    ("customer_service.brand_capacity", 0.001),
    ("training.patience", 2),
])
def test_another_setting_is_noticed(setting: str, value: float) -> None:
    scenario = load("pyramid", {**SMALL, **LIVELY, "weeks": 25})
    shipped = MicroCommerce(scenario, rng=1, threads=1)
    plain = PlainModel(MicroCommerce(scenario.changed({setting: value}), rng=1, threads=1))
    rows = []
    for _ in range(scenario.weeks):
        shipped.step()
        plain.step()
        rows.append(plain.observe())
    assert any(map(differing, shipped.weekly, rows))


SUMS = ("sell_through", "consumed", "new_customers", "consumer_surplus", "joins", "exits")
ENDS = (
    "awareness", "trust_mean", "satisfaction_mean", "quality_perceived", "quality_spread",
    "muted_share", "resellers_active", "inventory_homes")


@pytest.mark.parametrize("case", CASES)
def test_with_mesas_own_random_numbers_the_means_over_seeds_agree(case: str) -> None:
    changes, _ = CASES[case]
    # More founders: their number decides how much one seed differs from another.
    scenario = load("pyramid", {
        **SMALL, **changes, "recruiting.founders": 0.03, "weeks": 26})
    gaps: dict[str, list[float]] = {}
    for seed in range(12):
        shipped = MicroCommerce(scenario, rng=seed, threads=1)
        plain = PlainModel(shipped, keyed=False, exact=False)
        rows = []
        for _ in range(scenario.weeks):
            shipped.step()
            plain.step()
            rows.append(plain.observe())
        assert differing(shipped.weekly[-1], rows[-1]), "the luck of the shipped model after all"
        for column in SUMS:
            gaps.setdefault(column, []).append(
                sum(week[column] - row[column] for week, row in zip(shipped.weekly, rows, strict=True)))
        for column in ENDS:
            gaps.setdefault(column, []).append(shipped.weekly[-1][column] - rows[-1][column])
    for column, found in gaps.items():
        error = statistics.stdev(found) / math.sqrt(len(found))
        # Five standard errors of twelve pairs: chance once in two thousand, and 15 columns.
        assert abs(statistics.mean(found)) <= 5.0 * error, (column, statistics.mean(found), error)


@pytest.mark.parametrize("rule", REFUSED)
def test_a_scenario_with_a_rule_that_is_not_there_is_refused(rule: str) -> None:
    scenario = load("pyramid", {"persons": 300, f"{rule}.{REFUSED[rule][0]}": 0.5})
    with pytest.raises(ValueError, match=rule):
        PlainModel(MicroCommerce(scenario, rng=1, threads=1))

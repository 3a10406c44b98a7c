"""Faked sales and incomes win people until they are found out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.mechanisms.fake_performance import FakePerformance
from tests.scenarios import small
from tests.worlds import enlist, live, make_world, rule


def faked(weeks: int = 1, **given: Any) -> Any:
    world = make_world(persons=200)
    world.persons.aware[:100] = 1
    world.persons.credulity[:] = 0.5
    enlist(world, 0, optimism=0.8)
    plan = rule(FakePerformance, **{"inflation": 1.0, "proof": 1.0, "exposure": 0.0, "scandal": 0.3, **given})
    for _ in range(weeks):
        live(world, plan)
        world.week += 1
    return world


def test_shown_income_exceeds_the_real_one_and_faked_sales_appeal_to_the_credulous() -> None:
    world = faked(weeks=3)
    assert world.market.shown_times == 2.0
    # Half of what boundless fakes would do, for somebody who believes half of it; once, not each week.
    assert world.persons.appeal[:100] == pytest.approx(0.25)
    assert (world.persons.appeal[100:] == 0).all()
    assert world.persons.trust == pytest.approx(0.5)


def test_found_out_nothing_is_believed_and_trust_is_lost() -> None:
    world = faked(exposure=10.0, inflation=10.0)
    assert world.flows["found_out"] == 1
    assert world.market.shown_times == 1.0
    assert (world.persons.appeal == 0).all()
    assert world.persons.trust[:100] == pytest.approx(0.35)
    assert world.persons.trust[100:] == pytest.approx(0.5)
    assert world.resellers.optimism[0] == 0.0
    live(world, rule(FakePerformance, inflation=10.0, exposure=10.0))
    assert world.flows["found_out"] == 1, "once only"
    assert world.persons.trust[:100] == pytest.approx(0.35)


def test_larger_fakes_and_open_information_are_found_out_sooner() -> None:
    def weeks(asymmetry: float, inflation: float) -> float:
        times = []
        for seed in range(40):
            world = make_world(persons=2)
            world.seed = seed
            plan = rule(FakePerformance, {"information_asymmetry": asymmetry}, inflation=inflation)
            while not world.flows.get("found_out"):
                live(world, plan)
                world.week += 1
            times.append(world.week)
        return float(np.mean(times))

    closed, usual, bold = weeks(1.0, 1.0), weeks(0.0, 1.0), weeks(0.0, 10.0)
    assert closed > 2 * usual > 4 * bold


def lived(seed: int, weeks: int = 20, **given: Any) -> Any:
    model = sim.MicroCommerce(
        small("pyramid", weeks=weeks, **({"fake_performance": given} if given else {})), rng=seed)
    while model.running:
        model.step()
    return model


def joins(model: Any) -> int:
    return int(sum(row["joins"] for row in model.weekly))


def test_faked_income_wins_resellers() -> None:
    plain = sum(joins(lived(seed)) for seed in (1, 2, 3))
    fake = sum(joins(lived(seed, inflation=3.0, exposure=0.0)) for seed in (1, 2, 3))
    assert fake > 1.05 * plain


@pytest.mark.parametrize("extreme", [
    {"inflation": 1000.0}, {"proof": 100.0}, {"exposure": 10.0}, {"scandal": 1.0}, {"proof": 0.0},
])
def test_extremes_keep_sense(extreme: dict[str, Any]) -> None:
    model = lived(2, **{"inflation": 1.0, **extreme})
    assert sum(row["found_out"] for row in model.weekly) <= 1
    assert np.isfinite(model.world.persons.appeal).all()
    assert all(0 <= row["trust_mean"] <= 1 for row in model.weekly)


def test_a_brand_that_stops_faking_by_an_event_leaves_nothing_behind() -> None:
    model = sim.MicroCommerce(small(
        "pyramid", fake_performance={"inflation": 2.0, "exposure": 0.0},
        events=[{"week": 10, "set": {"fake_performance.inflation": 0}}]), rng=1)
    while model.running:
        model.step()
    assert model.world.market.shown_times == 1.0
    assert (model.world.persons.appeal == 0).all()

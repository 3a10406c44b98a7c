"""A name gathers what customers make of it, fades, and is diluted by low prices."""

from __future__ import annotations

from typing import Any

import pytest

import sim
from sim.mechanisms.brand_equity import BrandEquity, Name
from tests.scenarios import small
from tests.worlds import live, make_world


def equity(satisfaction: float = 1.0, street: float = 0.0, before: float = 0.0, weeks: int = 1,
           buyers: int = 100, **given: Any) -> Any:
    """Return a world of 100 persons after weeks in which some of them bought."""
    world = make_world(persons=100)
    world.own(Name).equity = before
    world.persons.aware[:50] = 1
    world.persons.satisfaction[:] = satisfaction
    world.unlock(None)
    world.market.street_price = street * 100
    plan = BrandEquity(**{"weight": 1.0, "gain": 0.5, "fading": 0.0, "dilution": 1.0, **given})
    for _ in range(weeks):
        world.persons.last_purchase[:buyers] = world.week
        live(world, plan)
        world.week += 1
    return world, plan


def test_a_name_is_worth_nothing_at_first_and_gathers() -> None:
    assert equity(buyers=0)[0].own(Name).equity == 0.0
    assert equity()[0].own(Name).equity == pytest.approx(0.5)
    assert equity(weeks=3)[0].own(Name).equity == pytest.approx(0.875)
    assert equity(buyers=10)[0].own(Name).equity == pytest.approx(0.05)


def test_disappointment_time_and_low_prices_take_from_it() -> None:
    assert equity(satisfaction=0.0, before=0.8)[0].own(Name).equity == pytest.approx(0.4)
    assert equity(satisfaction=0.5, before=0.8, fading=0.1)[0].own(Name).equity == pytest.approx(0.72)
    # Half of the list price of 100 yuan.
    assert equity(satisfaction=0.5, before=0.8, street=50.0)[0].own(Name).equity == pytest.approx(0.4)
    assert equity(satisfaction=0.5, before=0.8, street=150.0)[0].own(Name).equity == pytest.approx(0.8)


def test_it_appeals_to_all_who_know_the_product() -> None:
    world, plan = equity(weeks=3, weight=2.0)
    assert world.persons.appeal[:50] == pytest.approx(1.75)
    assert (world.persons.appeal[50:] == 0).all()
    plan.end(world)
    assert (world.persons.appeal == 0).all()


def lived(regime: str, weight: float, **given: Any) -> list[dict[str, Any]]:
    model = sim.MicroCommerce(small(
        regime, offer={"list_price": 120.0, "quality": 0.9}, brand_awareness={"advertising": 0.05},
        brand_equity={"weight": weight, **given}), rng=1)
    while model.running:
        model.step()
    return model.weekly


def test_a_good_product_gathers_equity_and_sells_more_by_it() -> None:
    with_name, without = lived("prosumer", 3.0, gain=20.0), lived("prosumer", 0.0)
    assert with_name[0]["brand_equity"] < 0.2 < with_name[-1]["brand_equity"]
    assert sum(r["sell_through"] for r in with_name) > 1.02 * sum(r["sell_through"] for r in without)


@pytest.mark.parametrize("extreme", [
    {"gain": 100.0}, {"fading": 1.0}, {"dilution": 100.0}, {"weight": 100.0}])
def test_extremes_keep_sense(extreme: dict[str, Any]) -> None:
    for regime in ("pyramid", "prosumer"):
        rows = lived(regime, **{"weight": 1.0, **extreme})
        assert all(0 <= row["brand_equity"] <= 1 for row in rows)

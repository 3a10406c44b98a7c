"""Bought traffic costs a fee a sale; followers save it, and get part of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.market.persons import DIRECT, NOTHING
from sim.market.world import World
from sim.mechanisms.own_traffic import OwnTraffic
from tests.scenarios import small
from tests.worlds import enlist, live, make_world

NO_CELLS: dict[str, Any] = {"brand_communities": {"enabled": False}}


def market(**given: Any) -> tuple[World, OwnTraffic]:
    """Return a world in which everybody has just bought of the brand itself, for 100 yuan."""
    world = make_world(persons=100, settings=NO_CELLS)
    plan = OwnTraffic(**{"fee": 0.2, "opt_in": 1.0, "opt_out": 0.0, "passed_on": 0.5, **given})
    world.add_columns(plan.columns)
    world.persons.last_purchase[:] = world.week
    world.persons.chosen[:] = DIRECT
    world.persons.satisfaction[:] = 1.0
    return world, plan


def test_strangers_cost_a_fee_and_followers_none() -> None:
    world, plan = market()
    world.persons["follows"][:30] = 1
    live(world, plan)
    assert world.flows["traffic_bought"] == 70 * 2000 == world.books.money["media"]
    assert world.flows["traffic_saved"] == 30 * 2000
    assert world.flows["followers"] == 100


def test_part_of_what_is_saved_comes_off_the_price_of_followers() -> None:
    world, plan = market(opt_in=0.0)
    world.persons["follows"][:30] = 1
    live(world, plan)
    assert world.persons.discount[:30].tolist() == [1000] * 30
    assert not world.persons.discount[30:].any()
    live(world, plan)
    assert world.flows["traffic_passed_on"] == 30 * 1000
    assert world.persons.discount[:30].tolist() == [1000] * 30, "once, not every week"
    plan.end(world)
    assert not world.persons.discount.any()


@pytest.mark.parametrize(("change", "served"), [
    ({"last_purchase": 0}, 0), ({"chosen": NOTHING}, 100), ({"chosen": 0}, 0)])
def test_sales_of_a_reseller_with_stock_need_no_traffic(change: dict[str, int], served: int) -> None:
    """Who has chosen nothing and yet bought this week got what they had ordered before."""
    world, plan = market()
    enlist(world, 0, inventory=10)
    for column, value in change.items():
        world.persons[column][:] = value
    live(world, plan)
    assert world.flows["traffic_bought"] == served * 2000


def test_the_satisfied_begin_to_follow_and_the_distrustful_cease() -> None:
    world, plan = market(opt_in=0.5)
    world.persons.satisfaction[:50] = 0.0
    live(world, plan)
    follows = world.persons["follows"]
    assert not follows[:50].any()
    assert 10 < follows[50:].sum() < 40
    world, plan = market(opt_out=1.0, opt_in=0.0)
    world.persons["follows"][:] = 1
    world.persons.trust[:50], world.persons.trust[50:] = 0.0, 1.0
    live(world, plan)
    assert not world.persons["follows"][:50].any()
    assert world.persons["follows"][50:].all()


def lived(seed: int = 1, weeks: int = 30, **given: Any) -> list[dict[str, Any]]:
    model = sim.MicroCommerce(small(
        "prosumer", weeks=weeks, offer={"list_price": 120.0, "quality": 0.9},
        brand_awareness={"advertising": 0.05}, **({"own_traffic": given} if given else {})), rng=seed)
    while model.running:
        model.step()
    return model.weekly


def test_own_traffic_makes_traffic_cheaper_for_the_brand() -> None:
    bought, own = (
        sum(row["traffic_bought"] for seed in (1, 2) for row in lived(seed, fee=0.15, opt_in=opt_in))
        / sum(row["direct_sales"] for seed in (1, 2) for row in lived(seed, fee=0.15, opt_in=opt_in))
        for opt_in in (0.0, 0.8))
    assert own < 0.9 * bought


@pytest.mark.parametrize("extreme", [
    {"fee": 0.9, "passed_on": 1.0}, {"opt_out": 1.0}, {"opt_in": 0.0}, {"opt_in": 1.0, "passed_on": 0.0},
])
def test_extremes_keep_books_and_sense(extreme: dict[str, Any]) -> None:
    for row in lived(2, **{"fee": 0.1, **extreme}):
        assert row["traffic_passed_on"] <= row["traffic_saved"]
        assert 0 <= row["followers"] <= 600
        assert np.isfinite(row["traffic_bought"])

"""Cells order what their members want; the cheapest of several makers makes it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.market.persons import DIRECT
from sim.mechanisms.user_sourcing import UserSourcing
from tests.scenarios import small
from tests.worlds import live, make_world


def sourced(makers: int = 3, x: float = 1.0, **given: Any) -> Any:
    """Return a world of 40 persons, the first 20 in a cell whose members all want the same."""
    world = make_world(persons=40)
    world.unlock(None)
    world.persons.cell[:20] = 0
    world.persons.taste_x[:20] = x
    world.persons.belief[:] = 1.0
    plan = UserSourcing(**{
        "makers": makers, "least": 10, "spread": 0.2, "small_batch": 0.0, **given})
    live(world, plan)
    return world, plan


def test_members_value_how_much_better_their_own_order_fits() -> None:
    world, plan = sourced()
    better = 12.0 * (1.0 - np.exp(-1.0 / 1.5**2))
    assert world.persons.appeal[:20] == pytest.approx(better, abs=1e-3)
    assert not world.persons.appeal[20:].any()
    assert world.flows["cells_sourced"] == 1
    plan.end(world)
    assert not world.persons.appeal.any()
    assert not sourced(x=0.0)[0].persons.appeal.any(), "the product of all is what they want"


def test_small_cells_order_nothing() -> None:
    world, _ = sourced(least=21)
    assert not world.persons.appeal.any()
    assert not world.persons["sourced_bid"].any()


def test_bids_lie_around_the_unit_cost_and_more_makers_bid_less() -> None:
    """A unit costs 10 yuan."""
    bids = {makers: np.mean([bid(makers, seed) for seed in range(40)]) for makers in (1, 3, 30)}
    assert bids[1] == pytest.approx(1000, abs=60)
    assert bids[3] == pytest.approx(900, abs=60)
    assert 800 <= bids[30] < 840
    assert bid(1, 1, spread=0.0, small_batch=0.5) == 1500


def bid(makers: int, seed: int, **given: Any) -> int:
    world = make_world(persons=20)
    world.seed = seed
    world.unlock(None)
    world.persons.cell[:] = 0
    live(world, UserSourcing(**{"makers": makers, "spread": 0.2, "small_batch": 0.0, **given}))
    return int(world.persons["sourced_bid"][0])


def test_the_brand_pays_the_bid_for_what_members_buy_of_it() -> None:
    world, plan = sourced(makers=30)
    world.persons.last_purchase[:25] = world.week
    world.persons.chosen[:25] = DIRECT
    won = int(world.persons["sourced_bid"][0])
    live(world, plan)
    assert world.flows["sourced_sales"] == 20
    assert world.flows["sourced_saving"] == 20 * (1000 - won) == world.books.money["brand"]
    dear, plan = sourced(makers=1, small_batch=2.0)
    dear.persons.last_purchase[:25] = dear.week
    dear.persons.chosen[:25] = DIRECT
    live(dear, plan)
    assert dear.books.money["brand"] < 0


def lived(seed: int = 1, **given: Any) -> list[dict[str, Any]]:
    model = sim.MicroCommerce(small(
        "prosumer", offer={"list_price": 120.0, "quality": 0.9, "position_x": 2.0},
        brand_awareness={"advertising": 0.05}, brand_communities={"founding": 0.5, "joining": 0.9},
        **({"user_sourcing": given} if given else {})), rng=seed)
    while model.running:
        model.step()
    return model.weekly


def test_cells_that_order_for_themselves_buy_more() -> None:
    with_orders, without = (
        sum(row["sell_through"] for seed in (1, 2, 3) for row in lived(seed, **given)[10:])
        for given in ({"makers": 5, "least": 3}, {}))
    assert with_orders > without


@pytest.mark.parametrize("extreme", [
    {"makers": 1000}, {"least": 1}, {"spread": 0.95}, {"small_batch": 10.0}, {"renewal": 1}])
def test_extremes_keep_books_and_sense(extreme: dict[str, Any]) -> None:
    for row in lived(**{"makers": 3, "least": 3, **extreme}):
        assert 0 <= row["sourced_sales"] <= row["direct_sales"]
        assert 0 <= row["cells_sourced"] <= row["communities"]

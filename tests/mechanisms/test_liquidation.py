from typing import Any

from sim.market.world import World
from sim.mechanisms.liquidation import Liquidation
from tests.worlds import enlist, live, make_world, rule

USUAL: dict[str, Any] = {
    "own_use": 4.0, "discount": 0.25, "deepening": 0.1, "floor": 0.5, "shelf_life": 52}


def clear(week: int = 20, seller: Any = None, **given: Any) -> World:
    """Somebody who left in week 20 with ten units; the own need is one unit a week."""
    world = make_world()
    world.week = week
    enlist(world, 0, **{"inventory": 10, "active": 0, "left_week": 20, **(seller or {})})
    return live(world, rule(Liquidation, **{**USUAL, **given}))


def test_leavers_keep_what_they_can_use() -> None:
    """A1."""
    world = clear()
    assert world.persons.home[0] == 4 == world.flows["self_consumed"]
    assert world.resellers.inventory[0] == 6
    assert clear(own_use=0.0).persons.home[0] == 0
    assert clear(own_use=520.0).persons.home[0] == 10


def test_the_rest_is_offered_below_the_wholesale_price() -> None:
    """A16: the wholesale price is 80 yuan."""
    assert clear().resellers.price[0] == 6000
    assert clear(discount=0.0).resellers.price[0] == 8000
    assert clear(week=21, seller={"price": 60.0}).resellers.price[0] == 5400
    assert clear(week=21, seller={"price": 60.0}, deepening=0.9).resellers.price[0] == 4000


def test_old_stock_is_written_off() -> None:
    assert clear(week=71).flows["written_off"] == 0
    world = clear(week=72)
    assert world.flows["written_off"] == 10
    assert world.resellers.inventory[0] == world.resellers.stock_value[0] == 0


def test_stock_that_spoils_is_not_also_kept() -> None:
    world = clear(week=22, shelf_life=2)
    assert (world.flows["written_off"], world.flows["self_consumed"]) == (10, 0)


def test_active_resellers_keep_their_stock() -> None:
    world = clear(seller={"active": 1, "left_week": -1})
    assert world.resellers.inventory[0] == 10
    assert world.resellers.price[0] == 10_000

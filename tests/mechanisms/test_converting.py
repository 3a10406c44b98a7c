from typing import Any

from sim.market.world import World
from sim.mechanisms.converting import Converting
from tests.worlds import enlist, live, make_world, rule

USUAL: dict[str, Any] = {
    "rate": 0.0, "buy_back": 0.0, "refund": 0.9, "leavers": True, "binding": 0.3}


def convert(seller: Any = None, **given: Any) -> World:
    world = make_world()
    enlist(world, 0, **{"inventory": 10, "backlog": 4, "optimism": 0.5, **(seller or {})})
    return live(world, rule(Converting, **{**USUAL, **given}))


def test_tiered_resellers_become_prosumers() -> None:
    resellers = convert(rate=1.0).resellers
    assert resellers.dropship[0] == 1
    assert resellers.backlog[0] == 0
    assert abs(resellers.binding[0] - 0.3) < 1e-6
    assert resellers.inventory[0] == 10, "old stock stays until sold or bought back"


def test_off_nobody_is_converted() -> None:
    """B3."""
    world = convert()
    assert world.resellers.dropship[0] == 0
    assert world.resellers.inventory[0] == 10


def test_the_brand_takes_stock_back() -> None:
    """The wholesale price is 80 yuan."""
    world = convert(rate=1.0, buy_back=1.0)
    assert world.resellers.inventory[0] == world.resellers.stock_value[0] == 0
    assert world.books.goods["factory"] == world.flows["bought_back"] == 10
    assert world.books.money["brand"] == -10 * 7200
    assert convert(rate=1.0, buy_back=0.5).resellers.inventory[0] == 5


def test_only_the_converted_and_leavers_hand_back() -> None:
    assert convert(buy_back=1.0).resellers.inventory[0] == 10
    left = {"active": 0, "backlog": 0}
    assert convert(left, buy_back=1.0).resellers.inventory[0] == 0
    assert convert(left, buy_back=1.0, leavers=False).resellers.inventory[0] == 10


def test_gradually_some_are_converted() -> None:
    world = make_world(300)
    for person in range(300):
        enlist(world, person)
    live(world, rule(Converting, **{**USUAL, "rate": 0.2}))
    # Binomial(300, 0.2), five standard deviations.
    assert 60 - 35 < world.resellers.dropship.sum() < 60 + 35
    assert world.flows["converted"] == world.resellers.dropship.sum()

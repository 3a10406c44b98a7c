from typing import Any

from sim.mechanisms.anchoring import Anchoring
from tests.worlds import enlist, live, make_world, rule


def decided(inventory: int = 12, demand: int = 4, **given: Any) -> int:
    """What a seller decides to order after the weeks of practice."""
    world = make_world()
    anchoring = rule(Anchoring, **{"practice": 0, "mail_delay": 2, **given})
    world.add_columns(anchoring.columns)
    world.unlock(None)
    enlist(world, 0, tier=1, inventory=inventory)
    anchoring.begin(world)
    world.week = 10
    world.resellers.demand[0] = demand
    live(world, anchoring)
    return int(world.resellers.decided[0])


def test_orders_anchor_on_the_expected_loss_and_close_the_gap() -> None:
    usual = decided()
    assert decided(inventory=0) > usual
    assert decided(inventory=100) < usual
    assert decided(inventory=10_000) == 0
    assert decided(demand=40) > usual
    assert decided(desired=60.0) > usual
    assert decided(stock_weight=0.0, smoothing=1.0, demand=9) == 9


def test_who_takes_the_supply_line_into_account_orders_less() -> None:
    assert decided(inventory=0, line_weight=1.0) < decided(inventory=0, line_weight=0.0)


def test_during_practice_the_opening_order_is_repeated() -> None:
    assert decided(practice=20, opening=4, inventory=0, demand=40) == 4

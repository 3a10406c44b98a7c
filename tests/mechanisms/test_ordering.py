from typing import Any

from sim.market.world import World
from sim.mechanisms.ordering import Ordering
from tests.worlds import enlist, live, make_world, rule

USUAL: dict[str, Any] = {
    "cover": 2.0, "pressure": 0.0, "margin": 0.0, "reserve": 0.0, "lot": 0.0}


def order(week: int = 2, controls: Any = None, seller: Any = None, **given: Any) -> World:
    world = make_world()
    enlist(world, 0, **{"forecast": 4.0, **(seller or {})})
    world.week = week
    return live(world, rule(Ordering, controls=controls, **{**USUAL, **given}))


def test_orders_fill_up_to_the_target() -> None:
    """Forecast 4 over three weeks is 12; what is there, on the way and due counts."""
    assert order().resellers.ordered[0] == 12
    assert order(seller={"inventory": 5}).resellers.ordered[0] == 7
    assert order(seller={"inventory": 5, "backlog": 3}).resellers.ordered[0] == 4
    assert order(seller={"inventory": 50}).resellers.ordered[0] == 0
    assert order(cover=0.0).resellers.ordered[0] == 4
    world = order()
    assert world.resellers.backlog[0] == world.resellers.cumulative_orders[0] == 12
    assert world.flows["orders"] == 12


def test_optimism_inflates_orders() -> None:
    assert order(seller={"optimism": 0.5}).resellers.ordered[0] == 18


def test_pressure_adds_the_quota_and_can_be_switched_off() -> None:
    """A7: the quota of the bottom tier is 4."""
    assert order(pressure=1.0).resellers.ordered[0] == 16
    assert order(pressure=0.5).resellers.ordered[0] == 14


def test_pressure_follows_the_control() -> None:
    kept = {name: value for name, value in USUAL.items() if name != "pressure"}
    orders = []
    for pressure in (0.0, 1.0):
        world = make_world()
        enlist(world, 0, forecast=4.0)
        live(world, rule(Ordering, controls={"stock_pressure": pressure}, **kept))
        orders.append(int(world.resellers.ordered[0]))
    assert orders[0] == 12 < orders[1]


def test_at_the_end_of_the_month_the_quota_is_ordered_whatever_lies_in_stock() -> None:
    full = {"inventory": 500, "forecast": 0.0}
    assert order(week=3, pressure=1.0, seller=full).resellers.ordered[0] == 0
    assert order(week=4, pressure=1.0, seller=full).resellers.ordered[0] == 4
    assert order(week=4, seller=full).resellers.ordered[0] == 0
    assert order(week=4, pressure=1.0, seller={**full, "month_orders": 9}).resellers.ordered[0] == 0


def test_orders_end_where_the_money_ends_and_quotas_are_missed() -> None:
    """A unit costs 80 yuan."""
    poor = order(week=4, pressure=1.0, seller={"cash": 170.0})
    assert poor.resellers.ordered[0] == 2
    assert poor.resellers.missed_quotas[0] == 1
    assert order(week=4, pressure=1.0).resellers.missed_quotas[0] == 0
    careful = order(seller={"cash": 1000.0}, reserve=0.5)
    assert careful.resellers.ordered[0] == 500 // 80


def test_less_than_a_lot_is_not_ordered() -> None:
    """The quota of the bottom tier is 4 units, and a unit costs 80 yuan."""
    short = {"inventory": 14}
    assert order(pressure=1.0, seller=short).resellers.ordered[0] == 2
    assert order(pressure=1.0, lot=1.0, seller=short).resellers.ordered[0] == 0
    assert order(pressure=1.0, lot=0.5, seller=short).resellers.ordered[0] == 2
    assert order(pressure=0.0, lot=1.0, seller={"inventory": 11}).resellers.ordered[0] == 1
    poor = order(week=4, pressure=1.0, lot=1.0, seller={"cash": 170.0}).resellers
    assert (poor.ordered[0], poor.missed_quotas[0]) == (0, 1)


def test_nobody_restocks_at_a_loss() -> None:
    assert order(margin=0.1, seller={"price": 70.0}).resellers.ordered[0] == 0
    assert order(margin=0.1, seller={"price": 84.0}).resellers.ordered[0] == 6
    assert order(margin=0.1, seller={"price": 100.0}).resellers.ordered[0] == 12


def test_newcomers_and_leavers_do_not_order() -> None:
    assert order(seller={"joined_week": 2}).resellers.ordered[0] == 0
    assert order(seller={"active": 0}).resellers.ordered[0] == 0


def test_orders_look_ahead_over_the_time_until_goods_arrive() -> None:
    def ordered(**settings: Any) -> int:
        world = make_world(settings=settings)
        enlist(world, 0, forecast=4.0)
        world.week = 2
        return int(live(world, rule(Ordering, **USUAL)).resellers.ordered[0])

    assert ordered(supply_chain={"lead_time": 1}) == 4 * 3
    assert ordered(supply_chain={"lead_time": 3}) == 4 * 5
    assert ordered(rules={"week": ["ordering"]}) == 4 * 3  # without a supplier, the next week

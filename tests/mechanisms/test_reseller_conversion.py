from typing import Any

from sim.market.world import World
from sim.mechanisms.reseller_conversion import ResellerConversion
from tests.worlds import enlist, live, make_world, rule

USUAL: dict[str, Any] = {
    "rate": 0.0, "buy_back": 0.0, "refund": 0.9, "leavers": True, "binding": 0.3}


def convert(seller: Any = None, **given: Any) -> World:
    world = make_world()
    enlist(world, 0, **{"inventory": 10, "backlog": 4, "optimism": 0.5, **(seller or {})})
    return live(world, rule(ResellerConversion, **{**USUAL, **given}))


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
    live(world, rule(ResellerConversion, **{**USUAL, "rate": 0.2}))
    # Binomial(300, 0.2), five standard deviations.
    assert 60 - 35 < world.resellers.dropship.sum() < 60 + 35
    assert world.flows["converted"] == world.resellers.dropship.sum()


def test_what_the_converted_had_ordered_is_forgotten_and_hope_with_it() -> None:
    resellers = convert({"first_order_left": 3, "binding": 0.5}, rate=1.0).resellers
    assert (resellers.first_order_left[0], resellers.backlog[0], resellers.optimism[0]) == (0, 0, 0)
    assert resellers.binding[0] == 0.5  # who was tied closer stays so
    kept = convert({"first_order_left": 3}).resellers
    assert (kept.first_order_left[0], kept.backlog[0], kept.optimism[0]) == (3, 4, 0.5)


def test_a_unit_that_is_only_partly_due_goes_back_by_luck() -> None:
    """Ten sellers in a hundred hold one unit; a tenth of it is due."""
    world = make_world(300)
    for person in range(300):
        enlist(world, person, active=0, inventory=1, tier=1)
    live(world, rule(ResellerConversion, **{**USUAL, "buy_back": 0.1}))
    gone = 300 - int(world.resellers.inventory.sum())
    assert 30 - 26 < gone < 30 + 26  # binomial, five standard deviations
    assert world.flows["bought_back"] == gone
    assert world.flows["refunds"] == -world.books.money["brand"] == gone * 7200
    assert int((world.resellers.cash - world.resellers.opening_cash).sum()) == gone * 7200


def test_what_goes_back_is_valued_as_the_average_of_all_that_was_paid_for() -> None:
    # Ten units here and six on the way, bought for 1,600 yuan: each is worth 100.
    world = make_world()
    enlist(world, 0, active=0, inventory=10, transit=6, stock_value=160_000)
    world.books.goods.move("made", "transit", 6)
    live(world, rule(ResellerConversion, **{**USUAL, "buy_back": 0.5}))
    assert world.resellers.inventory[0] == 5
    assert world.resellers.stock_value[0] == 110_000

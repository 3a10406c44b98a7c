from typing import Any

from sim.market.world import World
from sim.mechanisms.pricing import Pricing
from tests.worlds import enlist, live, make_world, rule

USUAL: dict[str, Any] = {
    "patience": 10.0, "cut": 0.1, "follow": 0.5, "drift": 0.1, "floor": 0.5,
    "markup": 0.0, "discipline": 0.0}


def price(*sellers: dict[str, Any], postage: float = 0.0, **given: Any) -> list[int]:
    """Return the prices in yuan after one week in which nothing was sold."""
    world: World = make_world(settings={"selling": {"postage": postage}})
    world.week = 50
    for person, columns in enumerate(sellers):
        enlist(world, person, **columns)
    live(world, rule(Pricing, **{**USUAL, **given}))
    return [value / 100 for value in world.resellers.price.tolist()]


FULL = {"inventory": 500, "forecast": 1.0}
USED = {"inventory": 5, "forecast": 1.0}


def test_overstocked_sellers_cut() -> None:
    """A16. The list price is 100 yuan."""
    assert price(FULL) == [90.0]
    assert price({**FULL, "inventory": 20})[0] > 90.0
    assert price(FULL, cut=0.0, drift=0.0) == [100.0]
    assert price(USED) == [100.0]


def test_others_follow_the_cheapest() -> None:
    assert price({**USED, "price": 84.0}, USED, drift=0.0) == [84.0, 92.0]
    assert price({**USED, "price": 84.0}, USED, drift=0.0, follow=0.0) == [84.0, 100.0]


def test_nobody_cuts_before_having_tried_and_optimists_hold_out() -> None:
    assert price({**FULL, "joined_week": 45}) == [100.0]
    assert price({**FULL, "optimism": 1.0}) == [100.0]
    assert 90.0 < price({**FULL, "optimism": 0.5})[0] < 100.0


def test_prices_drift_back_to_the_list() -> None:
    assert price({**USED, "price": 80.0}) == [82.0]
    assert price({**USED, "price": 80.0}, drift=0.0) == [80.0]


def test_there_is_a_floor() -> None:
    # Half of the wholesale price of 80 yuan.
    assert price({**FULL, "price": 41.0}, cut=0.9) == [40.0]
    # What it costs to send a unit comes on top.
    assert price({**FULL, "price": 41.0}, cut=0.9, postage=8.0) == [48.0]


def test_leavers_do_not_take_part() -> None:
    assert price({**FULL, "active": 0}) == [100.0]


def test_who_does_not_worry_asks_a_markup_and_who_worries_does_not() -> None:
    """A quarter on the wholesale price of 80 yuan is 100."""
    cheap = {**USED, "price": 60.0}
    assert price(cheap, drift=0.0, markup=0.25) == [100.0]
    assert price(cheap, drift=0.0, markup=0.0) == [80.0]
    assert price({**FULL, "price": 90.0}, cut=0.1, markup=0.25) == [81.0]


def test_the_brand_lets_nobody_who_is_active_go_far_below_the_list() -> None:
    """The list price is 100 yuan, the floor of the seller's own is 40."""
    cheap = {**FULL, "price": 60.0}
    assert price(cheap, cut=0.9, discipline=0.5) == [50.0]
    assert price(cheap, cut=0.9, discipline=0.0) == [40.0]
    assert price({**cheap, "active": 0}, discipline=0.9) == [60.0]


def test_prosumers_ask_the_list_price() -> None:
    """A14: what an own channel spares is for those who buy there."""
    world = make_world(settings={"brand_communities": {"saving": 0.1, "passed_on": 1.0}})
    enlist(world, 0, dropship=1, price=50.0)
    assert live(world, rule(Pricing, **USUAL)).resellers.price[0] == 10_000

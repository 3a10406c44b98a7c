from typing import Any

import numpy as np

from sim.market.world import World
from sim.mechanisms.connecting import Connecting
from tests.worlds import enlist, live, make_world, rule

EVERYBODY: dict[str, Any] = {
    "customers": 1.0, "price": 50.0, "wholesale": 0.6, "loyalty": 50.0, "handover": 0.0,
    "handed": 0.0, "distinct": 0.0, "resentment": 0.2,
}


def connect(stock: int = 1000, chosen: int = -1, **given: Any) -> World:
    """All 200 persons are customers of the old channel and need the product."""
    world = make_world(201)
    enlist(world, 200, inventory=5)
    world.books.goods.move("made", "factory", stock)
    world.persons.weekly_need[:] = 20.0
    world.persons.chosen[:] = chosen
    return live(world, rule(Connecting, **{**EVERYBODY, **given}))


def test_customers_buy_in_the_old_channel() -> None:
    world = connect()
    bought = world.flows["purchases_legacy"]
    assert bought == world.persons.home.sum() == 201
    assert world.books.goods["factory"] == 1000 - bought
    assert world.books.money["brand"] == bought * 3000
    assert world.books.money["legacy"] == bought * 2000
    assert (world.persons.source == 4).all()


def test_off_the_channel_does_not_exist() -> None:
    """B9."""
    world = connect(customers=0.0)
    assert world.persons.home.sum() == 0
    assert connect(customers=0.5).persons.home.sum() in range(60, 141)


def test_the_channel_sells_what_there_is() -> None:
    assert connect(stock=7).flows["purchases_legacy"] == 7


def test_the_same_product_cannibalises_a_distinct_line_complements() -> None:
    same, distinct = (connect(chosen=0, distinct=d) for d in (0.0, 1.0))
    assert same.flows["cannibalised"] == 201
    assert same.flows["purchases_legacy"] == 0
    assert distinct.flows["cannibalised"] == 0
    assert distinct.flows["purchases_legacy"] == 201


def test_handing_customers_over_costs_trust() -> None:
    world = connect(handed=1.0)
    assert (world.persons.seller == 0).all()
    assert (world.persons.aware == 1).all()
    assert np.allclose(world.persons.trust, 0.3)
    assert (connect(handed=0.0).persons.seller == -1).all()


def test_hand_over_brings_customers_to_sellers() -> None:
    world = connect(handover=1.0)
    assert world.flows["handed_over"] == 201
    assert (world.persons.seller == 0).all()
    assert connect().flows["handed_over"] == 0


def test_price_and_loyalty_decide() -> None:
    usual = connect(loyalty=0.0, price=60.0).flows["purchases_legacy"]
    assert 0 < usual < 201
    assert connect(loyalty=0.0, price=200.0).flows["purchases_legacy"] < usual
    assert connect(loyalty=2.0, price=60.0).flows["purchases_legacy"] > usual


def test_others_come_to_the_old_channel_and_are_not_its_own() -> None:
    """O2O: few are customers of the old channel, everybody decided for an offer in the new one."""
    few: dict[str, Any] = {"customers": 1e-9, "chosen": -2, "handover": 1.0}
    world = connect(**few)
    assert world.flows["cannibalised"] == world.flows["purchases_legacy"] == 0
    assert connect(**few, distinct=1.0).flows["purchases_legacy"] == 201
    handed = connect(**few, distinct=1.0, handed=1.0).persons
    assert (handed.trust == 0.5).all(), "only old customers are handed over"

from typing import Any

import numpy as np
import pytest

from sim.kernel.luck import draw32
from sim.market.world import World
from sim.mechanisms.legacy_channel import LegacyChannel
from tests.worlds import enlist, live, make_world, rule

EVERYBODY: dict[str, Any] = {
    "customers": 1.0, "price": 50.0, "wholesale": 0.6, "loyalty": 50.0, "handover": 0.0,
    "handed_over": 0.0, "distinctness": 0.0, "resentment": 0.2,
}


def connect(stock: int = 1000, chosen: int = -1, **given: Any) -> World:
    """All 200 persons are customers of the legacy channel and need the product."""
    world = make_world(201)
    enlist(world, 200, inventory=5)
    world.books.goods.move("made", "factory", stock)
    world.persons.weekly_need[:] = 20.0
    world.persons.chosen[:] = chosen
    return live(world, rule(LegacyChannel, **{**EVERYBODY, **given}))


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
    same, distinct = (connect(chosen=0, distinctness=d) for d in (0.0, 1.0))
    assert same.flows["cannibalised"] == 201
    assert same.flows["purchases_legacy"] == 0
    assert distinct.flows["cannibalised"] == 0
    assert distinct.flows["purchases_legacy"] == 201


def test_handing_customers_over_costs_trust() -> None:
    world = connect(handed_over=1.0)
    assert (world.persons.seller == 0).all()
    assert (world.persons.aware == 1).all()
    assert np.allclose(world.persons.trust, 0.3)
    assert (connect(handed_over=0.0).persons.seller == -1).all()


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
    """O2O: few are customers of the legacy channel, everybody decided for an offer in the new one."""
    few: dict[str, Any] = {"customers": 1e-9, "chosen": -2, "handover": 1.0}
    world = connect(**few)
    assert world.flows["cannibalised"] == world.flows["purchases_legacy"] == 0
    assert connect(**few, distinctness=1.0).flows["purchases_legacy"] == 201
    handed = connect(**few, distinctness=1.0, handed_over=1.0).persons
    assert (handed.trust == 0.5).all(), "only old customers are handed over"


def mixed(**given: Any) -> tuple[World, np.ndarray, dict[str, Any]]:
    """Live one week among 400 customers with traits of every kind; return what held before it."""
    world = make_world(400)
    enlist(world, 399, inventory=5)
    enlist(world, 398, inventory=5)
    world.books.goods.move("made", "factory", 10_000)
    people, luck = world.persons, np.random.default_rng(3)
    for name in ("belief", "satisfaction", "trust"):
        people[name][:] = luck.random(400)
    people.willingness_to_pay[:] = luck.uniform(40.0, 300.0, 400)
    people.taste_x[:], people.taste_y[:] = luck.normal(0.0, 0.5, (2, 400))
    people.weekly_need[:] = luck.choice([0.0, 0.5, 1.5, 20.0], 400)
    people.home[:] = luck.random(400) < 0.1
    world.books.goods.move("made", "homes", int(people.home.sum()))
    people.chosen[:] = np.where(luck.random(400) < 0.3, 0, -1)
    people.purchases[:] = luck.random(400) < 0.5
    world.brand.position = (0.3, -0.2)
    world.week = 9
    before = {name: people[name].astype(float) for name in (
        "belief", "satisfaction", "trust", "willingness_to_pay", "taste_x", "taste_y",
        "weekly_need", "home", "chosen", "purchases")}
    live(world, rule(LegacyChannel, **{**EVERYBODY, "loyalty": 0.4, "price": 80.0, **given}))
    return world, people.home.astype(float) - before["home"], before


def below(world: World, decision: str, chance: Any, fixed: bool = False) -> np.ndarray:
    """Return of whom a decision with this chance is true."""
    key = (world.fixed_luck if fixed else world.luck)(decision)
    draws = np.array([draw32(key, person) for person in range(400)], float)
    return draws < np.floor(np.clip(chance, 0.0, 1.0) * 2.0**32)


def would_buy(world: World, before: dict[str, np.ndarray]) -> np.ndarray:
    """Return who needs the product this week and likes the legacy channel's, by the document."""
    offer, purchase_choice = world.settings.offer, world.settings.rule("purchase_choice")
    away = (before["taste_x"] - 0.3) ** 2 + (before["taste_y"] + 0.2) ** 2
    fit = np.exp(-away / offer.taste_radius**2)
    value = (
        0.4 + purchase_choice.quality_weight
        * (before["belief"] * fit - offer.reference_quality * offer.reference_fit)
        + 2 * (before["satisfaction"] - 0.5)
        - purchase_choice.price_sensitivity * (80.0 - 60.0) / before["willingness_to_pay"])
    return (
        (before["weekly_need"] > 0)
        & below(world, "need", 1 - np.exp(-before["weekly_need"]))
        & below(world, "buy in the old channel", 1 / (1 + np.exp(-value))))


def test_who_buys_in_the_old_channel_follows_the_formula() -> None:
    world, bought, before = mixed()
    free = (before["chosen"] == -1) & (before["home"] == 0)
    expected = would_buy(world, before) & free
    assert 20 < expected.sum() < 200
    assert bought.tolist() == expected.astype(float).tolist()
    cannibalised = (before["weekly_need"] > 0) & (before["chosen"] != -1)
    assert world.flows["cannibalised"] == cannibalised.sum()
    assert world.flows["purchases_legacy"] == expected.sum()
    assert world.flows["new_customers"] == (expected & (before["purchases"] == 0)).sum()
    assert world.brand.direct_demand == world.brand.end_demand == expected.sum()
    people = world.persons
    assert people.purchases.tolist() == (before["purchases"] + expected).tolist()
    assert set(people.last_purchase[expected]) == {9}
    assert set(people.first_purchase[expected & (before["purchases"] == 0)]) == {9}
    assert not (people.first_purchase[expected & (before["purchases"] == 1)] == 9).any()
    assert not (people.last_purchase[~expected] == 9).any()
    assert (people.source[expected] == 4).all()
    assert not (people.source[~expected] == 4).any()


def test_for_some_the_new_line_is_another_product() -> None:
    world, bought, before = mixed(distinctness=0.5)
    apart = below(world, "wants both lines", 0.5, fixed=True)
    expected = would_buy(world, before) & (
        apart | ((before["chosen"] == -1) & (before["home"] == 0)))
    assert bought.tolist() == expected.astype(float).tolist()
    # Who bought in both channels this week owes the first purchase to the new one.
    both = expected & (before["chosen"] != -1)
    assert both.any()
    assert not (world.persons.source[both] == 4).any()


def test_customers_of_the_new_channel_may_meet_the_store() -> None:
    world, bought, before = mixed(customers=0.3, handover=0.4, distinctness=1.0)
    mine = below(world, "legacy customer", 0.3, fixed=True)
    over = below(world, "hand over", 0.4)
    expected = would_buy(world, before) & (mine | ((before["chosen"] != -1) & over))
    assert bought.tolist() == expected.astype(float).tolist()
    # And a purchase there leads the same share to a seller, to one as to another.
    met = expected & over
    assert (world.persons.seller >= 0).tolist() == met.tolist()
    assert set(world.persons.seller[met]) == {0, 1}
    assert world.flows["handed_over"] == met.sum()
    assert (world.persons.aware[met] == 1).all()


def test_a_share_of_the_customers_is_handed_over_and_resents_it() -> None:
    world, _, before = mixed(customers=0.5, handed_over=0.3, loyalty=-50.0)
    handed = below(world, "legacy customer", 0.5, fixed=True) & below(world, "handed", 0.3)
    people = world.persons
    assert (people.seller >= 0).tolist() == handed.tolist()
    assert set(people.seller[handed]) == {0, 1}
    for name in ("trust", "satisfaction"):
        expected = np.where(handed, np.maximum(0.0, before[name] - 0.2), before[name])
        assert np.allclose(people[name], expected)
        assert (before[name][handed] < 0.2).any()


def test_nothing_in_stock_is_wanted_all_the_same() -> None:
    world = connect(stock=0)
    assert world.brand.direct_demand == world.brand.end_demand == 201
    assert world.persons.home.sum() == 0


def test_who_has_a_seller_keeps_that_one() -> None:
    for given in ({"handover": 1.0}, {"handed_over": 1.0}):
        world = make_world(201)
        for person in (198, 199, 200):
            enlist(world, person, inventory=5)
        world.books.goods.move("made", "factory", 1000)
        world.persons.weekly_need[:] = 20.0
        world.persons.seller[:50] = 1
        live(world, rule(LegacyChannel, **{**EVERYBODY, **given}))
        assert set(world.persons.seller[:50].tolist()) == {1}
        assert set(world.persons.seller[50:].tolist()) == {0, 1, 2}


def test_customers_pay_the_old_channel_from_their_purses() -> None:
    """Its price is 50 yuan."""
    for yuan, buyers in ((49.0, 0), (50.0, 201), (80.0, 201)):
        world = make_world(201, settings={
            "people": {"income": yuan, "category_share": 1.0, "saved_weeks": 1}})
        world.books.goods.move("made", "factory", 1000)
        world.persons.weekly_need[:] = 20.0
        live(world, rule(LegacyChannel, **EVERYBODY))
        assert world.flows["purchases_legacy"] == buyers
        assert world.persons.purse.sum() == buyers * (round(100 * yuan) - 5_000)


def test_the_last_goods_of_the_old_channel_go_to_customers_by_luck() -> None:
    served = 0
    for week in range(1, 31):
        world = make_world(200)
        world.week = week
        world.books.goods.move("made", "factory", 20)
        world.persons.weekly_need[:] = 20.0
        live(world, rule(LegacyChannel, **EVERYBODY))
        assert world.persons.home.sum() == 20
        served += int(world.persons.home[160:].sum())
    assert served == pytest.approx(120, abs=45)

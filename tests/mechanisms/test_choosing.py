from typing import Any

from sim.kernel.threads import Threads
from sim.market.persons import NO_OFFER
from sim.market.world import World
from sim.mechanisms.choosing import Choosing
from sim.scenario import Scenario
from tests.worlds import enlist, live, make_world, rule, stock_home

# Weights of the test's own, so that calibration does not move it.
WEIGHTS: dict[str, Any] = {
    "quality_weight": 4.0, "trust_weight": 3.0, "voice_weight": 0.5, "push_weight": 1.0,
    "push_occasion": 0.5, "price_sensitivity": 3.0, "suspicion": 0.5,
}


def shop(price: float = 100.0, **columns: Any) -> World:
    """Everybody is aware, needs the product and hears one offer."""
    world = make_world(600)
    enlist(world, 0, inventory=1000, price=price)
    persons = world.persons
    persons.aware[:] = 1
    persons.weekly_need[:] = 20.0
    persons.offer[:] = round(price * 100) << 32
    for name, value in columns.items():
        persons[name][:] = value
    return world


def buyers(world: World, asymmetry: float = 0.0, **given: Any) -> int:
    live(world, rule(
        Choosing, controls={"information_asymmetry": asymmetry}, **{**WEIGHTS, **given}))
    return int(world.market.buyers.size)


def test_price_trust_quality_voices_and_push_count() -> None:
    usual = buyers(shop())
    assert 0 < usual < 600
    assert buyers(shop(price=300.0)) < usual
    assert buyers(shop(trust=0.9)) > usual
    assert buyers(shop(belief=0.9)) > usual
    assert buyers(shop(voices=4)) > usual
    assert buyers(shop(voices=4, voices_bad=4)) < usual
    assert buyers(shop(push=64, asks=1)) > usual
    assert buyers(shop(taste_x=1.0)) < usual


def test_who_does_not_know_the_reference_price_buys_more() -> None:
    """A4: the list price of 100 is far above the reference price of 60."""
    informed = buyers(shop(), price_knowledge=1.0)
    anchored = buyers(shop(), price_knowledge=0.0)
    assert anchored > informed
    assert buyers(shop(), asymmetry=0.0) == informed
    assert informed < buyers(shop(), asymmetry=0.9) < anchored


def test_without_awareness_offer_or_occasion_nobody_buys() -> None:
    assert buyers(shop(aware=0)) == 0
    assert buyers(shop(offer=NO_OFFER)) == 0
    world = shop()
    stock_home(world, 3)
    assert buyers(world) == 0
    assert buyers(shop(weekly_need=0.0)) == 0


def test_a_push_makes_an_occasion_where_there_is_no_need() -> None:
    assert buyers(shop(weekly_need=0.0, push=64)) > 0
    assert buyers(shop(weekly_need=0.0, push=64), push_occasion=0.0) == 0


def test_customers_go_back_to_their_last_seller_while_there_is_one() -> None:
    assert buyers(shop(offer=NO_OFFER, seller=0)) > 0
    world = shop(offer=NO_OFFER, seller=0)
    world.resellers.active[0] = 0
    assert buyers(world) == 0


def test_the_rewarded_word_of_a_referrer_is_suspected() -> None:
    def referred(suspicion: float) -> int:
        world = shop()
        world.resellers.dropship[0] = 1
        return buyers(world, suspicion=suspicion)

    assert referred(2.0) < referred(0.0)


def test_members_of_a_cell_can_buy_from_the_brand() -> None:
    world = shop(offer=NO_OFFER, cell=0)
    assert buyers(world) > 0
    assert set(world.persons.chosen.tolist()) == {-1, -2}


def test_active_resellers_do_not_buy_from_others() -> None:
    world = shop(trust=1.0, belief=1.0)
    buyers(world)
    assert 0 not in world.market.buyers


def test_where_nobody_approaches_there_is_no_offer() -> None:
    """Left out of the week, `approaching` must not leave the first reseller's row behind as one."""
    world = World(Scenario.of({"persons": 40}).settings(), 40, 1, Threads(1))
    assert len(world.resellers) == 0
    world.persons.aware[:] = 1
    world.persons.weekly_need[:] = 20.0
    assert buyers(world) == 0
    assert (world.persons.chosen == -1).all()


def test_occasions_are_counted_whether_they_lead_to_a_purchase_or_not() -> None:
    def occasions(world: World) -> int:
        live(world, rule(Choosing, controls={"information_asymmetry": 0.0}, **WEIGHTS))
        return world.market.occasions

    assert occasions(shop()) == occasions(shop(price=30_000.0)) == 599  # all but the seller
    world = shop()
    world.persons.aware[:100] = 0
    assert occasions(world) == 500


def test_customers_of_the_old_channel_compare_with_what_they_have_there() -> None:
    """The same product, believed to be as good: neither quality nor fit makes a difference."""
    old = {"connecting": {"customers": 1.0, "price": 100.0}}

    def bought(settings: Any = None, **columns: Any) -> int:
        world = make_world(600, settings=settings)
        enlist(world, 0, inventory=1000, price=100.0)
        world.persons.aware[:] = 1
        world.persons.weekly_need[:] = 20.0
        world.persons.offer[:] = 10_000 << 32
        for name, value in columns.items():
            world.persons[name][:] = value
        return buyers(world)

    same = bought(old)
    assert 0 < same < 599
    assert bought(old, belief=0.9) == bought(old, belief=0.1) == bought(old, taste_x=1.0) == same
    assert bought(belief=0.9) > bought(belief=0.1)

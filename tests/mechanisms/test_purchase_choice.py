from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.kernel.threads import Threads
from sim.market.brand import SELLS
from sim.market.persons import DIRECT, FULL_PUSH, NO_OFFER, NOTHING
from sim.market.world import World
from sim.mechanisms.purchase_choice import PurchaseChoice
from sim.scenario import Scenario
from tests.worlds import enlist, live, make_world, rule, stock_home

# Weights of the test's own, so that calibration does not move it.
WEIGHTS: dict[str, Any] = {
    "necessity": 1.0, "quality_weight": 4.0, "risk_weight": 1.0, "satisfaction_weight": 2.0,
    "trust_weight": 3.0, "voice_weight": 2.0, "push_weight": 2.0, "push_occasion": 0.5,
    "regret": 0.3, "price_sensitivity": 3.0, "assimilation": 0.9, "list_weight": 0.25,
    "plausible_range": 3.0, "adaptation": 0.5, "suspicion": 0.5,
}
FULL = int(FULL_PUSH)


def shop(price: float = 100.0, settings: Any = None, **columns: Any) -> World:
    """Everybody is aware, needs the product and hears one offer."""
    world = make_world(600, settings=settings)
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
        PurchaseChoice, controls={"information_asymmetry": asymmetry}, **{**WEIGHTS, **given}))
    return int(world.market.buyers.size)


def test_price_trust_quality_voices_and_push_count() -> None:
    usual = buyers(shop())
    assert 0 < usual < 600
    assert buyers(shop(price=300.0)) < usual
    assert buyers(shop(trust=0.9)) > usual
    assert buyers(shop(belief=0.9)) > usual
    assert buyers(shop(voices=4)) > usual
    assert buyers(shop(voices=4, voices_bad=4)) < usual
    assert buyers(shop(push=FULL, asks=1)) > usual
    assert buyers(shop(taste_x=1.0)) < usual


def test_who_does_not_know_the_reference_price_buys_more() -> None:
    """A4: the list price of 100 and the price asked lie far above the open price of 60."""
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
    assert buyers(shop(weekly_need=0.0, push=FULL)) > 0
    assert buyers(shop(weekly_need=0.0, push=FULL), push_occasion=0.0) == 0


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


def test_members_of_an_own_channel_can_buy_from_the_brand() -> None:
    world = shop(offer=NO_OFFER, powers=SELLS)
    assert buyers(world) > 0
    assert set(world.persons.chosen.tolist()) == {-1, -2}
    assert buyers(shop(offer=NO_OFFER, cell=0, powers=15 - SELLS)) == 0


def test_at_any_strength_of_the_weights_the_cheaper_of_two_offers_wins() -> None:
    """All else equal, and every utility far above what an exponential can hold."""
    weights = {"quality_weight": 100.0, "price_sensitivity": 100.0}
    world = shop(1.0, powers=SELLS, trust=1.0, belief=1.0)
    buyers(world, **weights)
    assert set(world.persons.chosen.tolist()) == {0, NOTHING}


def test_active_resellers_do_not_buy_from_others() -> None:
    world = shop(trust=1.0, belief=1.0)
    buyers(world)
    assert 0 not in world.market.buyers


def test_where_nobody_approaches_there_is_no_offer() -> None:
    """Left out of the week, `prospecting` must not leave the first reseller's row behind as one."""
    world = World(Scenario.of({"persons": 40}).settings(), 40, 1, Threads(1))
    assert len(world.resellers) == 0
    world.persons.aware[:] = 1
    world.persons.weekly_need[:] = 20.0
    assert buyers(world) == 0
    assert (world.persons.chosen == -1).all()


def test_occasions_are_counted_whether_they_lead_to_a_purchase_or_not() -> None:
    def occasions(world: World) -> int:
        live(world, rule(PurchaseChoice, controls={"information_asymmetry": 0.0}, **WEIGHTS))
        return world.market.occasions

    assert occasions(shop()) == occasions(shop(price=30_000.0)) == 599  # all but the seller
    world = shop()
    world.persons.aware[:100] = 0
    assert occasions(world) == 500


OLD = {"legacy_channel": {"customers": 1.0, "price": 100.0}}


def test_customers_of_the_old_channel_compare_with_the_same_product_at_its_price_there() -> None:
    """Both are as good to them: where the price is the same, as many choose one as the other."""
    def bought(price: float, belief: float) -> int:
        return buyers(shop(price, OLD, belief=belief), necessity=30.0)

    assert bought(100.0, 0.9) == bought(100.0, 0.1) == pytest.approx(300, abs=40)
    assert bought(120.0, 0.9) == bought(120.0, 0.1) < bought(100.0, 0.9)
    world = shop(100.0, OLD)
    buyers(world)
    assert world.flows["rival_units"] == 0, "they pay there, not the makers of comparable products"


# -- the purse ---------------------------------------------------------------------------------


def purse(yuan: float, weeks: int = 1) -> dict[str, Any]:
    """Return settings under which people set aside so much a week, for so many weeks."""
    return {"people": {"income": yuan, "category_share": 1.0, "saved_weeks": weeks}}


def test_nobody_takes_an_offer_that_the_purse_does_not_reach() -> None:
    """An offer of 100 yuan, as tempting as can be."""
    tempting: dict[str, Any] = {"trust_weight": 100.0, "price_sensitivity": 0.0}
    assert buyers(shop(settings=purse(100.0), trust=1.0), **tempting) > 590
    assert buyers(shop(settings=purse(99.99), trust=1.0), **tempting) == 0
    assert buyers(shop(settings=purse(50.0, 2), trust=1.0), **tempting) > 590


def test_nobody_orders_of_the_brand_what_the_purse_does_not_reach() -> None:
    members: dict[str, Any] = {"offer": NO_OFFER, "powers": SELLS, "trust": 1.0}
    assert buyers(shop(settings=purse(100.0), **members), trust_weight=100.0) > 500
    assert buyers(shop(settings=purse(50.0), **members), trust_weight=100.0) == 0


def test_a_comparable_product_is_paid_from_the_purse() -> None:
    """It costs 60 yuan; nobody trusts the channel."""
    for yuan, units in ((59.0, 0), (60.0, 599), (90.0, 599)):
        world = shop(settings=purse(yuan), trust=0.0)
        assert buyers(world, trust_weight=100.0, necessity=50.0) == 0
        assert world.flows["rival_units"] == units
        assert world.flows["rival_revenue"] == world.books.money["rivals"] == units * 6_000
        assert world.books.money["purses"] == units * (round(100 * yuan) - 6_000)


@settings(max_examples=30)
@given(income=st.floats(1.0, 400.0), share=st.floats(0.0, 1.0), weeks=st.integers(1, 30),
       price=st.floats(0.01, 5_000.0), sensitivity=st.floats(0.0, 20.0))
def test_nobody_spends_more_than_the_purse_holds(
    income: float, share: float, weeks: int, price: float, sensitivity: float
) -> None:
    world = shop(round(price, 2), {"people": {
        "income": income, "category_share": share, "saved_weeks": weeks}}, trust=0.9)
    weekly = int(100.0 * np.float64(np.float32(income)) * share)
    for week in range(1, 5):
        world.week = week
        buyers(world, price_sensitivity=sensitivity, necessity=20.0)
        assert (world.persons.purse >= 0).all()
        assert (world.persons.purse <= weekly * weeks).all()
        if round(price * 100) > weekly * weeks:
            assert not world.market.buyers.size
    # Saved for up to `weeks` weeks before, and in the weeks since.
    assert world.books.money["rivals"] <= 599 * weekly * (weeks + 3)


def test_no_money_is_needed_where_nothing_is_spent() -> None:
    world = shop(settings=purse(1.0))
    assert buyers(world) == 0
    assert world.books.money["purses"] == world.books.money["rivals"] == 0


# -- demand falls in its price -----------------------------------------------------------------


SHARE = st.floats(0.0, 1.0)
UTILITY = st.floats(0.0, 100.0)


@settings(max_examples=60)
@given(
    weights=st.fixed_dictionaries({
        "necessity": UTILITY, "quality_weight": UTILITY, "risk_weight": UTILITY,
        "satisfaction_weight": UTILITY, "trust_weight": UTILITY, "voice_weight": UTILITY,
        "push_weight": UTILITY, "push_occasion": SHARE, "price_sensitivity": UTILITY,
        "price_knowledge": SHARE, "assimilation": SHARE, "list_weight": SHARE,
        "plausible_range": st.floats(0.01, 10.0), "adaptation": SHARE}),
    columns=st.fixed_dictionaries({
        "trust": SHARE, "belief": SHARE, "evidence": st.floats(0.0, 12.0),
        "satisfaction": SHARE, "purchases": st.integers(0, 3), "push": st.integers(0, 65535),
        "reference": st.sampled_from([0.0, 5.0, 60.0, 200.0, 5_000.0]),
        "willingness_to_pay": st.floats(1.0, 2_000.0)}),
    list_price=st.floats(15.0, 40_000.0),
    prices=st.lists(st.floats(0.01, 100_000.0), min_size=2, max_size=6))
def test_an_offer_is_never_taken_by_more_people_at_a_higher_price(
    weights: dict[str, float], columns: dict[str, Any], list_price: float, prices: list[float]
) -> None:
    """At any weights within bounds, whatever the list price, with the luck of the same people."""
    rich = {"people": {"income": 1e6, "category_share": 1.0},
            "offer": {"list_price": round(list_price, 2)}}
    taken = [
        buyers(shop(round(price, 2), rich, **columns), **weights) for price in sorted(prices)]
    assert taken == sorted(taken, reverse=True)


@settings(max_examples=40)
@given(knowledge=SHARE, assimilation=SHARE, weight=SHARE, adaptation=SHARE,
       plausible_range=st.floats(0.01, 10.0), times=st.floats(1.0, 1_000.0))
def test_a_higher_list_and_street_price_together_never_sell_more(
    knowledge: float, assimilation: float, weight: float, adaptation: float, plausible_range: float,
    times: float,
) -> None:
    def sold(price: float) -> int:
        world = shop(price, {
            "offer": {"list_price": price}, "people": {"income": 1e6, "category_share": 1.0}})
        return buyers(
            world, price_knowledge=knowledge, assimilation=assimilation, list_weight=weight,
            adaptation=adaptation, plausible_range=plausible_range)

    dear = round(100.0 * times, 2)
    assert sold(dear) <= sold(100.0)


# -- the price that is believed usual ----------------------------------------------------------


def believed(price: float, list_price: float = 100.0, before: float = 0.0, **given: Any) -> float:
    """Return what somebody believes the comparable product of 60 yuan costs, after an offer."""
    world = shop(price, {
        "offer": {"list_price": list_price}, "people": {"income": 1e6, "category_share": 1.0}},
        reference=before)
    buyers(world, price_knowledge=0.0, **given)
    assert world.persons.reference[0] == before, "the seller has no occasion"
    assert len(set(world.persons.reference[1:].tolist())) == 1
    return float(world.persons.reference[1])


def test_prices_that_are_asked_move_the_price_believed_usual() -> None:
    assert believed(120.0) > believed(80.0) > believed(60.0, 60.0) == pytest.approx(60.0)
    assert believed(30.0, 60.0) < 60.0
    assert believed(120.0, assimilation=0.0) == pytest.approx(60.0)


def test_it_adapts_and_remembers() -> None:
    first = believed(120.0, adaptation=0.5)
    assert believed(120.0, adaptation=1.0) > believed(120.0, before=first) > first > 60.0
    assert believed(120.0, adaptation=0.0) == pytest.approx(60.0)
    assert believed(60.0, 60.0, before=200.0, adaptation=0.5) == pytest.approx(130.0)


def test_a_list_price_lifts_it_while_it_is_plausible_and_never_lowers_it() -> None:
    given: dict[str, Any] = {"adaptation": 1.0, "plausible_range": 1.0, "list_weight": 0.5}
    assert believed(60.0, 120.0, **given) > believed(60.0, 60.0, **given) == pytest.approx(60.0)
    assert believed(60.0, 20.0, **given) == pytest.approx(60.0)
    assert believed(60.0, 60e4, **given) == pytest.approx(60.0, abs=0.1)
    peak = [believed(60.0, 60.0 * 2**step, **given) for step in range(14)]
    assert peak.index(max(peak)) not in (0, 13)


@settings(max_examples=40)
@given(assimilation=SHARE, weight=SHARE, adaptation=SHARE, plausible_range=st.floats(0.01, 10.0),
       low=st.floats(0.01, 10_000.0), times=st.floats(1.01, 20.0),
       list_price=st.floats(15.0, 40_000.0),
       before=st.sampled_from([0.0, 60.0, 150.0]))
def test_it_rises_by_less_than_the_price_that_is_asked(
    assimilation: float, weight: float, adaptation: float, plausible_range: float, low: float,
    times: float, list_price: float, before: float,
) -> None:
    given = {"assimilation": assimilation, "list_weight": weight, "adaptation": adaptation,
             "plausible_range": plausible_range}
    low, high = round(low, 2), round(low * times, 2)
    listed = round(list_price, 2)
    first, second = (believed(p, listed, before=before, **given) for p in (low, high))
    # Kept in 32 bits.
    assert second - first <= (high - low) + 1e-6 * max(first, second)


def test_who_knows_the_open_price_builds_none() -> None:
    world = shop(120.0)
    buyers(world, price_knowledge=1.0)
    assert not world.persons.reference.any()


# -- what is known, and what was lived through -------------------------------------------------


def test_people_dislike_not_knowing_the_quality() -> None:
    known, unknown = (buyers(shop(evidence=e), risk_weight=3.0) for e in (12.0, 0.0))
    assert unknown < buyers(shop(evidence=2.0), risk_weight=3.0) < known
    assert buyers(shop(evidence=12.0), risk_weight=0.0) == buyers(shop(evidence=0.0), risk_weight=0.0)


def test_the_satisfied_come_back_and_only_buyers_know_whether_they_are() -> None:
    content, disappointed = (buyers(shop(purchases=1, satisfaction=s)) for s in (0.9, 0.1))
    assert disappointed < buyers(shop()) < content
    assert buyers(shop(satisfaction=0.9)) == buyers(shop(satisfaction=0.1))


def test_who_gave_up_the_brand_takes_no_offer() -> None:
    world = shop(dropped=1, trust=1.0, powers=SELLS)
    assert buyers(world) == 0
    assert (world.persons.chosen == NOTHING).all()


def test_a_better_or_cheaper_comparable_product_takes_buyers() -> None:
    def sold(**offer: float) -> int:
        return buyers(shop(settings={"offer": offer}), price_knowledge=1.0)

    usual = sold()
    assert sold(reference_price=30.0) < usual < sold(reference_price=120.0)
    assert sold(reference_quality=0.9) < usual < sold(reference_quality=0.1)


def test_a_push_saturates() -> None:
    sold = [buyers(shop(push=times * FULL, trust=0.2)) for times in (0, 1, 20, 60)]
    assert sold[0] < sold[1] < sold[2] <= sold[3]
    # Twenty times the push is worth no more than twice the first.
    assert sold[2] <= buyers(shop(push=FULL, trust=0.2), push_weight=4.0)


# -- talked into it ----------------------------------------------------------------------------


def test_who_never_needs_it_and_buys_loses_trust_and_gives_up_the_brand() -> None:
    world = shop(weekly_need=0.0, push=FULL, asks=1)
    bought = buyers(world, regret=0.4)
    persons = world.persons
    talked_into = persons.chosen != NOTHING
    assert world.flows["talked_into"] == talked_into.sum() == bought > 0
    assert np.allclose(persons.trust[talked_into], 0.3)
    assert (persons.trust[~talked_into] == 0.5).all()
    assert (persons.dropped == talked_into).all()
    world.week = 2
    buyers(world, regret=0.4)
    again = (persons.chosen != NOTHING) & talked_into
    assert not again.any(), "they regret it once, and do not come back"
    assert np.allclose(persons.trust[talked_into], 0.3)


def test_who_needs_it_regrets_nothing() -> None:
    world = shop(push=FULL)
    assert buyers(world, regret=1.0) > 0
    assert (world.persons.trust == 0.5).all()
    assert not world.persons.dropped.any()
    assert world.flows["talked_into"] == 0


def test_without_a_need_neither_quality_nor_a_comparable_product_counts() -> None:
    def talked(**columns: Any) -> int:
        world = shop(weekly_need=0.0, push=FULL, **columns)
        bought = buyers(world)
        assert world.flows["rival_units"] == 0
        return bought

    assert talked(belief=0.9) == talked(belief=0.1)


def test_buyers_are_those_who_chose() -> None:
    world = shop(powers=SELLS)
    buyers(world)
    chosen = world.persons.chosen
    assert set(chosen.tolist()) == {NOTHING, DIRECT, 0}
    assert np.flatnonzero(chosen != NOTHING).tolist() == sorted(world.market.buyers.tolist())

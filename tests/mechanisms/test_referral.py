from typing import Any

from sim.market.world import World
from sim.mechanisms.referral import Referral, Trials
from tests.worlds import enlist, live, make_world, rule


def refer(stage: int = 3, **given: Any) -> World:
    world = make_world(50)
    world.persons.stage[:] = stage
    world.own(Trials).version = world.brand.version
    return live(world, rule(Referral, **{"invitation": 1.0, "founders": 0.0, **given}))


def test_fans_take_up_reward_rights_without_stock_or_money() -> None:
    world = refer(binding=0.5)
    resellers = world.resellers
    assert len(resellers) == 50
    assert (resellers.dropship == 1).all()
    assert (resellers.binding == 0.5).all()
    for name in ("cash", "invested", "inventory", "backlog", "entry_money"):
        assert not resellers[name].any(), name
    assert (world.persons.reseller == range(50)).all()


def test_off_and_customers_are_not_invited() -> None:
    """A11."""
    assert len(refer(invitation=0.0).resellers) == 0
    assert len(refer(stage=2).resellers) == 0


def test_some_accept() -> None:
    assert 0 < len(refer(invitation=0.3).resellers) < 50


def test_the_seller_they_know_becomes_their_upline() -> None:
    world = make_world(10)
    known = enlist(world, 0)
    gone = enlist(world, 1, active=0)
    world.persons.stage[2:4] = 3
    world.persons.seller[2:4] = (known, gone)
    live(world, rule(Referral, invitation=1.0, founders=0.0))
    assert world.resellers.upline[2:].tolist() == [known, -1]


def test_the_brand_begins_with_a_core() -> None:
    world = make_world(100)
    world.week = 0
    world.persons.weekly_need[:50] = 0.0
    referral = rule(Referral, founders=0.1)
    referral.begin(world)
    world.account()
    assert len(world.resellers) == 10
    assert (world.resellers.person >= 50).all()
    off = make_world(100)
    off.week = 0
    rule(Referral, founders=0.0).begin(off)
    assert len(off.resellers) == 0


def test_prosumers_try_each_version_as_far_as_there_is_stock() -> None:
    world = make_world(10)
    for person in range(4):
        enlist(world, person, dropship=1)
    world.books.goods.move("made", "factory", 7)
    trying = rule(Referral, invitation=0.0, trial=2)
    live(world, trying)
    assert world.persons.home.tolist() == [2, 2, 2] + [0] * 7
    live(world, trying)
    assert world.persons.home.sum() == 6, "once a version"
    world.books.goods.move("made", "factory", 100)
    world.brand.version += 1
    live(world, trying)
    assert world.persons.home[:4].tolist() == [4, 4, 4, 2]


def test_a_brand_that_gives_no_more_away_has_nobody_waiting() -> None:
    world = make_world(10)
    for person in range(4):
        enlist(world, person, dropship=1)
    world.books.goods.move("made", "factory", 3)
    live(world, rule(Referral, invitation=0.0, trial=2))
    assert world.brand.trials_due == 6
    live(world, rule(Referral, invitation=0.0, trial=0))
    assert world.brand.trials_due == 0
    world.books.goods.move("made", "factory", 100)
    live(world, rule(Referral, invitation=0.0, trial=2))
    assert world.persons.home.sum() == 2


def test_a_failed_pilot_invites_nobody() -> None:
    """B11."""
    world = make_world(50)
    world.persons.stage[:] = 3
    world.brand.reach = 0.0
    assert len(live(world, rule(Referral, invitation=1.0)).resellers) == 0


def test_the_brand_may_begin_with_a_single_prosumer() -> None:
    for share, count in ((0.01, 1), (0.004, 0), (0.02, 2)):
        world = make_world(100)
        world.week = 0
        rule(Referral, founders=share).begin(world)
        assert len(world.resellers) == count

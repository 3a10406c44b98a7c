from typing import Any

import pytest

from sim.market.world import World
from sim.mechanisms.leaving import Leaving
from tests.worlds import enlist, live, make_world, rule, star

USUAL: dict[str, Any] = {
    "base": 0.1, "shortfall_weight": 1.0, "idle_weight": 1.0, "contagion_weight": 1.0,
    "sunk_weight": 1.0, "binding_weight": 2.0,
    "smoothing": 0.0, "grace": 4,
}


def leavers(seller: Any = None, **given: Any) -> int:
    """Return how many of 500 equal resellers leave, all with the same luck in each call."""
    world = make_world(500)
    world.week = 20
    for person in range(500):
        enlist(world, person, **(seller or {}))
    live(world, rule(Leaving, **{**USUAL, **given}))
    assert world.flows["exits"] == (world.resellers.active == 0).sum()
    return int(world.flows["exits"])


def test_the_hazard_is_the_base_for_who_earns_what_they_hoped_for() -> None:
    # Binomial(500, 0.1), five standard deviations.
    assert leavers({"income": 100.0}) == pytest.approx(50, abs=34)
    assert leavers(base=0.0) == 0
    assert leavers({"income": 100.0}, base=1.0) == 500


def test_what_drives_people_out() -> None:
    usual = leavers()
    assert leavers({"income": 100.0}) < usual
    assert leavers({"income": -50.0}) > usual
    assert leavers({"weeks_since_sale": 8}) > usual
    assert leavers({"upline_left": 15}) > usual
    assert leavers({"upline_left": 15}, contagion_weight=0.0) == usual  # B2 off
    assert leavers({"upline_left": 5}) == usual


def test_what_holds_them() -> None:
    usual = leavers()
    assert leavers({"binding": 0.5}) < usual
    assert leavers({"binding": 0.5}, binding_weight=0.0) == usual  # B10 off
    assert leavers({"stock_value": 500_000}) < usual
    assert leavers({"joined_week": 17}, base=1.0) == 0


def test_income_is_smoothed() -> None:
    world = make_world()
    enlist(world, 0, income=10.0, week_income=3000)
    live(world, rule(Leaving, **{**USUAL, "base": 0.0, "smoothing": 0.5}))
    assert world.resellers.income[0] == 20.0


def tree() -> World:
    world = make_world(4, star(3))
    world.week = 20
    top = enlist(world, 0, tier=0, income=1000.0, joined_week=18)
    middle = enlist(world, 1, upline=top, backlog=5)
    enlist(world, 2, upline=middle, joined_week=18)
    return live(world, rule(Leaving, **{**USUAL, "base": 1.0}))


def test_the_downline_goes_to_the_upline_of_the_leaver() -> None:
    resellers = tree().resellers
    assert resellers.active.tolist() == [1, 0, 1]
    assert resellers.left_week.tolist() == [-1, 20, -1]
    assert resellers.upline[2] == 0
    assert resellers.upline_left[2] == 20
    assert resellers.backlog[1] == 0


def test_circles_hear_of_it() -> None:
    persons = tree().persons
    assert persons.circle_sellers[0] == 1
    assert persons.circle_leavers.tolist() == [1, 0, 0, 0]


def test_who_leaves_gives_up_reward_rights() -> None:
    """B3: the old stock of a converted reseller is then sold like any leaver's."""
    world = make_world()
    world.week = 20
    enlist(world, 0, dropship=1, inventory=3)
    live(world, rule(Leaving, **{**USUAL, "base": 1.0, "binding_weight": 0.0}))
    assert world.resellers.active[0] == world.resellers.dropship[0] == 0

from typing import Any

import pytest

from sim.market.world import World
from sim.mechanisms.leaving import Leaving
from tests.worlds import enlist, live, make_world, rule, star

USUAL: dict[str, Any] = {
    "base": 0.1, "shortfall_weight": 1.0, "idle_weight": 1.0, "contagion_weight": 1.0,
    "sunk_weight": 1.0, "binding_weight": 2.0, "gloom_weight": 0.0,
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


def hearing(exits: int, joins: int = 0, dropship: int = 0, **given: Any) -> int:
    """Return how many of 200 resellers leave while others, whom they only hear of, left or joined."""
    world = make_world(1000)
    world.week = 20
    for person in range(200):
        enlist(world, person, income=100.0, joined_week=1, dropship=dropship)
    for person in range(200, 200 + exits):
        enlist(world, person, active=0, joined_week=1, left_week=10)
    for person in range(500, 500 + joins):
        enlist(world, person, joined_week=19)
    live(world, rule(Leaving, **{**USUAL, "hearsay": 6.0, "alarm": 0.2, **given}))
    return int(world.flows["exits"])


def test_exits_that_outnumber_joins_drive_out_all_who_hear_of_them() -> None:
    """B2: hopes break together."""
    usual = hearing(0)
    assert hearing(50, gloom_weight=2.0) > usual
    assert hearing(50, gloom_weight=2.0, hearsay=0.0) == hearing(50) == usual
    # No matter how many leave while more join.
    assert hearing(50, 51, gloom_weight=2.0) == usual
    assert hearing(50, 20, gloom_weight=2.0) > usual
    assert hearing(50, 20, gloom_weight=2.0) < hearing(50, gloom_weight=2.0)
    # Prosumers did not come for the income.
    few = hearing(50, dropship=1, gloom_weight=2.0, casual=0.1, binding_weight=0.0)
    assert few < hearing(50, gloom_weight=2.0)


def peers(left_week: int = 15, upline: bool = False, **given: Any) -> int:
    """Return how many of 200 leave, each with somebody above who has lost another recruit."""
    world = make_world(1000)
    world.week = 20
    for person in range(0, 600, 3):
        top = enlist(world, person, tier=0, joined_week=19)
        mine = enlist(world, person + 1, upline=top, income=100.0, joined_week=1)
        enlist(world, person + 2, upline=top if upline else mine, active=0, joined_week=1,
               left_week=left_week)
    live(world, rule(Leaving, **{**USUAL, "hearsay": 0.0, "gloom_weight": 2.0, **given}))
    return int(world.flows["exits"])


def test_exits_of_the_own_line_and_of_peers_are_seen_for_a_quarter() -> None:
    """B2, S4: exits climb the tree, and spread beside it."""
    nobody = peers(gloom_weight=0.0)
    assert peers() > nobody
    assert peers(upline=True) > nobody
    assert peers(left_week=7) == nobody < peers(left_week=8)


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

from typing import Any

import pytest

from sim.market.world import World
from sim.mechanisms.loyalty_stages import LoyaltyStages
from tests.worlds import live, make_world, rule


def person(purchases: int, satisfaction: float, trust: float = 0.9, ago: int = 1) -> World:
    world = make_world(200)
    world.week = 100
    world.persons.purchases[:] = purchases
    world.persons.last_purchase[:] = 100 - ago
    world.persons.satisfaction[:] = satisfaction
    world.persons.trust[:] = trust
    return world


def stages(world: World, **parameters: Any) -> set[int]:
    given = {"lapse": 26, "user_purchases": 2, "user_satisfaction": 0.5, "fan_satisfaction": 0.7,
             "fan_trust": 0.5, "creators": 0.0, "devoted": 1.0}
    live(world, rule(LoyaltyStages, **{**given, **parameters}))
    return set(world.persons.stage.tolist())


def test_each_stage_has_its_condition() -> None:
    assert stages(person(0, 0.9)) == {0}
    assert stages(person(1, 0.9)) == {1}
    assert stages(person(2, 0.4)) == {1}
    assert stages(person(2, 0.6)) == {2}
    assert stages(person(2, 0.9, trust=0.2)) == {2}
    assert stages(person(2, 0.9)) == {3}
    assert stages(person(2, 0.9), creators=1.0) == {4}
    assert stages(person(2, 0.9), creators=0.3) == {3, 4}


def test_only_the_devoted_become_fans() -> None:
    assert stages(person(2, 0.9), devoted=0.0) == {2}
    assert stages(person(2, 0.9), devoted=0.3) == {2, 3}


@pytest.mark.parametrize(("stickiness", "cell", "weeks"), [(8, 0, 34), (8, -1, 26), (0, 0, 26), (26, 7, 52)])
def test_members_of_a_cell_may_pause_longer(stickiness: int, cell: int, weeks: int) -> None:
    """B7."""
    for ago, expected in ((weeks - 1, {2}), (weeks, {0})):
        world = person(2, 0.6, ago=ago)
        world.persons.cell[:] = cell
        assert stages(world, stickiness=stickiness, lapse=26) == expected


def test_off_there_are_no_fans() -> None:
    """A12."""
    assert stages(person(9, 1.0, trust=1.0), fan_satisfaction=1.01) == {2}


def test_stages_are_lost_too() -> None:
    world = person(2, 0.9)
    assert stages(world) == {3}
    world.persons.satisfaction[:] = 0.6
    assert stages(world) == {2}
    world.week = 200
    assert stages(world) == {0}
    assert world.flows["customers_lost"] == 200


def test_stages_gained_and_customers_lost_are_counted() -> None:
    up = person(2, 0.9)
    stages(up)
    assert (up.flows["stages_gained"], up.flows["customers_lost"]) == (200, 0)
    down = person(2, 0.6)
    down.persons.stage[:] = 3
    stages(down)
    assert (down.flows["stages_gained"], down.flows["customers_lost"]) == (0, 0)
    gone = person(2, 0.6, ago=30)
    gone.persons.stage[:] = 3
    stages(gone)
    assert (gone.flows["stages_gained"], gone.flows["customers_lost"]) == (0, 200)


def test_the_market_hears_of_the_stages_as_the_week_found_them() -> None:
    world = person(2, 0.9)
    world.persons.stage[:50] = 4
    stages(world)
    assert world.market.stages == (150, 0, 0, 0, 50)
    stages(world)
    assert world.market.stages == (0, 0, 0, 200, 0)

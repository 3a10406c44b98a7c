<<<<<<< HEAD
import numpy as np
import pytest

=======
from typing import Any

import pytest

from sim.market.world import World
>>>>>>> main
from sim.mechanisms.adopting import Adopting
from tests.worlds import live, make_world, rule


<<<<<<< HEAD
def test_it_is_known_how_many_of_the_circle_know_it() -> None:
    world = make_world(persons=5, close=[(0, 1), (1, 2)], weak=[(1, 3), (3, 4)])
    world.add_columns(Adopting.columns)
    rule(Adopting)._tell(world, np.array([1, 4]))
    assert world.persons.heard_close.tolist() == [1, 0, 1, 0, 0]
    assert world.persons.heard_weak.tolist() == [0, 0, 0, 2, 0]


@pytest.mark.parametrize(("external", "weak", "close", "reached"), [
    (0.0, 0.0, 0.0, [1]), (1.0, 0.0, 0.0, [0, 1, 2, 3, 4]), (0.0, 1.0, 0.0, [1, 3]),
    (0.0, 0.0, 1.0, [0, 1, 2]),
])
def test_certain_ties_reach_exactly_one_step_a_week(
    external: float, weak: float, close: float, reached: list[int]
) -> None:
    world = make_world(persons=5, close=[(0, 1), (1, 2)], weak=[(1, 3), (3, 4)])
    world.add_columns(Adopting.columns)
    adopting = rule(Adopting, external=external, weak=weak, close=close)
    adopting._tell(world, np.array([1]))
    live(world, adopting)
    assert np.flatnonzero(world.persons.aware).tolist() == reached
=======
def adopt(persons: int = 2000, **given: Any) -> World:
    """Pairs of close contacts, of whom the even ones know the product before week 1."""
    world = make_world(persons, [(one, one + 1) for one in range(0, persons, 2)])
    world.week = 0
    adopting = rule(Adopting, **{
        "external": 0.0, "weak": 0.0, "close": 0.0, "first": 0.0, **given})
    world.add_columns(adopting.columns)
    world.unlock(None)
    adopting.begin(world)
    world.week = 1
    return live(world, adopting)


def test_without_contact_only_the_external_chance() -> None:
    assert adopt().persons.aware.sum() == 0
    # Binomial(2000, 0.2), five standard deviations.
    assert int(adopt(external=0.2).persons.aware.sum()) == pytest.approx(400, abs=90)


def test_contacts_who_know_convince() -> None:
    alone, close, weak = (
        int(adopt(first=0.3, **given).persons.aware.sum())
        for given in ({}, {"close": 1.0}, {"weak": 1.0}))
    assert alone == weak == pytest.approx(600, abs=110)
    assert close > alone
>>>>>>> main

import numpy as np
import pytest

from sim.mechanisms.adoption import Adoption
from tests.worlds import live, make_world, rule


def test_it_is_known_how_many_of_the_circle_know_it() -> None:
    world = make_world(persons=5, close=[(0, 1), (1, 2)], weak=[(1, 3), (3, 4)])
    world.add_columns(Adoption.columns)
    rule(Adoption)._tell(world, np.array([1, 4]))
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
    world.add_columns(Adoption.columns)
    adoption = rule(Adoption, external=external, weak=weak, close=close)
    adoption._tell(world, np.array([1]))
    live(world, adoption)
    assert np.flatnonzero(world.persons.aware).tolist() == reached


def test_a_share_knows_it_before_the_first_week_and_tells_its_circle() -> None:
    def known(share: float, week: int = 0) -> int:
        world = make_world(persons=1000)
        world.week = week
        world.add_columns(Adoption.columns)
        rule(Adoption, first=share).begin(world)
        return int(world.persons.aware.sum())

    assert known(1.0) == 1000
    assert known(0.0) == 0
    assert 60 < known(0.1) < 140
    assert known(1.0, week=1) == 0  # a rule that enters later finds its first ones there
    world = make_world(persons=3, close=[(0, 1)], weak=[(1, 2)])
    world.week = 0
    world.add_columns(Adoption.columns)
    rule(Adoption, first=1.0).begin(world)
    assert world.persons.heard_close.tolist() == [1, 1, 0]
    assert world.persons.heard_weak.tolist() == [0, 1, 1]


@pytest.mark.parametrize(("close", "weak"), [([(0, 1)], []), ([], [(0, 1)]), ([(0, 1)], [(1, 2)])])
def test_it_is_remembered_who_convinced_them(
    close: list[tuple[int, int]], weak: list[tuple[int, int]]
) -> None:
    world = make_world(persons=4, close=close, weak=weak)
    world.add_columns(Adoption.columns)
    adoption = rule(Adoption, external=1.0, weak=0.5, close=0.5)
    adoption._tell(world, np.array([0, 2]))
    live(world, adoption)
    # Person 1 heard of it in the circle, person 3 from nobody but the brand.
    assert world.persons.source[[1, 3]].tolist() == [3, 1]

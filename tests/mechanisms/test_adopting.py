import numpy as np
import pytest

from sim.mechanisms.adopting import Adopting
from tests.worlds import live, make_world, rule


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

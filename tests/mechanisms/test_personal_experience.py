"""What is known of a user's behaviour makes the experience fit, and satisfies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.market.brand import DataStocks
from sim.mechanisms.personal_experience import PersonalExperience
from tests.scenarios import small
from tests.worlds import live, make_world


def served(knowledge: float = 1.0, purchases: int = 2, used: int = 1, gain: float = 0.5) -> Any:
    world = make_world(persons=4)
    world.unlock(None)
    world.brand.known = DataStocks(behaviour=knowledge)
    world.persons.used[:2] = used
    world.persons.purchases[:] = purchases
    live(world, PersonalExperience(gain=gain))
    return world


def test_users_are_served_as_far_as_their_behaviour_is_known() -> None:
    # Half of what behaviour tells, half of the missing half.
    assert served().persons.satisfaction.tolist() == pytest.approx([0.625, 0.625, 0.5, 0.5])
    assert served(purchases=6).persons.satisfaction[0] == pytest.approx(0.6875)
    assert served().reports["personal_gain"] == pytest.approx(0.125)


@pytest.mark.parametrize("nothing", [{"knowledge": 0.0}, {"purchases": 0}, {"used": 0}])
def test_nothing_is_known_of_nobody(nothing: dict[str, Any]) -> None:
    assert served(**nothing).persons.satisfaction.tolist() == [0.5] * 4


def test_there_is_no_experience_without_a_user() -> None:
    assert np.isnan(served(used=0).reports["personal_gain"])


def lived(gain: float) -> list[dict[str, Any]]:
    model = sim.MicroCommerce(small(
        "prosumer", offer={"list_price": 120.0, "quality": 0.7}, brand_awareness={"advertising": 0.05},
        personal_experience={"gain": gain}), rng=1)
    while model.running:
        model.step()
    return model.weekly


def test_satisfaction_rises_with_it_and_never_beyond_one() -> None:
    ends = [lived(gain)[-1]["satisfaction_mean"] for gain in (0.0, 0.1, 1.0)]
    assert ends[0] < ends[1] < ends[2] <= 1.0

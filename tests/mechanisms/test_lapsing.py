from typing import Any

import pytest

from sim.market.world import World
from sim.mechanisms.lapsing import Lapsing
from tests.worlds import live, make_world, rule


def lapse(bought: bool = True, **shapes: Any) -> World:
    world = make_world(2000)
    lapsing = rule(Lapsing, **shapes)
    world.add_columns(lapsing.columns)
    world.unlock(None)
    lapsing.begin(world)
    if bought:
        world.persons.last_purchase[:] = world.week
        world.persons.purchases[:] = 1
    return live(world, lapsing)


def test_the_chance_is_beta_distributed() -> None:
    assert lapse(a=2.0, b=6.0).persons.dropout.mean() == pytest.approx(0.25, abs=0.02)


def test_needs_end_after_purchases_only() -> None:
    assert (lapse(bought=False, a=2.0, b=6.0).persons.weekly_need == 1.0).all()
    # The mean chance is a quarter; five standard deviations of Binomial(2000, 0.25).
    gone = int((lapse(a=2.0, b=6.0).persons.weekly_need == 0.0).sum())
    assert gone == pytest.approx(500, abs=97)

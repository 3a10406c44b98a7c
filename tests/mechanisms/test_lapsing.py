<<<<<<< HEAD
import numpy as np
import pytest
from scipy import stats

=======
from typing import Any

import pytest

from sim.market.world import World
>>>>>>> main
from sim.mechanisms.lapsing import Lapsing
from tests.worlds import live, make_world, rule


<<<<<<< HEAD
def test_chances_are_beta_distributed() -> None:
    world = make_world(persons=4000)
    world.add_columns(Lapsing.columns)
    rule(Lapsing, a=0.793, b=2.426).begin(world)
    found = stats.kstest(world.persons.dropout.astype(float), stats.beta(0.793, 2.426).cdf)
    assert found.pvalue > 1e-4


@pytest.mark.parametrize(("chance", "kept"), [(0.0, 1.0), (1.0, 0.0)])
def test_only_who_bought_this_week_can_lose_the_need(chance: float, kept: float) -> None:
    world = make_world(persons=3)
    world.add_columns(Lapsing.columns)
    world.persons.dropout[:] = chance
    world.persons.last_purchase[:] = (world.week, world.week - 1, -1)
    live(world, rule(Lapsing))
    assert world.persons.weekly_need.tolist() == [kept, 1.0, 1.0]


def test_need_is_lost_with_the_stated_chance() -> None:
    world = make_world(persons=4000)
    world.add_columns(Lapsing.columns)
    world.persons.dropout[:] = 0.25
    world.persons.last_purchase[:] = world.week
    live(world, rule(Lapsing))
    lost = int(np.count_nonzero(world.persons.weekly_need == 0))
    assert stats.binomtest(lost, 4000, 0.25).pvalue > 1e-4
=======
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
>>>>>>> main

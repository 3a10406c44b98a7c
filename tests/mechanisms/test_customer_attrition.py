import numpy as np
import pytest
from scipy import stats

from sim.mechanisms.customer_attrition import CustomerAttrition
from tests.worlds import live, make_world, rule


def test_chances_are_beta_distributed() -> None:
    world = make_world(persons=4000)
    world.add_columns(CustomerAttrition.columns)
    rule(CustomerAttrition, a=0.793, b=2.426).begin(world)
    found = stats.kstest(world.persons.dropout.astype(float), stats.beta(0.793, 2.426).cdf)
    assert found.pvalue > 1e-4


@pytest.mark.parametrize(("chance", "kept"), [(0.0, 1.0), (1.0, 0.0)])
def test_only_who_bought_this_week_can_lose_the_need(chance: float, kept: float) -> None:
    world = make_world(persons=3)
    world.add_columns(CustomerAttrition.columns)
    world.persons.dropout[:] = chance
    world.persons.last_purchase[:] = (world.week, world.week - 1, -1)
    live(world, rule(CustomerAttrition))
    assert world.persons.weekly_need.tolist() == [kept, 1.0, 1.0]


def test_need_is_lost_with_the_stated_chance() -> None:
    world = make_world(persons=4000)
    world.add_columns(CustomerAttrition.columns)
    world.persons.dropout[:] = 0.25
    world.persons.last_purchase[:] = world.week
    live(world, rule(CustomerAttrition))
    lost = int(np.count_nonzero(world.persons.weekly_need == 0))
    assert stats.binomtest(lost, 4000, 0.25).pvalue > 1e-4

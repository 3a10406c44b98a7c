import pytest

from sim.mechanisms.consumption import Consumption
from tests.worlds import live, make_world, rule, stock_home


def test_use_is_poisson_of_the_need_and_never_more_than_there_is() -> None:
    world = make_world(4000)
    stock_home(world, 100)
    live(world, rule(Consumption))
    used = world.persons.used
    # Poisson of mean and variance 1; five standard errors of both.
    assert used.mean() == pytest.approx(1.0, abs=5 / 4000**0.5)
    assert used.var() == pytest.approx(1.0, abs=5 * (3 / 4000) ** 0.5)
    assert (world.persons.home + used == 100).all()
    assert world.flows["used"] == used.sum() == world.books.goods["consumed"]


def test_nobody_uses_what_is_not_there() -> None:
    world = make_world(100)
    world.persons.weekly_need[:] = 20.0
    stock_home(world, 3)
    live(world, rule(Consumption))
    assert (world.persons.used == 3).all()
    live(world, rule(Consumption))
    assert (world.persons.used == 0).all()


def test_without_need_only_the_idle_use_is_left() -> None:
    world = make_world(500)
    world.persons.weekly_need[:] = 0.0
    stock_home(world, 50)
    assert live(world, rule(Consumption, idle_use=0.0)).persons.used.sum() == 0
    assert live(world, rule(Consumption, idle_use=1.0)).persons.used.sum() > 0

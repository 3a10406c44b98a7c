import pytest

from sim.mechanisms.moving_average import MovingAverage
from tests.worlds import enlist, live, make_world, rule


@pytest.mark.parametrize("periods", [1, 3, 52])
def test_the_forecast_is_the_mean_of_the_last_weeks(periods: int) -> None:
    world = make_world()
    world.add_columns(MovingAverage.columns)
    enlist(world, 0)
    seen = [(7 * week) % 23 for week in range(1, 121)]
    for units in seen:
        world.resellers.demand[0] = units
        live(world, rule(MovingAverage, periods=periods))
        world.week += 1
        assert world.resellers.demand[0] == 0
    assert world.resellers.forecast[0] == pytest.approx(sum(seen[-periods:]) / periods)


def test_shared_forecasts_travel_up_one_stage_a_week() -> None:
    world = make_world()
    world.add_columns(MovingAverage.columns)
    top = enlist(world, 0)
    below = [enlist(world, person, upline=top) for person in (1, 2)]
    shared = rule(MovingAverage, periods=1, shared=True)
    world.resellers.demand[below] = (5, 6)
    world.resellers.demand[top] = 99
    live(world, shared)
    world.week += 1
    live(world, shared)
    assert world.resellers.forecast[top] == 11.0

import pytest

from sim.mechanisms.forecasting import Forecasting
from tests.worlds import enlist, live, make_world, rule


@pytest.mark.parametrize(("smoothing", "expected"), [(0.0, 4.0), (0.25, 5.5), (1.0, 10.0)])
def test_exponential_smoothing(smoothing: float, expected: float) -> None:
    world = make_world()
    enlist(world, 0, forecast=4.0, demand=10)
    live(world, rule(Forecasting, smoothing=smoothing))
    assert world.resellers.forecast[0] == expected
    assert world.resellers.demand[0] == 0


def test_a_constant_demand_is_learnt() -> None:
    world = make_world()
    enlist(world, 0)
    for _ in range(60):
        world.resellers.demand[0] = 7
        live(world, rule(Forecasting, smoothing=0.3))
    assert world.resellers.forecast[0] == pytest.approx(7.0)

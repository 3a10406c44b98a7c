from sim.mechanisms.moving_average import MovingAverage
from tests.worlds import enlist, live, make_world, rule


def forecasts(periods: int) -> list[float]:
    world = make_world()
    averaging = rule(MovingAverage, periods=periods)
    world.add_columns(averaging.columns)
    enlist(world, 0)
    out = []
    for week, demand in enumerate((4, 8, 0, 12, 12, 12), start=1):
        world.week = week
        world.resellers.demand[0] = demand
        live(world, averaging)
        out.append(float(world.resellers.forecast[0]))
    return out


def test_the_mean_of_the_last_weeks() -> None:
    assert forecasts(1) == [4.0, 8.0, 0.0, 12.0, 12.0, 12.0]
    assert forecasts(3)[2:] == [4.0, 20 / 3, 8.0, 12.0]

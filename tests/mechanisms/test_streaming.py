from typing import Any

from sim.market.world import World
from sim.mechanisms.streaming import Streaming
from tests.worlds import enlist, live, make_world, rule


def stream(week: int = 1, inventory: int = 1000, **given: Any) -> World:
    world = make_world()
    world.week = week
    streaming = rule(Streaming, **{"mean": 10.0, "sd": 0.0, **given})
    world.add_columns(streaming.columns)
    enlist(world, 0, tier=0, inventory=50)
    enlist(world, 1, inventory=inventory)
    world.unlock(None)
    streaming.begin(world)
    return live(world, streaming)


def test_the_lowest_tier_meets_the_mean() -> None:
    world = stream()
    assert world.resellers.sold.tolist() == [0, 10]
    assert world.resellers.demand.tolist() == [0, 10]
    assert world.books.goods["channel"] == 1040


def test_a_lasting_jump() -> None:
    jump = {"step_week": 5, "step_size": 4.0}
    assert [int(stream(week, **jump).resellers.sold[1]) for week in (4, 5, 9)] == [10, 14, 14]


def test_what_is_not_there_is_lost_or_waits() -> None:
    lost, waiting = (stream(inventory=4, backorders=wait).resellers for wait in (False, True))
    assert (lost.sold[1], lost.lost[1], lost.due[1]) == (4, 6, 0)
    assert (waiting.sold[1], waiting.due[1]) == (4, 6)


def test_noise_moves_the_demand() -> None:
    assert stream(sd=5.0).resellers.demand[1] != 10

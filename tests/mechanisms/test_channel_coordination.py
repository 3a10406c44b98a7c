"""Coordinated channels multiply each other, and the legacy channel is paid for whom it loses."""

from __future__ import annotations

from typing import Any

import pytest

import sim
from sim.market.persons import DIRECT, NOTHING
from sim.mechanisms.channel_coordination import ChannelCoordination
from tests.scenarios import small
from tests.worlds import enlist, live, make_world

USUAL = 0.125
EVERYBODY: dict[str, Any] = {"legacy_channel": {"customers": 1.0}}


def coordinated(settings: dict[str, Any] = EVERYBODY, **given: Any) -> Any:
    """Return a world in which person 1 knows a seller, who asks 100 yuan, and person 2 one who left."""
    world = make_world(persons=4, settings=settings)
    world.persons.seller[1] = enlist(world, 0)
    world.persons.seller[2] = enlist(world, 3, active=0)
    world.persons.aware[:], world.persons.weekly_need[:] = 1, USUAL
    plan = ChannelCoordination(**{"coordination": 1.0, "synergy": 0.5, "payment": 0.1, **given})
    live(world, plan)
    return world, plan


def needs(world: Any) -> list[float]:
    return [round(float(need), 5) for need in world.persons.weekly_need]


def test_who_is_served_by_both_channels_needs_it_more_often() -> None:
    world, plan = coordinated()
    assert needs(world) == [USUAL, 1.5 * USUAL, USUAL, USUAL]
    assert world.flows["served_by_both"] == 1
    assert needs(coordinated(coordination=0.5)[0])[1] == 1.25 * USUAL
    live(world, plan)
    assert needs(world)[1] == 1.5 * USUAL, "once, not week by week"
    plan.end(world)
    assert needs(world)[1] == USUAL


def test_who_never_heard_of_it_needs_it_as_before() -> None:
    world, plan = coordinated()
    world.unlock(None)
    world.persons.aware[1] = 0
    live(world, plan)
    assert world.persons.channel_need[1] == 1.0


def test_a_second_channel_is_needed() -> None:
    world, _ = coordinated(settings={})
    assert (world.persons.channel_need == 1.0).all()
    assert world.flows["served_by_both"] == 0


def test_the_legacy_channel_is_paid_for_its_customers() -> None:
    world, plan = coordinated()
    world.persons.last_purchase[:3] = world.week
    world.persons.chosen[:3] = (0, DIRECT, NOTHING)
    live(world, plan)
    # 100 yuan paid to the seller, 100 yuan of the list to the brand, and an old order.
    assert world.books.money["legacy"] == 2000 == world.flows["channel_payments"]
    assert world.books.money["brand"] == -2000


def lived(seed: int = 1, **given: Any) -> list[dict[str, Any]]:
    model = sim.MicroCommerce(small(
        "pyramid", legacy_channel={"customers": 0.6, "handover": 0.5, "distinctness": 0.5},
        offer={"quality": 0.9, "list_price": 200.0},
        **({"channel_coordination": given} if given else {})), rng=seed)
    while model.running:
        model.step()
    return model.weekly


def test_channels_that_are_coordinated_sell_more_together() -> None:
    def sales(**given: Any) -> float:
        return sum(row["sell_through"] + row["purchases_legacy"]
                   for seed in (1, 2, 3) for row in lived(seed, **given))

    assert sales(coordination=1.0, synergy=0.6) > 1.03 * sales()


@pytest.mark.parametrize("extreme", [{"synergy": 10.0}, {"payment": 1.0}, {"synergy": 0.0}])
def test_extremes_keep_books_and_sense(extreme: dict[str, Any]) -> None:
    for row in lived(**{"coordination": 1.0, **extreme}):
        assert 0 <= row["served_by_both"] <= 600
        assert row["channel_payments"] >= 0

from typing import Any

import pytest

from sim.market.world import World
from sim.mechanisms.customer_service import CustomerService
from tests.worlds import enlist, live, make_world, rule


def serve(users: int = 4, seller: int = 0, effort: float = 1.0, **given: Any) -> World:
    world = make_world(100)
    enlist(world, 99, effort=effort)
    world.persons.used[:users] = 1
    world.persons.seller[:] = seller
    return live(world, rule(CustomerService, **{
        "capacity": 4.0, "brand_capacity": 0.04, "care": 1.0, "satisfaction": 0.2, "utility": 0.6,
        **given}))


def test_full_service_raises_satisfaction_none_lowers_it() -> None:
    assert serve().persons.satisfaction[0] == pytest.approx(0.6)
    assert serve(capacity=0.0).persons.satisfaction[0] == pytest.approx(0.4)
    assert serve().persons.satisfaction[50] == 0.5, "who used nothing wants nothing"


def test_capacity_is_shared_and_follows_effort_and_care() -> None:
    assert serve(users=16).persons.satisfaction[0] == pytest.approx(0.45)
    full = serve(users=8, effort=2.0).persons.satisfaction[0]
    assert full > serve(users=8).persons.satisfaction[0] > serve(users=8, care=0.5) \
        .persons.satisfaction[0]


def test_pressed_sellers_care_less() -> None:
    satisfied = []
    for pressure in (0.0, 1.0):
        world = make_world(100)
        enlist(world, 99)
        world.persons.used[:8] = 1
        world.persons.seller[:] = 0
        live(world, rule(CustomerService, controls={"stock_pressure": pressure}, capacity=8.0))
        satisfied.append(world.persons.satisfaction[0])
    assert satisfied[1] < satisfied[0]


def test_the_brand_serves_who_has_no_seller_and_saturates() -> None:
    few, many = (serve(users=n, seller=-1).persons.satisfaction[0] for n in (4, 40))
    assert few == pytest.approx(0.6)
    assert many < 0.5


def test_off_it_changes_nothing() -> None:
    """B8."""
    assert serve(satisfaction=0.0).persons.satisfaction[0] == 0.5
    assert serve(utility=0.0).market.service_value == 0.0
    assert serve().market.service_value == pytest.approx(0.3)

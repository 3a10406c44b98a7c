"""Boredom with what one has had, and a range against it."""

from __future__ import annotations

from typing import Any

import pytest

import sim
from sim.mechanisms.product_range import ProductRange
from tests.scenarios import small
from tests.worlds import live, make_world


def bored(purchases: int, **given: Any) -> Any:
    """Return a world in which person 0 has bought so many times in a row."""
    world = make_world(persons=1000)
    plan = ProductRange(**{"products": 2, "boredom": 1.0, "upkeep": 50.0, **given})
    for _ in range(purchases):
        world.persons.last_purchase[0] = world.week
        live(world, plan)
        world.week += 1
    return world, plan


def test_who_has_had_the_whole_range_is_bored() -> None:
    for times, appeal in ((0, 0.0), (1, -0.5), (2, -1.0), (5, -1.0)):
        world, _ = bored(times)
        assert world.persons.appeal[0] == appeal
    assert (world.persons.appeal[1:] == 0).all()
    wide, _ = bored(2, products=8)
    assert wide.persons.appeal[0] == -0.25


def test_a_new_version_is_new_to_all() -> None:
    world, plan = bored(3)
    world.brand.version += 1
    live(world, plan)
    assert world.persons.appeal[0] == 0.0


def test_every_product_but_the_first_costs_its_upkeep() -> None:
    assert bored(1)[0].books.money["makers"] == 5000 == bored(1)[0].flows["range_cost"]
    assert bored(1, products=1)[0].books.money["makers"] == 0


def test_without_the_rule_nobody_stays_bored() -> None:
    world, plan = bored(3)
    plan.end(world)
    assert world.persons.appeal[0] == 0.0


def lived(seed: int, **given: Any) -> float:
    model = sim.MicroCommerce(small(
        "prosumer", offer={"list_price": 120.0, "quality": 0.9}, brand_awareness={"advertising": 0.05},
        product_range=given), rng=seed)
    while model.running:
        model.step()
    assert all(0 <= row["bored"] <= 600 for row in model.weekly)
    return float(sum(row["sell_through"] for row in model.weekly))


def test_a_range_sells_more_than_one_product_and_nobody_minds_too_many() -> None:
    one, ten, far_too_many = (
        sum(lived(seed, products=products, boredom=3.0) for seed in (1, 2)) for products in (1, 10, 200))
    assert one < 0.95 * ten
    assert far_too_many == pytest.approx(ten, rel=0.15)


@pytest.mark.parametrize("extreme", [{"boredom": 100.0}, {"boredom": 0.0}, {"upkeep": 1e6}])
def test_extremes_keep_books(extreme: dict[str, Any]) -> None:
    lived(1, **{"products": 3, **extreme})

"""Four kinds of circle, each with its own offer, in which people meet their like."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.market.persons import FAN
from sim.mechanisms.user_circles import DIE_HARD, NO_CIRCLE, PARTNER, SINGLE, SPOKESPERSON, UserCircles
from tests.scenarios import small
from tests.worlds import enlist, live, make_world


def circles(persons: int = 8, **given: Any) -> Any:
    """Return a world with a partner, a single-product seller, a leaver, a fan and a loyal buyer."""
    world = make_world(persons=persons)
    enlist(world, 0, recruits=1)
    enlist(world, 1)
    enlist(world, 2, active=0)
    world.persons.stage[3] = FAN
    world.persons.purchases[4:6] = 4
    world.persons.satisfaction[4], world.persons.satisfaction[5] = 0.9, 0.1
    plan = UserCircles(**{"interaction": 1.0, "values": 0.0, **given})
    live(world, plan)
    return world, plan


def test_people_are_sorted_by_their_relation_to_the_brand() -> None:
    world, _ = circles()
    assert world.persons["circle"].tolist() == [
        PARTNER, SINGLE, NO_CIRCLE, SPOKESPERSON, DIE_HARD, NO_CIRCLE, NO_CIRCLE, NO_CIRCLE]
    assert [world.flows[f"circle_{kind}"] for kind in (
        "die_hard", "spokesperson", "single_product_seller", "partner")] == [1, 1, 1, 1]


def test_each_kind_has_its_own_offer() -> None:
    world, plan = circles(loyal_discount=0.1, focus=0.5, partnership=0.4)
    assert world.persons.discount.tolist() == [0, 0, 0, 0, 1000, 0, 0, 0]
    assert world.persons.evidence.tolist() == [0, 0, 0, 3, 0, 0, 0, 0]
    assert world.resellers.effort.tolist() == [1.0, 1.5, 1.0]
    assert world.resellers.binding.tolist() == pytest.approx([0.4, 0.0, 0.0])
    world.persons.satisfaction[4] = 0.1
    live(world, plan)
    assert not world.persons.discount.any(), "who is loyal no more pays the full price"


def test_the_more_of_the_same_kind_the_better() -> None:
    def appeal(loyal: int, **given: Any) -> np.ndarray:
        world = make_world(persons=40)
        world.persons.purchases[:loyal] = 9
        world.persons.satisfaction[:] = 0.9
        live(world, UserCircles(**{"interaction": 1.0, "values": 0.0, **given}))
        return world.persons.appeal

    assert appeal(1)[0] == 0.0
    assert appeal(6)[0] == pytest.approx(0.5, abs=1e-3)
    assert appeal(31)[0] == pytest.approx(30 / 35, abs=1e-3)
    assert appeal(31)[31:].tolist() == [0.0] * 9
    # Everybody has the same taste here: values count in full.
    assert appeal(6, values=1.0)[0] == pytest.approx(1.0, abs=1e-3)


def test_shared_values_count_less_for_who_lives_otherwise() -> None:
    world = make_world(persons=6)
    world.persons.purchases[:] = 9
    world.persons.satisfaction[:] = 0.9
    world.unlock(None)
    world.persons.taste_x[0] = 3.0
    live(world, UserCircles(interaction=1e-9, values=1.0))
    assert 0 < world.persons.appeal[0] < 0.3 * world.persons.appeal[1]


def test_circles_dissolve() -> None:
    world, plan = circles()
    plan.end(world)
    assert not world.persons["circle"].any()
    assert not world.persons.discount.any()
    assert not world.persons.appeal.any()


def lived(regime: str, seed: int = 1, persons: int = 600, **given: Any) -> list[dict[str, Any]]:
    model = sim.MicroCommerce(small(
        regime, persons=persons, offer={"list_price": 120.0, "quality": 0.9},
        brand_awareness={"advertising": 0.05},
        **({"user_circles": given} if given else {})), rng=seed)
    while model.running:
        model.step()
    return model.weekly


def test_circles_keep_buyers() -> None:
    with_circles, without = (
        sum(row["sell_through"]
            for seed in (1, 2, 3) for row in lived("prosumer", seed, 4000, **given)[15:])
        for given in ({"interaction": 1.5, "values": 0.5}, {}))
    assert with_circles > 1.05 * without


@pytest.mark.parametrize("extreme", [
    {"interaction": 100.0}, {"values": 100.0}, {"loyal_purchases": 1, "loyal_discount": 0.9},
    {"focus": 10.0}, {"partnership": 1.0}])
def test_extremes_keep_books_and_sense(extreme: dict[str, Any]) -> None:
    for regime in ("pyramid", "prosumer"):
        for row in lived(regime, **{"interaction": 0.4, **extreme}):
            assert 0 <= row["bought_die_hard"] <= row["circle_die_hard"]
            assert row["circle_single_product_seller"] + row["circle_partner"] <= 600

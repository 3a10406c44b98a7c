from typing import Any

import pytest

from sim.market.world import World
from sim.mechanisms.creating import Creating
from tests.worlds import live, make_world, rule

USUAL: dict[str, Any] = {
    "drift": 0.0, "interval": 1.0, "delay": 4, "error": 0.4, "ideas": 0.5, "skill": 0.9,
    "variants": 0.0, "variant_cost": 0.1,
}


def create(knowledge: float, weeks: int = 1, fans: int = 10, **given: Any) -> World:
    """A market whose fans like (1, 0); the product stands at (0, 0), its quality is 0.5."""
    world = make_world(50)
    world.persons.taste_x[:fans] = 1.0
    world.persons.stage[:fans] = 3
    creating = rule(Creating, **{**USUAL, **given})
    creating.begin(world)
    for week in range(1, weeks + 1):
        world.week = week
        world.brand.knowledge = knowledge
        live(world, creating)
    return world


def test_with_knowledge_a_version_goes_to_its_fans() -> None:
    brand = create(1.0).brand
    assert brand.position == (1.0, 0.0)
    assert brand.version == 2


def test_without_knowledge_or_fans_it_misses() -> None:
    """A13: copying the market, late, with an error."""
    assert create(0.0, error=0.0).brand.position == (0.0, 0.0)
    assert create(1.0, fans=0).brand.position == (0.0, 0.0)
    half = create(0.5, error=0.0).brand.position
    assert 0.0 < half[0] < 1.0
    assert create(0.0).brand.position != (0.0, 0.0)


def test_ideas_lead_to_what_contributors_are_able_to() -> None:
    """A15, and the contradiction (e): a crowd that knows less than the firm does harm."""
    assert create(1.0).brand.quality == pytest.approx(0.7)
    assert create(0.5).brand.quality == pytest.approx(0.6)
    assert create(1.0, skill=0.1).brand.quality < 0.5
    assert create(0.0).brand.quality == create(1.0, ideas=0.0).brand.quality == 0.5


def test_versions_come_at_intervals() -> None:
    assert create(1.0, weeks=12, interval=4.0).brand.version == 4
    assert create(1.0, weeks=12, interval=520.0).brand.version == 1


def test_feedback_shortens_the_interval() -> None:
    kept = {name: value for name, value in USUAL.items() if name not in ("interval", "ideas")}
    versions = []
    for feedback in (0.0, 1.0):
        world = make_world(50)
        creating = rule(Creating, controls={"feedback": feedback}, **kept)
        creating.begin(world)
        for week in range(1, 60):
            world.week = week
            live(world, creating)
        versions.append(world.brand.version)
    assert versions[0] < versions[1]


def test_tastes_drift_away_from_a_product_that_stays() -> None:
    def away(drift: float) -> float:
        x, y = create(0.0, weeks=100, drift=drift, interval=520.0).brand.position
        return float((x * x + y * y) ** 0.5)

    assert away(0.0) == 0.0
    assert away(0.05) > 0.05


def test_knowledge_pays_for_variants_which_cost() -> None:
    world = create(1.0, weeks=10, variants=2.0)
    assert world.brand.variety == 3.0
    assert world.brand.unit_cost(world.settings.offer) == 1200
    assert create(1.0, weeks=10).brand.variety == 1.0
    assert create(0.0, weeks=10, variants=2.0).brand.variety == 1.0

from typing import Any

import pytest

from sim.kernel.luck import unit
from sim.kernel.maths import normal
from sim.market.world import World
from sim.mechanisms.product_development import ProductDevelopment
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
    created = rule(ProductDevelopment, **{**USUAL, **given})
    created.begin(world)
    for week in range(1, weeks + 1):
        world.week = week
        world.brand.knowledge = knowledge
        live(world, created)
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
        created = rule(ProductDevelopment, controls={"feedback": feedback}, **kept)
        created.begin(world)
        for week in range(1, 60):
            world.week = week
            live(world, created)
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


def test_a_range_grows_and_shrinks_by_half_a_variant() -> None:
    def variety(start: float, knowledge: float) -> float:
        world = make_world(50)
        world.brand.variety, world.brand.knowledge = start, knowledge
        created = rule(ProductDevelopment, **{**USUAL, "variants": 3.0})
        created.begin(world)
        live(world, created)
        return float(world.brand.variety)

    # Half of the knowledge makes 1 + 1.5 variants worth selling.
    assert variety(1.0, 0.5) == 1.5
    assert variety(3.0, 0.5) == 2.5
    assert variety(2.5, 0.5) == 2.5
    assert variety(2.0, 0.49) == 2.0  # and a little less than half 1 + 1


def test_a_copy_comes_as_late_as_the_delay() -> None:
    """Without knowledge the product goes where the market was `delay` weeks ago."""
    def behind(delay: int, weeks: int) -> tuple[float, float]:
        world = make_world(50)
        created = rule(ProductDevelopment, **{**USUAL, "drift": 0.1, "error": 0.0, "delay": delay})
        created.begin(world)
        walked = [(0.0, 0.0)]
        for week in range(1, weeks + 1):
            world.week = week
            key = world.luck("taste drift")
            walked.append(tuple(
                walked[-1][axis] + 0.1 * float(normal(unit(key, axis))) for axis in (0, 1)))
            live(world, created)
        past = walked[max(0, weeks - delay)]
        expected = tuple(past[axis] - walked[-1][axis] for axis in (0, 1))
        assert world.brand.position == pytest.approx(expected)
        return expected

    for delay, weeks in ((0, 3), (1, 5), (4, 3), (4, 12)):
        behind(delay, weeks)


def test_fans_geeks_and_members_of_cells_are_asked() -> None:
    world = make_world(6)
    world.persons.taste_x[:] = [0.25, 0.5, -0.75, 8.0, 9.0, 0.125]
    world.persons.taste_y[:] = [-0.5, 0.25, 0.5, 7.0, 6.0, -1.0]
    world.persons.stage[:] = [3, 4, 0, 2, 0, 1]
    world.persons.cell[:] = [-1, -1, 0, -1, -1, 2]
    world.brand.knowledge = 1.0
    created = rule(ProductDevelopment, **{**USUAL, "error": 0.0})
    created.begin(world)
    live(world, created)
    assert world.brand.position == (0.125 / 4, -0.75 / 4)

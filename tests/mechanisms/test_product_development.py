from typing import Any

import numpy as np
import pytest

from sim.kernel.luck import unit
from sim.kernel.maths import normal
from sim.market.brand import DataStocks
from sim.market.world import World
from sim.mechanisms.product_development import ProductDevelopment
from tests.worlds import enlist, live, make_world, rule

USUAL: dict[str, Any] = {
    "drift": 0.0, "interval": 1.0, "delay": 4, "error": 0.4, "ideas": 0.5, "skill": 0.9,
    "skill_spread": 0.0, "infeasible": 0.0, "trial_error": 0.0, "variants": 0.0, "variant_cost": 0.1,
}


def knowing(knowledge: float, **known: float) -> DataStocks:
    """Everything is known as far as that, unless said otherwise."""
    return DataStocks(**{**dict.fromkeys(DataStocks._fields, knowledge), **known})


def create(
    knowledge: float, weeks: int = 1, fans: int = 10, geeks: int = 1, stage: int = 3,
    settings: Any = None, known: Any = None, **given: Any
) -> World:
    """A market whose fans like (1, 0), one of them a geek; the product stands at (0, 0), at quality 0.5."""
    world = make_world(max(50, fans), settings=settings)
    world.persons.taste_x[:fans] = 1.0
    world.persons.stage[:fans] = stage
    world.persons.stage[: min(geeks, fans)] = 4
    created = rule(ProductDevelopment, **{**USUAL, **given})
    created.begin(world)
    for week in range(1, weeks + 1):
        world.week = week
        world.brand.known = knowing(knowledge, **(known or {}))
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
    """A15."""
    assert create(1.0).brand.quality == pytest.approx(0.7)
    assert create(0.5).brand.quality == pytest.approx(0.6)
    assert create(0.0).brand.quality == create(1.0, ideas=0.0).brand.quality == 0.5
    assert create(1.0, geeks=0).brand.quality == 0.5


def test_each_stock_has_its_own_use() -> None:
    """A13: what one stock of data does, and no other."""
    def told(**known: float) -> tuple[bool, bool, bool]:
        brand = create(1.0, known=known, weeks=2, variants=2.0, error=0.0).brand
        return brand.position == (1.0, 0.0), brand.quality > 0.5, brand.variety > 1.0

    assert told() == (True, True, True)
    assert told(shared=0.0) == (False, True, True)
    assert told(crowd=0.0) == (True, False, True)
    assert told(behaviour=0.0) == (True, True, False)
    assert told(experience=0.0, profile=0.0) == (True, True, True)


def test_sharp_trials_turn_down_what_is_worse_than_the_product() -> None:
    """And the contradiction (e): a crowd that knows less does harm where trials are blunt."""
    def ideas(experience: float, error: float) -> tuple[float, int, int]:
        world = create(1.0, fans=400, geeks=400, skill=0.3, trial_error=error,
                       known={"experience": experience})
        return world.brand.quality, world.flows["ideas"], world.flows["ideas_taken"]

    assert ideas(1.0, 0.4) == ideas(0.0, 0.0) == (0.5, 400, 0)
    blunt, half = ideas(0.0, 0.4), ideas(0.5, 0.4)
    assert 400 > blunt[2] > half[2] > 0
    assert blunt[0] < half[0] < 0.5


def test_experience_finds_what_cannot_be_made() -> None:
    def quality(infeasible: float, experience: float = 0.0) -> float:
        found: float = create(
            1.0, fans=400, geeks=400, infeasible=infeasible, known={"experience": experience}).brand.quality
        return found

    assert quality(1.0) == pytest.approx(0.3)
    assert quality(1.0, experience=1.0) == 0.5
    assert quality(0.5) == pytest.approx(0.5, abs=0.02)
    assert quality(0.5, experience=1.0) == pytest.approx(0.6, abs=0.02)


def test_contributors_differ_and_so_do_the_ideas_of_each() -> None:
    """Where most know no more than the firm, some still know better; skill stays with a person."""
    def made(spread: float, weeks: int = 1, geeks: int = 400) -> World:
        return create(1.0, weeks=weeks, fans=400, geeks=geeks, skill=0.5, skill_spread=spread)

    assert made(0.0).brand.quality == 0.5
    assert 0.5 < made(0.1).brand.quality < made(0.2).brand.quality
    assert made(0.1).flows["ideas_taken"] == pytest.approx(200, abs=40)
    # The gain falls as the product gets better: above the skill of most, few ideas add anything.
    gains = np.diff([made(0.1, weeks).brand.quality for weeks in range(6)], prepend=0.5)[1:]
    assert (gains[:-1] > gains[1:]).all()
    assert gains[-1] > 0.0


def test_skill_stays_with_a_person_and_ideas_come_and_go() -> None:
    for week in (1, 2):
        world = make_world(50)
        world.week = week
        world.persons.stage[7] = 4
        world.brand.known = knowing(1.0)
        created = rule(ProductDevelopment, **{**USUAL, "skill": 0.8, "skill_spread": 0.05})
        created.begin(world)
        live(world, created)
        drawn = normal(unit(world.fixed_luck("skill"), 7)) + normal(unit(world.luck("idea"), 7))
        assert world.brand.quality == pytest.approx(0.5 + 0.5 * (0.3 + 0.05 * drawn))


def test_quality_keeps_its_bounds() -> None:
    for skill, quality in ((1.0, 0.999), (0.0, 0.5)):
        world = create(1.0, weeks=30, fans=400, geeks=400, skill=skill, skill_spread=0.3, ideas=1.0)
        assert quality <= world.brand.quality <= 1.0


@pytest.mark.parametrize("extreme", [
    {"trial_error": 10.0}, {"skill_spread": 1.0}, {"infeasible": 1.0, "trial_error": 10.0}])
def test_extremes_keep_quality_a_share(extreme: dict[str, float]) -> None:
    world = create(1.0, weeks=20, fans=40, geeks=40, ideas=1.0, known={"experience": 0.0}, **extreme)
    assert 0.0 <= world.brand.quality <= 1.0


def test_prosumers_who_can_create_bring_ideas() -> None:
    def ideas(creators: float, dropship: int = 1) -> int:
        world = make_world(50, settings={"loyalty_stages": {"creators": creators}})
        enlist(world, 7, dropship=dropship)
        world.brand.known = knowing(1.0)
        created = rule(ProductDevelopment, **USUAL)
        created.begin(world)
        live(world, created)
        return world.flows["ideas"]

    assert [ideas(1.0), ideas(0.0), ideas(1.0, dropship=0)] == [1, 0, 0]


def test_variants_help_as_far_as_the_brand_knows_whom_to_offer_which() -> None:
    """A13: what the profile is for."""
    world = make_world()
    world.brand.variety = 3.0
    steep = {}
    for knowledge in (0.0, 0.5, 1.0):
        world.brand.knowledge = knowledge
        steep[knowledge] = world.brand.product(world.settings.offer).steepness
    assert steep[0.0] == 2.0 * steep[0.5] == 3.0 * steep[1.0]


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
        world.brand.variety, world.brand.known = start, knowing(knowledge)
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
    world.brand.known = knowing(1.0)
    created = rule(ProductDevelopment, **{**USUAL, "error": 0.0})
    created.begin(world)
    live(world, created)
    assert world.brand.position == (0.125 / 4, -0.75 / 4)

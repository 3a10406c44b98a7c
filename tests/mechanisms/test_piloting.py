from typing import Any

from sim.market.world import World
from sim.mechanisms.piloting import Piloting
from tests.worlds import live, make_world, rule


def pilot(
    through: int = 80, satisfaction: float = 0.8, weeks: int = 5, sold_in: int = 100, **given: Any
) -> World:
    """A pilot with the same sales each week."""
    world = make_world(1000, settings={"recruiting": {"founders": 0.02}})
    world.persons.purchases[:50] = 1
    world.persons.satisfaction[:50] = satisfaction
    piloting = rule(Piloting, **{
        "share": 0.2, "weeks": 4, "sell_through": 0.6, "satisfaction": 0.5, **given})
    piloting.begin(world)
    for week in range(1, weeks + 1):
        world.week = week
        live(world, piloting)
        world.market.sold_in += sold_in
        world.market.sold_through += through
    return world


def test_off_the_brand_is_everywhere() -> None:
    """B11."""
    world = pilot(share=0.0)
    assert world.brand.reach == 1.0
    assert len(world.resellers) == 0


def test_during_the_pilot_reach_is_limited() -> None:
    world = pilot(weeks=4)
    assert world.brand.reach == 0.2
    assert "pilot_passed" not in world.flows


def test_a_pilot_that_passes_is_scaled() -> None:
    world = pilot()
    assert world.brand.reach == 1.0
    assert world.flows["pilot_passed"] == 1
    # Founders in the rest of the market: two percent of the other 80 %.
    assert len(world.resellers) == 16


def test_a_pilot_that_fails_is_stopped() -> None:
    for world in (pilot(through=50), pilot(satisfaction=0.3)):
        assert world.brand.reach == 0.0
        assert world.flows["pilot_passed"] == 0
        assert len(world.resellers) == 0


def test_it_is_decided_to_the_unit() -> None:
    """240 of 400 units are 60 %, and a pilot that sold nothing in counts as one unit."""
    assert pilot(through=60, satisfaction=0.5).flows["pilot_passed"] == 1
    assert pilot(through=60, sell_through=0.602).flows["pilot_passed"] == 0
    assert pilot(through=1, sold_in=0, sell_through=4.0).flows["pilot_passed"] == 1
    assert pilot(through=1, sold_in=0, sell_through=5.0).flows["pilot_passed"] == 0


def test_it_decides_once() -> None:
    world = pilot(weeks=9)
    assert world.flows["pilot_passed"] == 1
    assert len(world.resellers) == 16


def test_a_pilot_passes_at_exactly_what_was_asked_for() -> None:
    assert pilot(through=60).brand.reach == 1.0
    assert pilot(through=59).brand.reach == 0.0
    assert pilot(satisfaction=0.5).brand.reach == 1.0
    assert pilot(satisfaction=0.499).brand.reach == 0.0


def test_what_the_brand_sells_itself_counts_as_sold_in() -> None:
    world = make_world(1000)
    world.persons.purchases[:50] = 1
    world.persons.satisfaction[:50] = 0.8
    piloting = rule(Piloting, share=0.2, weeks=1, sell_through=0.6, satisfaction=0.5)
    piloting.begin(world)
    world.market.sold_in, world.market.sold_through = 120, 71
    world.week = 2
    live(world, piloting)
    assert world.brand.reach == 0.0  # 72 of the 120 were asked for


def test_what_was_sold_before_a_pilot_does_not_count() -> None:
    world = make_world(1000)
    world.persons.purchases[:50] = 1
    world.persons.satisfaction[:50] = 0.8
    world.market.sold_in, world.market.sold_through = 500, 500
    piloting = rule(Piloting, share=0.2, weeks=1, sell_through=0.6, satisfaction=0.5)
    piloting.begin(world)
    world.market.sold_in, world.market.sold_through = 600, 559
    world.week = 2
    live(world, piloting)
    assert world.brand.reach == 0.0

from typing import Any

import numpy as np

from sim.market.brand import FORMS, ORGANISES, SELLS, SPEAKS, VOUCHES
from sim.market.world import World
from sim.mechanisms.brand_communities import BrandCommunities, Cells, direct_price
from tests.worlds import enlist, live, make_world, rule

USUAL: dict[str, Any] = {
    "founding": 1.0, "joining": 1.0, "member_satisfaction": 0.5, "max_size": 1000, "own_channel": True,
    "saving": 0.2, "passed_on": 0.5,
}


def gather(
    stage: int = 1, satisfaction: float = 0.8, fans: int = 1, weeks: int = 2, **given: Any
) -> World:
    """A community of 100 customers, among whom some are fans."""
    world = make_world(100)
    world.persons.stage[:] = stage
    world.persons.stage[:fans] = 3
    world.persons.satisfaction[:] = satisfaction
    brand_communities = rule(BrandCommunities, **{**USUAL, **given})
    brand_communities.begin(world)
    for week in range(1, weeks + 1):
        world.week = week
        live(world, brand_communities)
    return world


def test_a_fan_founds_a_cell_and_satisfied_customers_join() -> None:
    world = gather()
    assert (world.persons.cell == 0).all()
    assert (world.brand.communities, world.brand.members) == (1, 100)
    assert world.own(Cells).table.size.tolist() == [100]


def test_off_there_are_no_cells() -> None:
    """A14."""
    for world in (gather(founding=0.0), gather(fans=0)):
        assert world.brand.communities == 0
        assert (world.persons.cell == -1).all()


def test_the_dissatisfied_and_strangers_do_not_join_and_members_drift_away() -> None:
    assert gather(satisfaction=0.45).brand.members == 1
    assert gather(stage=0).brand.members == 1
    world = gather()
    world.persons.satisfaction[10:] = 0.2
    live(world, rule(BrandCommunities, **{**USUAL, "joining": 0.0}))
    assert world.brand.members == 10
    assert world.own(Cells).table.size.tolist() == [10]
    assert (world.persons.cell[10:] == -1).all()


def test_prosumers_found_and_stay() -> None:
    world = make_world(100)
    enlist(world, 7, dropship=1)
    brand_communities = rule(BrandCommunities, **USUAL)
    brand_communities.begin(world)
    live(world, brand_communities)
    assert world.persons.cell[7] == 0


def test_cells_split_above_a_size() -> None:
    world = gather(max_size=60)
    sizes = world.own(Cells).table.size
    assert world.brand.communities == 2
    assert sizes.tolist() == [50, 50]
    assert np.bincount(world.persons.cell).tolist() == sizes.tolist()
    assert world.own(Cells).table.parent.tolist() == [-1, 0]


def test_the_form_follows_the_stages() -> None:
    def form(**members: int) -> str:
        world = gather()
        world.persons.stage[:] = 1
        at = 0
        for stage, count in members.items():
            world.persons.stage[at : at + count] = int(stage[1:])
            at += count
        live(world, rule(BrandCommunities, **USUAL))
        return next(name for name, count in zip(FORMS, world.brand.forms, strict=True) if count)

    assert form() == "platform"
    assert form(s4=1) == "organisation"
    assert form(s3=9) == "platform"
    assert form(s3=10) == "media"
    assert form(s2=49) == "platform"
    assert form(s2=50) == "channel"
    assert form(s2=40, s3=10) == "brand"


def test_members_can_do_what_their_cell_carries() -> None:
    """Each power by itself; whoever left the cell has none."""
    def powers(own_brand: bool = True, **members: int) -> int:
        world = gather()
        world.persons.stage[:] = 1
        at = 0
        for stage, count in members.items():
            world.persons.stage[at : at + count] = int(stage[1:])
            at += count
        world.persons.satisfaction[99], world.persons.powers[99] = 0.1, 15
        live(world, rule(BrandCommunities, **USUAL, own_brand=own_brand))
        [mine, none] = world.persons.powers[[50, 99]].tolist()
        assert none == 0 == np.ptp(world.persons.powers[:99])
        assert world.brand.organised == (members.get("s4", 0) if mine & ORGANISES else 0)
        return int(mine)

    assert powers() == 0
    assert powers(s4=2) == ORGANISES
    assert powers(s3=10) == SPEAKS
    assert powers(s2=60) == SELLS
    assert powers(s2=40, s3=20) == SPEAKS | SELLS | VOUCHES
    assert powers(s2=40, s3=20, own_brand=False) == SPEAKS | SELLS
    assert powers(s2=40, s4=20) == ORGANISES | SPEAKS | SELLS | VOUCHES


def test_cells_that_are_there_before_week_one_can_do_what_their_members_carry() -> None:
    world = make_world(10)
    world.week = 0
    world.persons.cell[:5] = 0
    world.persons.stage[:3] = 2
    rule(BrandCommunities, **USUAL).begin(world)
    assert world.persons.powers.tolist() == [SELLS] * 5 + [0] * 5
    assert world.brand.communities == 1


def test_prosumers_who_can_create_organise_their_cell() -> None:
    def organised(creators: float, dropship: int = 1) -> int:
        world = make_world(100, settings={"loyalty_stages": {"creators": creators}})
        world.persons.stage[1:] = 1
        world.persons.stage[1] = 3
        enlist(world, 7, dropship=dropship)
        brand_communities = rule(BrandCommunities, **USUAL)
        brand_communities.begin(world)
        live(world, brand_communities)
        assert bool(world.persons.powers[7] & ORGANISES) == (world.brand.organised == 1)
        return world.brand.organised

    assert [organised(1.0), organised(0.0), organised(1.0, dropship=0)] == [1, 0, 0]


def test_saved_traffic_is_passed_on() -> None:
    """A14: no more is passed on than a referrer would have got."""
    def asked(passed_on: float = 0.5, share: float = 0.3) -> int:
        return direct_price(make_world(settings={
            "brand_communities": {"saving": 0.2, "passed_on": passed_on}, "referral": {"share": share}}))

    assert asked() == 9_000
    assert asked(passed_on=0.0) == 10_000
    assert asked(share=0.1) == 9_500
    assert asked(share=0.0) == 10_000


def test_a_split_leaves_those_alone_who_are_no_members() -> None:
    world = make_world(100)
    world.persons.stage[:] = 1
    world.persons.stage[0] = 3
    world.persons.satisfaction[:] = 0.8
    world.persons.satisfaction[1::4] = 0.3
    brand_communities = rule(BrandCommunities, **{**USUAL, "max_size": 60})
    brand_communities.begin(world)
    for week in (1, 2):
        world.week = week
        live(world, brand_communities)
    assert world.own(Cells).table.size.tolist() == [38, 37]
    assert (world.persons.cell[1::4] == -1).all()
    assert np.bincount(world.persons.cell[world.persons.cell >= 0]).tolist() == [38, 37]
    assert world.own(Cells).table.born.tolist() == [1, 1]


def test_geeks_found_cells_as_fans_do_and_users_do_not() -> None:
    for stage, cells in ((2, 0), (3, 1), (4, 1)):
        world = make_world(10)
        world.persons.stage[:] = 0
        world.persons.stage[4] = stage
        world.persons.satisfaction[:] = 0.8
        brand_communities = rule(BrandCommunities, **USUAL)
        brand_communities.begin(world)
        live(world, brand_communities)
        assert world.brand.communities == cells
        assert world.persons.cell[4] == cells - 1

import pytest

from sim.errors import UsageError
from sim.mechanisms.fixed_sellers import FixedSellers
from sim.model import MicroCommerce
from sim.scenario.load import load
from tests.worlds import make_world, rule


def staffed(**changes: object) -> MicroCommerce:
    return MicroCommerce(load("limits/bullwhip_chain", {"persons": 40, **changes}), rng=1)


def test_lines_of_one_seller_a_tier_each_below_the_one_above() -> None:
    world = staffed(**{"fixed_sellers.lines": 2, "fixed_sellers.stock": 7}).world
    assert FixedSellers.name() == "fixed_sellers"
    assert world.resellers.tier.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert world.resellers.upline.tolist() == [-1, -1, 0, 1, 2, 3, 4, 5]
    assert (world.resellers.inventory == 7).all()
    assert world.books.goods["channel"] == 56


def test_goods_on_the_way_arrive_week_by_week() -> None:
    model = staffed(**{"fixed_sellers.lines": 1, "fixed_sellers.incoming": 3, "supply_chain.lead_time": 2,
                       "ordering.enabled": False, "demand_process.mean": 0, "demand_process.sd": 0})
    assert model.world.resellers.transit.tolist() == [6] * 4
    for held in (3, 6, 6):
        model.step()
        assert model.world.resellers.inventory.tolist() == [held] * 4


def test_everybody_can_know_the_seller_of_their_line() -> None:
    world = staffed(**{"fixed_sellers.lines": 3, "fixed_sellers.known": True}).world
    assert world.persons.aware.all()
    assert world.persons.seller[:4].tolist() == [9, 10, 11, 9]


def test_more_sellers_than_persons_are_refused() -> None:
    with pytest.raises(UsageError, match="44 persons"):
        staffed(**{"fixed_sellers.lines": 11})


def test_what_the_lines_begin_with_was_made() -> None:
    world = staffed(**{"fixed_sellers.lines": 2, "fixed_sellers.stock": 7, "fixed_sellers.incoming": 3,
                       "supply_chain.lead_time": 2, "production.opening_stock": 0}).world
    assert world.flows["produced"] == 8 * 7 + 8 * 3 * 2
    assert world.books.goods["made"] == -world.flows["produced"]
    assert world.books.goods["transit"] == 8 * 3 * 2


def test_nobody_is_staffed_in_the_middle_of_a_run() -> None:
    for week, sellers in ((0, 4), (1, 0)):
        world = make_world(10)
        world.week = week
        world.unlock(None)
        rule(FixedSellers, lines=2).begin(world)
        assert len(world.resellers) == sellers


def test_who_sells_already_is_staffed_no_second_time() -> None:
    weeks = load("limits/bullwhip_chain", {}).rules.week
    both = {"rules.week": ["referral", *weeks], "referral.founders": 0.2, "fixed_sellers.lines": 2,
            "fixed_sellers.stock": 7}
    model = staffed(**both)
    people = model.world.resellers.person
    assert len(set(people.tolist())) == people.size == 16
    model.step()
    with pytest.raises(UsageError, match="44 persons who do not sell yet, the market has 32"):
        staffed(**both | {"fixed_sellers.lines": 11})

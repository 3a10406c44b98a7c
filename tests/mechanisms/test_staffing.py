import pytest

from sim.errors import UsageError
from sim.mechanisms.staffing import Staffing
from tests.worlds import live, make_world, rule


def test_chains_of_one_seller_a_tier() -> None:
    world = make_world(10)
    world.week = 0
    staffing = rule(Staffing, lines=3, stock=7, known=True)
    staffing.begin(world)
    live(world, staffing)
    resellers = world.resellers
    assert resellers.tier.tolist() == [0, 0, 0, 1, 1, 1]
    assert resellers.upline.tolist() == [-1, -1, -1, 0, 1, 2]
    assert (resellers.inventory == 7).all()
    assert set(world.persons.seller.tolist()) == {3, 4, 5}
    assert world.books.goods["channel"] == 42


def test_too_many_lines_are_one_sentence() -> None:
    world = make_world(3)
    world.week = 0
    with pytest.raises(UsageError, match="need 8 persons, the market has 3"):
        rule(Staffing, lines=4).begin(world)

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.market.persons import DIRECT, NOTHING
from sim.market.world import World
from sim.mechanisms.customer_service import CustomerService, help_terms
from sim.mechanisms.purchase_choice import PurchaseChoice
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


def hesitant(people: int = 8, seller: int = 0, **given: Any) -> World:
    """Return a world in which so many people need the product, know it, and buy nothing."""
    world = make_world(100)
    enlist(world, 99)
    persons = world.persons
    persons.weekly_need[:] = 0.0
    persons.weekly_need[:people], persons.aware[:people] = 50.0, 1
    persons.seller[:], persons.evidence[:] = seller, 0.25
    return live(world, rule(CustomerService, **{
        "capacity": 4.0, "brand_capacity": 0.02, "care": 1.0, "advice": 2.0, **given}))


def test_advice_takes_doubt_from_who_hesitates() -> None:
    world = hesitant(people=4)
    assert world.persons.evidence[:5].tolist() == [2.0] * 4 + [0.25]
    assert (world.flows["advice_wanted"], world.flows["advice_given"]) == (4, 4)
    assert world.persons.belief[0] == make_world(100).persons.belief[0], "it moves no belief"
    assert hesitant(people=4, advice=0.1).persons.evidence[0] == 0.25, "who knows more learns nothing"


@pytest.mark.parametrize("column", ["purchases", "home", "dropped", "waiting"])
def test_who_has_bought_or_given_up_asks_for_no_advice(column: str) -> None:
    world = make_world(100)
    world.persons.weekly_need[:], world.persons.aware[:] = 50.0, 1
    getattr(world.persons, column)[:90] = 1
    world.books.goods.move("factory", "homes", 90 * (column == "home"))
    live(world, rule(CustomerService, advice=2.0, brand_capacity=1.0))
    assert world.flows["advice_wanted"] == 10


@pytest.mark.parametrize(("seller", "capacity"), [(0, 30.0), (-1, 30.0)])
def test_advice_is_as_scarce_as_who_gives_it(seller: int, capacity: float) -> None:
    given = hesitant(people=90, seller=seller, capacity=capacity, brand_capacity=0.3).flows["advice_given"]
    # Each of 90 with a chance of a third: four standard deviations.
    assert given == pytest.approx(30, abs=4 * (90 * 2 / 9) ** 0.5)
    assert hesitant(capacity=0.0).flows["advice_given"] == 0


def bought(of: dict[int, int], **given: Any) -> World:
    """Return a world in which so many people buy of each row; -2 stands for the brand."""
    world = make_world(100)
    for person in (97, 98, 99):
        enlist(world, person)
    buyers = [row for row, count in of.items() for _ in range(count)]
    world.persons.chosen[:] = NOTHING
    world.persons.chosen[: len(buyers)] = buyers
    world.market.buyers = np.arange(len(buyers), dtype=np.int32)
    return live(world, rule(CustomerService, **{
        "capacity": 4.0, "brand_capacity": 0.04, "care": 1.0, "utility": 0.6, **given}))


def test_help_in_deciding_is_known_of_each_seller() -> None:
    world = bought({0: 2, 1: 8, DIRECT: 16})
    assert world.resellers.help.tolist() == pytest.approx([1.0, 0.5, 0.5]), "of the third nothing is known"
    assert world.market.brand_help == pytest.approx(0.25)
    live(world, rule(CustomerService, capacity=4.0, care=1.0))
    assert world.resellers.help[0] == 1.0, "last week is remembered"


def test_helpful_sellers_sell_more() -> None:
    bought = []
    for known in (0.0, 0.5, 1.0):
        world = make_world(600, settings={"customer_service": {"utility": 3.0}})
        enlist(world, 0, inventory=1000, price=100.0)
        world.resellers.help[0] = known
        persons = world.persons
        persons.aware[:], persons.weekly_need[:], persons.offer[:] = 1, 20.0, 10_000 << 32
        live(world, rule(PurchaseChoice, price_sensitivity=3.0, necessity=1.0, quality_weight=4.0))
        bought.append(int(world.market.buyers.size))
    assert bought[0] < bought[1] < bought[2]


def test_the_three_services_do_not_compete() -> None:
    world = make_world(100)
    enlist(world, 99)
    persons = world.persons
    persons.seller[:], persons.used[:4] = 0, 1
    persons.chosen[:], persons.chosen[10:14] = NOTHING, 0
    world.market.buyers = np.arange(10, 14, dtype=np.int32)
    persons.weekly_need[20:24], persons.aware[20:24] = 50.0, 1
    live(world, rule(CustomerService, capacity=4.0, care=1.0))
    assert world.market.service_met == 1.0


def test_off_it_changes_nothing() -> None:
    """B8."""
    off = CustomerService.off["B8"]
    assert set(off) == {f"customer_service.{name}" for name in ("satisfaction", "utility", "advice")}
    assert serve(satisfaction=0.0).persons.satisfaction[0] == 0.5
    assert hesitant(advice=0.0).persons.evidence[0] == 0.25
    world = bought({0: 1})
    world.settings = SimpleNamespace(rule=lambda name: CustomerService(utility=0.0))  # type: ignore[assignment]
    assert help_terms(world) == (0.0, 0.0)
    world.settings = SimpleNamespace(rule=lambda name: None)  # type: ignore[assignment]
    assert help_terms(world) == (0.0, 0.0)

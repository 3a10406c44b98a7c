import math
from typing import Any

import pytest

from sim.market.world import World
from sim.mechanisms.recruiting import Recruiting
from tests.worlds import enlist, live, make_world, rule, star

EVERYBODY: dict[str, Any] = {
    "approaches": 50.0, "base": 50.0, "founders": 0.0, "open_to_selling": 1.0, "commitment": 1.0,
    "entry_weight": 0.0, "loading": 1.0, "saturation_weight": 0.0, "warning_weight": 0.0,
}


def recruit(
    leaves: int = 30, prepare: Any = None, controls: Any = None, **given: Any
) -> World:
    """One reseller tries the whole circle."""
    world = make_world(leaves + 1, star(leaves))
    enlist(world, 0, tier=0)
    if prepare is not None:
        prepare(world)
    return live(world, rule(Recruiting, controls=controls, **{**EVERYBODY, **given}))


def joined(**given: Any) -> int:
    return len(recruit(**given).resellers) - 1


def test_who_accepts_becomes_a_reseller_below_the_recruiter() -> None:
    world = recruit()
    resellers, persons = world.resellers, world.persons
    assert len(resellers) > 15
    assert (resellers.upline[1:] == 0).all()
    assert resellers.recruits[0] == len(resellers) - 1 == world.flows["joins"]
    people = resellers.person[1:]
    assert sorted(people.tolist()) == people.tolist()
    assert (persons.reseller[people] == range(1, len(resellers))).all()
    assert persons.circle_sellers[0] == len(resellers) - 1
    assert (resellers.backlog[1:] == resellers.first_order_left[1:]).all()


@pytest.mark.parametrize("change", [
    {"approaches": 0.0}, {"base": -50.0}, {"open_to_selling": 0.0},
    {"prepare": lambda world: world.persons.budget.fill(10.0)},
])
def test_nobody_joins(change: dict[str, Any]) -> None:
    assert joined(**change) == 0


def test_low_risk_entry_decides_who_can_join() -> None:
    """A1: five units at 80 yuan are the starter pack, twenty at 50 the first order of the top."""
    def budgets(yuan: float) -> Any:
        return lambda world: world.persons.budget.fill(yuan)

    assert set(recruit(prepare=budgets(500.0)).resellers.tier[1:].tolist()) == {1}
    assert set(recruit(prepare=budgets(5000.0)).resellers.tier[1:].tolist()) == {0}
    assert joined(prepare=budgets(399.0)) == 0
    assert joined(prepare=budgets(500.0), entry_fee=200.0) == 0


def test_pressure_loads_newcomers_with_stock() -> None:
    """A1, A7: without pressure a small first order is enough."""
    loaded = [int(recruit(loading=share).resellers.backlog[1:].max()) for share in (0.1, 1.0)]
    assert 0 < loaded[0] < loaded[1] == 20


def test_full_circles_and_disappointed_leavers_deter() -> None:
    """B1."""
    def known(column: str) -> Any:
        return lambda world: world.persons[column].fill(8)

    def count(column: str, weight: float, name: str) -> int:
        return joined(leaves=100, base=0.0, prepare=known(column), **{name: weight})

    for column, name in (("circle_sellers", "saturation_weight"), ("circle_leavers", "warning_weight")):
        assert count(column, 0.0, name) > count(column, 0.3, name)


def test_shown_income_draws_and_asymmetry_shows_more() -> None:
    def rich(world: World) -> None:
        world.resellers.income[0] = 500.0
        # Nine poor sellers elsewhere pull the mean down, not the best tenth.
        for person in range(201, 210):
            enlist(world, person)

    counts = []
    for asymmetry, prepare in ((0.0, None), (0.0, rich), (1.0, rich)):
        world = make_world(210, star(200))
        enlist(world, 0, tier=0)
        if prepare:
            prepare(world)
        before = len(world.resellers)
        live(world, rule(
            Recruiting, controls={"information_asymmetry": asymmetry},
            **{**EVERYBODY, "approaches": 300.0, "base": -1.0, "income_weight": 1.0}))
        counts.append(len(world.resellers) - before)
    assert counts[0] < counts[1] < counts[2]


def test_muted_recruiters_are_not_heard() -> None:
    assert joined(prepare=lambda world: world.ties.wear.fill(255)) == 0


def test_founders_are_people_who_can_pay() -> None:
    world = make_world(100)
    world.week = 0
    world.persons.budget[:50] = 10.0
    rule(Recruiting, founders=0.1).begin(world)
    world.account()
    assert len(world.resellers) == 10
    assert (world.resellers.person >= 50).all()
    assert (world.resellers.upline == -1).all()
    assert (world.resellers.tier == 0).all()
    world.week = 9
    rule(Recruiting, founders=0.1).begin(world)
    assert len(world.resellers) == 10, "a rule that enters in mid-run wins no founders"


def test_the_entry_fee_goes_to_the_brand() -> None:
    world = recruit(entry_fee=100.0)
    count = len(world.resellers) - 1
    assert world.books.money["brand"] == world.flows["entry_payments"] == count * 10_000 > 0


def test_even_a_single_approach_may_win_somebody() -> None:
    assert joined(approaches=1.0) == 1


def test_entry_may_not_be_cheaper_than_the_least_that_is_asked_for() -> None:
    """The starter pack costs 400 yuan, the first order of the top 1,000."""
    def poor(world: World) -> None:
        world.persons.budget.fill(500.0)

    assert joined(prepare=poor, minimum_outlay=400.0) > 0
    assert joined(prepare=poor, minimum_outlay=401.0) == 0
    # Who dares little takes the starter pack all the same, unless that is too cheap.
    assert joined(prepare=poor, commitment=0.1, minimum_outlay=400.0) > 0
    assert joined(prepare=poor, commitment=0.1, minimum_outlay=401.0) == 0


def test_where_few_can_pay_the_richest_of_the_others_are_founders() -> None:
    world = make_world(10)
    world.week = 0
    world.unlock(None)
    world.persons.budget[:] = [300, 5000, 200, 600, 5000, 100, 700, 5000, 250, 650]
    rule(Recruiting, **{**EVERYBODY, "founders": 0.6}).begin(world)
    assert world.resellers.person.tolist() == [1, 3, 4, 6, 7, 9]
    assert world.resellers.tier.tolist() == [0, 1, 0, 1, 0, 1]


def test_entry_costs_what_the_first_order_costs_to_the_fen() -> None:
    tiers = [{"name": "top", "price": 12.34, "first_order": 3},
             {"name": "bottom", "price": 20.01, "first_order": 1}]
    world = make_world(2, settings={"tiers": tiers})
    cost = rule(Recruiting, loading=1.0, entry_fee=0.5).entry(world).cost
    assert cost.tolist() == pytest.approx([37.52, 20.51])


def test_nobody_founds_a_business_whose_entry_is_beyond_reach() -> None:
    world = make_world(2, settings={"offer": {"list_price": 60.0}})
    world.week = 0
    world.unlock(None)
    world.persons.budget[:] = [300.0, 5000.0]
    founding = rule(Recruiting, **{**EVERYBODY, "founders": 1.0, "entry_fee": 50.0, "loading": 1.0})
    founding.begin(world)
    resellers = world.resellers
    assert resellers.person.tolist() == [1]
    assert resellers.opening_cash.tolist() == [500_000]
    assert resellers.cash.tolist() == [495_000]
    assert world.books.money["resellers"] == sum(resellers.cash)
    world.account()


@pytest.mark.parametrize("times", [1, 4, 20, 200])
def test_nobody_stocks_up_on_what_cannot_be_sold(times: int) -> None:
    """The dearer the goods beside comparable ones, the less of their budgets people put in."""
    world = make_world(20, settings={"offer": {"list_price": 60.0 * times}})
    world.week = 0
    world.unlock(None)
    rule(Recruiting, **{**EVERYBODY, "founders": 0.5, "commitment": 1.0}).begin(world)
    plausible = math.exp(-((math.log(times) / 3.0) ** 2))
    # The cheapest entry costs 400 yuan of everybody's 10,000.
    assert len(world.resellers) == 10 * (plausible >= 0.04)
    brought = world.resellers.opening_cash
    assert brought.tolist() == pytest.approx([1e6 * plausible] * len(brought), abs=1)


def test_shown_income_counts_as_far_as_the_price_is_plausible() -> None:
    def tempted(list_price: float) -> int:
        world = make_world(401, star(400), settings={"offer": {"list_price": list_price}})
        enlist(world, 0, tier=0)
        world.resellers.income[0] = 300.0
        return len(live(world, rule(Recruiting, **{
            **EVERYBODY, "approaches": 400.0, "base": 0.0, "showcase": 0.0})).resellers) - 1

    assert tempted(6000.0) < 0.6 * tempted(60.0)


def test_who_is_more_sociable_asks_more() -> None:
    def known(times: float) -> int:
        return joined(leaves=400, approaches=20.0,
                      prepare=lambda world: world.persons.sociability.fill(times))

    assert 5 * known(0.1) < known(1.0) < 0.6 * known(2.5)
    assert known(0.0) == 0

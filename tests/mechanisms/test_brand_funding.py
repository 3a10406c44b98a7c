"""A brand makes what it can pay for; fans advance what is lacking, and get it back or lose it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.market.books import ConservationError
from sim.market.persons import FAN
from sim.market.world import World
from sim.mechanisms.brand_funding import BrandFunding, Funding
from tests.scenarios import small
from tests.worlds import live, make_world

FREE: dict[str, Any] = {"overhead": 0.0, "pledge": 0.5, "reward": 0.1, "term": 3, "grace": 2}


def funded(world: World, **given: Any) -> BrandFunding:
    """Let the rule enter a world in which everybody is a fan who trusts, and is content."""
    world.persons.stage[:] = FAN
    world.persons.trust[:] = world.persons.satisfaction[:] = 1.0
    plan = BrandFunding(**{"capital": 1.0, **FREE, **given})
    world.add_columns(plan.columns)
    plan.begin(world)
    return plan


def batch(world: World, units: int) -> None:
    world.unlock(None)
    world.brand.begin(units, world.week + world.settings.production.lead_time)


def purses(world: World) -> int:
    return int(world.persons.purse.sum())


def test_a_batch_is_cut_to_the_money_there_is() -> None:
    """100 persons, 1 yuan each from the owners; a unit costs 10 yuan."""
    world = make_world(persons=100)
    plan = funded(world, pledge=0.0)
    batch(world, 25)
    live(world, plan)
    assert world.brand.in_production == 10
    assert world.flows["batch_cut"] == 15
    assert world.reports["brand_cash"] == 10_000


def test_fans_advance_what_is_lacking_and_no_more() -> None:
    world = make_world(persons=100)
    plan = funded(world)
    batch(world, 25)
    live(world, plan)
    assert world.brand.in_production == 25
    assert world.flows["fans_advanced"] == 15_000 == world.persons["advanced"].sum()
    assert world.books.money["funding"] == 10_000 + 15_000
    assert world.own(Funding).claims.balance == {"brand": -15_000, "fans": 15_000, "lost": 0}


def test_who_neither_trusts_nor_is_content_advances_nothing() -> None:
    for column in ("trust", "satisfaction"):
        world = make_world(persons=100)
        plan = funded(world)
        world.persons[column][:] = 0.0
        batch(world, 25)
        live(world, plan)
        assert world.flows["fans_advanced"] == 0
        assert world.brand.in_production == 10


def test_fans_get_their_money_back_with_a_reward_after_the_term() -> None:
    world = make_world(persons=100)
    plan = funded(world)
    batch(world, 25)
    live(world, plan)
    before = purses(world)
    world.brand.begin(-25, world.week + world.settings.production.lead_time)
    for _ in range(3):
        assert world.flows.get("fans_repaid", 0) == 0
        world.week += 1
        live(world, plan)
    # The reward is rounded down, fan by fan.
    assert 16_400 <= world.flows["fans_repaid"] <= 16_500
    assert world.persons["advanced"].sum() == 0
    assert purses(world) - before >= 15_000
    assert world.books.money["brand"] == -(world.flows["fans_repaid"] - 15_000)


def test_a_brand_in_arrears_is_bust_and_its_fans_lose() -> None:
    world = make_world(persons=100)
    plan = funded(world)
    batch(world, 25)
    live(world, plan)
    world.books.money.move("brand", "makers", 25_000)  # everything is spent and nothing comes in
    world.unlock(None)
    world.brand.begin(-25, world.week + world.settings.production.lead_time)
    world.persons.satisfaction[:] = 0.0
    advanced = world.persons["advanced"] > 0
    for _ in range(4):
        world.week += 1
        live(world, plan)
        assert world.flows.get("fans_lost", 0) == 0
    world.week += 1
    live(world, plan)
    assert world.flows["fans_lost"] == 15_000
    assert world.own(Funding).claims.balance == {"brand": -15_000, "fans": 0, "lost": 15_000}
    assert world.persons.trust[advanced] == pytest.approx(0.5)
    assert (world.persons.trust[~advanced] == 1.0).all()
    assert world.brand.reach == 0.0
    batch(world, 25)
    live(world, plan)
    assert world.brand.in_production == 0


def test_claims_that_do_not_balance_stop_the_run() -> None:
    world = make_world(persons=100)
    plan = funded(world)
    batch(world, 25)
    live(world, plan)
    world.persons["advanced"][0] += 1
    with pytest.raises(ConservationError, match="claims"):
        live(world, plan)


def lived(seed: int = 1, **given: Any) -> list[dict[str, Any]]:
    model = sim.MicroCommerce(small(
        "prosumer", weeks=40, offer={"list_price": 120.0, "quality": 0.9},
        loyalty_stages={"devoted": 1.0}, brand_awareness={"advertising": 0.05},
        **({"brand_funding": given} if given else {})), rng=seed)
    while model.running:
        model.step()
    return model.weekly


@pytest.mark.parametrize("extreme", [
    {"capital": 1e6}, {"capital": 1e-6}, {"overhead": 1e6}, {"pledge": 1.0, "reward": 10.0},
    {"term": 1}, {"grace": 0}, {"betrayal": 1.0}, {"capital": 20.0, "overhead": 10_000.0, "grace": 10},
])
def test_extremes_keep_books_and_sense(extreme: dict[str, Any]) -> None:
    """A sceptic's try: the run stops itself where a fen is missing."""
    rows = lived(**{"capital": 20.0, **extreme})
    for row in rows:
        assert row["fans_owed"] >= 0
        assert row["brand_bust"] in (0.0, 1.0)
    assert sum(row["fans_lost"] for row in rows) <= sum(row["fans_advanced"] for row in rows)


def test_plenty_of_money_changes_nothing_but_what_it_costs() -> None:
    rich, plain = lived(capital=1e6, overhead=0.0), lived()
    for name in ("sell_through", "produced", "trust_mean", "profit_brand", "inventory_factory"):
        assert [row[name] for row in rich] == [row[name] for row in plain]


def test_without_money_the_brand_ends_and_with_it_lives() -> None:
    def bust(**given: Any) -> float:
        return float(np.mean([lived(seed, **given)[-1]["brand_bust"] for seed in (1, 2, 3)]))

    assert bust(capital=3.0, overhead=20_000.0, pledge=0.0) == 1.0
    assert bust(capital=1000.0, overhead=20_000.0, pledge=0.0) == 0.0

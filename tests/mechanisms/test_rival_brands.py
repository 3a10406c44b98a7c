"""Rivals copy late, cut, court resellers, and take buyers by the same logit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.market.world import World
from sim.mechanisms.purchase_choice import PurchaseChoice
from sim.mechanisms.rival_brands import RivalBrands, Rivals, rivals
from tests.scenarios import small
from tests.worlds import enlist, live, make_world, rule

OPEN: dict[str, Any] = {"delay": 1, "advertising": 0.0, "courting": 0.0}


def market(persons: int = 2000, week: int = 3, **settings: Any) -> World:
    """Return a world in which everybody needs the category, and nobody knows the brand."""
    world = make_world(persons=persons, settings={"people": {"weekly_need": 20.0}, **settings})
    world.week = week
    world.persons.aware[:] = 0
    return world


def compete(world: World, **given: Any) -> World:
    """Let people choose, and then choose anew among rivals too."""
    plan = RivalBrands(**{"brands": 1, **OPEN, **given})
    world.add_columns(plan.columns)
    world.persons["rivals_known"][:] = 1
    plan.begin(world)
    return live(world, rule(PurchaseChoice, price_knowledge=1.0), plan)


def lived(**given: Any) -> Any:
    """Return a small busy market after its weeks, with rivals that enter early."""
    changes = {"rival_brands": {"brands": 2, "delay": 4, "courting": 0.2, "advertising": 0.05, **given}}
    model = sim.MicroCommerce(small("pyramid", **changes), rng=3)
    while model.running:
        model.step()
    return model


def sold(model: Any, name: str = "rival_sales") -> float:
    return float(sum(row[name] for row in model.weekly))


def test_a_rival_enters_as_late_as_it_copies_and_sells_what_was_sold_then() -> None:
    model = sim.MicroCommerce(
        small("prosumer", rival_brands={"brands": 2, "delay": 8, "likeness": 0.5},
              product_development={"drift": 0.0}), rng=1)
    seen = []
    while model.running:
        model.step()
        seen.append((len(rivals(model.world)), model.world.brand.quality))
    assert [there for there, _ in seen[7:17]] == [0, *[1] * 8, 2]
    # The first rival renewed its copy in weeks 17 and 25: half of the quality of 8 weeks before.
    assert rivals(model.world)[0].product.quality == pytest.approx(0.5 * seen[16][1])


def test_a_copy_stays_where_tastes_were() -> None:
    """Tastes move, a product does not: so rivals fall as far behind as the brand's old product."""
    model = sim.MicroCommerce(
        small("pyramid", weeks=20, rival_brands={"brands": 1, "delay": 4},
              product_development={"drift": 0.1, "interval": 100.0}), rng=1)
    while model.running:
        model.step()
    own = model.world.own(Rivals)
    place = own.brands[0].product.seen_from(own.drift)
    assert (place.x, place.y) == pytest.approx(model.world.brand.position)


def test_who_decides_follows_the_logit() -> None:
    """Among a rival, a comparable product and nothing, each has its share of the odds."""
    world = compete(market(), likeness=1.0, undercut=0.6, floor=0.0)
    (rival,) = rivals_of(world)
    choice = PurchaseChoice()
    scale = choice.price_sensitivity / 200.0
    comparable = np.exp(choice.necessity + choice.quality_weight * 0.55 - scale * 60.0)
    copy = np.exp(choice.necessity + choice.quality_weight * 0.5 - choice.risk_weight
                  - scale * rival.price / 100)
    expected = copy / (1.0 + comparable + copy)
    found = world.flows["rival_sales"] / len(world.persons)
    assert found == pytest.approx(expected, abs=4 * np.sqrt(expected / len(world.persons)))


def rivals_of(world: World) -> list[Any]:
    return world.own(Rivals).brands


def test_a_rival_takes_the_place_of_what_was_chosen() -> None:
    """Nobody buys twice for one need: who takes a rival gets the money for the other one back."""
    world = market()
    world.persons.aware[:] = 1
    row = enlist(world, 0, inventory=5000, price=60.0)
    world.persons.seller[1:] = row
    alone = market()
    alone.persons.aware[:] = 1
    alone.persons.seller[1:] = enlist(alone, 0, inventory=5000, price=60.0)
    live(alone, rule(PurchaseChoice, price_knowledge=1.0))
    compete(world, likeness=1.0, undercut=0.5, floor=0.0)
    taken, flows = world.flows["taken_by_rivals"], world.flows
    assert taken > 0
    assert world.market.buyers.size == alone.market.buyers.size - taken
    assert flows["rival_sales"] >= taken + alone.flows["rival_units"] - flows["rival_units"]
    assert world.books.money["rivals"] == 6000 * flows["rival_units"]


def test_money_of_a_rival_is_what_buyers_pay_less_what_it_pays() -> None:
    world = compete(market(brand_awareness={"traffic_cost": 0.0}), commission=0.25, floor=0.0)
    (rival,) = rivals_of(world)
    units = world.flows["rival_sales"]
    assert world.books.money["rival_1"] == units * (rival.price - 1000) == world.flows["rival_profit"]


def test_a_price_war_ends_at_the_floor_and_a_lone_rival_waits() -> None:
    def prices(brands: int) -> list[int]:
        world = market(persons=4)
        plan = RivalBrands(brands=brands, **{**OPEN, "undercut": 0.9, "floor": 0.5, "reaction": 0.5})
        world.add_columns(plan.columns)
        plan.begin(world)
        for _ in range(60):
            world.week += 1
            live(world, plan)
        return [rival.price for rival in rivals_of(world)]

    # The list price is 100 yuan, comparable products cost 60.
    assert prices(1) == [9000]
    assert prices(2) == pytest.approx([3000, 3000], abs=2)


def test_resellers_take_on_what_pays_more_the_idle_first_the_bound_last() -> None:
    def carriers(**columns: Any) -> int:
        world = market(persons=1000)
        for person in range(300):
            enlist(world, person, price=100.0, **columns)
        compete(world, courting=1.0)
        return int(np.count_nonzero(world.resellers["carries"]))

    usual = carriers()
    assert 30 < usual < 270
    assert carriers(weeks_since_sale=8) > usual + 30
    assert carriers(binding=1.0) < usual - 30
    assert carriers(active=0) == 0


def test_contacts_of_a_carrier_get_to_know_the_rival_and_pay_the_carrier() -> None:
    world = market(persons=50)
    world.persons.aware[:] = 1
    row = enlist(world, 0, inventory=100, price=100.0)
    plan = RivalBrands(brands=1, delay=1, advertising=0.0, courting=0.0, commission=0.25, floor=0.0,
                       undercut=0.3)
    world.add_columns(plan.columns)
    world.resellers["carries"][row] = 1
    world.persons.offer[1:40] = np.uint64(10_000) << np.uint64(32)
    cash = int(world.resellers.cash[row])
    plan.begin(world)
    live(world, rule(PurchaseChoice, price_knowledge=1.0), plan)
    assert np.flatnonzero(world.persons["rivals_known"]).tolist() == list(range(1, 40))
    (rival,) = rivals_of(world)
    sales = world.flows["rival_sales"]
    assert sales > 0
    assert world.resellers.cash[row] - cash == sales * int(0.25 * rival.price)


def test_who_gave_up_the_brand_offers_the_rival_to_its_circle() -> None:
    world = make_world(persons=6, close=[(0, other) for other in range(1, 6)])
    world.week = 3
    row = enlist(world, 0, active=0)
    plan = RivalBrands(brands=1, delay=1, advertising=0.0, courting=0.0)
    world.add_columns(plan.columns)
    world.resellers["carries"][row] = 1
    plan.begin(world)
    live(world, plan)
    known = np.flatnonzero(world.persons["rivals_known"])
    assert 1 <= known.size <= 5
    assert set(world.persons["rival_seller"][known]) == {row}


def test_a_lower_price_and_a_better_copy_sell_more() -> None:
    usual = sold(lived())
    assert usual > 0
    assert sold(lived(undercut=0.6, floor=0.3)) > usual
    assert sold(lived(likeness=0.3)) < usual


def test_rivals_take_sales_from_the_brand() -> None:
    without = sum(
        row["sell_through"] for seed in (1, 2, 3) for row in run_of("pyramid", seed).weekly)
    beside = sum(
        row["sell_through"] for seed in (1, 2, 3)
        for row in run_of("pyramid", seed, rival_brands={
            "brands": 2, "delay": 4, "advertising": 0.3, "undercut": 0.5, "floor": 0.4}).weekly)
    assert beside < 0.9 * without


def run_of(regime: str, seed: int, **changes: Any) -> Any:
    model = sim.MicroCommerce(small(regime, **changes), rng=seed)
    while model.running:
        model.step()
    return model


@pytest.mark.parametrize("extreme", [
    {"advertising": 0.0, "courting": 0.0}, {"courting": 1.0}, {"advertising": 1.0}, {"likeness": 0.0},
    {"undercut": 2.0}, {"undercut": 0.05, "floor": 0.0}, {"reaction": 1.0}, {"reaction": 0.0},
    {"commission": 0.9}, {"commission": 0.0}, {"delay": 1}, {"delay": 520}, {"floor": 10.0},
])
def test_extremes_keep_books_and_sense(extreme: dict[str, Any]) -> None:
    """A sceptic's try: nothing and far too much of everything."""
    model = lived(**extreme)
    if extreme in ({"advertising": 0.0, "courting": 0.0}, {"delay": 520}):
        assert sold(model) == 0
    for row in model.weekly:
        assert row["rival_sales"] == sum(row[f"rival_{n}_sales"] for n in (1, 2, 3))
        assert 0 <= row["rival_awareness"] <= 1
        assert np.isnan(row["brand_share"]) or 0 <= row["brand_share"] <= 1


def test_rivals_are_mesa_agents() -> None:
    model = lived()
    first, second = model.agents_by_type[sim.RivalBrand]
    assert (first.number, second.number) == (1, 2)
    assert first.cash == model.world.books.money["rival_1"]
    assert first.price == model.weekly[-1]["rival_1_price"]
    assert len(first.resellers) <= model.weekly[-1]["resellers_active"]
    assert model.agents_by_type[sim.RivalBrand].get("sales") == [first.sales, second.sales]
    assert len({agent.unique_id for agent in model.agents}) == len(model.agents)
    with pytest.raises(AttributeError, match="up to the rule"):
        first.price = 1
    assert sim.RivalBrand not in sim.MicroCommerce(small(), rng=1).agent_types


def test_without_rivals_nothing_is_added() -> None:
    model = run_of("pyramid", 1)
    assert "rival_sales" not in model.weekly[-1]
    assert "rivals_known" not in model.world.persons
    assert "rival_brands" not in [rule.name() for rule in model.scenario.plan()]


def test_an_event_brings_rivals_in_and_takes_them_out() -> None:
    events = [{"week": 10, "set": {"rival_brands.brands": 1}},
              {"week": 20, "set": {"rival_brands.brands": 0}}]
    model = run_of("pyramid", 1, rival_brands={"delay": 1, "advertising": 0.2}, events=events)
    by_week = [row["rival_sales"] for row in model.weekly]
    assert sum(by_week[:9]) == 0 == sum(by_week[19:])
    assert sum(by_week[9:19]) > 0

"""Agents are live views of rows; agent sets do what Mesa's do, over columns."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from typing import Any

import mesa
import numpy as np
import pytest
from mesa.agent import AgentSet

import sim
from sim.agents import KINDS
from sim.errors import UsageError
from sim.market.checking import check_columns
from tests.scenarios import small


@pytest.fixture
def model() -> sim.MicroCommerce:
    made = sim.MicroCommerce(small(persons=200), rng=3, threads=1)
    for _ in range(16):
        made.step()
    return made


@pytest.fixture
def sellers(model: sim.MicroCommerce) -> Any:
    return model.agents_by_type[sim.Reseller]


@pytest.fixture
def people(model: sim.MicroCommerce) -> Any:
    return model.agents_by_type[sim.Consumer]


# -- agents -------------------------------------------------------------------------------------


def test_agents_read_and_write_their_row(model: sim.MicroCommerce) -> None:
    person = sim.Consumer(model, 7)
    assert isinstance(person, mesa.Agent)
    assert person.trust == pytest.approx(float(model.world.persons.trust[7]))
    assert type(person.home) is int
    person.trust = 0.25
    assert model.world.persons.trust[7] == 0.25
    model.world.persons.trust[7] = 0.75
    assert person.trust == 0.75


def test_a_view_of_the_same_row_is_the_same_agent(model: sim.MicroCommerce) -> None:
    one, other = sim.Consumer(model, 7), sim.Consumer(model, 7)
    assert one is not other
    assert one == other
    assert len({one, other, sim.Consumer(model, 8), sim.Reseller(model, 7)}) == 3
    assert one != sim.Consumer(sim.MicroCommerce(small(persons=200), rng=3), 7)
    assert one != 7


def test_unique_ids_are_unique_and_stay(model: sim.MicroCommerce) -> None:
    ids = [agent.unique_id for agent in model.agents]
    assert len(set(ids)) == len(ids) == len(model.agents)
    before = {agent.unique_id: agent for agent in model.agents_by_type[sim.Reseller]}
    model.step()
    for unique_id, agent in before.items():
        assert agent.unique_id == unique_id


def test_agents_are_what_the_world_says(model: sim.MicroCommerce, sellers: Any) -> None:
    seller = sellers[0]
    assert seller.consumer.reseller == seller.row
    assert all(other.upline == seller.row and other.active for other in seller.downline)
    assert len(seller.consumer.contacts) == model.world.graph.degree()[seller.person]
    assert seller.pipeline.shape == model.world.resellers.pipeline[0].shape
    brand = sim.Brand(model)
    assert brand.quality == model.world.brand.quality
    brand.quality = 0.9
    assert model.world.brand.quality == 0.9
    assert brand.cash == model.world.books.money["brand"]
    assert brand.inventory == model.world.books.goods["factory"]
    assert "inventory" in dir(seller)
    assert "knowledge" in dir(brand)


@pytest.mark.parametrize("attempt", [
    lambda m: sim.Consumer(m, 7).nickname,
    lambda m: setattr(sim.Consumer(m, 7), "nickname", "x"),
    lambda m: sim.Brand(m).nickname,
    lambda m: setattr(sim.Brand(m), "cash", 1),
    lambda m: sim.Reseller(m, 0).trust,
])
def test_what_is_no_column_is_an_error(attempt: Any, model: sim.MicroCommerce) -> None:
    with pytest.raises(AttributeError, match=r"no column|no attribute"):
        attempt(model)


def test_whole_numbers_are_not_cut_off(model: sim.MicroCommerce, people: Any) -> None:
    person = people[0]
    for attempt in (lambda: setattr(person, "home", 2.5), lambda: people.set("home", [0.5] * 200)):
        with pytest.raises(TypeError, match="'home' holds whole numbers"):
            attempt()
    person.home = np.int64(3)
    person.aware = True
    assert (person.home, person.aware) == (3, 1)
    with pytest.raises(OverflowError):
        person.home = 2**40


def test_rows_that_are_not_there(model: sim.MicroCommerce) -> None:
    rows = ((sim.Consumer, 200), (sim.Consumer, -1), (sim.Reseller, 10**6), (sim.Brand, 1))
    for kind, row in rows:
        with pytest.raises(IndexError, match=f"there is no {kind.__name__} in row {row}"):
            kind(model, row)


def test_agents_cannot_be_removed(model: sim.MicroCommerce) -> None:
    for agent in (sim.Consumer(model, 0), sim.Reseller(model, 0), sim.Brand(model)):
        with pytest.raises(TypeError, match="cannot be removed"):
            agent.remove()


def test_no_column_hides_behind_an_attribute_of_mesa() -> None:
    world = sim.MicroCommerce(small(persons=20), rng=1).world
    for kind, table in ((sim.Consumer, world.persons), (sim.Reseller, world.resellers)):
        assert not set(table.schema) & {*dir(kind), "model", "row"}


def test_agents_and_sets_can_be_pickled(model: sim.MicroCommerce, sellers: Any) -> None:
    seller, group, everybody = pickle.loads(
        pickle.dumps((sellers[0], sellers.sort("row"), model.agents)))
    assert seller.inventory == sellers[0].inventory
    assert seller in group
    assert len(everybody) == len(model.agents)
    assert seller.model is group.model is everybody.model is not model


def test_a_model_that_is_dropped_is_collected() -> None:
    model = sim.MicroCommerce(small(persons=100), rng=1)
    model.step()
    kept = [weakref.ref(model), weakref.ref(model.world)]
    agents = [*model.agents]
    agents[0].model.agents.select(lambda agent: True).shuffle()
    _ = model.datacollector
    del model, agents
    gc.collect()
    assert [reference() for reference in kept] == [None, None]


# -- sets ---------------------------------------------------------------------------------------


def test_the_sets_of_a_model(model: sim.MicroCommerce, sellers: Any, people: Any) -> None:
    assert model.agent_types == [sim.Brand, sim.Consumer, sim.Reseller] == list(KINDS)
    assert list(model.agents_by_type) == model.agent_types
    assert isinstance(sellers, AgentSet)
    assert len(people) == 200
    active = int(model.world.resellers.active.sum())
    assert 0 < active < len(model.world.resellers)
    assert len(sellers) == active
    assert len(model.agents) == 1 + 200 + active
    assert "Consumer" in repr(people)


def test_the_sets_of_a_model_are_live(model: sim.MicroCommerce, sellers: Any) -> None:
    chosen = sellers.select(lambda seller: True)
    before = len(sellers)
    model.world.resellers.active[sellers[0].row] = 0
    assert len(sellers) == before - 1
    assert len(chosen) == before


def test_the_example_of_the_interface(model: sim.MicroCommerce) -> None:
    found = model.agents_by_type[sim.Reseller].select(lambda r: r.tier == 0).agg("inventory", sum)
    table = model.world.resellers
    assert found == table.inventory[(table.active == 1) & (table.tier == 0)].sum() > 0


def test_collection(model: sim.MicroCommerce, sellers: Any, people: Any) -> None:
    assert people[3] == sim.Consumer(model, 3)
    assert people[-1].row == 199
    assert [p.row for p in people[2:8:3]] == [2, 5]
    assert people.to_list() == list(people)
    with pytest.raises(IndexError):
        people[200]
    assert sim.Consumer(model, 0) in people
    assert sim.Consumer(model, 0) not in sellers
    assert 5 not in people
    assert sellers.index(sellers[1]) == 1
    assert sellers.count(sellers[0]) == 1


def test_select(people: Any, model: sim.MicroCommerce) -> None:
    kept = people.select(lambda p: p.row % 2 == 0, at_most=5)
    assert [p.row for p in kept] == [0, 2, 4, 6, 8]
    assert len(people.select(at_most=0.25)) == 50
    assert len(people.select(at_most=1)) == 1
    assert len(people.select(at_most=1.0)) == 200
    assert len(model.agents.select(agent_type=sim.Brand)) == 1
    assert len(model.agents.select(agent_type=mesa.Agent)) == len(model.agents)
    truths = people.column("home") > 0
    assert len(people.select(truths)) == truths.sum()
    with pytest.raises(ValueError, match="200 agents need 200 truths"):
        people.select(truths[:3])
    own = people.copy()
    assert own.select(lambda p: p.row < 3, inplace=True) is own
    assert len(own) == 3
    assert len(people.select()) == 200


def test_get_set_and_agg(people: Any, sellers: Any, model: sim.MicroCommerce) -> None:
    table = model.world.persons
    assert people.get("home") == table.home.tolist()
    assert people.get(["home", "trust"])[3] == [int(table.home[3]), float(table.trust[3])]
    assert people.get("unique_id")[:2] == [2, 3]
    assert people.agg("home", [sum, max, len]) == [table.home.sum(), table.home.max(), 200]
    assert people.agg("trust", np.mean) == pytest.approx(float(table.trust.mean()))
    assert people.select(at_most=0).agg("home", sum) == 0
    with pytest.raises(AttributeError):
        people.get("nickname")
    assert people.get("nickname", "default", 7) == [7] * 200
    with pytest.raises(ValueError, match="handle_missing"):
        people.get("home", "ignore")
    everyone = model.agents.get("inventory", "default", -1)
    assert everyone[1:201] == [-1] * 200
    assert everyone[0] == sim.Brand(model).inventory
    with pytest.raises(AttributeError):
        model.agents.get("inventory")
    assert len(sellers.get("pipeline")) == len(sellers)
    assert people.set("trust", 0.5) is people
    assert (table.trust == 0.5).all()
    people.set("trust", np.linspace(0, 1, 200))
    assert table.trust[199] == 1.0
    with pytest.raises(AttributeError):
        people.set("nickname", 1)


def test_sums_do_not_overflow(people: Any, model: sim.MicroCommerce) -> None:
    model.world.persons.home[:] = 2**31 - 1
    assert people.agg("home", sum) == 200 * (2**31 - 1)


@pytest.mark.parametrize("ascending", [True, False])
def test_sort_agrees_with_python(people: Any, ascending: bool) -> None:
    for key in ("budget", "stage", lambda p: -p.trust):
        get = (lambda p, name=key: getattr(p, name)) if isinstance(key, str) else key
        expected = sorted(people, key=get, reverse=not ascending)
        assert list(people.sort(key, ascending=ascending)) == expected
    own = people.copy()
    assert own.sort("budget", inplace=True) is own
    assert own[0].budget == max(people.get("budget"))


def test_shuffle(people: Any, model: sim.MicroCommerce) -> None:
    mixed = people.shuffle()
    assert list(mixed) != list(people)
    assert mixed == people
    seen: list[int] = []
    assert people.shuffle_do(lambda p: seen.append(p.row)) is people
    assert sorted(seen) == list(range(200)) != seen


def test_groupby(sellers: Any) -> None:
    groups = sellers.groupby("tier")
    counts = groups.count()
    assert sum(counts.values()) == len(sellers)
    for tier, group in groups:
        assert set(group.get("tier")) == {tier}
    assert sum(groups.agg("inventory", sum).values()) == sellers.agg("inventory", sum)
    assert sellers.groupby(lambda s: s.tier).count() == counts
    listed = sellers.groupby("tier", result_type="list")
    assert all(isinstance(group, list) for _, group in listed)
    assert listed.agg("inventory", sum) == groups.agg("inventory", sum)
    assert groups.map(len) == counts


def test_do_and_map(people: Any) -> None:
    assert people.do("step") is people
    people.do(lambda p, by: setattr(p, "trust", by), by=0.125)
    assert set(people.get("trust")) == {0.125}
    assert people.map(lambda p: p.row)[:3] == [0, 1, 2]


def test_changing_a_set_changes_no_model(model: sim.MicroCommerce, people: Any) -> None:
    own = people.select(at_most=2)
    own.discard(own[0])
    assert [p.row for p in own] == [1]
    own.add(sim.Consumer(model, 9))
    own.add(sim.Consumer(model, 9))
    assert [p.row for p in own] == [1, 9]
    own.remove(sim.Consumer(model, 1))
    with pytest.raises(KeyError):
        own.remove(sim.Consumer(model, 1))
    with pytest.raises(TypeError, match="same model"):
        own.add("somebody")
    assert len(model.agents_by_type[sim.Consumer]) == 200


def test_operators_of_sets(people: Any) -> None:
    low = people.select(lambda p: p.row < 4)
    high = people.select(lambda p: p.row in (2, 3, 4))
    assert [p.row for p in low & high] == [2, 3]
    assert [p.row for p in low | high] == [0, 1, 2, 3, 4]
    assert [p.row for p in low - high] == [0, 1]
    assert low - low == high - high
    assert not low <= high
    assert copy.copy(low) == low


def test_it_does_what_mesas_own_set_does(people: Any, model: sim.MicroCommerce) -> None:
    """The same calls on a stock AgentSet that holds the same agents."""
    agents = list(people)
    stock = AgentSet(agents, random=model.random)
    for call in (
        lambda s: s.get("home"), lambda s: s.get(["home", "stage"]),
        lambda s: s.agg("budget", max), lambda s: s.agg("home", [min, sum]),
        lambda s: [a.row for a in s.select(lambda a: a.stage > 0)],
        lambda s: [a.row for a in s.select(lambda a: a.row > 3, at_most=0.1)],
        lambda s: [a.row for a in s.select(lambda a: a.row > 3, at_most=7)],
        lambda s: [a.row for a in s.sort("budget")],
        lambda s: s.groupby("stage").count(),
        lambda s: s.groupby("stage").agg("home", sum),
        lambda s: s.map("__repr__"),
    ):
        assert call(people) == call(stock)


# -- bounds and references ----------------------------------------------------------------------


@pytest.mark.parametrize(("name", "value", "words"), [
    ("upline", 10**6, "a row of resellers"), ("upline", 90, "joined earlier"),
    ("person", 3, "cannot be written"), ("ties", 0, "cannot be written"),
    ("tier", -3, "from 0 to 2"), ("tier", 3, "from 0 to 2"), ("price", -5, "from 0 on"),
    ("inventory", -1, "from 0 on"), ("active", 2, "from 0 to 1"), ("income", float("nan"), "finite"),
])
def test_resellers_take_only_what_makes_sense(
    name: str, value: Any, words: str, model: sim.MicroCommerce, sellers: Any
) -> None:
    before = model.world.resellers[name].copy()
    for attempt in (lambda: setattr(sellers[1], name, value), lambda: sellers.set(name, value)):
        with pytest.raises(UsageError, match=words):
            attempt()
    assert (model.world.resellers[name] == before).all()
    model.step()


@pytest.mark.parametrize(("name", "value", "words"), [
    ("convinced_by", 10**7, "a row of persons"), ("seller", 10**6, "a row of resellers"),
    ("reseller", -2, "a row of resellers"), ("chosen", -3, "a row of resellers"),
    ("trust", float("nan"), "finite"), ("trust", 1.5, "from 0 to 1"), ("belief", -0.1, "from 0 to 1"),
    ("offer", 7, "cannot be written"), ("stage", 5, "from 0 to 4"), ("home", -1, "from 0 on"),
])
def test_persons_take_only_what_makes_sense(
    name: str, value: Any, words: str, model: sim.MicroCommerce, people: Any
) -> None:
    for attempt in (lambda: setattr(people[1], name, value), lambda: people.set(name, value),
                    lambda: people.set(name, [value] * 200)):
        with pytest.raises((UsageError, OverflowError), match=words):
            attempt()
    model.step()


@pytest.mark.parametrize(("name", "value"), [
    ("quality", float("nan")), ("quality", 1.2), ("version", 1.5), ("variety", -1.0),
    ("position", 0.3), ("position", (0.1, 0.2, 0.3)), ("pipeline", 3), ("orders", -2), ("data", "x"),
])
def test_the_brand_takes_only_what_makes_sense(
    name: str, value: Any, model: sim.MicroCommerce
) -> None:
    with pytest.raises(UsageError, match=f"brand.{name}"):
        setattr(sim.Brand(model), name, value)
    model.step()


def test_every_column_starts_within_its_bounds(model: sim.MicroCommerce) -> None:
    """And shipped rules keep it there."""
    assert check_columns(model.world, ["persons", "resellers"]) == ""
    model.world.persons.trust[3] = 2.0
    assert "trust" in check_columns(model.world, ["persons"])


@pytest.mark.parametrize("regime", ["pyramid", "prosumer"])
def test_shipped_rules_leave_what_makes_sense(regime: str) -> None:
    model = sim.MicroCommerce(small(regime, persons=300), rng=2)
    while model.running:
        model.step()
        assert check_columns(model.world, ["persons", "resellers"]) == ""

"""Custom rules: outputs, luck, roles, and what is checked after their step."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from pydantic import PydanticUserError

import sim
from sim.errors import UsageError
from sim.kernel.luck import unit
from sim.runs.folder import open_results, run_into
from sim.runs.summary import summarise
from sim.studies.measures import measures, table_of
from tests.scenarios import small


class Counting(sim.Mechanism):
    """Counts the aware, and reports a mean."""

    phase: ClassVar[str] = "inform"
    outputs: ClassVar = (sim.Output("greeted", "persons", "persons who were greeted"),
                         sim.Output("greeting_luck", "share", "mean luck of the greeted"))

    def step(self, world: Any) -> None:
        aware = np.flatnonzero(world.persons.aware)
        for _half in range(2):
            world.count("greeted", aware.size)
        if aware.size:
            world.report("greeting_luck", world.draw("greeting", aware).mean())


def counting(**changes: Any) -> Any:
    scenario = small(persons=200, weeks=5, **changes)
    return scenario.with_rules(scenario.composition().inserting(Counting, after="prospecting"))


def doing(action: Any, *writes: str, on: Any = None, **more: Any) -> Any:
    """Return a small scenario, or the one given, with a rule that does this in week 2."""
    def step(self: Any, world: Any) -> None:
        if world.week == 2:
            action(world)

    rule: Any = type("Doing", (sim.Mechanism,), {
        "phase": "sell", "writes": tuple(writes), "step": step, "__module__": __name__,
        "__annotations__": {"phase": ClassVar[str], "writes": ClassVar[tuple]}} | more)
    scenario = on or small(persons=200, weeks=3)
    return scenario.with_rules(scenario.composition().inserting(rule, after="selling"))


def test_outputs_reach_tables_measures_expect_and_folders(tmp_path: Path) -> None:
    scenario = counting(expect=["greeted >= 0", "greeted < 0 at end"])
    result = sim.run(scenario, seed=1)
    assert (result.weekly["greeted"] % 2 == 0).all()
    assert result.weekly["greeted"].iloc[-1] > 0
    assert result.weekly["greeting_luck"].between(0, 1).all()
    model = sim.MicroCommerce(scenario, rng=1)
    model.step()
    assert "greeted" in model.datacollector.get_model_vars_dataframe()
    assert [check.held for check in summarise([result], scenario, "x").checks] == [1, 0]
    made = run_into([scenario, small(persons=200, weeks=5)], [1], tmp_path / "r", workers=1)
    again = open_results(made.path)
    table = table_of(again, measures(["greeted at end"]))
    assert table["greeted at end"].notna().tolist() == [True, False]
    assert again.weekly["greeted"].notna().sum() == 5


def test_outputs_have_names_of_their_own() -> None:
    with pytest.raises(TypeError, match="take another name"):
        type("Bad", (Counting,), {"outputs": (sim.Output("sell_in", "units", "x"),),
                                  "__module__": __name__})


def test_luck_as_arrays_is_that_of_each_person() -> None:
    world = sim.MicroCommerce(small(persons=50), rng=4).world
    all_of_them = world.draw("coin", np.arange(50))
    assert world.draw("coin", [7, 3]).tolist() == [all_of_them[7], all_of_them[3]]
    assert all_of_them[7] == unit(world.luck("coin"), 7)
    assert len(set(all_of_them)) == 50
    assert (all_of_them >= 0).all()
    assert (all_of_them < 1).all()


@pytest.mark.parametrize(("action", "writes", "words"), [
    (lambda world: world.persons.trust.fill(0.1), (), "does not name"),
    (lambda world: setattr(world.brand, "quality", 0.1), (), "does not name"),
    (lambda world: setattr(world.brand, "quality", 0.1), ("brand.version",), "does not name"),
    (lambda world: setattr(world.brand, "quality", float("nan")), ("brand",), "brand.quality"),
    (lambda world: world.ties.wear.fill(1), (), "does not name"),
    (lambda world: None, ("persons.trusts",), "persons.trusts"),
    (lambda world: None, ("brands",), "brands"),
    (lambda world: world.persons.trust.fill(2.0), ("persons.trust",), "week 2.*trust"),
    (lambda world: world.persons.seller.fill(10**6), ("persons",), "seller.*row of resellers"),
    (lambda world: world.resellers.upline.fill(10**6), ("resellers.upline",), "upline"),
])
def test_what_a_rule_may_not_do(action: Any, writes: tuple[str, ...], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        sim.run(doing(action, *writes), seed=1)


@pytest.mark.parametrize("action", [
    lambda world: world.count("greeted", 5.7),
    lambda world: world.books.goods.move("factory", "homes", 5.7),
])
def test_fractions_of_units_are_refused(action: Any) -> None:
    with pytest.raises(TypeError, match="whole numbers"):
        sim.run(doing(action), seed=1)


def test_a_column_of_another_meaning_is_refused() -> None:
    other = sim.Column("trust", "i4", "units", "something else")
    for table, words in (("persons", "there already"), ("people", "no table 'people'")):
        with pytest.raises(UsageError, match=words):
            sim.run(doing(lambda world: None, columns=((table, other),)), seed=1)


def test_a_failed_run_says_rule_and_week() -> None:
    runs = sim.run_many(doing(lambda world: 1 // 0), seeds=1, workers=1)
    assert "rule 'doing', week 2" in runs.failed[0]
    assert "ZeroDivisionError" in runs.failed[0]


# -- roles ---------------------------------------------------------------------------------------


@pytest.fixture
def model() -> sim.MicroCommerce:
    made = sim.MicroCommerce(small(persons=200), rng=3)
    for _week in range(8):
        made.step()
    return made


def test_enlisting_and_retiring(model: sim.MicroCommerce) -> None:
    resellers = model.world.resellers
    free = np.flatnonzero(model.world.persons.reseller < 0)[:3]
    above = int(np.flatnonzero(resellers.active)[0])
    resellers.joined_week[above] = model.week  # who has just joined does not leave by chance
    rows = sim.enlist(model, free, uplines=above, tiers=[0, 1, 2], first_orders=4, fee=2.5)
    assert resellers.person[rows].tolist() == free.tolist()
    assert resellers.tier[rows].tolist() == [0, 1, 2]
    assert (resellers.upline[rows] == above).all()
    assert (resellers.entry_money[rows] == 250).all()
    model.step()
    assert model.weekly[-1]["joins"] >= 3
    sim.retire(model, above)
    assert not resellers.active[above]
    assert (resellers.upline[rows] != above).all()
    model.step()
    assert model.weekly[-1]["exits"] >= 1


@pytest.mark.parametrize(("attempt", "words"), [
    (lambda m: sim.enlist(m, [500]), "no person 500"),
    (lambda m: sim.enlist(m, [1, 1]), "twice"),
    (lambda m: sim.enlist(m, [1.5]), "whole number"),
    (lambda m: sim.enlist(m, m.world.resellers.person[:1]), "is or was a reseller"),
    (lambda m: sim.enlist(m, np.flatnonzero(m.world.persons.reseller < 0)[:1], uplines=10**6),
     "no reseller"),
    (lambda m: sim.enlist(m, np.flatnonzero(m.world.persons.reseller < 0)[:1], tiers=3), "no tier 3"),
    (lambda m: sim.enlist(m, np.flatnonzero(m.world.persons.reseller < 0)[:3], tiers=[1, 2]),
     "2 values for 3"),
    (lambda m: sim.retire(m, 10**6), "no reseller"),
    (lambda m: (sim.retire(m, 0), sim.retire(m, 0)), "has left"),
])
def test_roles_that_make_no_sense(attempt: Any, words: str, model: sim.MicroCommerce) -> None:
    with pytest.raises(UsageError, match=words):
        attempt(model)


# -- networks ------------------------------------------------------------------------------------


def test_a_network_from_python() -> None:
    import networkx as nx

    graph = nx.watts_strogatz_graph(200, 6, 0.1, seed=1)
    named = nx.relabel_nodes(graph, {node: f"p{node}" for node in graph})
    ties = np.array(graph.edges)
    models = [sim.MicroCommerce(small(persons=200), rng=1, network=network)
              for network in (graph, named, ties, (ties[:, 0], ties[:, 1]))]
    for model in models:
        assert sorted(model.world.graph.circle(5)) == sorted(graph[5])
        model.step()
    assert len({str(model.weekly) for model in models}) == 1


@pytest.mark.parametrize(("network", "words"), [
    (np.array([[0, 900]]), "no person 900"), (np.array([[3, 3]]), "tied to themselves"),
    ([[0.5, 1.0]], "networkx graph"), ("a", "networkx graph"), (5, "networkx graph"),
    ([[1, 2], [3]], "networkx graph"),
])
def test_networks_that_make_no_sense(network: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        sim.MicroCommerce(small(persons=200), rng=1, network=network)


def test_appeal_is_a_further_term_in_the_utility_of_buying() -> None:
    def bought(appeal: float) -> int:
        def act(world: Any) -> None:
            world.persons.appeal.fill(appeal)

        scenario = doing(act, "persons.appeal").changed({"weeks": 12})
        return int(sim.run(scenario, seed=1).weekly["sell_through"][2:].sum())

    assert bought(-1000.0) == 0 < bought(0.0) < bought(5.0)


def test_a_discount_is_taken_off_every_price_that_is_asked() -> None:
    def lived(fen: int, scenario: str = "pyramid") -> Any:
        def act(world: Any) -> None:
            world.persons.discount.fill(fen)

        made = doing(act, "persons.discount", on=small(scenario, persons=600, weeks=30))
        return sim.run(made, seed=1).weekly.iloc[2:].sum(numeric_only=True)

    for scenario in ("pyramid", "prosumer"):
        plain, cheaper, free = (lived(fen, scenario) for fen in (0, 3000, 10**9))
        assert 0 < plain["sell_through"] < cheaper["sell_through"] < free["sell_through"]
        assert plain["revenue_retail"] / plain["sell_through"] > \
            cheaper["revenue_retail"] / cheaper["sell_through"] > 0
        assert free["revenue_retail"] == free["revenue_dumped"] == 0


def test_the_unknown_type_of_a_parameter_is_named() -> None:
    class Coupon(sim.Mechanism):
        """Gives coupons."""

        phase: ClassVar[str] = "sell"
        rate: "Shaer" = sim.parameter(0.5, "share", 0, 1, "share of buyers with a coupon")  # type: ignore[name-defined]  # noqa: F821, UP037

        def step(self, world: Any) -> None: ...

    with pytest.raises(PydanticUserError, match="`Shaer`"):
        Coupon()

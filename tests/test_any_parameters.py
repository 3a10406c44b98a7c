"""Random weeks and random events over everything that a scenario may say.

Every setting takes any value that its bounds allow, their ends more often; a week is any order of
any rules; an event moves any setting in any week. Nothing may raise, and the books balance.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim
from sim.errors import UsageError
from sim.regimes import REGIMES
from sim.runs.result import tables_of
from sim.scenario.checking import FIXED
from sim.scenario.parameters import Shape, walk
from sim.scenario.schema import Scenario, mechanism_sections
from tests.scenarios import names, small
from tests.test_conservation import check

NOT_DRAWN = ("title", "weeks", "persons", "seed", "calendar", "events", "expect", "dropped",
             "sources", "rules", "network.path", "tiers", "start.roster", "start.tiers", "scale")
"""Texts, what is drawn below, and the size of a run."""
MAX_PERSONS = 250


def bounded(low: float, high: float, *, whole: bool = False) -> st.SearchStrategy[Any]:
    """Return numbers between two bounds: the ends, small ones and any."""
    if whole:
        near = st.integers(int(low), int(min(high, low + 12)))
        return st.sampled_from([int(low), int(high)]) | near | st.integers(int(low), int(high))
    near = st.floats(low, min(high, low + 1))
    return st.sampled_from([float(low), float(high)]) | near | st.floats(low, high)


def distribution() -> st.SearchStrategy[Any]:
    """Return numbers and distributions, of which a trait refuses those out of its bounds."""
    mean, cv = st.floats(0.001, 5000), st.floats(0.01, 20)
    pair = st.lists(st.floats(0, 5000), min_size=2, max_size=2).map(sorted)
    return st.one_of(
        st.floats(0, 1), mean,
        st.builds(lambda dist, mean, cv: {"dist": dist, "mean": mean, "cv": cv},
                  st.sampled_from(["lognormal", "gamma"]), mean, cv),
        pair.map(lambda ends: {"dist": "uniform", "low": ends[0], "high": ends[1]}),
        pair.map(lambda two: {"dist": "normal", "mean": two[0], "sd": two[1]}),
    )


def values(shape: Shape) -> st.SearchStrategy[Any]:
    """Return what may stand at a place of a scenario."""
    if shape.kind == "distribution":
        return distribution()
    if shape.choices:
        return st.sampled_from([choice for choice in shape.choices if choice != "file"])
    if shape.low is None or shape.high is None:
        assert shape.annotation is bool, shape.path
        return st.booleans()
    return bounded(shape.low, shape.high, whole=shape.whole)


SETTINGS = {shape.path: shape for shape in walk(Scenario) if not shape.path.startswith(NOT_DRAWN)}
MOVABLE = [path for path in SETTINGS if not path.startswith(FIXED)]


def setting(paths: list[str]) -> st.SearchStrategy[tuple[str, Any]]:
    """Return one of the settings with a value."""
    return st.sampled_from(paths).flatmap(
        lambda path: st.tuples(st.just(path), values(SETTINGS[path])))


@st.composite
def ladders(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Return up to five tiers, or none."""
    count = draw(st.integers(0, 5))
    prices = sorted(draw(st.lists(bounded(0.01, 1e6) | st.floats(10, 900),
                                  min_size=count, max_size=count)))
    orders = sorted(draw(st.lists(bounded(0, 1e7, whole=True) | st.integers(0, 300),
                                  min_size=count, max_size=count)), reverse=True)
    return [
        {"name": f"t{place}", "price": price, "first_order": first,
         **({"quota": draw(bounded(0, 1e7, whole=True))} if draw(st.booleans()) else {})}
        for place, (price, first) in enumerate(zip(prices, orders, strict=True))]


@st.composite
def weeks(draw: st.DrawFn) -> list[str]:
    """Return the rules of a week: those of a regime, some left out, some put in or moved."""
    rules = list(REGIMES[draw(st.sampled_from(names()))].names)
    for gone in draw(st.lists(st.sampled_from(rules), max_size=3, unique=True)):
        rules.remove(gone)
    for more in draw(st.lists(st.sampled_from(sorted(mechanism_sections())), max_size=4)):
        if more in rules:
            rules.remove(more)
        rules.insert(draw(st.integers(0, len(rules))), more)
    return rules


def changed(scenario: Any, *changes: tuple[str, Any]) -> Any:
    """Return the scenario with those changes that it takes; the others it refuses in its words."""
    try:
        return scenario.changed(dict(changes)) if changes else scenario
    except UsageError:
        if len(changes) == 1:
            return scenario
        half = len(changes) // 2
        return changed(changed(scenario, *changes[:half]), *changes[half:])


@st.composite
def scenarios(draw: st.DrawFn) -> Any:
    """Return any scenario of a small market."""
    scenario = small(draw(st.sampled_from(names())), persons=draw(st.integers(1, MAX_PERSONS)),
                     weeks=draw(st.integers(1, 12)))
    changes = draw(st.lists(setting(list(SETTINGS)), max_size=15))
    if draw(st.booleans()):
        changes.append(("tiers", draw(ladders())))
    if draw(st.booleans()):
        changes.append(("rules.week", draw(weeks())))
    scenario = changed(scenario, *changes)
    for path, value in draw(st.lists(setting(MOVABLE), max_size=6)):
        event = {"week": draw(st.integers(1, 12)), "set": {path: value},
                 "over": draw(st.sampled_from([0, 0, 1, 4])),
                 "for": draw(st.sampled_from([0, 0, 0, 3]))}
        scenario = changed(scenario, ("events", [*scenario.given.get("events", ()), event]))
    return scenario


def whole(model: sim.MicroCommerce) -> None:
    """Check what holds after every week, beside the books that check themselves."""
    world = model.world
    goods, money = world.books.goods, world.books.money
    persons, resellers = world.persons, world.resellers
    assert sum(goods.balance.values()) == sum(money.balance.values()) == 0
    assert money["resellers"] == int(resellers.cash.sum())
    assert money["purses"] == int(persons.purse.sum())
    for table, columns in ((persons, ("purse", "home")),
                           (resellers, ("inventory", "transit", "backlog", "pipeline",
                                        "stock_value", "cash"))):
        for name in columns:
            assert (table[name] >= 0).all(), name
    active = np.flatnonzero(resellers.active)
    assert (persons.reseller[resellers.person[active]] == active).all(), "a person is listed twice"
    assert np.isfinite(persons.belief).all()
    for name in ("trust", "satisfaction"):
        column = persons[name]
        assert ((column >= 0) & (column <= 1)).all(), f"{name} is no share"


def live(scenario: Any, seed: int) -> None:
    """Run a scenario; it may be refused at the start, in words."""
    try:
        model = sim.MicroCommerce(scenario, rng=seed, threads=1)
    except UsageError:
        return
    while model.running:
        model.step()
        whole(model)
    tables = tables_of(model)
    check(tables["weekly"])
    agree(tables, started=bool(scenario.given.get("start")))


def agree(tables: Any, *, started: bool) -> None:
    """Check what the tables say of the same things."""
    weekly, tiers, cohorts = tables["weekly"], tables["tiers"], tables["cohorts"]
    sources = [f"purchases_{source}" for source in ("broadcast", "seller", "word_of_mouth")]
    sold = weekly["sell_through"] + weekly["dumped"]
    assert (weekly[sources].sum(axis=1) == sold).all(), "purchases by source are all purchases"
    assert weekly["price_street_min"].dtype == "Int64"
    if len(tiers):
        joins = tiers.groupby("week")[["joins", "exits", "resellers"]].sum()
        there = weekly.set_index("week")[["joins", "exits", "resellers_active"]]
        assert joins.to_numpy().tolist() == there.to_numpy().tolist()
    assert int(weekly["joins"].sum()) == len(tables["resellers"])
    assert cohorts.groupby("cohort")["joined"].first().sum() == len(tables["resellers"])
    goods = ["produced", "inventory_factory", "direct_sales", "sell_in", "trials", "bought_back",
             "purchases_legacy"]
    out = weekly[goods].astype("int64")
    left = (out.produced + out.bought_back - out.sell_in - out.direct_sales - out.trials
            - out.purchases_legacy).cumsum()
    # What lay elsewhere at the start was made before.
    elsewhere = left - out.inventory_factory
    assert (elsewhere == elsewhere.iloc[0]).all(), "what left the factory stands in a column"
    assert elsewhere.iloc[0] == 0 or started, "a market that begins empty has nothing elsewhere"


def test_every_setting_is_drawn() -> None:
    assert len(SETTINGS) > 250
    assert {path.split(".")[0] for path in SETTINGS} >= set(mechanism_sections())


@settings(max_examples=30)
@given(scenarios(), st.integers(0, 2**63 - 1))
def test_any_scenario_runs(scenario: Any, seed: int) -> None:
    live(scenario, seed)


@pytest.mark.slow
@settings(max_examples=1500)
@given(scenarios(), st.integers(0, 2**63 - 1))
def test_any_scenario_runs_many_times(scenario: Any, seed: int) -> None:
    live(scenario, seed)

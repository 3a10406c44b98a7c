"""Rules read and write what they declare, and declare nothing else: seen while whole weeks run.

In the place of the tables, the brand, the market and the ties stand recorders that note what a rule
takes from them; what it changed is found by comparing before and after.
"""

from __future__ import annotations

import functools
import pickle
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import sim.life
from sim.kernel.columns import Table, fields_of
from sim.market.outputs import weekly_outputs
from sim.market.world import World
from sim.mechanisms.base import Mechanism
from sim.model import MicroCommerce
from sim.scenario.load import load
from tests.mechanisms.test_all import RULES
from tests.scenarios import small

LIMITS = (
    "limits/bass_ring", "limits/beer_game_people", "limits/bullwhip_smoothing",
    "limits/bullwhip_chain", "limits/bullwhip_shared", "limits/repeat_buying",
)
"""Shipped scenarios whose weeks have rules that no regime has."""

IN_NO_TABLE = frozenset((
    # The observer puts these together.
    "commission", "direct_revenue", "direct_units", "dump_revenue", "entry_fees", "reseller_revenue",
    "retail_revenue", "rewards", "sell_in_revenue", "upline_revenue", "used",
    # Read by tests and stylised facts alone.
    "asks", "converted", "demotions", "dropouts", "handed_over", "muted", "noticed", "orders",
    "pilot_passed", "preordered", "preorders_cancelled", "promotions", "rival_revenue",
    "rival_units", "shipped_within_channel", "speakers", "stages_gained", "talked_into",
))
"""Flows that no table has under their own names."""

RARE: dict[tuple[str, str], str] = {}
"""Names that no scenario here sees used or changed, by rule, each with its reason."""


@dataclass
class Seen:
    """What one rule took and what it changed, in all scenarios."""

    touched: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)
    """Classes of other modules whose objects it asked `World.own` for."""
    counted: set[str] = field(default_factory=set)
    """Flows that it counted, and values that it reported."""


class Recorder:
    """Stands for a part of the world and notes which of its declared names are taken."""

    def __init__(self, part: Any, name: str, names: set[str], note: Callable[[str], None]) -> None:
        self.__dict__.update(_part=part, _name=name, _names=names, _note=note)

    def __getattr__(self, attribute: str) -> Any:
        part = self._part
        if attribute in self._names:
            self._note(f"{self._name}.{attribute}")
            return getattr(part, attribute)
        method = getattr(type(part), attribute, None)
        if isinstance(method, types.FunctionType) and not isinstance(part, Table):
            # What the method takes from its object is taken by the rule that calls it.
            return types.MethodType(method, self)
        return getattr(part, attribute)

    def __setattr__(self, attribute: str, value: Any) -> None:
        if attribute in self._names:
            self._note(f"{self._name}.{attribute}")
        setattr(self._part, attribute, value)

    def __getitem__(self, column: str) -> Any:
        self._note(f"{self._name}.{column}")
        return self._part[column]

    def __len__(self) -> int:
        return len(self._part)

    def __contains__(self, name: str) -> bool:
        return name in self._part

    def view(self, kind: Any) -> Any:
        """Return the columns that a loop gets, each of them noted."""
        return fields_of(self, kind)


class RecordedWorld(World):
    """A world that notes what the running rule takes."""

    def __init__(self, *arguments: Any) -> None:
        self.seen: Seen | None = None
        self.running = ""
        super().__init__(*arguments)
        for name, part in self.parts.items():
            setattr(self, name, Recorder(part, name, set(), self.note))
        self.renew_names()

    def renew_names(self) -> None:
        """Learn the names there are."""
        for one in self.names():
            part, _, inner = one.partition(".")
            if inner:
                getattr(self, part)._names.add(inner)

    def add_columns(self, columns: Any) -> None:
        """Add the columns of a rule; from now on they are noted, too."""
        super().add_columns(columns)
        self.renew_names()

    def note(self, name: str) -> None:
        """Note that the running rule takes this."""
        if self.seen is not None:
            self.seen.touched.add(name)

    def own(self, kind: type) -> Any:
        """Return the state of a rule; note whether it is that of another one."""
        if self.seen is not None and kind.__module__ != self.running:
            self.seen.foreign.add(kind.__qualname__)
        return super().own(kind)

    def count(self, flow: str, amount: int) -> None:
        """Count a flow; note its name."""
        if self.seen is not None:
            self.seen.counted.add(flow)
        super().count(flow, amount)

    def report(self, name: str, value: float) -> None:
        """Report a value; note its name."""
        if self.seen is not None:
            self.seen.counted.add(name)
        super().report(name, value)

    def held(self) -> dict[str, Any]:
        """Return copies of all that a rule may change, by name."""
        found = {}
        for part, recorder in ((part, getattr(self, part)) for part in self.parts):
            for inner in recorder._names:
                value = getattr(recorder._part, inner)
                found[f"{part}.{inner}"] = (
                    (value.shape, value.tobytes()) if isinstance(value, np.ndarray) else pickle.dumps(value))
        return found


def recorded(act: Any, seen: dict[str, Seen]) -> Any:
    """Return a method of a rule that notes what it does."""
    @functools.wraps(act)
    def run(rule: Mechanism, world: RecordedWorld) -> None:
        before = world.held()
        world.seen, world.running = seen.setdefault(rule.name(), Seen()), type(rule).__module__
        try:
            act(rule, world)
        finally:
            world.seen = None
        seen[rule.name()].changed |= {
            name for name, value in world.held().items() if name not in before or before[name] != value}
    return run


def scenarios() -> Iterator[Any]:
    """Yield small markets that see every rule busy."""
    yield small("pyramid")
    yield small("pyramid", reseller_conversion={"rate": 0.05, "buy_back": 0.2})
    yield small("prosumer")
    # A good product at a price that many can pay wins fans, who are invited.
    yield small(
        "prosumer", weeks=60, offer={"list_price": 120.0, "quality": 0.9},
        loyalty_stages={"devoted": 1.0}, referral={"invitation": 0.3})
    yield small("pyramid", legacy_channel={"customers": 0.5, "handover": 0.5, "handed_over": 0.1})
    yield small("prosumer", weeks=20, piloting={
        "share": 0.5, "weeks": 12, "sell_through": 0.0, "satisfaction": 0.0})
    yield small("pyramid", rival_brands={
        "brands": 2, "delay": 4, "courting": 0.3, "advertising": 0.05, "floor": 0.3})
    yield small("prosumer", rival_brands={"brands": 3, "delay": 2, "advertising": 0.05})
    good = {"list_price": 120.0, "quality": 0.9}
    yield small(
        "prosumer", weeks=60, offer=good, loyalty_stages={"devoted": 1.0},
        brand_awareness={"advertising": 0.05}, brand_communities={"founding": 0.5, "joining": 0.9},
        own_traffic={"fee": 0.15, "opt_out": 0.5}, user_sourcing={"makers": 3, "least": 3},
        product_range={"products": 2}, personal_experience={"gain": 0.1}, brand_equity={"weight": 1.0},
        user_circles={"interaction": 0.4, "loyal_purchases": 1})
    for capital in (250.0, 400.0):
        yield small(
            "prosumer", weeks=60, offer=good, loyalty_stages={"devoted": 1.0},
            brand_awareness={"advertising": 0.05},
            brand_funding={"capital": capital, "overhead": 20_000.0, "grace": 4, "term": 4})
    yield small(
        "pyramid", diversion={"share": 1.0}, surveys={"asked": 100}, user_circles={"interaction": 0.4},
        fake_performance={"inflation": 2.0, "exposure": 0.05}, legacy_channel={
            "customers": 0.5, "handover": 0.5}, channel_coordination={"coordination": 1.0})
    # Close ties, which the ring of the limit has not.
    yield load("limits/bass", {"persons": 500, "weeks": 20, "network": {"close": 3}})
    for name in LIMITS:
        scenario = load(name)
        yield scenario.changed({
            "persons": min(scenario.persons, 1000), "weeks": min(scenario.weeks, 60)})


@pytest.fixture(scope="module")
def seen() -> dict[str, Seen]:
    found: dict[str, Seen] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sim.life, "World", RecordedWorld)
        for rule in RULES:
            for name in ("begin", "step"):
                if name in vars(rule):
                    patch.setattr(rule, name, recorded(vars(rule)[name], found))
        for scenario in scenarios():
            model = MicroCommerce(scenario, rng=1)
            while model.running:
                model.step()
    return found


def whole(rule: type[Mechanism]) -> set[str]:
    return {name for name in rule.writes if "." not in name}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name())
def test_a_rule_takes_what_it_declares_and_nothing_else(
    rule: type[Mechanism], seen: dict[str, Seen]
) -> None:
    assert rule.name() in seen, "no scenario here has this rule: switch it on in one of `scenarios()`"
    found = seen[rule.name()]
    declared = {*rule.reads, *rule.writes}
    outside = {
        name for name in found.touched if name not in declared and
        name.split(".")[0] not in whole(rule)}
    assert not outside, f"taken and not declared: {sorted(outside)}"
    rare = {name for owner, name in RARE if owner == rule.name()}
    unused = {name for name in declared if "." in name} - found.touched - rare
    assert not unused, (
        f"declared and never taken: {sorted(unused)}; where the rule is off by default, switch it on "
        "in one of the `scenarios()` here")
    strange = {
        name for name in found.changed if name not in rule.writes and name.split(".")[0] not in whole(rule)}
    assert not strange, f"changed and not in `writes`: {sorted(strange)}"
    unchanged = {name for name in rule.writes if "." in name} - found.changed - rare
    assert not unchanged, f"in `writes` and never changed: {sorted(unchanged)}"
    twice = set(rule.reads) & set(rule.writes)
    assert not twice, f"`writes` stands for reading, too: {sorted(twice)}"
    assert not found.foreign, "the state of another rule is its own"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name())
def test_what_a_rule_counts_is_in_a_table(rule: type[Mechanism], seen: dict[str, Seen]) -> None:
    """A flow that no table has would vanish without a word."""
    tables = {output.name for output in weekly_outputs()}
    lost = seen.get(rule.name(), Seen()).counted - tables - IN_NO_TABLE
    assert not lost, (
        f"counted, and in no table: {sorted(lost)}; declare an `Output` in `outputs` of the rule, or a "
        "line of `WEEKLY` in sim/market/outputs.py")


def test_flows_in_no_table_are_counted(seen: dict[str, Seen]) -> None:
    counted = {flow for one in seen.values() for flow in one.counted}
    assert not IN_NO_TABLE - counted
    assert not IN_NO_TABLE & {output.name for output in weekly_outputs()}


def test_rare_names_are_declared() -> None:
    declared = {(rule.name(), name) for rule in RULES for name in (*rule.reads, *rule.writes)}
    assert set(RARE) <= declared

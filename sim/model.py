"""The Mesa model: the only way a week is lived."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

from sim.agents import KINDS
from sim.agentset import ColumnarAgentSet, mesa
from sim.errors import UsageError
from sim.kernel import np
from sim.kernel.threads import Threads
from sim.market.fitting import market_bytes, refuse_oversize
from sim.market.observing import observe_tiers, observe_week
from sim.market.outputs import WEEKLY
from sim.market.world import World
from sim.scenario.load import load
from sim.scenario.problems import did_you_mean
from sim.scenario.schema import InForce
from sim.texts import _

__all__ = ["MicroCommerce"]


class MicroCommerce(mesa.Model):
    """One run of one scenario.

    Parameters
    ----------
    scenario
        A `Scenario`, or the name or path of a scenario file; without one, the shipped pyramid.
    rng
        The seed: an integer, or a numpy SeedSequence or Generator to take one from; without one,
        the scenario's own.
    threads
        Threads for passes over persons; results do not depend on it.
    params
        Settings to change, by dotted names with ``__`` for the dot
        (``controls__stock_pressure=0.4``), as Mesa's batch_run passes them.
    """

    def __init__(
        self, scenario: Any = None, *, rng: Any = None, threads: int | None = None, **params: Any
    ) -> None:
        if scenario is None or isinstance(scenario, str):
            scenario = load(scenario or "pyramid")
        if params:
            scenario = scenario.changed({k.replace("__", "."): v for k, v in params.items()})
        seed = scenario.seed if rng is None else _seed_of(rng)
        refuse_oversize(market_bytes(scenario.persons, scenario.network))
        super().__init__(rng=seed)
        self.scenario = scenario
        self._datacollector: mesa.DataCollector | None = None
        self.world = World(scenario.settings(), scenario.persons, seed, Threads(threads))
        self.weekly: list[dict[str, Any]] = []
        self.tiers: list[dict[str, np.ndarray]] = []
        self._entered: set[str] = set()
        self._enter(self.world.settings)

    # -- what Mesa's users know ---------------------------------------------------------------

    @property
    def scenario(self) -> Any:
        """What the run depends on, but the seed."""
        return self._scenario

    @scenario.setter
    def scenario(self, scenario: Any) -> None:
        # Mesa 3.5 would write itself into the scenario, which is frozen and shared by runs.
        self._scenario = scenario

    @property
    def agents(self) -> ColumnarAgentSet:
        """All agents: the brand, every person, and every active reseller."""
        return ColumnarAgentSet(self, KINDS)

    @property
    def agents_by_type(self) -> dict[type, ColumnarAgentSet]:
        """The agents of each kind; of the resellers, those who are active."""
        return {kind: ColumnarAgentSet(self, (kind,)) for kind in KINDS}

    @property
    def agent_types(self) -> list[type]:
        """The kinds of agents."""
        return list(KINDS)

    @property
    def datacollector(self) -> mesa.DataCollector:
        """The weekly table as a Mesa data collector, unless a subclass has set one of its own."""
        if self._datacollector is not None:
            return self._datacollector
        collector = mesa.DataCollector(
            model_reporters={column.name: partial(_latest, column.name) for column in WEEKLY})
        for row in self.weekly:
            collector.collect(SimpleNamespace(weekly=[row], steps=row["week"], time=row["week"]))
        return collector

    @datacollector.setter
    def datacollector(self, collector: mesa.DataCollector) -> None:
        self._datacollector = collector

    # -- the week -----------------------------------------------------------------------------

    @property
    def week(self) -> int:
        """Weeks lived so far."""
        return self.world.week

    def _enter(self, settings: InForce) -> None:
        """Put settings in force; rules that are new to the run prepare the world."""
        world = self.world
        world.put_in_force(settings)
        for rule in settings.rules:
            if rule.name() not in self._entered:
                self._entered.add(rule.name())
                world.add_columns(rule.columns)
                _check_names(rule, world)
                self._run(rule, rule.begin)
        world.unlock(None)

    def _run(self, rule: Any, act: Callable[[World], None]) -> None:
        """Let a rule act on what it says it writes."""
        self.world.unlock(rule.writes)
        try:
            act(self.world)
        except Exception as error:
            # numpy's words for a locked column, and those of the compiler.
            if "is read-only" in str(error) or "readonly array" in str(error):
                raise UsageError(_(
                    "the rule '{name}' changes a column that it does not name; it may write: "
                    "{writes}; add the column to its `writes`, such as 'persons.trust'"
                ).format(name=rule.name(), writes=", ".join(rule.writes) or "-")) from error
            raise

    def step(self) -> None:
        """Live one week."""
        world = self.world
        world.week += 1
        if self.scenario.changes_in(world.week):
            self._enter(self.scenario.at(world.week))
        for rule in world.settings.rules:
            self._run(rule, rule.step)
        world.unlock(None)
        world.account()
        self.weekly.append(observe_week(world))
        self.tiers.append(observe_tiers(world))
        world.flows = {}
        self.running = world.week < self.scenario.weeks


def _check_names(rule: Any, world: World) -> None:
    """Raise when a rule says it reads or writes what is not there."""
    known = set(world.names())
    for name in (*rule.reads, *rule.writes):
        if name not in known:
            near = did_you_mean(name, known)
            raise UsageError(_("the rule '{name}' names '{column}', which does not exist").format(
                name=rule.name(), column=name) + (f"; {near}" if near else ""))


def _seed_of(rng: Any) -> int:
    """Return the integer seed of what Mesa lets a user pass as `rng`."""
    if isinstance(rng, np.random.SeedSequence):
        return int(rng.generate_state(1, np.uint64)[0] >> np.uint64(1))
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(1 << 63))
    return operator.index(rng)


def _latest(column: str, model: Any) -> Any:
    return model.weekly[-1][column]

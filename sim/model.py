"""The Mesa model: the only way a week is run."""

from __future__ import annotations

import inspect
import itertools
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sim.agents import kinds
from sim.agentset import FIRST_OWN_ID, ColumnarAgentSet, mesa
from sim.errors import UsageError
from sim.kernel import np
from sim.kernel.columns import LockedError
from sim.kernel.threads import Threads
from sim.market.checking import check_rule
from sim.market.fitting import market_bytes, refuse_oversize
from sim.market.logging import PurchaseLog
from sim.market.network.given import ties_of
from sim.market.observing import observe_tiers, observe_week
from sim.market.opening import open_market
from sim.market.outputs import WEEKLY, scaled
from sim.market.world import World
from sim.scenario.load import load
from sim.scenario.market_start import roster_for
from sim.scenario.problems import did_you_mean
from sim.scenario.records import scenario_of
from sim.scenario.schema import InForce
from sim.scenario.seeds import seed_of
from sim.texts import _

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["MicroCommerce"]


class MicroCommerce(mesa.Model):
    """One run of one scenario.

    Parameters
    ----------
    scenario
        A `Scenario`, or the name or path of a scenario file; without one, the shipped pyramid.
    seed, rng
        The seed, by either name: an integer, or a numpy SeedSequence or Generator to take one from;
        without one, the scenario's own, to which Mesa's batch_run adds the iteration.
    threads
        Threads for passes over persons; results do not depend on it.
    network
        Who knows whom instead of the scenario's network: a networkx graph over 0..persons-1 (or
        other names), or an array with the two ends of each tie in its columns.
    params
        Settings to change, by dotted names with ``__`` for the dot
        (``controls__stock_pressure=0.4``), as Mesa's batch_run passes them.
    """

    def __init__(
        self, scenario: Scenario | None = None, *, seed: Any = None, rng: Any = None,
        threads: int | None = None, network: Any = None, **params: Any
    ) -> None:
        if seed is not None and rng is not None:
            raise UsageError(_("pass either seed or rng, not both"))
        scenario = load("pyramid") if scenario is None else scenario_of(scenario)
        if params:
            scenario = scenario.changed({k.replace("__", "."): v for k, v in params.items()})
        chosen = _seed_of(seed if rng is None else rng, scenario.seed)
        refuse_oversize(market_bytes(scenario.persons, scenario.network))
        super().__init__(rng=chosen)
        self.scenario = scenario
        self._datacollector: mesa.DataCollector | None = None
        self._settled: dict[int, Any] = {}
        self._next_id = FIRST_OWN_ID
        self.world = World(
            scenario.settings(), scenario.persons, chosen, Threads(threads),
            None if network is None else ties_of(network, scenario.persons))
        self.world.model, self.world.scale = self, scenario.scale
        self.weekly: list[dict[str, Any]] = []
        self.tiers: list[dict[str, np.ndarray]] = []
        self.purchases = PurchaseLog() if scenario.outputs.purchases else None
        self._entered: set[str] = set()
        if scenario.start.given:
            open_market(self.world, scenario.start, roster_for(scenario, chosen))
        self._enter(self.world.settings)

    def __repr__(self) -> str:
        name = self.scenario.title or self.scenario.regime
        return f"<{type(self).__name__} '{name}', seed {self.world.seed}, week {self.week}>"

    # -- what Mesa's users know ---------------------------------------------------------------

    @property
    def scenario(self) -> Any:
        """What the run depends on, but the seed."""
        return self._scenario

    @scenario.setter
    def scenario(self, scenario: Scenario) -> None:
        # Mesa 3.5 would write itself into the scenario, which is frozen and shared by runs.
        self._scenario = scenario

    @property
    def agents(self) -> ColumnarAgentSet:
        """All agents: the brand, every person, every active reseller, and agents of your own."""
        return ColumnarAgentSet(self, None)

    @agents.setter
    def agents(self, agents: Any) -> None:
        raise AttributeError("Mesa uses model.agents itself; take another name for your own agents")

    @property
    def agents_by_type(self) -> dict[type, ColumnarAgentSet]:
        """The agents of each kind; of the resellers, those who are active."""
        return {kind: ColumnarAgentSet(self, (kind,)) for kind in self.agent_types}

    @property
    def agent_types(self) -> list[type]:
        """The kinds of agents."""
        return [*kinds(self), *dict.fromkeys(type(agent) for agent in self._settled.values())]

    def register_agent(self, agent: Any) -> None:
        """Take in an agent of the user's own, with an id that no row ever has."""
        if self._settled.get(agent.unique_id) is agent:
            return
        # Mesa 3.3 counts ids in a register that keeps every model alive.
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
        agent.unique_id = self._next_id
        self._next_id += 1
        self._settled[agent.unique_id] = agent

    def deregister_agent(self, agent: Any) -> None:
        """Let go of an agent of the user's own; KeyError where it is not here."""
        del self._settled[agent.unique_id]

    def remove_all_agents(self) -> None:
        """Remove the agents of the user's own; persons and brand stay."""
        for agent in list(self._settled.values()):
            agent.remove()

    @property
    def datacollector(self) -> mesa.DataCollector:
        """The weekly table as a Mesa data collector, unless a subclass has set one of its own."""
        if self._datacollector is not None:
            return self._datacollector
        columns = (*WEEKLY, *self.scenario.rule_outputs())
        collector = mesa.DataCollector(
            model_reporters={column.name: column.name for column in columns})
        for row in self.weekly:
            collector.collect(SimpleNamespace(**row, steps=row["week"], time=row["week"]))
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
        if self._entered:
            for rule in world.settings.rules:
                if settings.rule(rule.name()) is None:
                    self._run(rule, rule.end)
            world.unlock(None)
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
            if not type(rule).__module__.startswith("sim."):
                check_rule(self.world, rule)
        except Exception as error:
            said = _told(rule, self.week, error)
            if said is not None:
                raise said from error
            error.add_note(_("in rule '{name}', week {week}").format(
                name=rule.name(), week=self.week))
            raise

    def step(self) -> None:
        """Live one week."""
        world = self.world
        world.week += 1
        if self.scenario.changes_in(world.week):
            self._enter(self.scenario.at(world.week))
        for phase, rules in itertools.groupby(world.settings.rules, lambda rule: rule.phase):
            if self.purchases is not None and phase == "sell":
                self.purchases.before_sales(world)
            for rule in rules:
                self._run(rule, rule.step)
            if self.purchases is not None and phase == "sell":
                self.purchases.after_sales(world)
        world.unlock(None)
        world.account()
        self.weekly.append(observe_week(world) | self._reported())
        self.tiers.append(observe_tiers(world))
        world.flows, world.reports = {}, {}
        self.running = world.week < self.scenario.weeks

    def _reported(self) -> dict[str, float]:
        """Return the outputs of custom rules: what they set, or the sum of what they counted."""
        world = self.world
        return {
            output.name: scaled(output, world.reports.get(
                output.name, world.flows.get(output.name, 0)), world.scale)
            for output in self.scenario.rule_outputs()}


def _told(rule: Any, week: int, error: Exception) -> UsageError | None:
    """Return the sentence for something a rule must not do; None for other errors."""
    said = str(error)
    # numpy's words for a locked column, and those of the compiler.
    if isinstance(error, LockedError) or "is read-only" in said or "readonly array" in said:
        return UsageError(_(
            "the rule '{name}' changes a column that it does not name; it may write: "
            "{writes}; add the column to its `writes`, such as 'persons.trust'"
        ).format(name=rule.name(), writes=", ".join(rule.writes) or "-"))
    if isinstance(error, UsageError):
        return UsageError(_("rule '{name}', week {week}: {what}").format(
            name=rule.name(), week=week, what=said))
    return None


def _check_names(rule: Any, world: World) -> None:
    """Raise when a rule says it reads or writes what is not there."""
    known = set(world.names())
    for name in (*rule.reads, *rule.writes):
        if name not in known:
            near = did_you_mean(name, known)
            raise UsageError(_("the rule '{name}' names '{column}', which does not exist").format(
                name=rule.name(), column=name) + (f"; {near}" if near else ""))


def _seed_of(given: Any, default: int) -> int:
    """Return the integer seed of what Mesa lets a user pass."""
    if isinstance(given, np.random.SeedSequence):
        return int(given.generate_state(1, np.uint64)[0] >> np.uint64(1))
    if isinstance(given, np.random.Generator):
        return int(given.integers(1 << 63))
    iteration = _iteration()
    if given is None:
        return default + iteration
    if iteration:
        warnings.warn(_(
            "batch_run repeats runs that have the seed {seed}: leave the seed out and each "
            "iteration has its own, or pass a list of seeds and iterations=1").format(seed=given),
            stacklevel=3)
    return seed_of(given)


def _iteration() -> int:
    """Return which iteration of mesa.batch_run is being made, 0 outside of it.

    Mesa makes every iteration with the same arguments, which would be the same run.
    """
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_globals.get("__name__") == "mesa.batchrunner" \
                and "iteration" in frame.f_locals:
            return int(frame.f_locals["iteration"])
        frame = frame.f_back
    return 0

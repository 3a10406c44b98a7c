"""The Mesa model: a run with agents, agent sets and a data collector."""

from __future__ import annotations

import inspect
import warnings
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sim.agents import kinds
from sim.agentset import FIRST_OWN_ID, ColumnarAgentSet, mesa
from sim.errors import UsageError
from sim.kernel import np
from sim.life import Life
from sim.market.outputs import WEEKLY
from sim.scenario.load import load
from sim.scenario.records import scenario_of
from sim.scenario.seeds import seed_of
from sim.texts import _
from sim.texts.bilingual import text_of

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["MicroCommerce"]


class MicroCommerce(Life, mesa.Model):
    """One run of one scenario.

    Parameters
    ----------
    scenario
        A `Scenario`, or the name or path of a scenario file; without one, the shipped pyramid.
    seed, rng
        The seed, under either name: an integer, or a numpy SeedSequence or Generator that gives one; by
        default that of the scenario, to which Mesa's batch_run adds the iteration.
    threads
        Threads for passes over persons; results do not depend on it.
    network
        A network that replaces the scenario's: a networkx graph over 0..persons-1 (or other names), or an
        array with the two ends of each tie in its columns.
    params
        Settings to change, by dotted names with ``__`` for the dot
        (``controls__stock_pressure=0.4``), as Mesa's batch_run passes them.
    """

    def __init__(
        self, scenario: Scenario | None = None, *, seed: object = None, rng: object = None,
        threads: int | None = None, network: object = None, **params: Any
    ) -> None:
        if seed is not None and rng is not None:
            raise UsageError(_("pass either seed or rng, not both"))
        scenario = load("pyramid") if scenario is None else scenario_of(scenario)
        if params:
            scenario = scenario.changed({k.replace("__", "."): v for k, v in params.items()})
        chosen = _seed_of(seed if rng is None else rng, scenario.seed)
        mesa.Model.__init__(self, rng=chosen)
        self._datacollector: mesa.DataCollector | None = None
        self._settled: dict[int, Any] = {}
        self._next_id = FIRST_OWN_ID
        Life.__init__(self, scenario, chosen, threads, network)

    def __repr__(self) -> str:
        name = text_of(self.scenario.title) or self.scenario.regime
        return f"<{type(self).__name__} '{name}', seed {self.world.seed}, week {self.week}>"

    # -- the interface of Mesa ----------------------------------------------------------------

    @property
    def scenario(self) -> Any:
        """Everything that the run depends on, except the seed."""
        return self._scenario

    @scenario.setter
    def scenario(self, scenario: Scenario) -> None:
        # Mesa 3.5 would write itself into the scenario, which is frozen and shared by runs.
        self._scenario = scenario

    @property
    def agents(self) -> ColumnarAgentSet:
        """All agents: the brand, every person, every active reseller, and agents that you register."""
        return ColumnarAgentSet(self, None)

    @agents.setter
    def agents(self, agents: object) -> None:
        raise AttributeError("Mesa uses model.agents itself; take another name for your own agents")

    @property
    def agents_by_type(self) -> dict[type, ColumnarAgentSet]:
        """The agents of each kind; resellers only while they are active."""
        return {kind: ColumnarAgentSet(self, (kind,)) for kind in self.agent_types}

    @property
    def agent_types(self) -> list[type]:
        """The kinds of agents."""
        return [*kinds(self), *dict.fromkeys(type(agent) for agent in self._settled.values())]

    def register_agent(self, agent: Any) -> None:
        """Register a user's agent under an id that no row ever has."""
        if self._settled.get(agent.unique_id) is agent:
            return
        # Mesa 3.3 counts ids in a register that keeps every model alive.
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
        agent.unique_id = self._next_id
        self._next_id += 1
        self._settled[agent.unique_id] = agent

    def deregister_agent(self, agent: Any) -> None:
        """Remove a user's agent; KeyError if it is not registered."""
        del self._settled[agent.unique_id]

    def remove_all_agents(self) -> None:
        """Remove the users' agents; persons and brand stay."""
        for agent in list(self._settled.values()):
            agent.remove()

    @property
    def datacollector(self) -> mesa.DataCollector:
        """The weekly table as a Mesa data collector, unless a subclass has set another one."""
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


def _seed_of(given: object, default: int) -> int:
    """Return the integer seed for any seed that Mesa accepts."""
    if isinstance(given, np.random.SeedSequence):
        return int(given.generate_state(1, np.uint64)[0] >> np.uint64(1))
    if isinstance(given, np.random.Generator):
        return int(given.integers(1 << 63))
    iteration = _iteration()
    if given is None:
        return default + iteration
    # From Mesa 3.4 on, a given seed is that of one iteration.
    if iteration and "rng" not in inspect.signature(mesa.batch_run).parameters:
        warnings.warn(_(
            "batch_run repeats runs that have the seed {seed}: leave the seed out and each "
            "iteration has its own, or pass a list of seeds and iterations=1").format(seed=given),
            stacklevel=3)
    return seed_of(given)


def _iteration() -> int:
    """Return the number of the current iteration of mesa.batch_run, or 0 outside of it.

    Mesa gives all iterations the same arguments, which would otherwise give the same run.
    """
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_globals.get("__name__") == "mesa.batchrunner" \
                and "iteration" in frame.f_locals:
            return int(frame.f_locals["iteration"])
        frame = frame.f_back
    return 0

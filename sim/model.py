"""The Mesa model: the only way a week is lived."""

from __future__ import annotations

from typing import Any

import mesa

from sim.kernel import np
from sim.kernel.threads import Threads
from sim.market.observing import observe_tiers, observe_week
from sim.market.world import World
from sim.scenario.schema import InForce, Scenario

__all__ = ["MicroCommerce"]


class MicroCommerce(mesa.Model):
    """One run of one scenario.

    Parameters
    ----------
    scenario
        A `Scenario`; without one, the defaults of the package.
    rng
        The seed (an integer); without one, the scenario's own.
    threads
        Threads for passes over persons; results do not depend on it.
    params
        Settings to change, by dotted names with ``__`` for the dot
        (``controls__stock_pressure=0.4``), as Mesa's batch_run passes them.
    """

    def __init__(
        self, scenario: Any = None, *, rng: Any = None, threads: int | None = None, **params: Any
    ) -> None:
        scenario = Scenario.of() if scenario is None else scenario
        if params:
            scenario = scenario.changed({k.replace("__", "."): v for k, v in params.items()})
        seed = scenario.seed if rng is None else int(rng)
        super().__init__(rng=seed)
        self.scenario = scenario
        self.world = World(scenario.settings(), scenario.persons, seed, Threads(threads))
        self.weekly: list[dict[str, Any]] = []
        self.tiers: list[dict[str, np.ndarray]] = []
        self._entered: set[str] = set()
        self._enter(self.world.settings)

    @property
    def week(self) -> int:
        """Weeks lived so far."""
        return self.world.week

    def _enter(self, settings: InForce) -> None:
        """Put settings in force; rules that are new to the run prepare the world."""
        world = self.world
        world.settings = settings
        for rule in settings.rules:
            if rule.name() not in self._entered:
                self._entered.add(rule.name())
                world.add_columns(rule.columns)
                world.unlock(None)
                rule.begin(world)

    def step(self) -> None:
        """Live one week."""
        world = self.world
        world.week += 1
        if self.scenario.changes_in(world.week):
            self._enter(self.scenario.at(world.week))
        for rule in world.settings.rules:
            world.unlock(rule.writes)
            rule.step(world)
        world.unlock(None)
        world.account()
        self.weekly.append(observe_week(world))
        self.tiers.append(observe_tiers(world))
        world.memory["last flows"], world.flows = world.flows, {}
        self.running = world.week < self.scenario.weeks

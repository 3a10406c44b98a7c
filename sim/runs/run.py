"""One run: a pure function from (scenario, seed) to tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sim.runs.result import Result, tables_of

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["run"]


def run(
    scenario: Scenario,
    seed: int | None = None,
    *,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
    network: Any = None,
) -> Result:
    """Live all weeks of `scenario` with the luck of `seed` and return the tables.

    Parameters
    ----------
    scenario
        A `Scenario`, or the name or path of a scenario file.
    seed
        Seed of the luck; the scenario's own when left out.
    threads
        Threads for passes over persons (default: all cores); results do not depend on it.
    progress
        Called with the number of weeks lived after each week.
    network
        Who knows whom instead of the scenario's network: a networkx graph, or an array of ties.
    """
    from sim.model import MicroCommerce
    from sim.scenario.records import scenario_of

    scenario = scenario_of(scenario)
    model = MicroCommerce(scenario, rng=seed, threads=threads, network=network)
    while model.running:
        model.step()
        if progress is not None:
            progress(model.week)
    return Result(scenario=scenario, seed=model.world.seed, **tables_of(model))

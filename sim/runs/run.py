"""One run: a pure function from (scenario, seed) to tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sim.runs.result import Result, tables_of

if TYPE_CHECKING:
    from sim.life import Life
    from sim.scenario.schema import Scenario

__all__ = ["lived", "market_of", "run"]


def run(
    scenario: Scenario,
    seed: int | None = None,
    *,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
    network: object = None,
) -> Result:
    """Run all weeks of `scenario` with the luck of `seed` and return the tables.

    Parameters
    ----------
    scenario
        A `Scenario`, or the name or path of a scenario file.
    seed
        Seed of the luck; by default, that of the scenario.
    threads
        Number of threads, by default one per core; results do not depend on it.
    progress
        Called after each week with the number of weeks done.
    network
        A network that replaces the scenario's: a networkx graph, or an array of ties.
    """
    market = lived(scenario, seed, threads=threads, progress=progress, network=network)
    return Result(scenario=market.scenario, seed=market.world.seed, **tables_of(market))


def lived(
    scenario: Scenario, seed: int | None = None, *, threads: int | None = None,
    progress: Callable[[int], None] | None = None, network: object = None,
) -> Life:
    """Return the market after all its weeks; see `run`."""
    from sim.scenario.records import scenario_of

    market = market_of(scenario_of(scenario), seed, threads, network)
    while market.running:
        market.step()
        if progress is not None:
            progress(market.week)
    return market


def market_of(
    scenario: Scenario, seed: object = None, threads: int | None = None, network: object = None,
) -> Life:
    """Return a market before its first week: a Mesa model if custom rules may ask for one.

    Importing Mesa takes longer than a small run, so it is avoided otherwise.
    """
    from sim.life import Life
    from sim.scenario.seeds import seed_of

    if _may_ask_mesa(scenario) or not isinstance(seed, int | None):
        from sim.model import MicroCommerce

        return MicroCommerce(scenario, rng=seed, threads=threads, network=network)
    return Life(scenario, scenario.seed if seed is None else seed_of(seed), threads, network)


def _may_ask_mesa(scenario: Scenario) -> bool:
    """Return whether custom rules take part, which may use the Mesa model ``world.model``."""
    kinds = (rule if isinstance(rule, type) else type(rule) for rule in scenario.composition().rules)
    return scenario._compose is not None or any(
        not kind.__module__.startswith("sim.") for kind in kinds)

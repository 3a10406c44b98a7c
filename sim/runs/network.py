"""Measures of the social network of a run, taken from the network itself and not from its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel import np
from sim.runs.errors import FilesError

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["MAX_PERSONS", "measured_network"]

MAX_PERSONS = 2_000_000
"""Largest network that is built a second time to be measured: beyond, it is not worth the memory."""

MAX_PAIRS = 2e8
"""Largest number of pairs of contacts that are examined to measure clustering."""


def measured_network(scenario: Scenario, seed: int) -> dict[str, float]:
    """Return the measures of `Graph.measure` for the network of a scenario and seed.

    The network is a function of both, so it is built again here, or taken from the recent ones. The result
    is empty above `MAX_PERSONS`, and if the edge list that the run read has been deleted.
    """
    if scenario.persons > MAX_PERSONS:
        return {}
    from sim.kernel.threads import Threads
    from sim.market.network import build_network, community_edges
    from sim.market.persons import draw_trait

    settings, threads = scenario.settings(), Threads()
    communities = community_edges(scenario.persons, settings.network.community, seed)
    sociability = np.empty(scenario.persons, np.float32)
    draw_trait(settings.people, "sociability", sociability, seed, threads)
    try:
        graph = build_network(settings.network, communities, sociability, seed, threads)
    except FilesError:
        return {}
    # Examining a circle takes time in the square of its size: a few suffice in a dense network.
    circle = max(1.0, int(graph.start[-1]) / graph.persons)
    return graph.measure(seed, sample=int(min(1000, max(10, MAX_PAIRS / circle**2))))

"""What the social network of a run looks like: measured of the network itself, not of its settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel import np
from sim.runs.errors import FilesError

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["MAX_PERSONS", "measured_network"]

MAX_PERSONS = 2_000_000
"""Above this, building the network a second time just to measure it is not worth the memory."""

MAX_PAIRS = 2e8
"""Pairs of contacts that are looked at for the clustering."""


def measured_network(scenario: Scenario, seed: int) -> dict[str, float]:
    """Return what `Graph.measure` finds in the network of a scenario and seed.

    A network is a function of both, so it is built again here, or found among those built last.
    Empty above `MAX_PERSONS`, and when an edge list that a finished run had read is gone.
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
    # Looking at a circle takes the square of its size: few do where everybody knows everybody.
    circle = max(1.0, int(graph.start[-1]) / graph.persons)
    return graph.measure(seed, sample=int(min(1000, max(10, MAX_PAIRS / circle**2))))

"""What the social network of a run looks like: measured of the network itself, not of its settings.
"""

from __future__ import annotations

from typing import Any

from sim.runs.errors import FilesError

__all__ = ["MOST_PERSONS", "measured_network"]

MOST_PERSONS = 2_000_000
"""Above this, building the network a second time just to measure it is not worth the memory."""

MOST_PAIRS = 2e8
"""Pairs of contacts that are looked at for the clustering."""


def measured_network(scenario: Any, seed: int) -> dict[str, float]:
    """Return what `Graph.measure` finds in the network of a scenario and seed.

    A network is a function of both, so it is built again here rather than kept by every run.
    Empty above `MOST_PERSONS`, and when an edge list that a finished run had read is gone.
    """
    if scenario.persons > MOST_PERSONS:
        return {}
    from sim.kernel.threads import Threads
    from sim.market.world import World

    try:
        world = World(scenario.settings(), scenario.persons, seed, Threads())
    except FilesError:
        return {}
    graph = world.graph
    # Looking at a circle takes the square of its size: few do where everybody knows everybody.
    circle = max(1.0, graph.contacts.size / graph.persons)
    return graph.measure(seed, sample=int(min(1000, max(10, MOST_PAIRS / circle**2))))

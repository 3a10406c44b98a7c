"""Who knows whom: an undirected graph over persons in compressed rows, close contacts first."""

from __future__ import annotations

from collections.abc import Callable

from sim.kernel import np
from sim.kernel.threads import Threads
from sim.market.network.graph import Graph
from sim.market.network.settings import Network
from sim.market.network.small_world import community_edges, small_world

__all__ = ["Graph", "Network", "build_network", "community_edges"]

# Spelling the arguments out here would import numpy just to check a scenario.
Builder = Callable[..., Graph]

BUILDERS: dict[str, Builder] = {"small_world": small_world}
"""How each kind of network is built."""


def build_network(
    network: Network, communities: np.ndarray, sociability: np.ndarray, seed: int,
    threads: Threads,
) -> Graph:
    """Return the social network over the persons of `communities`."""
    return BUILDERS[network.kind](network, communities, sociability, seed, threads)

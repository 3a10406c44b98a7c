"""Who knows whom: an undirected graph over persons. Each has a circle, close contacts first."""

from __future__ import annotations

from collections.abc import Callable

from sim.kernel import np
from sim.kernel.threads import Threads
from sim.market.network.complete import complete
from sim.market.network.edge_list import edge_list
from sim.market.network.erdos_renyi import erdos_renyi
from sim.market.network.graph import Graph
from sim.market.network.kept import keep_or_build
from sim.market.network.scale_free import scale_free
from sim.market.network.settings import Network
from sim.market.network.small_world import community_edges, small_world
from sim.market.network.stochastic_block import stochastic_block
from sim.market.network.watts_strogatz import watts_strogatz

__all__ = ["Graph", "Network", "build_network", "community_edges"]

# Spelling the arguments out here would import numpy just to check a scenario.
Builder = Callable[..., Graph]

BUILDERS: dict[str, Builder] = {
    "small_world": small_world,
    "watts_strogatz": watts_strogatz,
    "erdos_renyi": erdos_renyi,
    "scale_free": scale_free,
    "stochastic_block": stochastic_block,
    "complete": complete,
    "file": edge_list,
}
"""How each kind of network is built."""


def build_network(
    network: Network, communities: np.ndarray, sociability: np.ndarray, seed: int,
    threads: Threads,
) -> Graph:
    """Return the social network over the persons of `communities`; its arrays are read-only.

    Raises
    ------
    UsageError
        When the kind does not suit the market: too many persons for a complete graph, no path or
        a bad row in an edge list.
    FilesError
        When the edge list cannot be read.
    """
    return keep_or_build(
        network, communities, sociability, seed,
        lambda: BUILDERS[network.kind](network, communities, sociability, seed, threads))

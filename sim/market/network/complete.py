"""Everybody knows everybody: a well-mixed market, for small worlds and closed forms."""

from __future__ import annotations

from sim.errors import UsageError
from sim.kernel import np
from sim.kernel.threads import Threads
from sim.market.network.graph import Graph
from sim.market.network.pairs import finished
from sim.market.network.settings import Network

__all__ = ["complete", "everybody"]

LARGEST = 5000
"""Persons beyond which a complete graph is refused: 25 million contacts, 100 MB."""


def everybody(persons: int) -> tuple[np.ndarray, np.ndarray]:
    """Return start and contacts of the complete graph.

    Raises
    ------
    UsageError
        When the graph would be unreasonably large.
    """
    if persons > LARGEST:
        raise UsageError(
            f"network.kind complete is for at most {LARGEST} persons, not {persons}: "
            "take erdos_renyi or fewer persons")
    start = np.arange(persons + 1, dtype=np.int64) * (persons - 1)
    others = np.arange(1, persons, dtype=np.uint32)
    own = np.arange(persons, dtype=np.uint32)[:, None]
    return start, ((own + others) % np.uint32(max(persons, 1))).ravel()


def complete(
    network: Network, communities: np.ndarray, _sociability: np.ndarray, seed: int,
    threads: Threads,
) -> Graph:
    """Return the complete graph; ``network.contacts`` is not used."""
    start, contacts = everybody(int(communities[-1]))
    return finished(start, contacts, communities, network.close, seed, threads)

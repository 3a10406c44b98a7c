"""Network from Python: a graph of networkx, or arrays of ties."""

from __future__ import annotations

from typing import Any

from sim.errors import UsageError
from sim.kernel import np
from sim.kernel.threads import Threads
from sim.market.network.graph import Graph
from sim.market.network.pairs import finished, rows_of
from sim.texts import _

__all__ = ["graph_of", "ties_of"]


def ties_of(network: object, persons: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the two ends of each tie (uint32) of a networkx graph or of arrays.

    A graph has as many nodes as there are persons: person ids, or other names, which are numbered in
    their order. Arrays are one array of two columns, or a pair of arrays.

    Raises
    ------
    UsageError
        For anything else, for persons who do not exist and for ties to oneself.
    """
    if hasattr(network, "edges") and hasattr(network, "nodes"):
        nodes = list(network.nodes)
        if len(nodes) != persons:
            raise UsageError(_("network: the graph has {nodes} nodes, the market {persons} persons")
                             .format(nodes=f"{len(nodes):,}", persons=f"{persons:,}"))
        numbered = set(nodes) == set(range(persons))
        number = {node: node if numbered else place for place, node in enumerate(nodes)}
        pairs = [(number[tie[0]], number[tie[1]]) for tie in network.edges]
        ends: Any = np.array(pairs, np.int64).reshape(-1, 2).T
    else:
        try:
            ends = np.asarray(network)
        except ValueError:
            ends = np.empty(0)
        if ends.ndim == 2 and ends.shape[1] == 2 and not isinstance(network, tuple):
            ends = ends.T
        if ends.ndim != 2 or ends.shape[0] != 2 or ends.dtype.kind not in "iu":
            raise UsageError(_(
                "network: give a networkx graph, an array of two columns of whole numbers (the two "
                "ends of each tie), or a pair of such columns"))
    wrong = ends[(ends < 0) | (ends >= persons)]
    if wrong.size:
        raise UsageError(_("network: there is no person {person} (persons: {persons})").format(
            person=int(wrong[0]), persons=persons))
    own = ends[0][ends[0] == ends[1]]
    if own.size:
        raise UsageError(_("network: person {person} is tied to themselves").format(
            person=int(own[0])))
    return ends[0].astype(np.uint32), ends[1].astype(np.uint32)


def graph_of(
    ties: tuple[np.ndarray, np.ndarray], communities: np.ndarray, close: int, seed: int, threads: Threads
) -> Graph:
    """Return the graph of these ties, with `close` close contacts per circle."""
    start, contacts = rows_of(int(communities[-1]), lambda: iter([ties]), threads)
    return finished(start, contacts, communities, close, seed, threads)

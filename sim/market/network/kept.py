"""The networks built last are kept: runs that differ in their rules alone share them.

A network is a function of its settings, of who lives where, of sociability, and of the seed.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable

from sim.kernel import np
from sim.market.network.graph import Graph
from sim.market.network.settings import Network
from sim.market.network.small_world import packed_bytes

__all__ = ["MANY_BYTES", "MOST_BYTES", "expected_bytes", "keep_or_build"]

MOST_BYTES = 700 << 20
"""The largest network that is kept, alone: one of ten million persons, or, where circles are large
or scattered and have to be listed, of one million."""
MANY_BYTES = 64 << 20
"""What several kept networks may take together: fifty of twenty thousand persons."""

_kept: OrderedDict[tuple[object, ...], Graph] = OrderedDict()
_one_at_a_time = threading.Lock()


def keep_or_build(
    network: Network, communities: np.ndarray, sociability: np.ndarray, seed: int,
    build: Callable[[], Graph],
) -> Graph:
    """Return the network that was built of these before, or what `build` returns.

    Its arrays cannot be written to, since runs share them. A network from a file is read again,
    because the file may have changed.
    """
    if network.path:
        return build()
    which = (
        network, seed, communities.size, _digest(communities), _digest(sociability))
    with _one_at_a_time:
        if which in _kept:
            _kept.move_to_end(which)
            return _kept[which]
        # Room is made before the new one is built, or both would be there at once.
        _make_room(MANY_BYTES - int(expected_bytes(network, sociability.size)))
    graph = build()
    with _one_at_a_time:
        if graph.nbytes <= MOST_BYTES:
            _make_room(MANY_BYTES - graph.nbytes)
            _kept[which] = graph
    return graph


def expected_bytes(network: Network, persons: int) -> float:
    """Return about how many bytes the network of so many persons takes."""
    if network.kind == "file" and network.path:
        listed = _listed(network.path)
    elif network.kind == "complete":
        listed = 4.0 * persons**2
    else:
        packed = packed_bytes(network) if network.kind == "small_world" else 0.0
        listed = persons * (packed or 4.0 * min(network.contacts, persons))
    return persons * 10.0 + listed


def _listed(path: str) -> float:
    """Return about how many bytes reading an edge list takes, from the size of its file."""
    try:
        return os.path.getsize(path) * (20.0 if path.endswith(".gz") else 4.0)
    except OSError:
        return 0.0  # whoever reads it says what is wrong with it


def _make_room(most: int) -> None:
    while _kept and sum(graph.nbytes for graph in _kept.values()) > most:
        _kept.popitem(last=False)


def _digest(array: np.ndarray) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(array).data, digest_size=16).digest()

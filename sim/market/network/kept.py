"""Recent networks are kept: runs that differ only in their rules share them.

A network is a function of its settings, the communities, people's sociability, and the seed.
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

__all__ = ["MANY_BYTES", "MAX_BYTES", "expected_bytes", "keep_or_build"]

MAX_BYTES = 700 << 20
"""The largest single network that is kept: ten million persons, or one million if circles are large
or scattered and have to be listed."""
MANY_BYTES = 64 << 20
"""Bytes that several kept networks may take together: fifty of twenty thousand persons."""

_kept: OrderedDict[tuple[object, ...], Graph] = OrderedDict()
_one_at_a_time = threading.Lock()


def keep_or_build(
    network: Network, communities: np.ndarray, sociability: np.ndarray, seed: int,
    build: Callable[[], Graph],
) -> Graph:
    """Return the network built from these before, or else the result of `build`.

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
        # Make room before building, or both networks would be in memory at once.
        _make_room(MANY_BYTES - int(expected_bytes(network, sociability.size)))
    graph = build()
    with _one_at_a_time:
        if graph.nbytes <= MAX_BYTES:
            _make_room(MANY_BYTES - graph.nbytes)
            _kept[which] = graph
    return graph


def expected_bytes(network: Network, persons: int) -> float:
    """Estimate the bytes that the network of this many persons takes."""
    if network.kind == "file" and network.path:
        listed = _listed(network.path)
    elif network.kind == "complete":
        listed = 4.0 * persons**2
    else:
        packed = packed_bytes(network) if network.kind == "small_world" else 0.0
        listed = persons * (packed or 4.0 * min(network.contacts, persons))
    return persons * 10.0 + listed


def _listed(path: str) -> float:
    """Estimate the bytes that reading an edge list takes, from the size of its file."""
    try:
        return os.path.getsize(path) * (20.0 if path.endswith(".gz") else 4.0)
    except OSError:
        return 0.0  # reading it will report the error


def _make_room(most: int) -> None:
    while _kept and sum(graph.nbytes for graph in _kept.values()) > most:
        _kept.popitem(last=False)


def _digest(array: np.ndarray) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(array).data, digest_size=16).digest()

"""Whether a market fits into memory, checked before it is built."""

from __future__ import annotations

from sim.errors import UsageError
from sim.kernel.machine import free_memory, size
from sim.market.network.kept import expected_bytes
from sim.market.network.settings import Network
from sim.texts import _

__all__ = ["PERSON", "market_bytes", "refuse_oversize"]

PERSON = 270.0
"""Bytes of a person's columns, of sellers, their ties and temporaries (measured: pyramid, 104 weeks)."""
SMALL = 50e6
"""Bytes that need no check: they fit wherever Python and its libraries do."""


def market_bytes(persons: int, network: Network, kept: float = 0.0) -> float:
    """Estimate the bytes that a market takes in a process that keeps `kept` bytes of networks."""
    return persons * PERSON + max(expected_bytes(network, persons), kept)


def refuse_oversize(needed: float, free: float | None = None) -> None:
    """Refuse a market that does not fit into free memory.

    Raises
    ------
    UsageError
        With the memory needed and the memory free.
    """
    if needed < SMALL:
        return
    free = free_memory() if free is None else free
    if needed > free:
        raise UsageError(_(
            "this needs about {needed} of memory and {free} is free; take fewer persons, contacts "
            "or workers").format(needed=size(needed), free=size(free)))

"""Luck belongs to (seed, decision, week, person).

Every draw is a pure function of these four, so neither threads, nor the order of agents, nor an
added rule changes anybody's luck, and two scenarios share theirs person by person. The generator
is splitmix64 (Steele, Lea, Flood 2014) used as a counter: the state after ``person`` steps from a
key that hashes (seed, decision, week).
"""

from __future__ import annotations

import hashlib

from sim.kernel import np
from sim.kernel.compiled import borrowing

__all__ = ["draw32", "draw64", "key", "unit"]


def key(seed: int, decision: str, week: int) -> int:
    """Return the 64-bit key of one decision in one week of the run with this seed."""
    text = f"{seed}/{decision}/{week}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


@borrowing
def draw64(key, person):
    """Return 64 random bits of `person` under `key` (both unsigned 64-bit)."""
    z = np.uint64(key) + (np.uint64(person) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@borrowing
def draw32(key, person):
    """Return 32 random bits of `person` under `key`, to be compared with a threshold."""
    return draw64(key, person) >> np.uint64(32)


@borrowing
def unit(key, person):
    """Return a uniform number strictly between 0 and 1 with 52 random bits."""
    return (np.float64(draw64(key, person) >> np.uint64(12)) + 0.5) / 4503599627370496.0

"""Luck of a pair of persons, and undirected rows from a stream of drawn pairs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from sim.kernel import np
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw32, key, unit
from sim.kernel.maths import poisson
from sim.kernel.threads import Threads
from sim.market.network.graph import Graph

__all__ = ["CERTAINTY", "Pairs", "finished", "in_blocks", "many", "meets", "pick", "rows_of"]

CERTAINTY = 16777216.0
"""Threshold of probability one for the 24 random bits of a pair."""

Pairs: TypeAlias = "Iterator[tuple[np.ndarray, np.ndarray]]"
"""Blocks of drawn pairs: one array of persons (uint32) for each end."""


@borrowing
def meets(own, other, weight, other_weight, chance):
    """Return whether a pair meets, given the luck and the weight of both ends.

    The 32-bit finaliser (lowbias32, Wellons 2018) vectorises in the calling loops; its upper 24 bits
    are exact in 32-bit floats. Sum and product are the same from both ends.
    """
    z = np.uint32(own + other)
    z = np.uint32((z ^ (z >> np.uint32(16))) * np.uint32(0x7FEB352D))
    z = np.uint32((z ^ (z >> np.uint32(15))) * np.uint32(0x846CA68B))
    z = np.uint32(z ^ (z >> np.uint32(16)))
    return np.float32(z >> np.uint32(8)) < np.float32(np.float32(weight * other_weight) * chance)


@compiled
def pick(luck, index, count):
    """Return one of 0..count - 1, uniformly (to 2^-32)."""
    return np.int64(draw32(luck, index) * np.uint64(count) >> np.uint64(32))


@compiled
def many(mean, luck):
    """Return a Poisson number of any mean, as a sum of numbers with means below 256."""
    pieces = np.int64(mean / 256.0) + 1
    total = 0
    for piece in range(pieces):
        total += poisson(mean / pieces, unit(luck, piece))
    return total


def in_blocks(persons: int, mean: float, draw: Callable[..., int], *arguments: Any) -> Pairs:
    """Yield what `draw` writes, one block of persons after the other.

    ``draw(low, high, sources, targets, *arguments)`` writes the pairs that persons low..high draw and
    returns how many. A person draws `mean` pairs on average; `draw` stops where the arrays end.
    """
    most = int(mean + 10.0 * math.sqrt(mean)) + 64
    block = max(1, (1 << 20) // most)
    sources = np.empty(block * most, np.uint32)
    targets = np.empty(block * most, np.uint32)
    for low in range(0, persons, block):
        count = draw(low, min(low + block, persons), sources, targets, *arguments)
        yield sources[:count], targets[:count]


@compiled
def _count(sources, targets, start):
    for pair in range(sources.size):
        start[sources[pair] + np.uint32(1)] += 1
        start[targets[pair] + np.uint32(1)] += 1


@compiled
def _place(sources, targets, free, contacts):
    for pair in range(sources.size):
        source = sources[pair]
        target = targets[pair]
        contacts[free[source]] = target
        contacts[free[target]] = source
        free[source] += 1
        free[target] += 1


@compiled
def _distinct(low, high, start, contacts, kept):
    """Move distinct contacts to the front of each row; write how many there are."""
    seen = np.zeros(kept.size, np.uint32)
    for person in range(low, high):
        mark = np.uint32(person + 1)
        at = start[person]
        for place in range(start[person], start[person + 1]):
            contact = contacts[place]
            if seen[contact] != mark:
                seen[contact] = mark
                contacts[at] = contact
                at += 1
        kept[person] = at - start[person]


@compiled
def _close_up(start, contacts, kept):
    at = 0
    for person in range(kept.size):
        first = start[person]
        start[person] = at
        for place in range(first, first + kept[person]):
            contacts[at] = contacts[place]
            at += 1
    start[kept.size] = at


def rows_of(
    persons: int, pairs: Callable[[], Pairs], threads: Threads
) -> tuple[np.ndarray, np.ndarray]:
    """Return start and contacts of the graph whose ties `pairs` yields, the same in each call.

    Pairs may repeat, in either direction; nobody may be paired with themselves. The pairs are drawn
    twice, once to count and once to place them, so that memory never holds them all.
    """
    start = np.zeros(persons + 1, np.int64)
    for sources, targets in pairs():
        _count(sources, targets, start)
    np.cumsum(start, out=start)
    contacts = np.empty(int(start[-1]), np.uint32)
    free = start[:-1].copy()
    for sources, targets in pairs():
        _place(sources, targets, free, contacts)
    kept = free
    threads.over(persons, _distinct, start, contacts, kept)
    if int(kept.sum()) < contacts.size:
        _close_up(start, contacts, kept)
        contacts = contacts[: start[-1]]
    return start, contacts


MAX_CLOSE = 65535
"""Close contacts that a person can have: the most that an entry of `close` holds."""


@compiled
def _part(low, high, start, contacts, close, key, chance, reach):
    """Bring close ties to the front of each row."""
    persons = close.size
    one = np.float32(1.0)
    for person in range(low, high):
        own = np.uint32(draw32(key, person))
        front = start[person]
        for place in range(front, min(start[person + 1], front + MAX_CLOSE)):
            contact = np.int64(contacts[place])
            gap = abs(contact - person)
            if min(gap, persons - gap) <= reach or meets(
                own, np.uint32(draw32(key, contact)), one, one, chance
            ):
                contacts[place] = contacts[front]
                contacts[front] = contact
                front += 1
        close[person] = front - start[person]


def finished(
    start: np.ndarray, contacts: np.ndarray, communities: np.ndarray, close: int, seed: int,
    threads: Threads, reach: int = 0,
) -> Graph:
    """Return the graph, with close ties drawn if this kind of network does not define them.

    A tie is close for both of its ends or for neither, by the luck of the pair, with `close` per person
    on average. With a `reach`, contacts within that distance on the ring are close instead.
    """
    persons = start.size - 1
    mean = contacts.size / persons
    chance = 0.0 if reach or not mean else min(1.0, close / mean)
    nearness = np.zeros(persons, np.uint16)
    threads.over(
        persons, _part, start, contacts, nearness, np.uint64(key(seed, "network close", 0)),
        np.float32(chance * CERTAINTY), reach)
    return Graph.listed(start, contacts, nearness, communities)

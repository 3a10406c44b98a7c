"""Small world with communities: close friends on a ring, acquaintances, and far contacts.

Persons of a community stand on a ring; the nearest ones are close ties, which therefore know each
other. Acquaintances inside the community are drawn pair by pair with a probability proportional
to the product of both persons' sociability (Chung, Lu 2002). Far contacts pair communities with
sister communities: in matching `r` person `i` meets person ``(shift_r - i) mod persons``, kept
with a probability proportional to both sociabilities. Every tie is a pure function of its two
ends, so the rows are filled side by side without sorting, in time linear in the contacts.
"""

from __future__ import annotations

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32, draw64, key, unit
from sim.kernel.maths import threshold
from sim.kernel.threads import Threads
from sim.market.network.graph import Graph
from sim.market.network.settings import Network

__all__ = ["community_edges", "small_world"]


def community_edges(persons: int, size: float, seed: int) -> np.ndarray:
    """Return the first person of each community, and `persons` last; sizes vary by +-40 %."""
    count = max(1, round(persons / size))
    weights = np.empty(count)
    _weights(weights, np.uint64(key(seed, "community size", 0)))
    ends = np.cumsum(weights)
    edges = np.concatenate([[0.0], ends]) / ends[-1] * persons
    return np.unique(np.round(edges).astype(np.int64))


@compiled
def _weights(out, key):  # type: ignore[no-untyped-def]
    for community in range(out.size):
        out[community] = 0.6 + 0.8 * unit(key, community)


@compiled
def _rows(
    low, high, fill, start, contacts, close, communities, home, sociability, shifts,
    reach, inside, far, key_inside, key_far, persons,
):  # type: ignore[no-untyped-def]
    """Count (fill = 0) or write (fill = 1) the contacts of persons low..high."""
    # Small local copies keep both loops free of far reads.
    for person in range(low, high):
        community = home[person]
        first = communities[community]
        size = communities[community + 1] - first
        near = min(reach, (size - 1) // 2)
        place = person - first
        at = start[person] if fill else 0
        begun = at
        for step in range(1, near + 1):
            for side in range(2):
                other = first + (place + (step if side == 0 else size - step)) % size
                if fill:
                    contacts[at] = other
                at += 1
        if fill:
            close[person] = at - begun
        own = np.float64(sociability[person])
        # Both ends must find the same number: the product of the two comes first.
        rest = size - 1 - 2 * near
        if rest > 0 and inside > 2 * near:
            chance = (inside - 2 * near) / rest
            for other in range(first, first + size):
                gap = abs(other - person)
                gap = min(gap, size - gap)
                if gap > near:
                    smaller = min(person, other)
                    larger = max(person, other)
                    bits = draw32(key_inside ^ np.uint64(smaller) << np.uint64(32), larger)
                    if bits < threshold(own * np.float64(sociability[other]) * chance):
                        if fill:
                            contacts[at] = other
                        at += 1
        for matching in range(shifts.size):
            other = shifts[matching] - person
            if other < 0:
                other += persons
            if other < first or other >= first + size:
                smaller = min(person, other)
                larger = max(person, other)
                bits = draw32(key_far ^ np.uint64(smaller) << np.uint64(32), larger)
                if bits < threshold(own * np.float64(sociability[other]) * far):
                    if fill:
                        contacts[at] = other
                    at += 1
        if not fill:
            start[person + 1] = at


@compiled
def _mean(values):  # type: ignore[no-untyped-def]
    # In order: numpy's sum depends on the vector width of the processor.
    total = 0.0
    for index in range(values.size):
        total += values[index]
    return total / values.size


@compiled
def _homes(communities, home):  # type: ignore[no-untyped-def]
    for community in range(communities.size - 1):
        for person in range(communities[community], communities[community + 1]):
            home[person] = community


@compiled
def _shifts(out, persons, key):  # type: ignore[no-untyped-def]
    """Distinct shifts, so that no two matchings repeat a pair."""
    found = 0
    attempt = 0
    while found < out.size and attempt < 100 * out.size:
        shift = np.int64(draw64(key, attempt) % np.uint64(persons))
        attempt += 1
        fresh = True
        for other in range(found):
            if out[other] == shift:
                fresh = False
        if fresh:
            out[found] = shift
            found += 1
    return found


def small_world(
    network: Network, communities: np.ndarray, sociability: np.ndarray, seed: int,
    threads: Threads,
) -> Graph:
    """Return the default network; mean degree is close to ``network.contacts``."""
    persons = int(communities[-1])
    home = np.empty(persons, np.int32)
    _homes(communities, home)
    mean = _mean(sociability)
    weight = (sociability / mean).astype(np.float32)
    outside = network.contacts * network.outside
    inside = network.contacts - outside
    # Twice as many matchings as far contacts, so that the sociable may have more than the mean.
    shifts = np.empty(min(int(2 * outside + 0.5), max(persons // 4, 0)), np.int64)
    found = _shifts(shifts, persons, np.uint64(key(seed, "network shift", 0))) if shifts.size else 0
    shifts = np.sort(shifts[:found])
    far = outside / found if found else 0.0
    start = np.zeros(persons + 1, np.int64)
    close = np.zeros(persons, np.uint16)
    common = (
        communities, home, weight, shifts, network.close // 2, float(inside), float(far),
        np.uint64(key(seed, "network inside", 0)), np.uint64(key(seed, "network far", 0)), persons,
    )
    threads.over(persons, _rows, 0, start, np.empty(0, np.uint32), close, *common)
    np.cumsum(start, out=start)
    contacts = np.empty(int(start[-1]), np.uint32)
    threads.over(persons, _rows, 1, start, contacts, close, *common)
    return Graph(start, contacts, close, communities)

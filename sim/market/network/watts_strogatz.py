"""Watts, Strogatz 1998: a ring whose ties are rewired to anybody with some probability."""

from __future__ import annotations

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32, draw64, key
from sim.kernel.maths import threshold
from sim.kernel.threads import Threads
from sim.market.network.graph import Graph
from sim.market.network.pairs import finished, in_blocks, pick, rows_of
from sim.market.network.settings import Network

__all__ = ["watts_strogatz"]


@compiled
def _draw(low, high, sources, targets, persons, half, rewiring, key):
    limit = threshold(rewiring)
    if persons <= 2 * half + 1:
        limit = threshold(0.0)
    count = 0
    for person in range(low, high):
        luck = draw64(key, person)
        elsewhere = draw64(luck, 0)
        own = count
        for step in range(1, half + 1):
            target = person + step
            target -= persons if target >= persons else 0
            if draw32(luck, step) < limit:
                # Anybody beyond the old neighbours who is not yet chosen; else the tie stays.
                for attempt in range(64):
                    other = person + half + 1 + pick(
                        elsewhere, 64 * step + attempt, persons - 2 * half - 1)
                    other -= persons if other >= persons else 0
                    fresh = True
                    for pair in range(own, count):
                        fresh = fresh and targets[pair] != other
                    if fresh:
                        target = other
                        break
            sources[count] = person
            targets[count] = target
            count += 1
    return count


def watts_strogatz(
    network: Network, communities: np.ndarray, _sociability: np.ndarray, seed: int,
    threads: Threads,
) -> Graph:
    """Return a ring of ``network.contacts`` neighbours, each tie rewired with ``rewiring``.

    Close ties are those that stay on the ring within ``close`` / 2 steps.
    """
    persons = int(communities[-1])
    half = min(round(network.contacts / 2), (persons - 1) // 2)

    def pairs():
        return in_blocks(
            persons, half, _draw, persons, half, network.rewiring,
            np.uint64(key(seed, "network rewiring", 0)))

    start, contacts = rows_of(persons, pairs, threads)
    return finished(
        start, contacts, communities, network.close, seed, threads,
        reach=min(network.close // 2, half))

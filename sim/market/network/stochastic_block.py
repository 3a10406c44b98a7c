"""Stochastic block model (Holland, Laskey, Leinhardt 1983): communities are the blocks."""

from __future__ import annotations

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32, draw64, key
from sim.kernel.maths import threshold
from sim.kernel.threads import Threads
from sim.market.network.erdos_renyi import poisson_mean
from sim.market.network.graph import Graph
from sim.market.network.pairs import finished, in_blocks, many, pick, rows_of
from sim.market.network.settings import Network

__all__ = ["stochastic_block"]

DENSE = 0.25
"""Probability inside a block above which it is faster to try each pair."""


@compiled
def _draw(
    low, high, sources, targets, communities, chance, rate, mean_outside, key
):
    """Draw from the person's own block with `chance` (if `rate` > 0: `rate` members), and from outside."""
    persons = communities[-1]
    inside = threshold(chance)
    count = 0
    community = np.searchsorted(communities, low, side="right") - 1
    for person in range(low, high):
        while person >= communities[community + 1]:
            community += 1
        first = communities[community]
        last = communities[community + 1]
        luck = draw64(key, person)
        whom = draw64(luck, 0)
        if rate > 0.0:
            for index in range(many(rate * (last - first - 1), draw64(luck, 1))):
                other = first + pick(whom, index, last - first - 1)
                other += 1 if other >= person else 0
                if count < sources.size:
                    sources[count] = person
                    targets[count] = other
                    count += 1
        else:
            for other in range(person + 1, last):
                if draw32(whom, other) < inside and count < sources.size:
                    sources[count] = person
                    targets[count] = other
                    count += 1
        whom = draw64(luck, 2)
        for index in range(many(mean_outside, draw64(luck, 3))):
            other = pick(whom, index, persons)
            if (other < first or other >= last) and count < sources.size:
                sources[count] = person
                targets[count] = other
                count += 1
    return count


def stochastic_block(
    network: Network, communities: np.ndarray, _sociability: np.ndarray, seed: int,
    threads: Threads,
) -> Graph:
    """Return blocks with one probability inside and one across, mean degree ``contacts``.

    ``mixing`` of the contacts live outside a person's block; contacts that a block is too small for
    are left out.
    """
    persons = int(communities[-1])
    sizes = np.diff(communities)
    squares = int((sizes * sizes).sum())
    inside = network.contacts * (1.0 - network.mixing)
    chance = min(1.0, inside * persons / max(squares - persons, 1))
    across = min(0.999, network.contacts * network.mixing * persons / max(persons**2 - squares, 1))
    rate = poisson_mean(1.0, chance) if chance < DENSE else 0.0
    # Draws from the person's own block also occur, but do not count.
    outside = poisson_mean(persons, across) if sizes.size > 1 else 0.0
    largest = (rate or 1.0) * int(sizes.max()) + outside

    def pairs():
        return in_blocks(
            persons, largest, _draw, communities, chance, rate, outside,
            np.uint64(key(seed, "network blocks", 0)))

    start, contacts = rows_of(persons, pairs, threads)
    return finished(start, contacts, communities, network.close, seed, threads)

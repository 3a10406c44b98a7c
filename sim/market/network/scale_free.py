"""Barabási, Albert 1999: newcomers prefer persons whom many know already.

The method of Sanders, Schulz 2016 ("Scalable generation of scale-free graphs"): each new tie picks
one of the earlier tie ends at random. If that end was itself picked, its pick is followed. Every pick
is a pure function of its place, so nothing has to be stored.
"""

from __future__ import annotations

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import key, unit
from sim.kernel.threads import Threads
from sim.market.network.graph import Graph
from sim.market.network.pairs import finished, in_blocks, rows_of
from sim.market.network.settings import Network

__all__ = ["scale_free"]


@compiled
def _draw(low, high, sources, targets, order, each, key):
    count = 0
    for arrival in range(max(low, 1), high):
        for index in range(each):
            tie = arrival * each + index
            known = arrival
            while True:
                # Ends of the ties before `known` came; even ones are newcomers' own ends.
                end = np.int64(unit(key, tie) * (2 * known * each))
                tie = end // 2
                known = tie // each
                if end % 2 == 0 or known == 0:
                    break
            sources[count] = order[arrival]
            targets[count] = order[known]
            count += 1
    return count


def scale_free(
    network: Network, communities: np.ndarray, sociability: np.ndarray, seed: int,
    threads: Threads,
) -> Graph:
    """Return a graph of preferential attachment; the most sociable come first and are the hubs.

    Each newcomer brings ``contacts`` / 2 ties. Repeated ties merge, and the first newcomers have few to
    pick from, so the mean degree is lower in small markets.
    """
    persons = int(communities[-1])
    each = round(network.contacts / 2)
    order = np.argsort(-sociability, kind="stable").astype(np.uint32)

    def pairs():
        return in_blocks(
            persons, each, _draw, order, each, np.uint64(key(seed, "network attachment", 0)))

    start, contacts = rows_of(persons, pairs, threads)
    return finished(start, contacts, communities, network.close, seed, threads)

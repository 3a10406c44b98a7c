"""Erdős, Rényi 1959 (Gilbert's form): each pair knows each other with the same probability."""

from __future__ import annotations

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw64, key
from sim.kernel.maths import log
from sim.kernel.threads import Threads
from sim.market.network.complete import everybody
from sim.market.network.graph import Graph
from sim.market.network.pairs import finished, in_blocks, many, pick, rows_of
from sim.market.network.settings import Network

__all__ = ["erdos_renyi", "poisson_mean"]


def poisson_mean(candidates: float, chance: float) -> float:
    """Return how many of `candidates` a person has to draw on average.

    A person draws a Poisson number of others, uniformly. Each pair is then drawn a Poisson number of
    times, independently of all other pairs, and at least once with probability `chance`.
    """
    return -0.5 * candidates * log(1.0 - chance)


@compiled
def _draw(low, high, sources, targets, persons, mean, key):
    count = 0
    for person in range(low, high):
        luck = draw64(key, person)
        whom = draw64(luck, 0)
        for index in range(many(mean, luck)):
            if count == sources.size:
                break
            other = pick(whom, index, persons - 1)
            sources[count] = person
            targets[count] = other + (1 if other >= person else 0)
            count += 1
    return count


def erdos_renyi(
    network: Network, communities: np.ndarray, _sociability: np.ndarray, seed: int,
    threads: Threads,
) -> Graph:
    """Return a random graph of mean degree ``network.contacts``."""
    persons = int(communities[-1])
    chance = network.contacts / max(persons - 1, 1)
    if chance >= 0.999:
        start, contacts = everybody(persons)
    else:
        mean = poisson_mean(persons - 1, chance)

        def pairs():
            return in_blocks(
                persons, mean, _draw, persons, mean, np.uint64(key(seed, "network pairs", 0)))

        start, contacts = rows_of(persons, pairs, threads)
    return finished(start, contacts, communities, network.close, seed, threads)

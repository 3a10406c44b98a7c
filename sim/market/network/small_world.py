"""Small world with communities: close friends on a ring, acquaintances, and far contacts.

Persons of a community stand on a ring; the nearest ones are close ties, which therefore know each
other. All other ties are drawn pair by pair, with a probability proportional to the product of
both persons' sociability (Chung, Lu 2002): acquaintances among the pairs of the community, far
contacts among pairs of different communities.

Candidate pairs lie at a few distances: person `i` is tried with ``i + d`` and ``i - d``, on the ring
of the community or of everybody, for each distance `d` of a list. So each pair is tried once, both
ends find each other without a look-up, and neighbours in memory are tried with neighbours in memory,
which makes it fast. Communities have sister communities, and rows are filled in parallel, without
sorting, in time linear in the contacts. A community that is small relative to the contacts wanted
tries all its pairs.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sim.kernel import np
from sim.kernel.bits import ones
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw32, draw64, key, unit
from sim.kernel.threads import A_ROW_IS_MUCH, Threads
from sim.market.network.circles import Circles, around
from sim.market.network.graph import Graph
from sim.market.network.pairs import CERTAINTY, meets
from sim.market.network.settings import Network

__all__ = ["community_edges", "packed_bytes", "small_world"]

SPARE = 2.0
"""Pairs tried for each contact wanted, so that sociable persons may have more contacts."""

SPREAD = 0.4
"""Largest deviation of a community's size from the mean, share."""

BLOCK = 320
"""Persons whose far contacts are tried together; not a power of two, to avoid cache conflicts."""

SAMPLE = 4096
"""Pairs in a sample."""


def community_edges(persons: int, size: float, seed: int) -> np.ndarray:
    """Return the first person of each community, and `persons` last; sizes vary by `SPREAD`."""
    count = max(1, round(persons / size))
    weights = np.empty(count)
    _weights(weights, np.uint64(key(seed, "community size", 0)))
    ends = np.cumsum(weights)
    edges = np.concatenate([[0.0], ends]) / ends[-1] * persons
    return np.unique(np.round(edges).astype(np.int64))


@borrowing
def _weights(out, key):
    for community in range(out.size):
        out[community] = (1.0 - SPREAD) + 2.0 * SPREAD * unit(key, community)


@borrowing
def _distances(out, nearest, farthest, key):
    """Fill `out` with distinct distances from nearest to farthest, one from each stretch."""
    span = farthest - nearest + 1
    for index in range(out.size):
        first = index * span // out.size
        width = (index + 1) * span // out.size - first
        out[index] = nearest + first + np.int64(draw64(key, index) % np.uint64(width))


@borrowing
def _shares(size, ring, inside):
    """Return the close contacts on each side, the other members of the community, and how many of
    these a person should know.
    """
    near = min(ring, (size - 1) // 2)
    rest = size - 1 - 2 * near
    return near, rest, min(max(inside - 2 * near, 0.0), float(rest))


@compiled
def _asked(wanted):
    """Return at how many distances, ahead and behind, pairs are tried to find the contacts wanted.

    If these were half of the others or more, all others are tried.
    """
    return np.int64(math.ceil(0.5 * SPARE * wanted))


@borrowing
def _ask_one(own, weight, lucks, weights, chance, met):
    for other in range(lucks.size):
        met[other] = meets(own, lucks[other], weight, weights[other], chance)


@borrowing
def _ask_run(lucks, weights, other_lucks, other_weights, chance, met):
    for place in range(met.size):
        met[place] = meets(
            lucks[place], other_lucks[place], weights[place], other_weights[place], chance)


@borrowing
def _ask_ring(low, high, distance, lucks, weights, chance, met):
    """Try places low..high of a ring with those `distance` ahead (behind if negative)."""
    size = lucks.size
    done = 0
    while done < high - low:
        place = low + done
        other = around(place + distance, size)
        run = min(high - place, size - other)
        _ask_run(
            lucks[place : place + run], weights[place : place + run],
            lucks[other : other + run], weights[other : other + run],
            chance, met[done : done + run])
        done += run


@compiled
def _write_ring(row, place, first, size, near):
    """Write the `near` nearest on both sides of a community's ring; return their number."""
    count = 0
    for step in range(1, near + 1):
        ahead = place + step
        behind = place - step
        row[count] = first + around(ahead, size)
        row[count + 1] = first + around(behind, size)
        count += 2
    return count


@borrowing
def _leave_out_ring(met, place, size, near):
    """Unmark `place` itself and its close contacts."""
    for step in range(-near, near + 1):
        other = around(place + step, size)
        met[other] = 0


@compiled
def _leave_out_own(met, person, distances, persons, first, last):
    """Unmark far contacts who live in the same community."""
    for index in range(distances.size):
        other = around(person + distances[index], persons)
        if first <= other < last:
            met[index] = 0


class Plan(NamedTuple):
    """What is the same for all persons when contacts are drawn."""

    communities: np.ndarray
    """The first person of each community, and the number of persons last."""
    luck: np.ndarray
    """A random number per person, which decides whom they meet."""
    weight: np.ndarray
    """Sociability per person, as the weight of pairs."""
    far_distances: np.ndarray
    """Distances at which far contacts are tried."""
    ring: int
    """Close contacts on each side."""
    inside: float
    """Contacts wanted in the person's own community."""
    raised: float
    """Factor that makes up for chances cut off at one."""
    far: np.float32
    """Chance to meet of a far pair of mean sociability."""
    mixed: bool
    """Whether far distances may lead into the same community."""
    longest: int
    """Size of the largest community."""
    block: int
    """Persons whose far contacts are tried together."""


@compiled
def _rows(low, high, fill, start, contacts, close, key_inside, plan):
    """Count (fill = 0) or write (fill = 1) the contacts of persons low..high."""
    persons = plan.luck.size
    away = plan.far_distances.size
    row = np.empty(2 * plan.ring + plan.longest + away + 1, np.uint32)
    met = np.empty(plan.longest, np.uint8)
    met_far = np.empty((away, plan.block), np.uint8)
    distances = np.empty(plan.longest // 2 + 1, np.int64)
    community = np.searchsorted(plan.communities, low, side="right") - 2
    last = low
    begin = 0
    for person in range(low, high):
        if (person - low) % plan.block == 0:
            # Far contacts of the next block of persons.
            begin = person
            end = min(begin + plan.block, high)
            for index in range(away):
                _ask_ring(
                    begin, end, plan.far_distances[index], plan.luck, plan.weight, plan.far,
                    met_far[index])
        if person == last:
            # A community begins.
            community += 1
            first = plan.communities[community]
            last = plan.communities[community + 1]
            size = last - first
            near, rest, wanted = _shares(size, plan.ring, plan.inside)
            asked = _asked(wanted)
            everybody = 4 * asked >= rest
            chance = np.float32(0.0)
            lucks = plan.luck[first:last]
            weights = plan.weight[first:last]
            if wanted > 0.0 and everybody:
                chance = np.float32(wanted / rest * plan.raised)
            elif wanted > 0.0:
                chance = np.float32(wanted / (2 * asked) * plan.raised)
                _distances(
                    distances[:asked], near + 1, (size - 1) // 2, key_inside + np.uint64(community))
        place = person - first
        own = plan.luck[person]
        heavy = plan.weight[person]
        count = _write_ring(row, place, first, size, near)
        if fill:
            close[person] = count
        if wanted > 0.0 and everybody:
            _ask_one(own, heavy, lucks, weights, chance, met)
            _leave_out_ring(met, place, size, near)
            if fill:
                for other in range(size):
                    row[count] = first + other
                    count += np.int64(met[other])
            else:
                for other in range(size):
                    count += np.int64(met[other])
        elif wanted > 0.0:
            for index in range(asked):
                for side in range(2):
                    other = around(place + (distances[index] if side == 0 else -distances[index]), size)
                    row[count] = first + other
                    count += np.int64(meets(own, lucks[other], heavy, weights[other], chance))
        if plan.mixed:
            _leave_out_own(
                met_far[:, person - begin], person, plan.far_distances, persons, first, last)
        if fill:
            for index in range(away):
                other = around(person + plan.far_distances[index], persons)
                row[count] = other
                count += np.int64(met_far[index, person - begin])
        else:
            for index in range(away):
                count += np.int64(met_far[index, person - begin])
        if fill:
            place = start[person]
            for index in range(count):
                contacts[place + index] = row[index]
        else:
            start[person + 1] = count


@borrowing
def _mark(words, met, bit):
    """Set the bits of persons who met."""
    for place in range(met.size):
        words[place] |= np.uint64(met[place]) << np.uint64(bit)


@borrowing
def _word(met):
    """Return up to 64 marks as the bits of a word."""
    word = np.uint64(0)
    for place in range(met.size):
        word |= np.uint64(met[place]) << np.uint64(place)
    return word


@compiled
def _pack(low, high, start, rows, close, words, plan):
    """Pack the circles of persons low..high: as `_rows`, if all members are tried."""
    persons = plan.luck.size
    away = plan.far_distances.size
    about = (plan.longest + 63) // 64
    met = np.empty(plan.longest, np.uint8)
    met_far = np.empty(plan.block, np.uint8)
    far_words = np.empty((words - 1 - about, plan.block), np.uint64)
    community = np.searchsorted(plan.communities, low, side="right") - 2
    last = low
    for person in range(low, high):
        column = (person - low) % plan.block
        if column == 0:
            # Far contacts of the next block of persons.
            end = min(person + plan.block, high)
            far_words[:] = 0
            for index in range(away):
                _ask_ring(
                    person, end, plan.far_distances[index], plan.luck, plan.weight, plan.far,
                    met_far[: end - person])
                _mark(far_words[index >> 6], met_far[: end - person], index & 63)
        if person == last:
            # A community begins.
            community += 1
            first = plan.communities[community]
            last = plan.communities[community + 1]
            size = last - first
            near, rest, wanted = _shares(size, plan.ring, plan.inside)
            chance = np.float32(wanted / rest * plan.raised) if wanted > 0.0 else np.float32(0.0)
            lucks = plan.luck[first:last]
            weights = plan.weight[first:last]
        row = rows[person * words : (person + 1) * words]
        row[:] = 0
        row[0] = np.uint64(first) | np.uint64(size) << np.uint64(32)
        count = 2 * near
        close[person] = count
        if wanted > 0.0:
            _ask_one(plan.luck[person], plan.weight[person], lucks, weights, chance, met)
            _leave_out_ring(met, person - first, size, near)
            for word in range((size + 63) // 64):
                row[1 + word] = _word(met[64 * word : min(64 * word + 64, size)])
                count += ones(row[1 + word])
        for word in range(words - 1 - about):
            row[1 + about + word] = far_words[word, column]
        if plan.mixed:
            for index in range(away):
                other = around(person + plan.far_distances[index], persons)
                if first <= other < last:
                    row[1 + about + (index >> 6)] &= ~(np.uint64(1) << np.uint64(index & 63))
        for word in range(words - 1 - about):
            count += ones(row[1 + about + word])
        start[person + 1] = count


@borrowing
def _mean(values):
    # Add in order: numpy's sum depends on the vector width of the processor.
    total = 0.0
    for index in range(values.size):
        total += values[index]
    return total / values.size


@compiled
def _lift(weights, chance, key):
    """Return the factor on `chance` with which pairs meet that often on average.

    Chances above one are cut off; a sample of pairs shows how much that loses.
    """
    one = np.empty(SAMPLE)
    other = np.empty(SAMPLE)
    for pair in range(SAMPLE):
        bits = draw64(key, pair)
        one[pair] = weights[(bits >> np.uint64(32)) % np.uint64(weights.size)]
        other[pair] = weights[(bits & np.uint64(0xFFFFFFFF)) % np.uint64(weights.size)]
    low = 1.0
    high = 64.0
    for _ in range(30):
        factor = 0.5 * (low + high)
        total = 0.0
        for pair in range(4096):
            total += min(1.0, factor * chance * one[pair] * other[pair])
        if total < 4096.0 * chance:
            low = factor
        else:
            high = factor
    return low


@borrowing
def _luck(low, high, out, key):
    for person in range(low, high):
        out[person] = draw32(key, person)


def small_world(
    network: Network, communities: np.ndarray, sociability: np.ndarray, seed: int,
    threads: Threads,
) -> Graph:
    """Return the default network; mean degree is close to ``network.contacts``."""
    persons = int(communities[-1])
    sizes = np.diff(communities)
    weight = (sociability / _mean(sociability)).astype(np.float32)
    luck = np.empty(persons, np.uint32)
    threads.over(persons, _luck, luck, np.uint64(key(seed, "network luck", 0)))
    # Far contacts: pairs inside a community do not count.
    strangers = persons - int((sizes * sizes).sum()) / persons
    outside = min(network.contacts * network.outside, strangers)
    inside = network.contacts - outside
    asked = int(_asked.python(outside))
    longest, farthest = int(sizes.max()), (persons - 1) // 2
    mixed = farthest - longest < 2 * asked
    nearest = 1 if mixed else longest
    if 4 * asked > persons:
        asked = farthest
    distances = np.empty(asked, np.int64)
    _distances(distances, nearest, farthest, np.uint64(key(seed, "network far", 0)))
    distances = np.concatenate([distances, -distances])
    key_lift = np.uint64(key(seed, "network lift", 0))
    far = outside / distances.size * (persons / strangers if mixed else 1.0) if asked else 0.0
    far *= _lift(weight, float(far), key_lift) * CERTAINTY
    # One factor for all communities: that of the mean one.
    ring = int(min(network.close, inside) // 2)
    rest = max(persons / sizes.size - 1 - 2 * ring, 1.0)
    usual = min(max(inside - 2 * ring, 0.0) / rest, 1.0)
    raised = _lift(weight, usual, key_lift) * CERTAINTY
    start = np.zeros(persons + 1, np.int64)
    close = np.zeros(persons, np.uint16)
    plan = Plan(
        communities, luck, weight, distances, ring, float(inside), raised, np.float32(far), mixed,
        longest, BLOCK,
    )
    words = packed_words(network.contacts, longest, distances.size, ring, inside)
    if words:
        rows = np.empty(persons * words, np.uint64)
        threads.over(persons, _pack, start, rows, close, words, plan, worth=A_ROW_IS_MUCH)
        np.cumsum(start, out=start)
        listed = np.empty(0, np.uint32)
        about = -(-longest // 64)
        return Graph(Circles(start, close, listed, rows, distances, words, about), communities)
    key_inside = np.uint64(key(seed, "network inside", 0))
    threads.over(
        persons, _rows, 0, start, np.empty(0, np.uint32), close, key_inside, plan,
        worth=A_ROW_IS_MUCH)
    np.cumsum(start, out=start)
    contacts = np.empty(int(start[-1]), np.uint32)
    threads.over(
        persons, _rows, 1, start, contacts, close, key_inside, plan, worth=A_ROW_IS_MUCH)
    return Graph.listed(start, contacts, close, communities)


def packed_bytes(network: Network) -> float:
    """Estimate the bytes that a person of this network takes if packed; 0 if it is listed."""
    outside = network.contacts * network.outside
    inside = network.contacts - outside
    largest = math.ceil((1.0 + SPREAD) * network.community)
    return 8.0 * packed_words(
        network.contacts, largest, 2 * _asked.python(outside), int(min(network.close, inside) // 2),
        inside)


def packed_words(
    contacts: float, largest: int, distances: int, ring: int, inside: float,
) -> int:
    """Return the 64-bit words of a packed circle; 0 if circles are listed.

    Circles can be packed if all pairs of a community are tried, even in the largest one: its members
    are then the places of the bits. Packing must also save memory.
    """
    _near, rest, wanted = _shares.python(largest, ring, inside)
    if wanted > 0.0 and 4 * _asked.python(wanted) < rest:
        return 0
    words = 1 - (-largest // 64) - (-distances // 64)
    return words if 8 * words < 4 * contacts else 0

"""Adoption: contagion along ties, in its two classical forms."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.columns import Column
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import exp, log, threshold
from sim.market.network.circles import longest, whole_circle
from sim.market.persons import FROM_BROADCAST, FROM_WORD_OF_MOUTH
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Adoption"]


class Adoption(Mechanism):
    """An unaware person adopts with probability 1 - (1 - a) (1 - b_w)^j (1 - b_s)^m a week.

    j and m are the weak and close contacts who knew the product at the end of last week
    (Goldenberg, Libai, Muller 2001). On a complete network, with b_w = b_s = q / (persons - 1),
    this is Bass 1969 in weeks. Replaces `brand_awareness`.
    """

    phase: ClassVar = "inform"
    writes: ClassVar = (
        "persons.aware", "persons.source", "persons.heard_weak", "persons.heard_close",
        "persons.listed",
    )
    columns: ClassVar = (
        ("persons", Column("heard_weak", "u2", "persons", "weak contacts who know the product")),
        ("persons", Column("heard_close", "u2", "persons", "close contacts who know the product")),
    )

    external: float = parameter(
        0.0006, "chance a week", 0, 1, "a: chance to adopt without any contact",
        source="Sultan, Farley, Lehmann 1990: p about .03 a year")
    weak: float = parameter(
        0.005, "chance a week", 0, 1, "b_w: chance that one weak contact convinces",
        source="Goldenberg, Libai, Muller 2001")
    close: float = parameter(
        0.01, "chance a week", 0, 1, "b_s: chance that one close contact convinces",
        source="Goldenberg, Libai, Muller 2001")
    first: float = parameter(0.0, "share", 0, 1, "share of persons who know it before week 1")

    def begin(self, world: World) -> None:
        """Let the first persons know the product."""
        if world.week == 0 and self.first > 0.0:
            persons = world.persons
            count = _first(persons.listed, self.first, world.fixed_luck("first adopters"))
            self._tell(world, persons.listed[:count])

    def step(self, world: World) -> None:
        """Let unaware persons adopt, and their contacts hear of it."""
        persons = world.persons
        found = world.threads.over(
            len(persons), _adopt, persons.view(Persons), self.parameters, world.luck("adopt"))
        for start, count in found:
            self._tell(world, persons.listed[start : start + count])
        world.count("noticed", sum(count for _, count in found))

    def _tell(self, world: World, people: np.ndarray) -> None:
        persons = world.persons
        persons.aware[people] = 1
        _hear(people, world.graph.circles, persons.heard_weak, persons.heard_close)


class Persons(NamedTuple):
    """Columns of persons that adoption reads or changes."""

    aware: np.ndarray
    heard_weak: np.ndarray
    heard_close: np.ndarray
    source: np.ndarray
    listed: np.ndarray


SMALLEST = 1e-300
"""Smallest chance not to adopt: zero has no logarithm."""


@compiled
def _first(listed, share, key):
    """List the persons who know the product before the first week; return how many."""
    count = 0
    for person in range(listed.size):
        if draw32(key, person) < threshold(share):
            listed[count] = person
            count += 1
    return count


@compiled
def _adopt(low, high, persons, rule, key):
    """List those of the persons low..high who adopt, from `low` on; return `low` and how many."""
    log_none = log(max(1.0 - rule.external, SMALLEST))
    log_weak = log(max(1.0 - rule.weak, SMALLEST))
    log_close = log(max(1.0 - rule.close, SMALLEST))
    count = 0
    for person in range(low, high):
        if persons.aware[person]:
            continue
        weak, close = persons.heard_weak[person], persons.heard_close[person]
        if draw32(key, person) < threshold(1.0 - exp(log_none + weak * log_weak + close * log_close)):
            persons.source[person] = FROM_WORD_OF_MOUTH if weak + close > 0 else FROM_BROADCAST
            persons.listed[low + count] = person
            count += 1
    return low, count


@compiled
def _hear(people, circles, heard_weak, heard_close):
    """Let everybody in the circles of these people hear of the product one more time."""
    circle = np.empty(longest(circles, people), np.uint32)
    for index in range(people.size):
        person = people[index]
        for place in range(whole_circle(circles, person, circle)):
            if place < circles.close[person]:
                heard_close[circle[place]] += 1
            else:
                heard_weak[circle[place]] += 1

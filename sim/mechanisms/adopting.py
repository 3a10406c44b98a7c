"""Adopting: contagion along ties, in its two classical forms."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.columns import Column
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import exp, log, threshold
from sim.market.network.circles import longest, whole_circle
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Adopting"]


class Adopting(Mechanism):
    """An unaware person adopts with probability 1 - (1 - a) (1 - b_w)^j (1 - b_s)^m a week.

    j and m are the weak and close contacts who knew the product at the end of last week
    (Goldenberg, Libai, Muller 2001). On a complete network, with b_w = b_s = q / (persons - 1),
    this is Bass 1969 in weeks. Stands in the place of `noticing`.
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
        """Let the first ones know."""
        if world.week == 0 and self.first > 0.0:
            persons = world.persons
            count = _first(persons.listed, self.first, world.fixed_luck("first adopters"))
            self._tell(world, persons.listed[:count])

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        persons = world.persons
        ranges = world.threads.over(
            len(persons), _adopt, persons.aware, persons.heard_weak, persons.heard_close,
            persons.source, persons.listed, self.external, self.weak, self.close,
            world.luck("adopt"),
        )
        for start, count in ranges:
            self._tell(world, persons.listed[start : start + count])
        world.count("noticed", sum(count for _, count in ranges))

    def _tell(self, world: World, people: np.ndarray) -> None:
        persons = world.persons
        persons.aware[people] = 1
        _hear(people, world.graph.circles, persons.heard_weak, persons.heard_close)


@compiled
def _first(listed, share, key):
    count = 0
    for person in range(listed.size):
        if draw32(key, person) < threshold(share):
            listed[count] = person
            count += 1
    return count


@compiled
def _adopt(low, high, aware, heard_weak, heard_close, source, listed, alpha, weak, close, key):
    log_none = log(max(1.0 - alpha, 1e-300))
    log_weak = log(max(1.0 - weak, 1e-300))
    log_close = log(max(1.0 - close, 1e-300))
    count = 0
    for person in range(low, high):
        if aware[person]:
            continue
        spared = log_none + heard_weak[person] * log_weak + heard_close[person] * log_close
        if draw32(key, person) < threshold(1.0 - exp(spared)):
            source[person] = 3 if heard_weak[person] + heard_close[person] > 0 else 1
            listed[low + count] = person
            count += 1
    return low, count


@compiled
def _hear(people, circles, heard_weak, heard_close):
    circle = np.empty(longest(circles, people), np.uint32)
    for index in range(people.size):
        person = people[index]
        for place in range(whole_circle(circles, person, circle)):
            if place < circles.close[person]:
                heard_close[circle[place]] += 1
            else:
                heard_weak[circle[place]] += 1

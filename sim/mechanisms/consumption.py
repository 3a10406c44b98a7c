"""Consumption: what people have at home is consumed as they need it."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import unit
from sim.kernel.maths import exps, poisson_from
from sim.kernel.picking import rows_with
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Consumption"]


class Consumption(Mechanism):
    """Persons with stock at home consume a Poisson number of units, mean their weekly need.

    Poisson use with gamma needs across persons: Ehrenberg 1959; Fader, Hardie, Lee 2005.
    """

    phase: ClassVar = "need and choose"
    writes: ClassVar = ("persons.home", "persons.used")

    idle_use: float = parameter(
        0.02, "units a week", 0, 10,
        "weekly use by people who do not need the category but were talked into buying")

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        persons = world.persons
        used = sum(world.threads.over(
            len(persons), _use, persons.home, persons.used, persons.weekly_need, self.idle_use,
            world.luck("use"),
        ))
        world.books.goods.move("homes", "consumed", used)
        world.count("used", used)


@compiled
def _use(low, high, home, used, need, idle, key):
    total = 0
    used[low:high] = 0
    users = rows_with(home, low, high)
    means = np.empty(users.size)
    count = 0
    for person in users:
        mean = max(np.float64(need[person]), idle)
        users[count] = person
        means[count] = mean
        # exp(-x) > 1 - x: most need nothing this week, and no exponential to know it.
        count += unit(key, person) >= 1.0 - mean - 1e-9
    nothing = -means[:count]
    exps(nothing)
    for index in range(count):
        person = users[index]
        wanted = poisson_from(nothing[index], means[index], unit(key, person))
        taken = min(wanted, home[person], 255)
        home[person] -= taken
        used[person] = taken
        total += taken
    return total

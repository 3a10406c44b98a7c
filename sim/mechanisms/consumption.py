"""Consumption: what people have at home is consumed as they need it."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import unit
from sim.kernel.maths import SLACK, exps, poisson_from
from sim.kernel.picking import rows_with
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Consumption"]


class Consumption(Mechanism):
    """Persons with stock at home consume a Poisson number of units, mean their weekly need.

    Poisson use with gamma needs across persons: Ehrenberg 1959; Fader, Hardie, Lee 2005.
    """

    phase: ClassVar = "need and choose"
    reads: ClassVar = ("persons.weekly_need",)
    writes: ClassVar = ("persons.home", "persons.used")

    idle_use: float = parameter(
        0.02, "units a week", 0, 10,
        "weekly use by people who do not need the category but were talked into buying")

    def step(self, world: World) -> None:
        """Let households consume from their stock."""
        persons = world.persons
        used = sum(world.threads.over(
            len(persons), _use, persons.view(Households), self.parameters, world.luck("use")))
        world.books.goods.move("homes", "consumed", used)
        world.count("used", used)


class Households(NamedTuple):
    """Columns of persons that consumption reads or changes."""

    home: np.ndarray
    used: np.ndarray
    weekly_need: np.ndarray


MAX_USED = 255
"""Units that a person can use in a week: the most that the column `used` holds."""


@compiled
def _use(low, high, persons, rule, key):
    """Let the persons low..high consume; return how many units they use."""
    total = 0
    persons.used[low:high] = 0
    users = rows_with(persons.home, low, high)
    means = np.empty(users.size)
    count = 0
    for person in users:
        mean = max(np.float64(persons.weekly_need[person]), rule.idle_use)
        users[count] = person
        means[count] = mean
        # exp(-x) > 1 - x: this cheap bound rules out use by most persons without an exponential.
        count += unit(key, person) >= 1.0 - mean - SLACK
    no_use = -means[:count]
    exps(no_use)  # now the chance of using nothing
    for index in range(count):
        person = users[index]
        wanted = poisson_from(no_use[index], means[index], unit(key, person))
        taken = min(wanted, persons.home[person], MAX_USED)
        persons.home[person] -= taken
        persons.used[person] = taken
        total += taken
    return total

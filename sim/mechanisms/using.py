"""Using: what people have at home is consumed as they need it."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import unit
from sim.kernel.maths import poisson
from sim.kernel.picking import BLOCK, pick_nonzero
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Using"]


class Using(Mechanism):
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
    flags = np.empty(BLOCK, np.uint8)
    listed = np.empty(BLOCK, np.int64)
    for begin in range(low, high, BLOCK):
        units = home[begin : min(begin + BLOCK, high)]
        for index in range(pick_nonzero(units, begin, flags, listed)):
            person = listed[index]
            mean = max(np.float64(need[person]), idle)
            luck = unit(key, person)
            # exp(-x) > 1 - x: most need nothing this week, and no exponential to know it.
            if luck < 1.0 - mean - 1e-9:
                continue
            taken = min(poisson(mean, luck), home[person], 255)
            home[person] -= taken
            used[person] = taken
            total += taken
    return total

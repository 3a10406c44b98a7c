"""Personal experience: knowing how a user behaves makes the experience fit that user."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing
from sim.market.outputs import Output
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["PersonalExperience"]


class PersonalExperience(Mechanism):
    """Users are served the way they use the product, as far as the brand knows their behaviour.

    After n purchases the brand knows n / (n + 2) of what behaviour data can tell (`brand.known`:
    这些有助于给每一个用户带来个性化体验). Advice on use, dose and reminders then close part of the gap
    to full satisfaction. A brand without data, or a user with one purchase, gains little.
    """

    phase: ClassVar = "experience"
    reads: ClassVar = ("persons.used", "persons.purchases", "brand.known")
    writes: ClassVar = ("persons.satisfaction",)
    outputs: ClassVar = (
        Output("personal_gain", "share", "satisfaction that a personal experience adds, mean of this week's "
               "users; empty without one"),
    )
    dial: ClassVar = "gain"
    off: ClassVar = {"A27": {"personal_experience.gain": 0.0}}

    gain: float = parameter(
        0.0, "share a week", 0, 1, "share of missing satisfaction that an experience closes that fits in all",
        source="personalised offers raise revenue by 5-15 % (vendors' surveys, no experiment): a guess",
        prior=Prior(0.0, 0.2, "from none to a fifth a week"))

    def step(self, world: World) -> None:
        """Give this week's users a personal experience."""
        added, users = _serve(world.persons.view(Users), self.gain * world.brand.known.behaviour)
        world.report("personal_gain", added / users if users else float("nan"))


class Users(NamedTuple):
    """Columns of persons that an experience reads or changes."""

    used: np.ndarray
    purchases: np.ndarray
    satisfaction: np.ndarray


HALF_KNOWN = 2.0
"""Purchases after which half of what can be known is known."""


@borrowing
def _serve(users, gain):
    """Raise the satisfaction of those who used the product; return the sum added, and how many."""
    added = 0.0
    count = 0
    for person in range(users.used.size):
        if users.used[person] == 0:
            continue
        bought = np.float64(users.purchases[person])
        before = np.float64(users.satisfaction[person])
        more = gain * bought / (bought + HALF_KNOWN) * (1.0 - before)
        users.satisfaction[person] = before + more
        added += more
        count += 1
    return added, count

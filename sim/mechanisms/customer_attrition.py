"""Customer attrition: customers who leave for good after a purchase."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.columns import Column
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import gamma, threshold
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["CustomerAttrition"]


class CustomerAttrition(Mechanism):
    """After each purchase a person loses the need for good, with a chance that differs by person.

    The chance is beta distributed over persons with shapes a and b. With gamma distributed needs
    this is the BG/NBD of Fader, Hardie and Lee 2005, in weeks.
    """

    phase: ClassVar = "experience"
    reads: ClassVar = ("persons.last_purchase",)
    writes: ClassVar = ("persons.weekly_need", "persons.dropout")
    columns: ClassVar = (
        ("persons", Column("dropout", "f4", "chance", "chance to lose the need after a purchase")),
    )

    a: float = parameter(
        0.793, "shape", 0.01, 1000, "first shape of the beta distribution of the chance",
        source="CDNOW, Fader, Hardie, Lee 2005")
    b: float = parameter(
        2.426, "shape", 0.01, 1000, "second shape of the beta distribution of the chance",
        source="CDNOW, Fader, Hardie, Lee 2005")

    def begin(self, world: World) -> None:
        """Draw everybody's chance: one gamma variate over the sum of two."""
        _chances(world.persons.dropout, float(self.a), float(self.b),
                 world.fixed_luck("trait dropout"), world.fixed_luck("trait dropout, second"))

    def step(self, world: World) -> None:
        """Let some of this week's buyers lose the need."""
        persons = world.persons
        lost = sum(world.threads.over(
            len(persons), _lapse, persons.view(Buyers), world.week, world.luck("lapse")))
        world.count("customers_lost", lost)


class Buyers(NamedTuple):
    """Columns of persons that lapsing reads or changes."""

    last_purchase: np.ndarray
    weekly_need: np.ndarray
    dropout: np.ndarray


@compiled
def _chances(out, a, b, key_one, key_two):
    """Draw a beta variate for each person."""
    for person in range(out.size):
        one = gamma(a, key_one, person)
        two = gamma(b, key_two, person)
        out[person] = one / (one + two) if one + two > 0.0 else 0.0


@compiled
def _lapse(low, high, persons, week, key):
    """Let buyers of the week among the persons low..high lose the need; return how many do."""
    lost = 0
    for person in range(low, high):
        if persons.last_purchase[person] == week and persons.weekly_need[person] > 0.0:
            if draw32(key, person) < threshold(persons.dropout[person]):
                persons.weekly_need[person] = 0.0
                lost += 1
    return lost

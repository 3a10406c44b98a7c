"""A platform shows shoppers a ranking of resellers: who sold much is shown, and sells more."""

from typing import ClassVar

import numpy as np

import sim


class Ranking(sim.Mechanism):
    """Let a share of the aware look at the platform and take a reseller from its first page.

    The ranking is by fame: units sold, the older the less they count. Only who has stock is shown.
    """

    phase: ClassVar = "sell"
    place: ClassVar = "after selling"
    reads: ClassVar = ("resellers.sold", "resellers.inventory", "resellers.active", "persons.aware")
    writes: ClassVar = ("persons.seller", "resellers.fame")
    columns: ClassVar = (("resellers", sim.Column("fame", "f4", "units", "faded sum of sales")),)
    outputs: ClassVar = (sim.Output("platform_visits", "persons", "persons who looked"),)

    looking: float = sim.parameter(0.1, "share", 0, 1, "share of the aware who look in a week")
    page: int = sim.parameter(5, "resellers", 1, 1000, "resellers on the first page")
    fading: float = sim.parameter(0.1, "share", 0, 1, "share of the fame that a week takes")

    def step(self, world):
        """Renew the ranking, and hand the lookers on."""
        resellers, persons = world.resellers, world.persons
        resellers.fame[:] = (1 - self.fading) * resellers.fame + resellers.sold
        shown = np.flatnonzero((resellers.active == 1) & (resellers.inventory > 0))
        shown = shown[np.argsort(-resellers.fame[shown], kind="stable")][: self.page]
        aware = np.flatnonzero(persons.aware)
        looking = aware[world.draw("look at platform", aware) < self.looking]
        if shown.size:
            place = world.draw("choose on platform", looking) * shown.size
            persons.seller[looking] = shown[place.astype(np.int64)]
            world.count("platform_visits", looking.size)

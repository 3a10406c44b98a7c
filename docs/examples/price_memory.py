"""People remember the lowest price they were offered, and dislike to pay more."""

from typing import ClassVar

import numpy as np

import sim
from sim.market.persons import NO_OFFER


class PriceMemory(sim.Mechanism):
    """Make an offer the less appealing, the further it is above the lowest one remembered.

    What is remembered drifts towards the prices heard since.
    """

    phase: ClassVar = "inform"
    place: ClassVar = "after brand_awareness"
    reads: ClassVar = ("persons.offer",)
    writes: ClassVar = ("persons.appeal", "persons.remembered")
    columns: ClassVar = (
        ("persons", sim.Column("remembered", "f4", "fen", "lowest price remembered; 0 none")),)
    outputs: ClassVar = (sim.Output("remembered_mean", "fen", "mean of the prices remembered"),)

    weight: float = sim.parameter(4.0, "utility", 0, 100, "what a price e times as high costs")
    forgetting: float = sim.parameter(0.05, "share", 0, 1, "way to a higher price that is heard")

    def step(self, world):
        """Compare the offers of this week with what is remembered."""
        persons = world.persons
        heard = np.flatnonzero(persons.offer != NO_OFFER)
        price = (persons.offer[heard] >> np.uint64(32)).astype(np.float64)  # price x 2^32 + row
        before = np.where(persons.remembered[heard] > 0, persons.remembered[heard], price)
        persons.appeal[:] = 0
        persons.appeal[heard] = -self.weight * np.log(np.maximum(price / before, 1))
        persons.remembered[heard] = np.minimum(price, before + self.forgetting * (price - before))
        known = persons.remembered[persons.remembered > 0]
        world.report("remembered_mean", known.mean() if known.size else 0)

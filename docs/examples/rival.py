"""A rival brand, a Mesa agent of its own, undercuts the street price and advertises it."""

from typing import ClassVar

import mesa

import sim


class Rival(mesa.Agent):
    """A firm that follows the street price, never below its own cost."""


class Rivalry(sim.Mechanism):
    """Let the rival set its price; those whom it reaches believe that comparable goods cost that."""

    phase: ClassVar = "inform"
    place: ClassVar = "after brand_awareness"
    writes: ClassVar = ("persons.reference",)
    outputs: ClassVar = (sim.Output("rival_price", "CNY", "price of the rival brand"),)

    undercut: float = sim.parameter(0.3, "share", 0, 1, "how far below the street price it goes")
    cost: float = sim.parameter(40.0, "CNY", 0, 1e6, "price below which the rival does not go")
    reach: float = sim.parameter(0.2, "share", 0, 1, "share of people it reaches in a week")

    def begin(self, world):
        """Let the rival enter at the price of comparable goods."""
        Rival(world.model).price = world.settings.offer.reference_price

    def step(self, world):
        """Set the price and tell people."""
        [rival] = world.model.agents_by_type[Rival]
        street = world.market.street_price / 100 or rival.price
        rival.price += (max(self.cost, (1 - self.undercut) * street) - rival.price) / 4
        told = world.draw("told of the rival", range(len(world.persons))) < self.reach
        world.persons.reference[told] = rival.price
        world.report("rival_price", rival.price)

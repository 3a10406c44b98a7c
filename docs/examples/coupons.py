"""A rule of one's own: aware people get a coupon of the brand, which makes buying now likelier."""

from typing import ClassVar

import sim


class Coupons(sim.Mechanism):
    """Every week a share of the persons who know the product feels a push to buy.

    The push is the same column that relationship selling writes, but it costs no trust.
    """

    phase: ClassVar = "inform"
    writes: ClassVar = ("persons.push",)
    place: ClassVar = "after approaching"

    share: float = sim.parameter(0.1, "share", 0, 1, "share of the aware who get a coupon a week")
    push: float = sim.parameter(0.5, "utility", 0, 50, "what a coupon adds to the push to buy now")

    def step(self, world):
        """Give the coupons out."""
        persons = world.persons
        chosen = world.luck_of_persons("coupon") < self.share if hasattr(
            world, "luck_of_persons") else persons.id % 100 < self.share * 100
        persons.push[chosen & (persons.aware == 1)] += self.push

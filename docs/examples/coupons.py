"""A custom rule: coupons of the brand make buying now likelier, without burning trust."""

from typing import ClassVar

import numpy as np

import sim
from sim.kernel.luck import draw64
from sim.market.persons import FULL_PUSH


class Coupons(sim.Mechanism):
    """Each week a share of the persons who know the product feels a push to buy now.

    The push is the column that prospecting writes too, counted in `FULL_PUSH`.
    """

    phase: ClassVar = "inform"
    writes: ClassVar = ("persons.push",)
    place: ClassVar = "after prospecting"

    share: float = sim.parameter(0.1, "share", 0, 1, "share of the aware who get a coupon a week")
    push: float = sim.parameter(0.5, "push", 0, 50, "what a coupon adds to the push to buy now")

    def step(self, world):
        """Hand the coupons out."""
        persons, luck = world.persons, world.luck("coupon")
        aware = np.flatnonzero(persons.aware)
        lucky = [person for person in aware if draw64(luck, person) < self.share * 2**64]
        pushed = persons.push[lucky].astype(np.int64) + round(FULL_PUSH * self.push)
        persons.push[lucky] = np.minimum(pushed, np.iinfo(persons.push.dtype).max)

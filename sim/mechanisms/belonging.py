"""Belonging: how people come closer to the brand, stage by stage, and drift away again."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import threshold
from sim.kernel.picking import rows_with
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Belonging"]


class Belonging(Mechanism):
    """Five stages in their plain form: stranger, customer, user, fan, geek.

    A buyer is a customer; who buys again and is satisfied, a user; who is very satisfied and trusts
    the channel, a fan; the few fans who can create are geeks. Each condition that stops to hold
    costs its stage, and who has not bought for long is a stranger again; members of a cell are
    forgiven longer, the longer the more of them they hear (B7).
    """

    phase: ClassVar = "learn"
    writes: ClassVar = ("persons.stage",)
    off: ClassVar = {
        "A12": {"belonging.fan_satisfaction": 1.01},
        "B7": {"belonging.stickiness": 0.0, "gathering.belonging": 0.0},
    }

    lapse: int = parameter(
        26, "weeks", 1, 520, "weeks without a purchase after which a customer is lost")
    user_purchases: int = parameter(
        2, "purchases", 1, 1000, "purchases that make a satisfied customer a user")
    user_satisfaction: float = parameter(
        0.5, "share", 0, 1.01, "satisfaction that a user needs")
    fan_satisfaction: float = parameter(
        0.7, "share", 0, 1.01, "satisfaction that a fan needs; above 1 there are no fans")
    fan_trust: float = parameter(0.5, "share", 0, 1.01, "trust that a fan needs")
    stickiness: float = parameter(
        8.0, "weeks a voice", 0, 520,
        "weeks of patience that each of the first four voices heard inside a cell adds",
        source="essay B: 单层用户之间互动更频繁, 用户的粘度会更强")
    devoted: float = parameter(
        0.18, "share", 0, 1, "share of people who would ever be fans of a product",
        source="about 9 % contribute (Nielsen 2006)")
    creators: float = parameter(
        0.10, "share", 0, 1, "share of the fans who are able to create",
        source="about 1 % create, 9 % contribute (Nielsen 2006)")

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        persons = world.persons
        flows = world.threads.over(
            len(persons), _belong, persons.stage, persons.purchases, persons.last_purchase,
            persons.satisfaction, persons.trust, persons.cell, persons.voices, self.lapse,
            float(self.stickiness), self.user_purchases,
            self.user_satisfaction, self.fan_satisfaction, self.fan_trust,
            threshold_of(self.devoted), threshold_of(self.creators), world.week,
            world.fixed_luck("could be a fan"), world.fixed_luck("can create"),
        )
        world.count("customers_lost", sum(lost for lost, _ in flows))
        world.count("stages_gained", sum(gained for _, gained in flows))


def threshold_of(share: float) -> int:
    """Return the 32-bit threshold of a share."""
    return int(threshold(share))


MOST_HEARD = 4
"""Voices of a week beyond which more keep nobody longer."""


@compiled
def _belong(
    low, high, stage, purchases, last_purchase, satisfaction, trust, cell, voices, lapse,
    stickiness, user_purchases,
    user_satisfaction, fan_satisfaction, fan_trust, devoted, creators, week, key_fan, key,
):
    lost = 0
    gained = 0
    for person in rows_with(purchases, low, high):
        heard = min(voices[person], np.uint8(MOST_HEARD))
        patience = lapse + (cell[person] >= 0) * (stickiness * heard)
        # 0 stranger, 1 customer, 2 user, 3 may be a fan: each holds only if the one below does.
        customer = week - last_purchase[person] < patience
        user = customer & (purchases[person] >= user_purchases) & (
            satisfaction[person] >= user_satisfaction)
        fan = user & (satisfaction[person] >= fan_satisfaction) & (trust[person] >= fan_trust)
        now = np.int64(customer) + np.int64(user) + np.int64(fan)
        if now == 3:
            now = 2
            if draw32(key_fan, person) < devoted:
                now = 4 if draw32(key, person) < creators else 3
        before = stage[person]
        if now != before:
            stage[person] = now
            if now == 0:
                lost += 1
            if now > before:
                gained += 1
    return lost, gained

"""Loyalty stages: how people come closer to the brand, stage by stage, and drift away again."""

from __future__ import annotations

from enum import IntEnum, auto
from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import threshold
from sim.kernel.picking import rows_with
from sim.market.persons import FAN, GEEK, STRANGER, USER, count_stages
from sim.market.resellers import prosumers
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["LoyaltyStages", "creative_prosumers"]


class LoyaltyStages(Mechanism):
    """Five stages of loyalty: stranger, customer, user, fan, geek.

    A buyer is a customer; a satisfied buyer who buys again is a user; a very satisfied one who trusts
    the channel is a fan; the few fans who can create are geeks. A stage is lost as soon as its
    condition no longer holds, and a person who has not bought for long is a stranger again. Members
    of a cell may pause longer (B7).
    """

    phase: ClassVar = "learn"
    reads: ClassVar = (
        "persons.purchases", "persons.last_purchase", "persons.satisfaction", "persons.trust",
        "persons.cell",
    )
    writes: ClassVar = ("persons.stage", "market.stages")
    off: ClassVar = {
        "A12": {"loyalty_stages.fan_satisfaction": 1.01},
        "B7": {"loyalty_stages.stickiness": 0, "brand_communities.utility": 0.0,
               "product_experience.attachment": 0.0},
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
    stickiness: int = parameter(
        13, "weeks", 0, 520, "weeks of patience that belonging to a cell adds",
        source="essay B: 单层用户之间互动更频繁, 用户的粘度会更强; half of the usual patience: a guess")
    devoted: float = parameter(
        0.35, "share", 0, 1, "share of people who would ever be fans of a product",
        source="about 9 % contribute (Nielsen 2006)",
        prior=Prior(0.067, 0.6, "a factor of three either way", log=True, fitted=True))
    creators: float = parameter(
        0.18, "share", 0, 1, "share of the fans who are able to create",
        source="about 1 % create, 9 % contribute (Nielsen 2006)",
        prior=Prior(0.04, 0.36, "a factor of three either way", log=True, fitted=True))

    def step(self, world: World) -> None:
        """Count the stages, then move everybody who ever bought to the stage they have earned."""
        persons = world.persons
        luck = Luck(world.fixed_luck("could be a fan"), world.fixed_luck("can create"))
        totals = np.sum(world.threads.over(
            len(persons), _belong, persons.view(People), self.parameters, luck, world.week),
            axis=0).tolist()
        world.market.stages = tuple(totals[TOTALS:])
        world.count("customers_lost", totals[Total.LOST])
        world.count("stages_gained", totals[Total.GAINED])


def creative_prosumers(world: World) -> np.ndarray:
    """Return the prosumers who can create; nobody if the rule takes no part."""
    rule = world.settings.rule("loyalty_stages")
    sellers = world.resellers.person[prosumers(world.resellers)]
    able = threshold(rule.creators if rule else 0.0)
    return sellers[_drawn(sellers, able, world.fixed_luck("can create"))]


@compiled
def _drawn(people, chance, key):
    """Return for each of these people whether a draw falls below the chance."""
    drawn = np.zeros(people.size, np.bool_)
    for place in range(people.size):
        drawn[place] = draw32(key, people[place]) < chance
    return drawn


class Total(IntEnum):
    """What is counted: persons. The stages before the week's changes follow."""

    LOST = 0
    GAINED = auto()


TOTALS = len(Total)


class People(NamedTuple):
    """Columns of persons that their stage depends on, and the stage."""

    stage: np.ndarray
    purchases: np.ndarray
    last_purchase: np.ndarray
    satisfaction: np.ndarray
    trust: np.ndarray
    cell: np.ndarray


class Luck(NamedTuple):
    """Keys of what is fixed for each person."""

    devoted: np.uint64
    creator: np.uint64



@compiled
def _belong(low, high, persons, rule, luck, week):
    """Update the stages of the persons low..high; return totals, then the stages before."""
    lost = 0
    gained = 0
    before = count_stages(persons.stage[low:high])
    devoted = threshold(rule.devoted)
    creators = threshold(rule.creators)
    for person in rows_with(persons.purchases, low, high):
        stage = np.int64(_earned(person, persons, rule, week))
        if stage == FAN:
            stage = USER
            if draw32(luck.devoted, person) < devoted:
                stage = GEEK if draw32(luck.creator, person) < creators else FAN
        held = persons.stage[person]
        if stage != held:
            persons.stage[person] = stage
            lost += stage == STRANGER
            gained += stage > held
    return np.concatenate((np.array([lost, gained]), before))


@borrowing
def _earned(person, persons, rule, week):
    """Return the stage that behaviour earns: stranger, customer, user, or fan (if devoted)."""
    patience = rule.lapse + (persons.cell[person] >= 0) * rule.stickiness
    # Each stage requires the one below; sums instead of branches, which would be mispredicted.
    customer = week - persons.last_purchase[person] < patience
    user = customer & (persons.purchases[person] >= rule.user_purchases) & (
        persons.satisfaction[person] >= rule.user_satisfaction)
    fan = user & (persons.satisfaction[person] >= rule.fan_satisfaction) & (
        persons.trust[person] >= rule.fan_trust)
    return np.int64(customer) + np.int64(user) + np.int64(fan)

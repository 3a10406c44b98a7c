"""Own traffic: followers of the brand's own media, reached for free instead of by bought traffic."""

from __future__ import annotations

from enum import IntEnum, auto
from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.columns import Column
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import threshold
from sim.market.outputs import Output
from sim.mechanisms.base import Mechanism, Prior, World, parameter
from sim.mechanisms.brand_communities import direct_price

__all__ = ["OwnTraffic"]


class OwnTraffic(Mechanism):
    """Each sale by the brand itself costs bought traffic, unless the buyer follows the brand.

    Platforms take a fee on the brand's own sales. Satisfied buyers begin to follow its own media and
    are reached for free from then on: traffic that the brand controls (自建流量,
    自带流量取代了向淘宝等电商平台购买流量). Part of the saved fee comes off the price for followers
    (把这些让利给消费者). Followers leave, the sooner the less they trust.
    """

    phase: ClassVar = "sell"
    reads: ClassVar = (
        "persons.last_purchase", "persons.chosen", "persons.satisfaction", "persons.trust",
        "resellers.dropship",
    )
    writes: ClassVar = ("persons.follows", "persons.discount", "persons.follower_discount")
    columns: ClassVar = (
        ("persons", Column("follows", "u1", "flag", "follows the brand's own media", low=0, high=1)),
        ("persons", Column("follower_discount", "i4", "fen", "part of the discount that is for "
                           "followers", low=0)),
    )
    outputs: ClassVar = (
        Output("followers", "persons", "who follow the brand's own media"),
        Output("traffic_bought", "fen", "paid for traffic that leads to sales by the brand itself"),
        Output("traffic_saved", "fen", "not paid, since buyers followed the brand"),
        Output("traffic_passed_on", "fen", "of that, taken off the price for followers"),
    )
    dial: ClassVar = "fee"
    off: ClassVar = {"A23": {"own_traffic.opt_in": 0.0}}

    fee: float = parameter(
        0.0, "share", 0, 0.9, "share of the price that a platform takes for traffic; 0: traffic costs "
        "nothing", source="云集 and group leaders earn 10-20 % commission; essay A: 向淘宝等电商平台购买流量")
    opt_in: float = parameter(
        0.2, "chance a purchase", 0, 1, "chance that a fully satisfied buyer begins to follow",
        source="working assumption: one buyer in ten follows a shop",
        prior=Prior(0.05, 0.8, "a factor of four either way", log=True))
    opt_out: float = parameter(
        0.02, "chance a week", 0, 1, "chance that a follower without any trust leaves",
        source="working assumption: a third of the distrustful stays for a year",
        prior=Prior(0.005, 0.08, "a factor of four either way", log=True))
    passed_on: float = parameter(
        0.6, "share", 0, 1, "share of the fee that is saved on followers and comes off their price",
        source="as `brand_communities.passed_on` under full feedback")

    def step(self, world: World) -> None:
        """Pay for this week's traffic, and let people begin or stop following."""
        price = direct_price(world)
        fee = round(self.fee * price)
        discount = round(self.passed_on * fee)
        totals = np.zeros(len(Total), np.int64)
        _follow(
            world.persons.view(People), world.resellers.dropship, self.parameters, discount, world.week,
            Luck(world.luck("begins to follow"), world.luck("ceases to follow")), totals)
        got = {total: int(totals[total]) for total in Total}
        world.books.money.move("brand", "media", fee * got[Total.STRANGERS])
        world.count("traffic_bought", fee * got[Total.STRANGERS])
        world.count("traffic_saved", fee * got[Total.KNOWN])
        world.count("traffic_passed_on", got[Total.PASSED_ON])
        world.count("followers", got[Total.FOLLOWERS])

    def end(self, world: World) -> None:
        """End the discount of followers."""
        _follow_no_more(world.persons.discount, world.persons.follower_discount, world.persons.follows)


class Total(IntEnum):
    """What is added up: the brand's own buyers without and with following it, fen, persons."""

    STRANGERS = 0
    KNOWN = auto()
    PASSED_ON = auto()
    FOLLOWERS = auto()


class People(NamedTuple):
    """Columns of persons that following reads or changes."""

    last_purchase: np.ndarray
    chosen: np.ndarray
    satisfaction: np.ndarray
    trust: np.ndarray
    follows: np.ndarray
    discount: np.ndarray
    follower_discount: np.ndarray


class Luck(NamedTuple):
    """Keys of the decisions taken here."""

    begins: np.uint64
    ceases: np.uint64


@borrowing
def _follow(people, dropship, rule, discount, week, luck, totals):
    """Count the brand's own buyers, and let people begin or stop following."""
    for person in range(people.follows.size):
        bought = people.last_purchase[person] == week and (
            people.chosen[person] < 0 or dropship[people.chosen[person]])
        if people.follows[person]:
            if bought:
                totals[Total.KNOWN] += 1
                totals[Total.PASSED_ON] += people.follower_discount[person]
            distrust = 1.0 - np.float64(people.trust[person])
            if draw32(luck.ceases, person) < threshold(rule.opt_out * distrust):
                people.follows[person] = 0
        elif bought:
            totals[Total.STRANGERS] += 1
            chance = rule.opt_in * np.float64(people.satisfaction[person])
            if draw32(luck.begins, person) < threshold(chance):
                people.follows[person] = 1
        if people.follows[person] or people.follower_discount[person]:
            totals[Total.FOLLOWERS] += people.follows[person]
            # `discount` sums what several rules grant: replace the part of this one.
            granted = discount * np.int64(people.follows[person])
            people.discount[person] += granted - people.follower_discount[person]
            people.follower_discount[person] = granted


@compiled
def _follow_no_more(discount, granted, follows):
    """End the discounts that following granted, and all following."""
    for person in range(granted.size):
        discount[person] -= granted[person]
        granted[person] = 0
        follows[person] = 0

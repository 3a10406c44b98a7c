"""Channel coordination: the head of the company makes the channels work for each other."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.columns import Column
from sim.kernel.compiled import borrowing
from sim.kernel.luck import draw32
from sim.kernel.maths import threshold
from sim.market.outputs import Output
from sim.market.persons import NOTHING
from sim.market.resellers import active_seller
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["ChannelCoordination"]


class ChannelCoordination(Mechanism):
    """Channels that are led as one multiply each other, and a channel that loses a customer is paid.

    Left alone, each channel looks after its own sales (B9). Coordination is a matter for the head of
    the company (从老板角度协调及主导相关的资源及利益关系). As far as channels are coordinated, the brand pays
    the legacy channel a share of what its customers buy in the micro-channel. Customers of the legacy
    channel who know an active seller are served by both: they see in the store what the seller talks
    about, and need the product more often (乘级的递增效应: customers of several channels buy more).
    Without a second channel, or without coordination, nothing multiplies.
    """

    phase: ClassVar = "sell"
    reads: ClassVar = (
        "persons.seller", "persons.aware", "persons.chosen", "persons.last_purchase",
        "resellers.active", "resellers.price",
    )
    writes: ClassVar = ("persons.weekly_need", "persons.channel_need")
    columns: ClassVar = (
        ("persons", Column("channel_need", "f4", "times the normal", "how often channels that are "
                           "coordinated let somebody need the product", 1, low=0)),
    )
    outputs: ClassVar = (
        Output("served_by_both", "persons", "customers of the legacy channel who know an active seller"),
        Output("channel_payments", "fen", "paid to the legacy channel for customers who bought elsewhere"),
    )
    dial: ClassVar = "coordination"
    off: ClassVar = {"B15": {"channel_coordination.coordination": 0.0}}

    coordination: float = parameter(
        0.0, "share", 0, 1, "how far the head of the company coordinates the channels",
        source="essay B: 微商,需要从老板角度协调及主导相关的资源及利益关系")
    synergy: float = parameter(
        0.2, "share", 0, 10, "by how much more often somebody needs the product whom two coordinated "
        "channels serve",
        source="customers of several channels buy more often and for more (Kumar, Venkatesan 2005): how "
        "much of it is due to the channels is disputed: a guess",
        prior=Prior(0.0, 0.6, "from none, as selection would have it, to three times that"))
    payment: float = parameter(
        0.1, "share", 0, 1,
        "share of the price that the legacy channel gets when its customers buy elsewhere",
        source="the lower end of what 云集 and group leaders earn for leading a buyer to a shop",
        prior=Prior(0.0, 0.3, "from nothing to the usual margin of a shop"))

    def step(self, world: World) -> None:
        """Pay the legacy channel for this week's customers, and let channels add to each other."""
        legacy = world.settings.rule("legacy_channel")
        share = float(legacy.customers) if legacy else 0.0
        both, revenue = _connect(
            world.persons.view(Customers), world.resellers.view(Sellers), share,
            1.0 + self.coordination * self.synergy, round(world.settings.offer.list_price * 100), world.week,
            world.fixed_luck("legacy customer"))
        paid = int(self.coordination * self.payment * revenue)
        world.books.money.move("brand", "legacy", paid)
        world.count("channel_payments", paid)
        world.count("served_by_both", both)

    def end(self, world: World) -> None:
        """Take back the added need."""
        _connect(world.persons.view(Customers), world.resellers.view(Sellers), 0.0, 1.0, 0, world.week,
                 world.fixed_luck("legacy customer"))


class Customers(NamedTuple):
    """Columns of persons that coordination reads or changes."""

    seller: np.ndarray
    aware: np.ndarray
    chosen: np.ndarray
    last_purchase: np.ndarray
    weekly_need: np.ndarray
    channel_need: np.ndarray


class Sellers(NamedTuple):
    """Columns of resellers that coordination reads."""

    active: np.ndarray
    price: np.ndarray


@borrowing
def _connect(customers, sellers, share, times, list_price, week, key):
    """Raise the need of persons served by both channels.

    Return their number, and the fen that customers of the legacy channel pay in the micro-channel
    this week.
    """
    both = revenue = np.int64(0)
    limit = threshold(share)
    for person in range(customers.aware.size):
        factor = 1.0
        if draw32(key, person) < limit:
            chosen = customers.chosen[person]
            if customers.last_purchase[person] == week and chosen != NOTHING:
                revenue += sellers.price[chosen] if chosen >= 0 else list_price
            if active_seller(customers.seller[person], sellers.active) >= 0:
                both += 1
                if customers.aware[person]:
                    factor = times
        # The need already holds the factor of last week.
        before = np.float64(customers.channel_need[person])
        if np.float32(factor) != np.float32(before):
            customers.weekly_need[person] = np.float64(customers.weekly_need[person]) * (factor / before)
            customers.channel_need[person] = factor
    return both, revenue

"""Brand equity: a name that is worth nothing at first, and gains with satisfied customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.columns import Column
from sim.kernel.compiled import borrowing
from sim.kernel.maths import FINE, fine
from sim.market.appeals import move_appeal
from sim.market.outputs import Output
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["BrandEquity"]


class BrandEquity(Mechanism):
    """The name of the brand gains with each satisfied buyer, and loses with time and with low prices.

    At first people buy from people, and the brand counts for nothing (品牌在前期会被弱化). A purchase adds
    to the equity if the buyer is more than half satisfied, and takes from it otherwise. Equity fades,
    and units sold below the list price reduce it in proportion to the discount: so pressure, dumping
    and hard bargains leave no brand behind (品牌也没有得到持续的积累). Equity appeals to all who know the
    product.
    """

    phase: ClassVar = "learn"
    reads: ClassVar = (
        "persons.aware", "persons.last_purchase", "persons.satisfaction", "market.street_price",
    )
    writes: ClassVar = ("persons.appeal", "persons.brand_appeal")
    columns: ClassVar = (
        ("persons", Column("brand_appeal", "f4", "utility", "what the brand's name adds to the appeal")),
    )
    outputs: ClassVar = (
        Output("brand_equity", "share", "equity of the brand's name, of all that a name can have"),
    )
    dial: ClassVar = "weight"
    off: ClassVar = {"B13": {"brand_equity.weight": 0.0}}

    weight: float = parameter(
        0.0, "utility", 0, 100, "utility that the best of names adds to buying the product",
        source="equity shows as a revenue premium (Ailawadi, Lehmann, Neslin 2003); how large it is here "
        "is a guess: a tenth to a fifth of the price would be about 0.9",
        prior=Prior(0.0, 3.0, "from no brands to three times that"))
    gain: float = parameter(
        0.5, "share", 0, 100, "equity gained of what is missing when everybody has bought once, fully "
        "satisfied", source="working assumption",
        prior=Prior(0.1, 2.0, "a factor of four or five either way", log=True))
    fading: float = parameter(
        0.01, "share a week", 0, 1, "share of the equity that is forgotten a week",
        source="goodwill halves in about a year and a half: working assumption after Nerlove, Arrow 1962",
        prior=Prior(0.002, 0.05, "a factor of five either way", log=True))
    dilution: float = parameter(
        1.0, "share", 0, 100, "equity lost when everybody has bought once at no price at all",
        source="price promotions harm brand equity (Yoo, Donthu, Lee 2000): how much is not known",
        prior=Prior(0.2, 5.0, "a factor of five either way", log=True))

    def step(self, world: World) -> None:
        """Update the equity by satisfaction and price cuts, and raise the product's appeal by it."""
        own, persons = world.own(Name), world.persons
        good, bad, buyers = _weigh(persons.view(Buyers), world.week)
        size = len(persons)
        listed = world.settings.offer.list_price * 100
        cut = max(0.0, 1.0 - world.market.street_price / listed) if world.market.street_price else 0.0
        own.equity += self.gain * good / size * (1.0 - own.equity)
        own.equity -= (self.gain * bad + self.dilution * cut * buyers) / size * own.equity
        own.equity = min(max(own.equity * (1.0 - self.fading), 0.0), 1.0)
        _appeal(persons.view(Knowing), self.weight * own.equity)
        world.report("brand_equity", own.equity)

    def end(self, world: World) -> None:
        """Remove the appeal of the name."""
        _appeal(world.persons.view(Knowing), 0.0)


@dataclass
class Name:
    """What the brand's name is worth, as a share of the most that a name can be worth."""

    equity: float = 0.0


class Buyers(NamedTuple):
    """Columns of persons that say who bought, and how satisfied they are."""

    last_purchase: np.ndarray
    satisfaction: np.ndarray


class Knowing(NamedTuple):
    """Columns of persons to whom a name appeals."""

    aware: np.ndarray
    appeal: np.ndarray
    brand_appeal: np.ndarray


@borrowing
def _weigh(persons, week):
    """Return how far this week's buyers are above and below half satisfied, and their number."""
    good = bad = np.int64(0)
    buyers = 0
    for person in range(persons.satisfaction.size):
        if persons.last_purchase[person] == week:
            buyers += 1
            over = fine(2.0 * np.float64(persons.satisfaction[person]) - 1.0)
            good += max(over, 0)
            bad += max(-over, 0)
    return good / FINE, bad / FINE, buyers


@borrowing
def _appeal(persons, utility):
    """Let the name appeal to all who know the product."""
    for person in range(persons.aware.size):
        if persons.aware[person] or persons.brand_appeal[person] != 0.0:
            move_appeal(person, utility, persons.appeal, persons.brand_appeal)

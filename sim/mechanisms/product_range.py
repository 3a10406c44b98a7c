"""Product range: several products instead of one, against the boredom of buyers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.columns import Column
from sim.kernel.compiled import borrowing
from sim.market.appeals import move_appeal
from sim.market.outputs import Output
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["ProductRange"]


class ProductRange(Mechanism):
    """Buyers who have tried every product are bored until a new version comes.

    The more of the range a person has bought since the last version, the less it appeals (variety
    seeking: McAlister, Pessemier 1982). A wider range (多元化) and newer versions (不断跟进时尚前沿) keep
    buyers, who otherwise lapse and are no longer fans (被自己的粉丝所疏远舍弃). A single product (单品) is
    cheaper: every further product costs its upkeep.
    """

    phase: ClassVar = "learn"
    reads: ClassVar = ("persons.last_purchase", "brand.version")
    writes: ClassVar = ("persons.tried_of_range", "persons.appeal", "persons.boredom")
    columns: ClassVar = (
        ("persons", Column("tried_of_range", "u1", "purchases", "purchases of the present version")),
        ("persons", Column("boredom", "f4", "utility", "what boredom adds to the appeal: below zero")),
    )
    outputs: ClassVar = (
        Output("bored", "persons", "who have bought the whole range since its last version"),
        Output("range_cost", "fen", "upkeep of all products but the first"),
    )
    dial: ClassVar = "products"
    off: ClassVar = {"A24": {"product_range.products": 0}}

    products: int = parameter(
        0, "products", 0, 200, "products that the brand sells side by side; 0: nobody is ever bored",
        source="essay A: 产品需要多元化和不断跟进时尚前沿")
    boredom: float = parameter(
        1.5, "utility", 0, 100, "utility that somebody loses who has bought the whole range",
        source="half of what full satisfaction is worth (`purchase_choice.satisfaction_weight`): working "
        "assumption; variety seeking: McAlister, Pessemier 1982",
        prior=Prior(0.3, 4.0, "from hardly any to more than satisfaction is worth", log=True))
    upkeep: float = parameter(
        50.0, "CNY a week", 0, 1e6, "what each further product costs a week, per 1,000 persons of the market",
        source="working assumption: a product needs part of a person's time",
        prior=Prior(5, 500, "a factor of ten either way", log=True))

    def step(self, world: World) -> None:
        """Let buyers get bored, and pay for the range."""
        own = world.own(Range)
        renewed = world.brand.version != own.version
        own.version = world.brand.version
        bored = _bore(world.persons.view(People), float(self.products), self.boredom, renewed, world.week)
        cost = round(self.upkeep * 100 * (self.products - 1) * len(world.persons) / 1000)
        world.books.money.move("brand", "makers", cost)
        world.count("range_cost", cost)
        world.count("bored", bored)

    def end(self, world: World) -> None:
        """End all boredom."""
        _bore(world.persons.view(People), 1.0, 0.0, True, world.week)


@dataclass
class Range:
    """Version of the product sold last week."""

    version: int = 1


class People(NamedTuple):
    """Columns of persons that boredom reads or changes."""

    last_purchase: np.ndarray
    tried_of_range: np.ndarray
    appeal: np.ndarray
    boredom: np.ndarray


ENOUGH = 255
"""Purchases that the column `tried_of_range` can hold."""


@borrowing
def _bore(people, products, boredom, renewed, week):
    """Count purchases of the current version; return how many persons have tried the whole range."""
    bored = 0
    for person in range(people.boredom.size):
        if renewed:
            people.tried_of_range[person] = 0
        if people.last_purchase[person] == week and people.tried_of_range[person] < ENOUGH:
            people.tried_of_range[person] += 1
        tried = people.tried_of_range[person]
        if tried > 0 or people.boredom[person] != 0.0:
            part = min(1.0, tried / products)
            bored += part == 1.0
            move_appeal(person, -boredom * part, people.appeal, people.boredom)
    return bored

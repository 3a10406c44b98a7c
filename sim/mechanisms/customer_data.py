"""Customer data: what customers do and say becomes data, and data becomes knowledge."""

from __future__ import annotations

import math
from typing import ClassVar

from sim.market.brand import NO_DATA, DataStocks
from sim.market.persons import USER
from sim.market.resellers import prosumers
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["CustomerData"]


class CustomerData(Mechanism):
    """Four data stocks flow from the stages, age, and together make the customer profile.

    Cell members leave shared data, geeks crowd-sourced data (more in cells that organise
    themselves), fans experience data, users behaviour data. Prosumers try every version and count as
    fans; those able to create count as geeks, too. The holographic profile is the geometric mean of
    the four: one missing kind spoils it. The brand knows gain x stock / (stock + half) of each kind:
    diminishing returns. Stocks are per 1,000 persons, so that they mean the same in a market of any
    size (A13).

    Each stock has its own use: shared data tell what the members of cells like, crowd-sourced ones
    carry ideas, experience finds faults in trials, behaviour tells which variants are worth making
    (`product_development`) and how each user uses the product (`personal_experience`), and the profile
    tells which variant to offer to whom.
    """

    phase: ClassVar = "learn"
    reads: ClassVar = (
        "market.stages", "resellers.active", "resellers.dropship", "brand.members",
        "brand.organised",
    )
    writes: ClassVar = ("brand.data", "brand.known", "brand.knowledge")
    off: ClassVar = {"A13": {"customer_data.gain": 0.0}}

    gain: float = parameter(
        None, "share", 0, 1, "how far data are used at all; 0: intuition and surveys that confirm",
        control=("feedback", 0.0, 1.0), source="essay A: 需求比特化")
    shared: float = parameter(0.5, "records a week", 0, 100, "shared data of a cell member")
    crowd: float = parameter(6.0, "records a week", 0, 100, "crowd-sourced data of a geek")
    experience: float = parameter(2.0, "records a week", 0, 100, "experience data of a fan")
    behaviour: float = parameter(0.5, "records a week", 0, 100, "behaviour data of a user")
    cooperation: float = parameter(
        1.5, "times", 0, 100, "how much more somebody brings who can create, in a cell that organises itself",
        source="essay A: 自组织, 水平协作; twice as much is a guess",
        prior=Prior(0.0, 3.0, "from none to four times as much", fitted=True))
    ageing: float = parameter(0.03, "share a week", 0, 1, "share of the data that ages a week")
    half_saturation: float = parameter(
        56.0, "records a 1,000 persons", 0.001, 1e9, "records of a kind at which half of all is known",
        prior=Prior(10.0, 250.0, "a factor of five either way", log=True, fitted=True))

    def step(self, world: World) -> None:
        """Add this week's records to the data, let old ones age, and turn them into knowledge."""
        brand = world.brand
        if self.gain == 0.0:
            brand.knowledge, brand.known = 0.0, NO_DATA
            return
        thousands = len(world.persons) / 1000.0
        product = 1.0
        stocks = {}
        for stock, records in self._records(world).items():
            held = getattr(brand.data, stock)
            stocks[stock] = held + (self.gain * records / thousands - self.ageing * held)
            product *= stocks[stock]
        # Two square roots make a fourth root that every machine rounds alike.
        brand.data = DataStocks(**stocks, profile=math.sqrt(math.sqrt(product)))
        brand.known = DataStocks(
            *(self.gain * stock / (stock + self.half_saturation) for stock in brand.data))
        brand.knowledge = brand.known.profile

    def _records(self, world: World) -> dict[str, float]:
        """Return this week's new records, by stock."""
        brand = world.brand
        users, fans, geeks = world.market.stages[USER:]
        sellers = prosumers(world.resellers).size
        loyalty_stages = world.settings.rule("loyalty_stages")
        creators = sellers * (loyalty_stages.creators if loyalty_stages else 0.0)
        return {
            "shared": self.shared * brand.members,
            "crowd": self.crowd * (geeks + creators + self.cooperation * brand.organised),
            "experience": self.experience * (fans + geeks + sellers),
            "behaviour": self.behaviour * (users + fans + geeks + sellers),
        }

"""Collecting: what customers do and say becomes data, and data becomes knowledge."""

from __future__ import annotations

import math
from typing import ClassVar

from sim.market.brand import DataStocks
from sim.market.persons import USER
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Collecting"]


class Collecting(Mechanism):
    """Four data stocks flow from the stages, age, and together make the customer profile.

    Shared data come from members of cells, crowd-sourced data from geeks (more where cells
    cooperate), experience data from fans, behaviour data from users; prosumers try every version
    and count as fans, and as geeks as far as they are able to create. The holographic profile is
    their geometric mean. Knowledge = gain x profile / (profile + half): diminishing returns. Stocks
    are per 1,000 persons of the market, so that they mean the same in a market of any size (A13).
    """

    phase: ClassVar = "learn"
    writes: ClassVar = ("brand",)
    off: ClassVar = {"A13": {"collecting.gain": 0.0}}

    gain: float = parameter(
        None, "share", 0, 1, "how far data are used at all; 0: intuition and surveys that confirm",
        control=("feedback", 0.0, 1.0), source="essay A: 需求比特化")
    shared: float = parameter(0.5, "records a week", 0, 100, "shared data of a cell member")
    crowd: float = parameter(6.0, "records a week", 0, 100, "crowd-sourced data of a geek")
    experience: float = parameter(2.0, "records a week", 0, 100, "experience data of a fan")
    behaviour: float = parameter(0.5, "records a week", 0, 100, "behaviour data of a user")
    cooperation: float = parameter(
        1.0, "times", 0, 100, "how much more geeks bring where every community has a cell",
        source="essay A: 水平协作")
    ageing: float = parameter(0.03, "share a week", 0, 1, "share of the data that ages a week")
    half: float = parameter(
        50.0, "records a 1,000 persons", 0.001, 1e9, "profile at which half of all is known")

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        brand, persons = world.brand, world.persons
        if self.gain == 0.0:
            brand.knowledge = 0.0
            return
        users, fans, geeks = (int(n) for n in world.market.stages[USER:])
        resellers = world.resellers
        prosumers = int(((resellers.active == 1) & (resellers.dropship == 1)).sum())
        belonging = world.settings.rule("belonging")
        creators = prosumers * (belonging.creators if belonging else 0.0)
        thousands = len(persons) / 1000.0
        communities = world.graph.communities.size - 1
        together = 1.0 + self.cooperation * min(1.0, brand.communities / communities)
        inflow = {
            "shared": self.shared * brand.members,
            "crowd": self.crowd * (geeks + creators) * together,
            "experience": self.experience * (fans + geeks + prosumers),
            "behaviour": self.behaviour * (users + fans + geeks + prosumers),
        }
        product = 1.0
        stocks = {}
        for stock, amount in inflow.items():
            held = getattr(brand.data, stock)
            stocks[stock] = held + (self.gain * amount / thousands - self.ageing * held)
            product *= stocks[stock]
        # Fourth root by two square roots: exactly rounded everywhere, unlike a power.
        profile = math.sqrt(math.sqrt(product))
        brand.data = DataStocks(**stocks, profile=profile)
        brand.knowledge = self.gain * profile / (profile + self.half)

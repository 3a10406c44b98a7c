"""Serving: advice and after-sales, by resellers and by the brand, with limited capacity."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Serving"]


class Serving(Mechanism):
    """Who uses the product this week wants service from the seller they know, else from the brand.

    Each server has a capacity; above it everybody gets a share. Service above one half raises
    satisfaction, and what is known of it raises the value of the offer; the brand alone saturates
    where sellers grow in number with their customers (B8).
    """

    phase: ClassVar = "experience"
    writes: ClassVar = ("persons.satisfaction",)
    off: ClassVar = {"B8": {"serving.satisfaction": 0.0, "serving.utility": 0.0}}

    capacity: float = parameter(
        5.0, "customers a week", 0, 10_000, "customers that a reseller of normal effort can serve")
    brand_capacity: float = parameter(
        0.01, "customers a person", 0, 10, "customers the brand can serve a week, per person of the "
        "market")
    care: float = parameter(
        None, "share", 0, 1, "share of their capacity that resellers spend on service",
        control=("stock_pressure", 1.0, 0.3), source="essay B: 服务升级")
    satisfaction: float = parameter(
        0.10, "satisfaction", 0, 1, "what full service adds to satisfaction, and none takes away")
    utility: float = parameter(
        0.3, "utility", 0, 100, "what known full service adds to the value of the offer")

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        persons, resellers = world.persons, world.resellers
        asked, met = _serve(
            persons.used, persons.seller, persons.satisfaction, resellers.active,
            resellers.effort, self.capacity * self.care,
            self.brand_capacity * len(persons), self.satisfaction,
        )
        if asked:
            level = met / asked
            world.memory["service met"] = level
            world.memory["service level"] = self.utility * (level - 0.5)


@compiled
def _serve(
    used, seller, satisfaction, active, effort, capacity, brand_capacity, weight
):
    load = np.zeros(active.size + 1, np.int64)
    brand = active.size
    for person in range(used.size):
        if used[person]:
            row = seller[person]
            if row < 0 or not active[row]:
                row = brand
            load[row] += 1
    asked = 0
    met = 0.0
    for row in range(load.size):
        if load[row] > 0:
            limit = brand_capacity if row == brand else capacity * np.float64(effort[row])
            asked += load[row]
            met += min(np.float64(load[row]), limit)
    if weight > 0.0:
        for person in range(used.size):
            if used[person]:
                row = seller[person]
                if row < 0 or not active[row]:
                    row = brand
                limit = brand_capacity if row == brand else capacity * np.float64(effort[row])
                level = min(1.0, limit / load[row])
                moved = np.float64(satisfaction[person]) + weight * (level - 0.5)
                satisfaction[person] = min(max(moved, 0.0), 1.0)
    return asked, met

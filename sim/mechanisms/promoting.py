"""Promoting: resellers climb the ladder by volume or recruits, and fall when they miss quotas."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Promoting"]


class Promoting(Mechanism):
    """A rung up for volume or recruits; one down for who missed the quota too often.

    Volume counts when all orders reach the higher rung's first order; recruits when there are
    enough of them for each rung above the lowest.
    """

    phase: ClassVar = "review and leave"
    writes: ClassVar = ("resellers.tier", "resellers.missed_quotas")
    off: ClassVar = {"A2": {"promoting.volume": 0.0, "promoting.recruits": 0}}

    volume: float = parameter(
        1.0, "times the first order", 0, 1000,
        "cumulative orders, as a multiple of the higher rung's first order, that promote; 0 never")
    recruits: int = parameter(
        9, "persons", 0, 10_000, "direct recruits that promote; 0 never",
        source="麦嘉昕 2021-22: 9 direct recruits (hengyang.gov.cn)")
    demotion: int = parameter(
        3, "months", 0, 1000, "missed quotas in a row that cost a rung; 0 never")

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        resellers = world.resellers
        up, down = _promote(
            resellers.active, resellers.dropship, resellers.tier, resellers.cumulative_orders,
            resellers.recruits,
            resellers.missed_quotas,
            np.array([t.first_order for t in world.settings.tiers], np.int64),
            float(self.volume), self.recruits, self.demotion,
        )
        world.count("promotions", up)
        world.count("demotions", down)


@compiled
def _promote(
    active, dropship, tier, orders, recruits, missed, first, volume, heads, demotion
):
    up = 0
    down = 0
    for row in range(active.size):
        if not active[row] or dropship[row]:
            continue
        rung = tier[row]
        if demotion > 0 and missed[row] >= demotion and rung < first.size - 1:
            tier[row] = rung + 1
            missed[row] = 0
            down += 1
        elif rung > 0:
            bought = volume > 0.0 and orders[row] >= volume * first[rung - 1]
            # Each rung asks for as many further recruits.
            led = heads > 0 and recruits[row] >= heads * (first.size - rung)
            if bought or led:
                tier[row] = rung - 1
                up += 1
    return up, down

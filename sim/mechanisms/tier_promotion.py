"""Tier promotion: resellers climb the ladder by volume or recruits, and fall when they miss quotas."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["TierPromotion"]


class TierPromotion(Mechanism):
    """A rung up for volume or recruits; one down for missing the quota too often.

    By volume, a reseller rises when all their orders add up to the higher rung's first order; by
    recruits, with enough of them for each rung above the lowest.
    """

    phase: ClassVar = "review and leave"
    reads: ClassVar = (
        "resellers.active", "resellers.dropship", "resellers.cumulative_orders",
        "resellers.recruits")
    writes: ClassVar = ("resellers.tier", "resellers.missed_quotas")
    off: ClassVar = {"A2": {"tier_promotion.volume": 0.0, "tier_promotion.recruits": 0}}

    volume: float = parameter(
        1.0, "times the first order", 0, 1000,
        "cumulative orders, as a multiple of the higher rung's first order, that promote; 0 never")
    recruits: int = parameter(
        9, "persons", 0, 10_000, "direct recruits that promote; 0 never",
        source="麦嘉昕 2021-22: 9 direct recruits (hengyang.gov.cn)")
    demotion: int = parameter(
        3, "months", 0, 1000, "missed quotas in a row that cost a rung; 0 never")

    def step(self, world: World) -> None:
        """Move resellers up or down the ladder, one rung a week at most."""
        first_orders = np.array([t.first_order for t in world.settings.tiers], np.int64)
        up, down = _promote(world.resellers.view(Ladder), first_orders, self.parameters)
        world.count("promotions", up)
        world.count("demotions", down)


class Ladder(NamedTuple):
    """Columns of resellers that their rung depends on, and the rung."""

    active: np.ndarray
    dropship: np.ndarray
    tier: np.ndarray
    cumulative_orders: np.ndarray
    recruits: np.ndarray
    missed_quotas: np.ndarray


@borrowing
def _promote(ladder, first_orders, rule):
    """Change tiers; return how many resellers rose and how many fell."""
    up = 0
    down = 0
    for row in range(ladder.active.size):
        if not ladder.active[row] or ladder.dropship[row]:
            continue
        tier = ladder.tier[row]
        missed = ladder.missed_quotas[row]
        if rule.demotion > 0 and missed >= rule.demotion and tier < first_orders.size - 1:
            ladder.tier[row] = tier + 1
            ladder.missed_quotas[row] = 0
            down += 1
        elif tier > 0 and _deserves_promotion(row, tier, ladder, first_orders, rule):
            ladder.tier[row] = tier - 1
            up += 1
    return up, down


@borrowing
def _deserves_promotion(row, tier, ladder, first_orders, rule):
    """Return whether orders or recruits reach what the next higher rung asks for."""
    volume = rule.volume * first_orders[tier - 1]
    # Each rung takes the same number of further recruits.
    recruits = rule.recruits * (first_orders.size - tier)
    return (rule.volume > 0.0 and ladder.cumulative_orders[row] >= volume) or (
        rule.recruits > 0 and ladder.recruits[row] >= recruits)

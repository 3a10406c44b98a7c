"""Rewarding: what the brand pays sponsors for what their recruits order."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Rewarding"]


class Rewarding(Mechanism):
    """Sponsors get a share of their recruits' entry orders and restocks, and for same-level ones.

    Rewards are paid by the brand on the value of what was shipped this week, whoever shipped it.
    """

    phase: ClassVar = "produce and ship"
    writes: ClassVar = (
        "resellers.cash", "resellers.upline_payments", "resellers.week_income", "brand")
    off: ClassVar = {
        "A2": {"rewarding.entry": 0.0, "rewarding.restock": 0.0, "rewarding.same_level": 0.0}}

    entry: float = parameter(
        0.08, "share", 0, 1, "share of a recruit's first order paid to the sponsor",
        source="英树 2020: 8 % of the first order (chndsnews.com)")
    restock: float = parameter(
        0.045, "share", 0, 1, "share of a recruit's later orders paid to the sponsor",
        source="英树 2020: 4.5 % of restocks (chndsnews.com)")
    same_level: float = parameter(
        0.02, "share", 0, 1, "further share for a recruit of the sponsor's own tier or a better one",
        source="英树 2020: same-level recruit 2 % (chndsnews.com)")

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        resellers = world.resellers
        paid = int(_reward(
            resellers.active, resellers.tier, resellers.upline, resellers.received,
            resellers.received_first, world.tier_prices(), resellers.cash,
            resellers.upline_payments, resellers.week_income, self.entry, self.restock, self.same_level,
        ))
        world.books.money.move("brand", "resellers", paid)
        world.count("upline_payments", paid)
        world.count("rewards", paid)


@compiled
def _reward(
    active, tier, upline, received, received_first, prices, cash, upline_payments, week_income,
    entry, restock, same_level,
):
    total = 0
    for row in range(active.size):
        sponsor = upline[row]
        if received[row] == 0 or sponsor < 0 or not active[sponsor]:
            continue
        price = prices[tier[row]]
        first = received_first[row] * price
        later = (received[row] - received_first[row]) * price
        bonus = same_level if tier[row] <= tier[sponsor] else 0.0
        reward = np.int64((entry + bonus) * first + (restock + bonus) * later)
        cash[sponsor] += reward
        upline_payments[sponsor] += reward
        week_income[sponsor] += reward
        total += reward
    return total

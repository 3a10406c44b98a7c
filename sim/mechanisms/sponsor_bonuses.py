"""Sponsor bonuses: what the brand pays uplines for what their downline orders."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["SponsorBonuses"]


class SponsorBonuses(Mechanism):
    """Uplines get a share of their downline's entry orders and restocks, same-level recruits included.

    The present upline is paid: the recruiter, or whoever took over from one who left. An upline who
    missed the last quota gets nothing until it is met again. All rungs are paid for first orders, only
    the best ones for restocks. The brand pays on the value shipped this week, whoever shipped it.
    """

    phase: ClassVar = "produce and ship"
    reads: ClassVar = (
        "resellers.active", "resellers.tier", "resellers.upline", "resellers.received",
        "resellers.received_first", "resellers.missed_quotas")
    writes: ClassVar = ("resellers.cash", "resellers.upline_payments", "resellers.week_income")
    off: ClassVar = {
        "A2": {"sponsor_bonuses.entry": 0.0, "sponsor_bonuses.restock": 0.0,
               "sponsor_bonuses.same_level": 0.0}}

    entry: float = parameter(
        0.08, "share", 0, 1, "share of a recruit's first order paid to the upline",
        source="英树 2020: 8 % of the first order (chndsnews.com)")
    restock: float = parameter(
        0.045, "share", 0, 1, "share of a recruit's later orders paid to the upline",
        source="英树 2020: 4.5 % of restocks (chndsnews.com)")
    same_level: float = parameter(
        0.02, "share", 0, 1, "further share for a recruit of the upline's own tier or a better one",
        source="英树 2020: same-level recruit 2 % (chndsnews.com)")
    restock_rungs: int = parameter(
        3, "rungs", 0, 1000, "rungs, from the best, whose uplines are paid for later orders",
        source="英树 2020: its three rungs, from 30,000 yuan up (chndsnews.com)")
    qualifying: bool = parameter(
        True, "flag", None, None, "whether uplines who missed their own last quota are paid nothing",
        source="LuLaRoe: a bonus needed a monthly order (R2, from memory)")

    def step(self, world: World) -> None:
        """Pay the uplines of all resellers who received goods this week."""
        paid = int(_reward(world.resellers.view(Sellers), world.tier_prices(), self.parameters))
        world.books.money.move("brand", "resellers", paid)
        world.count("upline_payments", paid)
        world.count("rewards", paid)


class Sellers(NamedTuple):
    """Columns of resellers that rewards read or change."""

    active: np.ndarray
    tier: np.ndarray
    upline: np.ndarray
    received: np.ndarray
    received_first: np.ndarray
    missed_quotas: np.ndarray
    cash: np.ndarray
    upline_payments: np.ndarray
    week_income: np.ndarray


@borrowing
def _reward(sellers, tier_prices, rule):
    """Reward each active upline for what their recruits received; return the sum, fen."""
    total = 0
    for row in range(sellers.active.size):
        sponsor = sellers.upline[row]
        if sellers.received[row] == 0 or sponsor < 0 or not sellers.active[sponsor]:
            continue
        if rule.qualifying and sellers.missed_quotas[sponsor] > 0:
            continue
        tier = sellers.tier[row]
        first = sellers.received_first[row] * tier_prices[tier]
        later = (sellers.received[row] - sellers.received_first[row]) * tier_prices[tier]
        bonus = rule.same_level if tier <= sellers.tier[sponsor] else 0.0
        again = rule.restock + bonus if sellers.tier[sponsor] < rule.restock_rungs else 0.0
        reward = np.int64((rule.entry + bonus) * first + again * later)
        sellers.cash[sponsor] += reward
        sellers.upline_payments[sponsor] += reward
        sellers.week_income[sponsor] += reward
        total += reward
    return total

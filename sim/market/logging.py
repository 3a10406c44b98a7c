"""The log of purchases, kept if a scenario asks for it.

A purchase is what a person takes home while goods are sold: the log compares homes and purses before
and after that part of the week, so that no rule has to know about the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.market.persons import DIRECT
from sim.market.purses import Purses, available

if TYPE_CHECKING:
    from sim.market.world import World

__all__ = ["CHANNELS", "PurchaseLog"]

CHANNELS = ("reseller", "referral", "brand", "legacy channel")
"""Where a purchase was made: from a reseller's stock, by referral or from the brand itself (the brand
delivers both), or in the legacy channel.
"""
RESELLER, REFERRAL, BRAND, OLD_CHANNEL = range(len(CHANNELS))


class PurchaseLog:
    """All purchases of a run, week by week."""

    def __init__(self) -> None:
        self._home = np.empty(0, np.int32)
        self._money = np.empty(0, np.int64)
        self._waiting = np.empty(0, np.uint16)
        self._weeks: list[dict[str, np.ndarray]] = []

    def before_sales(self, world: World) -> None:
        """Record homes and purses before goods are sold."""
        persons = world.persons
        self._home = persons.home.copy()
        self._waiting = persons.waiting.copy()
        self._money = _purses(persons.view(Purses), world.allowance())

    def after_sales(self, world: World) -> None:
        """Log the purchases of everybody who has taken something home."""
        persons, resellers = world.persons, world.resellers
        people = np.flatnonzero(persons.home > self._home)
        money = _purses(persons.view(Purses), world.allowance())
        row = persons.chosen[people].astype(np.int64)
        of_seller = row >= 0
        seller = np.where(of_seller, row, 0)
        dropship = resellers.dropship[seller] > 0 if len(resellers) else np.zeros(people.size, bool)
        delivered = (self._waiting[people] > 0) | (row == DIRECT)
        self._weeks.append({
            "week": np.full(people.size, world.week, np.int64),
            "person": people.astype(np.int64),
            "seller": np.where(
                of_seller, resellers.person[seller].astype(np.int64) if len(resellers) else -1, -1),
            "channel": np.select(
                [of_seller & ~dropship, of_seller, delivered], [RESELLER, REFERRAL, BRAND],
                OLD_CHANNEL),
            "units": (persons.home[people] - self._home[people]).astype(np.int64),
            "paid": self._money[people] - money[people],
        })

    def columns(self) -> dict[str, np.ndarray]:
        """Return the columns of the log."""
        names = ("week", "person", "seller", "channel", "units", "paid")
        return {name: np.concatenate([np.empty(0, np.int64), *(week[name] for week in self._weeks)])
                for name in names}


@compiled
def _money_of(purses, allowance, out):
    for person in range(out.size):
        out[person] = available(person, purses, allowance)


def _purses(purses: Purses, allowance: object) -> np.ndarray:
    """Return the fen that each person can spend this week."""
    out = np.empty(purses.purse.size, np.int64)
    _money_of(purses, allowance, out)
    return out

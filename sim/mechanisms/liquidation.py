"""Liquidation: what leavers do with their stock."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing
from sim.market.resellers import withdraw
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["Liquidation"]


class Liquidation(Mechanism):
    """Leavers keep what they can use, sell the rest below wholesale, and write off what remains.

    Their own need limits what they consume (A1). They dump the rest on their circle at a discount
    that deepens week by week; after the shelf life, what is left is written off (A16).
    """

    phase: ClassVar = "review and leave"
    reads: ClassVar = (
        "persons.weekly_need", "resellers.person", "resellers.active", "resellers.left_week",
        "resellers.tier", "resellers.transit")
    writes: ClassVar = (
        "resellers.inventory", "resellers.stock_value", "resellers.price", "persons.home")
    off: ClassVar = {
        "A1": {"liquidation.own_use": 0.0},
        "A16": {"liquidation.discount": 0.0, "liquidation.deepening": 0.0}}

    own_use: float = parameter(
        12.0, "weeks", 0, 520,
        "weeks of their own need that leavers keep", source="essay A: 自己用自己吃")
    discount: float = parameter(
        0.31, "share", 0, 1, "first discount of leavers on their own wholesale price",
        source="S5: clearance below the wholesale price (LuLaRoe)",
        prior=Prior(0.1, 0.6, "returned stock sells at 40-50 % of its price (Li Ning; LuLaRoe)", fitted=True))
    deepening: float = parameter(
        0.03, "share a week", 0, 1, "further cut of a leaver's price each week")
    floor: float = parameter(
        0.15, "share", 0, 1, "lowest price of leavers, as a share of their own wholesale price")
    shelf_life: int = parameter(
        52, "weeks", 1, 520, "weeks after leaving until the rest is written off")

    def step(self, world: World) -> None:
        """Let leavers take home what they can use, mark down the rest, or write it off."""
        kept, spoilt = _clear(
            world.resellers.view(Leavers), world.persons.view(Households), world.tier_prices(),
            self.parameters, world.week)
        world.books.goods.move("channel", "homes", kept)
        world.books.goods.move("channel", "written_off", spoilt)
        world.count("self_consumed", kept)
        world.count("written_off", spoilt)


class Leavers(NamedTuple):
    """Columns of resellers that clearing reads or changes."""

    person: np.ndarray
    active: np.ndarray
    left_week: np.ndarray
    tier: np.ndarray
    inventory: np.ndarray
    transit: np.ndarray
    stock_value: np.ndarray
    price: np.ndarray


class Households(NamedTuple):
    """Columns of persons that say what a leaver can use."""

    home: np.ndarray
    weekly_need: np.ndarray


KEEPING = 8
"""Weeks after leaving in which leavers still take stock home."""


@borrowing
def _clear(leavers, households, tier_prices, rule, week):
    """Clear the stock of all leavers; return units kept for own use and units written off."""
    kept = 0
    spoilt = 0
    for row in range(leavers.active.size):
        if leavers.active[row] or leavers.inventory[row] == 0:
            continue
        gone = week - leavers.left_week[row]
        if gone >= rule.shelf_life:
            units = np.int64(leavers.inventory[row])
            spoilt += units
            withdraw(row, units, leavers)
        elif gone <= KEEPING:
            kept += _keep(row, leavers, households, rule)
        _mark_down(row, gone, leavers, tier_prices, rule)
    return kept, spoilt


@borrowing
def _keep(row, leavers, households, rule):
    """Take home as many units as the leaver will use; return how many."""
    person = leavers.person[row]
    need = np.int64(rule.own_use * np.float64(households.weekly_need[person]))
    units = min(
        np.int64(leavers.inventory[row]), max(np.int64(0), need - households.home[person]))
    if units > 0:
        households.home[person] += units
        withdraw(row, units, leavers)
    return units


@borrowing
def _mark_down(row, gone, leavers, tier_prices, rule):
    """Cut the price: below wholesale on leaving, then week by week down to the lowest."""
    price = leavers.price[row]
    wholesale = np.float64(tier_prices[leavers.tier[row]])
    if gone == 0:
        cut = np.int64(min(np.float64(price), wholesale * (1.0 - rule.discount)))
    else:
        cut = np.int64(max(price * (1.0 - rule.deepening), wholesale * rule.floor))
    leavers.price[row] = max(cut, 1)

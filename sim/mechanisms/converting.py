"""Converting: tiered resellers become prosumers, and the brand takes stock back."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import threshold
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Converting"]


class Converting(Mechanism):
    """The way out of 1.0: conversion of resellers, buy-back of their stock and of leavers' stock.

    A converted reseller orders no more: what was ordered and not shipped is forgotten, what is on
    the way arrives. From then on the brand ships what they sell, as for every prosumer; hype is
    gone, and the tie to the brand is at least `binding`. The old stock goes to the downline, which
    keeps its supplier, or to consumers once the reseller has left. Old stock and burnt trust stay
    until sold, bought back or healed (B3).

    After the conversions of a week, active prosumers (and leavers, where they may) hand back a
    share of their stock, whose fraction of a unit is decided by luck. The refund of a unit is
    rounded down to the fen; the units leave at their average cost.
    """

    phase: ClassVar = "review and leave"
    writes: ClassVar = (
        "resellers.dropship", "resellers.binding", "resellers.backlog",
        "resellers.first_order_left", "resellers.inventory", "resellers.stock_value",
        "resellers.cash", "resellers.optimism", "brand",
    )
    off: ClassVar = {"B3": {"converting.enabled": False}}

    rate: float = parameter(
        0.0, "chance a week", 0, 1, "chance that a tiered reseller becomes a prosumer; 1: at once")
    buy_back: float = parameter(
        0.0, "share a week", 0, 1, "share of the old stock that the brand takes back a week")
    refund: float = parameter(
        0.9, "share", 0, 1, "share of the reseller's wholesale price refunded for a unit",
        source="buy-back at 90 % (Amway 1979, DSA); Li Ning bought back at 40-50 %")
    leavers: bool = parameter(
        True, "flag", None, None, "whether leavers may hand their stock back, too")
    binding: float = parameter(0.3, "share", 0, 1, "tie to the brand of a converted reseller")

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        if self.rate == 0.0 and self.buy_back == 0.0:
            return
        resellers = world.resellers
        converted, units, refunded = _convert(
            resellers.person, resellers.active, resellers.dropship, resellers.binding,
            resellers.backlog, resellers.first_order_left, resellers.inventory,
            resellers.transit, resellers.stock_value, resellers.cash, resellers.optimism,
            resellers.tier, world.tier_prices(), self.rate, self.buy_back, self.refund,
            self.leavers, self.binding, world.luck("convert"), world.luck("hand back"),
        )
        world.books.goods.move("channel", "factory", units)
        world.books.money.move("brand", "resellers", refunded)
        world.count("bought_back", units)
        world.count("refunds", refunded)
        world.count("converted", converted)


@compiled
def _convert(
    who, active, dropship, binding, backlog, first_left, inventory, transit, stock_value, cash,
    optimism, tier, prices, rate, buy_back, refund, leavers, new_binding, key, key_back,
):
    converted = 0
    total = 0
    refunded = np.int64(0)
    for row in range(who.size):
        person = who[row]
        if active[row] and not dropship[row] and draw32(key, person) < threshold(rate):
            dropship[row] = 1
            backlog[row] = 0
            first_left[row] = 0
            optimism[row] = 0.0
            binding[row] = max(np.float64(binding[row]), new_binding)
            converted += 1
        if buy_back > 0.0 and inventory[row] > 0 and (dropship[row] or (leavers and not active[row])):
            # The fraction of a unit is decided by luck, or the last unit would never go back.
            amount = inventory[row] * buy_back
            units = np.int64(amount)
            if draw32(key_back, person) < threshold(amount - units):
                units += 1
            if units == 0:
                continue
            stock_value[row] -= stock_value[row] * units // (inventory[row] + transit[row])
            inventory[row] -= units
            paid = np.int64(refund * prices[tier[row]]) * units
            cash[row] += paid
            refunded += paid
            total += units
    return converted, total, refunded

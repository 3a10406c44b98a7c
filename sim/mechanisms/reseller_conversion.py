"""Reseller conversion: tiered resellers become prosumers, and the brand takes stock back."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import round_by_luck, threshold
from sim.market.resellers import withdraw
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["ResellerConversion"]


class ResellerConversion(Mechanism):
    """The way out of 1.0: conversion of resellers, buy-back of their stock and of leavers' stock.

    Converted resellers order nothing more: open orders are cancelled, goods on the way still arrive.
    From then on the brand ships what they sell, as for every prosumer; hype is gone, and the tie to
    the brand is at least `binding`. The old stock goes to the downline, which keeps its supplier,
    or to consumers once the reseller has left. Old stock stays until sold or bought back, and burnt
    trust until it heals (B3).

    After the conversions of a week, active prosumers (and leavers, if allowed) return a share of their
    stock; luck decides about the fraction of a unit. The refund per unit is rounded down to the fen;
    units leave at their average cost.
    """

    phase: ClassVar = "review and leave"
    reads: ClassVar = (
        "resellers.person", "resellers.active", "resellers.transit", "resellers.tier")
    writes: ClassVar = (
        "resellers.dropship", "resellers.binding", "resellers.backlog",
        "resellers.first_order_left", "resellers.inventory", "resellers.stock_value",
        "resellers.cash", "resellers.optimism",
    )
    off: ClassVar = {"B3": {"reseller_conversion.enabled": False}}

    rate: float = parameter(
        0.0, "chance a week", 0, 1, "chance that a tiered reseller becomes a prosumer; 1: at once")
    buy_back: float = parameter(
        0.0, "share a week", 0, 1, "share of the old stock that the brand takes back a week")
    refund: float = parameter(
        0.9, "share", 0, 1, "share of the reseller's wholesale price refunded for a unit",
        source="buy-back at 90 % (Amway 1979, DSA); Li Ning bought back at 40-50 %")
    leavers: bool = parameter(
        True, "flag", None, None, "whether leavers may return their stock, too")
    binding: float = parameter(0.3, "share", 0, 1, "tie to the brand of a converted reseller")

    def step(self, world: World) -> None:
        """Convert resellers, then buy back stock."""
        if self.rate == 0.0 and self.buy_back == 0.0:
            return
        luck = Luck(world.luck("convert"), world.luck("hand back"))
        converted, units, refunded = _convert(
            world.resellers.view(Sellers), world.tier_prices(), self.parameters, luck)
        world.books.goods.move("channel", "factory", units)
        world.books.money.move("brand", "resellers", refunded)
        world.count("bought_back", units)
        world.count("refunds", refunded)
        world.count("converted", converted)


class Sellers(NamedTuple):
    """Columns of resellers that conversion and buy-back read or change."""

    person: np.ndarray
    active: np.ndarray
    dropship: np.ndarray
    binding: np.ndarray
    backlog: np.ndarray
    first_order_left: np.ndarray
    inventory: np.ndarray
    transit: np.ndarray
    stock_value: np.ndarray
    cash: np.ndarray
    optimism: np.ndarray
    tier: np.ndarray


class Luck(NamedTuple):
    """Keys of the decisions taken here."""

    convert: np.uint64
    hand_back: np.uint64


@compiled
def _convert(sellers, tier_prices, rule, luck):
    """Return how many converted, the units returned, and the fen refunded."""
    converted = 0
    returned = 0
    refunded = np.int64(0)
    for row in range(sellers.person.size):
        person = sellers.person[row]
        if sellers.active[row] and not sellers.dropship[row] and (
                draw32(luck.convert, person) < threshold(rule.rate)):
            _become_prosumer(row, sellers, rule)
            converted += 1
        may_return = sellers.dropship[row] or (rule.leavers and not sellers.active[row])
        if rule.buy_back > 0.0 and sellers.inventory[row] > 0 and may_return:
            # Luck decides about the fraction of a unit, or the last unit would never be returned.
            units = round_by_luck(
                sellers.inventory[row] * rule.buy_back, draw32(luck.hand_back, person))
            if units > 0:
                withdraw(row, units, sellers)
                refund = np.int64(rule.refund * tier_prices[sellers.tier[row]]) * units
                sellers.cash[row] += refund
                refunded += refund
                returned += units
    return converted, returned, refunded


@compiled
def _become_prosumer(row, sellers, rule):
    """Exchange the dealership for reward rights: open orders and hype are gone."""
    sellers.dropship[row] = 1
    sellers.backlog[row] = 0
    sellers.first_order_left[row] = 0
    sellers.optimism[row] = 0.0
    sellers.binding[row] = max(np.float64(sellers.binding[row]), rule.binding)

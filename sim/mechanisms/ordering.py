"""Ordering: order-up-to replenishment, and the pressure to stock beyond it."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Ordering"]

MONTH = 4
"""Weeks of the month in which quotas are counted."""


class Ordering(Mechanism):
    """Resellers order up to a target, press or no press, as far as their money goes.

    Target stock = forecast x (lead time + cover) x (1 + optimism) + pressure x quota; once a month
    who ordered less than pressure x quota orders the rest, or counts a missed quota. All orders of
    a week are placed at the same time; units on the way and in backlog count as stock. Whose street
    price leaves no margin over the own wholesale price replenishes nothing of their own will.
    """

    phase: ClassVar = "forecast and order"
    writes: ClassVar = (
        "resellers.ordered", "resellers.backlog", "resellers.cumulative_orders",
        "resellers.month_orders", "resellers.missed_quotas", "resellers.downline_orders",
        "resellers.demand", "brand",
    )
    off: ClassVar = {"A7": {"ordering.pressure": 0.0}, "B4": {"ordering.cover": 0.0}}

    cover: float = parameter(2.0, "weeks", 0, 52, "weeks of expected sales kept as stock")
    pressure: float = parameter(
        None, "share", 0, 1, "share of the quota that is enforced",
        control=("stock_pressure", 0.0, 1.0), source="A7, essay A: 多层级压货")
    margin: float = parameter(
        0.1, "share", 0, 10,
        "margin over the wholesale price from which on stock is fully replenished; 0: regardless")
    reserve: float = parameter(
        0.0, "share", 0, 1, "share of the opening budget that a reseller never puts into goods")

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        resellers = world.resellers
        resellers.ordered[:] = 0
        resellers.downline_orders[:] = 0
        supplying = world.settings.rule("supplying")
        lead_time = supplying.lead_time if supplying else 1
        quota = np.array([tier.quota for tier in world.settings.tiers], np.int64)
        total = _order(
            resellers.active, resellers.dropship, resellers.tier, resellers.joined_week, resellers.inventory,
            resellers.transit, resellers.backlog,
            resellers.forecast, resellers.optimism, resellers.cash, resellers.opening_cash,
            resellers.price, resellers.ordered,
            resellers.cumulative_orders, resellers.month_orders, resellers.missed_quotas,
            world.tier_prices(), quota, float(lead_time + self.cover), self.pressure, self.margin,
            self.reserve,
            world.week, MONTH,
        )
        world.count("orders", total)


@compiled
def _order(
    active, dropship, tier, joined, inventory, transit, backlog, forecast, optimism, cash, opening, price,
    ordered, cumulative, month_orders, missed, prices, quota, horizon, pressure, margin, reserve,
    week, month,
):
    total = 0
    for row in range(active.size):
        if not active[row] or dropship[row] or joined[row] == week:
            continue
        rung = tier[row]
        position = inventory[row] + transit[row] + backlog[row]
        willing = 1.0
        if margin > 0.0:
            willing = (price[row] - prices[rung]) / (margin * prices[rung])
            willing = min(max(willing, 0.0), 1.0)
        target = willing * forecast[row] * horizon * (1.0 + optimism[row]) + pressure * quota[rung]
        units = max(np.int64(0), np.int64(np.ceil(target - 1e-9)) - position)
        ends_month = (week - joined[row]) % month == 0
        demanded = np.int64(pressure * quota[rung])
        if ends_month:
            units = max(units, demanded - month_orders[row])
        free = cash[row] - np.int64(reserve * opening[row]) - backlog[row] * prices[rung]
        units = min(units, max(np.int64(0), free // prices[rung]))
        if units > 0:
            ordered[row] += units
            backlog[row] += units
            cumulative[row] += units
            total += units
        month_orders[row] += units
        if ends_month:
            missed[row] = missed[row] + 1 if month_orders[row] < demanded else 0
            month_orders[row] = 0
    return total

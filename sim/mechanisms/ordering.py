"""Ordering: order-up-to replenishment, and the pressure to stock beyond it."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Ordering"]

class Ordering(Mechanism):
    """Resellers order up to a target stock, as far as their money goes.

    Target stock = willingness x forecast x (lead time + cover) x (1 + optimism) + pressure x quota.
    At the end of each month of membership, a reseller who ordered less than pressure x quota orders
    the rest; one who cannot pay for it has missed the quota. Nobody orders less than a lot. All orders
    of a week are placed at the same time; units on the way and in backlog count as stock. A reseller
    whose street price leaves no margin over the wholesale price is not willing to replenish.
    """

    phase: ClassVar = "forecast and order"
    reads: ClassVar = (
        "resellers.active", "resellers.dropship", "resellers.tier", "resellers.joined_week",
        "resellers.inventory", "resellers.transit", "resellers.forecast", "resellers.optimism",
        "resellers.cash", "resellers.opening_cash", "resellers.price",
    )
    writes: ClassVar = (
        "resellers.ordered", "resellers.backlog", "resellers.cumulative_orders",
        "resellers.month_orders", "resellers.missed_quotas", "resellers.downline_orders",
    )
    off: ClassVar = {"A7": {"ordering.pressure": 0.0}, "B4": {"ordering.cover": 0.0}}

    cover: float = parameter(2.0, "weeks", 0, 52, "weeks of expected sales kept as stock")
    pressure: float = parameter(
        None, "share", 0, 1, "share of the quota that is enforced",
        control=("stock_pressure", 0.0, 1.0), source="A7, essay A: 多层级压货")
    margin: float = parameter(
        0.1, "share", 0, 10,
        "margin over the wholesale price above which stock is fully replenished; 0: regardless")
    lot: float = parameter(
        1.0, "times pressure x quota", 0, 10, "smallest order: who wants or can pay less waits",
        source="希罗: restocks of 10-20 units at least, about a month's quota")
    reserve: float = parameter(
        0.0, "share", 0, 1, "share of the opening budget that a reseller never puts into goods")

    def step(self, world: World) -> None:
        """Place this week's orders."""
        resellers = world.resellers
        resellers.ordered[:] = 0
        resellers.downline_orders[:] = 0
        supply_chain = world.settings.rule("supply_chain")
        lead_time = supply_chain.lead_time if supply_chain else 1
        terms = Terms(
            prices=world.tier_prices(),
            quotas=np.array([tier.quota for tier in world.settings.tiers], np.int64),
            horizon=float(lead_time + self.cover),
            week=world.week,
        )
        world.count("orders", _order(resellers.view(Resellers), terms, self.parameters))


class Resellers(NamedTuple):
    """Columns of resellers that ordering reads or changes."""

    active: np.ndarray
    dropship: np.ndarray
    tier: np.ndarray
    joined_week: np.ndarray
    inventory: np.ndarray
    transit: np.ndarray
    backlog: np.ndarray
    forecast: np.ndarray
    optimism: np.ndarray
    cash: np.ndarray
    opening_cash: np.ndarray
    price: np.ndarray
    ordered: np.ndarray
    cumulative_orders: np.ndarray
    month_orders: np.ndarray
    missed_quotas: np.ndarray


class Terms(NamedTuple):
    """What is the same for everybody this week: prices (fen) and quotas (units) by tier, weeks that
    the target stock covers, and the week.
    """

    prices: np.ndarray
    quotas: np.ndarray
    horizon: float
    week: int


MONTH = 4
"""Weeks of the month in which quotas are counted."""
ROUNDING = 1e-9
"""Part of a unit below which a target is not rounded up: it may be a rounding error."""


@borrowing
def _order(resellers, terms, rule):
    """Place the orders of all resellers; return the units ordered."""
    total = 0
    for row in range(resellers.active.size):
        weeks = terms.week - resellers.joined_week[row]
        if not resellers.active[row] or resellers.dropship[row] or weeks == 0:
            continue
        wanted = _target(row, resellers, terms, rule) - (
            resellers.inventory[row] + resellers.transit[row] + resellers.backlog[row])
        demanded = np.int64(rule.pressure * terms.quotas[resellers.tier[row]])
        ends_month = weeks % MONTH == 0
        if ends_month:
            wanted = max(wanted, demanded - resellers.month_orders[row])
        units = max(np.int64(0), min(wanted, _affordable(row, resellers, terms, rule)))
        if units < np.int64(rule.lot * demanded):
            units = np.int64(0)
        resellers.ordered[row] += units
        resellers.backlog[row] += units
        resellers.cumulative_orders[row] += units
        resellers.month_orders[row] += units
        total += units
        if ends_month:
            missed = resellers.month_orders[row] < demanded
            resellers.missed_quotas[row] = resellers.missed_quotas[row] + 1 if missed else 0
            resellers.month_orders[row] = 0
    return total


@borrowing
def _target(row, resellers, terms, rule):
    """Return the stock that a reseller wants, in units."""
    tier = resellers.tier[row]
    price = terms.prices[tier]
    willing = 1.0
    if rule.margin > 0.0:
        willing = (resellers.price[row] - price) / (rule.margin * price)
        willing = min(max(willing, 0.0), 1.0)
    target = (
        willing * resellers.forecast[row] * terms.horizon * (1.0 + resellers.optimism[row])
        + rule.pressure * terms.quotas[tier])
    return np.int64(np.ceil(target - ROUNDING))


@borrowing
def _affordable(row, resellers, terms, rule):
    """Return how many more units a reseller can pay; negative: none."""
    price = terms.prices[resellers.tier[row]]
    reserve = np.int64(rule.reserve * resellers.opening_cash[row])
    return (resellers.cash[row] - reserve - resellers.backlog[row] * price) // price

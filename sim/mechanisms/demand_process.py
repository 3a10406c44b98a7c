"""Demand process: consumers' demand as a process of given moments, instead of persons who choose."""

from __future__ import annotations

import math
from enum import IntEnum, auto
from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.columns import Column
from sim.kernel.compiled import compiled
from sim.kernel.luck import unit
from sim.kernel.maths import normal
from sim.market.resellers import withdraw
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["DemandProcess"]


class DemandProcess(Mechanism):
    """Each seller of the lowest tier meets a first-order autoregressive demand for units.

    demand = round(mean + step from its week on + x), x = rho x' + sd sqrt(1 - rho^2) z with a
    standard normal z for each seller, so that the standard deviation of demand is sd for any rho
    (Chen, Drezner, Ryan, Simchi-Levi 2000, eq. 1). Units are consumed when bought. A jump without
    noise is the demand of the beer game (Sterman 1989).
    """

    phase: ClassVar = "sell"
    reads: ClassVar = (
        "resellers.person", "resellers.active", "resellers.tier", "resellers.transit",
        "resellers.price",
    )
    writes: ClassVar = (
        "resellers.inventory", "resellers.stock_value", "resellers.cash", "resellers.sold",
        "resellers.lost", "resellers.demand", "resellers.own_retail_margin",
        "resellers.week_income", "resellers.weeks_since_sale", "resellers.wanted",
        "resellers.due", "resellers.deviation", "market.street_price", "market.street_lowest",
        "market.sold_through", "brand.end_demand",
    )
    columns: ClassVar = (
        ("resellers", Column("wanted", "i4", "units", "asked for by consumers this week",
                             passing=True)),
        ("resellers", Column("due", "i8", "units", "asked for by consumers and not delivered")),
        ("resellers", Column("deviation", "f8", "units", "demand above its mean, unrounded")),
    )

    mean: float = parameter(100.0, "units a week", 0, 100_000_000, "mean demand at a seller")
    sd: float = parameter(
        0.0, "units a week", 0, 100_000_000, "standard deviation of the demand at a seller")
    correlation: float = parameter(
        0.0, "share", -0.99, 0.99, "rho: correlation of the demand of two successive weeks")
    step_week: int = parameter(
        0, "week", 0, 100_000, "first week of a lasting jump of the mean; 0: none")
    step_size: float = parameter(
        0.0, "units a week", -100_000_000, 100_000_000, "size of that jump")
    backorders: bool = parameter(
        False, "flag", None, None, "whether consumers wait for what is out of stock")

    def begin(self, world: World) -> None:
        """Draw the first deviations from the stationary distribution."""
        resellers = world.resellers
        _disturb(resellers.deviation, resellers.person, 0.0, float(self.sd),
                 world.fixed_luck("demand before week 1"))

    def step(self, world: World) -> None:
        """Draw the demand of each seller, and serve it from stock."""
        resellers, books = world.resellers, world.books
        rho = self.correlation
        _disturb(resellers.deviation, resellers.person, rho, self.sd * math.sqrt(1.0 - rho * rho),
                 world.luck("demand"))
        mean = self.mean
        if self.step_week and world.week >= self.step_week:
            mean += self.step_size
        totals = np.zeros(len(Total), np.int64)
        totals[Total.LOWEST] = NO_SALE
        _serve(resellers.view(Sellers), float(mean), len(world.settings.tiers) - 1,
               self.parameters, totals)
        units, paid = int(totals[Total.SOLD]), int(totals[Total.REVENUE])
        books.goods.move("channel", "homes", units)
        books.goods.move("homes", "consumed", units)
        books.money.move("households", "resellers", paid)
        world.brand.end_demand = int(totals[Total.WANTED])
        world.count("used", units)
        world.count("sell_through", units)
        world.market.sold_through += units
        world.count("lost_sales", int(totals[Total.LOST]))
        world.count("retail_revenue", paid)
        world.count("retail_margin_resellers", int(totals[Total.MARGIN]))
        if units:
            world.market.street_price = paid / units
            world.market.street_lowest = int(totals[Total.LOWEST])


class Total(IntEnum):
    """What is added up while selling: units or fen."""

    WANTED = 0
    SOLD = auto()
    LOST = auto()
    REVENUE = auto()
    MARGIN = auto()
    LOWEST = auto()


NO_SALE = 2**63 - 1
"""Lowest price of a week in which nothing is sold."""


class Sellers(NamedTuple):
    """Columns of resellers that a sale reads or changes."""

    active: np.ndarray
    tier: np.ndarray
    deviation: np.ndarray
    wanted: np.ndarray
    demand: np.ndarray
    due: np.ndarray
    lost: np.ndarray
    sold: np.ndarray
    inventory: np.ndarray
    transit: np.ndarray
    stock_value: np.ndarray
    price: np.ndarray
    cash: np.ndarray
    own_retail_margin: np.ndarray
    week_income: np.ndarray
    weeks_since_sale: np.ndarray


@compiled
def _disturb(deviation, who, rho, sd, key):
    """Advance the deviation of each seller's demand by one week."""
    for row in range(deviation.size):
        deviation[row] = rho * deviation[row] + sd * normal(unit(key, who[row]))


@compiled
def _serve(sellers, mean, lowest_tier, rule, totals):
    """Serve this week's demand and the backlog from stock."""
    for row in range(sellers.active.size):
        wanted = np.int64(0)
        if sellers.active[row] and sellers.tier[row] == lowest_tier:
            # Rounded to the nearest unit.
            wanted = np.int64(max(np.floor(mean + sellers.deviation[row] + 0.5), 0.0))
        due = wanted + sellers.due[row]
        units = min(due, np.int64(sellers.inventory[row]))
        missing = due - units
        sellers.wanted[row] = wanted
        sellers.demand[row] += wanted
        sellers.due[row] = missing if rule.backorders else 0
        sellers.lost[row] = 0 if rule.backorders else missing
        sellers.sold[row] = units
        sellers.week_income[row] = 0
        sellers.weeks_since_sale[row] += 1
        totals[Total.WANTED] += wanted
        totals[Total.LOST] += sellers.lost[row]
        if units > 0:
            _sell(row, units, sellers, totals)


@compiled
def _sell(row, units, sellers, totals):
    """Sell units from a seller's stock."""
    revenue = units * sellers.price[row]
    margin = revenue - withdraw(row, units, sellers)
    sellers.cash[row] += revenue
    sellers.own_retail_margin[row] += margin
    sellers.week_income[row] = margin
    sellers.weeks_since_sale[row] = 0
    totals[Total.SOLD] += units
    totals[Total.REVENUE] += revenue
    totals[Total.MARGIN] += margin
    totals[Total.LOWEST] = min(totals[Total.LOWEST], sellers.price[row])

"""Streaming: consumers' demand as a process of given moments, instead of persons who choose."""

from __future__ import annotations

import math
from typing import ClassVar

from sim.kernel import np
from sim.kernel.columns import Column
from sim.kernel.compiled import compiled
from sim.kernel.luck import unit
from sim.kernel.maths import normal
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Streaming"]


class Streaming(Mechanism):
    """Each seller of the lowest tier meets a first-order autoregressive demand for units.

    demand = round(mean + step from its week on + x), x = rho x' + sd sqrt(1 - rho^2) z with a
    standard normal z of the seller's own, so that the standard deviation of demand is sd whatever
    rho is (Chen, Drezner, Ryan, Simchi-Levi 2000, eq. 1). What is bought is used up at once. A
    jump without noise is the demand of the beer game (Sterman 1989).
    """

    phase: ClassVar = "sell"
    writes: ClassVar = (
        "resellers.inventory", "resellers.stock_value", "resellers.cash", "resellers.sold",
        "resellers.lost", "resellers.demand", "resellers.own_retail_margin",
        "resellers.week_income", "resellers.weeks_since_sale", "resellers.wanted",
        "market.street_price", "market.street_lowest", "market.sold_through",
        "resellers.due", "resellers.deviation", "brand",
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
        """Live this rule's part of one week."""
        resellers, books = world.resellers, world.books
        rho = self.correlation
        _disturb(resellers.deviation, resellers.person, rho, self.sd * math.sqrt(1.0 - rho * rho),
                 world.luck("demand"))
        mean = self.mean
        if self.step_week and world.week >= self.step_week:
            mean += self.step_size
        lowest = (resellers.active == 1) & (resellers.tier == len(world.settings.tiers) - 1)
        wanted = np.maximum(np.floor(mean + resellers.deviation + 0.5), 0.0).astype(np.int64)
        wanted[~lowest] = 0
        resellers.wanted[:] = wanted
        resellers.demand[:] += wanted
        due = wanted + resellers.due
        sold = np.minimum(due, resellers.inventory)
        missing = due - sold
        resellers.due[:] = missing if self.backorders else 0
        resellers.lost[:] = 0 if self.backorders else missing
        resellers.sold[:] = sold
        held = np.maximum(resellers.inventory.astype(np.int64) + resellers.transit, 1)
        cost = resellers.stock_value * sold // held
        revenue = sold * resellers.price
        resellers.inventory[:] -= sold
        resellers.stock_value[:] -= cost
        resellers.cash[:] += revenue
        resellers.own_retail_margin[:] += revenue - cost
        resellers.week_income[:] = revenue - cost
        resellers.weeks_since_sale[:] = np.where(sold > 0, 0, resellers.weeks_since_sale + 1)
        units, paid = int(sold.sum()), int(revenue.sum())
        books.goods.move("channel", "homes", units)
        books.goods.move("homes", "consumed", units)
        books.money.move("households", "resellers", paid)
        world.brand.end_demand = int(wanted.sum())
        world.count("used", units)
        world.count("sell_through", units)
        world.market.sold_through += units
        world.count("lost_sales", int(resellers.lost.sum()))
        world.count("retail_revenue", paid)
        world.count("retail_margin_resellers", paid - int(cost.sum()))
        if units:
            world.market.street_price = paid / units
            world.market.street_lowest = int(resellers.price[sold > 0].min())


@compiled
def _disturb(deviation, who, rho, sd, key):
    for row in range(deviation.size):
        deviation[row] = rho * deviation[row] + sd * normal(unit(key, who[row]))

"""Forecasting: what resellers expect to sell, from the demand they have seen."""

from __future__ import annotations

from typing import ClassVar

from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Forecasting"]


class Forecasting(Mechanism):
    """Exponential smoothing of demand: own retail of this week plus last week's downline orders.

    An order reaches its supplier in the week in which it is placed, and its supplier's forecast in
    the next.
    """

    phase: ClassVar = "forecast and order"
    writes: ClassVar = ("resellers.forecast", "resellers.demand")

    smoothing: float = parameter(
        0.2, "share", 0, 1, "weight of the newest week in a reseller's forecast")

    def step(self, world: World) -> None:
        """Update forecasts with this week's demand, and reset the count of demand."""
        resellers = world.resellers
        resellers.forecast[:] += self.smoothing * (resellers.demand - resellers.forecast)
        resellers.demand[:] = 0

"""Moving average: the forecast of Chen, Drezner, Ryan and Simchi-Levi 2000."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.columns import Column
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["MovingAverage"]

MAX_PERIODS = 52
"""Weeks that a moving average can look back."""


class MovingAverage(Mechanism):
    """forecast = (d(t) + ... + d(t - p + 1)) / p, where d is the demand that a seller saw.

    Replaces `forecasting`. With shared demand a supplier's forecast is the sum of its downline's
    forecasts of last week, which travel up with the orders: so everybody plans with consumer demand
    (the centralised chain of Chen et al. 2000, section 4).
    """

    phase: ClassVar = "forecast and order"
    reads: ClassVar = ("resellers.active", "resellers.upline")
    writes: ClassVar = ("resellers.forecast", "resellers.demand", "resellers.recent_demand")
    columns: ClassVar = (
        ("resellers", Column("recent_demand", "i8", "units a week",
                             "demand seen in the last weeks (ring buffer)", width=MAX_PERIODS)),
    )

    periods: int = parameter(
        5, "weeks", 1, MAX_PERIODS, "p: weeks over which demand is averaged",
        source="Chen, Drezner, Ryan, Simchi-Levi 2000")
    shared: bool = parameter(
        False, "flag", None, None, "whether suppliers plan with the forecasts of their downline",
        source="Chen, Drezner, Ryan, Simchi-Levi 2000, section 4")

    def step(self, world: World) -> None:
        """Record this week's demand, and forecast its mean over the last weeks."""
        resellers = world.resellers
        resellers.recent_demand[:, world.week % MAX_PERIODS] = resellers.demand
        weeks = (world.week - np.arange(self.periods)) % MAX_PERIODS
        average = resellers.recent_demand[:, weeks].sum(axis=1) / self.periods
        if self.shared:
            below = np.flatnonzero((resellers.active == 1) & (resellers.upline >= 0))
            above = resellers.upline[below]
            total = np.zeros(len(resellers))
            np.add.at(total, above, resellers.forecast[below])
            average[above] = total[above]
        resellers.forecast[:] = average
        resellers.demand[:] = 0

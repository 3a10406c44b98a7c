"""1.0: ladder, pressure, hype, closed information, recruiting as income, no product feedback."""

from __future__ import annotations

from sim.regimes.base import Regime
from sim.regimes.week import WEEK

__all__ = ["PYRAMID"]

PYRAMID = Regime(
    name="pyramid",
    rules=WEEK,
    settings={
        "controls": {"stock_pressure": 1.0, "information_asymmetry": 0.9, "feedback": 0.0},
        "referral": {"invitation": 0.0, "founders": 0.0},
    },
)

"""2.0: open information, reward on real sales, cells, data, products made with consumers."""

from __future__ import annotations

from sim.regimes.base import Regime
from sim.regimes.week import WEEK

__all__ = ["PROSUMER"]

PROSUMER = Regime(
    name="prosumer",
    rules=WEEK,
    settings={
        "controls": {"stock_pressure": 0.0, "information_asymmetry": 0.1, "feedback": 0.9},
        "effort_split": {"matching": 0.0},  # nobody is paid for recruits
        "recruiting": {"approaches": 0.0, "founders": 0.0},
        "sponsor_bonuses": {"entry": 0.0, "restock": 0.0, "same_level": 0.0},
        "prospecting": {"asks": 3.0},
        "referral": {"invitation": 0.05, "founders": 0.005},
        "production": {"cover": 1.0, "lead_time": 1},
    },
)

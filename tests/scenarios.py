"""Small markets on which whole weeks are tried: quick, and busy in every corner."""

from __future__ import annotations

from typing import Any

from sim.regimes import REGIMES
from sim.scenario import Scenario
from sim.scenario.schema import merge

SMALL: dict[str, Any] = {
    "persons": 600,
    "weeks": 30,
    "network": {"contacts": 24.0, "close": 6, "community": 60.0},
    "tiers": [
        {"name": "top", "price": 85.0, "first_order": 200, "quota": 40},
        {"name": "middle", "price": 110.0, "first_order": 40, "quota": 15},
        {"name": "bottom", "price": 150.0, "first_order": 4, "quota": 4},
    ],
    "offer": {"list_price": 300.0, "reference_price": 120.0, "unit_cost": 27.0},
    # More sellers and quicker ends than in a real market, so that thirty weeks see everything.
    "recruiting": {
        "founders": 0.01, "approaches": 4.0, "base": 0.0, "open_to_selling": 0.6,
        "commitment": 0.5},
    "leaving": {"base": 0.02},
    "liquidation": {"shelf_life": 8},
    "pricing": {"patience": 6.0},
    "brand_awareness": {"advertising": 0.01},
}
"""What all regimes understand; sections of rules that take no part do nothing."""


def small(regime: str = "pyramid", **changes: Any) -> Any:
    """Return a small busy scenario; `changes` are sections laid over it."""
    return Scenario.of(merge(merge(SMALL, {"regime": regime}), changes))


def names() -> list[str]:
    """Return the names of the regimes that the package brings along."""
    return sorted(REGIMES)

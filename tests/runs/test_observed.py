"""What a market has to show: the bullwhip ratio, to the last bit."""

from __future__ import annotations

import math
from fractions import Fraction
from statistics import variance

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.runs.observed import BULLWHIP_WINDOW, _bullwhip

UNITS = st.lists(st.integers(0, 2**40), min_size=BULLWHIP_WINDOW, max_size=BULLWHIP_WINDOW + 12)


def ratios(orders: list[int], demand: list[int]) -> np.ndarray:
    """Return the bullwhip ratio of one tier, week by week."""
    return _bullwhip(np.zeros(len(orders), np.int64), np.array(orders), np.array(demand))


@given(UNITS, st.randoms(use_true_random=False))
def test_the_ratio_is_that_of_the_variances_rounded_once(orders: list[int], luck: object) -> None:
    demand = [luck.randrange(2**20) for _ in orders]  # type: ignore[attr-defined]
    found = ratios(orders, demand)
    assert np.isnan(found[: BULLWHIP_WINDOW - 1]).all()
    for end in range(BULLWHIP_WINDOW, len(orders) + 1):
        window = slice(end - BULLWHIP_WINDOW, end)
        above, below = (variance(map(Fraction, units[window])) for units in (orders, demand))
        assert found[end - 1] == float(above / below) if below else math.isnan(found[end - 1])


def test_orders_that_stopped_have_no_ratio_and_not_a_huge_one() -> None:
    """Updated from week to week, the variance of a window of zeros was a tiny number."""
    busy, idle = [7, 911, 13] * 20, [0] * 60
    found = ratios(busy + idle, busy + idle)
    assert np.isnan(found[-(60 - BULLWHIP_WINDOW) :]).all()
    assert np.nanmax(found) == 1.0


def test_steady_orders_swing_less_than_demand_and_not_at_all() -> None:
    found = ratios([5] * 30, [1, 2] * 15)
    assert found[-1] == 0.0


@pytest.mark.parametrize("weeks", [0, 1, BULLWHIP_WINDOW - 1])
def test_a_tier_with_too_few_weeks_has_no_ratio(weeks: int) -> None:
    tier = np.array([0] * 40 + [1] * weeks, np.int64)
    orders = np.arange(40 + weeks)
    found = _bullwhip(tier, orders, orders)
    assert np.isnan(found[40:]).all()
    assert found[39] == 1.0

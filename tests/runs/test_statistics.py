"""Intervals and pairs: known numbers, and no direction where there is none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.runs.statistics import false_alarms, interval, paired, seeds_needed


def test_interval_is_students() -> None:
    values = [1.0, 2.0, 4.0, 7.0]
    found = interval(values, 0.9, "t")
    low, high = stats.t.interval(0.9, 3, np.mean(values), stats.sem(values))
    assert found.low == pytest.approx(low)
    assert found.high == pytest.approx(high)
    assert found.direction == 1
    assert interval([-v for v in values], 0.9).direction == -1
    assert interval([-1.0, 1.0, 2.0, -2.0]).direction == 0


def test_one_value_or_none_has_no_interval() -> None:
    assert math.isnan(interval([3.0]).low)
    assert interval([3.0]).direction == 0
    assert math.isnan(interval([]).mean)
    assert interval([math.nan, 2.0, 2.0]).count == 2


@pytest.mark.parametrize("method", ["t", "bootstrap"])
def test_intervals_hold_the_truth_as_often_as_they_say(method: str) -> None:
    luck = np.random.default_rng(7)
    held = 0
    for _ in range(150):
        found = interval(luck.normal(5.0, 2.0, 25), 0.9, method)
        held += found.low <= 5.0 <= found.high
    assert 120 <= held <= 146  # 0.9 x 150 = 135, four standard errors either side


def test_pairs_of_shared_luck_are_narrower() -> None:
    luck = np.random.default_rng(1)
    shared = luck.normal(100, 20, 40)
    found = paired(shared, shared + luck.normal(1, 1, 40))
    assert found.correlation > 0.99
    assert found.narrowing > 10
    assert found.difference.direction == 1
    assert found.agree > 0.6
    assert not found.identical


def test_a_plan_against_itself_is_identical() -> None:
    found = paired([1.0, math.nan, 3.0], [1.0, math.nan, 3.0])
    assert found.identical
    assert found.difference.direction == 0
    assert found.pairs == 2
    assert not paired([], []).identical


def test_seeds_needed_are_enough() -> None:
    luck = np.random.default_rng(3)
    values = luck.normal(0, 1, 4000)
    needed = seeds_needed(interval(values[:400]), 0.1)
    assert needed == pytest.approx((1.96 / 0.1) ** 2, rel=0.15)
    assert interval(values[: int(needed * 1.2)]).half_width < 0.1
    assert seeds_needed(interval([1.0]), 0.1) is None
    assert seeds_needed(interval([2.0, 2.0]), 0.1) == 2


def test_a_difference_of_few_pairs_has_no_interval():
    few = paired([0.2, 0.3, 0.4], [0.5, 0.4, 0.9])
    assert few.pairs == 3
    assert math.isnan(few.difference.low)
    assert few.difference.direction == 0
    assert math.isfinite(paired([0.2, 0.3, 0.4, 0.1], [0.5, 0.4, 0.9, 0.2]).difference.low)
    assert paired([1.0, 1.0], [1.0, 1.0]).identical


def test_an_interval_stays_inside_what_is_possible():
    first, other = [0.1, 0.0, 0.9, 0.2], [0.9, 0.1, 0.1, 0.9]
    wide, kept = paired(first, other).difference, paired(first, other, bounds=(0.0, 1.0)).difference
    assert wide.low < -0.3
    assert wide.high > 0.7
    assert kept.low == pytest.approx(-0.3)
    assert kept.high == pytest.approx(0.7)
    assert kept.mean == wide.mean


# -- coverage: what is bounded or skewed ----------------------------------------------------------


def near_one(luck: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return shares that are 1 in nearly every run, as the largest recruiting share is."""
    return np.ones(count), np.where(luck.random(count) < 0.9, 1.0, 1.0 - luck.beta(1, 2, count))


def skewed(luck: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return prices that collapse in some runs."""
    return np.full(count, 390.0), 390.0 * np.exp(-luck.exponential(1.0, count))


def logit(luck: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return shares near 1 that differ in every run."""
    low = luck.normal(4.0, 2.0, count)
    return 1 / (1 + np.exp(-low)), 1 / (1 + np.exp(1.0 - low - luck.normal(0.0, 1.5, count)))


def coverage(make: object, count: int, bounds: tuple[float, float], tries: int, method: str) -> float:
    luck = np.random.default_rng(3)
    first, other = make(luck, 400_000)  # type: ignore[operator]
    true, held = float((other - first).mean()), 0
    for _try in range(tries):
        found = paired(*make(luck, count), method=method, bounds=bounds).difference  # type: ignore[operator]
        held += found.low - 1e-12 <= true <= found.high + 1e-12
    return held / tries


SHARE, PRICE = (0.0, 1.0), (-math.inf, math.inf)


@pytest.mark.parametrize(("make", "bounds", "count", "least"), [
    (near_one, SHARE, 5, 0.95), (near_one, SHARE, 30, 0.95), (skewed, PRICE, 30, 0.9),
    (logit, SHARE, 30, 0.9)])
def test_intervals_of_bounded_and_skewed_numbers_cover(
    make: object, bounds: tuple[float, float], count: int, least: float
) -> None:
    assert coverage(make, count, bounds, 60, "auto") >= least


def test_students_interval_does_not_cover_shares_near_one() -> None:
    assert coverage(near_one, 5, SHARE, 100, "t") < 0.5


@pytest.mark.slow
@pytest.mark.parametrize(("make", "bounds", "count", "least"), [
    (near_one, SHARE, 5, 0.95), (near_one, SHARE, 10, 0.95), (near_one, SHARE, 30, 0.95),
    (skewed, PRICE, 10, 0.9), (skewed, PRICE, 30, 0.93), (logit, SHARE, 10, 0.88),
    (logit, SHARE, 30, 0.92)])
def test_intervals_cover_in_many_tries(
    make: object, bounds: tuple[float, float], count: int, least: float
) -> None:
    assert coverage(make, count, bounds, 600, "auto") >= least


def test_even_numbers_keep_students_interval() -> None:
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert interval(values) == interval(values, method="t")


def test_many_differences_are_corrected_for_their_number() -> None:
    luck = np.random.default_rng(5)
    chances = [paired(luck.normal(0, 1, 20), luck.normal(0, 1, 20)).chance for _one in range(200)]
    assert sum(chance < 0.05 for chance in chances) > 2
    corrected = false_alarms([*chances, math.nan])
    assert not any(chance < 0.05 for chance in corrected[:-1])
    assert math.isnan(corrected[-1])
    assert false_alarms([1e-9, 0.9])[0] == pytest.approx(2e-9)


def test_pairs_without_a_number_are_counted() -> None:
    found = paired([1.0, math.nan, 3.0, 4.0, 5.0, 6.0], [2.0, 3.0, 3.5, math.nan, 7.0, 6.5])
    assert (found.pairs, found.dropped) == (4, 2)

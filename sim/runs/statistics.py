"""Confidence intervals, comparisons in pairs, and the number of seeds that an interval needs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = ["Interval", "Paired", "false_alarms", "interval", "paired", "seeds_needed"]

BOOTSTRAP_SAMPLES = 1999
SKEWED = 0.5
"""Sample skewness from which Student's interval is widened to the bootstrap's."""
MIN_PAIRS = 4
"""Least number of pairs for an interval: fewer do not show the spread."""


@dataclass(frozen=True)
class Interval:
    """A mean and its confidence interval; NaN where unknown."""

    mean: float
    low: float
    high: float
    count: int

    @property
    def half_width(self) -> float:
        """Half of the interval's width."""
        return (self.high - self.low) / 2

    @property
    def direction(self) -> int:
        """1 if the interval lies above zero, -1 if below; 0 if it holds zero or is unknown."""
        return 1 if self.low > 0 else -1 if self.high < 0 else 0


def interval(
    values: Sequence[float] | np.ndarray | pd.Series, confidence: float = 0.95, method: str = "auto"
) -> Interval:
    """Return the mean of `values` with its confidence interval.

    ``t`` is Student's interval. ``bootstrap`` is the bias-corrected and accelerated bootstrap (Efron
    1987), with a fixed seed; it assumes no distribution. ``auto`` is Student's interval, which for skewed
    values covers the mean too seldom and is then widened to the bootstrap-t interval. Fewer than two
    values have no interval.
    """
    import numpy as np
    from scipy import stats

    numbers = np.asarray(values, float)
    numbers = numbers[np.isfinite(numbers)]
    count = int(numbers.size)
    if count == 0:
        return Interval(math.nan, math.nan, math.nan, 0)
    mean = float(numbers.mean())
    if count == 1:
        return Interval(mean, math.nan, math.nan, 1)
    if float(numbers.min()) == float(numbers.max()):
        mean = float(numbers[0])
        return Interval(mean, mean, mean, count)
    if method == "bootstrap":
        found = stats.bootstrap(
            (numbers,), np.mean, confidence_level=confidence, n_resamples=BOOTSTRAP_SAMPLES,
            rng=np.random.default_rng(0), method="BCa",
        ).confidence_interval
        return Interval(mean, float(found.low), float(found.high), count)
    half = _t(confidence, count) * float(numbers.std(ddof=1)) / math.sqrt(count)
    low, high = mean - half, mean + half
    if method == "auto" and count >= MIN_PAIRS and abs(stats.skew(numbers, bias=False)) > SKEWED:
        ends = _bootstrap_t(numbers, confidence)
        low, high = min(low, ends[0]), max(high, ends[1])
    return Interval(mean, low, high, count)


def _bootstrap_t(numbers: np.ndarray, confidence: float) -> tuple[float, float]:
    """Return the bootstrap-t interval: quantiles of Student's ratio come from resamples."""
    import numpy as np

    count, mean, spread = len(numbers), float(numbers.mean()), float(numbers.std(ddof=1))
    drawn = numbers[np.random.default_rng(0).integers(0, count, (BOOTSTRAP_SAMPLES, count))]
    spreads = drawn.std(axis=1, ddof=1)
    # A resample of nearly equal values says nothing about the ratio.
    whole = spreads > 0.05 * spread
    ratios = (drawn.mean(axis=1)[whole] - mean) / spreads[whole]
    low, high = np.quantile(ratios, [0.5 - confidence / 2, 0.5 + confidence / 2])
    return mean - float(high) * spread, mean - float(low) * spread


def _t(confidence: float, count: int) -> float:
    from scipy import stats

    return float(stats.t.ppf(0.5 + confidence / 2, count - 1))


@dataclass(frozen=True)
class Paired:
    """How one plan differs from another in pairs of runs with the same luck.

    Attributes
    ----------
    baseline, other
        Means of the two plans.
    difference
        Mean of other minus baseline, with its interval.
    pairs
        Number of pairs in which both sides have a number.
    agree
        Share of pairs that differ in the direction of the mean difference; NaN if that is zero.
    correlation
        Correlation of the two sides over the seeds.
    narrowing
        Width of the interval from unpaired runs over that from paired runs; above 1, pairing helped.
        NaN if unknown.
    identical
        Whether every pair is equal.
    dropped
        Number of pairs in which one side has no number.
    chance
        p value of the t test: how likely so large a difference would be by chance. NaN if unknown.
    """

    baseline: float
    other: float
    difference: Interval
    pairs: int
    agree: float
    correlation: float
    narrowing: float
    identical: bool
    dropped: int = 0
    chance: float = math.nan


def paired(
    baseline: object, other: object, confidence: float = 0.95, method: str = "auto",
    bounds: tuple[float, float] = (-math.inf, math.inf),
) -> Paired:
    """Return how `other` differs from `baseline`, both in the order of the seeds.

    With fewer than four pairs there is no interval, unless all pairs are equal. `bounds` are the smallest
    and largest possible values: the interval ends where `other` would leave them, and if at least half of
    the pairs sit at a bound, it is widened for rare pairs that were not seen (`_at_bounds`).
    """
    import numpy as np

    a, b = np.asarray(baseline, float), np.asarray(other, float)
    same = bool(np.array_equal(a, b, equal_nan=True)) and a.size > 0
    both = np.isfinite(a) & np.isfinite(b)
    a, b = a[both], b[both]
    gap = b - a
    count = int(gap.size)
    found = interval(gap, confidence, method)
    if method == "auto" and count >= MIN_PAIRS:
        found = _at_bounds(found, a, b, confidence, bounds)
    if 0 < count < MIN_PAIRS and not same:
        found = Interval(found.mean, math.nan, math.nan, count)
    elif count:
        found = _within(found, bounds[0] - float(a.mean()), bounds[1] - float(a.mean()))
    correlation = narrowing = agree = math.nan
    if count > 1:
        spread = float(np.var(a, ddof=1) + np.var(b, ddof=1))
        within = float(np.var(gap, ddof=1))
        if np.ptp(a) > 0 and np.ptp(b) > 0:
            correlation = float(np.corrcoef(a, b)[0, 1])
        if within > 0:
            narrowing = math.sqrt(spread / within)
    if count and found.mean:
        agree = float(np.mean(np.sign(gap) == math.copysign(1, found.mean)))
    return Paired(
        float(a.mean()) if count else math.nan, float(b.mean()) if count else math.nan, found,
        count, agree, correlation, narrowing, same, int(both.size) - count,
        _chance(gap) if count >= MIN_PAIRS and not same else math.nan,
    )


def _chance(gap: np.ndarray) -> float:
    """Return the p value of Student's t test that the mean is zero."""
    import numpy as np
    from scipy import stats

    if np.ptp(gap) == 0.0:
        return 0.0 if gap[0] else 1.0
    return float(stats.ttest_1samp(gap, 0.0).pvalue)


def _at_bounds(
    found: Interval, a: np.ndarray, b: np.ndarray, confidence: float, bounds: tuple[float, float]
) -> Interval:
    """Return the interval, widened if most pairs sit at a bound.

    Few pairs do not show the spread of a share that is 1 in nearly every run: all five may be equal, and
    the t interval is then a point. We call the most frequent difference usual and the others odd. How many
    pairs may be odd follows from how many were seen (Clopper, Pearson 1934); how far odd pairs may reach
    follows from those seen or, if fewer than two were seen, from the bounds.
    """
    import numpy as np
    from scipy import stats

    gap = b - a
    values, counts = np.unique(gap, return_counts=True)
    usual = float(values[counts.argmax()])
    odd = gap[gap != usual]
    at = [np.isclose(side[gap == usual], bound).all() for side in (a, b) for bound in bounds]
    if not np.isfinite(bounds).all() or 2 * len(odd) > len(gap) or not any(at):
        return found
    error, count, seen = (1.0 - confidence) / 2, len(gap), len(odd)
    often = float(stats.beta.ppf(1.0 - error, seen + 1, count - seen))
    span = bounds[1] - bounds[0]
    low, high = max(-span, bounds[0] - float(a.max())), min(span, bounds[1] - float(a.min()))
    if seen > 1 and float(np.ptp(odd)) > 0.0:
        far = interval(odd, 1.0 - error)
        low, high = max(low, min(far.low, usual)), min(high, max(far.high, usual))
    return Interval(found.mean, min(found.low, usual + often * (low - usual)),
                    max(found.high, usual + often * (high - usual)), found.count)


def false_alarms(chances: Sequence[float]) -> list[float]:
    """Return p values corrected for their number: the false discovery rate of Benjamini and Hochberg (1995).

    A corrected value is the share of chance findings among all p values at most as large. NaN stays NaN
    and does not count.
    """
    import numpy as np
    from scipy import stats

    given = np.asarray(chances, float)
    known = np.isfinite(given)
    found = np.full(given.shape, math.nan)
    if known.any():
        found[known] = stats.false_discovery_control(given[known])
    return [float(value) for value in found]


def _within(found: Interval, lowest: float, highest: float) -> Interval:
    """Return the interval cut to the range of possible values; NaN stays NaN."""
    low = found.low if math.isnan(found.low) else max(found.low, lowest)
    high = found.high if math.isnan(found.high) else min(found.high, highest)
    return Interval(found.mean, low, high, found.count)


def seeds_needed(found: Interval, half_width: float, confidence: float = 0.95) -> int | None:
    """Return about how many seeds give an interval of this half width.

    It is estimated from the spread seen so far; None if there is no spread.
    """
    if found.count < 2 or not math.isfinite(found.half_width) or half_width <= 0:
        return None
    if found.half_width == 0:
        return found.count
    spread = found.half_width * math.sqrt(found.count) / _t(confidence, found.count)
    count = 2
    while count < 10_000_000 and _t(confidence, count) * spread / math.sqrt(count) > half_width:
        count = max(count + 1, int(count * 1.02))
    return count

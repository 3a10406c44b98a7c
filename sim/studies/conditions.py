"""Conditions that a plan has to meet, and the results of its worst seeds."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.kernel import np
from sim.runs.results import Runs
from sim.runs.statistics import MIN_PAIRS, Interval, Paired
from sim.studies.measures import Measure, is_called, measure
from sim.texts import _

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["Condition", "condition", "low_end", "paired_tails", "worst_tenth"]

WORST = 0.1
"""Share of the seeds that make up the worst tenth."""
RESAMPLES = 1999
_BOUND = r"\s*(.+?)\s*(<=|>=|<|>)\s*[¥￥]?(-?[0-9]+(?:\.[0-9]+)?)\s*(万|亿)?\s*(%|CNY|元|件|人)?\s*"
"""A measure, how it is compared, and a number with a unit."""
SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


@dataclass(frozen=True)
class Condition:
    """A condition on a plan: a reality check, or a measure and a bound."""

    text: str
    check: Any = None
    measure: Measure | None = None
    sign: str = ""
    bound: float = math.nan

    def holds(self, runs: Runs, run: int) -> bool | None:
        """Return whether a run meets it; None if the run has no such number."""
        pairs = self._compared(runs, run)
        if any(math.isnan(number) for pair in pairs for number in pair):
            return None
        if self.check is not None:
            return bool(self.check.holds(runs.table_of_run(run, "weekly")))
        return all(bool(SIGNS[self.sign](*pair)) for pair in pairs)

    def shortfall(self, runs: Runs, run: int) -> float:
        """Return how far a run is from meeting it, as a share of the larger side; 0 if it does.

        It is 1 if the run has no such number, and if ``==`` or ``!=`` does not hold.
        """
        held = self.holds(runs, run)
        if held is None:
            return 1.0
        if held:
            return 0.0
        sign = self.sign or self.check.sign
        if sign not in SIGNS:
            return 1.0
        missed = [abs(a - b) / max(abs(a), abs(b)) for a, b in self._compared(runs, run)
                  if not SIGNS[sign](a, b) and a != b]
        return max(missed, default=0.0)

    def _compared(self, runs: Runs, run: int) -> Sequence[tuple[float, float]]:
        if self.check is not None:
            found: Sequence[tuple[float, float]] = self.check.compared(runs.table_of_run(run, "weekly"))
            return found
        assert self.measure is not None
        return [(self.measure.of(runs.table_of_run(run, self.measure.table)), self.bound)]


def condition(text: str, weeks: int | None = None) -> Condition:
    """Return the condition ``weeks_of_supply at end < 8`` or ``share(resellers.profit < 0) <= 30%``.

    Raises
    ------
    UsageError
        When it cannot be understood.
    """
    from sim.market.outputs import weekly_outputs
    from sim.scenario.expect import Expectation, ExpectationError, plain

    text = plain(text)
    people = "resellers." in text.replace(" ", "")
    found = re.fullmatch(_BOUND, text)
    if people or (found is not None and is_called(found[1])):
        if found is None:
            raise UsageError(_("write such as: share(resellers.profit < 0) <= 30%, not '{text}'").format(
                text=text[:80]))
        factor = {"": 1.0, "万": 1e4, "亿": 1e8}[found[4] or ""] * {
            "%": 0.01, "CNY": 100.0, "元": 100.0}.get(found[5] or "", 1.0)
        return Condition(text, None, measure(found[1], weeks), found[2], float(found[3]) * factor)
    units = {column.name: column.unit for column in weekly_outputs()}
    try:
        return Condition(text, Expectation.parse(text, units, weeks))
    except ExpectationError as error:
        raise UsageError(_("'{text}': {what}").format(text=text[:200], what=error)) from None


def worst_tenth(values: ArrayLike, highest: bool = True) -> float:
    """Return the mean over the worst tenth of the seeds, at least one seed; NaN without a number.

    Parameters
    ----------
    values
        The measure, one number per seed; infinite and missing values are left out.
    highest
        Whether more of it is better.
    """
    numbers = np.asarray(values, float)
    ordered = np.sort(numbers[np.isfinite(numbers)])
    if not ordered.size:
        return math.nan
    if not highest:
        ordered = ordered[::-1]
    return float(ordered[: max(1, round(WORST * len(ordered)))].mean())


def low_end(values: ArrayLike, highest: bool = True, worst: bool | float = True) -> float:
    """Return the mean of the worst tenth (True), or the quantile of this share of the seeds, worst first."""
    if worst is True:
        return worst_tenth(values, highest)
    numbers = np.asarray(values, float)
    numbers = numbers[np.isfinite(numbers)]
    return float(np.quantile(numbers, worst if highest else 1.0 - worst)) if numbers.size else math.nan


def paired_tails(
    baseline: Any, other: Any, highest: bool = True, confidence: float = 0.95, worst: bool | float = True,
) -> Paired:
    """Return the difference between the worst tenths (or quantiles) of two plans with the same seeds.

    Each side has its own worst tenth. The interval comes from resampled seeds (percentiles).
    """
    a, b = np.asarray(baseline, float), np.asarray(other, float)
    both = np.isfinite(a) & np.isfinite(b)
    same = bool(np.array_equal(a, b, equal_nan=True)) and a.size > 0
    a, b, whole = a[both], b[both], int(both.size)
    before, after, count = low_end(a, highest, worst), low_end(b, highest, worst), int(a.size)
    low = high = math.nan
    if count >= MIN_PAIRS:
        luck = np.random.default_rng(0)
        gaps = [low_end(b[drawn], highest, worst) - low_end(a[drawn], highest, worst)
                for drawn in luck.integers(0, count, (RESAMPLES, count))]
        low, high = (float(end) for end in np.quantile(gaps, [0.5 - confidence / 2, 0.5 + confidence / 2]))
    gap = Interval(after - before, low, high, count)
    return Paired(before, after, gap, count, math.nan, math.nan, math.nan, same, whole - count)

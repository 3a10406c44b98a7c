"""A law of economics, and the test of whether pairs of runs obey it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.kernel import np

__all__ = ["BROKEN", "HOLDS", "LEVEL", "UNCLEAR", "Finding", "Law", "Times", "judge"]

LEVEL = 0.01
"""Chance of rejecting a law that holds."""
CONFIDENCE = 0.95
HOLDS, UNCLEAR, BROKEN = "holds", "unclear", "broken"
SMALL = 1e-9
"""Differences below this share of the mean count as rounding errors."""


@dataclass(frozen=True)
class Times:
    """A factor by which a setting of the scenario is multiplied."""

    factor: float


Change = Mapping[str, Any]


@dataclass(frozen=True)
class Law:
    """One law: the setting that changes step by step, and how a measure must respond.

    Attributes
    ----------
    name, reason
        Its name, and why it must hold.
    scenarios
        Shipped scenarios on which it is tested.
    steps
        Settings of each step, in order: values, or factors (`Times`).
    measure
        A measure of the weekly table; ``{late}`` stands for the last quarter of the run.
    expected
        ``falls`` or ``rises`` (from the first step to the last, with no step back), ``never falls``,
        ``never rises``, ``elasticity``, ``nothing``, ``same`` or ``peak``.
    low, high
        Band of an elasticity; for ``nothing`` and ``same``, `high` is the largest value or relative
        difference that counts as zero.
    common
        Settings of all steps.
    scale
        Divisor of the measure at the last step (when money is in another unit).
    """

    name: str
    reason: str
    scenarios: tuple[str, ...]
    steps: tuple[Change, ...]
    measure: str
    expected: str
    low: float = -math.inf
    high: float = math.inf
    common: Change = field(default_factory=dict)
    scale: float = 1.0

    @property
    def change(self) -> str:
        """Return what changes, as text: the settings, with their first and last values."""
        first, last = self.steps[0], self.steps[-1]
        keys = list(dict.fromkeys([*first, *last]))
        words = [f"{key} {_said(first.get(key))} .. {_said(last.get(key))}"
                 if len(self.steps) > 1 else f"{key} {_said(first[key])}" for key in keys[:3]]
        return ", ".join(words + ["..."] * (len(keys) > 3))

    @property
    def wanted(self) -> str:
        """Return what is expected, as text, with the band of an elasticity."""
        if self.expected != "elasticity":
            return self.expected
        low = "" if self.low == -math.inf else f"{self.low:g}"
        high = "" if self.high == math.inf else f"{self.high:g}"
        return f"elasticity {low}..{high}"


def _said(value: object) -> str:
    if isinstance(value, Times):
        return f"x {value.factor:g}"
    return "as it is" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class Finding:
    """The result for one law in one scenario.

    For laws of direction, `found` with its 95 % interval is the change from the first step to the last, as
    a share of the first (or of the largest, if the first is zero or a loss); for other laws, it is the
    elasticity or the value. `remark` names the worst step.
    """

    found: float
    low: float
    high: float
    verdict: str
    remark: str = ""


def judge(law: Law, values: np.ndarray) -> Finding:
    """Return the finding on a law from its values: one row per step, one column per seed."""
    if np.isnan(values).any():
        return Finding(math.nan, math.nan, math.nan, UNCLEAR, "a run has no such number")
    if law.expected == "nothing":
        return _nothing(law, values)
    if law.expected == "elasticity":
        return _elasticity(law, values)
    if law.expected == "same":
        return _same(law, values)
    if law.expected == "peak":
        return _peak(values)
    return _direction(law, values)


def _interval(sample: np.ndarray) -> tuple[float, float, float]:
    """Return the mean of a sample and the ends of its t interval."""
    from scipy.stats import t

    mean = float(sample.mean())
    if sample.size < 2:
        return mean, -math.inf, math.inf
    half = float(t.ppf(0.5 + CONFIDENCE / 2, sample.size - 1) * sample.std(ddof=1)
                 / math.sqrt(sample.size))
    return mean, mean - half, mean + half


def _chance_of_more(sample: np.ndarray) -> float:
    """Return the p value of the one-sided t test that the true mean is zero or less."""
    from scipy.stats import t

    mean, spread = float(sample.mean()), float(sample.std(ddof=1)) if sample.size > 1 else 0.0
    if mean <= 0.0:
        return 1.0
    if spread == 0.0:
        return 0.0 if sample.size > 1 else 1.0
    return float(t.sf(mean / spread * math.sqrt(sample.size), sample.size - 1))


def _direction(law: Law, values: np.ndarray) -> Finding:
    """Judge a law of direction: no step may go the wrong way, and strict laws demand a change."""
    sign = 1.0 if law.expected in ("rises", "never falls") else -1.0
    size = max(float(np.abs(values).mean(axis=1).max()), SMALL)
    wrong = -sign * np.diff(values, axis=0) / size
    wrong[np.abs(wrong) < SMALL] = 0.0
    chances = [_chance_of_more(step) for step in wrong]
    worst = int(np.argmin(chances))
    # Divide seed by seed, so that luck in the level does not count as luck in the change.
    base = values[0] if (values[0] > SMALL * size).all() else size
    mean, low, high = _interval((values[-1] - values[0]) / base)
    remark = ""
    if wrong[worst].mean() > 0.0:
        remark = f"step {worst + 1} to {worst + 2}: {-sign * wrong[worst].mean():+.1%} of the largest"
    # Correct for the number of steps (Bonferroni).
    if min(1.0, chances[worst] * len(chances)) < LEVEL:
        return Finding(mean, low, high, BROKEN, remark)
    if law.expected.startswith("never"):
        return Finding(mean, low, high, HOLDS, remark)
    strict = low > 0.0 if sign > 0.0 else high < 0.0
    return Finding(mean, low, high, HOLDS if strict else UNCLEAR, remark)


def _nothing(law: Law, values: np.ndarray) -> Finding:
    most = float(values.max())
    return Finding(float(values.mean()), float(values.min()), most,
                   HOLDS if most <= law.high else BROKEN)


def _band(law: Law, sample: np.ndarray, remark: str = "") -> Finding:
    mean, low, high = _interval(sample)
    inside = law.low <= low and high <= law.high
    outside = high < law.low or low > law.high
    return Finding(mean, low, high, HOLDS if inside else BROKEN if outside else UNCLEAR, remark)


def _elasticity(law: Law, values: np.ndarray) -> Finding:
    """Judge the elasticity between the first and the last step, from logarithms, seed by seed."""
    factors = [next(change.factor for change in step.values() if isinstance(change, Times))
               for step in (law.steps[0], law.steps[-1])]
    if (values <= 0.0).any():
        return Finding(math.nan, math.nan, math.nan, UNCLEAR, "nothing is sold at some step")
    return _band(law, np.log(values[-1] / values[0]) / math.log(factors[1] / factors[0]))


def _same(law: Law, values: np.ndarray) -> Finding:
    """Judge whether the last step, scaled back, equals the first."""
    off = (values[-1] / law.scale - values[0]) / max(float(np.abs(values[0]).mean()), SMALL)
    mean, low, high = _interval(off)
    apart = min(abs(low), abs(high)) if low * high > 0.0 else 0.0
    verdict = HOLDS if abs(mean) <= law.high else BROKEN if apart > law.high else UNCLEAR
    return Finding(mean, low, high, verdict, "" if off.any() else "equal in every run")


def _peak(values: np.ndarray) -> Finding:
    """Judge whether the best step is neither the first nor the last."""
    best = int(values.mean(axis=1).argmax())
    size = max(float(np.abs(values[best]).mean()), SMALL)
    inside = range(1, len(values) - 1)
    inner = max(inside, key=lambda step: float(values[step].mean()))
    ahead = [_interval((values[inner] - values[edge]) / size) for edge in (0, -1)]
    mean, low, high = min(ahead, key=lambda found: found[0])
    remark = f"best at step {best + 1} of {len(values)}"
    if all(low > 0.0 for _, low, _ in ahead):
        return Finding(mean, low, high, HOLDS, remark)
    worse = any(most < 0.0 for _, _, most in ahead)
    return Finding(mean, low, high, BROKEN if worse else UNCLEAR, remark)

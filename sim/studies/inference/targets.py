"""Targets: the observations, on a scale on which runs scatter evenly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.kernel import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Scale", "Target", "scale_of"]


@dataclass(frozen=True)
class Target:
    """One observed number: a figure with its standard error, or a band in which it lies.

    Attributes
    ----------
    name
        Name of the measure.
    low, high
        Ends of the band; equal for a figure. An end may be infinite.
    error
        Standard error of a figure: of measurement only, as luck is known from the runs.
    group
        The series that the number belongs to; by default itself.
    """

    name: str
    low: float
    high: float
    error: float = 0.0
    group: str = ""

    def __post_init__(self) -> None:
        if math.isnan(self.low) or not self.low <= self.high or not self.error >= 0:
            raise ValueError(f"{self.name}: no target from {self.low} to {self.high}")

    @property
    def band(self) -> bool:
        """Whether this is a band rather than a figure."""
        return self.low < self.high

    @property
    def part(self) -> str:
        """Its series or itself: the name used when this target contradicts others."""
        return self.group or self.name


@dataclass(frozen=True)
class Scale:
    """How a measure is transformed: ``logit`` for shares, ``log`` for what is skewed, or not."""

    kind: str = "plain"
    offset: float = 0.0

    def __call__(self, values: float | NDArray[np.float64]) -> NDArray[np.float64]:
        """Return values on this scale; impossible values are moved to the nearest possible one."""
        values = np.asarray(values, float)
        with np.errstate(invalid="ignore", divide="ignore"):
            if self.kind == "logit":
                inside = np.clip(values, 0.0, 1.0) + self.offset
                return np.log(inside / (1.0 + 2.0 * self.offset - inside))
            if self.kind == "log":
                return np.log(np.maximum(values, 0.0) + self.offset)
        return values

    def error(self, value: float, error: float) -> float:
        """Return a standard error `error` of `value`, converted to this scale."""
        return float(self(value + error) - self(value - error)) / 2.0


def scale_of(values: NDArray[np.float64], bounds: tuple[float, float], runs: int = 200) -> Scale:
    """Return the scale on which simulated values of a measure scatter most evenly."""
    seen = values[np.isfinite(values)]
    if bounds == (0.0, 1.0):
        return Scale("logit", 1.0 / runs)
    if len(seen) and seen.min() >= 0.0 and seen.max() > 0.0:
        middle = float(np.median(seen[seen > 0.0]))
        # For a wide range of non-negative values, settings change ratios.
        if float(np.quantile(seen, 0.95)) > 3.0 * float(np.quantile(seen, 0.05)):
            return Scale("log", 0.02 * middle)
    return Scale()


def observed(targets: Sequence[Target], scales: Sequence[Scale]) -> tuple[
        NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return low ends, high ends and standard errors of targets on their scales."""
    low = [float(scale(one.low)) for one, scale in zip(targets, scales, strict=True)]
    high = [float(scale(one.high)) for one, scale in zip(targets, scales, strict=True)]
    error = [0.0 if one.band else scale.error(one.low, one.error)
             for one, scale in zip(targets, scales, strict=True)]
    return np.array(low), np.array(high), np.array(error)

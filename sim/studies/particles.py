"""Particles: runs of plausible worlds, weighted by how close they come to a history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.kernel import np
from sim.scenario.history_files import History
from sim.studies.history_fit import targets_of_history
from sim.studies.inference.targets import observed, scale_of
from sim.studies.measures import measure, table_of

if TYPE_CHECKING:
    from sim.runs.results import Runs

__all__ = ["LEAST", "Particles", "chance_of", "chances_of_runs", "mean_of", "particles_of", "quantiles_of"]

KEPT = 0.2
"""Least effective share of the runs: fewer would mistake luck for knowledge."""
LEAST = 20
"""Least effective number of runs: a band that leaves out one in twenty at either end takes nineteen, as the
next run is equally likely to fall below, between or above any of them."""
MOST = 0.7
"""Effective share of the runs if there are fewer: something must be learnt from the history."""

SMALL = 1e-4
"""Weight below which a run is not run again."""


@dataclass(frozen=True)
class Particles:
    """Seeds, each a run in its own world, and their weights.

    Attributes
    ----------
    seeds
        Seeds of the runs that are kept, ascending.
    weights
        Weight of each; together one.
    effective
        Equivalent number of runs of equal weight.
    runs
        Number of runs considered.
    heat
        How much of the history counts, 1 for all: below one, so that a few runs do not decide alone.
    """

    seeds: tuple[int, ...]
    weights: np.ndarray
    effective: float
    runs: int
    heat: float


def particles_of(
    runs: Runs, history: History, count: int, *, beside: Any = None
) -> Particles:
    """Return at most `count` runs of a fit, weighted by how well they meet the history.

    If there are more, this number is drawn systematically by weight. Runs with weight in `beside` are
    kept as well; in that case the heaviest are kept.
    """
    weights, heat, seeds = chances_of_runs(runs, history)
    if beside is None and (weights > SMALL).sum() > count:
        reach = np.cumsum(weights)
        drawn = np.searchsorted(reach, (np.arange(count) + 0.5) / count * reach[-1])
        weights = np.bincount(drawn, minlength=len(weights)) / count
    wanted = weights if beside is None else np.maximum(weights, beside)
    order = np.argsort(-wanted, kind="stable")[:count]
    order = order[wanted[order] > SMALL]
    order = order[np.argsort(seeds[order], kind="stable")]
    kept = weights[order] / weights[order].sum()
    return Particles(tuple(int(seed) for seed in seeds[order]), kept,
                     float(1.0 / (kept**2).sum()), len(weights), heat)


def chances_of_runs(runs: Runs, history: History) -> tuple[Any, float, Any]:
    """Return the weight of each run given a history, how much of the history counts, and the seeds.

    The error of an observation is normal on the scale of its measure. If only a few runs come close, so
    that chance would decide, the history counts less, until a fifth of the runs are effective, and at
    least `LEAST`.
    """
    targets = targets_of_history(history)
    read = [measure(one.name) for one in targets]
    table = table_of(runs, read)
    values = table[[one.text for one in read]].to_numpy(float)
    scales = [scale_of(column, one.bounds) for column, one in zip(values.T, read, strict=True)]
    low, _high, error = observed(targets, scales)
    seen = np.stack([scale(column) for scale, column in zip(scales, values.T, strict=True)], axis=1)
    off = (seen - low) / np.maximum(error, 1e-9)
    # A run without a number counts as a bad miss.
    off = np.where(np.isfinite(off), np.clip(off, -8.0, 8.0), 8.0)
    fits = -0.5 * (off**2).sum(axis=1)
    heat = _heat(fits, min(max(LEAST, KEPT * len(fits)), max(1.0, MOST * len(fits))))
    return _weights(fits, heat), heat, table["seed"].to_numpy(int)


def _weights(fits: Any, heat: float) -> np.ndarray:
    weights = np.exp(heat * (fits - fits.max()))
    return weights / weights.sum()


def _heat(fits: object, wanted: float) -> float:
    """Return how much of the history may count so that `wanted` runs stay effective."""
    if 1.0 / (_weights(fits, 1.0)**2).sum() >= wanted:
        return 1.0
    low, high = 0.0, 1.0
    for _round in range(50):
        middle = (low + high) / 2
        enough = 1.0 / (_weights(fits, middle)**2).sum() >= wanted
        low, high = (middle, high) if enough else (low, middle)
    return low


def quantiles_of(values: Any, weights: np.ndarray, levels: Sequence[float]) -> list[float]:
    """Return weighted quantiles of the next value, given these; NaN if none is finite.

    With n values of equal weight the next one falls into each of the n + 1 gaps with the same chance, so
    the value of rank i is the quantile i / (n + 1); with weights, n is the effective number.
    """
    values, weights = np.asarray(values, float), np.asarray(weights, float)
    here = np.isfinite(values)
    if not here.any():
        return [float("nan")] * len(levels)
    values, weights = values[here], weights[here]
    order = np.argsort(values, kind="stable")
    reach = np.cumsum(weights[order])
    count = reach[-1] ** 2 / (weights**2).sum()
    rank = count * (reach - 0.5 * weights[order]) / reach[-1] + 0.5
    return [float(np.interp(level, rank / (count + 1.0), values[order])) for level in levels]


def mean_of(values: np.ndarray, weights: np.ndarray) -> float:
    """Return the weighted mean of the finite values."""
    values, weights = np.asarray(values, float), np.asarray(weights, float)
    here = np.isfinite(values)
    return float((values[here] * weights[here]).sum() / weights[here].sum()) if here.any() \
        else float("nan")


def chance_of(held: Sequence[bool], weights: np.ndarray, effective: float) -> tuple[float, float, float]:
    """Return the weighted chance that something holds, and its 90 % interval (Wilson's)."""
    share = float((np.asarray(held, float) * np.asarray(weights, float)).sum())
    z2 = 1.645**2
    centre = (share + z2 / (2 * effective)) / (1 + z2 / effective)
    half = 1.645 / (1 + z2 / effective) * np.sqrt(
        max(0.0, share * (1 - share)) / effective + z2 / (4 * effective**2))
    return share, max(0.0, float(centre - half)), min(1.0, float(centre + half))

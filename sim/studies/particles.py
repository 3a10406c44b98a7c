"""Particles: runs of plausible worlds, each counted by how near it came to a history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.kernel import np
from sim.scenario.history_files import History
from sim.studies.history_fit import targets_of_history
from sim.studies.inference.targets import observed, scale_of
from sim.studies.measures import measure, table_of

__all__ = ["LEAST", "Particles", "chance_of", "chances_of_runs", "mean_of", "particles_of", "quantiles_of"]

KEPT = 0.2
"""Share of the runs that count at least, as an effective number: fewer would take luck for knowledge."""
LEAST = 20
"""Runs that count at least, as an effective number: a band that leaves out one in twenty at either end takes
nineteen, as the next one is as likely to fall before, between or behind any of them."""
MOST = 0.7
"""Share of the runs that count where these are fewer: something must be learnt of the history."""

SMALL = 1e-4
"""Weight below which a run is not run again."""


@dataclass(frozen=True)
class Particles:
    """Seeds, each a run in a world of its own, and how much each counts.

    Attributes
    ----------
    seeds
        Seeds of the runs that are kept, ascending.
    weights
        How much each counts; together one.
    effective
        Runs of equal weight that would say as much.
    runs
        Runs that were looked at.
    heat
        How far the history was let count, 1 in full: with less, no few runs decide alone.
    """

    seeds: tuple[int, ...]
    weights: Any
    effective: float
    runs: int
    heat: float


def particles_of(
    runs: Any, history: History, count: int, *, beside: Any = None
) -> Particles:
    """Return at most `count` runs of a fit, weighted by how well they meet the history.

    Where more count, that many are drawn from them by their weights, evenly. Runs that other weights,
    `beside`, speak for are kept as well; then the heaviest are kept.
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


def chances_of_runs(runs: Any, history: History) -> tuple[Any, float, Any]:
    """Return how much each run counts given a history, how far it was let count, and the seeds.

    The error of an observation is normal on the scale of its measure. Where so few runs come near that
    chance would decide, the history is let count less, until a fifth of the runs count, and `LEAST` at
    least.
    """
    targets = targets_of_history(history)
    read = [measure(one.name) for one in targets]
    table = table_of(runs, read)
    values = table[[one.text for one in read]].to_numpy(float)
    scales = [scale_of(column, one.bounds) for column, one in zip(values.T, read, strict=True)]
    low, _high, error = observed(targets, scales)
    seen = np.stack([scale(column) for scale, column in zip(scales, values.T, strict=True)], axis=1)
    off = (seen - low) / np.maximum(error, 1e-9)
    # A run without a number there misses it as far as a bad one does.
    off = np.where(np.isfinite(off), np.clip(off, -8.0, 8.0), 8.0)
    fits = -0.5 * (off**2).sum(axis=1)
    heat = _heat(fits, min(max(LEAST, KEPT * len(fits)), max(1.0, MOST * len(fits))))
    return _weights(fits, heat), heat, table["seed"].to_numpy(int)


def _weights(fits: Any, heat: float) -> Any:
    weights = np.exp(heat * (fits - fits.max()))
    return weights / weights.sum()


def _heat(fits: Any, wanted: float) -> float:
    """Return how far the history may count so that `wanted` runs still do."""
    if 1.0 / (_weights(fits, 1.0)**2).sum() >= wanted:
        return 1.0
    low, high = 0.0, 1.0
    for _round in range(50):
        middle = (low + high) / 2
        enough = 1.0 / (_weights(fits, middle)**2).sum() >= wanted
        low, high = (middle, high) if enough else (low, middle)
    return low


def quantiles_of(values: Any, weights: Any, levels: Sequence[float]) -> list[float]:
    """Return weighted quantiles of the next value, given these; NaN where none is finite.

    Of n values of equal weight the next one falls into each of the n + 1 gaps with the same chance, so the
    one of rank i is the quantile i / (n + 1); with weights, n is their effective number.
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


def mean_of(values: Any, weights: Any) -> float:
    """Return the weighted mean of the finite values."""
    values, weights = np.asarray(values, float), np.asarray(weights, float)
    here = np.isfinite(values)
    return float((values[here] * weights[here]).sum() / weights[here].sum()) if here.any() \
        else float("nan")


def chance_of(held: Sequence[bool], weights: Any, effective: float) -> tuple[float, float, float]:
    """Return the weighted chance that something holds, and its 90 % interval (Wilson's)."""
    share = float((np.asarray(held, float) * np.asarray(weights, float)).sum())
    z2 = 1.645**2
    centre = (share + z2 / (2 * effective)) / (1 + z2 / effective)
    half = 1.645 / (1 + z2 / effective) * np.sqrt(
        max(0.0, share * (1 - share)) / effective + z2 / (4 * effective**2))
    return share, max(0.0, float(centre - half)), min(1.0, float(centre + half))

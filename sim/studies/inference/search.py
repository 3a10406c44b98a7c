"""The search: runs at the most informative points, until the budget is spent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sim.errors import FailedError
from sim.kernel import np
from sim.studies.inference.emulator import Emulator
from sim.studies.inference.posterior import MAX_FIGURES, Basis, Likelihood
from sim.studies.inference.targets import Scale, Target, scale_of
from sim.texts import _

__all__ = ["Posterior", "Runs", "infer", "learn", "readable", "shared_out"]

Array = Any
PARTICLES = 1000
SEEDS = 150
"""Largest number of seeds in a wave: seed effects are known except for the luck of their mean."""
MIN_SEEDS, RUNS_A_SEED = 16, 3
"""Fewest seeds, and in small waves the runs per seed, so that seed effects can be estimated."""
WAVES = (0.5, 0.25, 0.25)
"""Shares of the budget: the first from the prior, each later one from what is plausible by then."""
EXPLORING = 0.2
"""Share of a later wave that still comes from the prior, so that a wrong turn is noticed."""
Simulate = Callable[[Array, Array], Array]
"""Returns the measures (one row per run) at points of the cube, each with its seed."""


@dataclass
class Runs:
    """Finished runs: points, seeds, and measures (NaN without a number)."""

    shares: Array
    seeds: Array
    values: Array

    def joined(self, more: Runs) -> Runs:
        """Return these runs and more."""
        return Runs(np.vstack([self.shares, more.shares]), np.append(self.seeds, more.seeds),
                    np.vstack([self.values, more.values]))


@dataclass
class Posterior:
    """What is plausible given the data.

    Attributes
    ----------
    shares
        Points of the unit cube, equally plausible.
    likelihood
        The likelihood, with its emulator.
    runs
        All runs of the search.
    covered
        Share of the runs of later waves that lay in the 90 % bands predicted by earlier waves: the
        emulator judged by unseen runs.
    kept
        Positions of the targets used; `runs` has a column for each of these.
    """

    shares: Array
    likelihood: Likelihood
    scales: tuple[Scale, ...]
    runs: Runs
    covered: float
    kept: tuple[int, ...]

    def worlds(self, count: int, seed: int = 0) -> Array:
        """Return this many points, drawn evenly from the posterior."""
        places = np.random.default_rng(seed).permutation(len(self.shares))[:count]
        return self.shares[places]


def learn(
    runs: Runs, targets: Sequence[Target], bounds: Sequence[tuple[float, float]],
    before: tuple[Likelihood, tuple[Scale, ...]] | None = None, size: float = 1.0,
) -> tuple[Likelihood, tuple[Scale, ...]]:
    """Return the likelihood of targets learnt from runs, and the scales of the measures.

    `before` is the likelihood from fewer runs: scales and components stay the same. `size` is the size
    of the targets' market relative to that of the runs.

    Raises
    ------
    FailedError
        When a measure has a number in too few runs.
    """
    scales = before[1] if before is not None else tuple(
        scale_of(column, limits) for column, limits in zip(runs.values.T, bounds, strict=True))
    least = _least(runs)
    for target, column in zip(targets, runs.values.T, strict=True):
        count = int(np.isfinite(column).sum())
        if count < least:
            raise FailedError(_(
                "'{name}' has a number in {count} of {all} runs, and {least} are needed; widen the "
                "ranges, run more weeks, or take another measure").format(
                    name=target.name, count=count, all=len(column), least=least))
    values = _scaled(runs, scales)
    basis = Basis(values, targets) if before is None else before[0].basis
    emulator = Emulator(runs.shares, basis.outputs(values), runs.seeds,
                        None if before is None else before[0].emulator)
    return Likelihood(emulator, basis, targets, scales, size), scales


def _least(runs: Runs) -> int:
    """Return the least number of runs with a number that a measure needs."""
    return 3 * (runs.shares.shape[1] + 1)


def readable(runs: Runs, optional: Sequence[bool]) -> tuple[int, ...]:
    """Return the targets to use: all except optional ones without a number in most runs.

    Long series are learnt together, from runs that have all their numbers. While those are too few,
    the optional target with the fewest numbers is dropped.
    """
    kept, has = list(range(len(optional))), np.isfinite(runs.values)
    while has[:, kept].all(axis=1).sum() < _least(runs):
        rare = min((place for place in kept if optional[place]), default=None,
                   key=lambda place: int(has[:, place].sum()))
        if rare is None or len(kept) == 1:
            break
        # Short lists are learnt one by one.
        if len(kept) <= MAX_FIGURES and has[:, rare].sum() >= _least(runs):
            break
        kept.remove(rare)
    return tuple(kept)


def _scaled(runs: Runs, scales: Sequence[Scale]) -> Array:
    return np.stack(
        [scale(column) for scale, column in zip(scales, runs.values.T, strict=True)], axis=1)


def infer(
    simulate: Simulate, dimensions: int, targets: Sequence[Target],
    bounds: Sequence[tuple[float, float]], *, budget: int, seed: int = 0, first_seed: int = 0,
    particles: int = PARTICLES, optional: Sequence[bool] = (), size: float = 1.0,
) -> Posterior:
    """Return what is plausible after `budget` runs of `simulate`.

    Half of the runs are spread over the prior, the others over what is plausible by then. Each wave
    has its own seeds, divided among its points; none of them is fitted. Targets marked as `optional` are
    left out if the first wave has too few numbers of them. `size` is as in `learn`.
    """
    from scipy.stats import qmc

    rng = np.random.default_rng(seed)
    runs: Runs | None = None
    found: tuple[Likelihood, tuple[Scale, ...]] | None = None
    plausible = np.empty((0, dimensions))
    hits: list[Array] = []
    kept = tuple(range(len(targets)))
    for wave, part in enumerate(WAVES):
        count = max(4 * (dimensions + 1) if wave == 0 else 4, round(part * budget))
        points = qmc.LatinHypercube(dimensions, rng=rng).random(count)
        if found is not None:
            chosen = rng.permutation(len(plausible))[: round((1.0 - EXPLORING) * count)]
            points[: len(chosen)] = plausible[chosen]
        seeds = first_seed + SEEDS * wave + shared_out(count)
        values = simulate(points, seeds)
        if found is None and any(optional):
            kept = readable(Runs(points, seeds, values), optional)
            targets, bounds = [targets[place] for place in kept], [bounds[place] for place in kept]
        new = Runs(points, seeds, values[:, list(kept)])
        if found is not None:
            hits.append(_foretold(*found, new))
        runs = new if runs is None else runs.joined(new)
        found = learn(runs, targets, bounds, found, size)
        plausible = found[0].plausible(dimensions, particles, seed + wave)
    assert runs is not None
    assert found is not None
    return Posterior(plausible, *found, runs, float(np.mean(np.concatenate(hits))), kept)


def shared_out(count: int) -> Array:
    """Return the seeds, from 0 on, of this many runs of a wave."""
    return np.arange(count) % min(SEEDS, max(MIN_SEEDS, count // RUNS_A_SEED))


def _foretold(likelihood: Likelihood, scales: Sequence[Scale], new: Runs) -> Array:
    """Return which numbers of new runs lie in the 90 % bands predicted for them."""
    values = _scaled(new, scales)
    off = np.abs(values - likelihood.predicted(new.shares)) / np.maximum(
        likelihood.deviation(new.shares), 1e-9)
    return (off < 1.645)[np.isfinite(off)]

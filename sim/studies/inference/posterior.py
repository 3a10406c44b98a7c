"""The settings that remain plausible: sequential Monte Carlo on the emulated likelihood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sim.kernel import np
from sim.studies.inference.emulator import Emulator
from sim.studies.inference.targets import Scale, Target, observed

__all__ = ["Basis", "Likelihood", "sample"]

Array = Any
MAX_FIGURES = 12
"""With more figures, the emulator learns components instead."""
MOVES = 6
"""Random-walk steps of each particle after each tempering."""


class Basis:
    """The outputs that the emulator learns: bands and a few figures as they are, long series by shape.

    More than a dozen figures are replaced by their principal components over the runs, as many as
    hold 99 % of the variance; the rest counts as scatter.
    """

    def __init__(self, values: Array, targets: Sequence[Target]) -> None:
        self.band = np.array([one.band for one in targets], bool)
        figures = values[:, ~self.band]
        count = figures.shape[1]
        self.middle, self.size = np.zeros(count), np.ones(count)
        self.vectors, self.rest = np.eye(count), np.zeros(count)
        if count > MAX_FIGURES:
            whole = figures[np.isfinite(figures).all(axis=1)]
            self.middle = whole.mean(axis=0)
            self.size = np.maximum(whole.std(axis=0), 1e-9)
            standard = (whole - self.middle) / self.size
            _left, strength, vectors = np.linalg.svd(standard, full_matrices=False)
            share = np.cumsum(strength**2) / max(float((strength**2).sum()), 1e-300)
            kept = min(MAX_FIGURES, int(np.searchsorted(share, 0.99)) + 1)
            self.vectors = vectors[:kept].T
            self.rest = ((standard - standard @ self.vectors @ self.vectors.T) ** 2).mean(axis=0)
        self.kept = self.vectors.shape[1]

    def outputs(self, values: Array) -> Array:
        """Return the outputs of runs: components of the figures, then the bands."""
        return np.hstack([self.components(values[:, ~self.band]), values[:, self.band]])

    def components(self, figures: Array) -> Array:
        """Return figures as components."""
        return ((figures - self.middle) / self.size) @ self.vectors

    def figures(self, components: Array) -> Array:
        """Return the figures that components represent."""
        return self.middle + self.size * (components @ self.vectors.T)


class Likelihood:
    """Log chance of the targets, with a run's luck and the error of measurement.

    A synthetic likelihood: runs are normal about the emulated mean on the scales of the measures, with
    the scatter at these settings. Targets from a market `size` times as large as that of the runs
    scatter less, by the square root of `size`.
    """

    def __init__(
        self, emulator: Emulator, basis: Basis, targets: Sequence[Target], scales: Sequence[Scale],
        size: float = 1.0,
    ) -> None:
        self.size = size
        self.emulator, self.basis, self.targets = emulator, basis, tuple(targets)
        self.low, self.high, self.error = observed(targets, scales)
        self.band = basis.band
        self.seen = basis.components(self.low[~self.band])
        kept = basis.kept
        root = np.sqrt(np.diag(emulator.covariance)[:kept])
        # A measure that is the same in all runs does not scatter.
        self.alike = emulator.covariance[:kept, :kept] / np.maximum(np.outer(root, root), 1e-300)

    def __call__(self, shares: Array, used: Array | None = None) -> Array:
        """Return the log likelihood at points; `used` marks the targets that count."""
        used = np.ones(len(self.targets), bool) if used is None else used
        outputs = self.emulator.mean(shares)
        scatter = self.emulator.scatter(shares) / self.size**0.5
        kept = self.basis.kept
        off, volume = self._figures(outputs[:, :kept], scatter[:, :kept], used[~self.band])
        total = -0.5 * off - volume
        total = total + self._bands(outputs[:, kept:], scatter[:, kept:], used[self.band])
        # Observing the number at all is part of the data.
        numbers = self.emulator.log_number(shares)
        counted = np.append(np.full(kept, used[~self.band].any()), used[self.band])
        return total + numbers[:, counted].sum(axis=1)

    def deviation(self, shares: Array) -> Array:
        """Return the standard deviation of a run at points, on the scale of each target."""
        scatter, basis = self.emulator.scatter(shares), self.basis
        found = np.empty((len(shares), len(self.targets)))
        carried = basis.vectors * scatter[:, None, : basis.kept]
        luck = ((carried @ self.alike) * carried).sum(axis=2)
        found[:, ~self.band] = basis.size * np.sqrt(luck + basis.rest)
        found[:, self.band] = scatter[:, basis.kept :]
        return found

    def _figures(self, mean: Array, scatter: Array, used: Array) -> tuple[Array, Array]:
        """Return the squared distance of the figures from points, and half the log determinant."""
        if not used.any():
            return np.zeros(len(mean)), np.zeros(len(mean))
        error = np.where(used, self.error[~self.band] / self.basis.size, 1e4)
        vectors = self.basis.vectors
        luck = self.alike * scatter[:, :, None] * scatter[:, None, :]
        root = np.linalg.cholesky(
            luck + vectors.T @ np.diag(error**2 + self.basis.rest + 1e-12) @ vectors)
        whitened = np.linalg.solve(root, (self.seen - mean)[:, :, None])[:, :, 0]
        volume = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
        return (whitened**2).sum(axis=1), volume

    def _bands(self, mean: Array, scatter: Array, used: Array) -> Array:
        from scipy.special import log_ndtr

        if not used.any():
            return np.zeros(len(mean))
        mean = mean[:, used]
        size = np.maximum(scatter[:, used], 1e-9)
        below = (self.low[self.band][used] - mean) / size
        above = (self.high[self.band][used] - mean) / size
        # log(Phi(above) - Phi(below)), mirrored to the side where the difference is precise.
        flip = below > 0
        upper, lower = np.where(flip, -below, above), np.where(flip, -above, below)
        first, second = log_ndtr(upper), log_ndtr(lower)
        with np.errstate(divide="ignore", invalid="ignore"):
            chance = first + np.log1p(-np.exp(np.minimum(second - first, 0.0)))
        return np.maximum(chance, -1e4).sum(axis=1)

    def plausible(
        self, dimensions: int, count: int, seed: int, used: Array | None = None, moves: int = MOVES
    ) -> Array:
        """Return equally plausible points of the unit cube, as `sample` does.

        Settings that affect no measure keep their prior.
        """
        columns = self.emulator.columns
        if len(columns) == dimensions:
            return sample(lambda shares: self(shares, used), dimensions, count, seed, moves)
        from scipy.stats import qmc

        points = qmc.LatinHypercube(dimensions, rng=np.random.default_rng([seed, 1])).random(count)

        def chance(shares: Array) -> Array:
            whole = points[: len(shares)].copy()
            whole[:, columns] = shares
            return self(whole, used)

        points[:, columns] = sample(chance, len(columns), count, seed, moves)
        return points

    def predicted(self, shares: Array) -> Array:
        """Return the mean of each target's measure at points, on its scale."""
        outputs = self.emulator.mean(shares)
        found = np.empty((len(shares), len(self.targets)))
        found[:, ~self.band] = self.basis.figures(outputs[:, : self.basis.kept])
        found[:, self.band] = outputs[:, self.basis.kept :]
        return found

    def misses(self, shares: Array) -> Array:
        """Return each target's distance from the prediction at points, in standard deviations."""
        shares = np.atleast_2d(shares)
        mean = self.predicted(shares)
        size = np.sqrt(self.deviation(shares) ** 2 + self.error**2 + 1e-12)
        return (np.maximum(self.low - mean, 0.0) - np.maximum(mean - self.high, 0.0)) / size

    def misfit(self, shares: Array) -> tuple[float, int]:
        """Return the distance of the targets from a point as a chi-square, and its degrees of freedom."""
        shares = np.atleast_2d(shares)
        kept = self.basis.kept
        mean, scatter = self.emulator.mean(shares), self.emulator.scatter(shares) / self.size**0.5
        off, _volume = self._figures(
            mean[:, :kept], scatter[:, :kept], np.ones((~self.band).sum(), bool))
        figures = float(off[0])
        bands = self.misses(shares)[0][self.band]
        return figures + float((bands**2).sum()), self.basis.kept + int(self.band.sum())


def sample(
    chance: Callable[[Array], Array], dimensions: int, count: int = 1000, seed: int = 0,
    moves: int = MOVES,
) -> Array:
    """Return points of the unit cube, drawn from the posterior (the prior is uniform).

    The likelihood is introduced in steps (tempering), each leaving half of the points effective; after
    each step points are resampled and moved by a random walk with their covariance.
    """
    from scipy.stats import qmc

    rng = np.random.default_rng(seed)
    points = qmc.LatinHypercube(dimensions, rng=rng).random(count)
    height = chance(points)
    heat = 0.0
    while heat < 1.0:
        step = _step(height, 1.0 - heat, count / 2)
        heat = 1.0 if step >= 1.0 - heat else heat + step
        weight = np.exp(step * (height - height.max()))
        places = np.searchsorted(
            np.cumsum(weight) / weight.sum(), (rng.random() + np.arange(count)) / count)
        points, height = points[np.minimum(places, count - 1)], height[
            np.minimum(places, count - 1)]
        points, height = _moved(chance, points, height, heat, rng, moves)
    return points


def _step(height: Array, most: float, wanted: float) -> float:
    """Return the next step of tempering that leaves `wanted` effective points."""
    def effective(step: float) -> float:
        weight = np.exp(step * (height - height.max()))
        return float(weight.sum() ** 2 / (weight**2).sum())

    if effective(most) >= wanted:
        return most
    low, high = 0.0, most
    for _round in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if effective(middle) > wanted else (low, middle)
    return max(low, 1e-9)


def _moved(
    chance: Callable[[Array], Array], points: Array, height: Array, heat: float, rng: Any,
    moves: int,
) -> tuple[Array, Array]:
    count, dimensions = points.shape
    root = np.linalg.cholesky(np.cov(points.T).reshape(dimensions, dimensions)
                              + 1e-8 * np.eye(dimensions))
    size = 2.38 / dimensions**0.5
    for _move in range(moves):
        tried = points + size * rng.standard_normal((count, dimensions)) @ root.T
        tried = np.abs(np.mod(tried + 1.0, 2.0) - 1.0)  # reflected at the walls of the cube
        new = chance(tried)
        taken = np.log(rng.random(count)) < heat * (new - height)
        points, height = np.where(taken[:, None], tried, points), np.where(taken, new, height)
        rate = float(taken.mean())
        size *= 1.4 if rate > 0.35 else 0.6 if rate < 0.15 else 1.0
    return points, height

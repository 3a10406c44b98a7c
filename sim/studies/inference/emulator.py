"""The emulator: the mean and the scatter of runs at any point of the cube.

It fits one Gaussian process (scikit-learn) per output, on outputs transformed to even scatter. The
remaining scatter may still depend on the settings (whether a market takes off is a matter of luck; a full
market is not): its variance is learnt from the squared residuals by a gamma regression with a
logarithmic link (Davidian and Carroll 1987).

Seeds recur over the points (common random numbers), so the effect of a seed can be separated from that of
settings. It does not blur the surface, but remains part of the scatter, since the luck behind the
observed history cannot be known.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sim.kernel import np
from sim.studies.inference.screening import screened

__all__ = ["Emulator"]

MIN_SEEDS = 4
"""Least number of seeds for which seed effects can be estimated."""
ROUNDS = 2
"""Times that seed effects are removed and the surface is fitted again."""
MIN_RUNS = 100
"""With fewer runs, scatter counts as even."""
EXPECTED = 0.1
"""Prior variance of the logarithm of the scatter's variance."""
MAX_GROWTH = 5.0
"""Largest ratio of the scatter at a point to the average, or of the average to it."""
LENGTHS_FROM = 300
"""Points used to learn lengths and noise; more cost time (cubic) and change nothing."""
Array = Any
"""A numpy array of floats."""


@dataclass
class _Surface:
    """One output: a Gaussian process on standardised values, without seed effects."""

    process: Any
    weights: Array
    mean: float
    spread: float
    scatter: Array
    """Each run's deviation from the prediction of the others; NaN without a number."""

    def predict(self, shares: Array) -> Array:
        return self.mean + self.spread * (
            self.process.kernel_(shares, self.process.X_train_) @ self.weights)


class Emulator:
    """Fitted to runs at points of the unit cube.

    Attributes
    ----------
    columns
        Settings that it depends on: all, or those that mattered in the first runs.
    covariance
        Covariance of a run about the predicted mean, averaged over the runs: luck, and the emulator's
        own error. `scatter` says how far it grows or shrinks at a point.
    """

    def __init__(
        self, shares: Array, values: Array, seeds: Array, before: Emulator | None = None
    ) -> None:
        self.columns: Array = screened(shares, values) if before is None else before.columns
        shares = shares[:, self.columns]
        # Start from the lengths and noise learnt from fewer runs.
        begun: list[Any] = [None] * values.shape[1]
        if before is not None:
            begun = [surface.process.kernel_ for surface in before._surfaces]
        from threadpoolctl import threadpool_limits

        # Several threads are slower for matrices this small, much slower on a busy machine; and the last
        # digits of sums would depend on the number of threads.
        with threadpool_limits(1):
            self._surfaces: list[_Surface] = [_surface(shares, column, seeds, kernel)
                              for column, kernel in zip(values.T, begun, strict=True)]
        scatter = np.stack([surface.scatter for surface in self._surfaces], axis=1)
        self._growth = [_growth(shares, column) for column in scatter.T]
        even = scatter / np.stack([growth(shares) for growth in self._growth], axis=1)
        self.covariance = _covariance(even)
        self._number = [_chance(shares, np.isfinite(column)) for column in values.T]

    def mean(self, shares: Array) -> Array:
        """Return the predicted mean of each output, one row per point."""
        shares = shares[:, self.columns]
        return np.stack([surface.predict(shares) for surface in self._surfaces], axis=1)

    def scatter(self, shares: Array) -> Array:
        """Return the standard deviation of a run about the mean of each output, one row per point."""
        shares = shares[:, self.columns]
        growth = np.stack([growth(shares) for growth in self._growth], axis=1)
        return growth * np.sqrt(np.diag(self.covariance))

    def log_number(self, shares: Array) -> Array:
        """Return the log chance that a run has a number at all, one column per output."""
        shares = shares[:, self.columns]
        return np.stack([chance(shares) for chance in self._number], axis=1)

    def explained(self, values: Array) -> Array:
        """Return for each output the share of the variance over points that is not scatter."""
        return np.array([
            1.0 - np.nanvar(surface.scatter) / max(np.nanvar(column), 1e-300)
            for surface, column in zip(self._surfaces, values.T, strict=True)])


def _surface(shares: Array, column: Array, seeds: Array, kernel: object) -> _Surface:
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    here = np.isfinite(column)
    points, values = shares[here], column[here]
    mean, spread = float(values.mean()), float(values.std()) or 1.0
    aimed = (values - mean) / spread
    if kernel is None:
        kernel = ConstantKernel(1.0, (1e-3, 1e3)) * RBF(
            np.full(shares.shape[1], 2.0), (0.2, 50.0)) + WhiteKernel(0.3, (1e-4, 10.0))
    added, wider = np.zeros(len(aimed)), 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a length at its bound: an output that ignores a setting
        some = np.linspace(0, len(points) - 1, min(len(points), LENGTHS_FROM)).round().astype(int)
        process = _fitted(kernel, points, aimed, some)
        for _round in range(ROUNDS):
            added, wider = _seed_effects(aimed - process.predict(points), seeds[here])
            if not added.any():
                break
            # Without seed effects the shape of the surface is clearer.
            process = _fitted(process.kernel_, points, aimed - added, some)
    inverse = np.linalg.inv(process.L_ @ process.L_.T)
    scatter = np.full(len(column), np.nan)
    scatter[here] = spread * (process.alpha_ / np.diag(inverse) + wider * added)
    return _Surface(process, process.alpha_, mean, spread, scatter)


def _fitted(kernel: object, points: Array, aimed: Array, some: Array) -> Any:
    """Return a process through all points, with lengths and noise learnt from some of them."""
    from sklearn.gaussian_process import GaussianProcessRegressor

    process = GaussianProcessRegressor(kernel).fit(points[some], aimed[some])
    if len(some) == len(points):
        return process
    return GaussianProcessRegressor(process.kernel_, optimizer=None).fit(points, aimed)


def _seed_effects(left: Array, seeds: Array) -> tuple[Array, float]:
    """Return the seed effect of each run, and the additional variance of an unseen seed.

    Effects are shrunk as far as they may be chance, so they vary less than those of unseen seeds; and the
    surface goes through the mean of these seeds, which is itself subject to luck.
    """
    names, places, counts = np.unique(seeds, return_inverse=True, return_counts=True)
    if len(names) < MIN_SEEDS or len(names) == len(seeds):
        return np.zeros(len(left)), 1.0
    means = np.bincount(places, left) / counts
    within = float(((left - means[places]) ** 2).sum()) / (len(left) - len(names))
    between = float(np.var(means, ddof=1)) - within * float(np.mean(1.0 / counts))
    if between <= 0.0:
        return np.zeros(len(left)), 1.0
    added = (means * between / (between + within / counts))[places]
    return added, float(np.sqrt(between * (1.0 + 1.0 / len(names)) / np.mean(added**2)))


def _covariance(scatter: Array) -> Array:
    """Return the covariance over runs; for each pair of outputs, over the runs that have both."""
    whole = scatter[np.isfinite(scatter).all(axis=1)]
    deviation = np.sqrt(np.nanmean(scatter**2, axis=0))
    count = scatter.shape[1]
    if count == 1 or len(whole) < 3 * count:
        return np.diag(deviation**2)
    size = np.sqrt(np.mean(whole**2, axis=0))
    alike = (whole.T @ whole) / len(whole) / np.maximum(np.outer(size, size), 1e-300)
    # Shrink a little towards independence, to avoid a singular matrix from few runs.
    weight = count / (count + len(whole))
    return ((1.0 - weight) * alike + weight * np.eye(count)) * np.outer(deviation, deviation)


def _growth(shares: Array, scatter: Array) -> Callable[[Array], Array]:
    """Return a function from points to their scatter, relative to the average.

    The penalty is a prior: over all settings together the logarithm of the variance is expected to vary
    by `EXPECTED`, so with many settings and few runs the scatter stays nearly even.
    """
    from sklearn.linear_model import GammaRegressor

    here = np.isfinite(scatter)
    squares = scatter[here] ** 2
    mean = float(squares.mean()) if here.any() else 0.0
    if mean <= 0.0 or here.sum() < MIN_RUNS:
        return lambda points: np.ones(len(points))
    # With w settings, each uniform between 0 and 1, slopes of variance 12 EXPECTED / w have this effect;
    # a squared normal number has a dispersion of 2.
    penalty = 2.0 * shares.shape[1] / (12.0 * EXPECTED * len(squares))
    # A gamma distribution excludes zero; use a thousandth of the mean instead.
    known = GammaRegressor(alpha=penalty, max_iter=500).fit(
        shares[here], np.maximum(squares / mean, 1e-3))
    return lambda points: np.clip(np.sqrt(known.predict(points)), 1.0 / MAX_GROWTH, MAX_GROWTH)


def _chance(shares: Array, has: Array) -> Any:
    """Return a function from points to the log chance of a number."""
    if has.all():
        return lambda points: np.zeros(len(points))
    from sklearn.linear_model import LogisticRegression

    rule = LogisticRegression(C=10.0, max_iter=500).fit(_curved(shares), has)
    return lambda points: rule.predict_log_proba(_curved(points))[:, 1]


def _curved(shares: Array) -> Array:
    return np.hstack([shares, (2.0 * shares - 1.0) ** 2])

"""The emulator: what runs bring on average at any point of the cube, and how they scatter.

Gaussian processes (scikit-learn), one an output, on outputs that are transformed to scatter evenly.
What is left of that scatter may still depend on the settings (a market that hardly takes off is a matter
of luck, one that is full is not): its variance is learnt from the squared residuals by a gamma
regression with a logarithmic link (Davidian and Carroll 1987).
Seeds recur over the points (common random numbers), so what a seed adds everywhere is told apart from
what settings do: it blurs no surface, and it stays part of the scatter, since the luck of the history
that was observed is nobody's to know.
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
"""Seeds below which what a seed adds cannot be told from luck."""
ROUNDS = 2
"""Times that what seeds add is taken out and the surface fitted anew."""
MIN_RUNS = 100
"""Runs below which scatter counts as even."""
EXPECTED = 0.1
"""Variance, over the prior, that the logarithm of the scatter's variance is expected to have."""
MAX_GROWTH = 5.0
"""Times as far, or as little, as on average that runs scatter at most."""
LENGTHS_FROM = 300
"""Points from which lengths and noise are learnt; more only cost time (cubic), and say the same."""
Array = Any
"""A numpy array of floats."""


@dataclass
class _Surface:
    """One output: a Gaussian process on standardised values, without what seeds add."""

    process: Any
    weights: Array
    mean: float
    spread: float
    scatter: Array
    """How each run deviates from what the others predict; NaN where it has no number."""

    def predict(self, shares: Array) -> Array:
        return self.mean + self.spread * (
            self.process.kernel_(shares, self.process.X_train_) @ self.weights)


class Emulator:
    """Fitted to runs at points of the unit cube.

    Attributes
    ----------
    columns
        Settings that it answers to: all, or those that the first runs showed to matter.
    covariance
        Of a run about the predicted mean, averaged over the runs: luck, and what the emulator itself
        does not know. `scatter` says how far it grows or shrinks at a point.
    """

    def __init__(
        self, shares: Array, values: Array, seeds: Array, before: Emulator | None = None
    ) -> None:
        self.columns: Array = screened(shares, values) if before is None else before.columns
        shares = shares[:, self.columns]
        # What fewer runs taught about lengths and noise is where the next fit begins.
        begun: list[Any] = [None] * values.shape[1]
        if before is not None:
            begun = [surface.process.kernel_ for surface in before._surfaces]
        from threadpoolctl import threadpool_limits

        # Matrices this small are slower on several threads, many times so on a busy machine; and sums
        # over another number of threads would end in other digits.
        with threadpool_limits(1):
            self._surfaces: list[_Surface] = [_surface(shares, column, seeds, kernel)
                              for column, kernel in zip(values.T, begun, strict=True)]
        scatter = np.stack([surface.scatter for surface in self._surfaces], axis=1)
        self._growth = [_growth(shares, column) for column in scatter.T]
        even = scatter / np.stack([growth(shares) for growth in self._growth], axis=1)
        self.covariance = _covariance(even)
        self._number = [_chance(shares, np.isfinite(column)) for column in values.T]

    def mean(self, shares: Array) -> Array:
        """Return the predicted mean of each output, one row a point."""
        shares = shares[:, self.columns]
        return np.stack([surface.predict(shares) for surface in self._surfaces], axis=1)

    def scatter(self, shares: Array) -> Array:
        """Return the standard deviation of a run about the mean of each output, one row a point."""
        shares = shares[:, self.columns]
        growth = np.stack([growth(shares) for growth in self._growth], axis=1)
        return growth * np.sqrt(np.diag(self.covariance))

    def log_number(self, shares: Array) -> Array:
        """Return the log chance that a run has a number at all, one column an output."""
        shares = shares[:, self.columns]
        return np.stack([chance(shares) for chance in self._number], axis=1)

    def explained(self, values: Array) -> Array:
        """Return for each output the share of the variance over points that is not scatter."""
        return np.array([
            1.0 - np.nanvar(surface.scatter) / max(np.nanvar(column), 1e-300)
            for surface, column in zip(self._surfaces, values.T, strict=True)])


def _surface(shares: Array, column: Array, seeds: Array, kernel: Any) -> _Surface:
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
            # Without what seeds add the surface shows more of its shape.
            process = _fitted(process.kernel_, points, aimed - added, some)
    inverse = np.linalg.inv(process.L_ @ process.L_.T)
    scatter = np.full(len(column), np.nan)
    scatter[here] = spread * (process.alpha_ / np.diag(inverse) + wider * added)
    return _Surface(process, process.alpha_, mean, spread, scatter)


def _fitted(kernel: Any, points: Array, aimed: Array, some: Array) -> Any:
    """Return a process through all points, with the lengths and the noise that some of them show."""
    from sklearn.gaussian_process import GaussianProcessRegressor

    process = GaussianProcessRegressor(kernel).fit(points[some], aimed[some])
    if len(some) == len(points):
        return process
    return GaussianProcessRegressor(process.kernel_, optimizer=None).fit(points, aimed)


def _seed_effects(left: Array, seeds: Array) -> tuple[Array, float]:
    """Return for each run what its seed adds everywhere, and how much further another seed may lie off.

    The effects are shrunk as far as they may be chance, so they spread less than those of other seeds do;
    and the surface goes through the middle of these seeds, which is off by their luck as well.
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
    """Return the covariance over runs; each pair of outputs from the runs that have both."""
    whole = scatter[np.isfinite(scatter).all(axis=1)]
    deviation = np.sqrt(np.nanmean(scatter**2, axis=0))
    count = scatter.shape[1]
    if count == 1 or len(whole) < 3 * count:
        return np.diag(deviation**2)
    size = np.sqrt(np.mean(whole**2, axis=0))
    alike = (whole.T @ whole) / len(whole) / np.maximum(np.outer(size, size), 1e-300)
    # Shrunk a little towards independence, so that few runs give no singular matrix.
    weight = count / (count + len(whole))
    return ((1.0 - weight) * alike + weight * np.eye(count)) * np.outer(deviation, deviation)


def _growth(shares: Array, scatter: Array) -> Callable[[Array], Array]:
    """Return the function of points that says how many times as far runs scatter there as on average.

    The penalty is a prior: over all settings together the logarithm of the variance is expected to vary
    by `EXPECTED`, so many settings and few runs leave the scatter nearly even.
    """
    from sklearn.linear_model import GammaRegressor

    here = np.isfinite(scatter)
    squares = scatter[here] ** 2
    mean = float(squares.mean()) if here.any() else 0.0
    if mean <= 0.0 or here.sum() < MIN_RUNS:
        return lambda points: np.ones(len(points))
    # Of w settings, each even between 0 and 1, slopes of variance 12 EXPECTED / w bring that about; a
    # squared normal number has a dispersion of 2.
    penalty = 2.0 * shares.shape[1] / (12.0 * EXPECTED * len(squares))
    # A square of zero has no place in a gamma; a thousandth of the mean is as good as none.
    known = GammaRegressor(alpha=penalty, max_iter=500).fit(
        shares[here], np.maximum(squares / mean, 1e-3))
    return lambda points: np.clip(np.sqrt(known.predict(points)), 1.0 / MAX_GROWTH, MAX_GROWTH)


def _chance(shares: Array, has: Array) -> Any:
    """Return the function of points that says the log chance of a number."""
    if has.all():
        return lambda points: np.zeros(len(points))
    from sklearn.linear_model import LogisticRegression

    rule = LogisticRegression(C=10.0, max_iter=500).fit(_curved(shares), has)
    return lambda points: rule.predict_log_proba(_curved(points))[:, 1]


def _curved(shares: Array) -> Array:
    return np.hstack([shares, (2.0 * shares - 1.0) ** 2])

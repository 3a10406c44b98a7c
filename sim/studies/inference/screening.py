"""Screening: which of many settings affect the measures, before an emulator is fitted.

A Gaussian process with a length for each of eighty settings costs hours and learns little from a
thousand runs. A regression on each setting and its square is cheap, tolerates luck, and says which
settings matter at all (the first step of Kleijnen 2015, chapter 4); the others keep their priors.
"""

from __future__ import annotations

from typing import Any

from sim.kernel import np

__all__ = ["MAX_SETTINGS", "screened"]

Array = Any
MAX_SETTINGS = 24
"""Up to this number of settings an emulator takes all; of more it takes the strongest."""
FALSE_ALARMS = 0.1
"""Allowed share of false alarms among the settings found (Benjamini and Hochberg 1995)."""


def screened(shares: Array, values: Array) -> Array:
    """Return the columns of the settings that matter to some output.

    Parameters
    ----------
    shares
        Points of the unit cube, one row per run.
    values
        Outputs of the runs, one column each; NaN if a run has no number.

    Returns
    -------
    Column numbers in ascending order: all, if there are at most `MAX_SETTINGS`; otherwise the strongest of
    those whose setting or its square explains an output better than chance, at least one.
    """
    count = shares.shape[1]
    if count <= MAX_SETTINGS:
        return np.arange(count)
    chances = np.stack([_chances(shares, column) for column in values.T])
    best = chances.min(axis=0)
    ordered = np.sort(chances, axis=None)
    allowed = FALSE_ALARMS * np.arange(1, ordered.size + 1) / ordered.size
    passing = np.flatnonzero(ordered <= allowed)
    limit = ordered[passing[-1]] if len(passing) else best.min()
    strongest = np.argsort(best, kind="stable")[:MAX_SETTINGS]
    return np.sort(strongest[best[strongest] <= limit])


def _chances(shares: Array, column: Array) -> Array:
    """Return for each setting how often chance alone would explain as much of an output (p value)."""
    from scipy.stats import f

    here = np.isfinite(column)
    centred = 2.0 * shares[here] - 1.0
    terms = np.hstack([np.ones((here.sum(), 1)), centred, centred**2 - 1.0 / 3.0])
    count = shares.shape[1]
    free = len(terms) - terms.shape[1]
    if free < count:  # too few runs for squares
        terms = terms[:, : count + 1]
        free = len(terms) - terms.shape[1]
    if free < 1 or not np.ptp(column[here]):
        return np.ones(count)
    inverse = np.linalg.pinv(terms.T @ terms)
    weights = inverse @ (terms.T @ column[here])
    left = float(((column[here] - terms @ weights) ** 2).sum()) / free
    degrees = (terms.shape[1] - 1) // count
    found = np.empty(count)
    for place in range(count):
        own = 1 + place + count * np.arange(degrees)
        gained = weights[own] @ np.linalg.solve(inverse[np.ix_(own, own)], weights[own]) / degrees
        found[place] = f.sf(gained / max(left, 1e-300), degrees, free)
    return found

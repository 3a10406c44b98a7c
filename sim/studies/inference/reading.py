"""What the data revealed, what they could not, and which of them contradict each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.kernel import np
from sim.studies.inference.posterior import Likelihood

__all__ = ["contradictions", "learnt", "tied"]

Array = Any
UNLIKELY = 0.01
"""Chance below which targets count as contradicting each other."""


def learnt(shares: Array) -> Array:
    """Return for each setting the share of its prior variance that the data removed."""
    return 1.0 - shares.var(axis=0) * 12.0


def tied(shares: Array, least: float = 0.6) -> list[tuple[int, int, float]]:
    """Return pairs of settings that the data determine only together, with their correlation."""
    count = shares.shape[1]
    alike = np.atleast_2d(np.corrcoef(shares.T))
    return [(a, b, float(alike[a, b])) for a in range(count) for b in range(a)
            if abs(alike[a, b]) >= least]


def contradictions(
    likelihood: Likelihood, plausible: Array, seed: int = 0,
) -> tuple[float, list[str]]:
    """Return how likely so large a misfit is, and the targets without which the rest can be met.

    The misfit at the most likely point is a chi-square with one degree per target, so that fitting can
    only make it look better. If it is unlikely, each series or figure is left out in turn. Those
    whose absence makes the rest fit are named; if no single one does, all of them.
    """
    from scipy.stats import chi2

    height = likelihood(plausible)
    best = plausible[int(height.argmax())]
    misfit, degrees = likelihood.misfit(best)
    chance = float(chi2.sf(misfit, max(1, degrees)))
    if chance >= UNLIKELY:
        return chance, []
    parts = list(dict.fromkeys(one.part for one in likelihood.targets))
    if len(parts) == 1:
        return chance, parts
    named = [part for part in parts if _fits_without(likelihood, part, plausible.shape[1], seed)]
    return chance, named or _worst(likelihood, best, parts)


def _fits_without(likelihood: Likelihood, part: str, dimensions: int, seed: int) -> bool:
    """Return whether the other targets can be met together."""
    from scipy.stats import chi2

    used = np.array([one.part != part for one in likelihood.targets])
    points = likelihood.plausible(dimensions, 300, seed, used, moves=3)
    height = likelihood(points, used)
    best = points[[int(height.argmax())]]
    off = likelihood.misses(best)[0][used]
    return bool(chi2.sf(float((off**2).sum()), max(1, int(used.sum()))) >= UNLIKELY)


def _worst(likelihood: Likelihood, best: Array, parts: Sequence[str]) -> list[str]:
    """Return the targets that lie furthest from the best point."""
    off = np.abs(likelihood.misses(best)[0])
    reach = {part: max(float(miss) for one, miss in zip(likelihood.targets, off, strict=True)
                       if one.part == part) for part in parts}
    return [part for part in parts if reach[part] > 2.0] or [max(parts, key=lambda p: reach[p])]

"""Scenario discovery: the part of the space of worlds in which something happens, as a box.

The patient rule induction method, PRIM (Friedman and Fisher 1999), repeatedly peels off a thin slice of
the worlds, always the one whose removal leaves the densest cases. Bryant and Lempert (2010) used it for
scenario discovery, with coverage and density. We have our own implementation because the maintained one
requires the whole EMA workbench.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.kernel import np
from sim.texts import _

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Box", "discover"]

PEEL = 0.1
"""Share of the worlds in the box that one peel removes."""
MIN_SUPPORT = 0.1
"""Minimum share of all worlds in a box."""
MIN_CASES = 5
"""Minimum number of cases, and of other worlds, for a discovery."""
MAX_LIMITS = 3
"""Maximum number of settings that define a box."""


@dataclass(frozen=True)
class Box:
    """A part of the space of worlds.

    Attributes
    ----------
    limits
        By setting, its lowest and highest value in the box; infinite without a limit.
    coverage
        Share of the cases that lie in the box.
    density
        Share of the box's worlds that are cases.
    base
        Share of all worlds that are cases.
    support
        Share of all worlds that lie in the box.
    chances
        By setting, the chance of so high a density without its limit (binomial test).
    """

    limits: dict[str, tuple[float, float]]
    coverage: float
    density: float
    base: float
    support: float
    chances: dict[str, float]

    def holds(self, keys: Sequence[str], rows: np.ndarray) -> np.ndarray:
        """Return which worlds lie in the box."""
        inside = np.ones(len(rows), bool)
        for key, (low, high) in self.limits.items():
            column = rows[:, list(keys).index(key)]
            inside &= (column >= low) & (column <= high)
        return inside

    def said(self) -> str:
        """Return the box in words: one limit per setting."""
        parts = []
        for key, (low, high) in self.limits.items():
            values = {"key": key, "low": f"{low:.3g}", "high": f"{high:.3g}"}
            parts.append((_("{key} is {high} or less") if math.isinf(low) else
                          _("{key} is {low} or more") if math.isinf(high) else
                          _("{key} lies between {low} and {high}")).format(**values))
        return _(" and ").join(parts)


def discover(keys: Sequence[str], rows: Sequence[Sequence[Any]], cases: Sequence[bool]) -> Box | None:
    """Return the box in which the cases lie most densely, or None if chance does as well.

    Of all boxes peeled, the best in both coverage and density is taken (their harmonic mean); limits
    that do not pass a binomial test (5 %) are dropped. If most worlds are cases, that mean would stop at
    the first slice, since all worlds together score high on both. Then the box that holds most of the
    cases and least of the others is taken (Youden's index).
    """
    table = np.array([[float(value) for value in row] for row in rows], float)
    hit = np.asarray(cases, bool)
    if min(int(hit.sum()), int((~hit).sum())) < MIN_CASES or not len(keys):
        return None
    best, score = None, -1.0
    for limits in _peeled(table, hit):
        inside = _inside(table, limits)
        coverage, density = hit[inside].sum() / hit.sum(), hit[inside].mean()
        mean = 2 * coverage * density / (coverage + density) if coverage + density else 0.0
        worth = mean if hit.mean() <= 0.5 else coverage - (~hit)[inside].sum() / (~hit).sum()
        if limits and worth > score:
            best, score = limits, worth
    return None if best is None else _proven(keys, table, hit, best)


Limits = dict[int, tuple[float, float]]


def _inside(table: np.ndarray, limits: Limits) -> np.ndarray:
    inside = np.ones(len(table), bool)
    for place, (low, high) in limits.items():
        inside &= (table[:, place] >= low) & (table[:, place] <= high)
    return inside


def _peeled(table: np.ndarray, hit: np.ndarray) -> list[Limits]:
    """Return the boxes of one peeling, starting from all worlds."""
    limits: Limits = {}
    found = [limits]
    least = max(2, math.ceil(MIN_SUPPORT * len(table)))
    while True:
        inside = _inside(table, limits)
        best, density = None, float(hit[inside].mean())
        for place in range(table.shape[1]):
            column = np.sort(table[inside, place])
            take = max(1, int(PEEL * len(column)))
            low, high = limits.get(place, (-math.inf, math.inf))
            for ends in ((float(column[take]), high), (low, float(column[-take - 1]))):
                tried = {**limits, place: ends}
                left = _inside(table, tried)
                if least <= left.sum() < inside.sum() and hit[left].mean() > density:
                    best, density = tried, float(hit[left].mean())
        if best is None:
            return found
        limits = best
        found.append(limits)


def _proven(keys: Sequence[str], table: np.ndarray, hit: np.ndarray, limits: Limits) -> Box | None:
    """Return the box with its significant limits, at most three."""
    from scipy import stats

    while limits:
        inside = _inside(table, limits)
        cases, worlds = int(hit[inside].sum()), int(inside.sum())
        chances = {}
        for place in limits:
            without = hit[_inside(table, {other: ends for other, ends in limits.items() if other != place})]
            chances[place] = float(stats.binomtest(
                cases, worlds, float(without.mean()), alternative="greater").pvalue)
        worst = max(chances, key=lambda place: chances[place])
        # Two limits per setting were considered.
        if chances[worst] * 2 * len(keys) > 0.05 or len(limits) > MAX_LIMITS:
            limits = {place: ends for place, ends in limits.items() if place != worst}
            continue
        return Box({keys[place]: ends for place, ends in sorted(limits.items())},
                   cases / int(hit.sum()), cases / worlds, float(hit.mean()), worlds / len(table),
                   {keys[place]: chances[place] for place in sorted(limits)})
    return None

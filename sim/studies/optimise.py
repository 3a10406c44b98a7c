"""Searching settings: those that make a measure best.

The search sees some seeds; what it found is then judged with fresh ones, since the best of many
noisy points looks better than it is.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.errors import FailedError, WeishangError
from sim.runs.statistics import Paired, paired
from sim.scenario.schema import get
from sim.studies.gaps import named_point
from sim.studies.measures import Measure, measure, said, said_gap
from sim.studies.plans import Factor
from sim.studies.searching import Lab, Tally, folder_of, named, need_ranges, settings_of
from sim.studies.sharing import keep_table
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

__all__ = ["Optimum", "optimise"]


NOTHING = 1e30
"""The score of a point at which the measure has no number."""


@dataclass
class Optimum:
    """Settings that make a measure best.

    Attributes
    ----------
    settings
        The best settings found, by dotted name.
    against
        How they differ from the scenario as it is, on fresh seeds, pair by pair.
    searched
        One row a point of the search: settings and the mean of the measure.
    gaps
        Which points had no number, in sentences.
    """

    measure: Measure
    highest: bool
    settings: Mapping[str, Any]
    against: Paired
    searched: pd.DataFrame
    runs: int
    gaps: tuple[str, ...] = ()
    results: Any = None
    """The folder with the runs of the search, where one was wanted."""

    def plot(self, **options: Any) -> Any:
        """Draw the points of the search over each setting, the best one marked; return the Axes."""
        from sim.faces import plot_study

        return plot_study(self, "search", **options)

    def _repr_html_(self) -> str:
        from sim.faces import html

        return html(self, "comparison")

    def verdicts(self) -> list[str]:
        """Return the answer in plain sentences."""
        return [*self._answer(), *self.gaps]

    def _answer(self) -> list[str]:
        gap = self.against.difference
        sign = 1 if self.highest else -1
        if not self.against.pairs:
            return [_("Best found: {settings}.").format(settings=named_point(self.settings)), _(
                "{what}: no fresh seed has this number both there and in the scenario as it is, so "
                "no gain can be told.").format(what=_(self.measure.label))]
        words = {"what": _(self.measure.label), "settings": named_point(self.settings),
                 "new": said(self.against.other, self.measure.unit),
                 "old": said(self.against.baseline, self.measure.unit),
                 "low": said_gap(gap.low, self.measure.unit),
                 "high": said_gap(gap.high, self.measure.unit),
                 "n": self.against.pairs}
        if sign * gap.direction > 0:
            return [_("Best found: {settings}.").format(**words), _(
                "{what}: {new} against {old} before, on {n} fresh seeds; the difference is between "
                "{low} and {high}.").format(**words)]
        if gap.direction:
            return [_("Nothing better than the scenario as it is was found; the best point tried, "
                      "{settings}, does worse.").format(**words), _(
                "{what}: {new} against {old} before, on {n} fresh seeds; the difference is between "
                "{low} and {high}.").format(**words)]
        return [_("The best point tried is {settings}, but no gain can be told.").format(**words), _(
            "{what}: {new} against {old} before; on {n} fresh seeds no gain can be told (difference "
            "between {low} and {high}).").format(**words)]


class _Refused(Exception):  # noqa: N818 (it never leaves this file)
    """Carries a refusal through scipy, which takes a ValueError for one of its own."""

    def __init__(self, error: WeishangError) -> None:
        self.error = error


def _start(scenario: Scenario, factors: tuple[Factor, ...]) -> list[float] | None:
    """Return where the scenario as it is lies in the ranges, so that the search begins no worse."""
    values = [get(scenario, factor.key) for factor in factors]
    if not all(isinstance(value, (int, float)) and factor.low <= value <= factor.high
               for factor, value in zip(factors, values, strict=True)):
        return None
    return [min(1.0, max(0.0, factor.share_of(value)))
            for factor, value in zip(factors, values, strict=True)]


def _search(
    lab: Lab, factors: tuple[Factor, ...], score: Callable[[pd.DataFrame], float], budget: int
) -> tuple[tuple[Any, ...], pd.DataFrame]:
    """Return the point with the lowest score and all points tried (differential evolution)."""
    import numpy as np
    import pandas as pd
    from scipy.optimize import differential_evolution

    tried: dict[tuple[Any, ...], float] = {}

    def scores(shares: Any) -> Any:
        points = [settings_of(factors, column) for column in np.atleast_2d(shares.T)]
        try:
            tables = lab.measured(points)
        except WeishangError as error:
            raise _Refused(error) from None
        for point, table in zip(points, tables, strict=True):
            value = score(table)
            tried[point] = value if math.isfinite(value) else NOTHING
        return np.array([tried[point] for point in points])

    size = max(5, min(budget // 4, 8 * len(factors)))
    try:
        differential_evolution(
            scores, [(0.0, 1.0)] * len(factors), popsize=max(1, -(-size // len(factors))),
            maxiter=max(1, budget // size - 1), vectorized=True, updating="deferred",
            polish=False, init="sobol", rng=np.random.default_rng(0), tol=0.0,
            x0=_start(lab.scenario, factors),
        )
    except _Refused as refused:
        raise refused.error from None
    best = min(tried, key=lambda point: tried[point])
    if tried[best] >= NOTHING:
        raise FailedError(_(
            "no point has a number: what is measured never happened at any of the {count} points "
            "tried; widen the ranges, run more weeks, or take another measure").format(
                count=len(tried)))
    table = pd.DataFrame([dict(named(factors, point)) | {"score": value}
                          for point, value in tried.items()])
    return best, table


def _fresh(seeds: Sequence[int]) -> range:
    """Return as many seeds that the search has not seen, at least ten."""
    first = max(seeds) + 1
    return range(first, first + max(10, len(seeds)))


def optimise(
    scenario: Scenario, factors: Sequence[Factor], of: str, *, highest: bool = True,
    seeds: Iterable[int] = range(5), budget: int = 60,
    out: str | os.PathLike[str] | bool | None = None, **engine: Any,
) -> Optimum:
    """Return the settings within the ranges that make the mean of a measure highest (or lowest).

    Parameters
    ----------
    budget
        About how many points are tried, each with all seeds.
    out
        Folder for the runs of the search; ``True`` for the default one, nothing to keep none.
    """
    factors = need_ranges(factors)
    read = measure(of, scenario.weeks)
    seeds = tuple(seeds)
    keys = [factor.key for factor in factors]
    sign = -1 if highest else 1
    tally = Tally(engine.get("progress"), budget * len(seeds) + 2 * len(_fresh(seeds)))
    engine["progress"] = tally
    study = {"kind": "optimise", "of": of, "highest": highest, "budget": budget,
             "ranges": [[factor.key, factor.low, factor.high, factor.log] for factor in factors]}
    folder = folder_of(out, scenario, factors, seeds, study)
    with Lab(scenario, keys, seeds, [read], out=folder, **engine) as lab:
        best, table = _search(
            lab, factors, lambda rows: sign * float(rows[of].mean()), budget)
        lived, gaps = lab.runs_lived, tuple(lab.gaps())
    scores = table.pop("score")
    table = table.assign(**{of: (sign * scores).where(scores < NOTHING)})
    results = lab.keep(study)
    if results is not None:
        keep_table(results, "search.csv", table)
    with Lab(scenario, keys, _fresh(seeds), [read], **engine) as lab:
        now = lab.measured([best])[0][of]
        lived += lab.runs_lived
    with Lab(scenario, [], _fresh(seeds), [read], **engine) as lab:
        before = lab.measured([()])[0][of]
        lived += lab.runs_lived
    tally.finish()
    return Optimum(read, highest, named(factors, best), paired(before, now), table, lived, gaps,
                   results)

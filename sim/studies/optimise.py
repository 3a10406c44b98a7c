"""Searching for the settings that optimise a measure under conditions.

The search uses some seeds. The result is then judged with fresh seeds, since the best of many noisy
points looks better than it is. A point that misses the conditions ranks below every point that meets
them; among such points the nearer miss ranks higher (Deb 2000).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.errors import FailedError, UsageError, WeishangError
from sim.runs.statistics import MIN_PAIRS, Interval, Paired, paired
from sim.scenario.schema import get
from sim.studies.answers import keep_answer
from sim.studies.conditions import Condition, condition, low_end, paired_tails
from sim.studies.gaps import named_point
from sim.studies.measures import Measure, measure, said, said_gap
from sim.studies.plans import Factor
from sim.studies.searching import Lab, Tally, folder_of, named, need_ranges, settings_of
from sim.studies.sharing import keep_table, share_told
from sim.texts import _

if TYPE_CHECKING:
    from typing import Unpack

    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes

    from sim.kernel.plain import Data, SomeData
    from sim.runs.many import EngineOptions
    from sim.runs.reading import Results
    from sim.runs.worlds import Worlds
    from sim.scenario.schema import Scenario
    from sim.studies.running import Out

__all__ = ["Optimum", "asked", "expected_runs", "optimise"]


NOTHING = 1e30
"""The score of a point at which the measure has no number."""
MISSED = 1e20
"""Lowest score of a point that misses the conditions."""
SURELY = 0.9
"""Share of the seeds in which the conditions must be met."""
FRESH, FRESH_FOR_TAILS = 10, 40
"""Least number of fresh seeds that judge the result; a worst tenth needs more."""


@dataclass
class Optimum:
    """Settings that optimise a measure.

    Attributes
    ----------
    settings
        The best settings found, by dotted name.
    against
        Their difference from the scenario as it is, on fresh seeds, pair by pair; the difference of
        worst tenths if the search was for the best worst tenth.
    searched
        One row per point of the search: settings, the mean (or worst tenth) of the measure, and ``met``,
        the share of the seeds that meet the conditions.
    gaps
        Which points had no number, in sentences.
    satisfy
        The conditions.
    surely
        Share of the seeds in which they had to be met.
    met, met_before
        Share of the fresh seeds that meet them, there and in the scenario as it is.
    worst
        Whether the worst tenth of the seeds was optimised instead of the mean.
    """

    measure: Measure
    highest: bool
    settings: SomeData
    against: Paired
    searched: pd.DataFrame
    runs: int
    gaps: tuple[str, ...] = ()
    results: Results | None = None
    """The folder with the runs of the search, if any."""

    satisfy: tuple[str, ...] = ()
    surely: float = SURELY
    met: Interval | None = None
    met_before: Interval | None = None
    worst: bool | float = False

    @property
    def table(self) -> pd.DataFrame:
        """The points of the search (`searched`)."""
        return self.searched

    @property
    def feasible(self) -> bool:
        """Whether some point of the search meets the conditions often enough."""
        return not self.satisfy or bool((self.searched["met"] >= self.surely).any())

    @property
    def best(self) -> pd.Series:
        """The best row of `searched`."""
        rows = self.searched
        hit = (rows[list(self.settings)] == list(self.settings.values())).all(axis=1)
        return rows[hit].iloc[0]

    @property
    def called(self) -> str:
        """Name of what is optimised, in the current language."""
        what = _(self.measure.label)
        if self.worst is True:
            return _("{what}, mean of the worst tenth of the seeds").format(what=what)
        return _("{what}, worse in {share} of the seeds").format(
            what=what, share=f"{100 * self.worst:g}%") if self.worst else what

    def plot(self, **options: Any) -> Axes:
        """Draw the points of the search over each setting, the best one marked; return the Axes."""
        from sim.faces import plot_study

        return plot_study(self, "search", **options)

    def _repr_html_(self) -> str:
        from sim.faces import html

        return html(self, "comparison")

    def __repr__(self) -> str:
        return "\n".join(self.verdicts())

    def verdicts(self) -> list[str]:
        """Return the answer in plain sentences."""
        return [*self._answer(), *self._conditions(), *self.gaps]

    def _answer(self) -> list[str]:
        gap = self.against.difference
        sign = 1 if self.highest else -1
        words = {"what": self.called, "settings": named_point(self.settings),
                 "n": self.against.pairs}
        if not self.feasible:
            first = _("No point tried meets the conditions in {share} of the seeds; nearest to it: "
                      "{settings}.").format(share=_share(self.surely), **words)
        elif self.satisfy:
            first = _("Best found that meets the conditions: {settings}.").format(**words)
        else:
            first = _("Best found: {settings}.").format(**words)
        if not self.against.pairs:
            return [first, _(
                "{what}: no fresh seed has this number both there and in the scenario as it is, so "
                "no gain can be told.").format(**words)]
        words |= {"new": said(self.against.other, self.measure.unit),
                  "old": said(self.against.baseline, self.measure.unit)}
        tried = _("The best point tried is {settings}, but no gain can be told.").format(**words) \
            if self.feasible and not self.satisfy else first
        if not math.isfinite(gap.low):
            return [tried, _("{what}: {new} against {old} before; {n} of the {least} fresh seeds that an "
                             "interval needs, so no gain can be told.").format(**words, least=MIN_PAIRS)]
        if gap.low == gap.high == 0.0:
            return [tried, _("{what}: {new} there and in the scenario as it is, on each of {n} fresh seeds."
                             ).format(**words)]
        words |= {"low": said_gap(gap.low, self.measure.unit),
                  "high": said_gap(gap.high, self.measure.unit)}
        sure = _(
            "{what}: {new} against {old} before, on {n} fresh seeds; the difference is between "
            "{low} and {high}.").format(**words)
        if sign * gap.direction > 0:
            return [first, sure]
        if self.satisfy and not self._held_before():
            # The scenario as it is does not meet the conditions, so it is not a candidate.
            if gap.direction:
                return [first, sure]
        elif gap.direction:
            return [_("Nothing better than the scenario as it is was found; the best point tried, "
                      "{settings}, does worse.").format(**words), sure]
        elif self.feasible:
            first = _("The best point tried is {settings}, but no gain can be told.").format(**words)
        return [first, _(
            "{what}: {new} against {old} before; on {n} fresh seeds no gain can be told (difference "
            "between {low} and {high}).").format(**words)]

    def _held_before(self) -> bool:
        return self.met_before is not None and self.met_before.mean >= self.surely

    def _conditions(self) -> list[str]:
        """Return in how many fresh seeds the conditions are met, as a sentence."""
        if self.met is None or self.met_before is None:
            return []
        told = [_("The conditions are met in {share} of {n} fresh seeds ({low} to {high}); by the scenario "
                  "as it is, in {before}.").format(
            share=_share(self.met.mean), low=_share(self.met.low), high=_share(self.met.high),
            n=self.met.count, before=_share(self.met_before.mean))]
        if self.feasible and self.met.mean < self.surely:
            told.append(_("That is less than the {share} asked for, which the seeds of the search did meet: "
                          "search with more of them.").format(share=_share(self.surely)))
        return told


def _share(value: float) -> str:
    return f"{100 * value:.0f}%"


class _Refused(Exception):  # noqa: N818 (it never leaves this file)
    """Carries an error through scipy, which would handle a ValueError as its own."""

    def __init__(self, error: WeishangError) -> None:
        self.error = error


def _start(scenario: Scenario, factors: tuple[Factor, ...]) -> list[float] | None:
    """Return the position of the scenario as it is in the ranges, so that the search begins no worse."""
    values = [get(scenario, factor.key) for factor in factors]
    if not all(isinstance(value, (int, float)) and factor.low <= value <= factor.high
               for factor, value in zip(factors, values, strict=True)):
        return None
    return [min(1.0, max(0.0, factor.share_of(value)))
            for factor, value in zip(factors, values, strict=True)]


def _search(
    lab: Lab, factors: tuple[Factor, ...], score: Callable[[pd.DataFrame], float], budget: int
) -> tuple[tuple[Any, ...], list[tuple[Any, ...]]]:
    """Return the point with the lowest score and all points tried (differential evolution)."""
    import numpy as np
    from scipy.optimize import differential_evolution

    tried: dict[tuple[Any, ...], float] = {}

    def scores(shares: np.ndarray) -> np.ndarray:
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
    return best, list(tried)


def _fresh(seeds: Sequence[int], worst: bool | float) -> range:
    """Return an equal number of unseen seeds, at least ten (40 for a worst tenth)."""
    first = max(seeds) + 1
    return range(first, first + max(FRESH_FOR_TAILS if worst else FRESH, len(seeds)))


def expected_runs(budget: int, seeds: Sequence[int], worst: bool | float = False) -> int:
    """Estimate the runs of a search: its points, and twice the fresh seeds."""
    return budget * len(seeds) + 2 * len(_fresh(seeds, worst))


def asked(
    scenario: Scenario, factors: Sequence[Factor], of: str, satisfy: Sequence[str],
) -> tuple[tuple[Factor, ...], Measure, tuple[Condition, ...]]:
    """Return the ranges, the measure and the conditions of a search.

    Raises
    ------
    UsageError
        When one of them cannot be understood.
    """
    return need_ranges(factors), measure(of, scenario.weeks), tuple(
        condition(text, scenario.weeks) for text in satisfy)


def optimise(
    scenario: Scenario, factors: Sequence[Factor], of: str, *, highest: bool = True,
    satisfy: Sequence[str] = (), surely: float = SURELY, worst: bool | float = False,
    seeds: Iterable[int] = range(5), budget: int = 60, worlds: Worlds | None = None,
    out: Out = None, **engine: Unpack[EngineOptions],
) -> Optimum:
    """Return the settings within the ranges that make a measure highest (or lowest).

    Parameters
    ----------
    satisfy
        Conditions such as ``loss_share at end <= 20%`` or ``cumulative(bought_back) <= 20000``.
    surely
        Share of the seeds in which they must be met.
    worst
        Optimise the mean of the worst tenth of the seeds instead of the mean of all; with a number, the
        value that this share of the seeds fall short of (a quantile).
    budget
        Approximate number of points tried, each with all seeds.
    worlds
        Plausible worlds for the seeds; fresh seeds are fresh luck in the same worlds.
    out
        Folder for the runs of the search; ``True`` for the default one; without it none are kept. Runs
        with fresh seeds are kept in ``out-best`` and ``out-before``.
    """
    factors, read, conditions = asked(scenario, factors, of, satisfy)
    if not 0.0 < surely <= 1.0:
        raise UsageError(_("the share of the seeds that meet the conditions is above 0 and at most 1"))
    if not isinstance(worst, bool) and not 0.0 < worst < 1.0:
        raise UsageError(_("a quantile is a share of the seeds, above 0 and below 1"))
    seeds = tuple(seeds)
    fresh = _fresh(seeds, worst)
    keys = [factor.key for factor in factors]
    sign = -1 if highest else 1
    tally = Tally(engine.get("progress"), expected_runs(budget, seeds, worst))
    engine["progress"] = tally
    study = {"kind": "optimise", "of": of, "highest": highest, "budget": budget,
             "ranges": [[factor.key, factor.low, factor.high, factor.log] for factor in factors],
             "satisfy": list(satisfy), "surely": surely, "worst": worst}

    def figure(rows: pd.DataFrame) -> float:
        return low_end(rows[of], highest, worst) if worst else float(rows[of].mean())

    def score(rows: pd.DataFrame) -> float:
        if conditions and rows["met"].mean() < surely:
            return MISSED * (1.0 + float(rows["shortfall"].mean()))
        return sign * figure(rows)

    how: Data = {"worlds": worlds, "satisfy": conditions, **engine}
    with Lab(scenario, keys, seeds, [read], study=study,
             out=folder_of(out, scenario, factors, seeds, study, worlds), **how) as lab:
        best, tried = _search(lab, factors, score, budget)
        table = _searched(factors, tried, lab.measured(tried), of, figure)
        lived, gaps = lab.runs_lived, tuple(lab.gaps())
    results = lab.keep()
    if results is not None:
        keep_table(results, "search.csv", table)

    def judged(name: str, keys: Sequence[str], point: tuple[Any, ...]) -> tuple[pd.DataFrame, int]:
        beside = None if results is None else results.path.with_name(f"{results.path.name}-{name}")
        with Lab(scenario, keys, fresh, [read], out=beside, study={"kind": name, "of": of}, **how) as lab:
            found = lab.measured([point])[0]
            lab.keep()
            return found, lab.runs_lived

    now, more = judged("best", keys, best)
    before, again = judged("before", [], ())
    lived += more + again
    tally.finish()
    against = paired_tails(before[of], now[of], highest, worst=worst) if worst else paired(
        before[of], now[of])
    found = Optimum(
        read, highest, named(factors, best), against, table, lived, gaps, results,
        tuple(satisfy), surely, share_told(now["met"].to_numpy()) if conditions else None,
        share_told(before["met"].to_numpy()) if conditions else None, worst)
    keep_answer(results, found)
    return found


def _searched(
    factors: tuple[Factor, ...], tried: Sequence[tuple[Any, ...]], tables: Sequence[pd.DataFrame], of: str,
    figure: Callable[[pd.DataFrame], float],
) -> pd.DataFrame:
    """Return one row per point tried: settings, the measure, and how often the conditions are met."""
    import pandas as pd

    rows = []
    for point, found in zip(tried, tables, strict=True):
        met = {"met": float(found["met"].mean())} if "met" in found else {}
        rows.append(dict(named(factors, point)) | {of: figure(found)} | met)
    return pd.DataFrame(rows)

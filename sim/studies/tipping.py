"""Tipping: the value of a setting at which a condition changes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.errors import FailedError, UsageError
from sim.runs.worlds import Worlds
from sim.studies.answers import keep_answer
from sim.studies.gaps import named_point, setting_said, told_gaps
from sim.studies.plans import Factor
from sim.studies.searching import Lab, Tally, folder_of, need_ranges
from sim.studies.sharing import keep_table, share_told
from sim.texts import _

if TYPE_CHECKING:
    from typing import Unpack

    import pandas as pd
    from matplotlib.axes import Axes

    from sim.runs.many import EngineOptions
    from sim.runs.reading import Results
    from sim.scenario.schema import Scenario
    from sim.studies.running import Out

__all__ = ["Tipping", "asked", "expected_runs", "tipping"]

POINTS = 5
"""Points tried in each round, including the ends of the bracket."""


@dataclass
class Tipping:
    """Where a condition changes.

    Attributes
    ----------
    key, condition
        The setting and the condition.
    table
        One row per value tried: the share of the seeds for which the condition holds, its 95 % interval
        (``low``, ``high``), and the number of ``seeds``.
    low, high
        Bracket in which that share crosses one half; NaN if it does not cross.
    thresholds
        One number per seed that changes exactly once: the middle of its own bracket.
    unclear
        Seeds that change more than once.
    gaps
        Which values had no number, in sentences.
    crossing
        Interval (95 %) for the value at which the condition changes for half of all possible seeds; an
        end beyond the range is infinite, and NaN with too few seeds.
    worlds
        Whether each seed has its own plausible world.
    """

    key: str
    condition: str
    table: pd.DataFrame
    low: float
    high: float
    thresholds: tuple[float, ...]
    unclear: int
    runs: int
    gaps: tuple[str, ...] = ()
    crossing: tuple[float, float] = (math.nan, math.nan)
    worlds: bool = False
    results: Results | None = None
    """The folder with all runs, if any."""

    def plot(self, **options: Any) -> Axes:
        """Draw for how many seeds the condition holds at each value; return the Axes."""
        from sim.faces import plot_study

        return plot_study(self, "tipping", **options)

    def _repr_html_(self) -> str:
        from sim.faces import html

        return html(self, "comparison")

    def __repr__(self) -> str:
        return "\n".join(self.verdicts())

    def spread(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the nearest values on either side of the bracket at which nine in ten seeds agree, with
        their shares; or the end of the range if there is none.
        """
        rows = list(zip(self.table["value"], self.table["share"], strict=True))
        below = [row for row in rows if row[0] <= self.low]
        above = [row for row in rows if row[0] >= self.high]

        def agree(row: tuple[float, float]) -> bool:
            return min(row[1], 1 - row[1]) <= 0.1

        return (next((row for row in reversed(below) if agree(row)), below[0]),
                next((row for row in above if agree(row)), above[-1]))

    def verdicts(self) -> list[str]:
        """Return the answer in plain sentences."""
        return [*self._answer(), *self.gaps]

    def _answer(self) -> list[str]:
        shares = self.table["share"]
        if math.isnan(self.low) and shares.min() == shares.max():
            return [_("'{condition}' does not tip over {key} from {low} to {high}: it holds for {share}% of "
                      "the seeds at every value tried.").format(
                condition=self.condition, key=self.key, low=f"{self.table['value'].min():.4g}",
                high=f"{self.table['value'].max():.4g}", share=f"{100 * shares.min():.0f}")]
        if math.isnan(self.low):
            return [_("'{condition}' does not tip over {key} from {low} to {high}: it holds for "
                      "{least}% to {most}% of the seeds.").format(
                condition=self.condition, key=self.key, low=setting_said(self.key, self.table["value"].min()),
                high=setting_said(self.key, self.table["value"].max()), least=f"{100 * shares.min():.0f}",
                most=f"{100 * shares.max():.0f}")]
        sentences = [_("'{condition}' tips at {key} between {low} and {high}: there it changes for "
                       "half of the seeds.").format(
            condition=self.condition, key=self.key, low=setting_said(self.key, self.low),
            high=setting_said(self.key, self.high))]
        sentences += self._sure()
        (low, few), (high, many) = self.spread()
        sentences.append(_("It holds for {few}% of the seeds at {low} and for {many}% at {high}; "
                           "between them luck decides.").format(
            low=setting_said(self.key, low), high=setting_said(self.key, high), few=f"{100 * few:.0f}",
            many=f"{100 * many:.0f}"))
        if self.worlds:
            sentences.append(_("Each seed lives in a plausible world of its own."))
        if self.unclear:
            sentences.append(_("{count} seeds change more than once: the threshold is no sharp "
                               "line.").format(count=self.unclear))
        return sentences

    def _sure(self) -> list[str]:
        """Return how sure the crossing is, as a sentence."""
        low, high = self.crossing
        if math.isnan(low):
            return [_("So few seeds give no interval for it; take at least 6.")]
        ends = self.table["value"]
        return [_("With 95% confidence the crossing is between {low} and {high}.").format(
            low=setting_said(self.key, low) if math.isfinite(low) else _("below {value}").format(
                value=setting_said(self.key, ends.min())),
            high=setting_said(self.key, high) if math.isfinite(high) else _("above {value}").format(
                value=setting_said(self.key, ends.max())))]


def asked(
    scenario: Scenario, factors: Sequence[Factor], condition: str, tolerance: float,
) -> tuple[Factor, Any]:
    """Return the setting that is varied and the check that it tips.

    Raises
    ------
    UsageError
        When either makes no sense.
    """
    from sim.market.outputs import weekly_outputs
    from sim.scenario.expect import Expectation, ExpectationError

    (factor, *others) = need_ranges(factors)
    if others:
        raise UsageError(_("one setting tips at a time; write --vary once"))
    if not 0 < tolerance < 1:
        raise UsageError(_("tolerance is a share of the range, above 0 and below 1"))
    try:
        check = Expectation.parse(
            condition, {column.name: column.unit for column in weekly_outputs()}, scenario.weeks)
    except ExpectationError as error:
        raise UsageError(_("condition '{text}': {what}").format(
            text=condition[:200], what=error)) from None
    return factor, check


def tipping(
    scenario: Scenario, factors: Sequence[Factor], condition: str, *,
    seeds: Iterable[int] = range(10), tolerance: float = 0.02, worlds: Worlds | None = None,
    out: Out = None, **engine: Unpack[EngineOptions],
) -> Tipping:
    """Return the value of a setting at which the condition changes for half of the seeds.

    Five values are tried, then five in the bracket in which the share of seeds crosses one half, and so
    on until the bracket is `tolerance` of the range (or one, for whole numbers). All runs go into the
    folder `out` (``True``: the default one), if any.

    Raises
    ------
    UsageError
        When the condition cannot be understood, or if there is not exactly one range.
    FailedError
        When no run has the numbers that the condition compares.
    """
    import pandas as pd

    factor, check = asked(scenario, factors, condition, tolerance)
    held: dict[Any, dict[int, bool]] = {}
    tried: set[Any] = set()
    low, high = factor.low, factor.high
    found = (math.nan, math.nan)
    seeds = tuple(seeds)
    tally = Tally(engine.get("progress"), expected_runs(tolerance, len(seeds)))
    engine["progress"] = tally
    study = {"kind": "tipping", "when": condition, "tolerance": tolerance,
             "ranges": [[factor.key, factor.low, factor.high, factor.log]]}
    folder = folder_of(out, scenario, [factor], seeds, study, worlds)
    with Lab(scenario, [factor.key], seeds, [], worlds=worlds, out=folder, study=study,
             **engine) as lab:
        while True:
            part = Factor(factor.key, (), low, high, factor.log)
            values = [value for value in part.grid(POINTS) if value not in tried]
            if not values:
                break
            tried.update(values)
            runs = lab.live([(value,) for value in values])
            for run in runs.done:
                point, seed = runs.design.of_run(run)
                weekly = runs.table_of_run(run, "weekly")
                if check.has_numbers(weekly):
                    held.setdefault(runs.design.values(point)[factor.key], {})[seed] = \
                        check.holds(weekly)
            bracket = _bracket(held, low, high)
            if bracket is None:
                break
            found = low, high = bracket
            width = math.log(high / low) / math.log(factor.high / factor.low) if factor.log \
                else (high - low) / (factor.high - factor.low)
            if width <= tolerance or (factor.whole and high - low <= 1):
                break
        lived = lab.runs_lived
        gaps = (*told_gaps(condition, [
            (named_point({factor.key: value}),
             [0.0 if seed in held.get(value, {}) else math.nan for seed in lab.seeds])
            for value in sorted(tried)]), *lab.failures())
    if not held:
        raise FailedError(" ".join(gaps))
    results = lab.keep()
    tally.finish()
    thresholds, unclear = [], 0
    for seed in lab.seeds:
        known = [value for value in sorted(held) if seed in held[value]]
        changes = [(a + b) / 2 for a, b in itertools.pairwise(known)
                   if held[a][seed] != held[b][seed]]
        if len(changes) == 1:
            thresholds.append(changes[0])
        unclear += len(changes) > 1
    sure = [share_told(list(held[value].values())) for value in sorted(held)]
    table = pd.DataFrame({
        "value": sorted(held), "share": [_share(held[value]) for value in sorted(held)],
        "low": [one.low for one in sure], "high": [one.high for one in sure],
        "seeds": [one.count for one in sure]})
    if results is not None:
        keep_table(results, "tipping.csv", table)
    crossing = (math.nan, math.nan) if math.isnan(found[0]) else _crossing(held, found)
    told = Tipping(factor.key, condition, table, *found, tuple(thresholds), unclear, lived, gaps,
                   crossing, worlds is not None, results)
    keep_answer(results, told)
    return told


def _crossing(
    held: dict[Any, dict[int, bool]], found: tuple[Any, Any], confidence: float = 0.95
) -> tuple[float, float]:
    """Return the interval of the median over seeds of the value at which each changes.

    It uses order statistics (sign test) of the ends between which a seed changes: no distribution is
    assumed, and a seed that changes more than once may change anywhere between its first and last change.
    """
    from scipy.stats import binom

    tried = sorted(held)
    # Take seeds with a number at both ends of the crossing; a gap elsewhere is not a change.
    seeds = [seed for seed in held[found[0]] if seed in held[found[1]]]
    count = len(seeds)
    rank = int(binom.ppf((1.0 - confidence) / 2, count, 0.5))
    if rank < 1 or binom.cdf(rank - 1, count, 0.5) > (1.0 - confidence) / 2:
        return math.nan, math.nan
    rises = _share(held[found[1]]) > _share(held[found[0]])
    lows, highs = [], []
    for seed in seeds:
        known = [value for value in tried if seed in held[value]]
        holds = [held[value][seed] for value in known]
        changes = [at for at in range(1, len(known)) if holds[at] != holds[at - 1]]
        if changes:
            lows.append(known[changes[0] - 1])
            highs.append(known[changes[-1]])
        elif holds[0] == rises:  # it has changed before the range begins
            lows.append(-math.inf)
            highs.append(known[0])
        else:
            lows.append(known[-1])
            highs.append(math.inf)
    return float(sorted(lows)[rank - 1]), float(sorted(highs)[count - rank])


def _share(held: dict[int, bool]) -> float:
    """Return the share of the seeds with a number for which the condition holds."""
    return sum(held.values()) / len(held)


def expected_runs(tolerance: float, seeds: int) -> int:
    """Estimate the number of runs: each round narrows the bracket to a quarter."""
    rounds = math.ceil(math.log(tolerance) / math.log(1 / (POINTS - 1)))
    return ((POINTS - 2) * rounds + 2) * seeds


def _bracket(held: dict[Any, dict[int, bool]], low: object, high: object) -> tuple[Any, Any] | None:
    """Return the first neighbours between which the share of seeds crosses one half."""
    tried = [value for value in sorted(held) if low <= value <= high]
    for a, b in itertools.pairwise(tried):
        sides = [_share(held[value]) > 0.5 for value in (a, b)]
        if sides[0] != sides[1]:
            return a, b
    return None

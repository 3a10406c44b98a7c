"""Piloting: is it worth trying plans on a small scale before choosing one?

Piloting can pay only if something is unknown. Worlds are therefore drawn from the given ranges of
uncertainties; in each world every plan is piloted and, with different luck, run at full size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import FailedError, UsageError
from sim.runs.design import Design
from sim.runs.folder import default_folder, run_into
from sim.runs.many import run_many
from sim.runs.results import Runs
from sim.runs.statistics import Interval, interval
from sim.runs.worlds import Worlds
from sim.scenario.market_start import roster_for
from sim.studies.answers import keep_answer
from sim.studies.gaps import named_point, refuse_all_failed, told_gaps
from sim.studies.measures import Measure, measure, said_gap, table_of
from sim.studies.plans import Factor, Plan
from sim.studies.searching import Tally, need_ranges
from sim.studies.sharing import keep_table
from sim.studies.spans import over
from sim.texts import _

if TYPE_CHECKING:
    from typing import Unpack

    import pandas as pd
    from matplotlib.axes import Axes

    from sim.runs.many import EngineOptions
    from sim.runs.reading import Results
    from sim.scenario.schema import Scenario
    from sim.studies.running import Out

__all__ = ["Pilot", "asked", "pilot"]


@dataclass
class Pilot:
    """The value of choosing by a pilot.

    Attributes
    ----------
    table
        One row per world: the plan that the pilot chose, the plan that was best at full size, and
        the measure at full size for each plan, the chosen one and the best one.
    fixed
        The plan that is best on average without a pilot.
    worth
        Mean of the chosen plan's measure minus that of the fixed one, over the worlds.
    perfect
        The same with perfect knowledge of the best plan: the upper limit for any pilot.
    right
        Share of the worlds in which the pilot chose the best plan.
    gaps
        Which worlds had no number for a plan, in sentences; such worlds are left out.
    """

    measure: Measure
    table: pd.DataFrame
    fixed: str
    worth: Interval
    perfect: Interval
    right: float
    gaps: tuple[str, ...] = ()
    results: Results | None = None
    """The folder with the runs at full size, if any; those of the pilot are in a folder next to it."""
    design: Design | None = None
    """The plans, which know their titles; without it, labels are their own titles."""

    def called(self, label: str) -> str:
        """Return the title of a plan in the current language."""
        return label if self.design is None else str(
            self.design.called()[self.design.labels.index(label)])

    def regret(self, chosen: str) -> pd.Series:
        """Return the regret of a choice (``with_pilot``, or the label of a plan), world by world."""
        return (self.table["with_knowledge"] - self.table[chosen]).abs()

    def plot(self, **options: Any) -> Axes:
        """Draw the results without a pilot, with one, and with perfect knowledge; return the Axes."""
        from sim.faces import plot_study

        return plot_study(self, "pilot", **options)

    def _repr_html_(self) -> str:
        from sim.faces import html

        return html(self, "comparison")

    def __repr__(self) -> str:
        return "\n".join(self.verdicts())

    def verdicts(self) -> list[str]:
        """Return the answer in plain sentences."""
        unit, fixed = self.measure.unit, self.called(self.fixed)
        words = {
            "what": _(self.measure.label), "fixed": fixed, "n": len(self.table),
            "right": f"{100 * self.right:.0f}", "perfect": said_gap(self.perfect.mean, unit)}
        first = _("Without a pilot the best plan is {fixed}; the pilot chose the best plan in "
                  "{right}% of {n} worlds.").format(**words)
        second = self._worth()
        third = _("Always knowing the best plan would be worth {perfect}.").format(**words)
        tried, without = self.regret("with_pilot"), self.regret(self.fixed)
        fourth = _("Behind the best plan: by {tried} on average and {most} at most when the pilot chooses; "
                   "by {fixed} and {fixed_most} with {plan} always.").format(
            plan=fixed, **{name: said_gap(float(value), unit) for name, value in (
                ("tried", tried.mean()), ("most", tried.max()), ("fixed", without.mean()),
                ("fixed_most", without.max()))})
        return [first, second, third, fourth, *self.gaps]

    def _worth(self) -> str:
        """Return the value of choosing by the pilot as a sentence; a loss is given without a sign."""
        unit, worth = self.measure.unit, self.worth
        sign = -1.0 if worth.direction < 0 else 1.0
        low, high = sorted((sign * worth.low, sign * worth.high))
        words = {"what": _(self.measure.label), "fixed": self.called(self.fixed),
                 "worth": said_gap(sign * worth.mean, unit), "low": said_gap(low, unit),
                 "high": said_gap(high, unit)}
        if worth.low == worth.high == 0.0:
            return _("{what}: piloting changes nothing: in every world its choice brings as much as "
                     "{fixed}.").format(**words)
        if not math.isfinite(worth.low):
            return _("{what}: piloting is worth {worth} a world; so few worlds give no interval.").format(
                **words)
        if worth.direction > 0:
            return _("{what}: piloting is worth {worth} a world (between {low} and {high}).").format(**words)
        if worth.direction < 0:
            return _("{what}: piloting costs {worth} a world (between {low} and {high}), since small and "
                     "short runs mislead.").format(**words)
        return _("{what}: no worth of piloting can be told: {worth} a world (between {low} and {high})."
                 ).format(**words)


def asked(
    scenarios: Any, factors: Sequence[Factor], of: str, pilot_of: str | None, persons: int, weeks: int,
    worlds: Any,
) -> tuple[Design, Measure, Measure]:
    """Return the plans, and by which measure they are judged and the pilot chooses.

    Raises
    ------
    UsageError
        When that makes no sense.
    """
    design = Design.of(list(scenarios), 1)
    if len(design.scenarios) < 2:
        raise UsageError(_("a pilot chooses among at least two scenarios"))
    for scenario in design.scenarios:
        if persons > scenario.persons or weeks > scenario.weeks:
            raise UsageError(_("the pilot must not be larger or longer than the full plan"))
        needed = len(roster_for(scenario, 0)) if scenario.start.sells else 0
        if needed > persons:
            raise UsageError(_(
                "a pilot of {persons} persons has no room for the {resellers} resellers with whom the plan "
                "starts; write --pilot-persons {more} or more").format(
                    persons=f"{persons:,}", resellers=f"{needed:,}",
                    more=min(scenario.persons, 1000 * math.ceil(2 * needed / 1000))))
    if isinstance(worlds, Worlds) == bool(factors):
        raise UsageError(_("a pilot needs ranges of what nobody knows (--vary) or plausible worlds"))
    return design, measure(of, min(scenario.weeks for scenario in design.scenarios)), measure(
        pilot_of or of, weeks)


def pilot(
    scenarios: Sequence[Scenario], factors: Sequence[Factor], of: str, *, persons: int, weeks: int,
    worlds: int | Worlds = 32, seeds: Iterable[int] = (0,), sign: int = 1,
    pilot_of: str | None = None, out: Out = None,
    **engine: Unpack[EngineOptions],
) -> Pilot:
    """Return what a pilot of `persons` and `weeks` is worth for choosing among plans.

    Parameters
    ----------
    scenarios
        Two or more plans.
    factors
        Ranges of the uncertainties.
    of
        Measure by which plans are judged at full size.
    pilot_of
        Measure by which the pilot chooses (default: the same).
    worlds
        Number of worlds drawn from the ranges (Latin hypercube), or an ensemble of worlds instead of
        ranges.
    seeds
        Seeds of the pilot; the full runs have different ones.
    sign
        1 if more is better, -1 if less is better.
    out
        Folder for the runs at full size, with those of the pilot in ``out-pilot`` next to it; ``True``
        for the default one; without it they stay in memory.

    Raises
    ------
    UsageError
        With fewer than two plans, or a pilot that is not smaller.
    FailedError
        When every run failed, or no world has a number for each plan.
    """
    import pandas as pd

    design, read, seen = asked(scenarios, factors, of, pilot_of, persons, weeks, worlds)
    ensemble = worlds if isinstance(worlds, Worlds) else None
    count = len(ensemble.rows) if ensemble is not None else worlds
    assert isinstance(count, int)
    drawn = need_ranges(factors) if ensemble is None else ()
    ranges = tuple(Factor(one.key, (), one.low, one.high, one.log) for one in drawn)
    # An ensemble assigns worlds to seeds: seeds s and s + n share a world.
    seeds = tuple(seeds) if ensemble is None else tuple(range(count))
    small = tuple(
        over(scenario, weeks, persons=persons) for scenario in design.scenarios)
    full_seeds = tuple(seed + max(seeds) + 1 for seed in seeds)
    each = len(seeds) * (count if ensemble is None else 1)
    tally = Tally(engine.get("progress"), 2 * each * len(design.scenarios))
    engine["progress"] = tally
    study = {"kind": "pilot", "of": of, "pilot_of": pilot_of or of, "persons": persons, "weeks": weeks,
             "highest": sign > 0, "ranges": [[one.key, one.low, one.high, one.log] for one in ranges],
             "full": [[one.persons, one.weeks] for one in design.scenarios]}
    folder: Path | None = None
    results: Results | None = None
    tables, gaps = [], []
    for plans, lived, one in ((small, seeds, seen), (design.scenarios, full_seeds, read)):
        many = Plan(plans, design.names, ranges, lived, "lhs", count).design() \
            if ensemble is None else Design.of(
                list(plans), lived, names=design.names, worlds=ensemble)
        many = replace(many, study=study | {"part": "pilot" if plans is small else "full"})
        if out is None or out is False:
            runs: Runs = run_many(many, **engine)
        else:
            if folder is None:
                folder = default_folder(many) if out is True else Path(out)
            beside = folder.with_name(f"{folder.name}-pilot")
            results = runs = run_into(many, out=beside if plans is small else folder, **engine)
        tally.round_done(runs.planned)
        refuse_all_failed(runs.failed.values(), len(runs.done))
        table = table_of(runs, [one], whole=True)
        keys = list(runs.design.keys)
        if ensemble is not None:
            table, keys = table.assign(world=table["seed"] % count), ["world"]
        rows = table.groupby([*keys, "scenario"], sort=False)[one.text]
        gaps += told_gaps(
            _("pilot") if plans is small else _(one.label),
            [(named_point(dict(zip([*keys, "scenario"], place, strict=True))), list(values))
             for place, values in rows])
        tables.append(rows.mean().unstack())
    tally.finish()
    labels = list(design.labels)
    tried, full = (sign * table[labels] for table in tables)
    known = full.notna().all(axis=1)
    if not known.any():
        raise FailedError(_("no world has a number of '{text}' for each plan").format(text=of))
    tried, full = tried[known.to_numpy()], full[known]
    best, fixed = full.idxmax(axis=1), str(full.mean().idxmax())
    # A plan whose pilot has no number is not chosen; if none has one, the best plan overall is.
    told = tried.fillna(-math.inf).assign(**{fixed: tried[fixed].fillna(-1e300)})
    chosen = told.idxmax(axis=1)
    places = [labels.index(str(plan)) for plan in chosen]
    outcome = pd.Series(
        full.to_numpy()[range(len(full)), places], index=full.index, dtype=float)
    result = (sign * full).assign(
        chosen=chosen, best=best, with_pilot=sign * outcome, with_knowledge=sign * full.max(axis=1))
    if results is not None:
        keep_table(results, "pilot.csv", result.reset_index())
    told_all = Pilot(
        read, result.reset_index(), fixed, interval(sign * (outcome - full[fixed])),
        interval(sign * (full.max(axis=1) - full[fixed])),
        float((outcome == full.max(axis=1)).mean()), tuple(gaps), results,
        Design.of(list(scenarios), 1, names=design.names))
    keep_answer(results, told_all)
    return told_all

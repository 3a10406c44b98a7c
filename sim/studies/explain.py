"""Explaining a run: its turning points and flows in sentences, each recomputable from the tables.

Every sentence rests on the tables, and none claims a cause: one thing came before another. To see what
a cause changes, switch it off (`loops`, `ablate`, `ladder`).
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.runs.figures import median
from sim.runs.result import Result
from sim.runs.sentences import amount, count, percent, yuan
from sim.studies.flowing import SHOWN, flows_around
from sim.studies.turning import MONTH, Curves, Kind, Turn, turns_of
from sim.texts import _
from sim.texts.bilingual import text_of
from sim.texts.numbers import said, tidy

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from sim.kernel.plain import SomeData
    from sim.runs.results import Runs
    from sim.scenario.schema import Scenario

__all__ = ["Explanation", "Explanations", "Point", "explain"]

MAX_SCENARIOS = 6
"""Largest number of scenarios that are explained."""


@dataclass(frozen=True)
class Point:
    """A turning point over the runs of a scenario.

    Attributes
    ----------
    kind, part
        What turned, and its subject (a tier) if there are several.
    weeks
        Week by seed, in the runs that have the turning point.
    figures
        Medians over these runs, each figure by itself.
    runs
        Number of runs.
    day
        First day of the median week, if weeks have dates.
    """

    kind: Kind
    part: str
    weeks: Mapping[int, int]
    figures: Mapping[str, float]
    runs: int
    day: str = ""

    @property
    def week(self) -> float:
        """Median week."""
        return median([float(week) for week in self.weeks.values()])

    @property
    def usual(self) -> bool:
        """Whether at least half of the runs have it."""
        return 2 * len(self.weeks) >= self.runs

    def title(self) -> str:
        """Return its name, as a noun."""
        return _(self.kind.title).format(part=text_of(self.part))

    def when(self) -> str:
        """Return the week and its date; for several runs the median, the range and their number."""
        week = _named(f"{self.week:g}", self.day)
        if self.runs == 1:
            return week
        low, high = min(self.weeks.values()), max(self.weeks.values())
        if low == high:
            return _("{week} ({hit} of {runs} runs)").format(
                week=week, hit=len(self.weeks), runs=self.runs)
        return _("{week} ({low} to {high} in {hit} of {runs} runs)").format(
            week=week, low=low, high=high, hit=len(self.weeks), runs=self.runs)

    def sentence(self) -> str:
        """Return the week, what happened, the figures and their columns."""
        told = _(self.kind.told).format(part=text_of(self.part), **{
            name: _said(value, self.kind.units[name]) for name, value in self.figures.items()})
        return tidy(_("{when}: {what} [{columns}]").format(
            when=self.when(), what=told, columns=", ".join(self.kind.columns)))


def _named(week: str, day: str) -> str:
    """Return a week and, if weeks have dates, its first day."""
    return _("Week {week}, {date}").format(week=week, date=day) if day else \
        _("Week {week}").format(week=week)


def _said(value: float, unit: str) -> str:
    if unit == "share":
        return percent(value)
    if unit == "price":
        return yuan(value)
    if unit == "money":
        return amount(value)
    return f"{value:.2f}" if unit == "ratio" else count(value)


@dataclass
class Explanation:
    """What turned in the runs of one scenario, and which flows changed around a week.

    Attributes
    ----------
    name
        Title of the scenario.
    scenario
        Its record.
    turns
        Turning points by seed.
    weeks
        Length of the shortest run.
    week
        The week around which flows are compared, or None.
    """

    name: str
    scenario: Scenario
    turns: Mapping[int, Sequence[Turn]]
    weeks: int
    week: int | None = None
    _curves: Sequence[Curves] = field(default=(), repr=False)

    @functools.cached_property
    def points(self) -> list[Point]:
        """Turning points in the order of their weeks, those of fewer than half of the runs last."""
        groups: dict[tuple[str, str], dict[int, Turn]] = {}
        for seed, turns in self.turns.items():
            for turn in turns:
                groups.setdefault((turn.kind.name, turn.part), {})[seed] = turn
        found = []
        for (_name, part), by_seed in groups.items():
            some = next(iter(by_seed.values()))
            weeks = {seed: turn.week for seed, turn in by_seed.items()}
            found.append(Point(
                some.kind, part, weeks,
                {name: median([turn.figures[name] for turn in by_seed.values()])
                 for name in some.kind.units}, len(self.turns),
                self.day(int(median([float(week) for week in weeks.values()])))))
        return sorted(found, key=lambda point: (not point.usual, point.week))

    def day(self, week: int, *, last: bool = False) -> str:
        """Return the first or the last day of a week; empty if weeks have no dates."""
        calendar = self.scenario.calendar
        return calendar.said(week, last=last) if calendar.first_week else ""

    @functools.cached_property
    def flows(self) -> pd.DataFrame:
        """Every flow around `week`; see `sim.studies.flowing.flows_around`."""
        if self.week is None:
            raise UsageError(_("say around which week the flows are wanted: --week 60, or week=60"))
        return flows_around(self._curves, self.week)

    @property
    def table(self) -> pd.DataFrame:
        """One row per turning point: its columns, median week with range, runs that have it, sentence."""
        import pandas as pd

        return pd.DataFrame([{
            "scenario": self.name, "turn": point.kind.name, "about": text_of(point.part),
            "columns": ", ".join(point.kind.columns), "week": point.week,
            "first": min(point.weeks.values()), "last": max(point.weeks.values()),
            "hit": len(point.weeks), "runs": point.runs, "sentence": point.sentence(),
        } for point in self.points], columns=[
            "scenario", "turn", "about", "columns", "week", "first", "last", "hit", "runs", "sentence"])

    @property
    def figures(self) -> pd.DataFrame:
        """One row per run, turning point and figure: the basis of the sentences."""
        import pandas as pd

        return pd.DataFrame([{
            "scenario": self.name, "seed": seed, "turn": turn.kind.name, "about": text_of(turn.part),
            "week": turn.week, "figure": name, "unit": unit, "value": turn.figures[name],
        } for seed, turns in self.turns.items() for turn in turns
            for name, unit in turn.kind.units.items()],
            columns=["scenario", "seed", "turn", "about", "week", "figure", "unit", "value"])

    # -- sentences ----------------------------------------------------------------------------------

    def verdicts(self) -> list[str]:
        """Return turning points, their order, and the flows of the week, one sentence each."""
        told = [point.sentence() for point in self.points if point.usual]
        told += [*self.rare(), *self.order()]
        if not self.points:
            told.append(_("No turning point was found in {weeks} weeks.").format(weeks=self.weeks))
        return told + (self.around() if self.week is not None else [])

    def rare(self) -> list[str]:
        """Return the turning points of fewer than half of the runs, in one sentence."""
        few = [_("{what} ({hit})").format(what=point.title(), hit=len(point.weeks))
               for point in self.points if not point.usual]
        return [_("In fewer than half of the {runs} runs: {what}.").format(
            runs=len(self.turns), what=_(", ").join(few))] if few else []

    def order(self) -> list[str]:
        """Return which of two successive turning points came first, and in how many runs."""
        usual = [point for point in self.points if point.usual]
        told = []
        for first, then in itertools.pairwise(usual):
            gaps = [then.weeks[seed] - first.weeks[seed] for seed in first.weeks if seed in then.weeks]
            before = sum(gap > 0 for gap in gaps)
            if before < len(gaps) or not gaps:
                continue
            values = {"first": first.title(), "then": then.title(),
                      "gap": f"{median([float(gap) for gap in gaps]):g}", "runs": len(gaps)}
            told.append(
                _("Before {then} came {first}; weeks between them: {gap}.").format(**values)
                if len(self.turns) == 1 else
                _("Before {then} came {first} in all {runs} runs that have both; weeks between them: {gap} "
                  "(median).").format(**values))
        if told:
            told.append(_("Before does not mean because: `weishang loops` and `weishang ablate` switch "
                          "causes off."))
        return told

    def around(self) -> list[str]:
        """Return the flows that changed most around the week, with source, target and settings."""
        assert self.week is not None
        told = []
        for event in getattr(self.scenario, "events", ()):
            note = event.said() or ", ".join([*event.set, *event.scale])
            told += [_("{week}: the scenario changes: {note}.").format(
                week=_named(f"{start}", self.day(start)), note=note)
                for start in event.starts(self.weeks) if abs(start - self.week) < MONTH]
        table = self.flows
        if table.empty:
            return [*told, _("No flow changed around week {week}.").format(week=self.week)]
        last = min(self.weeks, self.week + MONTH - 1)
        span = _("weeks {first} to {last}, {since} to {until},") if self.day(last) else \
            _("weeks {first} to {last}")
        told.append((_("A week in {span} against the {before} before:")
                     if len(self.turns) == 1 else _(
            "A week in {span} against the {before} before, means of {runs} runs:")).format(
            span=span.format(first=self.week, last=last, since=self.day(self.week),
                             until=self.day(last, last=True)),
            before=min(MONTH, self.week - 1), runs=len(self.turns)))
        for unit in table["unit"].unique():
            told += [_flow(row) for row in table[table["unit"] == unit].head(SHOWN).to_dict("records")]
        return told

    # -- showing ------------------------------------------------------------------------------------

    def plot(self, **options: Any) -> Axes:
        """Draw the turning points of every run along the weeks; return the Axes."""
        from sim.faces import plot_study

        return plot_study(self, "turning_points", **options)

    def _repr_html_(self) -> str:
        from sim.faces import html

        return html(self, "comparison")

    def __repr__(self) -> str:
        return "\n".join(self.verdicts())


@dataclass
class Explanations:
    """The explanation of each scenario of results, one after another."""

    each: tuple[Explanation, ...]

    def __iter__(self) -> Iterator[Explanation]:
        return iter(self.each)

    def __len__(self) -> int:
        return len(self.each)

    def __getitem__(self, place: int) -> Explanation:
        return self.each[place]

    @property
    def table(self) -> pd.DataFrame:
        """One row per scenario and turning point; see `Explanation.table`."""
        return _joined([one.table for one in self.each])

    @property
    def figures(self) -> pd.DataFrame:
        """One row per run, turning point and figure; see `Explanation.figures`."""
        return _joined([one.figures for one in self.each])

    @property
    def flows(self) -> pd.DataFrame:
        """One row per scenario and flow around the week; see `Explanation.flows`."""
        return _joined([one.flows.assign(scenario=one.name) for one in self.each])

    def verdicts(self) -> list[str]:
        """Return all sentences; with several scenarios, after the name of each."""
        if len(self.each) == 1:
            return self.each[0].verdicts()
        return [sentence for one in self.each for sentence in (one.name, *one.verdicts())]

    def plot(self, scenario: int = 0, **options: Any) -> Axes:
        """Draw the turning points of one scenario (by number, from 0) along the weeks; return Axes."""
        return self.each[scenario].plot(**options)

    def _repr_html_(self) -> str:
        from sim.faces import html

        return html(self, "comparison")

    def __repr__(self) -> str:
        return "\n".join(self.verdicts())


def _joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    return pd.concat(tables, ignore_index=True)


def _flow(row: SomeData) -> str:
    """Return one flow: source, target, before, after, and how unusual the change is."""
    unit, flow, source, target = row["unit"], row["flow"], row["source"], row["target"]
    known = math.isfinite(row["low"]) and row["low"] != row["high"]
    sure = "" if not known else _("; interval {low} to {high}").format(
        low=_signed(row["low"], unit), high=_signed(row["high"], unit))
    return tidy(_(
        "{flow}, from {source} to {target}: {new} instead of {old} ({change}{sure}), a larger change than in "
        "{rarer} of the other weeks [{columns}].").format(
            flow=_(flow), source=_(source), target=_(target),
            old=said(row["before"], unit), new=said(row["after"], unit),
            change=_signed(row["change"], unit), sure=sure, rarer=percent(row["rarer"]),
            columns=row["columns"]))


def _signed(value: float, unit: str) -> str:
    number = said(abs(value), unit)
    return f"-{number}" if value < 0 else f"+{number}"


def explain(
    results: Result | Runs, week: int | None = None, *, scenario: str | None = None,
    seeds: Iterable[int] | None = None,
) -> Explanations:
    """Return the explanation of each scenario of existing results.

    Parameters
    ----------
    results
        The return value of `sim.run`, `sim.run_many` or `sim.open_results`.
    week
        Also compare flows around this week.
    scenario
        Only this one, by its title or file name.
    seeds
        Only these runs.

    Raises
    ------
    UsageError
        For a sweep, whose runs are not repetitions; for more than six scenarios if none is chosen; for
        an unknown scenario, seed or week; and without a finished run.
    """
    if isinstance(results, Result):
        chosen = [results]
    else:
        chosen = _chosen(results, scenario, None if seeds is None else set(seeds))
    by_name: dict[str, list[Result]] = {}
    for one in chosen:
        by_name.setdefault(str(one.weekly["scenario"].iloc[0]), []).append(one)
    found = []
    for label, runs in by_name.items():
        record = runs[0].scenario
        name = text_of(record.title) if str(record.title) == label else label
        curves = [Curves(run.weekly, run.scenario) for run in runs]
        made = Explanation(
            name, record, {run.seed: turns_of(run.weekly, run.scenario) for run in runs},
            min(curve.weeks for curve in curves), week, curves)
        if week is not None:
            made.flows  # noqa: B018  # refuses an unknown week before anything is reported
        found.append(made)
    return Explanations(tuple(found))


def _chosen(results: Runs, scenario: str | None, seeds: set[int] | None) -> list[Result]:
    design = results.design
    if design.keys:
        raise UsageError(_(
            "the runs of a sweep have different settings and are not repetitions: run the point that "
            "you want explained"))
    labels = list(design.labels)
    if scenario is not None:
        known = [place for place, label in enumerate(labels)
                 if scenario in (label, design.names[place], text_of(design.scenarios[place].title))]
        if not known:
            raise UsageError(_("no scenario '{name}' in these results; there are: {names}").format(
                name=scenario[:80], names=", ".join(labels[:10])))
        labels = [labels[known[0]]]
    if len(labels) > MAX_SCENARIOS:
        raise UsageError(_(
            "there are {count} scenarios in these results: choose one with --scenario; there are: "
            "{names} ...").format(count=len(labels), names=", ".join(labels[:6])))
    if seeds is not None and (missing := seeds - set(design.seeds)):
        raise UsageError(_("no run with seed {seed} in these results").format(seed=min(missing)))
    runs = [run for run in results.done if design.label(design.of_run(run)[0]) in labels
            and (seeds is None or design.of_run(run)[1] in seeds)]
    if not runs:
        raise UsageError(_("there is no finished run to explain"))
    return [results.result_of(run) for run in runs]

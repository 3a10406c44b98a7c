"""Comparing plans: the same luck under each of them, and the difference with its interval."""

from __future__ import annotations

import functools
import math
import os
import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.runs.design import Design
from sim.runs.folder import default_folder, open_results, run_into
from sim.runs.many import TIMEOUT, Progress, run_many
from sim.runs.results import Runs
from sim.runs.statistics import Paired, false_alarms, paired, seeds_needed
from sim.runs.worlds import Worlds
from sim.studies.compared import by_worlds, cautions, verdict
from sim.studies.gaps import refuse_all_failed
from sim.studies.measures import Measure, measure, table_of
from sim.studies.measures import measures as read_measures
from sim.studies.worlds import worlds_from
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from sim.runs.many import EngineOptions
    from sim.scenario.records import ScenarioLike
    from sim.scenario.schema import Scenario
    from sim.studies.running import Out

__all__ = ["Comparison", "Precision", "compare", "comparison_of", "refuse_confidence"]


@dataclass(frozen=True)
class Precision:
    """How narrow an interval should be: half its width, as a share of the first plan's mean."""

    share: float
    measure: Measure

    @classmethod
    def parse(cls, text: str, weeks: int | None = None) -> Precision:
        """Return the precision that ``2%@cumulative(sell_through)`` asks for.

        Raises
        ------
        UsageError
            When it cannot be understood.
        """
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*[%％]\s*@\s*(.+)", text)
        if match is None or not 0 < float(match[1]) <= 100:
            raise UsageError(
                _("write a precision such as 2%@cumulative(sell_through), not '{text}'")
                .format(text=text[:80]))
        return cls(float(match[1]) / 100, measure(match[2].strip(), weeks))


@dataclass
class Comparison:
    """How plans differ from the first one, measure by measure.

    Attributes
    ----------
    runs
        All runs; ``runs.weekly`` and the other tables hold the curves.
    of
        The measures.
    values
        One row per run: scenario, seed, and each measure.
    confidence
        Confidence of each single interval. A direction is reported if the interval excludes zero and the
        difference survives the correction for the number of differences (false discovery rate).
    method
        ``auto``, ``t`` or ``bootstrap`` (`sim.runs.statistics.interval`).
    """

    runs: Runs
    of: tuple[Measure, ...]
    values: pd.DataFrame
    confidence: float = 0.95
    method: str = "auto"
    reached: bool | None = None
    """Whether the wanted precision was reached; None without one."""
    _pairs: dict[tuple[str, str], Paired] = field(default_factory=dict, repr=False)

    @property
    def baseline(self) -> str:
        """Label of the first plan."""
        return self.runs.design.labels[0]

    @property
    def others(self) -> tuple[str, ...]:
        """Labels of the plans compared with it."""
        return self.runs.design.labels[1:]

    def called(self, label: str) -> str:
        """Return the title of a plan in the current language."""
        design = self.runs.design
        return design.called()[design.labels.index(label)]

    def pair(self, one: Measure, other: str) -> Paired:
        """Return how a plan differs from the first one in a measure."""
        key = (one.text, other)
        if key not in self._pairs:
            sides = self.values.pivot(index="seed", columns="scenario", values=one.text)
            sides = sides.reindex(columns=[self.baseline, other])
            self._pairs[key] = paired(
                sides[self.baseline], sides[other], self.confidence, self.method, one.bounds)
        return self._pairs[key]

    def gaps(self, one: Measure, other: str) -> pd.Series:
        """Return the difference in a measure from the first plan, seed by seed."""
        sides = self.values.pivot(index="seed", columns="scenario", values=one.text)
        sides = sides.reindex(columns=[self.baseline, other])
        return sides[other] - sides[self.baseline]

    @functools.cached_property
    def corrected(self) -> dict[tuple[str, str], float]:
        """P values corrected for the number of differences, by measure and plan."""
        pairs = {(one.text, other): self.pair(one, other)
                 for other in self.others for one in self.of}
        return dict(zip(pairs, false_alarms([pair.chance for pair in pairs.values()]), strict=True))

    def direction(self, one: Measure, other: str) -> int:
        """Return 1 or -1 if the direction is significant, else 0."""
        chance = self.corrected[one.text, other]
        told = math.isnan(chance) or chance <= 1.0 - self.confidence
        return self.pair(one, other).difference.direction if told else 0

    def sentence(self, one: Measure, other: str) -> str:
        """Return one measure's answer as a sentence; over worlds, say how many of them agree."""
        pair, worlds = self.pair(one, other), self.runs.design.worlds
        called = self.called(other)
        told = verdict(one, pair, called, self.called(self.baseline),
                       self.direction(one, other), len(self.corrected))
        if worlds is None or not pair.pairs or pair.identical:
            return told
        return " ".join([told, *by_worlds(worlds, self.gaps(one, other).dropna(), called)])

    @property
    def table(self) -> pd.DataFrame:
        """One row per measure and plan: means, difference with interval, and the gain from pairing.

        ``relative`` is the difference as a share of the first plan's mean; ``seeds_for_1_percent``
        is about how many seeds make the interval 1 % of that mean either side.
        """
        import pandas as pd

        rows = []
        for other in self.others:
            for one in self.of:
                pair = self.pair(one, other)
                gap = pair.difference
                size = abs(pair.baseline)
                rows.append({
                    "measure": one.text, "meaning": _(one.label), "unit": one.unit,
                    "baseline": self.baseline, "scenario": other,
                    "baseline_mean": pair.baseline, "scenario_mean": pair.other,
                    "difference": gap.mean, "low": gap.low, "high": gap.high,
                    "relative": gap.mean / size if size else math.nan,
                    "direction": self.direction(one, other), "identical": pair.identical,
                    "chance": pair.chance, "corrected": self.corrected[one.text, other],
                    "pairs": pair.pairs, "dropped": pair.dropped, "agree": pair.agree,
                    "correlation": pair.correlation, "narrowing": pair.narrowing,
                    "seeds_for_1_percent": seeds_needed(gap, 0.01 * size, self.confidence),
                })
        return pd.DataFrame(rows)

    def verdicts(self) -> list[str]:
        """Return the answer in plain sentences, one per measure and plan."""
        first = self.called(self.baseline)
        sentences = cautions(
            self.runs.design.scenarios, [self.called(label) for label in self.runs.design.labels])
        for other in self.others:
            pairs = [(one, self.pair(one, other)) for one in self.of]
            if all(pair.identical for _one, pair in pairs) and any(pair.pairs for _one, pair in pairs):
                sentences.append(_("{other} and {first}: identical in every measure.").format(
                    other=self.called(other), first=first))
                continue
            sentences.extend(self.sentence(one, other) for one, _pair in pairs)
        return sentences

    def seeds_for(self, precision: Precision) -> int | None:
        """Estimate how many seeds the wanted precision needs for all plans; None if unknown."""
        needed = []
        for other in self.others:
            pair = self.pair(precision.measure, other)
            needed.append(seeds_needed(
                pair.difference, precision.share * abs(pair.baseline), self.confidence))
        return None if None in needed else max(n for n in needed if n is not None)

    def reaches(self, precision: Precision) -> bool:
        """Return whether every paired interval is as narrow as wanted."""
        return all(
            pair.difference.half_width <= precision.share * abs(pair.baseline)
            for pair in (self.pair(precision.measure, other) for other in self.others)
        )

    def _repr_html_(self) -> str:
        from sim.faces import html

        return html(self, "comparison")

    def plot(self, what: str = "differences", **options: Any) -> Axes:
        """Draw the differences with their intervals, or any picture of the runs; return Axes."""
        from sim.faces import plot

        if what != "differences":
            return plot(self.runs, what, **options)
        from sim.faces import plot_differences

        table = self.table
        table = table[table["scenario"] == options.pop("scenario", self.others[0])]
        size = table["baseline_mean"].abs()
        shown = table.assign(
            measure=table["meaning"], low=table["low"] / size, high=table["high"] / size)
        return plot_differences(shown[shown["relative"].notna()], **options)

    def __repr__(self) -> str:
        return "\n".join(self.verdicts())


def refuse_confidence(confidence: float) -> None:
    """Raise `UsageError` unless intervals can have this confidence."""
    if not 0.5 <= confidence < 1:
        raise UsageError(_("confidence is a share from 0.5 to below 1, such as 0.95"))


def comparison_of(
    runs: Runs, of: Iterable[str] | Sequence[Measure] | None = None, *, confidence: float = 0.95,
    method: str = "auto",
) -> Comparison:
    """Return the comparison of existing runs.

    Raises
    ------
    UsageError
        With fewer than two scenarios, or an unknown measure or method.
    FailedError
        When every run failed.
    """
    if len(runs.design.scenarios) < 2 or runs.design.keys:
        raise UsageError(_("a comparison needs at least two scenarios"))
    if method not in ("auto", "t", "bootstrap"):
        raise UsageError(_("the interval is 'auto', 't' or 'bootstrap', not '{method}'").format(
            method=str(method)[:40]))
    refuse_confidence(confidence)
    refuse_all_failed(runs.failed.values(), len(runs.done))
    weeks = min(scenario.weeks for scenario in runs.design.scenarios)
    chosen = list(of) if of is not None else None
    if chosen is not None and all(isinstance(one, Measure) for one in chosen):
        read: tuple[Measure, ...] = tuple(chosen)  # type: ignore[arg-type]
    else:
        read = read_measures(chosen, weeks)  # type: ignore[arg-type]
    return Comparison(runs, read, table_of(runs, read), confidence, method)


def compare(
    *scenarios: ScenarioLike | tuple[str, Scenario],
    seeds: Iterable[int] | int | None = None,
    measures: Iterable[str] | None = None,
    confidence: float = 0.95,
    method: str = "auto",
    precision: str | None = None,
    most_seeds: int = 1000,
    worlds: Worlds | int | str | os.PathLike[str] | None = None,
    out: Out = None,
    executor: Executor | None = None,
    workers: int | None = None,
    timeout: float = TIMEOUT,
    progress: Progress | None = None,
    round_done: Callable[[Comparison, int], None] | None = None,
) -> Comparison:
    """Run plans with the same seeds and return how they differ from the first one.

    Parameters
    ----------
    scenarios
        Two or more scenarios, or names or paths of them.
    seeds
        Seeds, or their number (0, 1, ...); 30 by default.
    measures
        Measures such as ``cumulative(sell_through)``; by default the standard ones.
    confidence
        Confidence of each interval.
    method
        ``auto``, ``t`` or ``bootstrap``.
    precision
        Such as ``2%@cumulative(sell_through)``: seeds are added until the half width of the paired
        interval of that measure is this share of the first plan's mean.
    most_seeds
        Largest number of seeds for a wanted precision.
    worlds
        A plausible world for each seed: how many of the shipped ensemble, the folder of a fit, or
        worlds made by hand; by default there are as many seeds as worlds.
    out
        Folder for the results; ``True`` for the default one; without it they stay in memory.
    round_done
        Called with the comparison and the next number of seeds, after each round of a wanted precision
        except the last.

    Raises
    ------
    UsageError
        With fewer than two scenarios, or an unknown measure or method.
    """
    drawn = worlds_from(worlds)
    if seeds is None:
        seeds = 30 if drawn is None else len(drawn.rows)
    design = Design.of(list(scenarios), seeds, worlds=drawn)
    if len(design.scenarios) < 2:
        raise UsageError(_("a comparison needs at least two scenarios"))
    weeks = min(scenario.weeks for scenario in design.scenarios)
    aim = None if precision is None else Precision.parse(precision, weeks)
    chosen = list(read_measures(measures, weeks))
    if aim is not None:
        same = next((one for one in chosen if one.label == aim.measure.label), None)
        if same is None:
            chosen.insert(0, aim.measure)
        else:  # asked for by another name
            aim = Precision(aim.share, same)
    folder = None
    if out is not None and out is not False:
        folder = default_folder(design) if out is True else Path(out)
    if aim is not None and folder is not None and (folder / "design.json").exists():
        there = open_results(folder).design.seeds
        if set(design.seeds) < set(there):
            design = design.with_seeds(there)
    engine: EngineOptions = {
        "executor": executor, "workers": workers, "timeout": timeout, "progress": progress}
    runs: Runs
    while True:
        runs = (run_many(design, **engine) if folder is None
                else run_into(design, out=folder, **engine))
        found = comparison_of(runs, chosen, confidence=confidence, method=method)
        count = len(design.seeds)
        if aim is None:
            return found
        found.reached = found.reaches(aim)
        if found.reached or count >= most_seeds:
            return found
        # At most triple the seeds in a round, since the first estimate comes from few runs.
        needed = found.seeds_for(aim) or 2 * count
        more = min(most_seeds, max(count + max(2, count // 5), min(needed, 3 * count)))
        if round_done is not None:
            round_done(found, more)
        top = design.seeds[-1] + 1
        design = design.with_seeds([*design.seeds, *range(top, top + more - count)])

"""Summaries of runs: key figures, sentences, warnings and reality checks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.market.outputs import weekly_outputs
from sim.runs.figures import figures_of, median
from sim.runs.months import SHOWN, middle_months, monthly
from sim.runs.network import MAX_PERSONS, measured_network
from sim.runs.sentences import count, headlines, sentences, warnings
from sim.scenario.expect import Expectation
from sim.scenario.run_table import RunTable
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs.result import Result
    from sim.runs.results import Reading, Runs
    from sim.scenario.schema import Scenario
    from sim.scenario.timeline import Calendar

__all__ = ["Checked", "Summary", "summaries_of", "summarise"]


@dataclass(frozen=True)
class Checked:
    """A reality check and the number of runs in which it held."""

    text: str
    held: int
    runs: int

    @property
    def ok(self) -> bool:
        """Whether it held in every run."""
        return self.held == self.runs


@dataclass
class Summary:
    """Key figures (medians over the runs), sentences and warnings for one scenario."""

    name: str
    runs: int
    figures: dict[str, float] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    checks: list[Checked] = field(default_factory=list)
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Lowest and highest value of each key figure over the runs."""
    headlines: list[str] = field(default_factory=list)
    """The three most important sentences: the resellers, the brand's money, those who lost."""
    network: dict[str, float] = field(default_factory=dict)
    """Measures of the network of the first run (`Graph.measure`); empty if it is not measured."""
    months: pd.DataFrame | None = None
    """Medians over the runs, one row per month (`sim.runs.months`); None without a calendar."""


def summaries_of(results: Runs, scenarios: Sequence[Scenario], names: Sequence[str]) -> list[Summary]:
    """Return a summary of each scenario of a design."""
    return [
        summarise(results.readings(label), scenario, name)
        for label, scenario, name in zip(results.design.labels, scenarios, names, strict=True)]


def summarise(runs: Iterable[Reading | Result], scenario: Scenario, name: str) -> Summary:
    """Return the summary of the runs of one scenario."""
    rows, seeds, held = [], [], [0] * len(scenario.expect)
    months = []
    columns = {column.name: column.unit for column in weekly_outputs()}
    checks = [Expectation.parse(text, columns) for text in scenario.expect]
    for run in runs:
        weekly = RunTable.of(run.weekly)
        rows.append(figures_of(weekly, run.resellers))
        seeds.append(run.seed)
        if scenario.calendar.first_week:
            months.append(_months(weekly, scenario.calendar))
        for index, check in enumerate(checks):
            held[index] += check.holds(weekly)
    summary = Summary(name, len(rows))
    if not rows:
        return summary
    summary.figures = {key: median([row[key] for row in rows]) for key in rows[0]}
    summary.checks = [
        Checked(check.said, count, len(rows)) for check, count in zip(scenario.expect, held, strict=True)]
    summary.network = measured_network(scenario, seeds[0])
    summary.months = middle_months(months) if months else None
    summary.ranges = {key: _range([row[key] for row in rows]) for key in rows[0]}
    size: dict[str, Any] = {"persons": scenario.real_persons, "weeks": scenario.weeks,
                            "calendar": scenario.calendar}
    summary.headlines = headlines(summary.figures, rows=rows, **size)
    summary.sentences = [*sentences(summary.figures, rows=rows, **size),
                         *_network(summary.network, scenario, seeds[0])]
    summary.warnings = warnings(summary.figures, rows)
    return summary


def _months(weekly: RunTable, calendar: Calendar) -> pd.DataFrame:
    import pandas as pd

    return monthly(
        pd.DataFrame({name: weekly[name] for name in ("week", *SHOWN) if name in weekly}), calendar)


def _range(values: list[float]) -> tuple[float, float]:
    known = [value for value in values if not math.isnan(value)]
    return (min(known), max(known)) if known else (math.nan, math.nan)


def _network(found: dict[str, float], scenario: Scenario, seed: int) -> list[str]:
    if found:
        return [_(
            "The network ({kind}, seed {seed}): {mean} contacts a person ({low} to {high} for nine "
            "in ten persons), {close} of them close; clustering {clustering}; components: "
            "{components}, the largest with {largest} of the persons.").format(
                kind=scenario.network.kind, seed=seed, mean=f"{found['degree_mean']:.1f}",
                low=count(found["degree_p5"]), high=count(found["degree_p95"]),
                close=f"{found['close_mean']:.1f}",
                clustering="-" if math.isnan(found["clustering"])
                else f"{found['clustering']:.2f}",
                components=count(found["components"]),
                largest=f"{found['largest_component'] * 100:.1f}%")]
    if scenario.persons > MAX_PERSONS:
        return [_("The network was not measured: more than {most} persons.").format(
            most=count(MAX_PERSONS))]
    return []

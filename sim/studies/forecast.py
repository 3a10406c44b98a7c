"""Forecasts: what follows a history, without changes and under each plan, in the worlds that fit it.

A fit has runs of plausible worlds. Those close to the history are run again beyond its end: without
changes, and with each plan from the first week after the history, with the same luck in the same world.
Each run is one possible future, plans are compared pair by pair, and chances are shares of futures.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sim.errors import UsageError
from sim.kernel import np
from sim.runs.design import Design, canonical
from sim.runs.folder import open_results, run_into
from sim.runs.many import TIMEOUT, Progress, run_many
from sim.runs.results import Runs
from sim.runs.statistics import interval
from sim.runs.version import code_version
from sim.scenario.history_columns import how_read
from sim.scenario.history_files import History, read_history
from sim.scenario.overlays import overlaid
from sim.studies.history_fit import read_kept
from sim.studies.particles import (
    Particles,
    chances_of_runs,
    mean_of,
    particles_of,
    quantiles_of,
)
from sim.studies.statements import chances_of, statements_of
from sim.studies.updating import Update, moved, newer, watched
from sim.texts import _, mark

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.kernel.plain import Data, SomeData
    from sim.runs.many import EngineOptions
    from sim.runs.reading import Results
    from sim.scenario.schema import Scenario
    from sim.scenario.timeline import Calendar

__all__ = ["AHEAD", "Forecast", "Outcome", "forecast", "forecast_in", "periods_of"]

AHEAD = 52
"""Default number of weeks that a forecast reaches beyond the history."""
BLOCK = 4
"""Weeks of a period without a calendar."""
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
SERIES = ("sell_in", "sell_through", "resellers_active", "inventory_channel", "price_street_mean",
          "profit_brand")
"""Weekly columns forecast in addition to those of the history."""


@dataclass(frozen=True)
class Outcome:
    """An outcome: its name, its unit, and which direction is better (1, -1, 0)."""

    name: str
    label: str
    unit: str
    better: int


OUTCOMES: tuple[tuple[str, str, str, str, int], ...] = (
    ("brand", mark("profit of the brand"), "fen", "sum profit_brand", 1),
    ("resellers", mark("what resellers earn"), "fen", "sum retail_margin_resellers upline_payments", 1),
    ("consumers", mark("what consumers gain"), "fen", "sum consumer_surplus", 1),
    ("sell_through", mark("units sold to consumers"), "units", "sum sell_through", 1),
    ("sell_in", mark("units shipped into the channel"), "units", "sum sell_in", 0),
    ("stock", mark("units in the channel at the end"), "units", "end inventory_channel", -1),
    ("active", mark("resellers at the end"), "persons", "end resellers_active", 0),
    ("exits", mark("resellers who leave"), "persons", "sum exits", -1),
    ("losers", mark("resellers who have lost money by the end"), "persons", "end resellers_lost_money", -1),
    ("trust", mark("trust in the channel at the end"), "share", "end trust_mean", 1),
    ("price", mark("price paid in the last 4 weeks"), "fen", "late price_street_mean", 0),
)
"""Outcomes after the history: name, words, unit, how they are read, which direction is better."""
LATE = 4
AS_NOW = {"en": "As things are", "zh": "照现状继续"}
"""Name of the futures without a plan."""


@dataclass
class Forecast:
    """A forecast.

    Attributes
    ----------
    scenarios
        As things are, then one per plan; `labels` are their names in tables.
    history
        What was observed; `end` is its last week, `last` the last week of the forecast.
    particles
        Seeds and their weights.
    bands
        One row per plan, series and period: first and last week, and the ends of the 50 % and 90 % bands.
    outcomes
        One row per plan and outcome: mean, median, ends of the 90 % band, mean of the worst and the best
        tenth; for a plan also the mean difference from as things are, its 95 % interval, the chance of
        being ahead (a tie counts half) and that of a tie.
    chances
        One row per plan and statement: share of the futures in which it holds and its 90 % interval; for
        a first week, the median week.
    runs
        The runs: a results folder, or in memory.
    update
        The effect of months newer than the fit, if any.
    earlier
        Ends of the bands and median of the brand's profit in the forecast without these months, fen.
    """

    scenarios: tuple[Any, ...]
    labels: tuple[str, ...]
    history: History
    end: int
    last: int
    particles: Particles
    bands: pd.DataFrame
    outcomes: pd.DataFrame
    chances: pd.DataFrame
    runs: Runs
    update: Update | None = None
    earlier: list[float] | None = None

    @property
    def table(self) -> pd.DataFrame:
        """The outcomes, one row per plan and outcome (`outcomes`)."""
        return self.outcomes

    @property
    def calendar(self) -> Calendar:
        """The calendar of the scenario."""
        return self.scenarios[0].calendar

    def verdicts(self) -> list[str]:
        """Return the answer in plain sentences."""
        from sim.studies.foretold import sentences

        return sentences(self)

    def headline(self) -> str:
        """Return the one sentence that heads its page and picture."""
        from sim.studies.foretold import headline

        return headline(self)[0]

    def plot(self) -> Figure:
        """Draw the fan charts; return the figure."""
        from sim.faces import plot_forecast

        return plot_forecast(self)

    def _repr_html_(self) -> str:
        from sim.faces import html

        return html(self, "comparison")

    def __repr__(self) -> str:
        return "\n".join(self.verdicts())


def periods_of(calendar: Calendar, last: int) -> list[tuple[int, int]]:
    """Return first and last week of each month or, without a calendar, of blocks of four weeks.

    A week belongs to the month that holds its middle day.
    """
    if not calendar.first_week:
        return [(first, min(first + BLOCK - 1, last)) for first in range(1, last + 1, BLOCK)]
    return [(first, end) for _month, first, end in calendar.months(last)]


def forecast(
    fit: str | os.PathLike[str], plans: Sequence[str | os.PathLike[str]] = (), *, ahead: int = AHEAD,
    count: int = 60, asks: Sequence[str] = (), history: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str] | None = None,
    keep: bool = True, executor: Executor | None = None, workers: int | None = None,
    timeout: float = TIMEOUT, progress: Progress | None = None,
) -> Forecast:
    """Return a forecast after the history of a fit, as things are and under each plan.

    Parameters
    ----------
    fit
        Folder of ``weishang calibrate --history``.
    plans
        YAML files of settings and events that hold after the history.
    ahead
        Weeks to forecast.
    count
        Maximum number of futures: runs of worlds close to the history.
    history
        File of the history with newer months: all of it renews the weights of the worlds, and the
        forecast begins at its end.
    asks
        Statements such as ``weeks_of_supply < 8 at week 90``, or first weeks, to compute chances for.
    out
        Folder of results; by default next to the others. With `keep` false, nothing is written.

    Raises
    ------
    UsageError
        For a folder without a fit to a history, a plan that changes the past, or a statement that
        cannot be read.
    """
    fitted = open_results(fit)
    engine: EngineOptions = {"executor": executor, "workers": workers, "timeout": timeout,
                              "progress": progress}
    known = read_kept(Path(fit))
    seen, looked, beside = known, fitted, None
    if history is not None:
        seen = read_history(os.fspath(history), fitted.design.scenarios[0])
        newer(known, seen)
        looked = watched(fitted, seen, **engine)
        beside = chances_of_runs(looked, known)[0]
    end = seen.last
    last = end + ahead
    base = fitted.design.scenarios[0].changed({"weeks": last})
    given = [overlaid(base, Path(plan), end + 1) for plan in plans]
    scenarios = [base.changed({"title": AS_NOW}), *given]
    statements = statements_of(scenarios, asks, end, last)
    particles = particles_of(looked, seen, count, beside=beside)
    update = None if history is None else moved(looked, known, seen, particles.seeds)
    design = Design.of(
        scenarios, particles.seeds, worlds=fitted.design.worlds,
        study={"forecast": {"end": end, "fit": fitted.design.digest, "weights": [
            float(f"{weight:.12g}") for weight in particles.weights]}})
    runs: Runs = run_into(design, out=out or _folder(design), **engine) if keep \
        else run_many(design, **engine)
    tables = _tables(runs, design, particles)
    series = list(dict.fromkeys((*seen.series, *SERIES)))
    found = Forecast(
        tuple(scenarios), design.labels, seen, end, last, particles,
        _bands(tables, design.labels, series, base, last, particles),
        _outcomes(tables, design.labels, base, end, particles),
        chances_of([one.weekly for one in tables], design.labels, statements, particles), runs, update,
        None if update is None else quantiles_of(
            [_read(weekly, OUTCOMES[0][3], end) for weekly in tables[0].weekly], update.before, LEVELS))
    if keep:
        from sim.studies.foretold import publish

        publish(found, cast("Results", runs))
    return found


def forecast_in(results: Results) -> Forecast:
    """Return the forecast of a folder as needed for its picture.

    Statements and the effect of newer months are left out.

    Raises
    ------
    UsageError
        For a folder without a forecast, or without the history of the forecast.
    """
    import pandas as pd

    from sim.studies.foretold import SEEN

    design = results.design
    known = design.study.get("forecast")
    if known is None:
        raise UsageError(_("{path} holds no study that can be repeated").format(path=results.path))
    seen = read_kept(results.path, SEEN)
    data = json.loads((results.path / "forecast.json").read_text(encoding="utf-8"))
    weights = np.array([data["weights"][str(seed)] for seed in design.seeds], float)
    particles = Particles(tuple(design.seeds), weights, data["effective"], data["runs"], data["heat"])
    base, end, last = design.scenarios[0], int(data["end"]), int(data["last"])
    tables = _tables(results, design, particles)
    series = list(dict.fromkeys((*seen.series, *SERIES)))
    return Forecast(
        tuple(design.scenarios), design.labels, seen, end, last, particles,
        _bands(tables, design.labels, series, base, last, particles),
        _outcomes(tables, design.labels, base, end, particles),
        pd.DataFrame({"statement": []}), results)


def _folder(design: Design) -> Path:
    digest = hashlib.sha256(canonical([design.digest, code_version()]).encode()).hexdigest()[:8]
    return Path("results") / f"forecast-{digest}"


@dataclass(frozen=True)
class _Tables:
    """Tables of the futures of one plan, one per seed."""

    weekly: list[Any]
    tiers: list[Any]
    resellers: list[Any]


def _tables(runs: Runs, design: Design, particles: Particles) -> list[_Tables]:
    found = []
    for point in range(len(design.points)):
        mine = [run for seed in particles.seeds
                if (run := design.run_of(point, seed)) is not None and run in set(runs.done)]
        if len(mine) < len(particles.seeds):
            raise UsageError(_("{count} of {all} runs failed; a forecast needs all of them").format(
                count=len(particles.seeds) - len(mine), all=len(particles.seeds)))
        found.append(_Tables(
            [runs.table_of_run(run, "weekly") for run in mine],
            [runs.table_of_run(run, "tiers") for run in mine],
            [runs.table_of_run(run, "resellers", ["tier", "profit"]) for run in mine]))
    return found


# -- series --------------------------------------------------------------------------------------------


def column_of(tables: _Tables, series: str, names: Sequence[str]) -> tuple[list[Any], str]:
    """Return the weekly values of a series in each future, and how to aggregate them by period."""
    from sim.scenario.history_columns import OF_TIERS

    column, _at, tier = series.partition("@")
    if not tier:
        return [one[column].to_numpy(float, na_value=np.nan) for one in tables.weekly], how_read(column)
    column, rung = OF_TIERS.get(column, column), list(names).index(tier)
    return [one[one["tier"] == rung][column].to_numpy(float) for one in tables.tiers], how_read(column)


def _bands(
    tables: Sequence[_Tables], labels: Sequence[str], series: Sequence[str], base: Scenario, last: int,
    particles: Particles,
) -> pd.DataFrame:
    import warnings

    import pandas as pd

    names = [str(tier.name) for tier in base.tiers]
    periods = periods_of(base.calendar, last)
    rows = []
    for label, mine in zip(labels, tables, strict=True):
        for one in series:
            if one.partition("@")[2] not in ("", *names):
                continue
            values, how = column_of(mine, one, names)
            for first, end in periods:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # a period without a sale has no price
                    numbers = [value[end - 1] if how == "end" else np.nanmean(value[first - 1 : end])
                               for value in values]
                low90, low50, median, high50, high90 = quantiles_of(
                    numbers, particles.weights, LEVELS)
                rows.append({"scenario": label, "series": one, "first": first, "last": end,
                             "low90": low90, "low50": low50, "median": median, "high50": high50,
                             "high90": high90})
    return pd.DataFrame(rows)


# -- outcomes ------------------------------------------------------------------------------------------


def _read(weekly: Any, how: str, end: int) -> float:
    """Return an outcome of one future, counted from the first week after the history."""
    kind, *columns = how.split()
    later = weekly[weekly["week"] > end]
    values = sum(later[name].astype("float64") for name in columns)
    if kind == "sum":
        return float(values.sum())
    if kind == "end":
        return float(values.iloc[-1])
    known = values.tail(LATE).dropna()
    return float(known.mean()) if len(known) else math.nan


def _outcomes(
    tables: Sequence[_Tables], labels: Sequence[str], base: Scenario, end: int, particles: Particles
) -> pd.DataFrame:
    import pandas as pd

    from sim.texts.bilingual import text_of

    wanted = [Outcome(name, _(label), unit, better) for name, label, unit, _how, better in OUTCOMES]
    values: list[SomeData] = []
    for mine in tables:
        values.append({name: np.array([_read(weekly, how, end) for weekly in mine.weekly])
                       for name, _label, _unit, how, _better in OUTCOMES} | {
            f"tier {rung}": np.array([
                base.scale * float(people.loc[people["tier"] == rung, "profit"].sum())
                for people in mine.resellers]) for rung in range(len(base.tiers))} | {
            "tiers": np.array([base.scale * float(people["profit"].sum()) for people in mine.resellers])})
    wanted += [Outcome("tiers", _("profit of all resellers since joining"), "fen", 1)]
    wanted += [Outcome(f"tier {rung}", _("profit of '{tier}' since joining").format(
        tier=text_of(tier.name)), "fen", 1) for rung, tier in enumerate(base.tiers)]
    rows = []
    for label, mine_of in zip(labels, values, strict=True):
        for one in wanted:
            rows.append(_weighed(one, label, mine_of[one.name], values[0][one.name], particles,
                                 first=label == labels[0]))
    return pd.DataFrame(rows)


def _weighed(
    one: Outcome, label: str, mine: Any, before: Any, particles: Particles, *, first: bool
) -> Data:
    weights = particles.weights
    low, _l, median, _h, high = quantiles_of(mine, weights, LEVELS)
    sign = one.better or 1
    tenth, ninetieth = quantiles_of(sign * mine, weights, (0.1, 0.9))
    worst, best = sign * mine <= tenth, sign * mine >= ninetieth
    row = {"scenario": label, "outcome": one.name, "label": one.label, "unit": one.unit,
           "better": one.better, "mean": mean_of(mine, weights), "median": median, "low": low,
           "high": high, "worst": mean_of(mine[worst], weights[worst]),
           "best": mean_of(mine[best], weights[best]), "difference": math.nan,
           "difference_low": math.nan, "difference_high": math.nan, "ahead": math.nan, "tied": math.nan}
    if first:
        return row
    gap = mine - before
    low, high = _interval(gap, weights, particles.effective)
    known = np.where(np.isfinite(gap), gap, np.nan)
    tied = np.where(np.isfinite(gap), gap == 0, np.nan)
    return row | {"difference": mean_of(gap, weights), "difference_low": low, "difference_high": high,
                  "ahead": mean_of((known * sign > 0) + 0.5 * tied, weights), "tied": mean_of(tied, weights)}


def _interval(values: np.ndarray, weights: np.ndarray, effective: float) -> tuple[float, float]:
    """Return the 95 % interval of a weighted mean, based on the effective number of runs."""
    here = np.isfinite(values)
    if here.sum() < 4:
        return math.nan, math.nan
    mean = mean_of(values, weights)
    spread = math.sqrt(float((weights[here] * (values[here] - mean)**2).sum() / weights[here].sum()))
    if spread == 0.0:
        return mean, mean
    # Student's interval for the effective number of values.
    many = max(4, int(effective))
    plain = interval(values[here], method="t")
    scale = math.sqrt(len(values[here]) / many) * spread / max(float(values[here].std(ddof=1)), 1e-300)
    return mean - plain.half_width * scale, mean + plain.half_width * scale

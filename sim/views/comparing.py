"""Pictures of several scenarios: bands side by side, paired differences, phase maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from sim.errors import UsageError
from sim.studies.gaps import setting_said
from sim.texts import speaking
from sim.texts.numbers import said
from sim.views.curves import note
from sim.views.panels import FEW_RUNS, band_key, below, end_labels, line, panel, quantiles, wrapped
from sim.views.style import (
    BLACK,
    BLUE,
    DASHES,
    GREY,
    ORANGE,
    VERMILLION,
    empty,
    filled,
    nothing,
    number_axis,
    plain,
    scenario_colours,
)
from sim.views.texts import column, text

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "comparison", "difference", "differences", "drawn_column", "drawn_unit", "named_column",
    "phase_map", "response", "unit_of",
]


def unit_of(name: str) -> str:
    """Return the unit in which a weekly column is drawn, from its definition."""
    from sim.market.outputs import weekly_outputs

    units = {output.name: output.unit for output in weekly_outputs()}
    unit = units.get(name, "")
    return {"fen": "fen", "share": "share", "units": "units", "persons": "persons",
            "weeks": "weeks", "taste distance": "taste distance"}.get(unit, "ratio")


@panel("weekly")
def comparison(
    weekly: pd.DataFrame, *, ax: Axes, lang: str, of: str = "resellers_active",
    regimes: Mapping[str, str] | None = None,
) -> None:
    """Draw one column of several scenarios; with many seeds, median in a band of 10 to 90 %."""
    names = [str(name) for name in weekly["scenario"].unique()]
    colours = scenario_colours(names, [(regimes or {}).get(name) for name in names])
    ends: list[Any] = []
    drawn = drawn_column(weekly, of)
    for place, name in enumerate(names):
        rows = drawn[drawn["scenario"] == name]
        line(ax, rows, rows[of], plain(name, 40), colours[name], dashes=DASHES[place % len(DASHES)])
        last = rows.loc[rows["week"] == rows["week"].max(), of].astype("float64").median()
        week = int(rows["week"].max())
        ends.append((float(last), colours[name], *([week] if week < int(weekly["week"].max()) else [])))
    unit = drawn_unit(of)
    if unit == "share":
        ax.set_ylim(0, 1.03)
    elif all(value >= 0 for value in drawn[of].astype("float64").dropna()):
        ax.set_ylim(bottom=0)
    number_axis(ax, unit, lang)
    ax.set_title(named_column(of, lang))
    below(ax, 2)
    axis = ax.yaxis.get_major_formatter()
    end_labels(ax, [(value, _rounded(axis, value, unit), *rest) for value, *rest in ends])
    n = int(weekly.groupby("scenario")["seed"].nunique().min())
    if n > 1:
        note(ax, text(band_key(n), lang, n=n))


BASELINE = "baseline"
"""Mark of where the scenario itself stands on a map."""
SMOOTHED = ("sell_in", "sell_through", "joins", "exits")
"""Columns that are averaged over four weeks, so that single orders do not hide the trend."""


def drawn_column(weekly: pd.DataFrame, of: str) -> pd.DataFrame:
    """Return the table with a column as drawn: money cumulated, sales averaged over four weeks."""
    runs = weekly.groupby(["scenario", "seed"], sort=False)[of]
    if of == "profit_brand":
        return weekly.assign(**{of: runs.cumsum()})
    if of in SMOOTHED:
        return weekly.assign(**{of: runs.transform(
            lambda values: values.astype("float64").rolling(4, min_periods=1).mean())})
    return weekly


def drawn_unit(of: str) -> str:
    """Return the unit of a column as drawn; averages over weeks are per week."""
    return f"{unit_of(of)} a week" if of in SMOOTHED else unit_of(of)


def named_column(of: str, lang: str) -> str:
    """Return the label of a column as drawn."""
    return text("brand's money", lang) if of == "profit_brand" else column(of, lang)


def _rounded(said: Any, value: float, unit: str) -> str:
    """Return a value as written on its axis, with three significant digits."""
    if not np.isfinite(value):
        return ""
    return str(said(round(value, 2) if unit == "share" else float(f"{value:.3g}"), 0))


@panel("weekly")
def difference(
    weekly: pd.DataFrame, *, ax: Axes, lang: str, of: str = "resellers_active",
    a: str | None = None, b: str | None = None,
) -> None:
    """Draw scenario `b` minus scenario `a` (the first), seed by seed, so that both had the same luck.

    Raises
    ------
    UsageError
        When the two scenarios share no seed.
    """
    names = [str(name) for name in weekly["scenario"].unique()]
    weekly = drawn_column(weekly, of)
    first, second = a or names[0], b or names[-1]
    sides = [
        weekly[weekly["scenario"] == name].set_index(["seed", "week"])[of].astype("float64")
        for name in (first, second)
    ]
    gap = (sides[1] - sides[0]).dropna().rename("gap").reset_index()
    if gap.empty:
        raise UsageError(text("no pairs", lang, a=first, b=second))
    bands = quantiles(gap, gap["gap"])
    if 1 < gap["seed"].nunique() < FEW_RUNS:
        for _, rows in gap.groupby("seed"):
            ax.plot(rows["week"], rows["gap"], color=GREY, lw=0.7, alpha=0.6)
    elif gap["seed"].nunique() > 1:
        ax.fill_between(bands.index, bands[0.1], bands[0.9], color=GREY, alpha=0.3, lw=0)
    n = int(gap["seed"].nunique())
    ax.plot(bands.index, bands[0.5], color=BLACK)
    ax.axhline(0, color=VERMILLION, lw=1.2, ls=(0, (4, 3)))
    unit = drawn_unit(of)
    number_axis(ax, "points" if unit == "share" else unit, lang)
    ax.set_title(named_column(of, lang))
    label = wrapped(text("minus", lang, a=plain(second, 60), b=plain(first, 60)), ax)
    ax.set_xlabel(f"{text('week axis', lang)}\n{label}")
    if n > 1:
        note(ax, text(band_key(n), lang, n=n))


@panel("differences", over_time=False)
def differences(table: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw mean differences with their intervals, relative to the second scenario.

    `table` has the columns ``measure, relative, low, high``: shares of the second scenario's mean.
    An interval that excludes zero is drawn in colour.
    """
    for place, (_, row) in enumerate(table.iterrows()):
        sure = row["low"] > 0 or row["high"] < 0
        colour = (BLUE if row["relative"] > 0 else ORANGE) if sure else GREY
        ax.plot([row["low"], row["high"]], [place, place], color=colour, lw=5, alpha=0.6,
                solid_capstyle="butt")
        ax.plot(row["relative"], place, "o", color=colour, ms=9)
    ax.axvline(0, color=BLACK, lw=1)
    ax.set_yticks(range(len(table)), [
        filled(plain(str(name)), 34) for name in table["measure"]])
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.grid(axis="y", visible=False)
    number_axis(ax, "share", lang, axis="x", label=text("interval", lang))


@panel("sweep", over_time=False)
def phase_map(
    table: pd.DataFrame, *, ax: Axes, lang: str, x: str, y: str, value: str,
    labels: Sequence[str] = (), unit: str = "", title: str = "",
    baseline: tuple[float, float] | None = None,
) -> None:
    """Draw the mean of `value` over two varied parameters, every cell with its number.

    `table` has one row per run (or per point) with the varied parameters as columns, as a sweep
    returns it. Where the settings were sampled and form no grid, the value is interpolated between
    the points. `baseline` is the position of the scenario itself.
    """
    grid = table.groupby([y, x])[value].mean().unstack()
    numbers = grid.to_numpy(dtype=float)
    ax.set_title(wrapped(plain(title or column(value, lang)), ax))
    if _alike(numbers, ax, lang, unit or unit_of(value)):
        return
    if np.isfinite(numbers).sum() < 0.5 * numbers.size:
        _sampled(table, ax, lang, x, y, value, labels, unit, baseline)
        return
    image = ax.pcolormesh(np.arange(numbers.shape[1] + 1), np.arange(numbers.shape[0] + 1), numbers,
                          cmap="viridis", edgecolors="white", linewidth=0.6)
    places = (np.arange(numbers.shape[1]) + 0.5, np.arange(numbers.shape[0]) + 0.5)
    for axis, where, marks in (("x", places[0], grid.columns), ("y", places[1], grid.index)):
        every = max(1, len(marks) // 10)
        getattr(ax, f"set_{axis}ticks")(
            where[::every], [setting_said(str(marks.name), float(mark)) for mark in list(marks)[::every]])
    names = tuple(labels) if len(labels) == 2 else (x, y)
    ax.set_xlabel(plain(names[0], 60))
    ax.set_ylabel(plain(names[1], 60))
    ax.grid(visible=False)
    bar = ax.figure.colorbar(image, ax=ax)
    bar.outline.set_visible(False)
    number_axis(bar.ax, unit or unit_of(value), lang)
    if baseline is not None and min(numbers.shape) > 1:
        at = [float(np.interp(where, marks.to_numpy(dtype=float), place)) for where, marks, place in (
            (baseline[0], grid.columns, places[0]), (baseline[1], grid.index, places[1]))]
        # In a corner of the cell, whose number stands in the middle.
        _mark_baseline(ax, at[0] + 0.36, at[1] + 0.28)
    if numbers.size <= 144:
        formatter = bar.ax.yaxis.get_major_formatter()
        middle = (np.nanmin(numbers) + np.nanmax(numbers)) / 2 if np.isfinite(numbers).any() else 0
        for (row, place), number in np.ndenumerate(numbers):
            if np.isfinite(number):
                ax.text(place + 0.5, row + 0.5, formatter(number, 0), ha="center", va="center",
                        fontsize=10, color="white" if number < middle else BLACK)


def _sampled(
    table: pd.DataFrame, ax: Axes, lang: str, x: str, y: str, value: str, labels: Sequence[str],
    unit: str, baseline: tuple[float, float] | None,
) -> None:
    """Draw a value interpolated between scattered points, with contours and the points themselves."""
    means = table.groupby([x, y])[value].mean().dropna().reset_index()
    across, along = means[x].to_numpy(dtype=float), means[y].to_numpy(dtype=float)
    numbers = means[value].to_numpy(dtype=float)
    spread = len(means) >= 4 and np.ptp(numbers) > 0 and np.linalg.matrix_rank(
        np.column_stack([across - across.mean(), along - along.mean()])) == 2
    if spread:
        image = ax.tricontourf(across, along, numbers, levels=8, cmap="viridis")
        ax.tricontour(across, along, numbers, levels=8, colors="white", linewidths=0.6)
        bar = ax.figure.colorbar(image, ax=ax)
        bar.outline.set_visible(False)
        number_axis(bar.ax, unit or unit_of(value), lang)
        ax.plot(across, along, "o", color="white", mec=BLACK, ms=5)
    else:
        dots = ax.scatter(across, along, c=numbers, cmap="viridis", s=60, edgecolor=BLACK)
        bar = ax.figure.colorbar(dots, ax=ax)
        number_axis(bar.ax, unit or unit_of(value), lang)
    names = tuple(labels) if len(labels) == 2 else (x, y)
    ax.set_xlabel(f"{plain(names[0], 60)} · {text('sampled', lang)}")
    ax.set_ylabel(plain(names[1], 60))
    ax.grid(visible=False)
    for axis, name in ((ax.xaxis, x), (ax.yaxis, y)):
        _setting_axis(axis, name)
    if baseline is not None:
        inside = across.min() <= baseline[0] <= across.max() \
            and along.min() <= baseline[1] <= along.max()
        if inside:
            _mark_baseline(ax, *baseline)


def _alike(numbers: np.ndarray, ax: Axes, lang: str, unit: str) -> bool:
    """Write instead of a picture that no number is known or all are equal; return whether that is so."""
    known = numbers[np.isfinite(numbers)]
    if not known.size:
        empty(ax, lang)
    elif np.ptp(known) == 0:
        with speaking(lang):
            nothing(ax, text("every point", lang, value=said(float(known[0]), unit)))
    return not known.size or np.ptp(known) == 0


def _setting_axis(axis: Any, name: str) -> None:
    """Write the values of a setting as a scenario file would."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: setting_said(name, float(value))))


def _mark_baseline(ax: Axes, across: float, along: float) -> None:
    ax.plot(across, along, "D", color="#E66100", mec="white", mew=1.5, ms=10, clip_on=False, gid=BASELINE)


@panel("sweep", over_time=False)
def response(
    table: pd.DataFrame, *, ax: Axes, lang: str, x: str, value: str, unit: str = "", title: str = "",
) -> None:
    """Draw one column over one varied setting: the mean, with single runs, or 10 to 90 % of many."""
    unit = unit or unit_of(value)
    values = table[value].astype("float64")
    grouped = values.groupby(table[x].to_numpy())
    means = grouped.mean()
    ax.set_title(wrapped(plain(title or column(value, lang)), ax))
    if _alike(means.to_numpy(), ax, lang, unit):
        return
    if "seed" in table and table["seed"].nunique() >= FEW_RUNS:
        bands = grouped.quantile(np.array([0.1, 0.9])).unstack()
        ax.fill_between(bands.index, bands[0.1], bands[0.9], color=BLUE, alpha=0.18, lw=0)
    else:
        ax.plot(table[x], values, "o", color=BLUE, ms=5, alpha=0.35, mew=0)
    ax.plot(means.index, means, "o-", color=BLUE, ms=6, label=column(value, lang))
    if unit == "share":
        ax.set_ylim(0, 1.03)
    number_axis(ax, unit, lang)
    ax.set_xlabel(plain(x, 60))
    _setting_axis(ax.xaxis, x)

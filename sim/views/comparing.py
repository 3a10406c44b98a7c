"""Pictures of several scenarios: bands side by side, paired differences, phase maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from sim.errors import UsageError
from sim.views.curves import note
from sim.views.panels import below, line, panel, quantiles
from sim.views.style import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    VERMILLION,
    number_axis,
    plain,
    scenario_colours,
)
from sim.views.texts import column, text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["comparison", "difference", "differences", "phase_map", "response", "unit_of"]


def unit_of(name: str) -> str:
    """Return the unit in which a weekly column is drawn, from its definition."""
    from sim.market.observing import weekly_outputs

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
    for name in names:
        rows = weekly[weekly["scenario"] == name]
        line(ax, rows, rows[of], plain(name, 40), colours[name])
    if unit_of(of) == "share":
        ax.set_ylim(0, 1.03)
    number_axis(ax, unit_of(of), lang)
    ax.set_title(column(of, lang))
    below(ax, 2)
    n = weekly.groupby("scenario")["seed"].nunique().min()
    if n > 1:
        note(ax, text("band", lang, n=int(n)))


@panel("weekly")
def difference(
    weekly: pd.DataFrame, *, ax: Axes, lang: str, of: str = "resellers_active",
    a: str | None = None, b: str | None = None,
) -> None:
    """Draw scenario `a` minus scenario `b`, seed by seed: the same luck under two plans.

    Raises
    ------
    UsageError
        When the two scenarios share no seed.
    """
    names = [str(name) for name in weekly["scenario"].unique()]
    first, second = a or names[0], b or names[-1]
    sides = [
        weekly[weekly["scenario"] == name].set_index(["seed", "week"])[of].astype("float64")
        for name in (first, second)
    ]
    gap = (sides[0] - sides[1]).dropna().rename("gap").reset_index()
    if gap.empty:
        raise UsageError(text("no pairs", lang, a=first, b=second))
    bands = quantiles(gap, gap["gap"])
    if gap["seed"].nunique() > 1:
        ax.fill_between(bands.index, bands[0.1], bands[0.9], color=GREY, alpha=0.3, lw=0)
    ax.plot(bands.index, bands[0.5], color=BLACK)
    ax.axhline(0, color=VERMILLION, lw=1.2, ls=(0, (4, 3)))
    number_axis(ax, unit_of(of), lang)
    if unit_of(of) == "share":
        ax.set_ylabel(text("points", lang))
    ax.set_title(column(of, lang))
    label = text("minus", lang, a=plain(first, 30), b=plain(second, 30))
    ax.set_xlabel(f"{text('week axis', lang)}\n{label}")
    if gap["seed"].nunique() > 1:
        note(ax, text("band", lang, n=int(gap["seed"].nunique())))


@panel("differences", over_time=False)
def differences(table: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw mean differences with their intervals, relative to the second scenario.

    `table` has the columns ``measure, relative, low, high``: shares of the second scenario's mean.
    An interval that leaves out zero is drawn in colour.
    """
    for place, (_, row) in enumerate(table.iterrows()):
        sure = row["low"] > 0 or row["high"] < 0
        colour = (BLUE if row["relative"] > 0 else ORANGE) if sure else GREY
        ax.plot([row["low"], row["high"]], [place, place], color=colour, lw=5, alpha=0.6,
                solid_capstyle="butt")
        ax.plot(row["relative"], place, "o", color=colour, ms=9)
    ax.axvline(0, color=BLACK, lw=1)
    ax.set_yticks(range(len(table)), [str(name) for name in table["measure"]])
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.grid(axis="y", visible=False)
    number_axis(ax, "share", lang, axis="x", label=text("interval", lang))


@panel("sweep", over_time=False)
def phase_map(
    table: pd.DataFrame, *, ax: Axes, lang: str, x: str, y: str, value: str,
    labels: Sequence[str] = (), unit: str = "",
) -> None:
    """Draw the mean of `value` over two varied parameters, every cell with its number.

    `table` has one row a run (or a point) with the varied parameters as columns, as a sweep
    returns it.
    """

    grid = table.groupby([y, x])[value].mean().unstack()
    numbers = grid.to_numpy(dtype=float)
    image = ax.pcolormesh(np.arange(numbers.shape[1] + 1), np.arange(numbers.shape[0] + 1), numbers,
                          cmap="viridis", edgecolors="white", linewidth=0.6)
    places = (np.arange(numbers.shape[1]) + 0.5, np.arange(numbers.shape[0]) + 0.5)
    for axis, where, marks in (("x", places[0], grid.columns), ("y", places[1], grid.index)):
        every = max(1, len(marks) // 10)
        getattr(ax, f"set_{axis}ticks")(
            where[::every], [f"{mark:g}" for mark in list(marks)[::every]])
    names = tuple(labels) if len(labels) == 2 else (x, y)
    ax.set_xlabel(plain(names[0], 60))
    ax.set_ylabel(plain(names[1], 60))
    ax.grid(visible=False)
    bar = ax.figure.colorbar(image, ax=ax)
    bar.outline.set_visible(False)
    number_axis(bar.ax, unit or unit_of(value), lang)
    ax.set_title(column(value, lang))
    if numbers.size <= 144:
        formatter = bar.ax.yaxis.get_major_formatter()
        middle = (np.nanmin(numbers) + np.nanmax(numbers)) / 2 if np.isfinite(numbers).any() else 0
        for (row, place), number in np.ndenumerate(numbers):
            if np.isfinite(number):
                ax.text(place + 0.5, row + 0.5, formatter(number, 0), ha="center", va="center",
                        fontsize=10, color="white" if number < middle else BLACK)


@panel("sweep", over_time=False)
def response(table: pd.DataFrame, *, ax: Axes, lang: str, x: str, value: str) -> None:
    """Draw one column over one varied setting: the median in a band of 10 to 90 % of the runs."""
    line(ax, table, table[value], column(value, lang), BLUE, by=x, marker="o", ms=6)
    if unit_of(value) == "share":
        ax.set_ylim(0, 1.03)
    number_axis(ax, unit_of(value), lang)
    ax.set_xlabel(plain(x, 60))
    ax.set_title(column(value, lang))

"""Pictures of a fit: what is plausible, fit against data, and what the data could not tell."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from sim.views.dates import date_axis
from sim.views.style import BLUE, GREY, VERMILLION, number_axis, plain, style
from sim.views.texts import language, text

__all__ = ["fit_figure", "fitted", "learnt", "pairs"]

MAX_PAIRS = 6
"""Settings of which the pairs are drawn: those about which the data told most."""


def pairs(fit: Any) -> Figure:
    """Draw pairs of the settings that the data told most about, and each by itself."""
    chosen = [str(name) for name in
              fit.learnt.sort_values("learnt", ascending=False)["setting"].head(MAX_PAIRS)]
    ranges = fit.learnt.set_index("setting")[["prior_low", "prior_high", "log"]]
    count = len(chosen)
    with style():
        figure = Figure(figsize=(2.0 * count + 1, 2.0 * count + 0.6), layout="constrained")
        grid = figure.subplots(count, count, squeeze=False)
        for row, below in enumerate(chosen):
            for place, beside in enumerate(chosen):
                _pair(grid[row][place], fit, ranges, below, beside, row, place, count)
        figure.suptitle(text("posterior"), fontsize=12, wrap=True)
    return figure


def _pair(ax: Axes, fit: Any, ranges: Any, below: str, beside: str, row: int, place: int,
          count: int) -> None:
    if place > row:
        ax.set_axis_off()
        return
    low, high, log = ranges.loc[beside]
    if place == row:
        bins = np.geomspace(low, high, 16) if log else np.linspace(low, high, 16)
        ax.hist(fit.ensemble[beside], bins=bins.tolist(), color=BLUE, alpha=0.8)
        ax.axhline(len(fit.ensemble) / 15, color=GREY, linewidth=1)
        ax.set_yticks([])
    else:
        ax.plot(fit.ensemble[beside], fit.ensemble[below], ".", color=BLUE, markersize=3, alpha=0.5)
        ax.set_yscale("log" if ranges["log"][below] else "linear")
        ax.set_ylim(ranges["prior_low"][below], ranges["prior_high"][below])
    ax.set_xscale("log" if log else "linear")
    ax.set_xlim(low, high)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_formatter(NullFormatter())
        axis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:g}"))
    ax.tick_params(labelsize=7)
    if row == count - 1:
        ax.set_xlabel(beside, fontsize=8)
    elif place < row:
        ax.set_xticklabels([])
    if place == 0 and row:
        ax.set_ylabel(below, fontsize=8)


def fitted(fit: Any) -> Figure:
    """Draw what was wanted against what the worlds bring, each target on a scale of its own."""
    table = fit.table
    with style():
        if (table["series"] != "").any():
            return _series(fit)
        figure = Figure(figsize=(8, 0.5 * len(table) + 1.4), layout="constrained")
        ax = figure.subplots()
        for place, (_index, row) in enumerate(table.iloc[::-1].iterrows()):
            _target(ax, row, place)
        ax.set_yticks(range(len(table)), list(table["measure"])[::-1], fontsize=8)
        ax.set_xticks([])
        ax.set_xlim(-0.2, 1.2)
        ax.set_title(text("fit_title"), fontsize=11)
    return figure


def _target(ax: Axes, row: Any, place: int) -> None:
    """Draw a target and what the worlds bring in one row, scaled to fill it."""
    ends = np.array([row["low"], row["high"], row["wanted"], row["to"]], float)
    ends = ends[np.isfinite(ends)]
    size = max(float(np.ptp(ends)), 1e-12)

    def at(value: float) -> float:
        return float(np.clip((value - ends.min()) / size, -0.15, 1.15))

    ax.plot([at(row["low"]), at(row["high"])], [place, place], color=BLUE, linewidth=5, alpha=0.4,
            solid_capstyle="butt")
    ax.plot(at(row["reached"]), place, "o", color=BLUE)
    error = 1.645 * row["error"]
    ax.plot([at(row["wanted"] - error), at(row["to"] + error)], [place - 0.22] * 2,
            color=VERMILLION, linewidth=2)
    if row["wanted"] == row["to"]:
        ax.plot(at(row["wanted"]), place - 0.22, "D", color=VERMILLION, markersize=5)


def _series(fit: Any) -> Figure:
    table = fit.table[fit.table["series"] != ""]
    names = list(dict.fromkeys(table["series"]))
    figure = Figure(figsize=(8, 2.2 * len(names) + 0.8), layout="constrained")
    for ax, name in zip(figure.subplots(len(names), 1, squeeze=False)[:, 0], names, strict=True):
        rows = table[table["series"] == name]
        weeks = rows["measure"].str.extract(r"(\d+)\)?$")[0].astype(int)
        ax.fill_between(weeks, rows["low"], rows["high"], color=BLUE, alpha=0.25, linewidth=0)
        ax.plot(weeks, rows["reached"], color=BLUE)
        ax.errorbar(weeks, rows["wanted"], 1.645 * rows["error"], fmt="o", color=VERMILLION,
                    markersize=3, linewidth=1)
        # What is in fen is shown in yuan.
        ax.set_title(plain(str(name), 60), fontsize=9)
        number_axis(ax, str(rows["unit"].iloc[0]) or "units", language(None))
        ax.set_xlabel(text("week axis"))
        date_axis(ax, getattr(fit.scenario, "calendar", None))
    figure.suptitle(text("fit_title"), fontsize=12)
    return figure


def learnt(fit: Any) -> Figure:
    """Draw for each setting how much of what was open the data took away."""
    table = fit.learnt.sort_values("learnt")
    with style():
        figure = Figure(figsize=(8, 0.32 * len(table) + 1.2), layout="constrained")
        ax = figure.subplots()
        colours = [BLUE if share >= 0.1 else GREY for share in table["learnt"]]
        ax.barh(table["setting"], 100 * table["learnt"], color=colours)
        ax.set_xlim(0, 100)
        ax.set_xlabel(text("learnt_axis"))
        ax.set_title(text("learnt_title"), fontsize=11)
        ax.tick_params(labelsize=8)
    return figure


def fit_figure(fit: Any, what: str) -> Figure:
    """Return a picture by its name: posterior, fit or learnt."""
    return {"posterior": pairs, "fit": fitted, "learnt": learnt}[what](fit)

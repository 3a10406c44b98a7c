"""Pictures of a fit: the posterior, the fit to the data, and what the data could not identify."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from sim.studies.calibrated import LITTLE
from sim.views.dates import date_axis
from sim.views.further_messages import about
from sim.views.style import BLUE, GREY, VERMILLION, headed_by, number_axis, plain, style
from sim.views.texts import column, language, text

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.calibrating import Fit

__all__ = ["fit_figure", "fitted", "learnt", "pairs"]

MAX_PAIRS = 6
"""Number of settings drawn in pairs: those about which the data say most."""


def pairs(fit: Fit) -> Figure:
    """Draw the best identified settings in pairs, and each one alone on the diagonal."""
    chosen = [str(name) for name in
              fit.learnt.sort_values("learnt", ascending=False)["setting"].head(MAX_PAIRS)]
    ranges = fit.learnt.set_index("setting")[["prior_low", "prior_high", "log"]]
    count = len(chosen)
    with style() as spoken:
        figure = Figure(figsize=(max(9.0, 2.1 * count + 0.7), 1.6 * count + 0.6), layout="constrained")
        grid = figure.subplots(count, count, squeeze=False)
        for row, below in enumerate(chosen):
            for place, beside in enumerate(chosen):
                _pair(grid[row][place], fit, ranges, below, beside, row, place, count)
        most: Any = fit.learnt.loc[fit.learnt["learnt"].idxmax()]  # type: ignore[call-overload]
        headed_by(figure, [
            text("msg posterior", spoken, setting=most["setting"], share=about(float(most["learnt"])))
            if most["learnt"] >= LITTLE else text("msg posterior nothing", spoken),
            text("posterior", spoken)])
    return figure


def _pair(ax: Axes, fit: Fit, ranges: Any, below: str, beside: str, row: int, place: int,
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
    ax.tick_params(labelsize=9)
    if row == count - 1:
        ax.set_xlabel(_of_two_lines(beside), fontsize=9.5)
    elif place < row:
        ax.set_xticklabels([])
    if place == 0 and row:
        ax.set_ylabel(_of_two_lines(below), fontsize=9.5)


def _of_two_lines(setting: str) -> str:
    """Return the path of a setting as a label no longer than a small panel is wide."""
    return setting.replace(".", ".\n", 1)


def fitted(fit: Fit) -> Figure:
    """Draw targets against the values in the worlds, each on its own scale."""
    table = fit.table
    with style() as spoken:
        heads = [text("msg fit", spoken, met=int(table["met"].sum()), all=len(table)),
                 text("fit_title", spoken)]
        if (table["series"] != "").any():
            return _series(fit, heads)
        figure = Figure(figsize=(13.3, 0.5 * len(table) + 1.4), layout="constrained")
        ax = figure.subplots()
        for place, (_index, row) in enumerate(table.iloc[::-1].iterrows()):
            _target(ax, row, place)
        ax.set_yticks(range(len(table)), [plain(str(name), 60) for name in table["measure"]][::-1])
        ax.set_xticks([])
        ax.set_xlim(-0.2, 1.2)
        ax.grid(axis="y", visible=False)
        headed_by(figure, heads)
    return figure


def _target(ax: Axes, row: pd.Series, place: int) -> None:
    """Draw a target and the values in the worlds in one row, scaled to fill it."""
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


def _series(fit: Fit, heads: Sequence[str]) -> Figure:
    table = fit.table[fit.table["series"] != ""]
    names = list(dict.fromkeys(table["series"]))
    figure = Figure(figsize=(13.3, 2.4 * len(names) + 0.8), layout="constrained")
    for ax, name in zip(figure.subplots(len(names), 1, squeeze=False)[:, 0], names, strict=True):
        rows = table[table["series"] == name]
        weeks = rows["measure"].str.extract(r"(\d+)\)?$")[0].astype(int)
        ax.fill_between(weeks, rows["low"], rows["high"], color=BLUE, alpha=0.25, linewidth=0)
        ax.plot(weeks, rows["reached"], color=BLUE)
        ax.errorbar(weeks, rows["wanted"], 1.645 * rows["error"], fmt="o", color=VERMILLION,
                    markersize=3, linewidth=1)
        # Fen are shown as yuan.
        ax.set_title(plain(column(str(name), language(None)), 60), fontsize=12.5)
        number_axis(ax, str(rows["unit"].iloc[0]) or "units", language(None))
        ax.set_xlabel(text("week axis"))
        date_axis(ax, getattr(fit.scenario, "calendar", None))
    headed_by(figure, heads)
    return figure


def learnt(fit: Fit) -> Figure:
    """Draw how much of the uncertainty about each setting the data removed."""
    table = fit.learnt.sort_values("learnt")
    with style() as spoken:
        figure = Figure(figsize=(13.3, 0.4 * len(table) + 1.2), layout="constrained")
        ax = figure.subplots()
        bars = ax.barh(table["setting"], 100 * table["learnt"], color=BLUE, edgecolor=BLUE)
        for bar, share in zip(bars, table["learnt"], strict=True):
            bar.set_fill(bool(share >= LITTLE))
        ax.set_xlim(0, 100)
        ax.set_xlabel(text("learnt_axis"))
        ax.grid(axis="y", visible=False)
        headed_by(figure, [text("msg learnt", spoken, some=int((table["learnt"] >= LITTLE).sum()),
                                all=len(table)), text("learnt_title", spoken)])
    return figure


def fit_figure(fit: Fit, what: str) -> Figure:
    """Return a picture by its name: posterior, fit or learnt."""
    return {"posterior": pairs, "fit": fitted, "learnt": learnt}[what](fit)

"""Pictures of searches: a tornado of what moves a measure, and the curve of where a condition tips."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.texts import _, speaking
from sim.views.decision import from_best
from sim.views.style import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    PAGE,
    SKY,
    headed_by,
    number_axis,
    own_font,
    plain,
    style,
)
from sim.views.texts import text
from sim.views.turning import study_axes
from sim.views.waterfall import axis_unit

if TYPE_CHECKING:
    from sim.studies.optimise import Optimum
    from sim.studies.pilot import Pilot
    from sim.studies.sensitivity import Sensitivity
    from sim.studies.tipping import Tipping

__all__ = ["pilot", "search", "tipping", "tornado"]

MAX_SETTINGS = 4
"""Largest number of settings over which the points of a search are drawn."""


def tornado(found: Sensitivity, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw how much each setting moves the measure, strongest on top; effects that may be luck are pale."""
    if ax is None:
        from matplotlib import pyplot  # noqa: F401  # outside our style (matplotlib #24351)
    sobol = found.method == "sobol"
    effect = "total" if sobol else "mean_effect"
    table = found.table.sort_values(effect, ascending=False, ignore_index=True)
    with style(lang) as spoken, speaking(spoken):
        drawn = study_axes(ax, PAGE, 2.2 + 0.55 * len(table))
        title = text("tornado", spoken, what=plain(_(found.measure.label), 80))
        if ax is None:
            headed_by(drawn.figure, [found.verdicts()[0]])
        else:
            drawn.set_title(title)
        for row in range(len(table)):
            mean, half = table[effect][row], table[f"{effect}_half_width"][row]
            sure = mean - half > 0
            drawn.barh(row, mean, color=(SKY if sobol else BLUE) if sure else "#BBBBBB", height=0.6)
            if sobol and sure:
                drawn.barh(row, max(0.0, table["first"][row]), color=BLUE, height=0.6)
            if math.isfinite(half):
                drawn.errorbar(mean, row, xerr=[[min(mean, half)], [half]], color=BLACK, capsize=5, lw=1.6)
        drawn.set_yticks(range(len(table)), [plain(name, 50) for name in table["setting"]])
        drawn.set_ylim(len(table) - 0.4, -0.6)
        drawn.set_xlim(left=0.0)
        drawn.grid(axis="y", visible=False)
        unit = "share" if sobol else axis_unit(found.measure.unit)
        number_axis(drawn, "points" if unit == "share" and not sobol else unit, spoken, axis="x",
                    label=text("tornado sobol" if sobol else "tornado axis", spoken))
        own_font(drawn)
    return drawn


def tipping(found: Tipping, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the number of seeds for which the condition holds at each value tried, with intervals."""
    if ax is None:
        from matplotlib import pyplot  # noqa: F401  # outside our style (matplotlib #24351)
    table = found.table
    with style(lang) as spoken, speaking(spoken):
        drawn = study_axes(ax, PAGE, 6.0)
        if ax is None:
            headed_by(drawn.figure, [found.verdicts()[0]])
        else:
            drawn.set_title(text("tipping title", spoken, what=plain(found.condition, 90)))
        low, high = float(table["value"].min()), float(table["value"].max())
        if not math.isnan(found.crossing[0]):
            drawn.axvspan(max(low, found.crossing[0]), min(high, found.crossing[1]), color=ORANGE,
                          alpha=0.22, lw=0, label=text("tipping crossing", spoken))
        drawn.axhline(0.5, color=GREY, lw=1.2, ls=(0, (2, 3)), label=text("tipping half", spoken))
        values, shares = table["value"].to_numpy(float), table["share"].to_numpy(float)
        drawn.errorbar(values, shares, yerr=np.clip([shares - table["low"], table["high"] - shares], 0, None),
                       fmt="o", color=BLUE, ecolor=GREY, elinewidth=2.4, ms=8)
        drawn.set_ylim(-0.02, 1.02)
        room = 0.02 * (high - low or 1.0)
        drawn.set_xlim(low - room, high + room)
        number_axis(drawn, "share", spoken, label=text("tipping axis", spoken))
        drawn.set_xlabel(plain(found.key, 60))
        drawn.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2)
        own_font(drawn)
    return drawn


def search(found: Optimum, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the measure at the points of a search over each setting, the best one marked.

    Points that miss the conditions are hollow. On Axes given by the caller, only the first setting is drawn.
    """
    keys = list(found.settings)[:1 if ax is not None else MAX_SETTINGS]
    if ax is None:
        from matplotlib import pyplot  # outside our style (matplotlib #24351)
    with style(lang) as spoken, speaking(spoken):
        if ax is None:
            rows, columns = -(-len(keys) // 2), min(2, len(keys))
            figure, grid = pyplot.subplots(
                rows, columns, figsize=(8.0 if columns == 1 else PAGE, 2.0 + 4.0 * rows),
                layout="constrained", sharey=True, squeeze=False)
            headed_by(figure, found.verdicts()[:2])
            drawn = list(grid.flat)
            for spare in drawn[len(keys):]:
                spare.remove()
        else:
            drawn = [ax]
        of = found.measure.text
        points = found.searched[found.searched[of].notna()]
        met = points["met"] >= found.surely if found.satisfy else points[of].notna()
        for place, (one, key) in enumerate(zip(drawn, keys, strict=False)):
            if not met.all():
                one.plot(points[key][~met], points[of][~met], "o", mfc="none", mec=GREY, mew=1.4, ms=7,
                         label=text("search missed", spoken))
            if met.any():
                one.plot(points[key][met], points[of][met], "o", color=BLUE, ms=7, alpha=0.6, mew=0,
                         label=text("search met", spoken) if found.satisfy else None)
            one.plot(found.best[key], found.best[of], "D", color=ORANGE, mec=BLACK, ms=11,
                     label=text("search best" if found.feasible else "search nearest", spoken))
            one.set_xlabel(plain(key, 60))
            if points[key].dtype.kind in "iu":
                one.xaxis.set_major_locator(MaxNLocator(nbins="auto", integer=True))
            if place == 0:
                number_axis(one, axis_unit(found.measure.unit), spoken, label=plain(found.called, 70))
            own_font(one)
        if ax is not None:
            ax.legend()
        else:
            # The legend belongs to the figure: below an axis it would narrow that panel.
            figure.legend(*drawn[0].get_legend_handles_labels(), loc="outside lower left", ncols=3)
    return drawn[0]


def pilot(found: Pilot, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the value in each world without a pilot, with the pilot, and with perfect knowledge.

    A second panel shows how far the first two fall behind; Axes given by the caller have no such panel.
    """
    if ax is None:
        from matplotlib import pyplot  # outside our style (matplotlib #24351)
    rows = (found.fixed, "with_pilot", "with_knowledge")
    with style(lang) as spoken, speaking(spoken):
        beside: Axes | None = None
        if ax is None:
            figure, (ax, beside) = pyplot.subplots(
                1, 2, figsize=(PAGE, 5.0), layout="constrained", sharey=True, width_ratios=(3, 2))
            headed_by(figure, [found.verdicts()[1], found.verdicts()[0]])
        for row, name in enumerate(rows):
            values = found.table[name].to_numpy(float)
            spread = np.linspace(-0.22, 0.22, len(values)) if len(values) > 1 else np.zeros(1)
            ax.plot(values, row + spread, ".", color=BLUE, ms=6, alpha=0.4, mew=0)
            ax.plot(values.mean(), row, "|", color=BLACK, ms=26, mew=2.6)
        ax.set_yticks(range(3), [text("pilot fixed", spoken, plan=plain(found.called(found.fixed), 30)),
                                 text("pilot tried", spoken), text("pilot known", spoken)])
        ax.set_ylim(2.6, -0.6)
        ax.grid(axis="y", visible=False)
        ax.set_title(text("pilot dots", spoken), fontsize=12)
        unit = axis_unit(found.measure.unit)
        number_axis(ax, unit, spoken, axis="x")
        own_font(ax)
        if beside is not None:
            for row, name in enumerate(rows[:2]):
                behind = found.regret(name)
                beside.barh(row, behind.max(), color=GREY, alpha=0.45, height=0.5)
                beside.barh(row, behind.mean(), color=ORANGE, height=0.5)
            from_best(beside)
            beside.grid(axis="y", visible=False)
            beside.set_title("\n".join((text("decision regret", spoken),
                                        text("pilot regret key", spoken))), fontsize=12)
            number_axis(beside, "points" if unit == "share" else unit, spoken, axis="x")
            own_font(beside)
    return ax

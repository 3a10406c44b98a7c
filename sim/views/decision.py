"""The picture of a decision: the value of each plan over the worlds, its regret, and its chances."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.texts import speaking
from sim.views.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PAGE,
    filled,
    headed_by,
    number_axis,
    own_font,
    plain,
    style,
)
from sim.views.texts import text
from sim.views.waterfall import axis_unit

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.decide import Decision

__all__ = ["decision"]


def decision(found: Decision, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw every plan as a row: its values over the worlds, its regret, and its chances.

    On Axes given by the caller, only the values are drawn.
    """
    if ax is None:
        from matplotlib import pyplot  # outside our style (matplotlib #24351)
    with style(lang) as spoken, speaking(spoken):
        table = found.table
        others: list[Axes] = []
        if ax is None:
            figure, places = pyplot.subplot_mosaic(
                [["values", "values"], ["regrets", "chances"]], layout="constrained", sharey=True,
                figsize=(PAGE, 4.8 + 1.3 * len(table)))
            ax, others = places["values"], [places["regrets"], places["chances"]]
            headed_by(figure, found.rules())
        _values(ax, found, table, spoken)
        if others:
            _regrets(others[0], found, table, spoken)
            _chances(others[1], found, table, spoken)
    return ax


def _values(ax: Axes, found: Decision, table: pd.DataFrame, lang: str) -> None:
    from sim.texts import _

    for row, plan in enumerate(table["plan"]):
        values = found.values[plan].to_numpy()
        spread = np.linspace(-0.22, 0.22, len(values)) if len(values) > 1 else np.zeros(1)
        ax.plot(values, row + spread, ".", color=BLUE, ms=6, alpha=0.6, mew=0)
        ax.plot(table["mean"][row], row, "|", color=BLACK, ms=24, mew=2.6)
        ax.plot(table["worst_tenth"][row], row, "D", mfc="white", mec=ORANGE, mew=1.8, ms=8)
    ax.set_yticks(range(len(table)), [filled(plain(found.called(name), 60), 26)
                                      for name in table["plan"]])
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    ax.set_title("\n".join((plain(_(found.of.label), 50), text("decision values", lang))), fontsize=12)
    number_axis(ax, axis_unit(found.of.unit), lang, axis="x")
    own_font(ax)


def from_best(ax: Axes) -> None:
    """Begin an axis of regrets at zero; if nothing is ever behind, zero is its only number."""
    ax.set_xlim(left=0.0)
    if not any(patch.get_width() for patch in ax.patches if isinstance(patch, Rectangle)):
        ax.set_xlim(0.0, 1.0)
        ax.set_xticks([0.0])


def _regrets(ax: Axes, found: Decision, table: pd.DataFrame, lang: str) -> None:
    for row in range(len(table)):
        ax.barh(row, table["regret_max"][row], color=GREY, alpha=0.45, height=0.56)
        ax.barh(row, table["regret_mean"][row], color=ORANGE, height=0.56)
        low, high = table["regret_low"][row], table["regret_high"][row]
        if math.isfinite(low):
            ax.plot([low, high], [row, row], color=BLACK, lw=1.6)
    from_best(ax)
    ax.grid(axis="y", visible=False)
    key = filled(text("decision regret key", lang), 44 if lang == "en" else 48)
    ax.set_title("\n".join((text("decision regret", lang), key)), fontsize=12)
    unit = axis_unit(found.of.unit)
    number_axis(ax, "points" if unit == "share" else unit, lang, axis="x")
    own_font(ax)


def _chances(ax: Axes, found: Decision, table: pd.DataFrame, lang: str) -> None:
    kinds = [("best", BLUE, "o", "decision best")]
    if found.satisfy:
        kinds.append(("met", GREEN, "s", "decision met"))
    for place, (name, colour, sign, words) in enumerate(kinds):
        offset = 0.18 * (2 * place - len(kinds) + 1)
        for row in range(len(table)):
            ax.plot([table[f"{name}_low"][row], table[f"{name}_high"][row]], [row + offset] * 2,
                    color=colour, lw=4, alpha=0.4, solid_capstyle="butt")
            ax.plot(table[name][row], row + offset, sign, color=colour, ms=8,
                    label=text(words, lang) if row == 0 else None)
    ax.set_xlim(-0.02, 1.02)
    ax.grid(axis="y", visible=False)
    ax.set_title(text("decision chances", lang), fontsize=12)
    number_axis(ax, "share", lang, axis="x")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=1)
    own_font(ax)

"""Pictures of searches: a tornado of what moves a measure, and the curve of where a condition tips."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from sim.texts import _, speaking
from sim.views.style import BLACK, BLUE, GREY, ORANGE, SKY, number_axis, own_font, plain, style
from sim.views.texts import text
from sim.views.turning import study_axes
from sim.views.waterfall import axis_unit

__all__ = ["tipping", "tornado"]


def tornado(found: Any, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw how much each setting moves the measure, the strongest on top; grey where luck may do it."""
    if ax is None:
        from matplotlib import pyplot  # noqa: F401  # outside our style (matplotlib #24351)
    sobol = found.method == "sobol"
    effect = "total" if sobol else "mean_effect"
    table = found.table.sort_values(effect, ascending=False, ignore_index=True)
    with style(lang) as spoken, speaking(spoken):
        drawn = study_axes(ax, 11.0, 2.4 + 0.55 * len(table))
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
        drawn.set_title(text("tornado", spoken, what=plain(_(found.measure.label), 80)))
        unit = "share" if sobol else axis_unit(found.measure.unit)
        number_axis(drawn, "points" if unit == "share" and not sobol else unit, spoken, axis="x",
                    label=text("tornado sobol" if sobol else "tornado axis", spoken))
        own_font(drawn)
    return drawn


def tipping(found: Any, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw for how many seeds the condition holds at each value that was tried, with intervals."""
    if ax is None:
        from matplotlib import pyplot  # noqa: F401  # outside our style (matplotlib #24351)
    table = found.table
    with style(lang) as spoken, speaking(spoken):
        drawn = study_axes(ax, 11.0, 5.6)
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
        drawn.set_title(text("tipping title", spoken, what=plain(found.condition, 90)))
        drawn.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2)
        own_font(drawn)
    return drawn

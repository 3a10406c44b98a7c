"""The picture of a ladder: a waterfall from one scenario to another, and the effect of each step."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from sim.texts import speaking
from sim.views.style import (
    BLACK,
    BLUE,
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

if TYPE_CHECKING:
    from sim.studies.ladder import Ladder
    from sim.studies.sharing import Sharing

__all__ = ["axis_unit", "shares_beside", "waterfall"]

ROW = 0.52
"""Height of a row in inches."""


def axis_unit(unit: str) -> str:
    """Return the unit of an axis for the unit of a measure."""
    return {"fen": "fen", "share": "share", "units": "units", "persons": "persons", "week": "weeks",
            "weeks": "weeks"}.get(unit, "ratio")


def waterfall(found: Ladder, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the steps from the first scenario to the last and, beside them, their means over the orders.

    On Axes given by the caller, only the steps are drawn.
    """
    if ax is None:
        from matplotlib import pyplot  # outside our style (matplotlib #24351)
    with style(lang) as spoken, speaking(spoken):
        rows = len(found.parts) + 2
        beside = None
        if ax is None:
            figure, (ax, beside) = pyplot.subplots(
                1, 2, figsize=(PAGE, 2.6 + ROW * rows), layout="constrained", sharey=True,
                width_ratios=(3, 2))
            headed_by(figure, found.verdicts()[:1])
        _steps(ax, found, spoken)
        if beside is not None:
            shares_beside(beside, found, spoken, offset=1)
            room = 34 if spoken == "en" else 38
            beside.set_title("\n".join((
                filled(text("worth on average", spoken, n=len(found.game.orders)), room),
                filled(text("filled and hollow", spoken), room))), fontsize=12)
        ax.set_title(text("waterfall", spoken))
    return ax


def _steps(ax: Axes, found: Ladder, lang: str) -> None:
    game = found.game
    start, end = float(game.values[0].mean()), float(game.values[game.full].mean())
    last = len(found.parts) + 1
    ax.barh(0, start, color=GREY, height=0.62)
    ax.barh(last, end, color=GREY, height=0.62)
    reached = start
    for place in range(len(found.parts)):
        step = found.told(found.steps[place])
        sure = step.direction != 0
        colour = (BLUE if step.mean > 0 else ORANGE) if sure else "#BBBBBB"
        ax.barh(place + 1, step.mean, left=reached, color=colour, height=0.62)
        if math.isfinite(step.low):
            ax.plot([reached + step.low, reached + step.high], [place + 1] * 2, color=BLACK, lw=1.6)
        reached += step.mean
        ax.plot([reached] * 2, [place + 0.69, place + 2.31], color=GREY, lw=0.9)
    ax.plot([start] * 2, [-0.31, 1.31], color=GREY, lw=0.9)
    ax.axvline(0, color=BLACK, lw=0.9)
    names = [found.first, *(found.titled(place) for place in range(len(found.parts))), found.last]
    ax.set_yticks(range(last + 1), [filled(plain(name, 60), 24) for name in names])
    ax.set_ylim(last + 0.6, -0.6)
    ax.grid(axis="y", visible=False)
    number_axis(ax, axis_unit(found.of.unit), lang, axis="x", label=plain(_label(found), 60))
    own_font(ax)


def _label(found: Ladder) -> str:
    from sim.texts import _

    return _(found.of.label)


def shares_beside(ax: Axes, found: Sharing, lang: str, *, offset: int = 0) -> None:
    """Draw the mean share of each change with its interval; hollow: as the only change."""
    for place in range(len(found.parts)):
        share = found.game.share(place)
        colour = (BLUE if share.mean > 0 else ORANGE) if share.direction else GREY
        row = place + offset
        if math.isfinite(share.low):
            ax.plot([share.low, share.high], [row, row], color=colour, lw=5, alpha=0.5,
                    solid_capstyle="butt")
        ax.plot(share.mean, row, "o", color=colour, ms=9)
        alone = found.game.alone(place)
        if alone is not None:
            ax.plot(float(alone.mean()), row, "D", mfc="white", mec=BLACK, ms=7)
    ax.axvline(0, color=BLACK, lw=0.9)
    ax.grid(axis="y", visible=False)
    unit = axis_unit(found.of.unit)
    number_axis(ax, "points" if unit == "share" else unit, lang, axis="x")
    own_font(ax)

"""The picture of scenario discovery: the worlds in which the favourite fails, and the box that holds them."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.errors import UsageError
from sim.texts import _, speaking
from sim.views.style import BLUE, GREY, ORANGE, PAGE, headed_by, number_axis, own_font, plain, style
from sim.views.texts import language, text
from sim.views.waterfall import axis_unit

if TYPE_CHECKING:
    from sim.studies.decide import Decision

__all__ = ["box"]


def box(found: Decision, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw each world as a dot over the settings that limit the box, filled where the favourite fails.

    With one limit the other axis is the favourite's value; with three there is a panel per pair. On Axes
    given by the caller, only the first panel is drawn.

    Raises
    ------
    UsageError
        When no box was found.
    """
    if found.box is None:
        raise UsageError(text("no box", language(lang)))
    keys = list(found.box.limits)
    pairs: list[tuple[str, ...]] = list(itertools.combinations(keys, 2)) or [(keys[0],)]
    if ax is None:
        from matplotlib import pyplot  # outside our style (matplotlib #24351)
    with style(lang) as spoken, speaking(spoken):
        drawn = [] if ax is None else [ax]
        if ax is None:
            rows, columns = -(-len(pairs) // 2), min(2, len(pairs))
            figure, grid = pyplot.subplots(
                rows, columns, figsize=(9.0 if columns == 1 else PAGE, 1.0 + 5.0 * rows),
                layout="constrained", squeeze=False)
            headed_by(figure, found.failing())
            drawn = list(grid.flat)
            for spare in drawn[len(pairs):]:
                spare.remove()
        for one, pair in zip(drawn, pairs, strict=False):
            _panel(one, found, pair, spoken)
    return drawn[0]


def _panel(ax: Axes, found: Decision, pair: tuple[str, ...], lang: str) -> None:
    keys, worlds = found.world_rows
    rows, fails = np.array(worlds, float), np.asarray(found.fails, bool)
    assert found.box is not None
    across = rows[:, keys.index(pair[0])]
    along = rows[:, keys.index(pair[1])] if len(pair) > 1 else \
        found.values[found.favourite].to_numpy(float)
    ends = [_ends(found.box.limits[key], rows[:, keys.index(key)]) for key in pair]
    if len(pair) == 1:
        ends.append(_ends((-math.inf, math.inf), along))
    (left, right), (low, high) = ends
    ax.add_patch(Rectangle((left, low), right - left, high - low, fc=ORANGE, alpha=0.18, ec="none", zorder=1))
    ax.add_patch(Rectangle((left, low), right - left, high - low, fill=False, ec=GREY, lw=1.4, ls="--",
                           zorder=1))
    ax.plot(across[~fails], along[~fails], "o", mfc="white", mec=BLUE, mew=1.4, ms=7, ls="none", zorder=2,
            label=text("box met" if found.satisfy else "box best", lang, n=int((~fails).sum())))
    ax.plot(across[fails], along[fails], "o", color=ORANGE, mec="#5A3E00", mew=0.8, ms=7, ls="none", zorder=3,
            label=text("box missed" if found.satisfy else "box beaten", lang, n=int(fails.sum())))
    ax.set_xlim(*_ends((-math.inf, math.inf), across))
    ax.set_ylim(*_ends((-math.inf, math.inf), along))
    number_axis(ax, "ratio", lang, axis="x")
    ax.set_xlabel(plain(pair[0], 60))
    if len(pair) > 1:
        number_axis(ax, "ratio", lang)
        ax.set_ylabel(plain(pair[1], 60))
    else:
        number_axis(ax, axis_unit(found.of.unit), lang, label=plain(_(found.of.label), 60))
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=1)
    own_font(ax)


def _ends(limits: tuple[float, float], values: np.ndarray) -> tuple[float, float]:
    """Return the limits, infinite ones replaced by the ends of the picture."""
    room = 0.04 * (float(values.max() - values.min()) or 1.0)
    low, high = limits
    return (float(values.min()) - room if math.isinf(low) else low,
            float(values.max()) + room if math.isinf(high) else high)

"""The map of causes: the columns that act on each other, loop by loop, with the strength of each loop."""

from __future__ import annotations

import math
import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from sim.texts import speaking
from sim.views.style import BLACK, GREY, SERIES, number_axis, own_font, plain, style
from sim.views.texts import column, text
from sim.views.waterfall import axis_unit

__all__ = ["cause_map"]

THINNEST, THICKEST = 0.8, 9.0
"""Points that the arrows of the weakest and of the strongest loop are wide."""


def cause_map(found: Any, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw which column acts on which in each loop, and the share of each loop beside it.

    Arrows are as wide as the loop's share is large; dashed where its interval holds zero. On Axes of
    the caller's, the map alone.
    """
    if ax is None:
        from matplotlib import pyplot  # outside our style (matplotlib #24351)
    with style(lang) as spoken, speaking(spoken):
        beside = None
        if ax is None:
            figure, (ax, beside) = pyplot.subplots(
                1, 2, figsize=(13.3, 7.5), layout="constrained", width_ratios=(5, 4))
            figure.suptitle(
                textwrap.fill(plain(found.verdicts()[0], 300), 110 if spoken == "en" else 60),
                ha="left", x=0.01, fontsize=14)
        colours = [SERIES[place % len(SERIES)] for place in range(len(found.parts))]
        _map(ax, found, colours, spoken)
        if beside is not None:
            _shares(beside, found, colours, spoken)
    return ax


def _map(ax: Axes, found: Any, colours: list[str], lang: str) -> None:
    names = list(dict.fromkeys(name for loop in found.loops for name in loop.path))
    turns = np.linspace(math.pi / 2, math.pi / 2 - 2 * math.pi, len(names), endpoint=False)
    places = {name: (math.cos(turn), math.sin(turn)) for name, turn in zip(names, turns, strict=True)}
    largest = max((abs(found.game.share(place).mean) for place in range(len(found.parts))), default=0.0)
    drawn: dict[tuple[str, str], int] = {}
    for place, loop in enumerate(found.loops):
        share = found.game.share(place)
        size = abs(share.mean) / largest if largest else 0.0
        for source, target in zip(loop.path, (*loop.path[1:], loop.path[0]), strict=True):
            nth = drawn[source, target] = drawn.get((source, target), 0) + 1
            ax.add_patch(FancyArrowPatch(
                places[source], places[target], arrowstyle="-|>", mutation_scale=16 + 8 * size,
                connectionstyle=f"arc3,rad={0.10 + 0.13 * nth}", shrinkA=24, shrinkB=28,
                lw=THINNEST + (THICKEST - THINNEST) * size, color=colours[place], alpha=0.75,
                ls="-" if share.direction else (0, (4, 3)), zorder=2))
    for name, (across, along) in places.items():
        ax.text(across, along, textwrap.fill(plain(column(name, lang), 40), 15 if lang == "en" else 8),
                ha="center", va="center", fontsize=11, color=BLACK, zorder=3,
                bbox={"boxstyle": "round,pad=0.35", "fc": "white", "ec": GREY})
    ax.set_xlim(-1.35, 1.35)
    ax.set_ylim(-1.25, 1.25)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(visible=False)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.set_title("\n".join((text("cause map", lang), text("cause map key", lang))), fontsize=12)


def _shares(ax: Axes, found: Any, colours: list[str], lang: str) -> None:
    shares = [found.game.share(place) for place in range(len(found.parts))]
    order = sorted(range(len(shares)), key=lambda place: -abs(shares[place].mean))
    for row, place in enumerate(order):
        share = shares[place]
        ax.barh(row, share.mean, color=colours[place], height=0.6,
                alpha=1.0 if share.direction else 0.35)
        if math.isfinite(share.low):
            ax.plot([share.low, share.high], [row, row], color=BLACK, lw=1.6)
    ax.axvline(0, color=BLACK, lw=0.9)
    signs = ["+" if loop.grows else "−" for loop in found.loops]
    ax.set_yticks(range(len(order)), [
        f"({signs[place]}) " + textwrap.fill(plain(found.titled(place), 60), 26 if lang == "en" else 14)
        for place in order])
    ax.set_ylim(len(order) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    unit = axis_unit(found.of.unit)
    number_axis(ax, "points" if unit == "share" else unit, lang, axis="x")
    ax.set_title("\n".join((text("loop shares", lang), text("loop shares key", lang))), fontsize=12)
    own_font(ax)

"""The map of causes: the columns that act on each other, loop by loop, with the strength of each loop."""

from __future__ import annotations

import math
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch
from matplotlib.ticker import MaxNLocator

from sim.texts import speaking
from sim.views.style import (
    BLACK,
    GREY,
    PAGE,
    SERIES,
    filled,
    headed_by,
    number_axis,
    own_font,
    plain,
    style,
)
from sim.views.texts import column, text
from sim.views.waterfall import axis_unit

__all__ = ["cause_map"]

SHOWN_PAIRS = 4
"""Number of interactions that are drawn."""
ROUNDING = 1e-9
THINNEST, THICKEST = 1.0, 7.0
"""Widths in points of the arrows of the weakest and of the strongest loop."""

PLACES = {
    "joins": (0.5, 5.0), "resellers_active": (2.6, 5.2), "exits": (4.9, 5.0),
    "upline_payments": (1.75, 3.95), "sell_in": (0.1, 3.3),
    "inventory_channel": (3.75, 3.75), "dumped": (4.3, 2.75), "price_street_mean": (5.9, 3.4),
    "purchases_seller": (0.2, 2.1), "trust_mean": (1.9, 2.5), "muted_share": (1.9, 1.45),
    "new_customers": (3.9, 1.3), "awareness": (3.1, 0.2), "purchases_word_of_mouth": (4.7, 0.1),
    "communities": (5.9, 1.0), "members": (6.1, 2.2),
    "quality_true": (0.0, 0.9), "satisfaction_mean": (0.5, -0.2), "knowledge": (1.7, 0.3),
}
"""Positions of columns: sellers on top, goods and prices right, minds left, customers and the product
below. All others form a row at the bottom."""


def cause_map(found: Any, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw which column acts on which in each loop, and the share of each loop beside it.

    The width of an arrow shows the loop's share; it is pale where the interval includes zero. On Axes
    given by the caller, only the map is drawn.
    """
    if ax is None:
        from matplotlib import pyplot  # outside our style (matplotlib #24351)
    with style(lang) as spoken, speaking(spoken):
        beside = None
        if ax is None:
            # Rounding errors of sums are not interactions.
            pairs = found.interactions[found.interactions["together"].abs() > ROUNDING].head(SHOWN_PAIRS)
            rows: Any = [["map", "map"], ["shares", "pairs" if len(pairs) else "shares"]]
            below = 1.9 + 0.5 * max(len(found.parts), len(pairs))
            figure, places = pyplot.subplot_mosaic(
                rows, figsize=(PAGE, 5.8 + below), layout="constrained", height_ratios=(5.8, below))
            ax, beside = places["map"], places["shares"]
            if len(pairs):
                _pairs(places["pairs"], found, pairs, spoken)
            headed_by(figure, found.verdicts()[:1])
        colours = [SERIES[place % len(SERIES)] for place in range(len(found.parts))]
        _map(ax, found, colours, spoken)
        if beside is not None:
            _shares(beside, found, colours, spoken)
    return ax


def _map(ax: Axes, found: Any, colours: list[str], lang: str) -> None:
    names = list(dict.fromkeys(name for loop in found.loops for name in loop.path))
    others = [name for name in names if name not in PLACES]
    places = {name: PLACES.get(name) or (1.2 * others.index(name), -1.2) for name in names}
    largest = max((abs(found.game.share(place).mean) for place in range(len(found.parts))), default=0.0)
    drawn: dict[tuple[str, str], int] = {}
    for place, loop in enumerate(found.loops):
        share = found.game.share(place)
        size = abs(share.mean) / largest if largest else 0.0
        for source, target in zip(loop.path, (*loop.path[1:], loop.path[0]), strict=True):
            nth = drawn[source, target] = drawn.get((source, target), 0) + 1
            ax.add_patch(FancyArrowPatch(
                places[source], places[target], arrowstyle="-|>", mutation_scale=15 + 7 * size,
                connectionstyle=f"arc3,rad={0.06 + 0.14 * nth}", shrinkA=26, shrinkB=34,
                lw=THINNEST + (THICKEST - THINNEST) * size, color=colours[place],
                alpha=0.9 if share.direction else 0.4, zorder=2))
    for name, (across, along) in places.items():
        ax.text(across, along, filled(plain(column(name, lang), 40), 15 if lang == "en" else 20),
                ha="center", va="center", fontsize=11.5, color=BLACK, zorder=3,
                bbox={"boxstyle": "round,pad=0.35", "fc": "white", "ec": GREY})
    ax.set_xlim(-0.9, 6.9)
    ax.set_ylim(-1.6 if others else -0.8, 5.7)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(visible=False)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.set_title("\n".join((text("cause map", lang), text("cause map key", lang))), fontsize=12)


def _titled(lang: str, *keys: str) -> str:
    """Return the texts of a narrow picture's title, one below the other."""
    return "\n".join(filled(text(key, lang), 34 if lang == "en" else 32) for key in keys)


def _pairs(ax: Axes, found: Any, pairs: Any, lang: str) -> None:
    """Draw the strongest interactions: the joint effect of two loops beyond their separate effects."""
    titles = {part.name: found.titled(place) for place, part in enumerate(found.parts)}
    for row, pair in enumerate(pairs.to_dict("records")):
        ax.barh(row, pair["together"], color=GREY, height=0.6, alpha=1.0 if pair["believed"] else 0.35)
        if math.isfinite(pair["low"]):
            ax.plot([pair["low"], pair["high"]], [row, row], color=BLACK, lw=1.6)
    ax.axvline(0, color=BLACK, lw=0.9)
    ax.set_yticks(range(len(pairs)), [
        filled(plain(f"{titles[pair['loop']]} × {titles[pair['other']]}", 90), 26)
        for pair in pairs.to_dict("records")], fontsize=11.5)
    ax.set_ylim(len(pairs) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    unit = axis_unit(found.of.unit)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    number_axis(ax, "points" if unit == "share" else unit, lang, axis="x")
    ax.set_title(_titled(lang, "loop pairs", "loop pairs key"), fontsize=12)
    own_font(ax)


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
        f"({signs[place]}) " + filled(plain(found.titled(place), 60), 22 if lang == "en" else 24)
        for place in order])
    ax.set_ylim(len(order) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    unit = axis_unit(found.of.unit)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    number_axis(ax, "points" if unit == "share" else unit, lang, axis="x")
    ax.set_title(_titled(lang, "loop shares", "loop shares key"), fontsize=12)
    own_font(ax)

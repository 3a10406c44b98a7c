"""The map of causes: the columns that act on each other, loop by loop, with the strength of each loop."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import FancyArrowPatch
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from sim.kernel import np
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

if TYPE_CHECKING:
    from sim.kernel.plain import Data, SomeData
    from sim.studies.loops import Loops

__all__ = ["cause_map"]

SHOWN_PAIRS = 4
"""Number of interactions that are drawn."""
ROUNDING = 1e-9
THINNEST, THICKEST = 1.0, 5.0
"""Widths in points of the arrows of the weakest and of the strongest loop."""

PLACES = {
    "joins": (0.5, 5.0), "resellers_active": (2.6, 5.2), "exits": (4.9, 5.0),
    "upline_payments": (1.75, 3.95), "sell_in": (0.1, 3.3),
    "inventory_channel": (3.9, 3.85), "dumped": (4.5, 2.45), "price_street_mean": (6.1, 3.4),
    "purchases_seller": (0.2, 1.9), "trust_mean": (2.4, 2.75), "muted_share": (2.2, 1.2),
    "new_customers": (4.0, 1.3), "awareness": (3.0, 0.0), "purchases_word_of_mouth": (5.0, 0.0),
    "communities": (5.9, 1.0), "members": (6.1, 2.2),
    "quality_true": (-0.1, 1.0), "satisfaction_mean": (0.5, -0.4), "knowledge": (1.9, 0.15),
}
"""Positions of columns: sellers on top, goods and prices right, minds left, customers and the product
below. All others form a row at the bottom."""


def cause_map(found: Loops, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw which column acts on which in each loop, and the share of each loop beside it.

    Each arrow bears the letter of its loop, and its width shows the loop's share; it is pale where the
    interval includes zero. On Axes given by the caller, only the map is drawn.
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
        order = _order(found)
        letters = [ascii_uppercase[order.index(place) % 26] for place in range(len(found.parts))]
        if beside is not None:
            _shares(beside, found, colours, letters, spoken)
        _map(ax, found, colours, letters, spoken)
    return ax


def _map(ax: Axes, found: Loops, colours: list[str], letters: Sequence[str], lang: str) -> None:
    names = list(dict.fromkeys(name for loop in found.loops for name in loop.path))
    others = [name for name in names if name not in PLACES]
    places = {name: PLACES.get(name) or (1.2 * others.index(name), -1.2) for name in names}
    boxes = {name: ax.text(
        *places[name], filled(plain(column(name, lang), 40), 15 if lang == "en" else 20),
        ha="center", va="center", fontsize=11.5, color=BLACK, zorder=1.8,
        bbox={"boxstyle": "round,pad=0.35", "fc": "white", "ec": GREY}) for name in names}
    ax.set_xlim(-0.9, 6.9)
    ax.set_ylim(-1.6 if others else -0.8, 6.0)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(visible=False)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.set_title("\n".join((text("cause map", lang), text("cause map key", lang))), fontsize=12)
    _arrows(ax, found, boxes, colours, letters)


def _arrows(
    ax: Axes, found: Loops, boxes: Mapping[str, Text], colours: list[str], letters: Sequence[str]
) -> None:
    """Draw the arrows of all loops from box to box, each with the letter of its loop."""
    figure: Any = ax.get_figure(root=True)
    figure.draw_without_rendering()  # the layout must be known
    frames: Data = {name: box.get_bbox_patch() for name, box in boxes.items()}
    room = _Room({name: frame.get_window_extent() for name, frame in frames.items()},
                 ax.get_window_extent(), figure.dpi / 72)
    largest = max((abs(found.game.share(place).mean) for place in range(len(found.parts))), default=0.0)
    for place, loop in enumerate(found.loops):
        share = found.game.share(place)
        size = abs(share.mean) / largest if largest else 0.0
        colour = colours[place] if share.direction else _pale(colours[place])
        width = THINNEST + (THICKEST - THINNEST) * size
        for source, target in zip(loop.path, (*loop.path[1:], loop.path[0]), strict=True):
            bend, middle = room.bent(source, target)
            arrow = FancyArrowPatch(
                boxes[source].get_position(), boxes[target].get_position(), arrowstyle="-|>",
                mutation_scale=13 + 5 * size, connectionstyle=f"arc3,rad={bend}",
                patchA=frames[source], patchB=frames[target],
                shrinkA=1, shrinkB=1 + width, lw=width, color=colour, joinstyle="miter",
                capstyle="butt", zorder=2)
            arrow.set_in_layout(False)
            ax.add_patch(arrow)
            across, along = ax.transData.inverted().transform(middle)
            ax.text(across, along, letters[place], ha="center", va="center", fontsize=10, color=BLACK,
                    zorder=3, in_layout=False,
                    bbox={"boxstyle": "circle,pad=0.15", "fc": "white", "ec": colour, "lw": 1.4})


def _pale(colour: str) -> tuple[float, ...]:
    """Return a colour mixed with white, which hides no line's overlap as transparency does."""
    return tuple(1 - 0.45 * (1 - part) for part in to_rgb(colour))


class _Room:
    """The room between boxes, in which arrows are bent so that they cross as little as possible.

    Parameters
    ----------
    boxes
        The place of each box on the canvas, in dots.
    map_
        The place of the whole map.
    dots
        Dots per point.
    """

    BENDS = tuple(sign * bend for bend in (0.1, 0.2, 0.32, 0.45, 0.6) for sign in (1, -1))
    NEAR = 13.0
    """Points between two letters, or between a letter and a box, below which they are too near."""

    def __init__(self, boxes: SomeData, map_: Any, dots: float) -> None:
        self._boxes, self._map, self._near = boxes, map_, self.NEAR * dots
        self._letters: list[np.ndarray] = []
        self._lines: list[np.ndarray] = []

    def bent(self, source: str, target: str) -> tuple[float, np.ndarray]:
        """Return the bend of the next arrow, and the place of its letter on the canvas."""
        start, end = (np.array([(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2])
                      for box in (self._boxes[source], self._boxes[target]))
        tried = [(self._cost(line, source, target) + abs(bend), bend, line)
                 for bend in self.BENDS if len(line := self._seen(start, end, bend, source, target))]
        if not tried:  # boxes that touch
            return self.BENDS[0], (start + end) / 2
        _, bend, line = min(tried, key=lambda one: one[0])
        middle = line[len(line) // 2]
        self._lines.append(line)
        self._letters.append(middle)
        return bend, middle

    def _seen(self, start: np.ndarray, end: np.ndarray, bend: float, source: str, target: str) -> np.ndarray:
        """Return points along an arrow (matplotlib's arc3) outside the boxes that it connects."""
        across = end - start
        bow = (start + end) / 2 + bend * np.array([across[1], -across[0]])
        at = np.linspace(0, 1, 61)[:, None]
        line = (1 - at) ** 2 * start + 2 * at * (1 - at) * bow + at**2 * end
        own = self._within(line, source) | self._within(line, target)
        return np.asarray(line[~own])

    def _within(self, line: np.ndarray, name: str, margin: float = 0.0) -> np.ndarray:
        return _inside(self._boxes[name], line, margin)

    def _cost(self, line: np.ndarray, source: str, target: str) -> float:
        others = [name for name in self._boxes if name not in (source, target)]
        hidden = sum(self._within(line, name, self._near / 3).sum() for name in others)
        middle = line[len(line) // 2][None]
        crowded = sum(np.linalg.norm(letter - middle[0]) < 2 * self._near for letter in self._letters)
        boxed = sum(self._within(middle, name, self._near / 1.5).any() for name in self._boxes)
        touched = sum((np.linalg.norm(line[:, None] - other[None], axis=2) < self._near / 2).any(axis=1).sum()
                      for other in self._lines)
        outside = (~_inside(self._map, line, -self._near / 2)).sum()
        return float(outside + hidden + 2.0 * crowded + boxed + 0.15 * touched)


def _inside(box: Any, line: np.ndarray, margin: float) -> np.ndarray:
    """Return which points lie in a box, or within a margin around it."""
    return np.asarray((line[:, 0] > box.x0 - margin) & (line[:, 0] < box.x1 + margin)
                      & (line[:, 1] > box.y0 - margin) & (line[:, 1] < box.y1 + margin))


def _titled(lang: str, *keys: str) -> str:
    """Return the texts of a narrow picture's title, one below the other."""
    return "\n".join(filled(text(key, lang), 34 if lang == "en" else 30) for key in keys)


def _pairs(ax: Axes, found: Loops, pairs: Any, lang: str) -> None:
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


def _order(found: Loops) -> list[int]:
    """Return the places of the loops, that with the largest share first."""
    return sorted(range(len(found.parts)), key=lambda place: -abs(found.game.share(place).mean))


def _shares(ax: Axes, found: Loops, colours: list[str], letters: Sequence[str], lang: str) -> None:
    shares = [found.game.share(place) for place in range(len(found.parts))]
    order = _order(found)
    for row, place in enumerate(order):
        share = shares[place]
        ax.barh(row, share.mean, color=colours[place], height=0.6,
                alpha=1.0 if share.direction else 0.35)
        if math.isfinite(share.low):
            ax.plot([share.low, share.high], [row, row], color=BLACK, lw=1.6)
    ax.axvline(0, color=BLACK, lw=0.9)
    signs = ["+" if loop.grows else "−" for loop in found.loops]
    ax.set_yticks(range(len(order)), [
        f"{letters[place]} ({signs[place]}) "
        + filled(plain(found.titled(place), 60), 22 if lang == "en" else 24)
        for place in order])
    ax.set_ylim(len(order) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    unit = axis_unit(found.of.unit)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    number_axis(ax, "points" if unit == "share" else unit, lang, axis="x")
    ax.set_title(_titled(lang, "loop shares", "loop shares key"), fontsize=12)
    own_font(ax)

"""Where the goods and the money went: Sankey diagrams that balance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from sim.views.curves import note
from sim.views.messages import about
from sim.views.panels import panel, seeds_note
from sim.views.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    nothing,
    own_font,
)
from sim.views.texts import large, text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Flow", "goods", "goods_flow", "money", "money_flow"]


@dataclass(frozen=True)
class Flow:
    """One band: source and target (keys of the texts), amount and colour."""

    source: str
    target: str
    amount: float
    colour: str


def goods(weekly: pd.DataFrame) -> list[Flow]:
    """Return where the units shipped by the brand are at the end, as means over the runs."""
    runs = weekly["seed"].nunique()
    total = weekly.sum(numeric_only=True) / runs
    last = weekly[weekly["week"] == weekly["week"].max()].mean(numeric_only=True)
    direct = float(total.get("direct_sales", 0.0))
    leavers = float(last.get("inventory_leavers", 0.0))
    return [flow for flow in (
        Flow("flow direct", "flow bought", direct, GREEN),
        Flow("flow channel", "flow bought", float(total["sell_through"]) - direct, GREEN),
        Flow("flow channel", "flow stock", float(last["inventory_channel"]) - leavers, ORANGE),
        Flow("flow channel", "flow stuck", leavers, VERMILLION),
        Flow("flow channel", "flow dumped", float(total["dumped"]), PURPLE),
        Flow("flow channel", "flow back", float(total["bought_back"]), SKY),
        Flow("flow channel", "flow rest", float(
            total["self_consumed"] + total["written_off"] + last["inventory_transit"]), GREY),
    ) if flow.amount > 0]


def money(weekly: pd.DataFrame, resellers: pd.DataFrame) -> list[Flow]:
    """Return who paid money in and where it ended up, in fen, as means over the runs.

    Money that the brand and the resellers did not keep went to manufacturers, carriers, media and others.
    """
    runs = weekly["seed"].nunique()
    paid = float((weekly["revenue_retail"] + weekly["revenue_dumped"]).sum()) / runs
    brand = float(weekly["profit_brand"].sum()) / runs
    profit: list[float] = list(resellers["profit"].astype(float)) if len(resellers) else []
    lost = float(-sum(value for value in profit if value < 0)) / runs
    gained = float(sum(value for value in profit if value > 0)) / runs
    into = paid + lost + max(0.0, -brand)
    costs = into - max(0.0, brand) - gained
    return [flow for flow in (
        Flow("flow consumers", "pot", paid, GREEN),
        Flow("flow losers", "pot", lost, VERMILLION),
        Flow("flow brand money", "pot", max(0.0, -brand), GREY),
        Flow("pot", "flow brand", max(0.0, brand), BLACK),
        Flow("pot", "flow winners", gained, BLUE),
        Flow("pot", "flow costs", costs, GREY),
        Flow("flow others", "pot", max(0.0, -costs), SKY),
    ) if flow.amount > 0]


def _spread(places: list[tuple[float, float]], gap: float) -> list[float]:
    """Return positions for labels that do not overlap: in the same order, at least `gap` apart."""
    wanted = [(low + high) / 2 for low, high in places]
    out: list[float] = []
    for middle in wanted:
        out.append(max(middle, out[-1] + gap) if out else middle)
    over = out[-1] - (1.0 - gap / 2) if out else 0.0
    for place in range(len(out) - 1, -1, -1):
        if over <= 0:
            break
        out[place] -= over
        over = out[place - 1] + gap - out[place] if place else 0.0
    return out


def _columns(flows: Sequence[Flow]) -> list[list[str]]:
    """Return the nodes from left to right: sources only, both, targets only."""
    sources = dict.fromkeys(flow.source for flow in flows)
    targets = dict.fromkeys(flow.target for flow in flows)
    both = [name for name in sources if name in targets]
    return [
        [name for name in sources if name not in targets], both,
        [name for name in targets if name not in sources]]


def sankey(ax: Axes, flows: Sequence[Flow], unit: str, lang: str) -> None:
    """Draw flows between two or three columns of bars; the height of a bar is its total flow."""
    columns = [column for column in _columns(flows) if column]
    size = {name: max(sum(f.amount for f in flows if f.source == name),
                      sum(f.amount for f in flows if f.target == name))
            for column in columns for name in column}
    total = max(sum(size[name] for name in column) for column in columns)
    pad = 0.035
    scale = (1.0 - pad * max(len(column) - 1 for column in columns)) / total
    width, place, reached = 0.028, {}, {}
    for number, column in enumerate(columns):
        x, y = number / (len(columns) - 1) * (1.0 - width), 0.0
        for name in column:
            high = size[name] * scale
            place[name], reached[name] = (x, y, high), [y, y]
            ax.add_patch(Rectangle((x, y), width, high, color=_of(name, flows), lw=0))
            y += high + pad
    for flow in sorted(flows, key=lambda f: (list(place).index(f.source),
                                             list(place).index(f.target))):
        high = flow.amount * scale
        start, end = place[flow.source][0] + width, place[flow.target][0]
        low, up = reached[flow.source][0], reached[flow.target][1]
        reached[flow.source][0] += high
        reached[flow.target][1] += high
        half = (start + end) / 2
        ax.add_patch(PathPatch(Path(
            [(start, low), (half, low), (half, up), (end, up), (end, up + high),
             (half, up + high), (half, low + high), (start, low + high), (start, low)],
            [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3,
             Path.CLOSEPOLY]), facecolor=flow.colour, alpha=0.35, lw=0))
    for side, column in ((0, columns[0]), (-1, columns[-1])):
        whole = sum(size[name] for name in column)
        spans = [(place[name][1], place[name][1] + place[name][2]) for name in column]
        for name, y in zip(column, _spread(spans, 0.085), strict=True):
            share = about(size[name] / whole) if len(column) > 1 else ""
            said = large(size[name] / (100 if unit == "fen" else 1),
                         text("yuan" if unit == "fen" else unit, lang), lang)
            middle = place[name][1] + place[name][2] / 2
            if abs(middle - y) > 0.012:  # a line to a label that had to move
                edge = 0.0 if side == 0 else 1.0
                ax.plot([edge, edge + (0.012 if edge else -0.012)], [middle, y], color=GREY, lw=0.8,
                        clip_on=False)
            ax.text(-0.015 if side == 0 else 1.015, y,
                    f"{text(name, lang)}\n{said}" + (f"  ({share})" if share else ""),
                    ha="right" if side == 0 else "left", va="center", fontsize=11.5,
                    linespacing=1.25)
    ax.set(xlim=(-0.42, 1.5), ylim=(1.02, -0.02))
    ax.set_axis_off()
    own_font(ax)


def _of(name: str, flows: Sequence[Flow]) -> str:
    """Return the colour of a bar: that of its inflow, or dark when it has several."""
    if name == "pot":
        return GREY
    into = {flow.colour for flow in flows if flow.target == name}
    out = {flow.colour for flow in flows if flow.source == name}
    colours = into or out
    return next(iter(colours)) if len(colours) == 1 else BLACK


@panel("weekly", over_time=False)
def goods_flow(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw where the goods shipped by the brand went, and where they are at the end."""
    flows = goods(weekly)
    if not flows:
        nothing(ax, text("nothing left", lang))
        return
    sankey(ax, flows, "units", lang)
    note(ax, seeds_note(weekly, lang, stacked=True))


@panel("weekly", "resellers", over_time=False)
def money_flow(
    weekly: pd.DataFrame, resellers: pd.DataFrame, *, ax: Axes, lang: str
) -> None:
    """Draw who paid money in, and who had it at the end."""
    flows = money(weekly, resellers)
    if not any(flow.source != "pot" for flow in flows):
        nothing(ax, text("nothing", lang))
        return
    sankey(ax, flows, "fen", lang)
    note(ax, seeds_note(weekly, lang, stacked=True))

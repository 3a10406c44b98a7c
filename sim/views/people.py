"""Pictures of individuals: who earns, who loses, who recruited whom, who knows whom."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sim.runs.sentences import FEW
from sim.views.curves import LONG, note, tier_name
from sim.views.further_messages import about
from sim.views.panels import panel, room, seeds, seeds_note
from sim.views.style import (
    BLACK,
    GREEN,
    GREY,
    STAGES,
    VERMILLION,
    empty,
    number_axis,
    tier_colour,
)
from sim.views.texts import column, text

if TYPE_CHECKING:
    import pandas as pd

    from sim.life import Life

YOUNG = 26
"""Least number of weeks since joining for a person to be counted as a winner or loser."""
SHOWN = 400
"""Resellers on the picture of a sponsor tree; a larger tree is sampled, with all uplines of the sample."""


def gini(amounts: np.ndarray) -> float:
    """Return the Gini coefficient of non-negative amounts; NaN if all are zero."""
    ordered = np.sort(amounts.astype(float))
    total = ordered.sum()
    if total <= 0:
        return math.nan
    ranks = np.arange(1, ordered.size + 1)
    return float((2 * (ranks * ordered).sum() / (ordered.size * total))
                 - (ordered.size + 1) / ordered.size)


@panel("resellers", over_time=False)
def lorenz(resellers: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the Lorenz curve: which share of income goes to which share of resellers, poorest first.

    Own retail margin and payments from downlines are shown separately; losses count as zero.
    """
    ax.plot([0, 1], [0, 1], color=GREY, lw=1.2, ls=(0, (4, 3)), label=text("equality", lang))
    for name, label, colour, dashes in (
        ("own_retail_margin", "own_retail_margin", GREEN, "-"),
        ("upline_payments", "from downlines", VERMILLION, LONG),
    ):
        amounts = np.sort(np.clip(resellers[name].to_numpy(dtype=float), 0, None))
        total = amounts.sum()
        if total <= 0:
            continue
        people = np.arange(amounts.size + 1) / amounts.size
        income = np.concatenate([[0.0], np.cumsum(amounts)]) / total
        ax.plot(people, income, color=colour, ls=dashes, label=text(
            "gini", lang, what=text(label, lang), value=f"{gini(amounts):.2f}"))
    ax.set(xlim=(0, 1), ylim=(0, 1.01))
    number_axis(ax, "share", lang, axis="x", label=text("share of resellers", lang))
    number_axis(ax, "share", lang, label=text("share of income", lang))
    ax.legend(loc="upper left")
    if seeds(resellers) > 1:
        note(ax, seeds_note(resellers, lang, stacked=True))


@panel("resellers", "weekly", over_time=False)
def loss_by_cohort(
    resellers: pd.DataFrame, weekly: pd.DataFrame, *, ax: Axes, lang: str, quarter: int = 13
) -> None:
    """Draw, by quarter of joining, the share of resellers who have lost money at the end.

    Bars are hollow for those who joined less than half a year before the end, and for fewer than ten
    people.
    """
    table = resellers.assign(start=(resellers["joined_week"] // quarter) * quarter,
                             lost=resellers["profit"] < 0)
    grouped = table.groupby("start")["lost"].agg(["mean", "size"])
    places = np.arange(len(grouped))
    last = int(weekly["week"].max())
    unsure = (last - grouped.index < YOUNG) | (grouped["size"] < FEW)
    bars = ax.bar(places, grouped["mean"], color=VERMILLION, width=0.7, edgecolor=VERMILLION, lw=1.2)
    for bar, hollow in zip(bars, unsure, strict=True):
        bar.set_fill(not hollow)
    for place, (share, size) in enumerate(
            zip(grouped["mean"], grouped["size"] / seeds(resellers), strict=True)):
        ax.annotate(f"{size:,.0f}" if size >= 1 else "<1", (place, share), xytext=(0, 4),
                    textcoords="offset points", ha="center", fontsize=11)
    every = max(1, math.ceil(len(grouped) / max(3, int(room(ax) / 58))))
    ax.set_xticks(places[::every], [
        f"{start}–{min(start + quarter - 1, last)}" if start < last else f"{start}"
        for start in grouped.index[::every]], rotation=0)
    ax.set_ylim(0, 1.1)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1.0])
    ax.grid(axis="x", visible=False)
    number_axis(ax, "share", lang, label=text("in loss", lang))
    ax.set_xlabel(f"{text('joined in weeks', lang)}\n{text('bars', lang)}"
                  + (f"\n{text('hollow', lang)}" if unsure.any() else "") + _shares_of_all(resellers, lang))


def _shares_of_all(resellers: pd.DataFrame, lang: str) -> str:
    """Return a line that says of what shares are, where titles give medians of runs."""
    n = seeds(resellers)
    return f"\n{text('shares of all', lang, n=n)}" if n > 1 else ""


@panel("resellers", over_time=False)
def profit_by_tier(
    resellers: pd.DataFrame, *, ax: Axes, lang: str, names: Sequence[str] = ()
) -> None:
    """Draw the spread of profit and loss in each tier: median, middle half, middle nine tenths."""
    rungs = sorted(resellers["tier"].unique())
    for place, tier in enumerate(rungs):
        profit = resellers.loc[resellers["tier"] == tier, "profit"].to_numpy(dtype=float)
        low, q1, median, q3, high = np.quantile(profit, [0.05, 0.25, 0.5, 0.75, 0.95])
        colour = tier_colour(int(tier))
        ax.plot([low, high], [place, place], color=colour, lw=3, alpha=0.5,
                solid_capstyle="butt")
        ax.plot([q1, q3], [place, place], color=colour, lw=15, solid_capstyle="butt", alpha=0.75)
        ax.plot(median, place, "o", color="white", mec=BLACK, mew=1.6, ms=9, clip_on=False)
        share = float((profit < 0).mean())
        ax.annotate(f"{about(share)} {text('in loss', lang)}", (1.0, place),
                    xycoords=("axes fraction", "data"), xytext=(12, 0),
                    textcoords="offset points", va="center", fontsize=11)
    ax.axvline(0, color=BLACK, lw=0.9)
    ax.set_yticks(range(len(rungs)), [tier_name(names, int(tier), lang) for tier in rungs])
    ax.set_ylim(len(rungs) - 0.45, -0.55)
    ax.set_xscale("symlog", linthresh=100_000)
    largest = max(abs(value) for value in ax.get_xlim())
    ticks = [10.0**power for power in range(5, 14) if 10.0**power <= largest]
    ticks = ticks[:: max(1, math.ceil(len(ticks) / 3))]
    if ticks:
        ax.set_xticks([*(-tick for tick in reversed(ticks)), 0.0, *ticks])
    else:  # so small amounts are on the linear part
        ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.minorticks_off()
    ax.grid(axis="y", visible=False)
    number_axis(ax, "fen", lang, axis="x")
    ax.set_xlabel(f"{ax.get_xlabel()}\n{text('worth', lang)}{_shares_of_all(resellers, lang)}")


# -- who recruited whom --------------------------------------------------------------------------


def sample_tree(resellers: pd.DataFrame, most: int = SHOWN) -> pd.DataFrame:
    """Return about `most` resellers of the first seed at most, each with all its uplines.

    They are chosen evenly over the order of joining, so that the same table gives the same picture.
    """
    table = resellers[resellers["seed"] == resellers["seed"].iloc[0]] \
        if "seed" in resellers else resellers
    if len(table) <= most:
        return table
    people = table["person"].to_numpy()
    upline = {
        int(person): int(above) for person, above in
        zip(people, table["upline"].fillna(-1).astype("int64"), strict=True)
    }
    kept: set[int] = set()
    step = len(people) / most
    for place in range(most):
        if len(kept) >= most:
            break
        # Golden section steps spread the first picks evenly over the order of joining.
        person = int(people[int((place * 0.618033988749895 % 1.0) * len(people))]) \
            if step > 1 else int(people[place])
        while person != -1 and person not in kept:
            kept.add(person)
            person = upline.get(person, -1)
    return table[table["person"].isin(kept)]


def tree_places(people: Sequence[int], uplines: Sequence[int]) -> dict[int, tuple[float, float]]:
    """Return the place of each person in a radial tree around the brand (-1).

    Depth is the distance from the middle; a branch gets an angle in proportion to its leaves.
    """
    known = set(people)
    children: dict[int, list[int]] = {-1: []}
    for person, upline in zip(people, uplines, strict=True):
        children.setdefault(person, [])
        children.setdefault(upline if upline in known else -1, []).append(person)
    order, stack = [], [-1]
    while stack:
        node = stack.pop()
        order.append(node)
        stack.extend(children[node])
    leaves: dict[int, int] = {}
    for node in reversed(order):
        leaves[node] = sum(leaves[child] for child in children[node]) or 1
    places = {-1: (0.0, 0.0)}
    spans = {-1: (0.0, 2 * math.pi, 0)}
    for node in order:
        start, width, depth = spans[node]
        at = start
        for child in sorted(children[node], key=lambda who: (-leaves[who], who)):
            share = width * leaves[child] / leaves[node]
            spans[child] = (at, share, depth + 1)
            angle = at + share / 2
            places[child] = ((depth + 1) * math.cos(angle), (depth + 1) * math.sin(angle))
            at += share
    return places


@panel("resellers", over_time=False)
def tree(
    resellers: pd.DataFrame, *, ax: Axes, lang: str, names: Sequence[str] = (), most: int = SHOWN
) -> None:
    """Draw who recruited whom, around the brand; colours show tiers, and hollow dots those who left."""
    shown = sample_tree(resellers, most)
    people = [int(person) for person in shown["person"]]
    uplines = [int(upline) for upline in shown["upline"].fillna(-1).astype("int64")]
    places = tree_places(people, uplines)
    ax.add_collection(LineCollection(
        [(places[upline if upline in places else -1], places[person])
         for person, upline in zip(people, uplines, strict=True)],
        colors="#BBBBBB", linewidths=0.7, zorder=1))
    xy = np.array([places[person] for person in people])
    active = shown["left_week"].isna().to_numpy()
    size = 26 + 16 * np.sqrt(np.minimum(shown["recruits"].to_numpy(dtype=float), 60))
    if len(people) > 150:
        size *= 0.6
    tiers = shown["tier"].to_numpy()
    for tier in sorted(set(tiers)):
        colour = tier_colour(int(tier))
        for there in (False, True):
            chosen = (tiers == tier) & (active == there)
            ax.scatter(xy[chosen, 0], xy[chosen, 1], s=size[chosen], zorder=3,
                       facecolor=colour if there else "white", edgecolor=colour, linewidth=1.2)
    ax.scatter([0], [0], s=190, marker="*", color=BLACK, zorder=4)
    handles = [
        Line2D([], [], ls="", marker="*", ms=12, color=BLACK, label=text("brand", lang)),
        *(Line2D([], [], ls="", marker="o", ms=8, color=tier_colour(int(tier)),
                 label=tier_name(names, int(tier), lang)) for tier in sorted(set(tiers))),
        Line2D([], [], ls="", marker="o", ms=8, mfc="white", color=GREY, label=text("left", lang)),
    ]
    ax.legend(handles=handles, loc="center left", bbox_to_anchor=(1.0, 0.5))
    ax.set_aspect("equal")
    ax.set_axis_off()
    total = int((resellers["seed"] == resellers["seed"].iloc[0]).sum()) \
        if "seed" in resellers else len(resellers)
    if len(shown) < total:
        note(ax, text("shown of", lang, shown=f"{len(shown):,}", all=f"{total:,}"))


# -- who knows whom ------------------------------------------------------------------------------


def surroundings(model: Life, persons: int) -> list[int]:
    """Return about `persons` persons around the reseller with the most recruits, nearest first."""
    graph, resellers = model.world.graph, model.world.resellers
    start = int(resellers.person[int(np.argmax(resellers.recruits))]) if len(resellers) else 0
    seen, queue = {start: None}, [start]
    for person in queue:
        contacts = graph.circle(person)
        # Take only a few contacts of each person, so that the picture reaches beyond one circle.
        for contact in contacts[:: max(1, len(contacts) // 12)].tolist():
            if contact not in seen:
                seen[contact] = None
                queue.append(contact)
            if len(seen) >= persons:
                return list(seen)
    return list(seen)


@panel("model", over_time=False)
def network(
    model: Life, *, ax: Axes, lang: str, names: Sequence[str] = (), persons: int = 140
) -> None:
    """Draw a part of the social network of a running model: stages as dots, resellers as squares.
    """
    import networkx

    world = model.world
    people = surroundings(model, persons)
    if len(people) < 2:
        empty(ax, lang)
        return
    inside = set(people)
    graph = networkx.Graph()
    graph.add_nodes_from(people)
    for person in people:
        graph.add_edges_from(
            (person, other) for other in world.graph.circle(person).tolist() if other in inside)
    places = networkx.spring_layout(graph, seed=1, k=2.2 / math.sqrt(len(people)), iterations=60)
    ax.add_collection(LineCollection(
        [(places[a], places[b]) for a, b in graph.edges], colors="#CFCFCF", linewidths=0.5,
        zorder=1))
    stage_names = list(STAGES)
    xy = np.array([places[person] for person in people])
    stage = world.persons.stage[people]
    row = world.persons.reseller[people]
    sells = np.array([r >= 0 and bool(world.resellers.active[r]) for r in row])
    handles = []
    for place, name in enumerate(stage_names):
        chosen = (stage == place) & ~sells
        if chosen.any():
            ax.scatter(xy[chosen, 0], xy[chosen, 1], s=42, color=STAGES[name], zorder=2,
                       edgecolor="white", linewidth=0.6)
            handles.append(Line2D([], [], ls="", marker="o", ms=8, color=STAGES[name],
                                  label=column(name, lang)))
    for tier in sorted({int(world.resellers.tier[r]) for r in row[sells]}):
        chosen = np.array([
            bool(s) and int(world.resellers.tier[r]) == tier
            for s, r in zip(sells, row, strict=True)])
        ax.scatter(xy[chosen, 0], xy[chosen, 1], s=95, marker="s", color=tier_colour(tier),
                   zorder=3, edgecolor=BLACK, linewidth=0.9)
        handles.append(Line2D([], [], ls="", marker="s", ms=8, color=tier_colour(tier), mec=BLACK,
                              label=tier_name(names, tier, lang)))
    ax.legend(handles=handles, loc="center left", bbox_to_anchor=(1.0, 0.5))
    ax.set_aspect("equal")
    ax.set_axis_off()

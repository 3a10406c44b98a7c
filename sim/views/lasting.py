"""Survival of resellers, fan charts over many runs, and the losses of the legacy channel."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from sim.views.comparing import unit_of
from sim.views.curves import PAPER
from sim.views.panels import below, end_labels, panel, seeds_note
from sim.views.style import (
    AMBER,
    BLACK,
    BLUE,
    DASHES,
    SKY,
    SLATE,
    nothing,
    number_axis,
    percent,
    plain,
    scenario_colours,
)
from sim.views.texts import column, text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["cannibalisation", "fan", "kaplan_meier", "still_selling"]


def kaplan_meier(
    durations: np.ndarray, left: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return weeks, the surviving share, the ends of its 95 % interval, and the number at risk.

    The product-limit estimate with Greenwood's variance on the log-log scale, so that the interval
    stays between 0 and 1. Those who have not left are censored at the end of the run.
    """
    last = int(durations.max(initial=0))
    weeks = np.arange(last + 1)
    at_risk = np.array([(durations >= week).sum() for week in weeks])
    events = np.bincount(durations[left], minlength=last + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.cumprod(1.0 - events / np.maximum(at_risk, 1))
        greenwood = np.cumsum(events / (at_risk * (at_risk - events)))
        spread = 1.96 * np.sqrt(greenwood) / np.abs(np.log(share))
        low, high = share ** np.exp(spread), share ** np.exp(-spread)
    known = (share > 0) & (share < 1) & np.isfinite(spread)
    return weeks, share, np.where(known, low, share), np.where(known, high, share), at_risk


def half_life(weeks: np.ndarray, share: np.ndarray) -> int | None:
    """Return the first week in which no more than half remain; None when more than half always do."""
    crossed = np.flatnonzero(share <= 0.5 + 1e-9)
    return int(weeks[crossed[0]]) if crossed.size else None


def _say_half(ax: Axes, crossed: int | None, longest: int, lang: str) -> None:
    """Label where the falling curve crosses one half: above it if early, below it if late."""
    if crossed is None:
        ax.annotate(text("half stays", lang, n=longest), (0.0, 0.0), xycoords="axes fraction",
                    xytext=(8, 8), textcoords="offset points", fontsize=12)
        return
    early = crossed < 0.5 * longest
    ax.annotate(
        text("half left", lang, n=crossed), (float(crossed), 0.5),
        xytext=(9, 7) if early else (-9, -7), textcoords="offset points",
        ha="left" if early else "right", va="bottom" if early else "top", fontsize=12,
        bbox=PAPER)


@panel("resellers", "weekly", over_time=False)
def still_selling(
    resellers: pd.DataFrame, weekly: pd.DataFrame, *, ax: Axes, lang: str,
    regimes: Mapping[str, str] | None = None,
) -> None:
    """Draw the share of resellers who still sell by weeks since joining, with its interval."""
    if "scenario" not in resellers:
        resellers = resellers.assign(scenario="")
        weekly = weekly.assign(scenario="")
    names = [str(name) for name in weekly["scenario"].unique()
             if (resellers["scenario"] == name).any()]
    colours = scenario_colours(names, [(regimes or {}).get(name) for name in names])
    if not names:
        nothing(ax, text("nobody joined", lang))
        return
    ends: list[tuple[float, str, str]] = []
    rows: list[tuple[str, np.ndarray]] = []
    halves: dict[str, tuple[int | None, str]] = {}
    longest = 0
    for place, name in enumerate(names):
        table = resellers[resellers["scenario"] == name]
        end = int(weekly.loc[weekly["scenario"] == name, "week"].max())
        gone = table["left_week"].notna().to_numpy()
        until = table["left_week"].fillna(end).to_numpy(dtype=np.int64)
        joined = table["joined_week"].to_numpy(dtype=np.int64).clip(min=1)
        weeks, share, low, high, at_risk = kaplan_meier((until - joined).clip(min=0), gone)
        # With fewer than ten at risk the curve is too uncertain to show.
        enough = max(1, int((at_risk >= 10).sum()))
        colour = colours[name] if len(names) > 1 else BLUE
        # The curve is extended by a week, so that a step in the last one can be seen.
        shown = np.minimum(np.arange(enough + 1), enough - 1)
        ax.fill_between(np.arange(enough + 1), low[shown], high[shown], step="post", color=colour,
                        alpha=0.2, lw=0)
        ax.step(np.arange(enough + 1), share[shown], where="post", color=colour,
                ls=DASHES[place % len(DASHES)] if len(names) > 1 else "-")
        label = plain(name, 24) if len(names) > 1 else ""
        ends.append((float(share[enough - 1]), f"{label} {percent(round(share[enough - 1], 2))}".strip(),
                     colour))
        halves[name] = (half_life(weeks[:enough], share[:enough]), colour)
        rows.append((colour, at_risk))
        longest = max(longest, enough - 1)
    ax.axhline(0.5, color="#767676", lw=1, ls=(0, (1, 2)))
    ax.set_ylim(0, 1.03)
    ax.set_xlim(0, longest + 1)
    step = next((s for s in (4, 13, 26, 52) if longest / s <= 8), 104)
    ticks = list(range(0, longest + 1, step))
    ax.set_xticks(ticks, [
        "\n".join([f"{tick}", *(f"{risk[tick]:,}" if tick < len(risk) else "" for _, risk in rows)])
        for tick in ticks])
    for crossed, colour in halves.values():
        if crossed is not None:
            ax.plot(crossed, 0.5, "o", mfc="white", mec=colour, mew=1.8, ms=7, zorder=4, clip_on=False)
    if len(names) == 1:
        _say_half(ax, halves[names[0]][0], longest, lang)
    number_axis(ax, "share", lang)
    ax.set_xlabel(f"{text('weeks since joining', lang)} · {text('at risk', lang)}")
    end_labels(ax, ends)


@panel("weekly")
def fan(
    weekly: pd.DataFrame, *, ax: Axes, lang: str, of: str = "sell_through", data: Any = None
) -> None:
    """Draw one column as a fan over many runs: median, middle half, middle nine tenths; `data` as
    dots (a table with the columns week and value)."""
    values = weekly[of].astype("float64")
    n = int(weekly["seed"].nunique())
    bands = values.groupby(weekly["week"].to_numpy()).quantile(
        np.array([0.05, 0.25, 0.5, 0.75, 0.95])).unstack()
    if n >= 10:
        ax.fill_between(bands.index, bands[0.05], bands[0.95], color=SKY, alpha=0.35, lw=0,
                        label=text("fan outer", lang))
        ax.fill_between(bands.index, bands[0.25], bands[0.75], color=BLUE, alpha=0.35, lw=0,
                        label=text("fan inner", lang))
    else:
        for _, rows in weekly.groupby("seed"):
            ax.plot(rows["week"], rows[of].astype("float64"), color=SKY, lw=0.8)
    ax.plot(bands.index, bands[0.5], color=BLUE, label=text("median", lang))
    if data is not None:
        ax.plot(data["week"], data["value"], "o", color=BLACK, ms=4, label=text("data", lang))
    unit = unit_of(of)
    if unit == "share":
        ax.set_ylim(0, 1.03)
    elif math.isfinite(float(values.min())) and float(values.min()) >= 0:
        ax.set_ylim(bottom=0)
    number_axis(ax, unit, lang)
    ax.set_title(column(of, lang))
    if n >= 10 or data is not None:
        ax.legend(loc="upper left")


@panel("weekly")
def cannibalisation(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the sales left to the legacy channel, and what its customers bought elsewhere."""
    if not weekly[["purchases_legacy", "cannibalised"]].to_numpy(dtype=float).any():
        nothing(ax, text("no legacy channel", lang))
        return
    means = weekly.groupby("week")[["purchases_legacy", "cannibalised"]].mean().rolling(
        4, min_periods=1).mean()
    ax.stackplot(means.index, means.T.to_numpy(dtype=float), colors=[SLATE, AMBER],
                 labels=[column(str(name), lang) for name in means], linewidth=0.8, edgecolor="white")
    number_axis(ax, "units a week", lang)
    ax.set_ylim(bottom=0)
    below(ax, 2, piled=True)
    note = seeds_note(weekly, lang, stacked=True)
    if note:
        ax.set_title(note, loc="right", fontsize=10.5, color="#595959")


@panel("cohorts", over_time=False)
def survival(cohorts: pd.DataFrame, *, ax: Axes, lang: str, quarter: int = 13) -> None:
    """Draw the share of each quarter's joiners who still sell, by weeks since joining."""
    table = cohorts.assign(
        age=cohorts["week"] - cohorts["cohort"], start=(cohorts["cohort"] // quarter) * quarter)
    last = int(table["week"].max())
    people = table.groupby("start")["joined"].max()
    starts = [start for start in sorted(people.index) if people[start] >= 3] or [people.index[0]]
    shown = [start for start in starts if last - start >= quarter][:8] or starts[:1]
    import matplotlib as mpl

    shades = mpl.colormaps["viridis"]
    for place, start in enumerate(shown):
        rows = table[table["start"] == start]
        # Only ages that every joiner of the quarter can have reached.
        rows = rows[rows["age"] <= last - int(rows["cohort"].max())]
        sums = rows.groupby("age")[["active", "joined"]].sum()
        label = text("weeks a-b", lang, a=int(start), b=int(start) + quarter - 1)
        ax.plot(sums.index, sums["active"] / sums["joined"], label=label,
                color=shades(0.92 * place / max(1, len(shown) - 1)))
    ax.set_ylim(0, 1.03)
    number_axis(ax, "share", lang)
    ax.set_xlabel(text("weeks since joining", lang))
    ax.legend(title=text("joined in", lang),
              loc="center left", bbox_to_anchor=(1.0, 0.5), title_fontsize=11.5)

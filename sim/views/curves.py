"""Curves over the weeks: goods, resellers, prices, money, minds, stages, learning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from sim.kernel import np
from sim.runs.figures import median, wholesale_paid
from sim.views.panels import (
    below,
    cumulative,
    line,
    mean_by_week,
    panel,
    quantiles,
    seeds_note,
    smooth,
)
from sim.views.style import (
    AMBER,
    BLACK,
    BLUE,
    DEEP_GREEN,
    GREEN,
    GREY,
    ORANGE,
    PALE_SKY,
    PLACES,
    PURPLE,
    SKY,
    STAGES,
    VERMILLION,
    empty,
    nothing,
    number_axis,
    percent,
    plain,
    tier_colour,
)
from sim.views.texts import column, text

if TYPE_CHECKING:
    import pandas as pd


def note(ax: Axes, words: str) -> None:
    """Write a small remark at the right end of the title line."""
    if words:
        ax.set_title(words, loc="right", fontsize=10.5, color="#777777")


def stacked(
    ax: Axes, means: pd.DataFrame, labels: Sequence[str], colours: Sequence[str], lang: str
) -> None:
    """Draw stacked areas, leaving out those that are always zero."""
    if not means.to_numpy(dtype=float).any():
        empty(ax, lang)
        return
    there = [place for place in range(means.shape[1]) if means.iloc[:, place].any()]
    ax.stackplot(
        means.index, means.iloc[:, there].T.to_numpy(dtype=float),
        labels=[labels[place] for place in there], colors=[colours[place] for place in there],
        linewidth=0.8, edgecolor="white")


PAPER = {"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.75}
"""White background of words that a curve may cross."""
LONG, SHORT, MIXED = (0, (5, 2)), (0, (1.5, 1.5)), (0, (7, 2, 1.5, 2))
"""Dashes that distinguish lines in print without colours."""


def tier_name(names: Sequence[str], tier: int, lang: str) -> str:
    """Return the name of a tier in a scenario."""
    return plain(names[tier], 20) if tier < len(names) else text("tier n", lang, n=tier + 1)


# -- goods ---------------------------------------------------------------------------------------


@panel("weekly")
def inventory(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw where the units are: factory, on the way, resellers, leavers, homes."""
    table = weekly.copy()
    if "inventory_leavers" in table:
        table["inventory_active"] = table["inventory_channel"] - table["inventory_leavers"]
        shown = ["inventory_homes", "inventory_active", "inventory_leavers", "inventory_transit",
                 "inventory_factory"]
    else:
        shown = ["inventory_homes", "inventory_channel", "inventory_transit", "inventory_factory"]
    means = mean_by_week(table, shown)
    stacked(ax, means, [column(name, lang) for name in shown], [PLACES[name] for name in shown],
            lang)
    number_axis(ax, "units", lang)
    below(ax, 5, piled=True)
    note(ax, seeds_note(weekly, lang, stacked=True))


@panel("tiers")
def inventory_by_tier(
    tiers: pd.DataFrame, *, ax: Axes, lang: str, names: Sequence[str] = ()
) -> None:
    """Draw the units held by active resellers, stacked by tier."""
    if not tiers["inventory"].any():
        nothing(ax, text("no stock", lang))
        return
    _by_tier(tiers, "inventory", "units", ax, lang, names)


@panel("tiers")
def churn(tiers: pd.DataFrame, *, ax: Axes, lang: str, names: Sequence[str] = ()) -> None:
    """Draw the active resellers, stacked by tier."""
    _by_tier(tiers, "resellers", "persons", ax, lang, names)


def _by_tier(
    tiers: pd.DataFrame, what: str, unit: str, ax: Axes, lang: str, names: Sequence[str]
) -> None:
    means = tiers.groupby(["week", "tier"])[what].mean().unstack(fill_value=0)
    stacked(ax, means, [tier_name(names, int(tier), lang) for tier in means.columns],
            [tier_colour(int(tier)) for tier in means.columns], lang)
    number_axis(ax, unit, lang)
    below(ax, 6, piled=True)
    note(ax, seeds_note(tiers, lang, stacked=True))


@panel("weekly")
def weeks_of_supply(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw how long the channel could sell from stock at the present rate."""
    if not weekly["weeks_of_supply"].fillna(0).any():
        nothing(ax, text("no stock", lang))
        return
    line(ax, weekly, weekly["weeks_of_supply"], column("weeks_of_supply", lang), ORANGE)
    finite = weekly["weeks_of_supply"].dropna()
    if len(finite) and finite.max() > 20 * max(1.0, finite.median()):
        ax.set_yscale("log")
    else:
        ax.set_ylim(bottom=0)
    number_axis(ax, "weeks", lang)
    note(ax, seeds_note(weekly, lang))


@panel("weekly")
def sell_through(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw what the brand ships into the channel against what consumers buy, gap shaded."""
    into, out = smooth(weekly, "sell_in"), smooth(weekly, "sell_through")
    _against(ax, weekly, into, out, lang)
    number_axis(ax, "units a week", lang)


def channel(weekly: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return the units that the channel has taken less returns, and those it has sold, so far."""
    into = cumulative(weekly, "sell_in") - cumulative(weekly, "bought_back")
    direct = cumulative(weekly, "direct_sales") if "direct_sales" in weekly else 0
    return into, cumulative(weekly, "sell_through") - direct


@panel("weekly")
def sell_through_cumulative(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw what the channel took (less what it gave back) and sold since the start."""
    into, out = channel(weekly)
    if not (into > 0).any():
        nothing(ax, text("no stock", lang))
        return
    _against(ax, weekly, into, out, lang)
    number_axis(ax, "units", lang)
    total = float(into.groupby(weekly["week"]).median().iloc[-1])
    if total > 0:
        rate = float((out / into)[weekly["week"] == weekly["week"].max()].median())
        ax.annotate(
            text("rate now", lang, rate=percent(round(rate, 2))),
            (1.0, rate * total), xycoords=("axes fraction", "data"), xytext=(6, 0),
            textcoords="offset points", ha="left", va="center", color=GREEN, fontsize=12,
            annotation_clip=False)


def _against(
    ax: Axes, weekly: pd.DataFrame, into: pd.Series, out: pd.Series, lang: str
) -> None:
    upper, lower = quantiles(weekly, into)[0.5], quantiles(weekly, out)[0.5]
    if (into > 0).any():
        ax.fill_between(
            upper.index, lower, upper, where=(upper >= lower).to_numpy(), color=VERMILLION,
            alpha=0.13, lw=0, interpolate=True, label=text("unsold", lang))
    line(ax, weekly, into, column("sell_in", lang), VERMILLION)
    line(ax, weekly, out, column("sell_through", lang), GREEN, dashes=LONG)
    ax.set_ylim(bottom=0)
    below(ax, 3)
    note(ax, seeds_note(weekly, lang))


@panel("weekly")
def sell_through_rate(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the share sold of the units that the channel took and did not return."""
    into, out = channel(weekly)
    if not (into > 0).any():
        nothing(ax, text("no stock", lang))
        return
    line(ax, weekly, out / into.where(into > 0), text("picture.sell_through_rate", lang), GREEN)
    ax.set_ylim(0, 1.05)
    number_axis(ax, "share", lang)
    note(ax, seeds_note(weekly, lang))


@panel("tiers")
def bullwhip(tiers: pd.DataFrame, *, ax: Axes, lang: str, names: Sequence[str] = ()) -> None:
    """Draw by how much each tier's orders vary more than the demand it sees."""
    # Smaller variances are rounding errors of sums.
    if not (tiers["bullwhip"] > 1e-6).any():
        stock = tiers.get("inventory")
        nothing(ax, text("no stock" if stock is not None and not stock.any() else "nothing", lang))
        return
    for tier, rows in tiers.groupby("tier"):
        shown = rows["bullwhip"].where(rows["bullwhip"] > 1e-6)
        if not shown.notna().any():
            continue
        line(ax, rows, shown, tier_name(names, int(str(tier)), lang), tier_colour(int(str(tier))))
    ax.axhline(1.0, color=BLACK, lw=1.2, ls=(0, (4, 3)))
    drawn = tiers["bullwhip"].where(tiers["bullwhip"] > 1e-6)
    if drawn.max() > 10 * min(1.0, drawn.min()):
        ax.set_yscale("log")
    else:
        ax.set_ylim(bottom=0)
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.annotate(text("one", lang), (0.995, 1.0), xycoords=("axes fraction", "data"),
                xytext=(0, 4), textcoords="offset points", ha="right", fontsize=11, bbox=PAPER)
    number_axis(ax, "ratio", lang)
    below(ax, 6)
    note(ax, seeds_note(tiers, lang))


# -- resellers -----------------------------------------------------------------------------------


@panel("weekly")
def joins_exits(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw who joins (up) and who leaves (down) each week."""
    _up_down(weekly, "joins", "exits", ax, lang)


@panel("weekly")
def customer_flows(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw first purchases (up) and lapsed customers (down) each week."""
    _up_down(weekly, "new_customers", "customers_lost", ax, lang)


def _up_down(weekly: pd.DataFrame, up: str, down: str, ax: Axes, lang: str) -> None:
    means = mean_by_week(weekly, [up, down])
    for values, colour, name in ((means[up], BLUE, up), (-means[down], AMBER, down)):
        ax.fill_between(means.index, 0, values, step="mid", color=colour, lw=0,
                        label=column(name, lang))
    ax.axhline(0, color=BLACK, lw=0.8)
    number_axis(ax, "persons a week", lang)
    formatter = ax.yaxis.get_major_formatter()
    ax.yaxis.set_major_formatter(lambda value, _: formatter(abs(value)))
    below(ax, 2)
    note(ax, seeds_note(weekly, lang, stacked=True))


# -- money ---------------------------------------------------------------------------------------


@panel("weekly")
def prices(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw list price, prices paid and asked, and what the lowest tier pays for its goods."""
    for name, colour, dashes in (
        ("price_list", BLACK, "-"), ("price_asked_mean", SKY, SHORT),
        ("price_street_mean", BLUE, "-"), ("price_street_min", VERMILLION, "-"),
        ("price_wholesale_low", ORANGE, "--"),
    ):
        if name not in weekly:
            continue
        values = weekly[name]
        if name == "price_wholesale_low":
            values = values.astype("float64").where(np.isfinite(wholesale_paid(weekly)))
        if values.notna().any():
            line(ax, weekly, values, column(name, lang), colour, dashes=dashes,
                 lw=1.3 if name == "price_street_min" else 2.2)
    ax.set_ylim(bottom=0)
    number_axis(ax, "fen", lang)
    below(ax, 3)
    note(ax, seeds_note(weekly, lang))


@panel("weekly")
def money(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw what brand and resellers have earned since the start."""
    for name, colour, dashes in (
        ("profit_brand", BLACK, "-"), ("upline_payments", VERMILLION, "-"),
        ("retail_margin_resellers", GREEN, LONG), ("profit_legacy", PURPLE, SHORT),
    ):
        if name in weekly and (name != "profit_legacy" or weekly[name].any()):
            line(ax, weekly, cumulative(weekly, name), column(name, lang), colour, dashes=dashes)
    ax.axhline(0, color=BLACK, lw=0.8)
    number_axis(ax, "fen", lang)
    below(ax, 3)
    note(ax, seeds_note(weekly, lang))


@panel("weekly")
def recruiting(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the share of resellers' revenue that recruiting brings, and who is in loss."""
    shares(weekly, (("recruiting_share", VERMILLION, "-"), ("loss_share", BLACK, "-")), ax, lang)


# -- minds ---------------------------------------------------------------------------------------


def shares(
    weekly: pd.DataFrame, shown: Sequence[tuple[str, str, Any]], ax: Axes, lang: str
) -> None:
    """Draw columns that are shares on one axis from 0 to 1."""
    for name, colour, dashes in shown:
        if name in weekly:
            line(ax, weekly, weekly[name], column(name, lang), colour, dashes=dashes)
    ax.set_ylim(0, 1.03)
    number_axis(ax, "share", lang)
    if len(shown) > 1:  # the title names a single line
        below(ax, 4)
    note(ax, seeds_note(weekly, lang))


@panel("weekly")
def minds(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw trust, satisfaction, awareness, and who mutes the sellers they know."""
    shares(weekly, (("trust_mean", BLUE, "-"), ("satisfaction_mean", GREEN, LONG),
                     ("awareness", GREY, SHORT), ("muted_share", VERMILLION, MIXED)), ax, lang)


@panel("weekly")
def quality(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw what people think of the product against what it is, the gap shaded."""
    seen = quantiles(weekly, weekly["quality_perceived"])[0.5]
    true = quantiles(weekly, weekly["quality_true"])[0.5]
    for where, colour, said in (
            (seen >= true, ORANGE, "over-estimated"), (seen < true, SKY, "under-estimated")):
        if where.any():
            ax.fill_between(seen.index, true, seen, where=where.to_numpy(), color=colour,
                            alpha=0.2, lw=0, interpolate=True, label=text(said, lang))
    line(ax, weekly, weekly["quality_perceived"], column("quality_perceived", lang), ORANGE)
    line(ax, weekly, weekly["quality_true"], column("quality_true", lang), BLACK)
    ax.set_ylim(0, 1.03)
    number_axis(ax, "share", lang)
    below(ax, 4)
    note(ax, seeds_note(weekly, lang))


# -- stages and learning -------------------------------------------------------------------------


@panel("weekly")
def stages(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the persons in each stage beyond stranger, geeks lowest."""
    shown = [name for name in reversed(STAGES) if name in weekly and name != "stage_stranger"]
    means = mean_by_week(weekly, shown)
    stacked(ax, means, [column(name, lang) for name in shown], [STAGES[name] for name in shown],
            lang)
    number_axis(ax, "persons", lang)
    below(ax, 4, piled=True)
    note(ax, seeds_note(weekly, lang, stacked=True))


@panel("weekly", over_time=False)
def funnel(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the persons in each stage at the end, and which share of a stage is a stage further."""
    shown = [name for name in STAGES if name in weekly]
    runs = weekly[weekly["week"] == weekly["week"].max()].groupby("seed")[shown].sum().astype(float)
    each = [list(runs[shown[place:]].sum(axis=1)) for place in range(len(shown))]
    reached = [median(numbers) for numbers in each]
    total = reached[0] if reached else 0.0
    for place, name in enumerate(shown):
        width = reached[place] / total if total else 0.0
        ax.barh(place, max(width, 0.002), color=STAGES[name], height=0.72, alpha=0.9)
        further = (
            f"   ↓ {percent(_significant(_share_further(each[place], each[place + 1])))}"
            if place + 1 < len(shown) and round(reached[place]) else "")
        inside = width > 0.6
        ax.annotate(
            f"{reached[place]:,.0f}{further}", (width, place), xytext=(-8 if inside else 8, 0),
            textcoords="offset points", ha="right" if inside else "left", va="center",
            color="white" if inside and name not in ("stage_stranger", "stage_customer") else BLACK)
    ax.set_yticks(range(len(shown)), [
        f"{'≥ ' if place else ''}{column(name, lang)}" for place, name in enumerate(shown)])
    ax.invert_yaxis()
    ax.set_xlim(0, 1.02)
    ax.grid(axis="y", visible=False)
    number_axis(ax, "share", lang, axis="x")
    note(ax, text("at week", lang, week=int(weekly["week"].max())))


def _share_further(here: list[float], further: list[float]) -> float:
    """Return the median over the runs of the share that is a stage further."""
    return median([more / all_here for more, all_here in zip(further, here, strict=True) if all_here])


def _significant(share: float) -> float:
    """Return a share rounded to two significant digits."""
    return float(f"{share:.2g}")


@panel("weekly")
def sources(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the units bought each week by where their buyers last heard of the product."""
    names = [str(name) for name in weekly if str(name).startswith("purchases_")]
    colours = dict(zip(
        ("purchases_word_of_mouth", "purchases_seller", "purchases_broadcast", "purchases_legacy"),
        (DEEP_GREEN, VERMILLION, PALE_SKY, "#ADADAD"), strict=True))
    shown = sorted(names, key=lambda name: (name not in colours, list(colours).index(name)
                                            if name in colours else 0))
    means = mean_by_week(weekly, shown).rolling(4, min_periods=1).mean()
    stacked(ax, means, [column(name, lang) for name in shown],
            [colours.get(name, PURPLE) for name in shown], lang)
    number_axis(ax, "units a week", lang)
    below(ax, 4, piled=True)
    note(ax, seeds_note(weekly, lang, stacked=True))

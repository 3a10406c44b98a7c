"""Curves of rules that few scenarios use: rivals, funding, traffic, diversion, circles, channels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from sim.views.curves import note, stacked
from sim.views.panels import below, cumulative, line, mean_by_week, panel, seeds_note, smooth
from sim.views.style import (
    BLUE,
    DASHES,
    DEEP_PURPLE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SERIES,
    VERMILLION,
    nothing,
    number_axis,
)
from sim.views.texts import column, text

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "channels", "circles", "conversion", "diverted", "equity", "fan_money", "followers", "funding",
    "orders_of_cells", "range_bored", "rival_prices", "rivals", "shown", "survey_answers", "traffic",
]

RIVALS = (ORANGE, DEEP_PURPLE, GREEN)
"""Colours of the rivals, in the order of entering."""
MONTH = 4
"""Weeks over which sales are summed, so that single weeks do not hide the trend."""


def _there(weekly: pd.DataFrame, ending: str) -> list[str]:
    """Return the columns of rivals that were ever in the market."""
    names = [f"rival_{number}_{ending}" for number in range(1, len(RIVALS) + 1)]
    return [name for name in names if name in weekly and (weekly[name] > 0).any()]


@panel("weekly")
def rivals(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the shares of the brand and its rivals in the units that consumers buy of them."""
    names = _there(weekly, "sales")
    if not names:
        nothing(ax, text("no such rule", lang))
        return
    table = weekly.assign(brand_sales=weekly["sell_through"] + weekly["dumped"])
    shown = ["brand_sales", *names]
    sold = mean_by_week(table, shown).rolling(MONTH, min_periods=1).sum()
    shares = sold.div(sold.sum(axis=1).where(lambda total: total > 0), axis=0).fillna(0.0)
    stacked(ax, shares, [column(name, lang) for name in shown], [BLUE, *RIVALS], lang)
    ax.set_ylim(0, 1)
    number_axis(ax, "share", lang)
    below(ax, 4, piled=True)
    note(ax, seeds_note(weekly, lang, stacked=True))


@panel("weekly")
def rival_prices(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the brand's list price, the price consumers pay for it, and the prices of its rivals."""
    names = _there(weekly, "price")
    if not names:
        nothing(ax, text("no such rule", lang))
        return
    line(ax, weekly, weekly["price_list"] / 100, column("price_list", lang), GREY, dashes=":")
    line(ax, weekly, weekly["price_street_mean"] / 100, column("price_street_mean", lang), BLUE)
    for name, colour, dashes in zip(names, RIVALS, DASHES[1:], strict=False):
        price = weekly[name].astype("float64").where(weekly[name] > 0) / 100
        line(ax, weekly, price, column(name, lang), colour, dashes=dashes)
    ax.set_ylim(bottom=0)
    number_axis(ax, "yuan", lang)
    below(ax, 3)
    note(ax, seeds_note(weekly, lang))


def _curves(
    weekly: pd.DataFrame, names: Sequence[str], unit: str, ax: Axes, lang: str, *,
    read: Callable[[str], pd.Series] | None = None, colours: Sequence[str] = SERIES,
) -> bool:
    """Draw these columns after applying `read`, fen as yuan; return whether the table has them."""
    if any(name not in weekly for name in names):
        nothing(ax, text("no such rule", lang))
        return False
    for name, colour, dashes in zip(names, colours, DASHES, strict=False):
        values = weekly[name] if read is None else read(name)
        line(ax, weekly, values / 100 if unit == "yuan" else values, column(name, lang), colour,
             dashes=dashes)
    number_axis(ax, unit, lang)
    below(ax, 2)
    note(ax, seeds_note(weekly, lang))
    return True


@panel("weekly")
def funding(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the brand's money, and the part of it that belongs to its fans."""
    if _curves(weekly, ["brand_cash", "fans_owed"], "yuan", ax, lang):
        ax.axhline(0, color=GREY, lw=1)


@panel("weekly")
def fan_money(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the money that fans have advanced, got back and lost so far."""
    _curves(weekly, ["fans_advanced", "fans_repaid", "fans_lost"], "yuan", ax, lang,
            read=lambda name: cumulative(weekly, name), colours=(BLUE, GREEN, VERMILLION))


@panel("weekly")
def traffic(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw what the brand pays for traffic each week, and what its followers save it."""
    _curves(weekly, ["traffic_bought", "traffic_saved"], "yuan", ax, lang,
            read=lambda name: smooth(weekly, name), colours=(VERMILLION, GREEN))


@panel("weekly")
def followers(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the stock of own traffic: the followers of the brand's own media."""
    if _curves(weekly, ["followers"], "persons", ax, lang):
        ax.set_ylim(bottom=0)


@panel("weekly")
def diverted(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the units diverted, next to those that resellers sell and leavers dump."""
    if _curves(weekly, ["sell_through", "diverted", "dumped"], "units a week", ax, lang,
               read=lambda name: smooth(weekly, name), colours=(GREEN, VERMILLION, ORANGE)):
        ax.set_ylim(bottom=0)


@panel("weekly")
def shown(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw by how much the income shown off exceeds the real one."""
    if _curves(weekly, ["performance_shown"], "ratio", ax, lang, colours=(PURPLE,)):
        ax.set_ylim(bottom=0)


FEW = 5
"""Least number of members for which the share of buyers is drawn."""
CIRCLES = ("die_hard", "spokesperson", "single_product_seller", "partner")


@panel("weekly")
def circles(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the persons in each of the four kinds of circle."""
    _curves(weekly, [f"circle_{circle}" for circle in CIRCLES], "persons", ax, lang)


@panel("weekly")
def conversion(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the share of each kind of circle that buys each week."""
    def share(name: str) -> pd.Series:
        members, bought = smooth(weekly, name), smooth(weekly, name.replace("circle_", "bought_"))
        return bought / members.where(members >= FEW)

    if _curves(weekly, [f"circle_{circle}" for circle in CIRCLES], "share", ax, lang, read=share):
        ax.set_ylim(bottom=0)


@panel("weekly")
def orders_of_cells(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the number of cells, and of those with an order of their own."""
    _curves(weekly, ["communities", "cells_sourced"], "cells", ax, lang, colours=(GREY, GREEN))


@panel("weekly")
def range_bored(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the customers who have bought the whole range since its last version."""
    _curves(weekly, ["bored"], "persons", ax, lang, colours=(PURPLE,))


@panel("weekly")
def survey_answers(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the share who confirm the brand's idea when asked, and the share it really fits."""
    names = ["survey_confirmed", "survey_true"]
    if any(name not in weekly for name in names):
        nothing(ax, text("no such rule", lang))
        return
    for name, colour, dashes in zip(names, (VERMILLION, GREEN), DASHES, strict=False):
        asked = weekly[weekly[name].notna()]
        line(ax, asked, asked[name], column(name, lang), colour, marker="o", dashes=dashes)
    ax.set_ylim(0, 1.03)
    number_axis(ax, "share", lang)
    below(ax, 2)
    note(ax, seeds_note(weekly, lang))


@panel("weekly")
def channels(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the sales of both channels, and what legacy customers bought elsewhere."""
    _curves(weekly, ["sell_through", "purchases_legacy", "cannibalised"], "units a week", ax, lang,
            read=lambda name: smooth(weekly, name), colours=(GREEN, GREY, VERMILLION))


@panel("weekly")
def equity(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the brand equity."""
    if _curves(weekly, ["brand_equity"], "share", ax, lang, colours=(BLUE,)):
        ax.set_ylim(bottom=0)

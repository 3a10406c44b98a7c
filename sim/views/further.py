"""Curves of rules that few markets have: rival brands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from sim.views.curves import note, stacked
from sim.views.panels import below, line, mean_by_week, panel, seeds_note
from sim.views.style import BLUE, GREEN, GREY, ORANGE, PURPLE, nothing, number_axis
from sim.views.texts import column, text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["rival_prices", "rivals"]

RIVALS = (ORANGE, PURPLE, GREEN)
"""Colours of the rivals, in the order of entering."""
MONTH = 4
"""Weeks over which sales are added up, so that single weeks do not hide the course."""


def _there(weekly: pd.DataFrame, ending: str) -> list[str]:
    """Return the columns of rivals that ever were in the market."""
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
    below(ax, 4)
    note(ax, seeds_note(weekly, lang, stacked=True))


@panel("weekly")
def rival_prices(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw what the brand lists, what consumers pay for it, and what its rivals ask."""
    names = _there(weekly, "price")
    if not names:
        nothing(ax, text("no such rule", lang))
        return
    line(ax, weekly, weekly["price_list"] / 100, column("price_list", lang), GREY, dashes=(0, (5, 2)))
    line(ax, weekly, weekly["price_street_mean"] / 100, column("price_street_mean", lang), BLUE)
    for name, colour in zip(names, RIVALS, strict=False):
        price = weekly[name].astype("float64").where(weekly[name] > 0) / 100
        line(ax, weekly, price, column(name, lang), colour)
    ax.set_ylim(bottom=0)
    number_axis(ax, "yuan", lang)
    below(ax, 3)
    note(ax, seeds_note(weekly, lang))

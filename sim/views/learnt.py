"""Curves of word of mouth, of the brand's knowledge of customers, and of how it uses that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from sim.views.curves import note, shares
from sim.views.panels import below, line, panel, quantiles, seeds_note
from sim.views.style import BLACK, DASHES, GREEN, PURPLE, SERIES, VERMILLION, empty, nothing, number_axis
from sim.views.texts import column, text

if TYPE_CHECKING:
    import pandas as pd


@panel("weekly")
def word_of_mouth(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw how many new customers each customer convinced."""
    if weekly.loc[weekly["wom_reproduction"].notna(), "week"].nunique() < 2:
        nothing(ax, text("two generations", lang))
        return
    line(ax, weekly, weekly["wom_reproduction"], column("wom_reproduction", lang), GREEN)
    ax.axhline(1.0, color=BLACK, lw=1.2, ls=(0, (4, 3)))
    ax.set_ylim(bottom=0)
    # Beside the unit, since within the picture it would cover curves or the numbers of events.
    number_axis(ax, "persons", lang, label=text("fission", lang))
    note(ax, seeds_note(weekly, lang))


@panel("weekly")
def learning(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the brand's knowledge of its customers as a share of what can be known."""
    shares(weekly, [("knowledge", BLACK, "-")], ax, lang)


@panel("weekly")
def data_stocks(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the stock of customer data on which the knowledge rests."""
    stocks = [str(name) for name in weekly if str(name).startswith("data_")]
    if not stocks or not weekly[stocks].to_numpy().any():
        empty(ax, lang)
        return
    for place, name in enumerate(stocks):
        # Only medians: the single runs of five curves would be a tangle.
        middle = quantiles(weekly, weekly[name])[0.5]
        ax.plot(middle.index, middle, color=SERIES[place % 6], ls=DASHES[place % len(DASHES)],
                label=column(name, lang))
    ax.set_ylim(bottom=0)
    number_axis(ax, "records", lang)
    below(ax, 3)
    note(ax, seeds_note(weekly, lang))


@panel("weekly")
def forecasting(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the relative error of the brand's forecast."""
    _alone(weekly, "forecast_error", VERMILLION, "share", ax, lang)


@panel("weekly")
def product(weekly: pd.DataFrame, *, ax: Axes, lang: str) -> None:
    """Draw the distance of the product from people's tastes."""
    _alone(weekly, "product_distance", PURPLE, "taste distance", ax, lang)


def _alone(weekly: pd.DataFrame, name: str, colour: str, unit: str, ax: Axes, lang: str) -> None:
    """Draw one column from zero on."""
    line(ax, weekly, weekly[name], column(name, lang), colour)
    ax.set_ylim(bottom=0)
    number_axis(ax, unit, lang)
    note(ax, seeds_note(weekly, lang))

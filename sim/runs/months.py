"""The weekly table of runs, grouped by calendar month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.scenario.history_columns import how_read
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.timeline import Calendar

__all__ = ["SHOWN", "middle_months", "monthly"]

SHOWN = ("sell_in", "sell_through", "resellers_active", "joins", "exits", "inventory_channel",
         "price_street_mean", "profit_brand")
"""Columns that a table of months shows."""


def monthly(weekly: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Return a weekly table by month: one row per seed and month.

    Flows are summed, stocks are those at the end of the month, and prices, shares and levels are means.
    A week belongs to the month that holds its middle day; the column ``weeks`` counts the weeks of a month.

    Raises
    ------
    UsageError
        When the scenario has no calendar.
    """
    if not calendar.first_week:
        raise UsageError(_("months need a calendar; write such as calendar: {first}").format(
            first="{first_week: 2025-01-06}"))
    names = [str(name) for name in weekly if name not in ("scenario", "seed", "week", "date")]
    months = {week: name for name, first, last in calendar.months(int(weekly["week"].max()))
              for week in range(first, last + 1)}
    month = weekly["week"].map(months).rename("month")
    keys = [name for name in ("scenario", "seed") if name in weekly]
    groups: Any = weekly.groupby([*(weekly[name] for name in keys), month], sort=False)
    table: pd.DataFrame = groups[names].agg(
        {name: {"sum": "sum", "end": "last", "mean": "mean"}[how_read(name)] for name in names})
    table.insert(0, "weeks", groups["week"].count())
    return table.reset_index()


def middle_months(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the medians over runs of monthly tables: one row per month, one column for each of `SHOWN`."""
    import pandas as pd

    together = pd.concat(tables)
    return together.groupby("month", sort=False)[[
        "weeks", *(name for name in SHOWN if name in together)]].median().reset_index()

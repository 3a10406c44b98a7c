"""Months: the weekly table of runs, grouped as a brand's office counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.scenario.history_columns import how_read
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SHOWN", "middle_months", "monthly"]

SHOWN = ("sell_in", "sell_through", "resellers_active", "joins", "exits", "inventory_channel",
         "price_street_mean", "profit_brand")
"""Columns that a table of months shows."""


def monthly(weekly: pd.DataFrame, calendar: Any) -> pd.DataFrame:
    """Return a weekly table by month: one row per seed and month.

    Flows add up, stocks are those at the end of the month, prices, shares and levels are means. A week
    counts to the month in which its middle lies; ``weeks`` says how many a month has.

    Raises
    ------
    UsageError
        Without a calendar.
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
    """Return the medians over runs of tables of months: one row a month, one column of `SHOWN` each."""
    import pandas as pd

    together = pd.concat(tables)
    return together.groupby("month", sort=False)[[
        "weeks", *(name for name in SHOWN if name in together)]].median().reset_index()

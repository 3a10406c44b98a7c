"""Dates on axes of weeks, for scenarios that give the date of their first week."""

from __future__ import annotations

import datetime
from typing import Any

from matplotlib import ticker
from matplotlib.axes import Axes

from sim.views.texts import text

__all__ = ["date_axis", "month_weeks", "week_labels"]

MAX_TICKS = 9
STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
"""Months between two ticks."""


def month_weeks(calendar: Any, first: int, last: int, most: int = MAX_TICKS) -> list[tuple[float, str]]:
    """Return where months begin, in weeks (week 1 begins at 1.0), with their labels.

    The labels are as many months apart as the picture needs, counted from January.
    """
    start = calendar.date_of_week(1)
    begin = calendar.date_of_week(first)
    end = calendar.date_of_week(last + 1)
    months = [(year, month) for year in range(begin.year, end.year + 1) for month in range(1, 13)]
    for step in STEPS:
        found = [
            ((day - start).days / 7 + 1, f"{year}-{month:02}")
            for year, month in months if (12 * year + month - 1) % step == 0
            and begin <= (day := datetime.date(year, month, 1)) <= end]
        if len(found) <= most:
            return found
    return found


def date_axis(ax: Axes, calendar: object, lang: str | None = None, most: int = MAX_TICKS) -> None:
    """Label an axis of weeks with at most `most` months; without a calendar, leave it unchanged."""
    if not getattr(calendar, "first_week", ""):
        return
    low, high = ax.get_xlim()
    ticks = month_weeks(calendar, max(1, int(low)), max(1, int(high)), most)
    if len(ticks) < 2:
        return
    ax.xaxis.set_major_locator(ticker.FixedLocator([place for place, _name in ticks]))
    ax.xaxis.set_major_formatter(ticker.FixedFormatter([name for _place, name in ticks]))
    label = ax.get_xlabel()
    week = text("week axis", lang)
    ax.set_xlabel(label.replace(week, text("month axis", lang), 1) if label.startswith(week) else label)


def week_labels(calendar: Any) -> str:
    """Return the Vega expression that formats a week as its date; empty without a calendar."""
    if not getattr(calendar, "first_week", ""):
        return ""
    day = calendar.date_of_week(1)
    return (f"timeFormat(datetime({day.year}, {day.month - 1}, {day.day} + (datum.value - 1) * 7), "
            "'%Y-%m-%d')")

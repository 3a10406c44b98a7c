"""The monthly table for pages and screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.market.outputs import WEEKLY
from sim.runs.months import SHOWN
from sim.texts import speaking
from sim.texts.numbers import labelled, scale_of
from sim.views.texts import column, text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["month_rows"]


def month_rows(table: pd.DataFrame, lang: str) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows of a monthly table (`sim.runs.months`); incomplete months are marked.

    A month has four or five weeks; the first and last of a run may have fewer.
    """
    units = {one.name: one.unit for one in WEEKLY}
    shown = [name for name in SHOWN if name in table]
    with speaking(lang):
        scales = {name: scale_of(table[name].astype(float).tolist(), units[name]) for name in shown}
        heads = [text("month axis", lang), *(
            labelled(column(name, lang), scales[name], units[name]) for name in shown)]
        rows = [[f"{row['month']}*" if row["weeks"] < FULL else row["month"], *(
            scales[name].figure(float(row[name])) for name in shown)] for row in table.to_dict("records")]
    return heads, rows


FULL = 4
"""Least number of weeks in a complete month."""

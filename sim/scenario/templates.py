"""Commented example tables to fill in: a roster of resellers, and a history of months."""

from __future__ import annotations

import csv
import io

from sim.scenario.history_columns import CALLED, TIMES
from sim.scenario.roster_files import COLUMNS
from sim.texts import _, language

__all__ = ["KINDS", "template"]

KINDS = ("roster", "history")
Rows = list[list[str]]


def template(kind: str, tiers: tuple[str, ...]) -> Rows:
    """Return the rows of an example table; comments begin with ``#``.

    `tiers` are the names of the ladder, top first.
    """
    return _roster(tiers) if kind == "roster" else _history()


def as_csv(rows: Rows) -> bytes:
    """Return rows as CSV that every Excel reads: UTF-8 with a byte order mark."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _heading(names: dict[str, tuple[str, ...]], column: str) -> str:
    return names[column][0] if language() == "zh" else column


def _roster(tiers: tuple[str, ...]) -> Rows:
    top, last = tiers[0], tiers[-1]
    middle = tiers[1] if len(tiers) > 2 else last
    heads = ["id", "upline", "tier", "inventory", "joined", "sales"]
    yes = "是" if language() == "zh" else "yes"
    return [
        ["# " + _("One row per reseller who sells when week 1 begins. No names, no telephone numbers.")],
        ["# " + _("id: any number or letters. upline: id of who recruited them; empty: the brand.")],
        ["# " + _("tier: as in the scenario ({names}). inventory: units in hand. joined: a date.").format(
            names=", ".join(tiers))],
        ["# " + _("sales: units sold to consumers in the last month. Columns that you do not have may go: "
                  "all but id, tier and inventory.")],
        ["# " + _("Further columns: cash (yuan in the business), dropship ({yes}: the brand ships for "
                  "them).").format(yes=yes)],
        [_heading(COLUMNS, name) for name in heads],
        ["A001", "", top, "1,200", "2023-03-06", "40"],
        ["A002", "A001", middle, "300", "2023-09-18", "35"],
        ["A003", "A002", last, "25", "2024-05-20", "12"],
        ["A004", "A002", last, "0", "2024-11-04", ""],
    ]


def _history() -> Rows:
    heads = ["sell_in", "sell_through", "resellers_active", "joins", "exits", "price_street_mean",
             "inventory_channel"]
    return [
        ["# " + _("One row a month (or a week: its number or its first day). Empty cells are gaps.")],
        ["# " + _("Counts add up over the month; resellers and stocks are those at its end; prices are "
                  "means. Money in yuan.")],
        ["# " + _("Any column of the weekly table will do (`weishang describe outputs`); NAME@TIER for one "
                  "tier; 'NAME error' for its standard error.")],
        ["# " + _("Columns that you do not have may go. 1.2万 and 12,000 are the same number.")],
        [_heading(TIMES, "month"), *(_heading(CALLED, name) for name in heads)],
        ["2025-01", "8,200", "2,150", "412", "61", "9", "172", "15,300"],
        ["2025-02", "6,900", "2,480", "458", "57", "11", "169", ""],
        ["2025-03", "7,400", "", "497", "52", "13", "163", "2.1万"],
    ]

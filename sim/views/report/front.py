"""The first sheet of the page: one headline, four tiles, who is ahead when, what would change it."""

from __future__ import annotations

import math
from typing import Any

from sim.runs.figures import FIGURES, figures_of
from sim.runs.sentences import FEW
from sim.runs.statistics import MIN_PAIRS
from sim.texts import speaking
from sim.views import sources
from sim.views.report.facts import figures
from sim.views.report.headline import headline, middle, sure
from sim.views.report.texts import say
from sim.views.report.wording import amount, label
from sim.views.sweeps import said_of

__all__ = ["front"]

HORIZONS = (26, 52, 104, 208)
"""Weeks at which the table looks: half a year, one, two and four years."""
TILES = ("brand", "resellers", "consumers", "law")
TILE_FIGURES: dict[str, tuple[str, ...]] = {
    "brand": ("brand_profit", "sell_through"),
    "resellers": ("lost_money", "resellers_profit"),
    "consumers": ("trust", "street_price"),
    "law": ("recruiting_income", "entry_payments"),
}
"""Which key figures a tile shows; of several plans the first only, so that it stays short."""
AHEAD: dict[str, str] = {"brand": "brand_profit", "resellers": "lost_money", "consumers": "trust",
                         "law": "recruiting_income"}
"""By which key figure a stakeholder is ahead."""


def front(result: Any, names: list[str], lang: str) -> dict[str, Any]:
    """Return headline, tiles and table of the first sheet; of a sweep what its first measure does."""
    if not names:
        return {"headline": "", "tiles": [], "ahead": None, "change": []}
    if sources.keys(result):
        said = said_of(result, names[0], lang) if len(names) == 1 else []
        return {"headline": said[0] if said else "", "tiles": [], "ahead": None,
                "change": _change(result, lang) if said else []}
    tables = {name: figures(result, name) for name in names}
    return {
        "headline": headline(tables, lang),
        "tiles": [_tile(tile, tables, lang) for tile in TILES],
        "ahead": _ahead(result, names, lang),
        "change": _change(result, lang),
    }


def _tile(tile: str, tables: dict[str, Any], lang: str) -> dict[str, Any]:
    lines = []
    for figure in TILE_FIGURES[tile][: 1 if len(tables) > 1 else 2]:
        known = FIGURES[figure]
        lines.append({
            "label": say(f"short {figure}", lang),
            "values": [{"plan": name if len(tables) > 1 else "",
                        "value": amount(middle(tables, name, figure), known.unit, lang)}
                       for name in tables]})
    return {"title": say(f"tile {tile}", lang), "lines": lines}


def _ahead(result: Any, names: list[str], lang: str) -> dict[str, Any]:
    """Return a table stakeholder x horizon: who is ahead and how sure; of one plan its values."""
    weekly = sources.table(result, "weekly")
    last = int(weekly.groupby("scenario")["week"].max().min())
    horizons = [week for week in HORIZONS if week <= last] or [last]
    per: dict[int, dict[str, Any]] = {
        week: {name: _cut(weekly[weekly["scenario"] == name], week) for name in names}
        for week in horizons}
    rows = []
    for tile in TILES:
        figure = FIGURES[AHEAD[tile]]
        cells = []
        for week in horizons:
            tables = per[week]
            if len(names) == 1:
                cells.append(amount(
                    middle(tables, names[0], figure.name), figure.unit, lang))
                continue
            cells.append(_leader(tables, figure, lang))
        rows.append({"head": say("of", lang, name=say(f"tile {tile}", lang)) + label(figure, lang),
                     "cells": cells})
    return {"heads": [say("horizon", lang, week=week) for week in horizons], "rows": rows,
            "title": say("ahead" if len(names) > 1 else "over time", lang)}


def _cut(weekly: Any, week: int) -> Any:
    """Return the key figures of the table as far as a week, one row a seed."""
    import pandas as pd

    wanted = [name for name in AHEAD.values() if not FIGURES[name].people]
    rows = {seed: figures_of(run[run["week"] <= week], run.iloc[:0], wanted)
            for seed, run in weekly.groupby("seed")}
    return pd.DataFrame.from_dict(rows, orient="index")


def _leader(tables: dict[str, Any], figure: Any, lang: str) -> str:
    known = {name: middle(tables, name, figure.name) for name in tables}
    known = {name: value for name, value in known.items() if math.isfinite(value)}
    if not known:
        return "–"
    better = figure.better or 1
    best = max(known, key=lambda name: better * known[name])
    value = amount(known[best], figure.unit, lang)
    others = [name for name in known if name != best]
    pairs = min((len(table) for table in tables.values()), default=0)
    if not others or all(known[name] == known[best] for name in others):
        return say("equal", lang)
    if pairs < MIN_PAIRS:
        return say("ahead few", lang, best=best, value=value)
    if all(sure(tables[name], tables[best], figure.name) * better > 0 for name in others):
        return say("ahead sure", lang, best=best, value=value)
    return say("ahead unsure", lang, best=best, value=value)


def _change(result: Any, lang: str) -> list[str]:
    """Return what would change the answer: seeds, horizon, assumptions without a source."""
    out = []
    weekly = sources.table(result, "weekly")
    pairs = int(weekly.groupby("scenario")["seed"].nunique().min())
    if pairs < FEW:
        out.append(say("change seeds", lang, n=pairs))
    weeks = int(weekly["week"].max())
    out.append(say("change horizon", lang, weeks=weeks))
    with speaking(lang):
        for record in sources.records(result).values():
            if not record.sources:
                out.append(say("change sources", lang, name=sources.name_of(record, lang)))
    return out

"""The first sheet of the page: headline, four tiles, the leading plans, and what would change that."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.runs.figures import FIGURES
from sim.runs.sentences import FEW
from sim.runs.statistics import MIN_PAIRS
from sim.texts import speaking
from sim.views import sources
from sim.views.panels import CIRCLED, event_lines
from sim.views.report.facts import figures
from sim.views.report.headline import as_far_as, best_of, comparable, headline, middle
from sim.views.report.texts import say
from sim.views.report.wording import amount, label
from sim.views.sweeps import said_of

if TYPE_CHECKING:
    from sim.kernel.plain import Data
    from sim.runs.figures import KeyFigure
    from sim.views.sources import Shown

__all__ = ["front"]

HORIZONS = (26, 52, 104, 208)
"""Horizons of the table in weeks: half a year, one, two and four years."""
TILES = ("brand", "resellers", "consumers", "law")
TILE_FIGURES: dict[str, tuple[str, ...]] = {
    "brand": ("brand_profit", "sell_through"),
    "resellers": ("lost_money", "resellers_profit"),
    "consumers": ("trust", "street_price"),
    "law": ("recruiting_income", "entry_payments"),
}
"""Key figures of each tile; with several plans only the first, to keep tiles short."""
AHEAD: dict[str, str] = {"brand": "brand_profit", "resellers": "lost_money", "consumers": "trust",
                         "law": "recruiting_income"}
"""The key figure by which plans are ranked for each stakeholder."""
CUT = (*AHEAD.values(), "ever_joined")
"""Key figures that are computed at each horizon: those of `LEADERS`, and the number of people in a share."""


def front(result: Shown, names: list[str], lang: str) -> Data:
    """Return headline, tiles and table of the first sheet; for a sweep, the range of its first measure."""
    if not names:
        return {"headline": "", "caution": [], "tiles": [], "reading": [], "ahead": None, "change": []}
    if sources.keys(result):
        said = said_of(result, names[0], lang) if len(names) == 1 else []
        return {"headline": said[0] if said else "", "caution": [], "tiles": [], "reading": [],
                "ahead": None,
                "change": _change(result, lang) if said else []}
    tables, week = comparable(result, names, figures)
    return {
        "headline": headline(tables, lang, week),
        "caution": cautions(result, names, lang, week),
        "tiles": [_tile(tile, tables, lang) for tile in TILES],
        "reading": _reading(result, names, lang),
        "ahead": _ahead(result, names, lang),
        "change": _change(result, lang),
    }


def cautions(result: Shown, names: list[str], lang: str, week: int | None) -> list[str]:
    """Return warnings on plans that are hard to compare, and the week up to which they are compared."""
    records = [one for name, one in sources.records(result).items() if name in names]
    said = [] if week is None else [say("unequal weeks here", lang, week=week)]
    if len({one.real_persons for one in records}) > 1:
        said.append(say("unequal persons here", lang))
    return said


def _reading(result: Shown, names: list[str], lang: str) -> list[str]:
    """Return what the numbers and the first chart show: medians, bands, events."""
    runs = int(sources.table(result, "weekly").groupby("scenario")["seed"].nunique().min())
    said = [say("reading runs", lang, n=runs)] if runs > 1 else []
    if len(names) == 1:  # the chart of several plans has no events
        record = sources.record(result, names[0])
        events, _whose = sources.events_of(result, record, lang) if record is not None else ([], [])
        lines = event_lines(events, lang, getattr(record, "calendar", None))
        if lines:
            between = "；" if lang == "zh" else "; "
            said.append(say("reading events", lang, events=between.join(
                line.lstrip(CIRCLED).strip() for line in lines)))
    return said


def _tile(tile: str, tables: Data, lang: str) -> Data:
    lines = []
    for figure in TILE_FIGURES[tile][: 1 if len(tables) > 1 else 2]:
        known = FIGURES[figure]
        lines.append({
            "label": say(f"short {figure}", lang),
            "values": [{"plan": name if len(tables) > 1 else "",
                        "value": _value(tables, name, known, lang)}
                       for name in tables]})
    return {"title": say(f"tile {tile}", lang), "lines": lines}


def _value(tables: Data, name: str, figure: KeyFigure, lang: str) -> str:
    """Return the median of a key figure as text; a share of few people is given as their number."""
    value = middle(tables, name, figure.name)
    people = middle(tables, name, "ever_joined") if "ever_joined" in tables[name] else math.nan
    if figure.name == "lost_money" and people < FEW and math.isfinite(value):
        return say("of few", lang, some=f"{value * people:.0f}", all=f"{people:.0f}")
    return amount(value, figure.unit, lang)


def _ahead(result: Shown, names: list[str], lang: str) -> Data:
    """Return by stakeholder and horizon the leading plan and how sure that is (of one plan: its values)."""
    weekly = sources.table(result, "weekly")
    last = int(weekly.groupby("scenario")["week"].max().min())
    horizons = [week for week in HORIZONS if week <= last] or [last]
    per: dict[int, Data] = {
        week: {name: as_far_as(weekly[weekly["scenario"] == name], week, CUT) for name in names}
        for week in horizons}
    rows = []
    for tile in TILES:
        figure = FIGURES[AHEAD[tile]]
        cells = []
        for week in horizons:
            tables = per[week]
            if len(names) == 1:
                cells.append(_value(tables, names[0], figure, lang))
                continue
            cells.append(_leader(tables, figure, lang))
        rows.append({"head": say("of", lang, name=say(f"tile {tile}", lang)) + label(figure, lang),
                     "cells": cells})
    return {"heads": [say("horizon", lang, week=week) for week in horizons], "rows": rows,
            "title": say("ahead" if len(names) > 1 else "over time", lang)}


def _leader(tables: Data, figure: KeyFigure, lang: str) -> str:
    best, near = best_of(tables, figure.name, lang)
    if not best:
        return "–"
    known = [name for name in tables if math.isfinite(middle(tables, name, figure.name))]
    if len(best) == len(known):
        return say("equal", lang)
    value = _value(tables, best[0], figure, lang)
    pairs = min((len(table) for table in tables.values()), default=0)
    if pairs < MIN_PAIRS:
        return say("ahead few", lang, best=best[0], value=value)
    names = (" 和 " if lang == "zh" else " and ").join(best)
    if not near:
        return say("ahead sure", lang, best=names, value=value)
    if len(best) + len(near) == len(known):
        return say("ahead unsure", lang, best=names, value=value)
    return say("ahead near", lang, best=names, value=value, near=("、" if lang == "zh" else ", ").join(near))


def _change(result: Shown, lang: str) -> list[str]:
    """Return what could change the answer: seeds, horizon, assumptions without a source."""
    out = []
    weekly = sources.table(result, "weekly")
    design = getattr(result, "design", None)
    # The runs of a sweep differ in their settings; only its seeds are repetitions.
    pairs = len(design.seeds) if design is not None and design.keys else int(
        weekly.groupby("scenario")["seed"].nunique().min())
    if pairs < FEW:
        out.append(say("change seeds" if pairs > 1 else "change seed", lang, n=pairs))
    ends = weekly.groupby("scenario")["week"].max()
    out.append(say("change horizon" if ends.nunique() == 1 else "change shortest", lang,
                   weeks=int(ends.min())))
    with speaking(lang):
        for record in sources.records(result).values():
            if not record.sources:
                out.append(say("change sources", lang, name=sources.name_of(record, lang)))
    return out

"""Scenarios and results in a notebook: small HTML tables, with all text escaped."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sim.views import sources
from sim.views.texts import column, language, text

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.studies.compare import Comparison
    from sim.views.sources import Shown

__all__ = ["comparison_html", "result_html", "scenario_html"]


class Bold(str):
    """A cell in bold type."""


class Spark(str):
    """A small picture as SVG, made here and therefore not escaped."""


SPARKS = ("resellers_active", "inventory_channel", "sell_through", "price_street_mean", "trust_mean")
"""Columns that a run shows as sparklines."""


def spark(values: Iterable[float], wide: int = 120, high: int = 22) -> Spark:
    """Return a sparkline of `wide` x `high` pixels; weeks without a number are left out."""
    known = [(week, float(value)) for week, value in enumerate(values) if math.isfinite(value)]
    if len(known) < 2:
        return Spark()
    last, low, top = known[-1][0] or 1, min(v for _w, v in known), max(v for _w, v in known)
    span = (top - low) or 1.0
    points = " ".join(f"{1 + (wide - 2) * week / last:.1f},{high - 2 - (high - 4) * (value - low) / span:.1f}"
                      for week, value in known)
    return Spark(f'<svg width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" role="img">'
                 f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1.3"/></svg>')


def _cell(cell: str) -> str:
    if isinstance(cell, Spark):
        return str(cell)
    said = html.escape(str(cell))
    return f"<b>{said}</b>" if isinstance(cell, Bold) else said


def table_html(heads: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """Return a table; texts are escaped."""
    def line(tag: str, cells: Sequence[str]) -> str:
        return "<tr>" + "".join(
            f'<{tag} style="text-align:left">{_cell(cell)}</{tag}>' for cell in cells
        ) + "</tr>"

    above = f'<p style="margin:.3em 0"><b>{html.escape(caption)}</b></p>' if caption else ""
    head = line("th", heads) if any(heads) else ""
    return above + "<table>" + head + "".join(line("td", row) for row in rows) + "</table>"


def scenario_html(scenario: Scenario) -> str:
    """Return title, size, controls, and every setting that differs from its default."""
    from sim.views.report import changed_settings
    from sim.views.report.texts import say

    lang = language(None)
    caption = f"{sources.name_of(scenario, lang)} – " + say(
        "market", lang, persons=f"{scenario.real_persons:,}", weeks=scenario.weeks,
        regime=sources.regimes_said(scenario, lang))
    rows: list[tuple[str, ...]] = [
        (name, Bold(value), default) for name, value, default in changed_settings(scenario, lang)]
    rows += [
        (scenario.calendar.begins(event) if scenario.calendar.first_week
         else f"{say('week', lang)} {event.week}", event.said(lang) or text("change", lang),
         ", ".join([*(f"{key} = {value}" for key, value in event.set.items()),
                   *(f"{key} × {factor:g}" for key, factor in event.scale.items())]))
        for event in scenario.events]
    return table_html(
        (say("setting", lang), say("value", lang), say("default", lang)), rows, caption)


def result_html(result: Shown) -> str:
    """Return the key figures of a run or of many: median and range over the runs."""
    from sim.views.report.facts import MEASURES, figures
    from sim.views.report.texts import say
    from sim.views.report.wording import label, span

    lang = language(None)
    names = sources.names(result)[:4]
    tables = [figures(result, name) for name in names]
    n = max((len(table) for table in tables), default=0)
    done, planned = sources.progress(result)
    caption = say("median range", lang, n=n) if n > 1 else " / ".join(names)
    if done < planned:
        caption += " – " + say("partial", lang, done=f"{done:,}", all=f"{planned:,}")
    weekly = [sources.table(result, "weekly", name) for name in names]
    curves = [
        (column(name, lang), *(spark(table.groupby("week")[name].median()) for table in weekly))
        for name in SPARKS if all(name in table for table in weekly)]
    return table_html(
        (say("figure", lang), *names),
        [*((label(measure, lang),
            *(span(table[measure.name], measure.unit, lang) for table in tables))
           for measure in MEASURES), *curves],
        caption)


def comparison_html(comparison: Comparison) -> str:
    """Return the verdicts of a comparison, one per line."""
    return "<ul>" + "".join(
        f"<li>{html.escape(sentence)}</li>" for sentence in comparison.verdicts()) + "</ul>"

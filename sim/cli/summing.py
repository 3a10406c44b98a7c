"""What the command run prints: three sentences a scenario, then one table of key figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sim.cli.options import answer
from sim.texts import _

__all__ = ["MEASURES", "table_of", "tell_summaries"]

MEASURES = (
    "brand_profit", "sell_in", "sell_through", "sell_through_rate", "channel_stock", "dumped",
    "ever_joined", "peak_active", "end_active", "left_in_year", "lost_money", "earned_nothing",
    "recruiting_income", "trust", "awareness", "street_price",
)
"""Key figures of the table, those that a manager asks for first."""


def table_of(summaries: Sequence[Any]) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows: one scenario with its range over the runs, or scenarios side by side.
    """
    from sim.runs.figures import FIGURES
    from sim.texts.numbers import labelled, scale_of

    one = summaries[0]
    ranged = len(summaries) == 1 and one.runs > 1
    head = [_("measure"), *([_("median"), _("lowest … highest")] if ranged else
                            [_("value")] if len(summaries) == 1 else
                            [chr(ord("A") + place) for place in range(len(summaries))])]
    rows = []
    for name in MEASURES:
        figure = FIGURES[name]
        values = [summary.figures.get(name, math.nan) for summary in summaries]
        if all(math.isnan(value) for value in values):
            continue
        low, high = one.ranges[name] if ranged else (math.nan, math.nan)
        scale = scale_of([*values, low, high], figure.unit)
        between = [f"{scale.figure(low)} … {scale.figure(high)}"] if ranged else []
        rows.append([labelled(_(figure.label), scale, figure.unit),
                     *(scale.figure(value) for value in values), *between])
    return head, rows


def tell_summaries(summaries: Sequence[Any], *, verbose: bool = False) -> None:
    """Print the summaries of a run of one scenario or several."""
    from sim.cli.tables import paragraph, table

    lived = [summary for summary in summaries if summary.runs]
    for place, summary in enumerate(lived):
        heading = summary.name if summary.runs == 1 else _(
            "{name} (medians of {runs} runs, each figure by itself)").format(
                name=summary.name, runs=summary.runs)
        answer(heading if len(lived) == 1 else f"{chr(ord('A') + place)}: {heading}")
        for sentence in summary.sentences if verbose else summary.headlines:
            answer(paragraph(sentence, "  "))
        for warning in summary.warnings:
            answer(paragraph(_("Warning: {what}.").format(what=warning), "  "))
        for check in summary.checks:
            verdict = _("holds") if check.ok else _("does not hold ({held} of {runs} runs)").format(
                held=check.held, runs=check.runs)
            answer(f"  {check.text}: {verdict}")
    if lived:
        head, rows = table_of(lived)
        answer("")
        answer(table(head, rows, flexible=0, right=range(1, len(head))))
        answer("")

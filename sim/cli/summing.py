"""The output of the command run: three sentences per scenario, then one table of key figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.cli.options import answer
from sim.cli.sheets import tell_sheet
from sim.texts import _
from sim.texts.agreement import agreed

__all__ = ["tell_summaries"]


def tell_summaries(
    summaries: Sequence[Any], *, verbose: bool = False, started: bool = False,
) -> None:
    """Print the summaries of a run of one scenario or several."""
    from sim.cli.tables import paragraph
    from sim.studies.sheets import sheet_of_summaries

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
            verdict = _("holds") if check.ok else agreed(_("does not hold ({held} of {runs} runs)").format(
                held=check.held, runs=check.runs))
            answer(paragraph(_("{check}: {verdict}").format(check=check.text, verdict=verdict), "  "))
    if len(lived) == 1 and lived[0].months is not None:
        from sim.studies.sheets import Sheet
        from sim.texts import language
        from sim.views.months import month_rows

        heads, rows = month_rows(lived[0].months, language())
        tell_sheet(Sheet("", [], heads, rows), right=range(1, len(heads)), figures=True)
        notes = []
        if any(row[0].endswith("*") for row in rows):
            notes.append(_("* fewer than four weeks of the month"))
        if started:
            notes.append(_("Those who join in the first month include the resellers who were there at the "
                           "start."))
        for note in notes:
            answer(paragraph(note))
        if notes:
            answer("")
    if lived:
        sheet = sheet_of_summaries(lived)
        sheet.sentences, sheet.legend = [], ""
        tell_sheet(sheet, right=range(1, len(sheet.head)))

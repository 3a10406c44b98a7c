"""Results as one table with a few sentences, for the screen and for files.

A `Sheet` has the same numbers twice: formatted for readers (万元, three figures) and plain (yuan, shares)
for spreadsheets. It is written as xlsx, csv, md or json; `sim.views.one_page` draws it as a PDF.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.runs.figures import FIGURES
from sim.runs.tables import FORMULA
from sim.texts import _
from sim.texts.bilingual import text_of
from sim.texts.numbers import labelled, scale_of
from sim.texts.wrapping import close_up

if TYPE_CHECKING:
    from sim.runs.folder import Results
    from sim.scenario.schema import Scenario
    from sim.studies.compare import Comparison
    from sim.studies.sweep import Sweep

__all__ = ["FORMATS", "HEADLINES", "MEASURES", "Sheet", "called", "overview", "sheet_of",
           "sheet_of_comparison", "sheet_of_summaries", "written"]

FORMATS = ("xlsx", "csv", "md", "json", "pdf")
HEADLINES = ("brand_profit", "lost_money", "sell_through")
"""Key figures reported in sentences above the table of a comparison."""
MEASURES = (
    "brand_profit", "sell_in", "sell_through", "sell_through_rate", "channel_stock", "dumped",
    "ever_joined", "peak_active", "end_active", "left_in_year", "lost_money", "earned_nothing",
    "recruiting_income", "trust", "awareness", "street_price",
)
"""Key figures of the table of a run, in the order in which a manager asks for them."""


@dataclass
class Sheet:
    """A titled table with sentences above it.

    Attributes
    ----------
    head, rows
        As shown on a screen: texts.
    names, values
        For spreadsheets: each row is its measure, its unit, and plain numbers (yuan, shares).
    """

    title: str
    sentences: list[str] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    values: list[list[Any]] = field(default_factory=list)
    legend: str = ""
    name: str = ""
    """Name of its page in a workbook with several pages."""
    settings: int = 0
    """Number of columns of varied settings after the unit; they have their own units."""

    def add(self, shown: list[str], label: str, unit: str, values: Sequence[object]) -> None:
        """Add a row, as shown and as plain numbers."""
        size = 100.0 if unit.split("/")[0] == "fen" else 1.0
        plain = [value / size if isinstance(value, float) and math.isfinite(value) else
                 None if isinstance(value, float) else value for value in values]
        word = scale_of([], unit).word if unit != "share" else "%"
        self.rows.append(shown)
        self.values.append([label, word, *plain])


def called(scenario: Scenario, label: str) -> str:
    """Return the title in the current language, with the number of the label if it has one."""
    return text_of(scenario.title) if str(scenario.title) == label else label


# -- comparisons -----------------------------------------------------------------------------------


def _verdict(pair: Any, direction: int) -> str:
    if pair.identical:
        return _("same")
    if direction > 0:
        return _("higher")
    return _("lower") if direction < 0 else _("unclear")


def overview(found: Comparison, other: str) -> str:
    """Return how many measures differ, in one sentence."""
    verdicts = [_verdict(found.pair(one, other), found.direction(one, other)) for one in found.of]
    return _("{other} against {first} on the same seeds, by measures: {up} higher, {down} lower, {open} that "
             "cannot be told apart, {same} the same.").format(
                 other=found.called(other), first=found.called(found.baseline),
                 up=verdicts.count(_("higher")), down=verdicts.count(_("lower")),
                 open=verdicts.count(_("unclear")), same=verdicts.count(_("same")))


def sheet_of_comparison(found: Comparison, other: str, *, every: bool = False) -> Sheet:
    """Return how one plan differs from the first: three sentences, or with `every` one per measure."""
    first, second = found.called(found.baseline), found.called(other)
    sheet = Sheet(
        _("{other} against {first}").format(other=second, first=first), name=second,
        legend="   ".join(_("{name}: {value}").format(name=letter, value=called)
                          for letter, called in (("A", first), ("B", second))),
        head=[_("measure"), "A", "B", "B - A", _("interval"), _("pairs"), _("verdict")],
        names=[_("measure"), _("unit"), first, second, _("difference"), _("lower end"), _("upper end"),
               _("pairs"), _("verdict")])
    wanted = [FIGURES[name].label for name in HEADLINES]
    told = sorted((one for one in found.of if one.label in wanted),
                  key=lambda one: wanted.index(one.label))[:2] or found.of[:2]
    sheet.sentences = [overview(found, other), *(
        found.sentence(one, other) for one in (
            found.of if every else told))]
    for one in found.of:
        pair = found.pair(one, other)
        gap = pair.difference
        scale = scale_of([pair.baseline, pair.other, gap.mean, gap.low, gap.high], one.unit)
        known = math.isfinite(gap.low) and not pair.identical
        sheet.add([
            labelled(_(one.label), scale, one.unit),
            scale.figure(pair.baseline), scale.figure(pair.other),
            "0" if pair.identical else scale.figure(gap.mean, plus=True),
            f"{scale.figure(gap.low, plus=True)} … {scale.figure(gap.high, plus=True)}"
            if known else "-", str(pair.pairs), _verdict(pair, found.direction(one, other)),
        ], _(one.label), one.unit, [
            float(pair.baseline), float(pair.other), float(gap.mean), float(gap.low),
            float(gap.high), int(pair.pairs),
            _verdict(pair, found.direction(one, other))])
    return sheet


# -- runs --------------------------------------------------------------------------------------------


def sheet_of_summaries(summaries: Sequence[Any]) -> Sheet:
    """Return the key figures: one scenario with its range over the runs, or several side by side."""
    one = summaries[0]
    several, ranged = len(summaries) > 1, len(summaries) == 1 and one.runs > 1
    letters = [chr(ord("A") + place) for place in range(len(summaries))]
    shown = letters if several else [_("median"), _("lowest … highest")] if ranged else [_("value")]
    plain = [summary.name for summary in summaries] if several else \
        [_("median"), _("lowest"), _("highest")] if ranged else [_("value")]
    sheet = Sheet(
        " / ".join(summary.name for summary in summaries),
        [sentence for summary in summaries for sentence in summary.headlines],
        [_("measure"), *shown], names=[_("measure"), _("unit"), *plain],
        legend="   ".join(_("{name}: {value}").format(name=letter, value=summary.name)
                          for letter, summary in zip(letters, summaries, strict=True)) if several else "")
    for name in MEASURES:
        figure = FIGURES[name]
        values = [float(summary.figures.get(name, math.nan)) for summary in summaries]
        if all(math.isnan(value) for value in values):
            continue
        low, high = one.ranges[name] if ranged else (math.nan, math.nan)
        scale = scale_of([*values, low, high], figure.unit)
        between = [f"{scale.figure(low)} … {scale.figure(high)}"] if ranged else []
        sheet.add(
            [labelled(_(figure.label), scale, figure.unit),
             *(scale.figure(value) for value in values), *between],
            _(figure.label), figure.unit, [*values, *([float(low), float(high)] if ranged else [])])
    return sheet


def sheet_of_sweep(found: Sweep) -> Sheet:
    """Return the means of a sweep, point by point."""
    keys = list(found.runs.design.keys)
    sheet = Sheet(", ".join(found.runs.design.labels), found.verdicts(), settings=len(keys))
    sheet.head = [*keys, _("scenario"), _("measure"), _("mean"), _("interval"), _("runs")]
    sheet.names = [_("measure"), _("unit"), *keys, _("scenario"), _("mean"), _("lower end"), _("upper end"),
                   _("runs")]
    labels = {one.text: one.label for one in found.of}
    for row in found.points.to_dict("records"):
        scale = scale_of([row["mean"], row["low"], row["high"]], row["unit"])
        label = _(labels[row["measure"]])
        place = [row[key] for key in keys]
        sheet.add(
            [*(f"{value:g}" if isinstance(value, float) else str(value) for value in place),
             row["scenario"], labelled(label, scale, row["unit"]), scale.figure(row["mean"]),
             f"{scale.figure(row['low'])} … {scale.figure(row['high'])}", str(row["runs"])],
            label, row["unit"],
            [float(row["mean"]), float(row["low"]), float(row["high"]), int(row["runs"])])
        # Varied settings are in their own unit, whatever the measure's is.
        sheet.values[-1][2:2] = [*place, row["scenario"]]
    return sheet


def sheet_of(results: Results) -> list[Sheet]:
    """Return the sheets of a results folder: of a sweep, of each plan of a comparison, or of its runs."""
    from sim.runs.summary import summaries_of

    design = results.design
    if design.keys:
        from sim.studies.sweep import sweep_of

        return [sheet_of_sweep(sweep_of(results))]
    if len(design.scenarios) > 1 and len(design.seeds) > 1:
        from sim.studies.compare import comparison_of

        found = comparison_of(results)
        return [sheet_of_comparison(found, other) for other in found.others]
    return [sheet_of_summaries(summaries_of(results, design.scenarios, [
        called(scenario, label)
        for label, scenario in zip(design.labels, design.scenarios, strict=True)]))]


# -- files -------------------------------------------------------------------------------------------


def written(sheets: Sequence[Sheet], kind: str, path: Path) -> None:
    """Write sheets as ``xlsx``, ``csv``, ``md`` or ``json``."""
    for sheet in sheets:
        sheet.sentences = [close_up(sentence) for sentence in sheet.sentences]
    if kind == "xlsx":
        _workbook(sheets).save(path)
        return
    if kind == "csv":
        # The byte order mark makes Chinese Excel read UTF-8.
        path.write_text("\n".join(_csv(sheet) for sheet in sheets), encoding="utf-8-sig", newline="")
    elif kind == "md":
        path.write_text("\n".join(map(_markdown, sheets)), encoding="utf-8", newline="\n")
    else:
        path.write_text(json.dumps([{
            "title": sheet.title, "sentences": sheet.sentences,
            "rows": [dict(zip(sheet.names, _in_unit(row, sheet.settings), strict=True))
                     for row in sheet.values],
        } for sheet in sheets], ensure_ascii=False, indent=2, default=_plain), encoding="utf-8",
            newline="\n")


def _plain(value: object) -> Any:
    return value.item() if hasattr(value, "item") else str(value)


def _in_unit(values: Sequence[object], settings: int = 0) -> list[Any]:
    """Return a row for files without formats: in its unit, without insignificant digits.

    Shares become percentages; in a workbook, the format of the cell shows them as such.
    """
    factor = 100.0 if values[1] == "%" else 1.0
    plain = []
    for at, value in enumerate(values):
        if isinstance(value, float):
            value = float(f"{(1.0 if at < 2 + settings else factor) * value:.9g}")
            value = int(value) if value.is_integer() else value
        plain.append(value)
    return plain


def _safe(cell: object) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in FORMULA else "" if cell is None else cell


def _csv(sheet: Sheet) -> str:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow([_safe(cell) for cell in sheet.names])
    for values in sheet.values:
        rows.writerow([_safe(cell) for cell in _in_unit(values, sheet.settings)])
    return out.getvalue()


def _markdown(sheet: Sheet) -> str:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"

    return "\n".join([
        f"## {sheet.title}", "", *(f"{sentence}\n" for sentence in sheet.sentences),
        *([f"{sheet.legend}\n"] if sheet.legend else []), line(sheet.head),
        line(["---", *("---:" for _name in sheet.head[1:])]),
        *(line(row) for row in sheet.rows), ""])


def _page_name(sheet: Sheet, number: int) -> str:
    """Return the name of a page: that of its plan, as far as spreadsheets allow it."""
    name = re.sub(r"[\[\]:*?/\\']", " ", sheet.name or f"{_('results')} {number}").strip()
    return f"{number} {name}"[:31].strip()


def _workbook(sheets: Sequence[Sheet]) -> Any:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.active)
    for number, sheet in enumerate(sheets, 1):
        page = book.create_sheet(_page_name(sheet, number) if len(sheets) > 1 else _("results"))
        for text in (sheet.title, *sheet.sentences):
            page.append([_safe(text)])
            page.cell(page.max_row, 1).alignment = Alignment(wrap_text=False)
        page["A1"].font = Font(bold=True, size=14)
        page.append([])
        page.append([_safe(name) for name in sheet.names])
        top = page.max_row
        for cell in page[top]:
            cell.font = Font(bold=True)
        for values in sheet.values:
            page.append([None if value is None else _safe(value) for value in values])
            for cell in page[page.max_row][2 + sheet.settings:]:
                if isinstance(cell.value, float):
                    whole = abs(cell.value) >= 1000 or float(cell.value).is_integer()
                    cell.number_format = "0.0%" if values[1] == "%" else "#,##0" if whole else "#,##0.0#"
        page.freeze_panes = f"C{top + 1}"
        page.column_dimensions["A"].width = 44
        for column in range(2, len(sheet.names) + 1):
            page.column_dimensions[get_column_letter(column)].width = 16
    return book

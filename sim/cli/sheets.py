"""The option --format: the table of a command as a file, and how it is printed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import answer, option
from sim.texts import _, language, mark

if TYPE_CHECKING:
    from sim.runs.folder import Results
    from sim.studies.sheets import Sheet

__all__ = ["format_option", "tell_sheet", "write_sheets"]

format_option = option(
    "--format", "kinds", multiple=True, type=click.Choice(["xlsx", "csv", "md", "json", "pdf"]),
    metavar="KIND", help=mark("Also a file: xlsx, csv, md, json, pdf."))


def tell_sheet(sheet: Sheet, *, right: Collection[int] = (), figures: bool = False) -> None:
    """Print sentences, legend and table."""
    from sim.cli.tables import paragraph, table

    for sentence in sheet.sentences:
        answer(paragraph(sentence))
    answer("")
    if sheet.legend:
        answer(sheet.legend)
    answer(table(sheet.head, sheet.rows, flexible=0, right=right, figures=figures))
    answer("")


def write_sheets(
    results: Results, kinds: Sequence[str], sheets: Sequence[Any] | None = None, *,
    stem: str = "table", quiet: bool = False,
) -> list[Path]:
    """Write tables into a results folder, one file per kind, and say where they are."""
    if not kinds or not results.done:
        return []
    from sim.studies.sheets import sheet_of, written
    from sim.views.one_page import draw_one_page

    made = list(sheets) if sheets is not None else sheet_of(results)
    paths = []
    for kind in dict.fromkeys(kinds):
        name = f"{stem}.{kind}"
        if kind == "pdf":
            results.publish(name, lambda path: draw_one_page(results, made[0], path, language()))
        else:
            results.publish(name, partial(written, made, kind))
        paths.append(results.path / name)
        if not quiet:
            answer(_("table: {path}").format(path=paths[-1]))
    return paths

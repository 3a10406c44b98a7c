"""The first sheet of a spreadsheet (Excel, WPS, LibreOffice), as rows of texts."""

from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import Any

from sim.errors import FilesError, UsageError, pip_install
from sim.kernel.files import read_file
from sim.texts import _

__all__ = ["SHEETS", "rows_of_sheet"]

SHEETS = (".xlsx", ".xlsm", ".xls", ".ods")
"""File endings of spreadsheets."""
LARGEST = 200_000_000
"""Largest size of a spreadsheet, bytes; Excel has at most a million rows."""


def rows_of_sheet(path: Path) -> list[tuple[int, list[str]]]:
    """Return the rows that are not empty, each with its number, as wide as the widest.

    Raises
    ------
    FilesError
        When the file cannot be read, or the package that reads spreadsheets is missing.
    UsageError
        When the file is not a spreadsheet.
    """
    try:
        from python_calamine import CalamineError, load_workbook
    except ImportError:
        raise FilesError(_(
            "{name}: reading spreadsheets needs python-calamine: {command}; or save the sheet as CSV")
            .format(name=path.name, command=pip_install("weishang[excel]"))) from None
    try:
        # Hand over bytes: libraries interpret some paths.
        book = load_workbook(io.BytesIO(read_file(path, LARGEST)))
        cells = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except OSError as error:
        raise FilesError(f"{path}: {error.strerror or error}") from None
    except (CalamineError, IndexError) as error:
        raise UsageError(_("{name} is no spreadsheet that can be read: {why}").format(
            name=path.name, why=str(error)[:160])) from None
    rows = [(number, [_text(cell) for cell in row]) for number, row in enumerate(cells, 1)]
    rows = [(number, row) for number, row in rows if any(row)]
    width = max((place + 1 for _number, row in rows for place, cell in enumerate(row) if cell), default=0)
    return [(number, row[:width]) for number, row in rows]


def _text(cell: Any) -> str:
    """Return the text of a cell as a user would type it."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    return str(cell).strip()

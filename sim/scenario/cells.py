"""Tables as people keep them: CSV in any encoding, Excel or Parquet, with numbers and dates as typed.

A cell stays text until the reader of a roster or a history asks for its number or its date. `万`,
thousands separators, full-width digits, currency signs, and dates with dashes, slashes, dots or 年月日
are understood. Anything else is reported with its place, never guessed.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.errors import FilesError, UsageError
from sim.kernel.files import read_file
from sim.kernel.sheets import SHEETS, rows_of_sheet
from sim.scenario.problems import clean
from sim.texts import _
from sim.texts.encodings import decoded
from sim.texts.reasons import reason_of

__all__ = ["Grid", "TableProblems", "day_of", "flag_of", "month_of", "named_columns", "number_of", "plain",
           "read_grid"]

LARGEST = 500_000_000
"""Largest size of a file in bytes, ten times that of a roster with a million rows."""
SEPARATORS = ("\t", ";", ",")
SAMPLE = 100_000
"""Number of characters from which the separator is detected."""
MAX_TITLES = 5
"""Largest number of lines above the headings."""
MAX_TOLD = 200
"""Largest number of problems that are reported; a long table may have many of the same kind."""
TIMES = {"": 1.0, "千": 1e3, "万": 1e4, "w": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8}
NUMBER = re.compile(
    r"[¥￥$]?([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d+)?)(千万|百万|千|万|亿|w)?"
    r"(%|元|yuan|cny|rmb|人|名|件|盒|箱|支|瓶|套|units?|persons?)?", re.IGNORECASE)
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?")
YES = ("1", "true", "yes", "y", "是", "有", "√", "✓")
NO = ("", "0", "false", "no", "n", "否", "无", "×")


@dataclass(frozen=True)
class Grid:
    """A table of text cells: its file, its headings, and its rows with their row numbers in the file."""

    path: Path
    head: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.path.name


class TableProblems:
    """The problems found in a table, collected so that all of them are reported at once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found: list[tuple[int, str]] = []
        self.more = 0

    def add(self, row: int | None, column: str, what: str) -> None:
        """Record a problem with a cell, with a row (no column) or with the table (no row)."""
        place = ", ".join(filter(None, (
            _("row {number}").format(number=row) if row is not None else "",
            _("column '{name}'").format(name=clean(column, 40)) if column else "")))
        if len(self.found) < MAX_TOLD:
            self.found.append((row or 0, f"{clean(self.name, 80)}: {place}{': ' if place else ''}{what}"))
        else:
            self.more += 1

    def sentences(self) -> list[str]:
        """Return every problem as a sentence, in the order of the rows."""
        return [*(what for _row, what in sorted(self.found)), *([_("{name}: and {count} more").format(
            name=self.name, count=self.more)] if self.more else [])]

    def refuse(self) -> None:
        """Raise `UsageError` with every problem, if there is any."""
        if self.found:
            raise UsageError("\n".join(self.sentences()))


def plain(text: str) -> str:
    """Return a text in half-width lower-case letters and without spaces, for comparison."""
    return "".join(unicodedata.normalize("NFKC", text.replace("\ufeff", "")).split()).lower()


def number_of(text: str) -> float | None:
    """Return the number in a cell such as ``1.2万``, ``12,345`` or ``30%``; None without a number."""
    found = NUMBER.fullmatch(plain(text))
    if found is None:
        return None
    value = float(found[1].replace(",", "")) * TIMES[(found[2] or "").lower()]
    # Rounding makes 1.2万 12000 instead of 12000.000000000002.
    value = float(f"{value:.12g}")
    return value / 100.0 if found[3] == "%" else value


def day_of(text: str) -> datetime.date | None:
    """Return the date in a cell: ``2024-03-05``, ``2024/3/5``, ``2024年3月5日``, ``20240305``."""
    said = unicodedata.normalize("NFKC", text).strip().split(" ")[0].split("T")[0]
    found = DAY.fullmatch(said) or (
        re.fullmatch(r"(\d{4})(\d{2})(\d{2})", said) if said.isdigit() else None)
    return _date(*(int(part) for part in found.groups())) if found else None


def month_of(text: str) -> datetime.date | None:
    """Return the first day of the month in a cell: ``2024-03``, ``2024年3月``, ``202403``."""
    said = unicodedata.normalize("NFKC", text).strip()
    found = MONTH.fullmatch(said) or (
        re.fullmatch(r"(\d{4})(\d{2})", said) if said.isdigit() else None)
    if found:
        return _date(int(found[1]), int(found[2]), 1)
    day = day_of(text)
    # Spreadsheets turn 2024-03 into the first day of that month.
    return day if day is not None and day.day == 1 else None


def _date(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def flag_of(text: str) -> bool | None:
    """Return whether a cell says yes or no; None for any other text."""
    said = plain(text)
    return True if said in YES else False if said in NO else None


def named_columns(
    head: Sequence[str], names: Mapping[str, Sequence[str]]
) -> tuple[dict[str, int], list[str]]:
    """Return the position of each known column, and the headings that are not known.

    `names` gives the other names of each column. Text in brackets in a heading (a unit) is ignored.
    When two headings name the same column, the first one counts.
    """
    known = {plain(said): column for column, others in names.items() for said in (column, *others)}
    found: dict[str, int] = {}
    left = []
    for place, heading in enumerate(head):
        column = known.get(plain(heading)) or known.get(plain(re.sub(r"[(（\[].*$", "", heading)))
        if column is not None and column not in found:
            found[column] = place
        elif heading.strip():
            left.append(heading)
    return found, left


def read_grid(path: Path) -> Grid:
    """Return the table of a file: CSV (any of three separators), Excel or Parquet.

    Lines that begin with ``#`` are comments. Empty rows are skipped, and so is a title above the
    headings, which fills a single cell.

    Raises
    ------
    FilesError
        When the file cannot be read.
    UsageError
        When it holds no table.
    """
    suffix = path.suffix.lower()
    if suffix in SHEETS:
        rows = rows_of_sheet(path)
    elif suffix in (".parquet", ".pq"):
        rows = _parquet(path)
    else:
        rows = _csv(path)
    rows = [(number, cells) for number, cells in rows
            if any(cells) and not cells[0].startswith("#")]
    if not rows:
        raise UsageError(_("{name} is empty; it begins with a row of headings").format(name=path.name))
    wide = next((place for place, (_number, cells) in enumerate(rows) if sum(map(bool, cells)) > 1), 0)
    rows = rows[wide if wide <= MAX_TITLES else 0 :]
    head = tuple(cell.strip() for cell in rows[0][1])
    width = len(head)
    return Grid(path, head, tuple(
        (number, tuple((*(cell.strip() for cell in cells), *[""] * width)[:width]))
        for number, cells in rows[1:]))


def _csv(path: Path) -> list[tuple[int, list[str]]]:
    try:
        data = read_file(path, LARGEST)
    except OSError as error:
        raise FilesError(f"{path}: {reason_of(error)}") from None
    text = decoded(data)
    if text is None or "\0" in text:
        raise UsageError(_("{name} is no text that can be read; save it as CSV (UTF-8) or as xlsx").format(
            name=path.name))
    first = [line for line in text[:SAMPLE].splitlines() if line.strip() and line[0] != "#"]
    separator = max(SEPARATORS, key="\n".join(first[: MAX_TITLES + 1]).count)
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    try:
        return [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise UsageError(_("{name}: row {row} cannot be read: {what}").format(
            name=path.name, row=reader.line_num, what=clean(error))) from None


def _parquet(path: Path) -> list[tuple[int, list[str]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Passed as bytes, because Arrow reads some paths as URLs.
        table = pq.read_table(io.BytesIO(read_file(path, LARGEST)))
    except OSError as error:
        raise FilesError(f"{path}: {reason_of(error)}") from None
    except pa.ArrowInvalid as error:
        raise UsageError(_("{name} is no Parquet table: {why}").format(
            name=path.name, why=clean(str(error).splitlines()[0], 160))) from None
    columns = [[_said(cell) for cell in column.to_pylist()] for column in table.columns]
    return [(1, list(table.column_names)),
            *((number, list(cells)) for number, cells in enumerate(zip(*columns, strict=True), 2))]


def _said(cell: object) -> str:
    """Return a cell of a typed table as the text that somebody would type."""
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    return str(cell)

"""Reading the ties of published files, with persons named as in the file.

Text: two persons per line, separated by commas, semicolons, tabs or spaces; comments, headings,
weights and times; Pajek, Matrix Market, DIMACS, adjacency lists of Pajek; UTF-8, UTF-16 or the
encoding of Chinese Windows; packed by gzip, bzip2 or xz. Also GraphML, GML, Parquet and Excel.
"""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import os
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sim.errors import FilesError, UsageError
from sim.kernel.files import read_file
from sim.kernel.machine import free_memory
from sim.kernel.sheets import SHEETS, rows_of_sheet
from sim.texts import _
from sim.texts.encodings import decoded

__all__ = ["ends_of", "refused"]

Ends = tuple[list[str], list[str]]
"""The names of the two ends of each tie."""

HEADINGS = {"source", "target", "from", "to", "fromnodeid", "tonodeid", "node1", "node2", "a", "b",
            "person", "contact", "u", "v", "src", "dst", "id1", "id2", "i", "j", "人", "好友", "起点",
            "终点"}
"""Usual headings of columns of names: unlike numbers, names do not differ from a heading."""
COMMENTS = ("#", "%", "//")
LINES_LOOKED_AT = 200
"""Lines read to detect the separator and the headings."""
PACKERS: tuple[tuple[bytes, Callable[[Any], Any]], ...] = (
    (b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\x00", lzma.open))
"""First bytes of compressed files, and how to decompress them."""
TIMES = 8
"""Memory that reading a file takes, as a rough multiple of its size."""


def refused(path: Path, why: str) -> UsageError:
    """Return the error for a file, in one sentence."""
    return UsageError(f"network.path: {path.name} {why}")


def ends_of(path: Path) -> Ends:
    """Return the ends of all ties, named as in the file.

    Raises
    ------
    FilesError
        When the file cannot be read.
    UsageError
        When a row is not a tie.
    """
    suffix = path.suffix.lower()
    if suffix in (".parquet", ".pq"):
        return _parquet(path)
    if suffix in SHEETS:
        return _ends(path, rows_of_sheet(path))
    if suffix in (".graphml", ".gml"):
        return _graph(path, suffix)
    return _ends(path, _rows(path, _text(path)))


def _read(path: Path) -> bytes:
    """Return the bytes of a file, decompressed."""
    try:
        most = int(free_memory() / TIMES)
        data = read_file(path, most)
        for mark, unpack in PACKERS:
            if data.startswith(mark):
                with unpack(io.BytesIO(data)) as packed:
                    data = packed.read(most + 1)
                if len(data) > most:  # a few bytes may unpack to gigabytes
                    raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
                return data
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        number = getattr(error, "errno", None)
        why = error.strerror if isinstance(error, OSError) and number else _("it is damaged")
        raise FilesError(_("network.path: cannot read {name}: {why}").format(
            name=path.name, why=why)) from None
    return data


def _text(path: Path) -> str:
    text = decoded(_read(path))
    if text is None:
        raise refused(path, _("is no text that can be read; save it as UTF-8"))
    return text


def _rows(path: Path, text: str) -> list[tuple[int, list[str]]]:
    """Return the cells of each line that holds ties, with the number of the line."""
    numbered = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    matrix = text.startswith("%%MatrixMarket")
    problem = any(line.startswith(("p ", "p\t")) for _number, line in numbered[:LINES_LOOKED_AT])
    lines: list[tuple[int, str]] = []
    ties, adjacency = True, False
    for number, line in numbered:
        if line.startswith("*"):  # Pajek: vertices are listed before arcs and edges
            section = line.lower()
            ties = not section.startswith(("*vertices", "*network", "*matrix"))
            adjacency = section.startswith(("*arcslist", "*edgeslist"))
            if section.startswith("*matrix"):
                raise refused(path, _("holds a matrix; save it as a list of ties"))
        elif not line or not ties or line.startswith(COMMENTS):
            continue
        elif matrix:
            matrix = False  # rows, columns, entries
        elif problem:  # DIMACS: c comment, p problem, e or a tie
            if line[0] in "ea":
                lines.append((number, line[1:].strip()))
        elif adjacency:
            first, *others = line.split()
            lines += [(number, f"{first} {other}") for other in others]
        else:
            lines.append((number, line))
    sample = [line for _number, line in lines[:LINES_LOOKED_AT]]
    separator = next((sign for sign in ("\t", ";", ",") if all(sign in line for line in sample)), None)
    return [(number, [cell.strip().strip('"') for cell in line.split(separator)])
            for number, line in lines]


def _ends(path: Path, rows: Sequence[tuple[int, list[str]]]) -> Ends:
    """Return the first two cells of each row; a third may be a weight, a fourth a time."""
    for number, cells in rows:
        if len(cells) < 2 or not cells[0] or not cells[1]:
            raise refused(path, _(
                "line {number}: '{found}' is no tie; a tie is two persons, and perhaps a weight")
                .format(number=number, found=",".join(cells)[:60]))
    pairs = [cells[:2] for _number, cells in rows]
    # A line of headings: no cell is a number, and none occurs again.
    if len(pairs) > 1 and not any(cell.lstrip("-").isdigit() for cell in pairs[0]) and (
            any(cell.isdigit() for cell in pairs[1])
            or {cell.lower() for cell in pairs[0]} <= HEADINGS):
        pairs, rows = pairs[1:], rows[1:]
    if not pairs:
        raise refused(path, _("holds no tie"))
    one, other = ([cell[:-2] if cell.endswith(".0") and cell[:-2].isdigit() else cell
                   for cell in end] for end in zip(*pairs, strict=True))
    slip = _slip(one, other)
    if slip is not None:
        raise refused(path, _(
            "line {number}: '{found}' is no person; the others are whole numbers from 0 on").format(
                number=rows[slip][0],
                found=next(end[slip] for end in (one, other) if not is_number(end[slip]))[:40]))
    return one, other


def is_number(cell: str) -> bool:
    """Return whether a cell is a whole number from 0 on, like an id."""
    return cell.isascii() and cell.isdigit() and len(cell) < 19


def _slip(one: list[str], other: list[str]) -> int | None:
    """Return the first row without a number where most cells are numbers: a slip, not a name."""
    numbers = [is_number(a) + is_number(b) for a, b in zip(one, other, strict=True)]
    if len(one) < sum(numbers) < 2 * len(one):
        return next(row for row, count in enumerate(numbers) if count < 2)
    return None


def _parquet(path: Path) -> Ends:
    import pyarrow as pa
    import pyarrow.parquet as parquet

    try:
        # Hand over bytes: Arrow takes some paths for URLs.
        table = parquet.read_table(io.BytesIO(read_file(path, int(free_memory() / TIMES))))
    except OSError as error:
        raise FilesError(_("network.path: cannot read {name}: {why}").format(
            name=path.name, why=error.strerror or error)) from None
    except pa.ArrowInvalid as error:
        raise refused(path, _("is no edge list: {why}").format(
            why=str(error).splitlines()[0][:160])) from None
    if table.num_columns < 2:
        raise refused(path, _(
            "has {count} columns; an edge list has two, one for each end of a tie").format(
                count=table.num_columns))
    for column in range(2):
        if table.column(column).null_count:
            row = table.column(column).to_pylist().index(None)
            raise refused(path, _("line {number}: an empty cell is no person").format(
                number=row + 1))
    ends = [[str(cell) for cell in table.column(column).to_pylist()] for column in range(2)]
    return _ends(path, [(row, list(cells)) for row, cells in enumerate(
        zip(*ends, strict=True), 1)])


def _graph(path: Path, suffix: str) -> Ends:
    """Return the ties of a file in a format that networkx reads."""
    import networkx as nx

    data = _read(path)
    try:
        graph: Any = nx.read_graphml(io.BytesIO(data)) if suffix == ".graphml" else \
            nx.parse_gml(data.decode("utf-8-sig"), label=None)
    except Exception as error:  # networkx and its parsers raise all kinds of errors
        raise refused(path, _("is no edge list: {why}").format(
            why=(str(error).splitlines() or [""])[0][:160])) from None
    return _ends(path, [(row, [str(a), str(b)]) for row, (a, b) in enumerate(graph.edges(), 1)])

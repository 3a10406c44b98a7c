"""Network from a file: an edge list as others publish them (SNAP, KONECT, Pajek, networkx)."""

from __future__ import annotations

import codecs
import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

from sim.errors import FilesError, UsageError
from sim.kernel import np
from sim.kernel.threads import Threads
from sim.market.network.graph import Graph
from sim.market.network.pairs import finished, rows_of
from sim.market.network.settings import Network

__all__ = ["Ties", "edge_list", "read_ties"]

HEADINGS = {"source", "target", "from", "to", "fromnodeid", "tonodeid", "node1", "node2", "a", "b",
            "person", "contact", "u", "v", "src", "dst"}
"""What headings are called above names, which no number tells from them."""


MARKS = ("#", "%", "*")
"""Signs with which a line begins that is no tie: comments (SNAP, KONECT), sections (Pajek)."""
LINES_LOOKED_AT = 200
"""Lines from which the separator and the headings are told."""


@dataclass(frozen=True)
class Ties:
    """The two ends of each tie (uint32), and what was done to get them, in sentences."""

    one: np.ndarray
    other: np.ndarray
    notes: tuple[str, ...] = ()


def _refused(path: Path, why: str) -> UsageError:
    return UsageError(f"network.path: {path.name} {why}")


def _lines(path: Path) -> list[str]:
    """Return the lines of a text file that hold ties, unpacked where it is packed."""
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
            if data.startswith(mark):
                data = data.decode(encoding).encode()
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(path, "is not written in UTF-8") from None
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or "it is damaged"
        raise FilesError(f"network.path: cannot read {path.name}: {why}") from None
    lines, ties = [], True
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("*"):  # Pajek: vertices are listed before arcs and edges
            ties = not line.lower().startswith(("*vertices", "*network"))
        elif line and ties and not line.startswith(MARKS):
            lines.append(line)
    return lines


def _split(path: Path, lines: list[str]) -> list[list[str]]:
    """Return the first two cells of each line; a third may be a weight, a fourth a time."""
    if not lines:
        raise _refused(path, "holds no tie")
    sample = lines[:LINES_LOOKED_AT]
    separator = next((sign for sign in ("\t", ";", ",") if all(sign in line for line in sample)), None)
    rows = []
    for number, line in enumerate(lines):
        cells = [cell.strip().strip('"') for cell in line.split(separator)]
        if len(cells) < 2 or not cells[0] or not cells[1]:
            raise _refused(path, f"row {number + 1}: {line[:60]!r} is no tie; a tie is two "
                                 "persons, and perhaps a weight")
        rows.append(cells[:2])
    # A line of headings: no cell is a number, and the cells are met nowhere else.
    if len(rows) > 1 and not any(cell.lstrip("-").isdigit() for cell in rows[0]) and (
            any(cell.isdigit() for cell in rows[1])
            or {cell.lower() for cell in rows[0]} <= HEADINGS):
        rows = rows[1:]
    return rows


def _cells(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of all ties as they are called in the file: numbers where all are numbers."""
    if path.suffix.lower() in (".parquet", ".pq"):
        import pyarrow as pa
        import pyarrow.parquet as parquet

        try:
            with path.open("rb") as file:
                table = parquet.read_table(file)
        except OSError as error:
            raise FilesError(
                f"network.path: cannot read {path.name}: {error.strerror or error}") from None
        except pa.ArrowInvalid as error:
            raise _refused(path, f"is no edge list: {str(error).splitlines()[0][:160]}") from None
        if table.num_columns < 2:
            raise _refused(path, f"has {table.num_columns} columns; an edge list has two, one for "
                                 "each end of a tie")
        for column in range(2):
            if table.column(column).null_count:
                row = table.column(column).to_pylist().index(None)
                raise _refused(path, f"row {row + 1}: an empty cell is no person")
        ends = [[str(cell.as_py()) for cell in table.column(column)] for column in range(2)]
    else:
        ends = [list(end) for end in zip(*_split(path, _lines(path)), strict=True)]
        if not ends:
            raise _refused(path, "holds no tie")
    ends = [[cell[:-2] if cell.endswith(".0") and cell[:-2].isdigit() else cell for cell in end]
            for end in ends]
    numbers = [[cell.isascii() and cell.isdigit() and len(cell) < 19 for cell in end] for end in ends]
    many = sum(map(sum, numbers))
    if many == 2 * len(ends[0]):
        return np.array(ends[0], np.int64), np.array(ends[1], np.int64)
    if many > len(ends[0]):  # one cell among many numbers is a slip, not a name
        row = min(end.index(False) for end in numbers if False in end)
        cell = next(end[row] for end, fine in zip(ends, numbers, strict=True) if not fine[row])
        raise _refused(path, f"row {row + 1}: {cell[:40]!r} is no person; the others are whole "
                             "numbers from 0 on")
    return np.array(ends[0]), np.array(ends[1])


def read_ties(path: str, persons: int) -> Ties:
    """Return the ties of an edge list.

    Read are text files (commas, semicolons, tabs or spaces; comments after ``#`` or ``%``; a line
    of headings; weights, which are left out; packed by gzip; Pajek) and Parquet files. Persons who
    are whole numbers below `persons` keep them; other numbers and names are numbered in order.
    Ties may repeat, either way round.

    Raises
    ------
    FilesError
        When the file cannot be read.
    UsageError
        When a row is no tie, or there are more persons in it than in the market.
    """
    file = Path(path)
    one, other = _cells(file)
    notes = []
    if one.dtype != np.int64 or int(max(one.max(), other.max())) >= persons:
        names, numbers = np.unique(np.concatenate([one, other]), return_inverse=True)
        if names.size > persons:
            raise _refused(file, f"names {names.size:,} persons and the market has {persons:,}; "
                                 f"set persons: {names.size}")
        one, other = numbers[: one.size], numbers[one.size:]
        notes.append(f"{names.size:,} persons of {file.name} are numbered in the order of their "
                     "names")
    own = one == other
    if own.any():
        one, other = one[~own], other[~own]
        notes.append(f"{int(own.sum()):,} ties of a person to themselves are left out")
        if not one.size:
            raise _refused(file, "holds no tie between two persons")
    return Ties(one.astype(np.uint32), other.astype(np.uint32), tuple(notes))


def edge_list(
    network: Network, communities: np.ndarray, _sociability: np.ndarray, seed: int,
    threads: Threads,
) -> Graph:
    """Return the graph of the file ``network.path``; ``network.contacts`` plays no part."""
    if not network.path:
        raise UsageError("network.path: kind file needs the path of an edge list")
    ties = read_ties(network.path, int(communities[-1]))
    start, contacts = rows_of(
        int(communities[-1]), lambda: iter([(ties.one, ties.other)]), threads)
    return finished(start, contacts, communities, network.close, seed, threads)

"""Network from a file: an edge list in CSV or Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.errors import FilesError, UsageError
from sim.kernel import np
from sim.kernel.threads import Threads
from sim.market.network.graph import Graph
from sim.market.network.pairs import finished, rows_of
from sim.market.network.settings import Network

__all__ = ["edge_list", "read_ties"]


def _table(path: Path) -> Any:
    import pyarrow as pa
    import pyarrow.csv as csv
    import pyarrow.parquet as parquet

    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            return parquet.read_table(path)
        first = path.open(encoding="utf-8-sig").readline()
        cells = [cell.strip() for cell in first.split(",")]
        # A header is a first line in which no cell is a number.
        header = not any(cell.lstrip("+-").replace(".", "").isdigit() for cell in cells)
        return csv.read_csv(path, csv.ReadOptions(autogenerate_column_names=not header))
    except UnicodeDecodeError:
        raise UsageError(f"network.path: {path.name} is not written in UTF-8") from None
    except OSError as error:
        raise FilesError(
            f"network.path: cannot read {path.name}: {error.strerror or error}") from None
    except pa.ArrowInvalid as error:
        reason = str(error).splitlines()[0][:160]
        raise UsageError(f"network.path: {path.name} is no edge list: {reason}") from None


def _ends(table: Any, column: int, name: str) -> np.ndarray:
    """Return one column as integers; raise for the first row that holds something else."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = table.column(column).combine_chunks()
    if not pa.types.is_integer(values.type):
        text = pc.cast(values, pa.string())
        good = pc.fill_null(pc.match_substring_regex(text, r"^\s*[0-9]{1,18}(\.0*)?\s*$"), False)
        bad = np.flatnonzero(~good.to_numpy(zero_copy_only=False))
        if bad.size:
            shown = text[int(bad[0])].as_py()
            raise UsageError(
                f"network.path: {name}, row {bad[0] + 1}: "
                f"{'an empty cell' if shown is None else repr(shown[:40])} is no person; "
                "a person is a whole number from 0 on")
        values = pc.cast(pc.cast(values, pa.float64()) if pa.types.is_floating(values.type)
                         else pc.utf8_trim_whitespace(text), pa.int64())
    elif values.null_count:
        row = int(np.flatnonzero(pc.is_null(values).to_numpy(zero_copy_only=False))[0])
        raise UsageError(f"network.path: {name}, row {row + 1}: an empty cell is no person")
    return values.to_numpy(zero_copy_only=False).astype(np.int64)


def read_ties(path: str, persons: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the two ends of each tie in the file (uint32).

    A CSV file may have one line of headings. Ties may repeat, either way round.

    Raises
    ------
    FilesError
        When the file cannot be read.
    UsageError
        When it does not hold two columns of persons below `persons`; names the first bad row,
        counted from 1 without the headings.
    """
    file = Path(path)
    table = _table(file)
    if table.num_columns != 2:
        raise UsageError(
            f"network.path: {file.name} has {table.num_columns} columns; an edge list has two, "
            "one for each end of a tie")
    ends = [_ends(table, column, file.name) for column in range(2)]
    beyond = (np.minimum(*ends) < 0) | (np.maximum(*ends) >= persons)
    if beyond.any():
        row = int(np.flatnonzero(beyond)[0])
        pair = (int(ends[0][row]), int(ends[1][row]))
        wrong = next(end for end in pair if not 0 <= end < persons)
        raise UsageError(
            f"network.path: {file.name}, row {row + 1}: there is no person {wrong} "
            f"(persons: {persons}, numbered 0 to {persons - 1})")
    own = ends[0] == ends[1]
    if own.any():
        row = int(np.flatnonzero(own)[0])
        raise UsageError(
            f"network.path: {file.name}, row {row + 1}: person {ends[0][row]} is tied to "
            "themselves")
    return ends[0].astype(np.uint32), ends[1].astype(np.uint32)


def edge_list(
    network: Network, communities: np.ndarray, _sociability: np.ndarray, seed: int,
    threads: Threads,
) -> Graph:
    """Return the graph of the file ``network.path``; ``network.contacts`` plays no part."""
    if not network.path:
        raise UsageError("network.path: kind file needs the path of an edge list")
    ties = read_ties(network.path, int(communities[-1]))
    start, contacts = rows_of(int(communities[-1]), lambda: iter([ties]), threads)
    return finished(start, contacts, communities, network.close, seed, threads)

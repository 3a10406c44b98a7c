"""Packed tables: a worker packs the tables of its run, and the process that collects runs unpacks them.

A packed run is one string of bytes: a head with the length and number of rows of each table, and then the
tables as Arrow streams, each compressed as a whole (compressed column by column, they take eight times as
long to read and half as much room again). Unlike a pickle it runs no code when it is read, and one table
can be read without decoding the others.
"""

from __future__ import annotations

import contextlib
import re
import struct
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.kernel import np
from sim.runs.result import OPTIONAL, TABLES

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from sim.runs.observed import Columns
    from sim.runs.result import Result

__all__ = [
    "ROWS_IN_CSV", "floats", "for_spreadsheets", "frame", "join", "pack", "pack_columns", "unpack",
    "write_csv", "write_parquet",
]

ALL = (*TABLES, *OPTIONAL)
"""Tables that a packed run may hold, in this order."""
_HEAD = struct.Struct(f"<4s{2 * len(ALL)}Q")
_MARK = b"wsr3"
_COLUMN_BY_COLUMN = b"wsr2"
"""First bytes of a run packed by an earlier version, whose streams are compressed inside."""
FORMULA = "=+-@\t\r"
"""Characters with which a formula begins in a spreadsheet."""
ROWS_IN_GROUP = 65_536
"""Rows after which a row group of a Parquet file ends, at the end of the current run."""
ROWS_IN_CSV = 200_000
"""Largest table that is also written as CSV, in rows; spreadsheets take about a million."""


Who = dict[str, Any]
"""The columns that identify a run, with their values: varied settings, scenario, seed."""


def pack(result: Result) -> bytes:
    """Return the tables of a `Result` as bytes; equal tables give equal bytes."""
    return _packed({
        name: None if kept is None else _arrow(
            kept.drop(columns=["scenario", "seed"], errors="ignore"))
        for name, kept in ((name, getattr(result, name)) for name in ALL)})


def pack_columns(tables: dict[str, Columns]) -> bytes:
    """Return tables of plain columns (`sim.runs.observed`) as the bytes that `pack` gives."""
    return _packed({name: _arrow_of(tables[name]) if name in tables else None for name in ALL})


def _packed(tables: dict[str, pa.Table | None]) -> bytes:
    """Return tables as bytes; None stands for a table that the run does not keep."""
    import pyarrow as pa

    streams, rows = [], []
    for table in tables.values():
        if table is None:
            streams.append(b"")
            rows.append(0)
            continue
        sink = pa.BufferOutputStream()
        with pa.CompressedOutputStream(sink, "zstd") as whole, \
                pa.ipc.new_stream(whole, table.schema) as writer:
            writer.write_table(table)
        streams.append(sink.getvalue().to_pybytes())
        rows.append(table.num_rows)
    return b"".join([_HEAD.pack(_MARK, *map(len, streams), *rows), *streams])


def rows_in(packed: bytes, table: str) -> int:
    """Return the number of rows of one table of a packed run."""
    return int(_head(packed)[1][ALL.index(table)])


def _head(packed: bytes) -> tuple[list[int], list[int]]:
    """Return the lengths and numbers of rows of the tables of a packed run; 0 if a table is not kept."""
    mark, *numbers = _HEAD.unpack_from(packed) if len(packed) >= _HEAD.size else (b"", 0)
    if mark not in (_MARK, _COLUMN_BY_COLUMN):
        raise ValueError("this is no packed run")
    return numbers[: len(ALL)], numbers[len(ALL) :]


def _arrow(table: pd.DataFrame) -> pa.Table:
    """Return a pandas table as Arrow; integer columns with empty cells are nullable."""
    import pyarrow as pa

    arrow = pa.Table.from_pandas(table, preserve_index=False)
    fields = [
        pa.field(str(name), arrow.schema.field(str(name)).type,
                 nullable=str(dtype) not in ("int64", "bool"))
        for name, dtype in table.dtypes.items()
    ]
    return arrow.cast(pa.schema(fields))


def _arrow_of(columns: Columns) -> pa.Table:
    """Return plain columns as Arrow; NaN becomes an empty cell."""
    import pyarrow as pa

    fields, arrays = [], []
    for name, values in columns.items():
        array = _array(values)
        whole = type(values) is np.ndarray and values.dtype in (np.int64, np.bool_)
        fields.append(pa.field(name, array.type, nullable=not whole))
        arrays.append(array)
    return pa.table(arrays, schema=pa.schema(fields))


def _array(values: np.ndarray) -> pa.Array:
    """Return a plain column as Arrow.

    Numbers are passed as they lie in memory, since `pyarrow.array` would first import pandas, which takes
    a quarter of a second.
    """
    import pyarrow as pa

    if values.dtype not in (np.int64, np.float64):
        # The types of pandas: texts are large strings, and a column without rows has no type.
        texts = values.dtype == object and values.size
        return pa.array(values, pa.large_string() if texts else None, from_pandas=True)
    empty = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else np.isnan(values)
    known = pa.py_buffer(np.packbits(~empty, bitorder="little")) if empty.any() else None
    plain = np.ascontiguousarray(np.ma.getdata(values))
    return pa.Array.from_buffers(
        pa.int64() if plain.dtype == np.int64 else pa.float64(), plain.size, [known, pa.py_buffer(plain)])


def unpack(packed: bytes, table: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Return one table of a packed run, with all columns or those in `columns` (unknown ones are ignored)."""
    import pyarrow as pa

    stream = _stream(packed, table)
    if stream is None:
        return pa.table({})
    read = stream.read_all()
    if columns is not None:
        read = read.select([name for name in columns if name in read.column_names])
    return read


def _stream(packed: bytes, table: str) -> pa.RecordBatchStreamReader | None:
    """Return the stream of one table; None if the table is not kept."""
    import pyarrow as pa

    lengths, _ = _head(packed)
    place = ALL.index(table)
    if not lengths[place]:
        return None
    part = pa.py_buffer(packed).slice(_HEAD.size + sum(lengths[:place]), lengths[place])
    if packed.startswith(_MARK):
        return pa.ipc.open_stream(pa.CompressedInputStream(pa.BufferReader(part), "zstd"))
    return pa.ipc.open_stream(part)


def _schema(packed: bytes, table: str, who: Who) -> pa.Schema:
    """Return the schema that `_identified` gives a table of a packed run, without decoding its rows."""
    import pyarrow as pa

    stream = _stream(packed, table)
    fields = [] if stream is None else list(stream.schema)
    return pa.schema([*(pa.field(name, _repeated(value, 0).type, nullable=False)
                        for name, value in who.items()), *fields])


def join(
    runs: Iterable[tuple[bytes, Who]], table: str, columns: Sequence[str] | None = None
) -> pa.Table:
    """Return one table of many packed runs, with the columns that identify each run in front.

    `runs` yields each packed run with these columns (varied settings, scenario, seed) and their values.
    """
    import pyarrow as pa

    parts = [_identified(unpack(packed, table, columns), who) for packed, who in runs]
    if not parts:
        return pa.table({})
    if all(part.schema == parts[0].schema for part in parts):
        return pa.concat_tables(parts).combine_chunks()
    return pa.concat_tables(
        _open(parts), promote_options="permissive").combine_chunks()


def _open(parts: list[pa.Table]) -> list[pa.Table]:
    """Make columns that some parts lack nullable in the others."""
    everywhere = set.intersection(*(set(part.column_names) for part in parts))
    return [part.cast(_opened(part.schema, everywhere)) for part in parts]


def _opened(schema: pa.Schema, everywhere: set[str]) -> pa.Schema:
    import pyarrow as pa

    return pa.schema([
        field if field.name in everywhere else field.with_nullable(True) for field in schema])


def _identified(table: pa.Table, who: Who) -> pa.Table:
    import pyarrow as pa

    for place, (name, value) in enumerate(who.items()):
        column = _repeated(value, table.num_rows)
        table = table.add_column(place, pa.field(name, column.type, nullable=False), column)
    return table


def _repeated(value: object, rows: int) -> pa.Array:
    """Return a column of this many rows that all hold one value."""
    import pyarrow as pa

    if type(value) in (int, float):
        return _array(np.full(rows, value))
    if isinstance(value, str):  # without pandas, as in `_array`
        text = value.encode()
        ends = np.arange(rows + 1, dtype=np.int64) * len(text)
        if ends[-1] < 2**31:
            return pa.Array.from_buffers(
                pa.string(), rows, [None, pa.py_buffer(ends.astype(np.int32)), pa.py_buffer(text * rows)])
    return pa.array([value]).take(pa.array([0] * rows, pa.int64()))


def frame(table: pa.Table) -> pd.DataFrame:
    """Return an Arrow table as pandas; integer columns with empty cells become ``Int64``."""
    import pandas as pd
    import pyarrow as pa

    if not table.column_names:
        return pd.DataFrame()
    read = table.to_pandas()
    for field in table.schema:
        if pa.types.is_integer(field.type) and field.nullable:
            read[field.name] = pd.array(table[field.name].to_numpy(zero_copy_only=False)
                                        if table[field.name].null_count == 0
                                        else table[field.name].to_pylist(), "Int64")
    return read


def floats(table: pa.Table) -> dict[str, np.ndarray]:
    """Return the numeric columns of an Arrow table as floats, empty cells as NaN; pandas is not imported."""
    import pyarrow as pa

    found = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        kind = np.int64 if pa.types.is_int64(column.type) else \
            np.float64 if pa.types.is_float64(column.type) else None
        if kind is not None:
            found[name] = np.concatenate(
                [_floats(chunk, kind) for chunk in column.chunks] or [np.empty(0)])
    return found


def _floats(chunk: pa.Array, kind: type) -> np.ndarray:
    known, data = chunk.buffers()
    there = slice(chunk.offset, chunk.offset + len(chunk))
    values = np.frombuffer(data, kind)[there].astype(np.float64)
    if chunk.null_count:
        values[np.unpackbits(np.frombuffer(known, np.uint8), bitorder="little")[there] == 0] = np.nan
    return values


def write_parquet(
    path: Path, table: str, count: int, run: Callable[[int], tuple[bytes, Who]],
    words: Callable[[pa.Schema], pa.Schema] = lambda schema: schema,
) -> int:
    """Write one table of `count` runs in their order; return its number of rows.

    `run(number)` returns a packed run with its identifying columns; `words` adds units and meanings to the
    metadata of the schema.

    The bytes depend on the runs alone: the options of the writer are fixed, there are no timestamps, and
    row groups end where a run ends. Memory holds one row group.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema, everywhere = None, set()
    for number in range(count):
        packed, who = run(number)
        mine = _schema(packed, table, who)
        everywhere = set(mine.names) if schema is None else everywhere & set(mine.names)
        schema = mine if schema is None or schema == mine else pa.unify_schemas(
            [schema, mine], promote_options="permissive")
    schema = words(_opened(schema or pa.schema([]), everywhere))
    rows = 0
    with path.open("wb") as file, pq.ParquetWriter(
        file, schema, compression="zstd", compression_level=3, version="2.6",
        data_page_version="1.0", write_statistics=True, store_schema=True,
    ) as writer:
        group: list[tuple[bytes, Who]] = []
        held = 0
        for number in range(count):
            group.append(run(number))
            held += rows_in(group[-1][0], table)
            if held >= ROWS_IN_GROUP or number == count - 1:
                part = join(group, table)
                # This gives columns that this group lacks, or holds as a narrower type, their place and type.
                part = part.cast(_opened(part.schema, everywhere))
                if not set(schema.names) <= set(part.column_names):
                    part = pa.concat_tables(
                        [schema.empty_table(), part], promote_options="permissive")
                part = part.select(schema.names).cast(schema)
                if part.num_rows:
                    writer.write_table(part, row_group_size=max(1, part.num_rows))
                rows += part.num_rows
                group, held = [], 0
    return rows


def write_csv(path: Path, parquet: Path) -> None:
    """Write a Parquet table as CSV: UTF-8 with a byte-order mark, which Excel needs."""
    import pyarrow as pa
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    # Files are opened here because Arrow takes some names for addresses and cannot read others at all.
    with contextlib.ExitStack() as stack, path.open("wb") as file:
        file.write(b"\xef\xbb\xbf")
        source = pq.ParquetFile(stack.enter_context(parquet.open("rb")))
        options = pc.WriteOptions(quoting_style="needed")
        with pa.PythonFile(file, mode="w") as sink, \
                pc.CSVWriter(sink, source.schema_arrow, write_options=options) as writer:
            for batch in source.iter_batches(ROWS_IN_GROUP):
                writer.write_batch(_harmless(batch))


def for_spreadsheets(table: pd.DataFrame) -> str:
    """Return a small table as CSV text in which no cell is a formula."""
    texts = table.select_dtypes(["object", "string", "category"]).columns
    safe = table.assign(**{name: [
        f"'{cell}" if isinstance(cell, str) and cell[:1] in FORMULA else cell
        for cell in table[name]] for name in texts})
    return safe.to_csv(index=False, lineterminator="\n")


def _harmless(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Put an apostrophe in front of texts that a spreadsheet would take for a formula."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for place, column in enumerate(batch.schema):
        if pa.types.is_string(column.type):
            batch = batch.set_column(place, column, pc.replace_substring_regex(
                batch.column(place), rf"^([{re.escape(FORMULA)}])", r"'\1"))
    return batch

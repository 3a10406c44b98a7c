"""Tables on their way: packed by the process that ran, unpacked by the one that collects.

A packed run is one string of bytes: its tables as Arrow streams, each compressed as a whole (column by
column takes eight times as long to read, and half as much room again), with their lengths and numbers of
rows in front. It is no pickle, so reading one runs no code, and one table is read without decoding the
others.
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
"""Tables that a packed run may hold, in their order."""
_HEAD = struct.Struct(f"<4s{2 * len(ALL)}Q")
_MARK = b"wsr3"
_COLUMN_BY_COLUMN = b"wsr2"
"""How earlier versions began a run: its streams are compressed inside."""
FORMULA = "=+-@\t\r"
"""Signs with which a formula begins in a spreadsheet."""
ROWS_IN_GROUP = 65_536
"""Rows after which a row group of a Parquet file ends (at the end of the run)."""
ROWS_IN_CSV = 200_000
"""Rows up to which a table is written for spreadsheets as well (they take about a million)."""


def pack(result: Result) -> bytes:
    """Return the tables of a `Result` as bytes, the same for equal tables."""
    return _packed({
        name: None if kept is None else _arrow(
            kept.drop(columns=["scenario", "seed"], errors="ignore"))
        for name, kept in ((name, getattr(result, name)) for name in ALL)})


def pack_columns(tables: dict[str, Columns]) -> bytes:
    """Return plain columns (`sim.runs.observed`) as the bytes of the same tables."""
    return _packed({name: _arrow_of(tables[name]) if name in tables else None for name in ALL})


def _packed(tables: dict[str, pa.Table | None]) -> bytes:
    """Return tables, of which some are not kept, as bytes."""
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
    """Return lengths and rows of the tables of a packed run; a table that is not kept has none."""
    mark, *numbers = _HEAD.unpack_from(packed) if len(packed) >= _HEAD.size else (b"", 0)
    if mark not in (_MARK, _COLUMN_BY_COLUMN):
        raise ValueError("this is no packed run")
    return numbers[: len(ALL)], numbers[len(ALL) :]


def _arrow(table: pd.DataFrame) -> pa.Table:
    """Return a pandas table as Arrow, integers that may be empty marked as such."""
    import pyarrow as pa

    arrow = pa.Table.from_pandas(table, preserve_index=False)
    fields = [
        pa.field(str(name), arrow.schema.field(str(name)).type,
                 nullable=str(dtype) not in ("int64", "bool"))
        for name, dtype in table.dtypes.items()
    ]
    return arrow.cast(pa.schema(fields))


def _arrow_of(columns: Columns) -> pa.Table:
    """Return plain columns as Arrow; fractions that are no number count as empty."""
    import pyarrow as pa

    fields, arrays = [], []
    for name, values in columns.items():
        array = _array(values)
        whole = type(values) is np.ndarray and values.dtype in (np.int64, np.bool_)
        fields.append(pa.field(name, array.type, nullable=not whole))
        arrays.append(array)
    return pa.table(arrays, schema=pa.schema(fields))


def _array(values: Any) -> pa.Array:
    """Return a plain column as Arrow.

    Numbers are handed over as they lie in memory: `pyarrow.array` would import pandas to look at them, a
    quarter of a second.
    """
    import pyarrow as pa

    if values.dtype not in (np.int64, np.float64):
        # As pandas has it: texts are large, a column without a row has no type.
        texts = values.dtype == object and values.size
        return pa.array(values, pa.large_string() if texts else None, from_pandas=True)
    empty = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else np.isnan(values)
    known = pa.py_buffer(np.packbits(~empty, bitorder="little")) if empty.any() else None
    plain = np.ascontiguousarray(np.ma.getdata(values))
    return pa.Array.from_buffers(
        pa.int64() if plain.dtype == np.int64 else pa.float64(), plain.size, [known, pa.py_buffer(plain)])


def unpack(packed: bytes, table: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Return one table of a packed run, all of it or the columns named (unknown ones left out)."""
    import pyarrow as pa

    stream = _stream(packed, table)
    if stream is None:
        return pa.table({})
    read = stream.read_all()
    if columns is not None:
        read = read.select([name for name in columns if name in read.column_names])
    return read


def _stream(packed: bytes, table: str) -> pa.RecordBatchStreamReader | None:
    """Return the stream of one table; None where the table is not kept."""
    import pyarrow as pa

    lengths, _ = _head(packed)
    place = ALL.index(table)
    if not lengths[place]:
        return None
    part = pa.py_buffer(packed).slice(_HEAD.size + sum(lengths[:place]), lengths[place])
    if packed.startswith(_MARK):
        return pa.ipc.open_stream(pa.CompressedInputStream(pa.BufferReader(part), "zstd"))
    return pa.ipc.open_stream(part)


def _schema(packed: bytes, table: str, who: dict[str, Any]) -> pa.Schema:
    """Return the schema that `_identified` gives a table of a packed run, whose rows nobody decodes."""
    import pyarrow as pa

    stream = _stream(packed, table)
    fields = [] if stream is None else list(stream.schema)
    return pa.schema([*(pa.field(name, _repeated(value, 0).type, nullable=False)
                        for name, value in who.items()), *fields])


def join(
    runs: Iterable[tuple[bytes, dict[str, Any]]], table: str, columns: Sequence[str] | None = None
) -> pa.Table:
    """Return one table of many packed runs, each with what identifies it in front.

    `runs` yields the packed run and its identifying columns (varied settings, scenario, seed).
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
    """Let columns that some parts lack be empty there."""
    everywhere = set.intersection(*(set(part.column_names) for part in parts))
    return [part.cast(_opened(part.schema, everywhere)) for part in parts]


def _opened(schema: pa.Schema, everywhere: set[str]) -> pa.Schema:
    import pyarrow as pa

    return pa.schema([
        field if field.name in everywhere else field.with_nullable(True) for field in schema])


def _identified(table: pa.Table, who: dict[str, Any]) -> pa.Table:
    import pyarrow as pa

    for place, (name, value) in enumerate(who.items()):
        column = _repeated(value, table.num_rows)
        table = table.add_column(place, pa.field(name, column.type, nullable=False), column)
    return table


def _repeated(value: Any, rows: int) -> pa.Array:
    """Return a column that holds one value throughout."""
    import pyarrow as pa

    if type(value) in (int, float):
        return _array(np.full(rows, value))
    if isinstance(value, str):  # without pandas, as `_array`
        text = value.encode()
        ends = np.arange(rows + 1, dtype=np.int64) * len(text)
        if ends[-1] < 2**31:
            return pa.Array.from_buffers(
                pa.string(), rows, [None, pa.py_buffer(ends.astype(np.int32)), pa.py_buffer(text * rows)])
    return pa.array([value]).take(pa.array([0] * rows, pa.int64()))


def frame(table: pa.Table) -> pd.DataFrame:
    """Return an Arrow table as pandas, integers that may be empty as ``Int64``."""
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
    """Return the columns of numbers of an Arrow table as floats, an empty cell as NaN; without pandas."""
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
    path: Path, table: str, count: int, run: Callable[[int], tuple[bytes, dict[str, Any]]],
    words: Callable[[pa.Schema], pa.Schema] = lambda schema: schema,
) -> int:
    """Write one table of `count` runs in their order; return its rows.

    `words` puts units and meanings into the metadata of the schema.

    The bytes depend on the runs alone: fixed writer options, no timestamps, row groups that end
    where a run ends. Memory holds one row group.
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
        group: list[tuple[bytes, dict[str, Any]]] = []
        held = 0
        for number in range(count):
            group.append(run(number))
            held += rows_in(group[-1][0], table)
            if held >= ROWS_IN_GROUP or number == count - 1:
                part = join(group, table)
                # A column that this group lacks or holds narrower gets its place and type.
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
    """Write a Parquet table for spreadsheets: UTF-8 with a mark, so that any Excel reads it."""
    import pyarrow as pa
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    # Files are opened here: Arrow takes some names for addresses, and some it cannot read at all.
    with contextlib.ExitStack() as stack, path.open("wb") as file:
        file.write(b"\xef\xbb\xbf")
        source = pq.ParquetFile(stack.enter_context(parquet.open("rb")))
        options = pc.WriteOptions(quoting_style="needed")
        with pa.PythonFile(file, mode="w") as sink, \
                pc.CSVWriter(sink, source.schema_arrow, write_options=options) as writer:
            for batch in source.iter_batches(ROWS_IN_GROUP):
                writer.write_batch(_harmless(batch))


def for_spreadsheets(table: pd.DataFrame) -> str:
    """Return a small table as CSV text, no cell of which a spreadsheet takes for a formula."""
    texts = table.select_dtypes(["object", "string", "category"]).columns
    safe = table.assign(**{name: [
        f"'{cell}" if isinstance(cell, str) and cell[:1] in FORMULA else cell
        for cell in table[name]] for name in texts})
    return safe.to_csv(index=False, lineterminator="\n")


def _harmless(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Put an apostrophe before texts that a spreadsheet would take for a formula."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for place, column in enumerate(batch.schema):
        if pa.types.is_string(column.type):
            batch = batch.set_column(place, column, pc.replace_substring_regex(
                batch.column(place), rf"^([{re.escape(FORMULA)}])", r"'\1"))
    return batch

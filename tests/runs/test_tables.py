"""Packed runs and the files that are merged from them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sim
from sim.runs import tables
from sim.runs.tables import ALL, frame, join, pack, rows_in, unpack, write_csv, write_parquet
from sim.runs.task import live


def packed(seed: int, **more: Any) -> bytes:
    """Return a packed run whose tables have 3, 2, 0, 1, 0 and 0 rows."""
    weekly = pd.DataFrame({
        "scenario": "s", "seed": seed, "week": [1, 2, 3], "sell_in": [seed, 5, 7], **more})
    return pack(SimpleNamespace(
        weekly=weekly, tiers=pd.DataFrame({"week": [1, 1], "tier": ["a", "b"]}),
        cohorts=pd.DataFrame({"week": pd.Series(dtype="int64")}),
        resellers=pd.DataFrame({"person": [4], "left_week": pd.array([None], "Int64")}),
        persons=pd.DataFrame(), purchases=pd.DataFrame()))


def test_one_table_is_read_of_a_packed_run() -> None:
    run = packed(9)
    assert [rows_in(run, name) for name in ALL] == [3, 2, 0, 1, 0, 0]
    assert unpack(run, "weekly").column_names == ["week", "sell_in"]
    assert unpack(run, "tiers")["tier"].to_pylist() == ["a", "b"]
    assert unpack(run, "resellers")["person"].to_pylist() == [4]
    assert unpack(run, "weekly", ["sell_in", "nonsense"]).column_names == ["sell_in"]
    assert packed(9) == run


def test_runs_of_earlier_versions_are_read() -> None:
    """They were compressed column by column."""
    table = pa.table({"week": [1, 2], "sell_in": [5, 7]})
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    stream = sink.getvalue().to_pybytes()
    old = tables._HEAD.pack(b"wsr2", len(stream), *[0] * 5, 2, *[0] * 5) + stream
    assert unpack(old, "weekly").equals(table)
    assert unpack(old, "tiers").column_names == []


@pytest.mark.parametrize("data", [b"", b"short", b"x" * 200])
def test_what_is_no_packed_run_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no packed run"):
        unpack(data, "weekly")


def test_a_run_of_empty_tables_is_as_short_as_one_gets_and_is_read() -> None:
    head = tables._HEAD.pack(tables._MARK, *[0] * 6, *range(1, 7))
    assert [rows_in(head, name) for name in ALL] == [1, 2, 3, 4, 5, 6]


def test_tables_of_many_runs_say_whose_they_are() -> None:
    table = frame(join([(packed(1), {"x": 0.5, "seed": 1}), (packed(2), {"x": 0.7, "seed": 2})],
                       "weekly"))
    assert list(table.columns) == ["x", "seed", "week", "sell_in"]
    assert table["seed"].tolist() == [1] * 3 + [2] * 3
    assert table["x"].tolist() == [0.5] * 3 + [0.7] * 3
    assert len(frame(join([], "weekly"))) == 0


def test_whole_numbers_that_may_be_missing_stay_whole_numbers() -> None:
    table = frame(unpack(packed(1), "resellers"))
    assert str(table["left_week"].dtype) == "Int64"
    assert table["left_week"].tolist() == [pd.NA]
    assert str(table["person"].dtype) == "int64"


@pytest.mark.parametrize(("rows", "groups"), [
    # Runs of three rows: a group ends with the run that reaches the limit.
    (1, [3, 3, 3, 3]), (3, [3, 3, 3, 3]), (4, [6, 6]), (7, [9, 3]), (100, [12])])
def test_row_groups_end_where_a_run_ends(
    rows: int, groups: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "ROWS_IN_GROUP", rows)
    path = tmp_path / "weekly.parquet"
    written = write_parquet(path, "weekly", 4, lambda number: (packed(number), {"seed": number}))
    file = pq.ParquetFile(path)
    found = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
    assert found == groups
    assert written == 12
    assert file.read()["sell_in"].to_pylist() == [0, 5, 7, 1, 5, 7, 2, 5, 7, 3, 5, 7]


def test_no_runs_are_an_empty_file(tmp_path: Path) -> None:
    assert write_parquet(tmp_path / "w", "weekly", 0, lambda number: (b"", {})) == 0
    assert pq.read_table(tmp_path / "w").num_rows == 0


def test_the_files_are_written_with_fixed_options(tmp_path: Path) -> None:
    """Their bytes are compared between engines and machines, so no option follows a default."""
    path = tmp_path / "weekly.parquet"
    write_parquet(path, "weekly", 2, lambda number: (packed(number), {"seed": number}))
    file = pq.ParquetFile(path)
    assert file.metadata.format_version == "2.6"
    column = file.metadata.row_group(0).column(1)
    assert column.compression == "ZSTD"
    assert column.is_stats_set
    assert b"ARROW:schema" in file.metadata.metadata
    write_csv(tmp_path / "weekly.csv", path)
    assert (tmp_path / "weekly.csv").read_bytes() == (
        b'\xef\xbb\xbf"seed","week","sell_in"\n' +
        b"".join(f"{seed},{week},{units}\n".encode() for seed in (0, 1)
                 for week, units in ((1, seed), (2, 5), (3, 7))))


@pytest.mark.parametrize("rows_in_group", [1, 100])
@pytest.mark.parametrize("extra", [[4, 5, 6], [True, False, True], [0.5, 1.5, 2.5]])
def test_a_column_that_only_some_runs_have_is_empty_in_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_in_group: int, extra: list[Any]
) -> None:
    monkeypatch.setattr(tables, "ROWS_IN_GROUP", rows_in_group)
    runs = [(packed(1), {"seed": 1}), (packed(2, extra=extra), {"seed": 2})]
    for order in (runs, runs[::-1]):
        write_parquet(tmp_path / "weekly.parquet", "weekly", 2, order.__getitem__)
        read = pq.read_table(tmp_path / "weekly.parquet")
        mine = [value for seed, value in zip(
            read["seed"].to_pylist(), read["extra"].to_pylist(), strict=True) if seed == 2]
        assert mine == extra
        assert read["extra"].null_count == 3
        assert frame(join(order, "weekly"))["extra"].isna().sum() == 3


@pytest.mark.parametrize("changes", [
    {}, {"outputs.persons": True, "outputs.purchases": True, "calendar.first_week": "2024-01-01"}])
def test_what_a_worker_packs_are_the_bytes_of_the_data_frames(changes: dict[str, Any]) -> None:
    """A worker builds no data frames; what it hands back cannot be told from what they hold."""
    for name in sim.REGIMES:
        scenario = sim.load(name, {"persons": 400, "weeks": 40, **changes})
        packed, reason = live(scenario, 5)
        assert not reason
        assert packed == pack(sim.run(scenario, 5))

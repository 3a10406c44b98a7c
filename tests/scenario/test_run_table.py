"""A table of one run as floats: the same numbers, however the table came."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.runs.tables import floats
from sim.scenario.run_table import RunTable

CELLS = st.lists(st.one_of(st.none(), st.integers(-(2**53), 2**53)), min_size=1, max_size=20)


@given(CELLS)
def test_frames_arrow_and_lists_give_the_same_floats(cells: list[int | None]) -> None:
    kept = {
        "frame": pd.DataFrame({"units": pd.array(cells, "Int64")}),
        "arrow": floats(pa.table({"units": pa.array(cells, pa.int64())})),
        "chunks": floats(pa.table({"units": pa.chunked_array([cells[:2], cells[2:]], pa.int64())})),
        "lists": {"units": [math.nan if cell is None else cell for cell in cells]},
    }
    wanted = np.array([math.nan if cell is None else float(cell) for cell in cells])
    for table in kept.values():
        found = RunTable(table)
        np.testing.assert_array_equal(found["units"], wanted)
        assert len(found) == len(cells)
        assert "units" in found
        assert "fen" not in found




SHARES = (
    pd.DataFrame({"share": [0.5, None]}), floats(pa.table({"share": [0.5, None]})),
    {"share": [0.5, math.nan]})


@pytest.mark.parametrize("table", SHARES)
def test_an_empty_cell_is_no_number(table: Any) -> None:
    np.testing.assert_array_equal(RunTable(table)["share"], [0.5, math.nan])


def test_a_table_is_read_once_and_wrapped_once() -> None:
    found = RunTable.of(pd.DataFrame({"week": [1, 2]}))
    assert RunTable.of(found) is found
    assert found["week"] is found["week"]


def test_a_column_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        RunTable({"week": [1]})["units"]

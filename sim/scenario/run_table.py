"""One table of one run as arrays of floats, which key figures, measures and reality checks read.

Each column is converted once, however many formulas read it. The source is a data frame or a dict of arrays
or lists.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

from sim.kernel import np

__all__ = ["RunTable"]


class Columns(Protocol):
    """A table of one run by columns: a data frame, a map of arrays, or a `RunTable`."""

    def __contains__(self, name: Any, /) -> bool: ...

    def __getitem__(self, name: Any, /) -> Any: ...

    def __len__(self) -> int: ...


class RunTable:
    """Columns of a table of one run, rows in order; an empty cell is NaN."""

    def __init__(self, table: Columns) -> None:
        self._table = table
        self._read: dict[str, np.ndarray] = {}

    @classmethod
    def of(cls, table: Columns) -> RunTable:
        """Return a table as a `RunTable`, itself if it is one."""
        return table if isinstance(table, cls) else cls(table)

    def __contains__(self, name: str) -> bool:
        return name in self._table

    def __getitem__(self, name: str) -> np.ndarray:
        found = self._read.get(name)
        if found is None:
            found = self._read[name] = _floats(self._table[name])
        return found

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(next(iter(self._table.values()), ())) if isinstance(self._table, dict) \
            else len(self._table)


def _floats(column: object) -> np.ndarray:
    """Return a column of pandas or plain numbers as floats."""
    if hasattr(column, "to_numpy"):
        return np.asarray(column.to_numpy(dtype=float, na_value=math.nan), np.float64)
    return np.asarray(column, np.float64)

"""Tables of columns: what many rows hold, one array a quantity.

A table knows the meaning and the unit of each of its columns, grows at its end only (rows never
move), and can be locked so that a rule changes nothing but the columns it says it writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sim.kernel import np

__all__ = ["Column", "Table"]


@dataclass(frozen=True)
class Column:
    """One quantity of every row: its name, numpy dtype, unit, meaning and value at the start."""

    name: str
    dtype: str
    unit: str
    meaning: str
    initial: float = 0
    width: int = 1
    passing: bool = False
    """True for what lives within one week only and is no part of the state."""


class Table:
    """Columns of equal length, read as attributes: ``table.trust`` is a numpy array."""

    def __init__(self, name: str, columns: Iterable[Column], rows: int = 0) -> None:
        self.name = name
        self.schema: dict[str, Column] = {}
        self.rows = 0
        self._capacity = 0
        self._stored: dict[str, np.ndarray] = {}
        self._views: dict[str, np.ndarray] = {}
        self._locked: dict[str, np.ndarray] = {}
        self._open: frozenset[str] | None = None
        self.add(*columns)
        self.append(rows)

    def add(self, *columns: Column) -> None:
        """Add columns; a column of the same name that is there already is left as it is."""
        for column in columns:
            if column.name in self.schema:
                continue
            self.schema[column.name] = column
            self._stored[column.name] = self._blank(column, self._capacity)

    def append(self, rows: int) -> int:
        """Append `rows` rows holding the initial values; return the number of the first one."""
        first = self.rows
        self.rows += rows
        if self.rows > self._capacity:
            # An empty table takes exactly what it is given; one that grows doubles.
            grown = self.rows if self._capacity == 0 else max(self.rows, 2 * self._capacity)
            for name, column in self.schema.items():
                stored = self._blank(column, grown)
                stored[:first] = self._stored[name][:first]
                self._stored[name] = stored
            self._capacity = grown
        # The views are those of fewer rows: new ones are made when somebody looks.
        self._views.clear()
        self._locked.clear()
        return first

    def only(self, writes: Iterable[str] | None) -> None:
        """Lock all columns but those named; ``None`` opens all."""
        self.__dict__["_open"] = None if writes is None else frozenset(writes)

    def items(self) -> Iterator[tuple[str, np.ndarray]]:
        """Yield name and array of every column."""
        return ((name, self[name]) for name in self.schema)

    def __getattr__(self, name: str) -> Any:
        own = self.__dict__
        try:
            # Two views of each column: nothing has to be done when another rule's turn comes.
            opened = own["_open"]
            return own["_views" if opened is None or name in opened else "_locked"][name]
        except KeyError:
            if name in own.get("schema", ()):
                self._show(name)
                return self.__getattr__(name)
            raise AttributeError(f"no column '{name}' in the table of {self.name}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__.get("schema", ()):
            # `table.trust += 1` changed the array in place and now stores it: nothing to do.
            if value is not self[name]:
                raise AttributeError(f"write into the column: table.{name}[:] = ...")
            return
        super().__setattr__(name, value)

    def __getitem__(self, name: str) -> np.ndarray:
        # Not getattr: a column may have the name of one of our methods.
        try:
            return self.__getattr__(name)
        except AttributeError:
            raise KeyError(name) from None

    def __len__(self) -> int:
        return self.rows

    def __contains__(self, name: str) -> bool:
        return name in self.schema

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_views": {}, "_locked": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        # A copied view would be an array of its own: the views are made anew.
        self.__dict__.update(state)

    def _blank(self, column: Column, rows: int) -> np.ndarray:
        shape = (rows,) if column.width == 1 else (rows, column.width)
        if column.initial == 0:
            return np.zeros(shape, column.dtype)
        return np.full(shape, column.initial, column.dtype)

    def _show(self, name: str) -> None:
        self._views[name] = self._stored[name][: self.rows]
        self._locked[name] = self._stored[name][: self.rows]
        self._locked[name].flags.writeable = False

"""Tables of columns: what many rows hold, one array per quantity.

A table knows the meaning and unit of each of its columns, grows only at its end (rows never move), and
can be locked so that a rule can change only the columns that it declares.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple, TypeVar, cast

from sim.kernel import np

__all__ = ["Column", "LockedError", "Record", "Table", "fields_of"]

View = TypeVar("View", bound=NamedTuple)


class LockedError(AttributeError):
    """A rule changes something that it does not declare in `writes`."""


@functools.cache
def _reader(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) == 1:
        return lambda source: (getattr(source, names[0]),)
    return attrgetter(*names)


def fields_of(source: object, kind: type[View]) -> View:
    """Return the named tuple `kind`, filled with the attributes of `source` of the same names."""
    return kind._make(_reader(kind._fields)(source))


class Record:
    """State that exists once: the fields of a dataclass, lockable like the columns of a table.

    Its values are numbers, tuples and arrays; they are replaced, never changed in place.
    """

    def only(self, writes: frozenset[str] | None) -> None:
        """Lock all fields but those named; ``None`` opens all."""
        self.__dict__["_open"] = writes

    def __setattr__(self, name: str, value: Any) -> None:
        opened = self.__dict__.get("_open")
        if opened is not None and name not in opened:
            raise LockedError(f"'{name}' is read-only here")
        self.__dict__[name] = value


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
    """True for values that last only within a week and are not part of the state."""
    low: float | None = None
    """Lowest valid value."""
    high: float | None = None
    """Highest valid value."""
    refers: str = ""
    """Table whose row numbers the values are; `low` is then 0, or the value for none."""


class Table:
    """Columns of equal length, read as attributes: ``table.trust`` is a numpy array.

    A column whose name clashes with an attribute is read as ``table["items"]``. The table has `room` for
    this many rows before it must grow, which copies it.
    """

    def __init__(
        self, name: str, columns: Iterable[Column], rows: int = 0, room: int = 0
    ) -> None:
        self.name = name
        self.schema: dict[str, Column] = {}
        self.rows = 0
        self._capacity = max(rows, room)
        # Whole columns, and the same memory read-only; and the views of both shown as attributes.
        self._stored: dict[str, np.ndarray] = {}
        self._sealed: dict[str, np.ndarray] = {}
        self._views: dict[str, np.ndarray] = {}
        self._locked: dict[str, np.ndarray] = {}
        # Columns whose names clash with attributes, so that no attribute shows them.
        self._hidden: list[str] = []
        self._open: frozenset[str] | None = None
        self._turns: dict[tuple[frozenset[str] | None, ...], dict[str, np.ndarray]] = {}
        # Named tuples handed to loops, valid until locks or rows change.
        self._handed: dict[type[Any], Any] = {}
        self.add(*columns)
        self.append(rows)

    def add(self, *columns: Column) -> None:
        """Add columns; existing columns of the same name stay as they are."""
        for column in columns:
            if column.name in self.schema:
                continue
            self.schema[column.name] = column
            if column.name in self.__dict__ or hasattr(Table, column.name):
                self._hidden.append(column.name)
            self._store(column.name, self._blank(column, self._capacity))
        self._show()

    def append(self, rows: int) -> int:
        """Append `rows` rows with the initial values; return the number of the first one."""
        first = self.rows
        self.rows += rows
        if self.rows > self._capacity:
            grown = max(self.rows, 2 * self._capacity)
            for name, column in self.schema.items():
                stored = self._blank(column, grown)
                stored[:first] = self._stored[name][:first]
                self._store(name, stored)
            self._capacity = grown
        self._show()
        return first

    def give_back(self, rows: int) -> None:
        """Remove the last `rows` rows, which have not been written to."""
        self.rows -= rows
        self._show()

    def only(self, writes: Iterable[str] | None) -> None:
        """Lock all columns but those named; ``None`` opens all."""
        # Rules read hundreds of columns a week, at the cost of plain attributes: so for each rule the
        # attributes are replaced, and only those that differ.
        opened = None if writes is None else frozenset(writes)
        before, shown = self._open, self.__dict__
        if opened == before:
            return
        difference = self._turns.get((before, opened))
        if difference is None:
            difference = self._turns[before, opened] = self._difference(before, opened)
        shown.update(difference)
        shown["_open"] = opened
        self._handed.clear()

    def _difference(
        self, before: frozenset[str] | None, after: frozenset[str] | None
    ) -> dict[str, np.ndarray]:
        views, locked = self._views, self._locked
        if after is None:
            return views
        if not locked:  # made when they are needed: markets that nobody guards never lock
            locked.update((name, self._sealed[name][: self.rows]) for name in views)
        opened = {name: views[name] for name in after if name in views}
        if before is None:
            return {**locked, **opened}
        return {name: locked[name] for name in before - after if name in locked} | opened

    def view(self, kind: type[View]) -> View:
        """Return the named tuple `kind`, filled with the columns of the same names, for a loop."""
        found = self._handed.get(kind)
        if found is None:
            found = self._handed[kind] = fields_of(self, kind)
        return cast(View, found)

    def items(self) -> Iterator[tuple[str, np.ndarray]]:
        """Yield name and array of every column."""
        return ((name, self[name]) for name in self.schema)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"no column '{name}' in the table of {self.__dict__.get('name', '?')}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__.get("_views", ()):
            # `table.trust += 1` changes the array in place and then stores it: nothing to do.
            if value is not self.__dict__[name]:
                raise AttributeError(f"write into the column: table.{name}[:] = ...")
            return
        super().__setattr__(name, value)

    def __getitem__(self, name: str) -> np.ndarray:
        opened = self._open is None or name in self._open
        return (self._stored if opened else self._sealed)[name][: self.rows]

    def __len__(self) -> int:
        return self.rows

    def __contains__(self, name: str) -> bool:
        return name in self.schema

    def __getstate__(self) -> dict[str, Any]:
        # A copied view would be a separate array, so the views are made again.
        own = {name: value for name, value in self.__dict__.items() if name not in self._views}
        return {**own, "_sealed": {}, "_views": {}, "_locked": {}, "_turns": {}, "_handed": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for name, stored in self._stored.items():
            self._store(name, stored)
        self._show()

    def _blank(self, column: Column, rows: int) -> np.ndarray:
        shape = (rows,) if column.width == 1 else (rows, column.width)
        if column.initial == 0:
            return np.zeros(shape, column.dtype)
        return np.full(shape, column.initial, column.dtype)

    def _store(self, name: str, stored: np.ndarray) -> None:
        self._stored[name] = stored
        self._sealed[name] = stored[:]
        self._sealed[name].flags.writeable = False

    def _show(self) -> None:
        """Show the existing rows: views as attributes, except for columns named like a method."""
        own, cut = self.__dict__, itemgetter(slice(self.rows))
        self._views.update(zip(self._stored, map(cut, self._stored.values()), strict=True))
        for name in self._hidden:
            del self._views[name]
        self._locked.clear()
        self._turns.clear()
        self._handed.clear()
        own.update(self._views)
        opened, own["_open"] = self._open, None
        self.only(opened)

"""Brand, Reseller and Consumer: Mesa agents that are live views of rows.

A model holds its persons as columns. An agent is made when somebody asks for it, reads and writes
the columns of its row, equals every other view of that row and costs nothing when nobody looks. No
agent is registered with Mesa, whose register would hold a million objects (and, in Mesa 3.3, keep
every model alive for ever). `ColumnarAgentSet` gives Mesa's agent sets over such rows.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar, Self

import mesa

from sim.kernel import np

try:
    from mesa.agentset import AgentSet, GroupBy  # Mesa 3.4 and later
except ImportError:
    from mesa.agent import AgentSet, GroupBy

if TYPE_CHECKING:
    from sim.kernel.columns import Table
    from sim.model import MicroCommerce

__all__ = ["KINDS", "Brand", "ColumnarAgentSet", "Consumer", "Reseller"]


class _View(mesa.Agent):
    """A row of the world, seen as a Mesa agent.

    Attributes
    ----------
    model
        The model the agent lives in.
    row
        Its row; it stays the same for the whole run.
    unique_id
        A number that no other agent of the model ever has; it stays the same for the whole run.
    """

    pos = None

    def __init__(self, model: MicroCommerce, row: int) -> None:
        # Not Mesa's own __init__, which would register the agent and hand out a fresh id.
        row = operator.index(row)
        if not 0 <= row < self._count(model):
            raise IndexError(f"there is no {type(self).__name__} in row {row}")
        self.__dict__["model"] = model
        self.__dict__["row"] = row

    @classmethod
    def _count(cls, model: MicroCommerce) -> int:
        """Return the number of rows of this kind that there ever were."""
        raise NotImplementedError

    @classmethod
    def _first_id(cls, model: MicroCommerce) -> int:
        """Return the unique id of row 0 of this kind."""
        raise NotImplementedError

    @classmethod
    def _members(cls, model: MicroCommerce) -> np.ndarray:
        """Return the rows that play this role now."""
        return np.arange(cls._count(model), dtype=np.int64)

    @classmethod
    def _column(cls, model: MicroCommerce, name: str) -> np.ndarray | None:
        """Return the column of this name, or None where an agent answers by itself."""
        return None

    @property
    def unique_id(self) -> int:
        """Number of the agent within its model."""
        return self._first_id(self.model) + self.row

    def remove(self) -> None:
        """Refuse: rows stay for the whole run; rules take persons out of their roles."""
        raise TypeError(
            f"a {type(self).__name__} cannot be removed: persons stay for the whole run, a rule "
            "such as `leaving` ends their role"
        )

    def __eq__(self, other: object) -> bool:
        return (
            type(other) is type(self)
            and other.row == self.row  # type: ignore[attr-defined]
            and other.model is self.model  # type: ignore[attr-defined]
        )

    def __hash__(self) -> int:
        return hash((type(self).__name__, id(self.model), self.row))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.model, self.row)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.row} of week {self.model.week}>"


class _RowView(_View):
    """A row of one of the world's tables."""

    _name: ClassVar[str]

    @classmethod
    def _table(cls, model: MicroCommerce) -> Table:
        return model.world.tables[cls._name]

    @classmethod
    def _count(cls, model: MicroCommerce) -> int:
        return len(cls._table(model))

    @classmethod
    def _column(cls, model: MicroCommerce, name: str) -> np.ndarray | None:
        table = cls._table(model)
        return table[name] if name in table else None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = getattr(self._table(self.model), name)[self.row]
        return value if value.ndim else value.item()

    def __setattr__(self, name: str, value: Any) -> None:
        table = self._table(self.model)
        if name not in table:
            raise AttributeError(
                f"no column '{name}' in the table of {self._name}: an agent is a row and keeps "
                "nothing beside it; a rule can bring a column along"
            )
        table[name][self.row] = value

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._table(self.model).schema})


class Brand(_View):
    """The one brand of a model: what it makes, knows and promises.

    Its attributes are those of `sim.market.brand.BrandState` (quality, position, forecast,
    knowledge, ...), to be read and written, and `cash` and `inventory`, to be read.
    """

    def __init__(self, model: MicroCommerce, row: int = 0) -> None:
        super().__init__(model, row)

    @classmethod
    def _count(cls, model: MicroCommerce) -> int:
        return 1

    @classmethod
    def _first_id(cls, model: MicroCommerce) -> int:
        return 1

    @property
    def cash(self) -> int:
        """Fen earned since the start; below zero, fen owed."""
        return self.model.world.books.money["brand"]

    @property
    def inventory(self) -> int:
        """Finished units in the factory's store."""
        return self.model.world.books.goods["factory"]

    def __getattr__(self, name: str) -> Any:
        if name in _brand_fields(self.__dict__.get("model")):
            return getattr(self.model.world.brand, name)
        raise AttributeError(f"the brand has no attribute '{name}'")

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _brand_fields(self.model):
            raise AttributeError(f"the brand has no attribute '{name}' that can be written")
        setattr(self.model.world.brand, name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_brand_fields(self.model)})


def _brand_fields(model: Any) -> set[str]:
    if model is None:
        return set()
    return {field.name for field in dataclasses.fields(model.world.brand)}


class Consumer(_RowView):
    """A person: traits, state of mind and what is at home.

    The attributes are the columns of `sim.market.persons` (trust, home, stage, ...), with the
    units given there. Every person is a consumer, also while selling.
    """

    _name = "persons"

    @classmethod
    def _first_id(cls, model: MicroCommerce) -> int:
        return 2

    @property
    def contacts(self) -> ColumnarAgentSet:
        """The person's circle, close contacts first."""
        graph = self.model.world.graph
        rows = graph.contacts[graph.start[self.row] : graph.start[self.row + 1]]
        return ColumnarAgentSet._of_rows(self.model, Consumer, rows)


class Reseller(_RowView):
    """A person in the selling role: rung, stock, money, mood.

    The attributes are the columns of `sim.market.resellers` (tier, inventory, cash in fen, ...).
    A view stays good after its reseller has left (`active` is 0 then).
    """

    _name = "resellers"

    @classmethod
    def _first_id(cls, model: MicroCommerce) -> int:
        return 2 + len(model.world.persons)

    @classmethod
    def _members(cls, model: MicroCommerce) -> np.ndarray:
        return np.flatnonzero(model.world.resellers.active)

    @property
    def consumer(self) -> Consumer:
        """The person who sells."""
        return Consumer(self.model, self.person)

    @property
    def downline(self) -> ColumnarAgentSet:
        """The active resellers whose upline this one is."""
        table = self.model.world.resellers
        rows = np.flatnonzero((table.upline == self.row) & (table.active == 1))
        return ColumnarAgentSet._of_rows(self.model, Reseller, rows)


KINDS: tuple[type[_View], ...] = (Brand, Consumer, Reseller)
"""The kinds of agents, in the order of their unique ids."""


class ColumnarAgentSet(AgentSet):
    """Mesa's agent set, over rows instead of objects.

    It does what `mesa.agent.AgentSet` does. Where an attribute is a column, `get`, `set`, `agg`,
    `sort` and `groupby` work on the column at once; agents are made one at a time where a function
    wants to see them. The sets that a model hands out are live: who joins is in them. A set that
    was selected, sorted or shuffled is a list of agents and stays as it is.
    """

    def __init__(self, model: MicroCommerce, kinds: Iterable[type[_View]] = KINDS) -> None:
        self.model = model
        self._kinds: tuple[type[_View], ...] = tuple(kinds)
        self._fixed: np.ndarray | None = None

    @classmethod
    def _of_rows(
        cls, model: MicroCommerce, kind: type[_View], rows: np.ndarray
    ) -> ColumnarAgentSet:
        return cls(model)._subset(kind._first_id(model) + rows.astype(np.int64))

    @property
    def random(self) -> Random:
        """The model's random generator of Python's kind."""
        return self.model.random

    @property
    def ids(self) -> np.ndarray:
        """Unique ids of the agents, in order."""
        if self._fixed is not None:
            return self._fixed
        return np.concatenate([
            kind._first_id(self.model) + kind._members(self.model) for kind in self._kinds
        ])

    def _subset(self, ids: np.ndarray, inplace: bool = False) -> ColumnarAgentSet:
        chosen = self if inplace else type(self)(self.model)
        chosen._fixed = ids
        return chosen

    def _parts(self, ids: np.ndarray) -> Iterator[tuple[type[_View], np.ndarray, np.ndarray]]:
        """Yield kind, rows and places in `ids` of the agents of each kind that is there."""
        for kind in KINDS:
            first = kind._first_id(self.model)
            places = np.flatnonzero((ids >= first) & (ids < first + kind._count(self.model)))
            if places.size:
                yield kind, ids[places] - first, places

    def _agent(self, unique_id: int) -> _View:
        for kind in reversed(KINDS):
            first = kind._first_id(self.model)
            if unique_id >= first:
                return kind(self.model, int(unique_id) - first)
        raise IndexError(f"there is no agent {unique_id}")

    # -- the collection ---------------------------------------------------------------------

    def __len__(self) -> int:
        return int(self.ids.size)

    def __iter__(self) -> Iterator[Any]:
        return map(self._agent, self.ids.tolist())

    def __contains__(self, agent: object) -> bool:
        return (
            isinstance(agent, _View) and agent.model is self.model
            and bool((self.ids == agent.unique_id).any())
        )

    def __getitem__(self, item: Any) -> Any:
        chosen = self.ids[item]
        return [self._agent(i) for i in chosen.tolist()] if chosen.ndim else self._agent(chosen)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ColumnarAgentSet):
            return self.model is other.model and set(self.ids.tolist()) == set(other.ids.tolist())
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        counts = ", ".join(f"{rows.size} {kind.__name__}" for kind, rows, _ in
                           self._parts(self.ids))
        return f"<{type(self).__name__}: {counts or 'empty'}>"

    def _from_iterable(self, agents: Iterable[Any]) -> ColumnarAgentSet:  # type: ignore[override]
        # What the set operators of the standard library build their results with.
        ids = list(dict.fromkeys(agent.unique_id for agent in agents))
        return self._subset(np.array(ids, np.int64))

    def _update(self, agents: Iterable[Any]) -> Self:
        self._fixed = self._from_iterable(agents).ids
        return self

    def to_list(self) -> list[Any]:
        """Return the agents as a list."""
        return list(self)

    def copy(self) -> ColumnarAgentSet:
        """Return the agents that are in the set now."""
        return self._subset(self.ids.copy())

    __copy__ = copy

    def add(self, agent: Any) -> None:
        """Add an agent to this set; the model is not changed."""
        if not isinstance(agent, _View) or agent.model is not self.model:
            raise TypeError("only an agent of the same model can be added to the set")
        if agent not in self:
            self._fixed = np.append(self.ids, agent.unique_id)

    def discard(self, agent: Any) -> None:
        """Take an agent out of this set if it is there; the model is not changed."""
        if agent in self:
            ids = self.ids
            self._fixed = ids[ids != agent.unique_id]

    def remove(self, agent: Any) -> None:
        """Take an agent out of this set; the model is not changed. KeyError if it is not there."""
        if agent not in self:
            raise KeyError(agent)
        self.discard(agent)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__.copy()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    # -- values -----------------------------------------------------------------------------

    def column(self, name: str, default: Any = None, *, strict: bool = True) -> np.ndarray:
        """Return the attribute of all agents as an array (a copy, in 64 bits where it is a number).

        Raises
        ------
        AttributeError
            Where some agent has no such attribute; with ``strict=False`` it gets `default`.
        """
        ids = self.ids
        if name == "unique_id":
            return ids.copy()
        found: list[tuple[np.ndarray, np.ndarray]] = []
        for kind, rows, places in self._parts(ids):
            stored = kind._column(self.model, name)
            if stored is not None:
                values = _wide(stored[rows])
            else:
                values = np.empty(rows.size, object)
                for index, row in enumerate(rows.tolist()):
                    agent = kind(self.model, row)
                    values[index] = (
                        getattr(agent, name) if strict else getattr(agent, name, default))
            found.append((places, values))
        if not found:
            return np.zeros(0)
        if len(found) == 1:
            return found[0][1]
        same = len({values.dtype for _, values in found}) == 1
        out = np.empty(ids.size, found[0][1].dtype if same else object)
        for places, values in found:
            out[places] = values if values.dtype == out.dtype else values.tolist()
        return out

    def get(
        self, attr_names: Any, handle_missing: str = "error", default_value: Any = None
    ) -> list[Any]:
        """Return the attribute of each agent; for a list of names a list of values each."""
        if handle_missing not in ("error", "default"):
            raise ValueError(
                f"handle_missing is 'error' or 'default', not {handle_missing!r}")
        strict = handle_missing == "error"
        if isinstance(attr_names, str):
            values = self.column(attr_names, default_value, strict=strict)
            return values.tolist() if values.ndim == 1 else list(values)
        columns = [self.get(name, handle_missing, default_value) for name in attr_names]
        return [list(values) for values in zip(*columns, strict=True)]

    def agg(self, attribute: str, func: Any) -> Any:
        """Return a function of an attribute over all agents, or the list of several functions.

        The function is given an array; Python's own sum, min and max run at the array's speed.
        """
        values = self.column(attribute)
        if callable(func):
            return _aggregate(func, values)
        return [_aggregate(one, values) for one in func]

    def set(self, attr_name: str, value: Any) -> Self:
        """Set an attribute of every agent: one value for all, or an array with one each."""
        ids = self.ids
        each = np.ndim(value) == 1 and len(value) == ids.size
        for kind, rows, places in self._parts(ids):
            mine = np.asarray(value)[places] if each else value
            stored = kind._column(self.model, attr_name)
            if stored is not None:
                stored[rows] = mine
            else:
                for index, row in enumerate(rows.tolist()):
                    setattr(kind(self.model, row), attr_name, mine[index] if each else mine)
        return self

    # -- other sets -------------------------------------------------------------------------

    def select(
        self,
        filter_func: Callable[[Any], Any] | np.ndarray | None = None,
        at_most: float = float("inf"),
        inplace: bool = False,
        agent_type: type | None = None,
    ) -> ColumnarAgentSet:
        """Return the agents for which `filter_func` holds (a function, or an array of truths).

        `at_most` keeps the first so many (an integer) or the first share of all (a float up to 1).
        """
        ids = self.ids
        limit = ids.size if at_most == float("inf") else at_most
        if isinstance(limit, float) and limit <= 1.0:
            limit = int(ids.size * limit)
        keep = np.ones(ids.size, bool)
        if agent_type is not None:
            keep[:] = False
            for kind, _, places in self._parts(ids):
                keep[places] = issubclass(kind, agent_type)
        if filter_func is not None and not callable(filter_func):
            truths = np.asarray(filter_func, bool)
            if truths.shape != keep.shape:
                raise ValueError(f"{ids.size} agents need {ids.size} truths, not {truths.shape}")
            keep &= truths
        elif filter_func is not None:
            count = 0
            for place in np.flatnonzero(keep).tolist():
                keep[place] = count < limit and bool(filter_func(self._agent(ids[place])))
                count += keep[place]
        return self._subset(ids[keep][: int(limit)], inplace)

    def shuffle(self, inplace: bool = False) -> ColumnarAgentSet:
        """Return the agents in random order (the model's own generator)."""
        return self._subset(self.model.rng.permutation(self.ids), inplace)

    def sort(
        self, key: Callable[[Any], Any] | str, ascending: bool = False, inplace: bool = False
    ) -> ColumnarAgentSet:
        """Return the agents sorted by an attribute or a function; equal ones keep their order."""
        ids = self.ids
        values = self.column(key) if isinstance(key, str) else None
        if values is None or values.dtype == object:
            by = values if values is not None else [key(agent) for agent in self]  # type: ignore[operator]
            order = np.array(
                sorted(range(ids.size), key=by.__getitem__, reverse=not ascending), np.int64)
        elif ascending:
            order = np.argsort(values, kind="stable")
        else:
            order = (ids.size - 1 - np.argsort(values[::-1], kind="stable"))[::-1]
        return self._subset(ids[order], inplace)

    def groupby(self, by: Callable[[Any], Any] | str, result_type: str = "agentset") -> Any:
        """Return the agents grouped by an attribute or a function, as Mesa's GroupBy."""
        ids = self.ids
        keys = self.get(by) if isinstance(by, str) else [by(agent) for agent in self]
        places: dict[Any, list[int]] = {}
        for place, value in enumerate(keys):
            places.setdefault(value, []).append(place)
        groups = {value: self._subset(ids[chosen]) for value, chosen in places.items()}
        if result_type == "list":
            return _GroupBy({value: list(group) for value, group in groups.items()})
        return _GroupBy(groups)

    # -- doing ------------------------------------------------------------------------------

    def do(self, method: Callable[..., Any] | str, *args: Any, **kwargs: Any) -> Self:
        """Call a method (by name) or a function of each agent; return the set."""
        self.map(method, *args, **kwargs)
        return self

    def shuffle_do(self, method: Callable[..., Any] | str, *args: Any, **kwargs: Any) -> Self:
        """Call a method (by name) or a function of each agent in random order; return the set."""
        self.shuffle().do(method, *args, **kwargs)
        return self

    def map(self, method: Callable[..., Any] | str, *args: Any, **kwargs: Any) -> list[Any]:
        """Call a method (by name) or a function of each agent; return what they return."""
        if isinstance(method, str):
            return [getattr(agent, method)(*args, **kwargs) for agent in self]
        return [method(agent, *args, **kwargs) for agent in self]


class _GroupBy(GroupBy):
    """Mesa's groups of agents, aggregated over columns."""

    def agg(self, attr_name: str, func: Any) -> dict[Any, Any]:
        """Return the aggregate of an attribute by group."""
        return {
            value: ColumnarAgentSet.agg(group, attr_name, func)
            if isinstance(group, ColumnarAgentSet)
            else func([getattr(agent, attr_name) for agent in group])
            for value, group in self.groups.items()
        }


def _wide(values: np.ndarray) -> np.ndarray:
    """Return numbers in 64 bits, so that nothing computed from them overflows."""
    if values.dtype.kind == "f":
        return values.astype(np.float64)
    # Packed 64-bit words stay unsigned; every other integer fits.
    return values.copy() if values.dtype == np.uint64 else values.astype(np.int64)


def _aggregate(func: Callable[[Any], Any], values: np.ndarray) -> Any:
    """Apply a function to a column; Python's own would take each number out one by one."""
    if values.dtype == object or values.ndim != 1:
        return func(list(values))
    if func in (sum, min, max) and (values.size or func is sum):
        return {sum: values.sum, min: values.min, max: values.max}[func]().item()
    return func(values)

"""Mesa's agent sets over columns.

A set is an array of unique ids. The kinds of agents (`sim.agents`) tell it how many rows there are,
which rows are active, and which column holds an attribute.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import TYPE_CHECKING, Any, Self

from sim.kernel import np

with warnings.catch_warnings():
    # Mesa's progress bar asks users of notebooks for ipywidgets, which nothing here needs.
    warnings.filterwarnings("ignore", "IProgress not found")
    import mesa

try:
    from mesa.agentset import AgentSet, GroupBy  # Mesa 3.4 and later
except ImportError:
    from mesa.agent import AgentSet, GroupBy

if TYPE_CHECKING:
    from sim.model import MicroCommerce

__all__ = ["FIRST_OWN_ID", "ColumnarAgentSet", "refuse_fractions"]

FIRST_OWN_ID = 1 << 40
"""First id of agents that users register; no row has an id as large."""


def _ids_of(model: MicroCommerce, kind: Any) -> np.ndarray:
    """Return the ids of the present agents of one kind."""
    if hasattr(kind, "_first_id"):
        ids: np.ndarray = kind._first_id(model) + kind._members(model)
        return ids
    return np.array([unique_id for unique_id, agent in model._settled.items()
                     if type(agent) is kind], np.int64)


class ColumnarAgentSet(AgentSet):
    """Mesa's agent set, over rows instead of objects.

    It has the methods of `mesa.agent.AgentSet`. If an attribute is a column, `get`, `set`, `agg`, `sort`
    and `groupby` work on the whole column; agents are created one at a time for functions that need them.
    The sets of a model are live, so that those who join are in them. A set that was selected, sorted or
    shuffled is a list of agents and does not change.
    """

    def __init__(self, model: MicroCommerce, kinds: Iterable[type[Any]] | None = ()) -> None:
        # Without kinds, the set has agents of all kinds, including future ones.
        self.model = model
        self._kinds: tuple[type[Any], ...] | None = None if kinds is None else tuple(kinds)
        self._fixed: np.ndarray | None = None

    @classmethod
    def of_rows(
        cls, model: MicroCommerce, kind: type[Any], rows: np.ndarray
    ) -> ColumnarAgentSet:
        """Return the set of the agents of one kind in these rows."""
        return cls(model)._subset(kind._first_id(model) + rows.astype(np.int64))

    @property
    def random(self) -> Random:
        """The model's `random.Random`."""
        return self.model.random

    @property
    def ids(self) -> np.ndarray:
        """Unique ids of the agents, in order."""
        if self._fixed is not None:
            fixed = self._fixed
            if fixed.size and (own := fixed >= FIRST_OWN_ID).any():
                here = self.model._settled
                gone = [unique_id not in here for unique_id in fixed[own].tolist()]
                fixed = np.delete(fixed, np.flatnonzero(own)[gone])
            return fixed
        return np.concatenate([np.zeros(0, np.int64), *(
            _ids_of(self.model, kind)
            for kind in (self._all_kinds if self._kinds is None else self._kinds))])

    def _subset(self, ids: np.ndarray, inplace: bool = False) -> ColumnarAgentSet:
        chosen = self if inplace else type(self)(self.model)
        chosen._fixed = ids
        return chosen

    @property
    def _all_kinds(self) -> list[Any]:
        return self.model.agent_types

    def _parts(self, ids: np.ndarray) -> Iterator[tuple[type[Any], np.ndarray, np.ndarray]]:
        """Yield, for each kind that occurs, the kind, its rows, and their places in `ids`."""
        for kind in self._all_kinds:
            if not hasattr(kind, "_first_id"):
                places = np.flatnonzero(np.isin(ids, _ids_of(self.model, kind)))
                if places.size:
                    yield kind, ids[places], places
                continue
            first = kind._first_id(self.model)
            places = np.flatnonzero((ids >= first) & (ids < first + kind._count(self.model)))
            if places.size:
                yield kind, ids[places] - first, places

    def _agents(self, ids: np.ndarray) -> Iterator[Any]:
        """Yield the agents, each created when its turn comes."""
        model = self.model
        starts = [(kind._first_id(model), kind) for kind in reversed(self._all_kinds)
                  if hasattr(kind, "_first_id")]
        for unique_id in ids.tolist():
            if unique_id >= FIRST_OWN_ID:
                agent = model._settled.get(unique_id)
                if agent is not None:  # it may have been removed in the meantime
                    yield agent
                continue
            for first, kind in starts:
                if unique_id >= first:
                    yield kind._at(model, unique_id - first)
                    break

    # -- the collection ---------------------------------------------------------------------

    def __len__(self) -> int:
        return int(self.ids.size)

    def __iter__(self) -> Iterator[Any]:
        return self._agents(self.ids)

    def __contains__(self, agent: object) -> bool:
        return (
            isinstance(agent, mesa.Agent) and agent.model is self.model
            and bool((self.ids == agent.unique_id).any())
        )

    def __getitem__(self, item: Any) -> Any:
        chosen = self.ids[item]
        agents = list(self._agents(np.atleast_1d(chosen)))
        return agents if chosen.ndim else agents[0]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ColumnarAgentSet):
            return self.model is other.model and set(self.ids.tolist()) == set(other.ids.tolist())
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        counts = ", ".join(f"{rows.size} {kind.__name__}" for kind, rows, _ in
                           self._parts(self.ids))
        return f"<{type(self).__name__}: {counts or 'empty'}>"

    def _from_iterable(self, agents: Iterable[Any]) -> ColumnarAgentSet:
        # Set operators of the standard library build their results with this method.
        ids = list(dict.fromkeys(agent.unique_id for agent in agents))
        return self._subset(np.array(ids, np.int64))

    def _update(self, agents: Iterable[object]) -> Self:
        self._fixed = self._from_iterable(agents).ids
        return self

    def to_list(self) -> list[Any]:
        """Return the agents as a list."""
        return list(self)

    def copy(self) -> ColumnarAgentSet:
        """Return a fixed set of the present agents."""
        return self._subset(self.ids.copy())

    __copy__ = copy

    def add(self, agent: object) -> None:
        """Add an agent to this set; the model is not changed."""
        if not isinstance(agent, mesa.Agent) or agent.model is not self.model:
            raise TypeError("only an agent of the same model can be added to the set")
        if agent not in self:
            self._fixed = np.append(self.ids, agent.unique_id)

    def discard(self, agent: Any) -> None:
        """Remove an agent from this set, if it is in it; the model is not changed."""
        if agent in self:
            ids = self.ids
            self._fixed = ids[ids != agent.unique_id]

    def remove(self, agent: object) -> None:
        """Remove an agent from this set, or raise KeyError; the model is not changed."""
        if agent not in self:
            raise KeyError(agent)
        self.discard(agent)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__.copy()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    # -- values -----------------------------------------------------------------------------

    def column(self, name: str, default: object = None, *, strict: bool = True) -> np.ndarray:
        """Return the attribute of all agents as an array (a copy; numbers have 64 bits).

        Raises
        ------
        AttributeError
            When an agent lacks the attribute; with ``strict=False``, its value is `default`.
        """
        ids = self.ids
        if name == "unique_id":
            return ids.copy()
        found: list[tuple[np.ndarray, np.ndarray]] = []
        for kind, rows, places in self._parts(ids):
            stored = kind._column(self.model, name) if hasattr(kind, "_column") else None
            if stored is not None:
                values = _wide(stored[rows])
            else:
                values = np.empty(rows.size, object)
                for index, agent in enumerate(self._agents(ids[places])):
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
        """Return the attribute of each agent; for a list of names, each entry is a list of values."""
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

        The function gets an array; Python's sum, min and max are replaced by those of numpy.
        """
        values = self.column(attribute)
        if callable(func):
            return _aggregate(func, values)
        return [_aggregate(one, values) for one in func]

    def set(self, attr_name: str, value: Any) -> Self:
        """Set an attribute of every agent: one value for all, or an array with one value for each.

        If no agent is a row, a list is a value like any other, as in Mesa.
        """
        ids = self.ids
        parts = list(self._parts(ids))
        each = np.ndim(value) == 1 and len(value) == ids.size and any(
            hasattr(kind, "_column") for kind, _rows, _places in parts)
        for kind, rows, places in parts:  # check everything before writing anything
            if hasattr(kind, "_column") and kind._column(self.model, attr_name) is not None:
                kind._check(self.model, attr_name, np.asarray(value)[places] if each else value, rows)
        for kind, rows, places in parts:
            mine: Any = np.asarray(value)[places] if each else value
            stored = kind._column(self.model, attr_name) if hasattr(kind, "_column") else None
            if stored is not None:
                stored[rows] = mine
            else:
                for index, agent in enumerate(self._agents(ids[places])):
                    setattr(agent, attr_name, mine[index].item() if each else mine)
        return self

    # -- other sets -------------------------------------------------------------------------

    def select(
        self,
        filter_func: Callable[[Any], Any] | np.ndarray | None = None,
        at_most: float = float("inf"),
        inplace: bool = False,
        agent_type: type | None = None,
    ) -> ColumnarAgentSet:
        """Return the agents for which `filter_func` holds (a function, or an array of booleans).

        `at_most` keeps only the first ones: their number (an integer), or their share (a float up to 1).
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
            places = np.flatnonzero(keep)
            keep[:] = False
            for place, agent in zip(places.tolist(), self._agents(ids[places]), strict=True):
                if count >= limit:
                    break
                if filter_func(agent):
                    keep[place] = True
                    count += 1
        return self._subset(ids[keep][: int(limit)], inplace)

    def shuffle(self, inplace: bool = False) -> ColumnarAgentSet:
        """Return the agents in random order, by the model's random generator."""
        return self._subset(self.model.rng.permutation(self.ids), inplace)

    def sort(
        self, key: Callable[[Any], Any] | str, ascending: bool = False, inplace: bool = False
    ) -> ColumnarAgentSet:
        """Return the agents sorted by an attribute or a function; the sort is stable."""
        ids = self.ids
        values = self.column(key) if isinstance(key, str) else None
        if values is None or values.dtype == object:
            by = self.get(key) if isinstance(key, str) else self.map(key)
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

    # -- calling ----------------------------------------------------------------------------

    def do(self, method: Callable[..., Any] | str, *args: object, **kwargs: object) -> Self:
        """Call a method (by name) or a function of each agent; return the set."""
        self.map(method, *args, **kwargs)
        return self

    def shuffle_do(self, method: Callable[..., Any] | str, *args: object, **kwargs: object) -> Self:
        """Call a method (by name) or a function of each agent in random order; return the set."""
        self.shuffle().do(method, *args, **kwargs)
        return self

    def map(self, method: Callable[..., Any] | str, *args: object, **kwargs: object) -> list[Any]:
        """Call a method (by name) or a function of each agent; return the results."""
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


def refuse_fractions(column: np.ndarray, name: str, value: object) -> None:
    """Raise TypeError for values that are not numbers, and for fractions in a column of integers."""
    kind = np.asarray(value).dtype.kind
    if column.dtype.kind in "iu" and kind not in "iub":
        raise TypeError(f"'{name}' holds whole numbers, not {value!r}")
    if kind not in "iubf":
        raise TypeError(f"'{name}' holds numbers, not {value!r}")


def _wide(values: np.ndarray) -> np.ndarray:
    """Return numbers as 64-bit ones, so that results do not overflow."""
    if values.dtype.kind == "f":
        return values.astype(np.float64)
    # Packed 64-bit words stay unsigned; all other integers fit into int64.
    return values.copy() if values.dtype == np.uint64 else values.astype(np.int64)


def _aggregate(func: Callable[[Any], Any], values: np.ndarray) -> Any:
    """Apply a function to a column, with Python's sum, min and max replaced by numpy's, which are faster."""
    if values.dtype == object or values.ndim != 1:
        return func(list(values))
    if func is sum:
        return values.sum().item()
    if func in (min, max) and values.size:
        return (values.min() if func is min else values.max()).item()
    return func(values)

"""Brand, Reseller and Consumer: Mesa agents that are live views of rows.

A model holds its persons as columns. An agent is created on demand, reads and writes the columns of its
row, and equals every other view of that row. No agent is registered with Mesa, whose register would hold a
million objects (and, in Mesa 3.3, keep every model alive for ever). `ColumnarAgentSet` provides Mesa's agent
sets over such rows.
"""

from __future__ import annotations

import dataclasses
import operator
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Self

from sim.agentset import FIRST_OWN_ID, ColumnarAgentSet, mesa, refuse_fractions
from sim.kernel import np
from sim.market.checking import check_brand, refuse
from sim.market.rivals import MAX_RIVALS, Rival
from sim.mechanisms.rival_brands import rivals

if TYPE_CHECKING:
    from sim.kernel.columns import Table
    from sim.model import MicroCommerce

__all__ = ["KINDS", "Brand", "Consumer", "Reseller", "RivalBrand", "kinds"]


class _View(mesa.Agent):
    """A row of the world, seen as a Mesa agent.

    Attributes
    ----------
    model
        The agent's model.
    row
        Its row; it stays the same for the whole run.
    unique_id
        A number that no other agent of the model ever has; it stays the same for the whole run.
    """

    pos = None

    def __init__(self, model: MicroCommerce, row: int) -> None:
        # Mesa's own __init__ would register the agent and assign a new id.
        row = operator.index(row)
        if not 0 <= row < self._count(model):
            raise IndexError(f"there is no {type(self).__name__} in row {row}")
        self.__dict__["model"] = model
        self.__dict__["row"] = row

    @classmethod
    def _at(cls, model: MicroCommerce, row: int) -> Self:
        """Return the view of a row that is known to exist."""
        agent = object.__new__(cls)
        agent.__dict__["model"] = model
        agent.__dict__["row"] = row
        return agent

    @classmethod
    @abstractmethod
    def _count(cls, model: MicroCommerce) -> int:
        """Return the number of rows of this kind, including those that are inactive."""

    @classmethod
    @abstractmethod
    def _first_id(cls, model: MicroCommerce) -> int:
        """Return the unique id of row 0 of this kind."""

    @classmethod
    def _members(cls, model: MicroCommerce) -> np.ndarray:
        """Return the rows that now have this role."""
        return np.arange(cls._count(model), dtype=np.int64)

    @classmethod
    def _column(cls, model: MicroCommerce, name: str) -> np.ndarray | None:
        """Return the column of this name, or None if the attribute is not a column."""
        return None

    @property
    def unique_id(self) -> int:
        """Number of the agent within its model."""
        return self._first_id(self.model) + self.row

    @classmethod
    def create_agents(cls, model: object, n: int, *args: Any, **kwargs: Any) -> Any:
        """Refuse: the scenario gives the number of persons, and only persons become resellers."""
        raise TypeError(
            f"a {cls.__name__} cannot be created: the scenario's `persons` says how many there are, "
            "`sim.enlist` makes resellers of them"
        )

    def remove(self) -> None:
        """Refuse: rows stay for the whole run; rules take persons out of their roles."""
        raise TypeError(
            f"a {type(self).__name__} cannot be removed: persons stay for the whole run, a rule "
            "such as `leaving` ends their role"
        )

    def __eq__(self, other: object) -> bool:
        return (
            type(other) is type(self)
            and other.row == self.row
            and other.model is self.model
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
        return getattr(model.world, cls._name)

    @classmethod
    @abstractmethod
    def _count(cls, model: MicroCommerce) -> int:
        return len(cls._table(model))

    @classmethod
    def _column(cls, model: MicroCommerce, name: str) -> np.ndarray | None:
        table = cls._table(model)
        return table[name] if name in table else None  # noqa: SIM401 (a table is no dict)

    @classmethod
    def _check(cls, model: MicroCommerce, name: str, values: Any, rows: Any) -> None:
        """Raise for values that the column of this name may not hold in these rows."""
        refuse_fractions(cls._table(model)[name], name, values)
        refuse(model.world, cls._name, name, values, rows)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        table = self._table(self.model)
        if name not in table:
            raise AttributeError(f"no column '{name}' in the table of {self._name}")
        value = table[name][self.row]
        return value if value.ndim else value.item()

    def __setattr__(self, name: str, value: object) -> None:
        table = self._table(self.model)
        if name not in table:
            raise AttributeError(
                f"no column '{name}' in the table of {self._name}: an agent is a row and keeps "
                "nothing beside it; a rule can bring a column along"
            )
        self._check(self.model, name, value, np.asarray(self.row))
        table[name][self.row] = value

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._table(self.model).schema})


class Brand(_View):
    """The one brand of a model: what it makes, knows and promises.

    Its attributes are those of `sim.market.brand.BrandState` (quality, position, forecast,
    knowledge, ...), which can be read and written, and `cash` and `inventory`, which can be read.
    """

    def __init__(self, model: MicroCommerce, row: int = 0) -> None:
        super().__init__(model, row)

    @classmethod
    @abstractmethod
    def _count(cls, model: MicroCommerce) -> int:
        return 1

    @classmethod
    def _first_id(cls, model: MicroCommerce) -> int:
        return 1

    @property
    def cash(self) -> int:
        """Fen earned since the start; negative if the brand owes money."""
        return self.model.world.books.money["brand"]

    @property
    def inventory(self) -> int:
        """Finished units in the factory's store."""
        return self.model.world.books.goods["factory"]

    def __getattr__(self, name: str) -> Any:
        if name in _brand_fields(self.__dict__.get("model")):
            return getattr(self.model.world.brand, name)
        raise AttributeError(f"the brand has no attribute '{name}'")

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _brand_fields(self.model):
            raise AttributeError(f"the brand has no attribute '{name}' that can be written")
        check_brand(self.model.world, name, value)
        setattr(self.model.world.brand, name, tuple(value) if isinstance(value, list) else value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_brand_fields(self.model)})


def _brand_fields(model: Any) -> set[str]:
    if model is None:
        return set()
    return {field.name for field in dataclasses.fields(model.world.brand)}


class Consumer(_RowView):
    """A person: traits, opinions and units at home.

    The attributes are the columns of `sim.market.persons` (trust, home, stage, ...), in the units given
    there. Every person is a consumer, even while selling.
    """

    _name = "persons"

    @classmethod
    def _first_id(cls, model: MicroCommerce) -> int:
        return 2

    @property
    def contacts(self) -> ColumnarAgentSet:
        """The person's circle, close contacts first."""
        return ColumnarAgentSet.of_rows(
            self.model, Consumer, self.model.world.graph.circle(self.row))


class Reseller(_RowView):
    """A person in the selling role: tier, stock, money, optimism.

    The attributes are the columns of `sim.market.resellers` (tier, inventory, cash in fen, ...).
    A view stays valid after its reseller has left; `active` is then 0.
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
        return ColumnarAgentSet.of_rows(self.model, Reseller, rows)


class RivalBrand(_View):
    """A rival brand: its product, price, resellers and money.

    Its attributes are those of `sim.market.rivals.Rival` (number, entered, price in fen,
    product, sales of the week), and `cash`; only rules change them.
    """

    @classmethod
    def _count(cls, model: MicroCommerce) -> int:
        return len(rivals(model.world))

    @classmethod
    def _first_id(cls, model: MicroCommerce) -> int:
        return FIRST_OWN_ID - MAX_RIVALS

    @property
    def _rival(self) -> Any:
        return rivals(self.model.world)[self.row]

    @property
    def cash(self) -> int:
        """Fen earned since it entered; negative if it owes money."""
        return self.model.world.books.money[self._rival.account]

    @property
    def resellers(self) -> ColumnarAgentSet:
        """The brand's own resellers who sell this rival as well."""
        table = self.model.world.resellers
        rows = np.flatnonzero((table["carries"] & self._rival.bit) * table.active)
        return ColumnarAgentSet.of_rows(self.model, Reseller, rows)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in {field.name for field in dataclasses.fields(Rival)}:
            raise AttributeError(f"a rival brand has no attribute '{name}'")
        return getattr(self._rival, name)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("what a rival brand is and does is up to the rule 'rival_brands'")


KINDS: tuple[type[_View], ...] = (Brand, Consumer, Reseller)
"""The kinds of agents that every model has, in the order of their unique ids."""


def kinds(model: MicroCommerce) -> tuple[type[_View], ...]:
    """Return the kinds of agents of a model, in the order of their unique ids."""
    return (*KINDS, RivalBrand) if rivals(model.world) else KINDS

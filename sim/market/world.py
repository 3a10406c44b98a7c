"""The world of one run: everything that exists in it, but nothing about how it changes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from sim.errors import UsageError
from sim.kernel import np
from sim.kernel.columns import Column, Record, Table
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import key, unit
from sim.kernel.threads import Threads
from sim.market.books import Books, whole
from sim.market.brand import BrandState, Product
from sim.market.network import Graph, build_network, community_edges
from sim.market.network.circles import Circles, write_circles
from sim.market.network.given import graph_of
from sim.market.persons import STAGES, make_persons
from sim.market.purses import Allowance
from sim.market.resellers import NEUTRAL_SERVICE, make_resellers
from sim.texts import _

if TYPE_CHECKING:
    from sim.scenario.in_force import InForce

__all__ = ["MUTED", "Market", "Ties", "World"]

Own = TypeVar("Own")

MUTED = 255
"""A tie whose contact no longer listens to this seller."""


class Ties:
    """Each contact of each reseller: the person, and how selling has worn the tie.

    The ties of reseller `r` start at ``resellers.ties[r]``, in the order of the contacts.
    """

    def __init__(self, room: int = 0) -> None:
        self.contacts = np.zeros(room, np.uint32)
        """The contact: sellers look at their circles every week, so these are written out."""
        self._wear = np.zeros(room, np.uint8)
        self._locked = False
        self.size = 0

    @property
    def wear(self) -> np.ndarray:
        """Wear of each tie: 0 is unused, each sales pitch adds one, `MUTED` is muted for good."""
        if not self._locked:
            return self._wear
        sealed = self._wear[:]
        sealed.flags.writeable = False
        return sealed

    def only(self, writes: frozenset[str] | None) -> None:
        """Lock the wear of ties unless it is named; ``None`` opens it."""
        self._locked = writes is not None and "wear" not in writes

    def add(self, circles: Circles, people: np.ndarray) -> np.ndarray:
        """Add the ties of new resellers to their circles; return where the ties of each begin."""
        sizes = circles.start[people + 1] - circles.start[people]
        ends = self.size + np.cumsum(sizes, dtype=np.int64)
        starts = ends - sizes
        if sizes.size:
            self.size = int(ends[-1])
        if self.size > self._wear.size:
            room = max(self.size, 2 * self._wear.size)
            self.contacts = _grown(self.contacts, room)
            self._wear = _grown(self._wear, room)
        write_circles(circles, people, starts, self.contacts)
        return starts


def _grown(column: np.ndarray, room: int) -> np.ndarray:
    grown = np.zeros(room, column.dtype)
    grown[: column.size] = column
    return grown


@dataclass
class Market(Record):
    """What rules pass to each other about the market, from one step of the week to the next."""

    buyers: np.ndarray = field(default_factory=lambda: np.empty(0, np.int32))
    """Persons who decided to buy this week, in the order of their ids."""
    occasions: int = 0
    """Persons who had a reason to buy and something to choose from this week."""
    street_price: float = 0.0
    """Mean price paid in the last week with a sale, fen; 0 before the first one."""
    street_lowest: int = 0
    """Lowest price paid in that week, fen."""
    service_met: float = float("nan")
    """Share of the last customers who wanted service and got it."""
    brand_help: float = NEUTRAL_SERVICE
    """Share of the wanted help in deciding that the brand's own channel last gave its buyers."""
    sold_in: int = 0
    """Units that the brand sold since the run began: to resellers, and to consumers directly."""
    sold_through: int = 0
    """Units that consumers bought from active resellers and from the brand since the run began."""
    wom_reproduction: float = float("nan")
    """Customers convinced by customers, per customer of the generation before."""
    shown_times: float = 1.0
    """Income shown to prospective resellers, as a multiple of the real one."""
    stages: tuple[int, ...] = (0,) * len(STAGES)
    """Persons in each loyalty stage at the start of the week."""


@borrowing
def _held(inventory, transit, cash):
    """Return what resellers hold: units in stock, units on the way, and fen."""
    units = np.int64(0)
    coming = np.int64(0)
    money = np.int64(0)
    for row in range(cash.size):
        units += inventory[row]
        coming += transit[row]
        money += cash[row]
    return units, coming, money


@borrowing
def _units(low, high, held):
    # Slices begin at zero, which lets the compiler vectorise.
    held = held[low:high]
    total = np.int64(0)
    for row in range(held.size):
        total += held[row]
    return total


@compiled
def _draw(luck, people, out):
    for index in range(people.size):
        out[index] = unit(luck, people[index])


@functools.cache
def _opened(writes: tuple[str, ...] | None, table: str) -> frozenset[str] | None:
    """Return the columns of `table` that a rule writes; ``None`` for all of them."""
    if writes is None or table in writes:
        return None
    start = table + "."
    return frozenset(w.removeprefix(start) for w in writes if w.startswith(start))


class World:
    """State of a run. Rules may read all of it, and write what they declare."""

    def __init__(
        self, settings: InForce, persons: int, seed: int, threads: Threads,
        ties: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> None:
        self.seed = seed
        self.week = 0
        self.opened = False
        """Whether somebody sold before week 1 (`start`), so that the brand needs no founders."""
        self.scale = 1
        """Real persons that each person stands for: what is reported is in real units."""
        self.threads = threads
        self.settings = settings
        communities = community_edges(persons, settings.network.community, seed)
        self.persons = make_persons(settings.people, communities, seed, threads)
        if settings.people.need_scale != 1:
            self.persons.weekly_need *= settings.people.need_scale
        self.graph: Graph = build_network(
            settings.network, communities, self.persons.sociability, seed, threads,
        ) if ties is None else graph_of(ties, communities, settings.network.close, seed, threads)
        # Room for a tenth of all persons: memory is only taken when it is written to, and growing means
        # copying.
        self.resellers = make_resellers(persons // 10)
        self.ties = Ties(int(self.graph.start[-1]) // 10)
        self.brand = BrandState.opening(settings.offer, settings.production)
        self.books = Books()
        opening = int(settings.production.opening_stock * persons)
        self.books.goods.move("made", "factory", opening)
        self.books.money.move("brand", "makers", opening * round(settings.offer.unit_cost * 100))
        self.market = Market()
        self.flows: dict[str, int] = {}
        """This week's flows so far, by name."""
        self.reports: dict[str, float] = {}
        """This week's other outputs of custom rules, by name."""
        self.model: Any = None
        """The Mesa model of this world, for custom rules that step agents of their own."""
        self._fixed_luck: dict[str, np.uint64] = {}
        self._own: dict[type, Any] = {}
        self._settled: dict[int, tuple[object, Any]] = {}
        self._parts: dict[str, Table | Record | Ties] = {
            "persons": self.persons, "resellers": self.resellers, "brand": self.brand,
            "market": self.market, "ties": self.ties,
        }
        self.count("produced", opening)

    def put_in_force(self, settings: InForce) -> None:
        """Put this week's settings in force.

        Rules improve the product, so it is state: it jumps to a setting only if that setting changes
        (a quality scandal, a new product).
        """
        needed = self.settings.people.need_scale
        before, self.settings = self.settings.offer, settings
        self._settled.clear()
        if settings.people.need_scale != needed:
            self.unlock(None)  # a seasonal change scales everybody's need
            self.persons.weekly_need *= settings.people.need_scale / needed
        offer = settings.offer
        if offer.quality != before.quality:
            self.brand.quality = offer.quality
        if (offer.position_x, offer.position_y) != (before.position_x, before.position_y):
            self.brand.position = (offer.position_x, offer.position_y)

    # -- what a rule needs ------------------------------------------------------------------

    def luck(self, decision: str) -> np.uint64:
        """Return the key of a decision in this week; draws from it are keyed by person."""
        return np.uint64(key(self.seed, decision, self.week))

    def fixed_luck(self, decision: str) -> np.uint64:
        """Return the key of a decision that is taken once per run."""
        if decision not in self._fixed_luck:
            self._fixed_luck[decision] = np.uint64(key(self.seed, decision, -1))
        return self._fixed_luck[decision]

    def own(self, kind: type[Own]) -> Own:
        """Return a rule's private memory: the one object of this class.

        It is created without arguments on first use.
        """
        if kind not in self._own:
            self._own[kind] = kind()
        found: Own = self._own[kind]
        return found

    def settled(self, rule: object, compute: Callable[[], Own]) -> Own:
        """Return `compute()`, which must depend on the rule and the settings alone.

        There is one value per rule, computed once while the settings are in force.
        """
        known = self._settled.get(id(rule))
        if known is None or known[0] is not rule:
            known = self._settled[id(rule)] = (rule, compute())
        found: Own = known[1]
        return found

    def product(self, *, variants: bool = True) -> Product:
        """Return the product on sale, or its base version without variants."""
        return self.brand.product(self.settings.offer, variants=variants)

    def allowance(self) -> Allowance:
        """Return the terms on which people save for the category, for compiled loops."""
        people = self.settings.people
        return Allowance(people.category_share, people.saved_weeks, self.week)

    def draw(self, decision: str, rows: object) -> np.ndarray:
        """Return the luck of persons in a decision of this week: a number in [0, 1) for each.

        `rows` are person ids. The same person draws the same luck, whoever else draws.
        """
        people = np.ascontiguousarray(rows, np.int64)
        out = np.empty(people.size)
        _draw(self.luck(decision), people, out)
        return out

    def count(self, flow: str, amount: int) -> None:
        """Add to one of this week's flows; flows are reported and are not part of the state.

        Raises
        ------
        TypeError
            For an amount that is not a whole number.
        """
        if type(amount) is not int:
            amount = whole(amount)
        self.flows[flow] = self.flows.get(flow, 0) + amount

    def report(self, name: str, value: float) -> None:
        """Report this week's value of a custom rule's output that is not a sum."""
        self.reports[name] = float(value)

    def tier_prices(self) -> np.ndarray:
        """Return the unit price of each tier in fen, top first."""
        prices: np.ndarray = self.settings.tier_prices
        return prices

    def unlock(self, writes: Iterable[str] | None) -> None:
        """Make only these columns writeable (``persons.trust``, ``resellers`` for a whole table);
        ``None`` opens everything.
        """
        written = None if writes is None else tuple(writes)
        for name, part in self.parts.items():
            part.only(_opened(written, name))

    def add_columns(self, columns: Iterable[tuple[str, Column]]) -> None:
        """Add a rule's columns, as (table, column).

        Raises
        ------
        UsageError
            For a table that does not exist, or a different column with the name of an existing one.
        """
        for table, column in columns:
            if table not in self.tables:
                raise UsageError(_("column '{column}': there is no table '{table}'; there are: "
                                   "{tables}").format(column=column.name, table=table,
                                                      tables=", ".join(self.tables)))
            held = self.tables[table].schema.get(column.name)
            if held is not None and held != column:
                raise UsageError(_(
                    "column '{table}.{column}' is there already ({meaning}); take another name")
                    .format(table=table, column=column.name, meaning=held.meaning))
            self.tables[table].add(column)

    @property
    def tables(self) -> dict[str, Table]:
        """Return the tables by name."""
        return {"persons": self.persons, "resellers": self.resellers}

    def names(self) -> list[str]:
        """Return all names that `reads` and `writes` may hold."""
        found = []
        for name, held in self.parts.items():
            inside = held.schema if isinstance(held, Table) else (
                held.__dict__ if isinstance(held, Record) else ("wear",))
            found += [name, *(f"{name}.{inner}" for inner in inside if not inner.startswith("_"))]
        return found

    @property
    def parts(self) -> dict[str, Table | Record | Ties]:
        """Return everything that rules write, by its name in `writes`."""
        return self._parts

    # -- what is always checked -------------------------------------------------------------

    def account(self) -> None:
        """Compare the books with what persons and resellers hold; raise if a unit is missing."""
        resellers = self.resellers
        channel, transit, cash = _held(resellers.inventory, resellers.transit, resellers.cash)
        self.books.check(
            held={
                "channel": channel,
                "transit": transit,
                "homes": sum(self.threads.over(len(self.persons), _units, self.persons.home)),
            },
            cash={
                "resellers": cash,
                "purses": sum(self.threads.over(len(self.persons), _units, self.persons.purse)),
            },
            week=self.week,
        )

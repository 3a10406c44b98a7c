"""Selling: chosen offers become sales while there is stock."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, auto
from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.ahead import AHEAD, fetch
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.maths import exp
from sim.kernel.picking import in_order_of_luck
from sim.kernel.threads import A_ROW_IS_MUCH
from sim.market.brand import misfit
from sim.market.persons import FROM_BROADCAST, FROM_WORD_OF_MOUTH
from sim.market.purchases import note_purchase
from sim.market.purses import Purses, asked_of, available, pay
from sim.market.resellers import withdraw
from sim.mechanisms.base import Mechanism, World, parameter
from sim.mechanisms.brand_communities import direct_price

__all__ = ["Selling"]


class Selling(Mechanism):
    """Buyers are served in an order of luck while there is stock; others are lost or wait.

    A sale moves units to the buyer's home and money from the buyer's purse, which limits the units, to
    the seller. A reseller sells from stock, valued at average cost, and pays the postage. The brand
    sells from the factory, directly or on the word of a referrer, who gets a share (A11). If the brand
    is sold out, buyers pre-order. They are served first when goods are made, at the brand's own price
    (`brand_communities`) and without a share for a referrer; if the purse is too small by then, the
    pre-order is cancelled (A15). The reproduction number of word of mouth counts who convinced whom
    (A17). Each week this rule resets incomes and the demand at the brand; without it they add up.
    """

    phase: ClassVar = "sell"
    reads: ClassVar = (
        "persons.chosen", "persons.source", "persons.convinced_by", "persons.taste_x",
        "persons.taste_y", "persons.willingness_to_pay", "persons.income", "persons.discount",
        "resellers.active", "resellers.dropship",
        "resellers.price", "resellers.transit", "market.buyers", "brand.quality", "brand.position",
        "brand.knowledge", "brand.variety",
    )
    writes: ClassVar = (
        "persons.home", "persons.purchases", "persons.last_purchase", "persons.first_purchase",
        "persons.seller", "persons.convinced", "persons.waiting", "persons.purse",
        "persons.purse_week",
        "resellers.inventory", "resellers.stock_value", "resellers.cash", "resellers.sold",
        "resellers.lost", "resellers.demand", "resellers.own_retail_margin",
        "resellers.week_income", "resellers.weeks_since_sale", "brand.preorders",
        "brand.end_demand", "brand.direct_demand", "market.street_price", "market.street_lowest",
        "market.wom_reproduction", "market.sold_in", "market.sold_through",
    )

    basket: int = parameter(1, "units", 1, 1000, "units that one purchase takes")
    postage: float = parameter(
        8.0, "CNY", 0, 1000, "what it costs the seller to send one purchase to its buyer",
        source="usual parcel rates; working assumption")
    generation: int = parameter(
        26, "weeks", 1, 520, "weeks within which a customer convinces others, for the reproduction "
        "number")

    def step(self, world: World) -> None:
        """Sell to this week's buyers, and book the sales."""
        persons, resellers, books = world.persons, world.resellers, world.books
        resellers.sold[:] = 0
        resellers.lost[:] = 0
        resellers.week_income[:] = 0
        resellers.weeks_since_sale += 1
        development = world.settings.rule("product_development")
        referral = world.settings.rule("referral")
        terms = Terms(
            direct_price=direct_price(world),
            commission=referral.share if referral else 0.0,
            preorders=bool(development and development.preorders),
            basket=self.basket,
            postage=round(self.postage * 100),
            generation=self.generation,
            week=world.week,
        )
        totals = np.zeros(TOTALS, np.int64)
        totals[Total.LOWEST] = NO_SALE
        factory = np.array([books.goods["factory"]], np.int64)
        customers, purses = persons.view(Customers), persons.view(Purses)
        allowance = world.allowance()
        if world.brand.preorders:
            waiting = in_order_of_luck(
                np.flatnonzero(persons.waiting), world.luck("pre-orders served first"))
            _deliver(waiting, customers, purses, terms, allowance, factory, totals)
        buyers = in_order_of_luck(world.market.buyers, world.luck("served first"))
        if buyers.size:
            # Stock is handed out one buyer at a time; the rest runs in threads.
            units = np.zeros(buyers.size, np.int64)
            paid = np.zeros(buyers.size, np.int64)
            _sell(buyers, customers, purses, resellers.view(Sellers), terms, allowance, factory,
                  units, paid, totals)
            totals += np.sum(world.threads.over(
                buyers.size, _receive, buyers, customers, persons.view(Tastes), world.product(),
                units, paid, world.week, worth=A_ROW_IS_MUCH,
            ), axis=0)
        self._book(world, dict(zip(NAMES, totals.tolist(), strict=True)))

    def _book(self, world: World, got: dict[str, int]) -> None:
        """Book goods and money, and count the flows of the week."""
        books, brand, market = world.books, world.brand, world.market
        from_channel = got["sold"] + got["dumped"]
        books.goods.move("channel", "homes", from_channel)
        books.goods.move("factory", "homes", got["direct"])
        to_resellers = got["revenue"] + got["dump_revenue"]
        books.set_aside(got["set_aside"])
        books.money.move("purses", "resellers", to_resellers)
        books.money.move("resellers", "media", got["postage"])
        books.money.move("purses", "brand", got["direct_revenue"])
        books.money.move("brand", "media", got["direct_postage"])
        books.money.move("brand", "resellers", got["commission"])
        brand.preorders += got["preordered"] - got["delivered"] - got["cancelled"]
        brand.direct_demand = got["direct"] - got["delivered"] + got["preordered"]
        brand.end_demand = from_channel + brand.direct_demand + got["lost"]
        market.sold_in += got["direct"]
        market.sold_through += got["sold"] + got["direct"]
        for flow, total in {
            "sell_through": got["sold"] + got["direct"],
            "direct_units": got["direct"],
            "dumped": got["dumped"],
            "lost_sales": got["lost"],
            "preordered": got["preordered"],
            "preorders_cancelled": got["cancelled"],
            "new_customers": got["new_customers"],
            "retail_revenue": got["revenue"] + got["direct_revenue"],
            "reseller_revenue": got["revenue"],
            "direct_revenue": got["direct_revenue"],
            "dump_revenue": got["dump_revenue"],
            "retail_margin_resellers": got["margin"],
            "commission": got["commission"],
            "consumer_surplus": got["surplus"],
            "purchases_broadcast": got["broadcast"],
            "purchases_seller": got["seller"],
            "purchases_word_of_mouth": got["word_of_mouth"],
        }.items():
            world.count(flow, total)
        units = from_channel + got["direct"]
        if units:
            market.street_price = (to_resellers + got["direct_revenue"]) / units
            market.street_lowest = got["lowest"]
        self._reproduce(world, got["new_customers"], got["convinced"])

    def _reproduce(self, world: World, customers: int, convinced: int) -> None:
        """Report the customers convinced in one generation, divided by the customers of the one before."""
        history = world.own(Generations).weeks
        history.append((customers, convinced))
        del history[: -2 * self.generation]
        # Wait for two whole generations, or a few first customers would seem to convince everybody.
        if len(history) < 2 * self.generation:
            return
        before = sum(row[0] for row in history[: self.generation])
        if before:
            now = sum(row[1] for row in history[self.generation :])
            world.market.wom_reproduction = now / before


@dataclass
class Generations:
    """New customers of each of the last weeks, and how many of them were convinced by others."""

    weeks: list[tuple[int, int]] = field(default_factory=list)


class Total(IntEnum):
    """What is added up while selling: units, fen, or persons."""

    SOLD = 0
    DUMPED = auto()
    REVENUE = auto()
    DUMP_REVENUE = auto()
    MARGIN = auto()
    POSTAGE = auto()
    DIRECT = auto()
    DIRECT_REVENUE = auto()
    DIRECT_POSTAGE = auto()
    COMMISSION = auto()
    LOWEST = auto()
    LOST = auto()
    PREORDERED = auto()
    DELIVERED = auto()
    CANCELLED = auto()
    SET_ASIDE = auto()
    NEW_CUSTOMERS = auto()
    CONVINCED = auto()
    SURPLUS = auto()
    # In the order of the sources of awareness.
    BROADCAST = auto()
    SELLER = auto()
    WORD_OF_MOUTH = auto()


TOTALS = len(Total)
NAMES = tuple(total.name.lower() for total in Total)
NO_SALE = 2**63 - 1
"""Lowest price of a week in which nothing is sold."""
MAX_CONVINCED = 65535
"""The most that the column `convinced` can hold."""


class Customers(NamedTuple):
    """Columns of persons that a purchase reads or changes."""

    chosen: np.ndarray
    waiting: np.ndarray
    home: np.ndarray
    purchases: np.ndarray
    first_purchase: np.ndarray
    last_purchase: np.ndarray
    seller: np.ndarray
    source: np.ndarray
    convinced_by: np.ndarray
    convinced: np.ndarray
    discount: np.ndarray


class Tastes(NamedTuple):
    """Columns of persons on which the value of the product depends."""

    taste_x: np.ndarray
    taste_y: np.ndarray
    willingness_to_pay: np.ndarray


class Sellers(NamedTuple):
    """Columns of resellers that a sale reads or changes."""

    active: np.ndarray
    dropship: np.ndarray
    price: np.ndarray
    inventory: np.ndarray
    transit: np.ndarray
    stock_value: np.ndarray
    cash: np.ndarray
    sold: np.ndarray
    lost: np.ndarray
    demand: np.ndarray
    own_retail_margin: np.ndarray
    week_income: np.ndarray
    weeks_since_sale: np.ndarray


class Terms(NamedTuple):
    """What is the same for every sale of the week; money in fen."""

    direct_price: int
    commission: float
    preorders: bool
    basket: int
    postage: int
    generation: int
    week: int


@borrowing
def _deliver(people, customers, purses, terms, allowance, factory, totals):
    """Deliver pre-orders, in the order of `people`, while the factory has stock.

    `factory` is an array with one entry, the units in stock, which changes.
    """
    for person in people:
        units = np.int64(customers.waiting[person])
        if factory[0] < units:
            break
        customers.waiting[person] = 0
        each = asked_of(person, terms.direct_price, customers.discount)
        cost = each * units
        if cost > available(person, purses, allowance):
            totals[Total.CANCELLED] += units
            continue
        totals[Total.SET_ASIDE] += pay(person, cost, purses, allowance)
        factory[0] -= units
        customers.home[person] += units
        totals[Total.NEW_CUSTOMERS] += note_purchase(person, customers, terms.week)
        totals[Total.LOWEST] = min(totals[Total.LOWEST], each)
        _credit(customers.source[person], units, totals)
        totals[Total.DIRECT] += units
        totals[Total.DIRECT_REVENUE] += cost
        totals[Total.DIRECT_POSTAGE] += terms.postage
        totals[Total.DELIVERED] += units


@borrowing
def _credit(source, units, totals):
    """Credit units to the buyer's source of awareness."""
    if FROM_BROADCAST <= source <= FROM_WORD_OF_MOUTH:
        totals[Total.BROADCAST + source - FROM_BROADCAST] += units


@borrowing
def _sell(
    buyers, customers, purses, sellers, terms, allowance, factory, units_of, paid_of, totals,
):
    """Sell to the buyers in turn; fill in the units of each, and the price per unit."""
    for index in range(buyers.size):
        _fetch_seller(sellers, customers.chosen[buyers[min(index + AHEAD, buyers.size - 1)]])
        person = buyers[index]
        row = customers.chosen[person]
        by_brand = row < 0 or sellers.dropship[row]
        stock = factory[0] if by_brand else np.int64(sellers.inventory[row])
        price = terms.direct_price if row < 0 else np.int64(sellers.price[row])
        each = asked_of(person, price, customers.discount)
        wanted = np.int64(terms.basket)
        if each > 0:
            wanted = min(wanted, available(person, purses, allowance) // each)
        if row >= 0:
            sellers.demand[row] += wanted
        units = min(wanted, stock)
        if by_brand and units < wanted and terms.preorders:
            customers.waiting[person] = wanted
            totals[Total.PREORDERED] += wanted
            continue
        if units < wanted:
            totals[Total.LOST] += wanted - units
            if row >= 0:
                sellers.lost[row] += wanted - units
        if units == 0:
            continue
        totals[Total.SET_ASIDE] += pay(person, each * units, purses, allowance)
        if by_brand:
            factory[0] -= units
            _sell_direct(row, units, each, sellers, terms, totals)
        else:
            _sell_from_stock(row, units, each, sellers, terms, totals)
        if row >= 0:
            sellers.sold[row] += units
            sellers.weeks_since_sale[row] = 0
        units_of[index] = units
        paid_of[index] = each
        totals[Total.LOWEST] = min(totals[Total.LOWEST], each)
        if customers.purchases[person] == 0:
            _welcome(person, customers, terms, totals)
        customers.purchases[person] += 1


@borrowing
def _fetch_seller(sellers, row):
    """Prefetch what a sale by this seller reads."""
    if row >= 0:
        fetch(sellers.inventory, row)
        fetch(sellers.transit, row)
        fetch(sellers.stock_value, row)
        fetch(sellers.cash, row)
        fetch(sellers.price, row)
        fetch(sellers.sold, row)
        fetch(sellers.demand, row)
        fetch(sellers.own_retail_margin, row)
        fetch(sellers.week_income, row)
        fetch(sellers.weeks_since_sale, row)


@borrowing
def _sell_direct(row, units, each, sellers, terms, totals):
    """Let the brand deliver; a referrer (row >= 0) gets a share of the price."""
    totals[Total.DIRECT] += units
    totals[Total.DIRECT_REVENUE] += each * units
    totals[Total.DIRECT_POSTAGE] += terms.postage
    if row >= 0:
        reward = np.int64(terms.commission * (each * units))
        _earn(row, reward, sellers, totals)
        sellers.cash[row] += reward
        totals[Total.COMMISSION] += reward


@borrowing
def _sell_from_stock(row, units, each, sellers, terms, totals):
    """Let a reseller deliver from stock, or a leaver from old stock."""
    cost = withdraw(row, units, sellers)
    sellers.cash[row] += each * units - terms.postage
    _earn(row, each * units - cost - terms.postage, sellers, totals)
    totals[Total.POSTAGE] += terms.postage
    if sellers.active[row]:
        totals[Total.SOLD] += units
        totals[Total.REVENUE] += each * units
    else:
        totals[Total.DUMPED] += units
        totals[Total.DUMP_REVENUE] += each * units


@borrowing
def _earn(row, gain, sellers, totals):
    """Book a seller's margin on a retail sale."""
    sellers.own_retail_margin[row] += gain
    sellers.week_income[row] += gain
    totals[Total.MARGIN] += gain


@borrowing
def _welcome(person, customers, terms, totals):
    """Count a first purchase, and credit it to the customer who convinced the buyer."""
    totals[Total.NEW_CUSTOMERS] += 1
    customers.first_purchase[person] = terms.week
    other = customers.convinced_by[person]
    if other < 0:
        return
    if customers.convinced[other] < MAX_CONVINCED:
        customers.convinced[other] += 1
    since = terms.week - customers.first_purchase[other]
    if customers.purchases[other] > 0 and since <= 2 * terms.generation:
        totals[Total.CONVINCED] += 1


@compiled
def _receive(low, high, buyers, customers, tastes, product, units_of, paid_of, week):
    """Let the buyers low..high take their units home; return totals."""
    totals = np.zeros(TOTALS, np.int64)
    for index in range(low, high):
        units = units_of[index]
        if units == 0:
            continue
        person = buyers[index]
        if customers.chosen[person] >= 0:
            customers.seller[person] = customers.chosen[person]
        customers.home[person] += units
        customers.last_purchase[person] = week
        _credit(customers.source[person], units, totals)
        fit = exp(misfit(product, tastes.taste_x[person], tastes.taste_y[person]))
        worth = 100.0 * np.float64(tastes.willingness_to_pay[person]) * product.quality * fit
        totals[Total.SURPLUS] += units * (np.int64(worth) - paid_of[index])
    return totals

"""Diversion: overstocked sellers sell below the list in other people's circles."""

from __future__ import annotations

from enum import IntEnum, auto
from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw32, draw64
from sim.kernel.maths import exp, threshold
from sim.market.outputs import Output
from sim.market.purchases import Purchases, note_purchase
from sim.market.purses import Purses, available, pay
from sim.market.resellers import withdraw
from sim.mechanisms.base import Mechanism, Prior, World, parameter
from sim.mechanisms.rival_choice import OPTIONS, odds, worth_of_all_else
from sim.mechanisms.utility import (
    HIGHEST,
    Shoppers,
    reads_beyond,
    sells_from_stock,
    terms_of,
    worth_of_a_yuan,
)

__all__ = ["Diversion"]


class Diversion(Mechanism):
    """Some overstocked sellers divert goods: to strangers, at a little more than they paid for them.

    Resellers with more than `pricing.patience` weeks of stock offer units outside their community, in
    groups and on platforms where the brand cannot see the price (窜货). A stranger who knows the
    product, will soon need it and has none at home weighs the offer against that of the seller they
    know, a comparable product and nothing. So goods that a cheap tier was pressed to take undercut
    the sellers of other circles, and the price falls for all (乱价).
    """

    phase: ClassVar = "sell"
    writes: ClassVar = (
        "persons.home", "persons.purchases", "persons.last_purchase", "persons.first_purchase",
        "persons.purse", "persons.purse_week", "resellers.inventory", "resellers.stock_value",
        "resellers.cash", "resellers.own_retail_margin", "resellers.week_income",
        "resellers.weeks_since_sale", "market.street_price", "market.street_lowest",
        "market.sold_through",
    )
    reads: ClassVar = reads_beyond(
        writes, "resellers.person", "resellers.community", "resellers.tier", "resellers.forecast",
        "resellers.joined_week", "resellers.transit")
    outputs: ClassVar = (
        Output("diverted", "units", "sold to strangers outside the seller's community, below the list"),
        Output("diverters", "persons", "active resellers who divert goods"),
        Output("revenue_diverted", "fen", "paid by consumers for diverted goods"),
    )
    dial: ClassVar = "share"
    off: ClassVar = {"A21": {"diversion.share": 0.0}}

    share: float = parameter(
        0.0, "share", 0, 1, "share of resellers who divert when they are overstocked",
        source="brands police diverted goods (乱价, 窜货): how many do it is not known",
        prior=Prior(0.0, 0.5, "from nobody to every other"))
    reach: int = parameter(
        100, "persons a week", 0, 100_000, "strangers who see a diverter's offer in a week",
        source="a group or an offer on a second-hand platform reaches about as many as a circle has: 128 "
        "(WeChat 2015); working assumption", prior=Prior(25, 400, "a factor of four either way", log=True))
    markup: float = parameter(
        0.1, "share", -1, 10, "margin over the own wholesale price that diverters ask",
        source="enough to be rid of the stock; working assumption",
        prior=Prior(-0.2, 0.3, "from a loss of a fifth to the usual margin of a small shop"))

    def step(self, world: World) -> None:
        """Let diverters offer goods to strangers, and book their sales."""
        pricing = world.settings.rule("pricing")
        choice, selling = world.settings.rule("purchase_choice"), world.settings.rule("selling")
        if pricing is None or choice is None or selling is None:
            return
        resellers, persons, books, market = world.resellers, world.persons, world.books, world.market
        luck = Luck(
            world.fixed_luck("knows prices"), world.fixed_luck("diverts"), world.luck("offered to whom"),
            world.luck("soon needs it"), world.luck("takes diverted goods"))
        terms = Terms(
            wholesale=world.tier_prices(), patience=float(pricing.patience),
            postage=round(selling.postage * 100), week=world.week)
        totals = np.zeros(len(Total), np.int64)
        totals[Total.LOWEST] = NO_SALE
        _divert(
            resellers.view(Diverters), persons.view(Shoppers), persons.view(Purchases), persons.view(Purses),
            world.product(), world.allowance(), self.parameters, choice.parameters, terms,
            terms_of(world, choice), world.graph.communities, luck, totals)
        got = {total: int(totals[total]) for total in Total}
        units, revenue = got[Total.UNITS], got[Total.REVENUE]
        books.set_aside(got[Total.SET_ASIDE])
        books.goods.move("channel", "homes", units)
        books.money.move("purses", "resellers", revenue)
        books.money.move("resellers", "media", got[Total.POSTAGE])
        market.sold_through += units
        before = world.flows.get("sell_through", 0) + world.flows.get("dumped", 0)
        if units:
            paid = market.street_price * before + revenue
            market.street_price = paid / (before + units)
            market.street_lowest = min(got[Total.LOWEST], market.street_lowest if before else NO_SALE)
        for flow, total in {
            "sell_through": units, "diverted": units, "diverters": got[Total.DIVERTERS],
            "new_customers": got[Total.NEW_CUSTOMERS], "retail_revenue": revenue,
            "reseller_revenue": revenue, "revenue_diverted": revenue,
            "retail_margin_resellers": got[Total.MARGIN],
        }.items():
            world.count(flow, total)


class Total(IntEnum):
    """What is added up: units, fen, persons."""

    UNITS = 0
    REVENUE = auto()
    MARGIN = auto()
    POSTAGE = auto()
    SET_ASIDE = auto()
    DIVERTERS = auto()
    NEW_CUSTOMERS = auto()
    LOWEST = auto()


NO_SALE = 2**62
"""Lowest price of a week in which nothing was sold."""
MIN_FORECAST = 0.05
"""Units a week: least forecast by which weeks of supply are counted."""


class Diverters(NamedTuple):
    """Columns of resellers that diverting reads or changes."""

    person: np.ndarray
    community: np.ndarray
    active: np.ndarray
    dropship: np.ndarray
    tier: np.ndarray
    price: np.ndarray
    forecast: np.ndarray
    joined_week: np.ndarray
    inventory: np.ndarray
    transit: np.ndarray
    stock_value: np.ndarray
    cash: np.ndarray
    own_retail_margin: np.ndarray
    week_income: np.ndarray
    weeks_since_sale: np.ndarray
    help: np.ndarray


class Terms(NamedTuple):
    """What is the same for all diverters: wholesale prices by tier and postage, fen; weeks of supply
    that do not worry; the week.
    """

    wholesale: np.ndarray
    patience: float
    postage: int
    week: int


class Luck(NamedTuple):
    """Keys of the decisions taken here."""

    knows: np.uint64
    diverts: np.uint64
    whom: np.uint64
    need: np.uint64
    takes: np.uint64


@compiled
def _divert(
    sellers, persons, purchases, purses, product, allowance, rule, choice, terms, other, communities, luck,
    totals,
):
    """Let diverters offer units to strangers drawn at random, in the order of their rows."""
    size = persons.home.size
    share = threshold(rule.share)
    for row in range(sellers.active.size):
        if not sellers.active[row] or sellers.dropship[row] or sellers.inventory[row] == 0:
            continue
        if draw32(luck.diverts, sellers.person[row]) >= share:
            continue
        supply = sellers.inventory[row] / max(sellers.forecast[row], MIN_FORECAST)
        if supply <= terms.patience or terms.week - sellers.joined_week[row] <= terms.patience:
            continue
        totals[Total.DIVERTERS] += 1
        price = max(np.int64(1), np.int64(
            terms.wholesale[sellers.tier[row]] * (1.0 + rule.markup))) + terms.postage
        first, end = communities[sellers.community[row]], communities[sellers.community[row] + 1]
        whom = draw64(luck.whom, sellers.person[row])
        for offer in range(min(rule.reach, size)):
            if sellers.inventory[row] == 0:
                break
            person = np.int64(draw64(whom, offer) % np.uint64(size))
            if first <= person < end:
                continue
            if _takes(person, price, persons, purses, sellers, product, allowance, choice, other, luck):
                persons.home[person] += 1
                _hand_over(row, person, price, sellers, purchases, purses, allowance, terms, totals)


@compiled
def _takes(person, price, persons, purses, sellers, product, allowance, choice, other, luck):
    """Return whether a stranger takes a diverted unit rather than anything else."""
    if not persons.aware[person] or persons.dropped[person] or persons.waiting[person] > 0:
        return False
    need = np.float64(persons.weekly_need[person])
    if persons.home[person] > 0 or draw32(luck.need, person) >= threshold(1.0 - exp(-need)):
        return False
    if sells_from_stock(person, persons, sellers):
        return False
    money = available(person, purses, allowance)
    if price > money:
        return False
    rest = np.empty(OPTIONS)
    value = worth_of_all_else(person, money, persons, sellers, product, other, choice, luck.knows, rest)
    diverted = value - worth_of_a_yuan(person, persons, choice) * (price / 100.0)
    lowered = max(0.0, max(diverted, rest.max()) - HIGHEST)
    weight = exp(diverted - lowered)
    return draw32(luck.takes, person) < threshold(weight / (1.0 + odds(rest, lowered) + weight))


@borrowing
def _hand_over(row, person, price, sellers, purchases, purses, allowance, terms, totals):
    """Sell a unit from a diverter's stock."""
    cost = withdraw(row, 1, sellers)
    gain = price - terms.postage - cost
    sellers.cash[row] += price - terms.postage
    sellers.own_retail_margin[row] += gain
    sellers.week_income[row] += gain
    sellers.weeks_since_sale[row] = 0
    totals[Total.SET_ASIDE] += pay(person, price, purses, allowance)
    totals[Total.NEW_CUSTOMERS] += note_purchase(person, purchases, terms.week)
    totals[Total.UNITS] += 1
    totals[Total.REVENUE] += price
    totals[Total.MARGIN] += gain
    totals[Total.POSTAGE] += terms.postage
    totals[Total.LOWEST] = min(totals[Total.LOWEST], price)

"""Supply chain: goods are made, shipped down tier by tier, and paid on shipment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, auto
from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing, compiled
from sim.market.books import split_largest_remainder
from sim.market.persons import NOBODY, USER
from sim.market.resellers import MAX_LEAD, withdraw
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["SupplyChain"]


class SupplyChain(Mechanism):
    """Orders travel up, goods travel down with lead times, rationing and backorders.

    The supplier of a reseller is the nearest active upline of a better tier, else the brand (A2).
    Uplines who missed their last quota are skipped, and if orders do not go through uplines, the brand
    supplies all. Short stock is rationed in proportion to what is due, by largest remainders; the rest
    stays due, or is cancelled without backorders. Buyers pay their tier's price when the goods leave;
    the supplier keeps the difference to their own cost. The brand produces up to its forecast over lead
    time and cover.

    A smoothed forecast lags behind a growing market. Behaviour data show how many users there are
    today: as far as they are known, the forecast is multiplied by today's users over smoothed users
    (A13).
    """

    phase: ClassVar = "produce and ship"
    reads: ClassVar = (
        "resellers.active", "resellers.tier", "resellers.upline", "resellers.ordered",
        "resellers.missed_quotas",
        "brand.direct_demand", "brand.end_demand", "brand.preorders", "brand.trials_due",
        "brand.variety", "brand.variety_cost", "brand.known", "market.stages",
    )
    writes: ClassVar = (
        "resellers.inventory", "resellers.pipeline", "resellers.transit", "resellers.backlog",
        "resellers.first_order_left", "resellers.received", "resellers.received_first",
        "resellers.cash", "resellers.stock_value", "resellers.invested", "resellers.entry_money",
        "resellers.upline_payments", "resellers.week_income", "resellers.downline_orders",
        "resellers.demand", "brand.pipeline", "brand.in_production", "brand.forecast",
        "brand.forecast_error", "brand.orders", "brand.backlog", "market.sold_in",
    )
    off: ClassVar = {"A2": {"supply_chain.through_uplines": False}}

    lead_time: int = parameter(1, "weeks", 1, 8, "from shipment to arrival at a reseller")
    information_sharing: float = parameter(
        None, "share", 0, 1, "weight of end consumers' demand in the brand's forecast",
        control=("feedback_forecast", 0.0, 1.0), source="A13: demand as data; Chen et al. 2000")
    anticipation: float = parameter(
        1.0, "share", 0, 1, "how far what data of behaviour tell of growth corrects the brand's forecast",
        source="simple smoothing lags behind a trend (Holt 1957)")
    through_uplines: bool = parameter(
        True, "flag", None, None,
        "whether uplines supply their downline and keep the price difference; else the brand does",
        source="essay A: 多层级压货; 英树 2020: wholesale 85 / 100 / 120 by rung")
    qualifying: bool = parameter(
        True, "flag", None, None,
        "whether uplines who missed their own last quota are passed over until they meet one",
        source="plans call it compression (R2, from memory)")
    backorders: bool = parameter(
        True, "flag", None, None, "whether unfilled orders stay due (else they are lost)")

    def begin(self, world: World) -> None:
        """Know of no users yet."""
        world.own(Users)

    def step(self, world: World) -> None:
        """Receive goods, ship what is due, and begin the next batch."""
        self._receive(world)
        due = self._ship(world)
        self._produce(world, due)

    def _receive(self, world: World) -> None:
        """Receive goods: at resellers, and from production at the factory."""
        resellers, books, brand = world.resellers, world.books, world.brand
        arrived = _arrive(
            resellers.inventory, resellers.transit, resellers.pipeline, world.week % MAX_LEAD)
        books.goods.move("transit", "channel", arrived)
        made = brand.finish(world.week)
        books.goods.move("made", "factory", made)
        books.money.move("brand", "makers", made * brand.unit_cost(world.settings.offer))
        world.count("produced", made)

    def _ship(self, world: World) -> int:
        """Ship and book what is due; return the units that the brand still owes to resellers."""
        resellers, books, brand = world.resellers, world.books, world.brand
        resellers.received[:] = 0
        resellers.received_first[:] = 0
        totals = np.zeros(len(Total), np.int64)
        terms = Terms(
            prices=world.tier_prices(),
            factory=books.goods["factory"],
            arrival=(world.week + self.lead_time) % MAX_LEAD,
            through_uplines=self.through_uplines,
            qualifying=self.qualifying,
        )
        _ship(resellers.view(Resellers), terms, totals)
        got = totals.tolist()
        books.goods.move("factory", "transit", got[Total.FROM_BRAND])
        books.goods.move("channel", "transit", got[Total.FROM_CHANNEL])
        books.money.move("resellers", "brand", got[Total.PAID_TO_BRAND])
        world.count("sell_in", got[Total.FROM_BRAND])
        world.market.sold_in += got[Total.FROM_BRAND]
        world.count("sell_in_revenue", got[Total.PAID_TO_BRAND])
        world.count("shipped_within_channel", got[Total.FROM_CHANNEL])
        world.count("upline_revenue", got[Total.PAID_TO_UPLINES])
        world.count("upline_payments", got[Total.MARGIN])
        world.count("entry_payments", got[Total.ENTRY])
        brand.orders, brand.backlog = got[Total.ORDERED_OF_BRAND], got[Total.DUE_FROM_BRAND]
        if not self.backorders:
            resellers.backlog[:] = 0
            resellers.first_order_left[:] = 0
            brand.backlog = 0
        return brand.backlog

    def _produce(self, world: World, due: int) -> None:
        """Update the brand's forecast, and begin a batch that refills its stock of finished goods."""
        brand, production = world.brand, world.settings.production
        ordered = brand.orders + brand.direct_demand
        # With the demand loop the brand forecasts consumer demand, else orders.
        seen = ordered + self.information_sharing * (brand.end_demand - ordered)
        error = abs(seen - brand.forecast)
        brand.forecast_error += production.smoothing * (error - brand.forecast_error)
        brand.forecast += production.smoothing * (seen - brand.forecast)
        due += brand.preorders + brand.trials_due
        target = self._growth(world) * brand.forecast * (production.lead_time + production.cover)
        position = world.books.goods["factory"] + brand.in_production - due
        batch = max(0, int(np.ceil(target)) - position)
        batch = min(batch, int(production.capacity * len(world.persons)))
        brand.begin(batch, world.week + production.lead_time)


    def _growth(self, world: World) -> float:
        """Return the factor by which data of behaviour correct the brand's forecast."""
        users, own = float(sum(world.market.stages[USER:])), world.own(Users)
        if own.smoothed is None:
            own.smoothed = users
        own.smoothed += world.settings.production.smoothing * (users - own.smoothed)
        if own.smoothed <= 0.0:
            return 1.0
        return 1.0 + self.anticipation * world.brand.known.behaviour * (users / own.smoothed - 1.0)


@dataclass
class Users:
    """Users and whoever is closer to the brand, smoothed as the brand's forecast is; None: never counted."""

    smoothed: float | None = None


class Total(IntEnum):
    """What is added up while shipping: units or fen."""

    FROM_BRAND = 0
    FROM_CHANNEL = auto()
    PAID_TO_BRAND = auto()
    PAID_TO_UPLINES = auto()
    MARGIN = auto()
    ENTRY = auto()
    ORDERED_OF_BRAND = auto()
    DUE_FROM_BRAND = auto()


class Resellers(NamedTuple):
    """Columns of resellers that a shipment reads or changes, for buyer or supplier."""

    active: np.ndarray
    tier: np.ndarray
    upline: np.ndarray
    inventory: np.ndarray
    transit: np.ndarray
    pipeline: np.ndarray
    backlog: np.ndarray
    ordered: np.ndarray
    first_order_left: np.ndarray
    received: np.ndarray
    received_first: np.ndarray
    cash: np.ndarray
    stock_value: np.ndarray
    invested: np.ndarray
    entry_money: np.ndarray
    upline_payments: np.ndarray
    week_income: np.ndarray
    downline_orders: np.ndarray
    demand: np.ndarray
    missed_quotas: np.ndarray


class Terms(NamedTuple):
    """Prices by tier in fen, units at the factory, the slot of the pipeline for goods that leave now,
    whether uplines supply their downline, and whether they must have met their quota to do so.
    """

    prices: np.ndarray
    factory: int
    arrival: int
    through_uplines: bool
    qualifying: bool


BRAND = 0
"""Index of the brand among the suppliers; the reseller in `row` has index ``row + 1``."""
NO_SUPPLIER = -1
"""Supplier index of a reseller to whom nothing is due."""


@borrowing
def _arrive(inventory, transit, pipeline, slot):
    """Receive the goods that arrive now; return the units."""
    total = 0
    for row in range(inventory.size):
        units = pipeline[row, slot]
        if units > 0:
            pipeline[row, slot] = 0
            transit[row] -= units
            inventory[row] += units
            total += units
    return total


@compiled
def _ship(resellers, terms, totals):
    """Ship what is due while stock and money last; add up `totals`."""
    supplier = _find_suppliers(resellers, terms, totals)
    begins, buyers = _queues(supplier)
    # Uplines have smaller rows than their downline, so no sale here changes what a buyer can pay.
    gives = _ration(begins, buyers, resellers, terms)
    given = np.zeros(supplier.size, np.int64)
    for index in range(buyers.size):
        given[buyers[index]] = gives[index]
    for row in range(supplier.size):
        if supplier[row] == BRAND:
            totals[Total.DUE_FROM_BRAND] += resellers.backlog[row] - given[row]
        if given[row] > 0:
            _buy(row, given[row], supplier[row] == BRAND, resellers, terms, totals)
    for row in range(supplier.size):
        for index in range(begins[row + 1], begins[row + 2]):
            if gives[index] > 0:
                paid = gives[index] * terms.prices[resellers.tier[buyers[index]]]
                _supply(row, gives[index], paid, resellers, totals)


@compiled
def _find_suppliers(resellers, terms, totals):
    """Return the index of each reseller's supplier; count this week's orders as demand there."""
    supplier = np.full(resellers.active.size, NO_SUPPLIER, np.int64)
    for row in range(supplier.size):
        if not resellers.active[row] or resellers.backlog[row] <= 0:
            continue
        above = np.int64(resellers.upline[row]) if terms.through_uplines else np.int64(NOBODY)
        while above >= 0 and not _may_supply(above, resellers.tier[row], resellers, terms):
            above = resellers.upline[above]
        supplier[row] = above + 1
        if above < 0:
            totals[Total.ORDERED_OF_BRAND] += resellers.ordered[row]
        else:
            resellers.downline_orders[above] += resellers.ordered[row]
            resellers.demand[above] += resellers.ordered[row]
    return supplier


@borrowing
def _may_supply(row, tier, resellers, terms):
    """Return whether a row may supply a reseller on the rung `tier`."""
    if terms.qualifying and resellers.missed_quotas[row] > 0:
        return False
    return bool(resellers.active[row]) and resellers.tier[row] < tier


@compiled
def _queues(supplier):
    """Return the buyers sorted by supplier, then by row, and where each supplier's buyers begin.
    """
    begins = np.zeros(supplier.size + 2, np.int64)
    for row in range(supplier.size):
        if supplier[row] != NO_SUPPLIER:
            begins[supplier[row] + 1] += 1
    for place in range(1, begins.size):
        begins[place] += begins[place - 1]
    buyers = np.empty(begins[-1], np.int64)
    at = begins.copy()
    for row in range(supplier.size):
        if supplier[row] != NO_SUPPLIER:
            buyers[at[supplier[row]]] = row
            at[supplier[row]] += 1
    return begins, buyers


@compiled
def _ration(begins, buyers, resellers, terms):
    """Return the units that each buyer gets: what is due and affordable, rationed by supplier."""
    wants = np.empty(buyers.size, np.int64)
    gives = np.empty(buyers.size, np.int64)
    for index in range(buyers.size):
        row = buyers[index]
        affordable = max(np.int64(0), resellers.cash[row] // terms.prices[resellers.tier[row]])
        wants[index] = min(np.int64(resellers.backlog[row]), affordable)
    for place in range(begins.size - 1):
        first, end = begins[place], begins[place + 1]
        if first < end:
            stock = terms.factory if place == BRAND else np.int64(resellers.inventory[place - 1])
            split_largest_remainder(stock, wants[first:end], gives[first:end])
    return gives


@borrowing
def _buy(row, units, of_brand, resellers, terms, totals):
    """Let a reseller pay for units that leave now."""
    price = terms.prices[resellers.tier[row]]
    paid = units * price
    resellers.backlog[row] -= units
    first = min(units, np.int64(resellers.first_order_left[row]))
    resellers.first_order_left[row] -= first
    resellers.pipeline[row, terms.arrival] += units
    resellers.transit[row] += units
    resellers.received[row] += units
    resellers.received_first[row] += first
    resellers.cash[row] -= paid
    resellers.stock_value[row] += paid
    resellers.invested[row] += paid
    resellers.entry_money[row] += first * price
    totals[Total.ENTRY] += first * price
    if of_brand:
        totals[Total.FROM_BRAND] += units
        totals[Total.PAID_TO_BRAND] += paid


@borrowing
def _supply(row, units, paid, resellers, totals):
    """Let a reseller ship units from stock and earn the margin on them."""
    margin = paid - withdraw(row, units, resellers)
    resellers.cash[row] += paid
    resellers.upline_payments[row] += margin
    resellers.week_income[row] += margin
    totals[Total.FROM_CHANNEL] += units
    totals[Total.PAID_TO_UPLINES] += paid
    totals[Total.MARGIN] += margin

"""Supplying: goods are made, shipped down tier by tier, and paid on shipment."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.market.books import split_largest_remainder
from sim.market.resellers import MAX_LEAD
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Supplying"]


class Supplying(Mechanism):
    """Orders travel up, goods travel down with lead times, rationing and backorders.

    The supplier of a reseller is the nearest upline of a better tier, else the brand (A2). Short
    stock is rationed in proportion to what is due, by largest remainders; what is not shipped stays
    due, or is forgotten where there are no backorders. Buyers pay their own tier's price when the
    goods leave; the supplier keeps the difference to what it paid. The brand produces up to its own
    forecast over lead time and cover.
    """

    phase: ClassVar = "produce and ship"
    writes: ClassVar = (
        "resellers.inventory", "resellers.pipeline", "resellers.transit", "resellers.backlog",
        "resellers.first_order_left", "resellers.received",
        "resellers.received_first", "resellers.cash",
        "resellers.stock_value", "resellers.invested", "resellers.entry_money",
        "resellers.upline_payments", "resellers.week_income", "resellers.downline_orders",
        "resellers.demand", "brand", "market.sold_in",
    )

    lead_time: int = parameter(1, "weeks", 1, 8, "from shipment to arrival at a reseller")
    sharing: float = parameter(
        None, "share", 0, 1, "weight of end consumers' demand in the brand's forecast",
        control=("feedback_forecast", 0.0, 1.0), source="A13: demand as data; Chen et al. 2000")
    backorders: bool = parameter(
        True, "flag", None, None, "whether unfilled orders stay due (else they are lost)")

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        resellers, books, brand = world.resellers, world.books, world.brand
        production = world.settings.production
        # Goods that arrive.
        arrived = _arrive(
            resellers.inventory, resellers.transit, resellers.pipeline, world.week % MAX_LEAD)
        books.goods.move("transit", "channel", arrived)
        made = brand.finish(world.week)
        books.goods.move("made", "factory", made)
        books.money.move("brand", "makers", made * brand.unit_cost(world.settings.offer))
        world.count("produced", made)
        # Goods that leave.
        resellers.received[:] = 0
        resellers.received_first[:] = 0
        totals = np.zeros(8, np.int64)
        _ship(
            resellers.active, resellers.tier, resellers.upline, resellers.inventory,
            resellers.transit, resellers.pipeline, resellers.backlog, resellers.ordered,
            resellers.first_order_left, resellers.received, resellers.received_first, resellers.cash,
            resellers.stock_value, resellers.invested, resellers.entry_money,
            resellers.upline_payments, resellers.week_income, resellers.downline_orders,
            resellers.demand, world.tier_prices(), books.goods["factory"],
            (world.week + self.lead_time) % MAX_LEAD, totals,
        )
        (from_brand, from_channel, paid_brand, margin, entry, ordered_brand, due_brand, _) = (
            int(value) for value in totals)
        books.goods.move("factory", "transit", from_brand)
        books.goods.move("channel", "transit", from_channel)
        books.money.move("resellers", "brand", paid_brand)
        world.count("sell_in", from_brand)
        world.market.sold_in += from_brand
        world.count("sell_in_revenue", paid_brand)
        world.count("shipped_within_channel", from_channel)
        world.count("upline_payments", margin)
        world.count("entry_payments", entry)
        if not self.backorders:
            resellers.backlog[:] = 0
            resellers.first_order_left[:] = 0
            due_brand = 0
        # What the brand makes next.
        by_resellers = ordered_brand
        ordered_brand += brand.direct_demand
        # With the demand loop the brand forecasts what consumers ask for, else what is ordered.
        seen = ordered_brand + self.sharing * (brand.end_demand - ordered_brand)
        error = abs(seen - brand.forecast)
        brand.forecast_error += production.smoothing * (error - brand.forecast_error)
        brand.forecast += production.smoothing * (seen - brand.forecast)
        brand.orders, brand.backlog = by_resellers, due_brand
        due_brand += brand.preorders + brand.trials_due
        target = brand.forecast * (production.lead_time + production.cover)
        position = books.goods["factory"] + brand.in_production - due_brand
        batch = max(0, int(np.ceil(target)) - position)
        batch = min(batch, int(production.capacity * len(world.persons)))
        brand.begin(batch, world.week + production.lead_time)


@compiled
def _arrive(inventory, transit, pipeline, slot):
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
def _ship(
    active, tier, upline, inventory, transit, pipeline, backlog, ordered, first_left, received,
    received_first, cash, stock_value, invested, entry_money, upline_payments, week_income, downline_orders,
    demand, prices, factory, slot, totals,
):
    rows = active.size
    # Who buys of whom (0: the brand, row + 1: a reseller; -1: of nobody, nothing).
    supplier = np.empty(rows, np.int64)
    begins = np.zeros(rows + 2, np.int64)
    for row in range(rows):
        supplier[row] = -1
        if active[row] and backlog[row] > 0:
            above = upline[row]
            while above >= 0 and not (active[above] and tier[above] < tier[row]):
                above = upline[above]
            supplier[row] = above + 1
            begins[above + 2] += 1
            if above < 0:
                totals[5] += ordered[row]
            else:
                downline_orders[above] += ordered[row]
                demand[above] += ordered[row]
    for place in range(1, rows + 2):
        begins[place] += begins[place - 1]
    # Buyers by supplier, in the order of their rows; nobody ships what the buyer cannot pay.
    # Whoever sells has a smaller row, so nothing that is sold here changes what a buyer can pay.
    buyers = np.empty(begins[rows + 1], np.int64)
    wants = np.empty(buyers.size, np.int64)
    gives = np.empty(buyers.size, np.int64)
    at = begins.copy()
    for row in range(rows):
        if supplier[row] >= 0:
            place = at[supplier[row]]
            at[supplier[row]] += 1
            buyers[place] = row
            wants[place] = min(np.int64(backlog[row]), max(np.int64(0), cash[row] // prices[tier[row]]))
    given = np.zeros(rows, np.int64)
    for place in range(rows + 1):
        mine = slice(begins[place], begins[place + 1])
        if begins[place] < begins[place + 1]:
            stock = factory if place == 0 else np.int64(inventory[place - 1])
            split_largest_remainder(stock, wants[mine], gives[mine])
    for index in range(buyers.size):
        given[buyers[index]] = gives[index]
    # What buyers pay and get, in the order of rows.
    for row in range(rows):
        units = given[row]
        if supplier[row] == 0:
            totals[6] += backlog[row] - units
        if units == 0:
            continue
        paid = units * prices[tier[row]]
        backlog[row] -= units
        first = min(units, np.int64(first_left[row]))
        first_left[row] -= first
        pipeline[row, slot] += units
        transit[row] += units
        received[row] += units
        received_first[row] += first
        cash[row] -= paid
        stock_value[row] += paid
        invested[row] += paid
        entry_money[row] += first * prices[tier[row]]
        totals[4] += first * prices[tier[row]]
        if supplier[row] == 0:
            totals[0] += units
            totals[2] += paid
    # What sellers give and earn.
    for seller in range(rows):
        for index in range(begins[seller + 1], begins[seller + 2]):
            units = gives[index]
            if units == 0:
                continue
            paid = units * prices[tier[buyers[index]]]
            cost = stock_value[seller] * units // (inventory[seller] + transit[seller])
            inventory[seller] -= units
            stock_value[seller] -= cost
            cash[seller] += paid
            upline_payments[seller] += paid - cost
            week_income[seller] += paid - cost
            totals[1] += units
            totals[3] += paid - cost

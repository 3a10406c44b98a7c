"""Resellers: one row for each person who ever joined, in the order of joining.

An upline always has a smaller row than its downline, so the sponsor forest is walked by plain
loops: forwards from the top, backwards from the bottom.
"""

from __future__ import annotations

from sim.kernel import np
from sim.kernel.columns import Column, Table
from sim.kernel.compiled import compiled
from sim.market.persons import NOBODY

__all__ = ["MAX_LEAD", "active_seller", "make_resellers", "prosumers", "withdraw"]

MAX_LEAD = 8
"""Weeks that goods may be on their way to a reseller."""

COLUMNS = (
    Column("person", "i4", "person", "who it is"),
    Column("upline", "i4", "reseller row", "who recruited or inherited this one; -1 the brand",
           NOBODY),
    Column("sponsor", "i4", "reseller row", "who recruited this one; -1 the brand", NOBODY),
    Column("community", "i4", "community", "where the person lives"),
    Column("tier", "i1", "rung", "0 is the top"),
    Column("active", "u1", "flag", "in the selling role; 0 after leaving"),
    Column("dropship", "u1", "flag", "holds no stock: the brand ships and pays a referral share"),
    Column("joined_week", "i2", "week", "week of joining"),
    Column("left_week", "i2", "week", "week of leaving; -1 still there", -1),
    Column("recruits", "i4", "persons", "people this one recruited"),
    # Goods.
    Column("inventory", "i4", "units", "units in hand"),
    Column("pipeline", "i4", "units", "units on the way, by week of arrival", width=MAX_LEAD),
    Column("transit", "i4", "units", "sum of the pipeline"),
    Column("backlog", "i4", "units", "ordered and not yet shipped"),
    Column("first_order_left", "i4", "units", "of the backlog, what belongs to the first order"),
    Column("ordered", "i4", "units", "ordered this week", passing=True),
    Column("received", "i4", "units", "shipped to this one this week", passing=True),
    Column("received_first", "i4", "units", "of these, units of the first order", passing=True),
    Column("sold", "i4", "units", "sold to consumers this week", passing=True),
    Column("lost", "i4", "units", "consumers turned away this week for want of stock", passing=True),
    Column("downline_orders", "i4", "units", "orders of the downline, this week", passing=True),
    Column("demand", "i4", "units", "demand seen since the last forecast"),
    Column("forecast", "f8", "units a week", "expected weekly demand"),
    Column("cumulative_orders", "i8", "units", "units ordered since joining"),
    Column("month_orders", "i4", "units", "units ordered in the running month of the quota"),
    Column("missed_quotas", "i2", "months", "months in a row below the quota"),
    Column("weeks_since_sale", "i2", "weeks", "weeks since the last retail sale"),
    # Money, fen.
    Column("cash", "i8", "fen", "money in the business, opening budget included"),
    Column("opening_cash", "i8", "fen", "what was brought in when joining"),
    Column("invested", "i8", "fen", "paid for goods and fees since joining"),
    Column("entry_money", "i8", "fen", "of this, first order and entry fee"),
    Column("stock_value", "i8", "fen", "what the inventory and the goods on the way cost"),
    Column("own_retail_margin", "i8", "fen", "retail revenue minus cost of the goods, cumulative"),
    Column("upline_payments", "i8", "fen", "margin and rewards from the downline, cumulative"),
    Column("week_income", "i8", "fen", "margins and rewards of this week", passing=True),
    Column("income", "f4", "CNY a week", "smoothed weekly income"),
    Column("price", "i4", "fen", "own street price"),
    # Mind.
    Column("optimism", "f4", "share", "by how much expected sales exceed what was seen"),
    Column("effort", "f4", "times the normal", "intensity of selling and recruiting", 1),
    Column("binding", "f4", "share", "tie to the brand beyond the price difference"),
    Column("upline_left", "i2", "week", "week in which the upline left; -1000 never", -1000),
    Column("ties", "i8", "position", "first of this one's ties in the table of ties"),
)


def make_resellers(room: int = 0) -> Table:
    """Return the empty table of resellers, with room for so many before it grows."""
    return Table("resellers", COLUMNS, room=room)


def prosumers(resellers: Table) -> np.ndarray:
    """Return the rows of active resellers without stock: they refer, the brand ships."""
    return np.flatnonzero(resellers.active & resellers.dropship)


@compiled
def active_seller(seller, active):
    """Return the reseller row `seller`, or `NOBODY` where there is none or it has left."""
    return np.int64(seller) if seller >= 0 and active[seller] else np.int64(NOBODY)


@compiled
def withdraw(row, units, sellers):
    """Take units from a reseller's stock; return their average cost, fen.

    `sellers` has the columns inventory, transit and stock_value. The average is over the inventory
    and the goods on the way, which are paid already; it is rounded down.
    """
    cost = sellers.stock_value[row] * units // (sellers.inventory[row] + sellers.transit[row])
    sellers.inventory[row] -= units
    sellers.stock_value[row] -= cost
    return cost

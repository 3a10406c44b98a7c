"""Resellers: one row for each person who ever joined, in the order of joining.

An upline always has a smaller row than its downline, so the sponsor forest is walked by plain
loops: forwards from the top, backwards from the bottom.
"""

from __future__ import annotations

from sim.kernel import np
from sim.kernel.columns import Column, Table
from sim.kernel.compiled import borrowing
from sim.market.persons import EARLIEST, LONG_AGO, NOBODY

__all__ = ["MAX_LEAD", "NEUTRAL_SERVICE", "STILL", "active_seller", "make_resellers", "prosumers", "withdraw"]

MAX_LEAD = 8
"""Weeks that goods may be on their way to a reseller."""
STILL = -1
"""In the column `left_week`: has not left."""
NEUTRAL_SERVICE = 0.5
"""Share of the wanted service at which opinions do not change."""

COLUMNS = (
    Column("person", "i4", "person", "who it is", low=0, refers="persons"),
    Column("upline", "i4", "reseller row", "who recruited or inherited this one; -1 the brand",
           NOBODY, low=NOBODY, refers="resellers"),
    Column("sponsor", "i4", "reseller row", "who recruited this one; -1 the brand", NOBODY,
           low=NOBODY, refers="resellers"),
    Column("community", "i4", "community", "where the person lives", low=0),
    Column("tier", "i1", "rung", "0 is the top", low=0),
    Column("active", "u1", "flag", "in the selling role; 0 after leaving", low=0, high=1),
    Column("dropship", "u1", "flag", "holds no stock: the brand ships and pays a referral share",
           low=0, high=1),
    Column("joined_week", "i2", "week", "week of joining; below 1 before the run", low=EARLIEST),
    Column("left_week", "i2", "week", "week of leaving; -1 still there, below it before the "
           "run", STILL, low=EARLIEST),
    Column("recruits", "i4", "persons", "people this one recruited", low=0),
    # Goods.
    Column("inventory", "i4", "units", "units in hand", low=0),
    Column("pipeline", "i4", "units", "units on the way, by week of arrival", width=MAX_LEAD,
           low=0),
    Column("transit", "i4", "units", "sum of the pipeline", low=0),
    Column("backlog", "i4", "units", "ordered and not yet shipped", low=0),
    Column("first_order_left", "i4", "units", "of the backlog, what belongs to the first order",
           low=0),
    Column("ordered", "i4", "units", "ordered this week", passing=True, low=0),
    Column("received", "i4", "units", "shipped to this one this week", passing=True, low=0),
    Column("received_first", "i4", "units", "of these, units of the first order", passing=True,
           low=0),
    Column("sold", "i4", "units", "sold to consumers this week", passing=True, low=0),
    Column("lost", "i4", "units", "consumers turned away this week for want of stock", passing=True,
           low=0),
    Column("downline_orders", "i4", "units", "orders of the downline, this week", passing=True,
           low=0),
    Column("demand", "i4", "units", "demand seen since the last forecast", low=0),
    Column("forecast", "f8", "units a week", "expected weekly demand", low=0),
    Column("cumulative_orders", "i8", "units", "units ordered since joining", low=0),
    Column("month_orders", "i4", "units", "units ordered in the running month of the quota", low=0),
    Column("missed_quotas", "i2", "months", "months in a row below the quota", low=0),
    Column("weeks_since_sale", "i2", "weeks", "weeks since the last retail sale", low=0),
    # Money, fen.
    Column("cash", "i8", "fen", "money in the business, opening budget included"),
    Column("opening_cash", "i8", "fen", "what was brought in when joining", low=0),
    Column("invested", "i8", "fen", "paid for goods and fees since joining", low=0),
    Column("entry_money", "i8", "fen", "of this, first order and entry fee", low=0),
    Column("stock_value", "i8", "fen", "what the inventory and the goods on the way cost", low=0),
    Column("own_retail_margin", "i8", "fen", "retail revenue minus cost of the goods, cumulative"),
    Column("upline_payments", "i8", "fen", "margin and rewards from the downline, cumulative"),
    Column("week_income", "i8", "fen", "margins and rewards of this week", passing=True),
    Column("income", "f4", "CNY a week", "smoothed weekly income"),
    Column("price", "i4", "fen", "own street price", low=0),
    # Mind.
    Column("optimism", "f4", "share", "by how much expected sales exceed what was seen"),
    Column("effort", "f4", "times the normal", "intensity of selling and recruiting", 1, low=0),
    Column("recruiting", "f4", "share", "share of the effort that goes into recruiting", 0.5, low=0,
           high=1),
    Column("help", "f4", "share", "share of the help in deciding that the last buyers wanted and got",
           NEUTRAL_SERVICE, low=0, high=1),
    Column("binding", "f4", "share", "tie to the brand beyond the price difference"),
    Column("upline_left", "i2", "week", "week in which the upline left; -1000 never", LONG_AGO,
           low=LONG_AGO),
    Column("ties", "i8", "position", "first of this one's ties in the table of ties", low=0),
)


def make_resellers(room: int = 0) -> Table:
    """Return the empty table of resellers, with room for this many rows before it grows."""
    return Table("resellers", COLUMNS, room=room)


def prosumers(resellers: Table) -> np.ndarray:
    """Return the rows of active resellers without stock: they refer, the brand ships."""
    return np.flatnonzero(resellers.active & resellers.dropship)


@borrowing
def active_seller(seller, active):
    """Return the reseller row `seller`, or `NOBODY` if there is none or it has left."""
    return np.int64(seller) if seller >= 0 and active[seller] else np.int64(NOBODY)


@borrowing
def withdraw(row, units, sellers):
    """Take units from a reseller's stock; return their average cost, fen.

    `sellers` has the columns inventory, transit and stock_value. The average includes goods on the way,
    which are already paid; it is rounded down.
    """
    cost = sellers.stock_value[row] * units // (sellers.inventory[row] + sellers.transit[row])
    sellers.inventory[row] -= units
    sellers.stock_value[row] -= cost
    return cost

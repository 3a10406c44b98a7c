"""User sourcing: the company as its users' supplier: cells state their needs, and makers bid."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.columns import Column
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import unit
from sim.kernel.maths import FINE, exp, fine
from sim.market.appeals import move_appeal
from sim.market.brand import misfit
from sim.market.outputs import Output
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["UserSourcing"]


class UserSourcing(Mechanism):
    """Each large enough cell says what its members want, and the cheapest of several makers makes it.

    The company is its users' supplier, and makers are its suppliers (自己用户的供应商). A cell orders a
    version of the product at the mean taste of its members. Makers bid, each with a cost drawn around
    the brand's; the lowest bid wins, so more makers mean a lower cost. Members who know the product
    value the better fit. They pay the same price; for what they buy from the brand itself, the brand
    pays the winning bid instead of the unit cost. A cell renews its order every `renewal` weeks. Small
    cells get the standard product.
    """

    phase: ClassVar = "sell"
    reads: ClassVar = (
        "persons.cell", "persons.taste_x", "persons.taste_y", "persons.belief", "persons.last_purchase",
        "persons.chosen", "resellers.dropship", "brand.position", "brand.quality", "brand.knowledge",
        "brand.variety", "brand.variety_cost",
    )
    writes: ClassVar = ("persons.appeal", "persons.sourced_appeal", "persons.sourced_bid")
    columns: ClassVar = (
        ("persons", Column("sourced_appeal", "f4", "utility", "what a cell's own order adds to the appeal")),
        ("persons", Column("sourced_bid", "i4", "fen", "what the maker of the cell's own order bids for a "
                           "unit; 0: no order", low=0)),
    )
    outputs: ClassVar = (
        Output("cells_sourced", "cells", "cells with an order of their own"),
        Output("sourced_sales", "units", "bought from the brand itself by members of these cells"),
        Output("sourced_saving", "fen", "paid to makers for these less than the unit cost; below zero: more"),
    )
    dial: ClassVar = "makers"
    off: ClassVar = {"A26": {"user_sourcing.makers": 0}}

    makers: int = parameter(
        0, "makers", 0, 1000, "makers that bid for the order of a cell; 0: cells order nothing",
        source="essay A: 让传统的商家厂家成为自己的供应商按照粉丝的意愿来重新打造…产品")
    least: int = parameter(
        10, "persons", 1, 100_000, "members that a cell needs for an order of its own",
        source="smallest batches of contract makers, per cell: working assumption",
        prior=Prior(3, 40, "a factor of about four either way", log=True))
    spread: float = parameter(
        0.2, "share", 0, 0.95, "by how much makers' costs differ: evenly, so far above and below the brand's",
        source="working assumption: bids of contract makers differ by a fifth",
        prior=Prior(0.05, 0.5, "a factor of two or four either way", log=True))
    small_batch: float = parameter(
        0.15, "share", 0, 10, "by how much a small batch costs more than a large one",
        source="working assumption; `product_development.variant_cost` per variant is a fifth of it",
        prior=Prior(0.0, 0.6, "from nothing to four times that"))
    renewal: int = parameter(
        8, "weeks", 1, 520, "weeks between two orders of a cell",
        source="as `product_development.interval` under full feedback")

    def step(self, world: World) -> None:
        """Let cells renew their orders, and pay makers for members' purchases."""
        persons, books = world.persons, world.books
        choice = world.settings.rule("purchase_choice")
        cost = world.brand.unit_cost(world.settings.offer)
        units, paid = _deliver(persons.view(Members), world.resellers.dropship, world.week)
        saving = units * cost - paid
        books.money.move("makers", "brand", max(0, saving))
        books.money.move("brand", "makers", max(0, -saving))
        world.count("sourced_sales", units)
        world.count("sourced_saving", saving)
        cells = int(persons.cell.max(initial=-1)) + 1
        sums = np.zeros((cells, SUMS), np.int64)
        _gather(persons.view(Members), sums)
        orders = sums[:, MEMBERS] >= self.least
        world.count("cells_sourced", int(np.count_nonzero(orders)))
        bids = _bids(cells, self.makers, self.spread, cost * (1.0 + self.small_batch),
                     world.fixed_luck(f"bids {world.week // self.renewal}"))
        _value(persons.view(Members), sums, bids, self.least, world.product(),
               float(choice.quality_weight) if choice else 0.0)

    def end(self, world: World) -> None:
        """Cancel the orders of all cells."""
        cells = int(world.persons.cell.max(initial=-1)) + 1
        nothing = np.zeros((cells, SUMS), np.int64)
        _value(world.persons.view(Members), nothing, np.zeros(cells, np.int64), 1, world.product(), 0.0)


MEMBERS, X, Y = range(3)
"""Columns of the sums over a cell: number of members, and their tastes in steps of 1/`FINE`."""
SUMS = 3
MAX_MAKERS = 1000
"""Largest number of makers that bid."""


class Members(NamedTuple):
    """Columns of persons that orders of cells read or change."""

    cell: np.ndarray
    taste_x: np.ndarray
    taste_y: np.ndarray
    belief: np.ndarray
    last_purchase: np.ndarray
    chosen: np.ndarray
    appeal: np.ndarray
    sourced_appeal: np.ndarray
    sourced_bid: np.ndarray


@borrowing
def _deliver(members, dropship, week):
    """Return the units that members with an order bought from the brand itself, and their cost, fen."""
    units = paid = 0
    for person in range(members.cell.size):
        if members.sourced_bid[person] > 0 and members.last_purchase[person] == week:
            if members.chosen[person] < 0 or dropship[members.chosen[person]]:
                units += 1
                paid += members.sourced_bid[person]
    return units, paid


@borrowing
def _gather(members, sums):
    """Add up the members of each cell and their tastes."""
    for person in range(members.cell.size):
        cell = members.cell[person]
        if cell >= 0:
            sums[cell, MEMBERS] += 1
            sums[cell, X] += fine(members.taste_x[person])
            sums[cell, Y] += fine(members.taste_y[person])


@compiled
def _bids(cells, makers, spread, cost, key):
    """Return the lowest bid for the order of each cell, fen."""
    lowest = np.empty(cells, np.int64)
    for cell in range(cells):
        best = 1.0
        for maker in range(makers):
            best = min(best, unit(key, cell * MAX_MAKERS + maker))
        # Makers' costs are uniform from 1 - spread to 1 + spread times `cost`.
        lowest[cell] = np.int64(np.round(cost * (1.0 - spread + 2.0 * spread * best)))
    return lowest


@borrowing
def _value(members, sums, bids, least, product, weight):
    """Set members' bids; add to the appeal how much better the cell's order fits than the standard."""
    for person in range(members.cell.size):
        cell = members.cell[person]
        utility = 0.0
        bid = 0
        if cell >= 0 and sums[cell, MEMBERS] >= least:
            bid = max(bids[cell], 1)
            x, y = np.float64(members.taste_x[person]), np.float64(members.taste_y[person])
            dx = x - sums[cell, X] / FINE / sums[cell, MEMBERS]
            dy = y - sums[cell, Y] / FINE / sums[cell, MEMBERS]
            better = exp(-(dx * dx + dy * dy) * product.steepness) - exp(misfit(product, x, y))
            utility = weight * np.float64(members.belief[person]) * better
        members.sourced_bid[person] = bid
        if utility != 0.0 or members.sourced_appeal[person] != 0.0:
            move_appeal(person, utility, members.appeal, members.sourced_appeal)

"""Selling: chosen offers become sales as far as there is stock."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Selling"]


class Selling(Mechanism):
    """Buyers are served in the order of their ids while their seller has stock; others are lost.

    A sale moves units from the seller's hands to the buyer's home and its price from households to
    the seller, who pays the parcel; what the units cost is taken from the stock value at average
    cost.
    """

    phase: ClassVar = "sell"
    writes: ClassVar = (
        "persons.home", "persons.purchases", "persons.last_purchase", "persons.seller",
        "resellers.inventory", "resellers.stock_value", "resellers.cash", "resellers.sold",
        "resellers.lost", "resellers.demand", "resellers.own_retail_margin",
        "resellers.week_income", "resellers.weeks_since_sale",
    )

    basket: int = parameter(1, "units", 1, 1000, "units that one purchase takes")
    postage: float = parameter(
        8.0, "CNY", 0, 1000, "what a reseller pays to send one purchase to its buyer",
        source="usual parcel rates; working assumption")

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        persons, resellers = world.persons, world.resellers
        resellers.sold[:] = 0
        resellers.lost[:] = 0
        resellers.week_income[:] = 0
        resellers.weeks_since_sale += 1
        totals = np.zeros(16, np.int64)
        totals[3] = np.iinfo(np.int64).max
        for first, buyers, _ in world.memory["choices"]:
            _sell(
                persons.listed[first : first + buyers], persons.offer, persons.home,
                persons.purchases, persons.last_purchase, persons.seller, persons.source,
                resellers.active, resellers.price, resellers.inventory, resellers.transit,
                resellers.stock_value,
                resellers.cash, resellers.sold, resellers.lost, resellers.demand,
                resellers.own_retail_margin, resellers.week_income, resellers.weeks_since_sale,
                self.basket, round(self.postage * 100), world.week, totals,
            )
        sold, dumped, revenue, lowest, lost, first_time, margin, dump_revenue = (
            int(value) for value in totals[:8])
        world.books.goods.move("channel", "homes", sold + dumped)
        world.books.money.move("households", "resellers", revenue + dump_revenue)
        world.books.money.move("resellers", "media", int(totals[12]))
        world.count("sell_through", sold)
        world.count("dumped", dumped)
        world.count("lost_sales", lost)
        world.count("new_customers", first_time)
        world.count("retail_revenue", revenue)
        world.count("dump_revenue", dump_revenue)
        world.count("retail_margin_resellers", margin)
        for index, source in enumerate(("broadcast", "seller", "word_of_mouth", "legacy")):
            world.count(f"purchases_{source}", totals[8 + index])
        if sold + dumped:
            world.memory["street"] = ((revenue + dump_revenue) / (sold + dumped), lowest)


@compiled
def _sell(
    buyers, offer, home, purchases, last_purchase, last_seller, source, active, price, inventory,
    transit, stock_value, cash, sold, lost, demand, margin, week_income, since, basket,
    postage, week, totals,
):  # type: ignore[no-untyped-def]
    nobody = np.uint64(0xFFFFFFFFFFFFFFFF)
    for index in range(buyers.size):
        person = buyers[index]
        if offer[person] == nobody:
            row = last_seller[person]
        else:
            row = np.int64(offer[person] & np.uint64(0xFFFFFFFF))
        demand[row] += basket
        units = min(basket, inventory[row])
        if units < basket:
            lost[row] += basket - units
            totals[4] += basket - units
        if units == 0:
            continue
        paid = np.int64(price[row]) * units
        cost = stock_value[row] * units // (inventory[row] + transit[row])
        inventory[row] -= units
        stock_value[row] -= cost
        cash[row] += paid - postage
        margin[row] += paid - cost - postage
        week_income[row] += paid - cost - postage
        sold[row] += units
        since[row] = 0
        home[person] += units
        if purchases[person] == 0:
            totals[5] += 1
        purchases[person] += 1
        last_purchase[person] = week
        last_seller[person] = row
        totals[6] += paid - cost - postage
        totals[12] += postage
        totals[3] = min(totals[3], price[row])
        if active[row]:
            totals[0] += units
            totals[2] += paid
        else:
            totals[1] += units
            totals[7] += paid
        kind = source[person]
        if 1 <= kind <= 4:
            totals[7 + kind] += units

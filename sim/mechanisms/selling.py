"""Selling: chosen offers become sales as far as there is stock."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.ahead import AHEAD, fetch
from sim.kernel.compiled import compiled
from sim.kernel.maths import exp
from sim.kernel.picking import rows_with
from sim.kernel.threads import A_ROW_IS_MUCH
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Selling"]


class Selling(Mechanism):
    """Buyers are served in the order of their ids while there is stock; others are lost or wait.

    A sale moves units to the buyer's home and its price from the household to who sells: a reseller
    from the own stock, who pays the parcel and whose goods cost their average cost; or the brand
    from the factory, directly or on the word of a referrer, who gets a share (A11). Who finds the
    brand sold out pre-orders, and is served first when goods are made, at the brand's own price and
    without a share for a referrer (A15); that price is the list price minus what `gathering` passes
    on. The word of mouth reproduction number counts who convinced whom (A17). Incomes and demand at
    the brand are counted anew from here on every week; without this rule they run on.
    """

    phase: ClassVar = "sell"
    writes: ClassVar = (
        "persons.home", "persons.purchases", "persons.last_purchase", "persons.first_purchase",
        "persons.seller", "persons.convinced", "persons.waiting",
        "resellers.inventory", "resellers.stock_value", "resellers.cash", "resellers.sold",
        "resellers.lost", "resellers.demand", "resellers.own_retail_margin",
        "resellers.week_income", "resellers.weeks_since_sale", "brand",
    )

    basket: int = parameter(1, "units", 1, 1000, "units that one purchase takes")
    postage: float = parameter(
        8.0, "CNY", 0, 1000, "what it costs the seller to send one purchase to its buyer",
        source="usual parcel rates; working assumption")
    generation: int = parameter(
        26, "weeks", 1, 520, "weeks within which a customer convinces others, for the reproduction "
        "number")

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        persons, resellers, books = world.persons, world.resellers, world.books
        resellers.sold[:] = 0
        resellers.lost[:] = 0
        resellers.week_income[:] = 0
        resellers.weeks_since_sale += 1
        totals = np.zeros(len(TOTALS), np.int64)
        totals[LOWEST] = 2**63 - 1
        factory = np.array([books.goods["factory"]], np.int64)
        gathering, referring = world.settings.rule("gathering"), world.settings.rule("referring")
        price = gathering.direct_price(world) if gathering else world.settings.offer.list_price
        direct_price = round(price * 100)
        creating = world.settings.rule("creating")
        preorders = bool(creating and creating.preorders)
        postage = round(self.postage * 100)
        share = referring.share if referring else 0.0
        if world.brand.preorders:
            _deliver(
                persons.waiting, persons.home, persons.purchases, persons.last_purchase,
                persons.first_purchase, persons.source, factory, direct_price, postage,
                self.basket, world.week,
                totals,
            )
        bought = [
            persons.listed[first : first + count]
            for first, count, _ in world.memory.pop("choices", ())]
        if any(buyers.size for buyers in bought):
            # Stock is handed out one buyer after the other; what they do with it, side by side.
            buyers = np.concatenate(bought)
            units_of = np.zeros(buyers.size, np.int64)
            paid_of = np.zeros(buyers.size, np.int64)
            _sell(
                buyers, units_of, paid_of, persons.chosen, persons.purchases,
                persons.first_purchase, persons.convinced_by, persons.convinced, persons.waiting,
                resellers.active, resellers.dropship, resellers.price, resellers.inventory,
                resellers.transit, resellers.stock_value, resellers.cash, resellers.sold,
                resellers.lost, resellers.demand, resellers.own_retail_margin,
                resellers.week_income, resellers.weeks_since_sale, factory, direct_price, share,
                preorders, self.basket, postage, self.generation, world.week, totals,
            )
            totals += np.sum(world.threads.over(
                buyers.size, _receive, buyers, units_of, paid_of, persons.chosen, persons.home,
                persons.last_purchase, persons.seller, persons.source, persons.taste_x,
                persons.taste_y, persons.willingness_to_pay, world.brand.quality,
                world.brand.position[0], world.brand.position[1],
                1.0 / (world.settings.offer.taste_radius**2 * world.brand.variety), world.week,
                worth=A_ROW_IS_MUCH,
            ), axis=0)
        got = dict(zip(TOTALS, totals.tolist(), strict=True))
        from_channel = got["sold"] + got["dumped"]
        books.goods.move("channel", "homes", from_channel)
        books.goods.move("factory", "homes", got["direct"])
        to_resellers = got["revenue"] + got["dump_revenue"]
        books.money.move("households", "resellers", to_resellers)
        books.money.move("resellers", "media", got["postage"])
        books.money.move("households", "brand", got["direct_revenue"])
        books.money.move("brand", "media", got["direct_postage"])
        books.money.move("brand", "resellers", got["commission"])
        world.brand.preorders += got["preordered"] - got["delivered"]
        world.brand.end_demand = (
            from_channel + got["direct"] - got["delivered"] + got["preordered"] + got["lost"])
        world.brand.direct_demand = got["direct"] - got["delivered"] + got["preordered"]
        world.count("sell_through", got["sold"] + got["direct"])
        world.count("direct_units", got["direct"])
        world.count("dumped", got["dumped"])
        world.count("lost_sales", got["lost"])
        world.count("preordered", got["preordered"])
        world.count("new_customers", got["new_customers"])
        world.count("retail_revenue", got["revenue"] + got["direct_revenue"])
        world.count("reseller_revenue", got["revenue"])
        world.count("direct_revenue", got["direct_revenue"])
        world.count("dump_revenue", got["dump_revenue"])
        world.count("retail_margin_resellers", got["margin"])
        world.count("commission", got["commission"])
        world.count("consumer_surplus", got["surplus"])
        for source in ("broadcast", "seller", "word_of_mouth"):
            world.count(f"purchases_{source}", got[source])
        units = from_channel + got["direct"]
        if units:
            paid = to_resellers + got["direct_revenue"]
            world.memory["street"] = (paid / units, got["lowest"])
        self._reproduce(world, got["new_customers"], got["convinced"])

    def _reproduce(self, world: World, customers: int, convinced: int) -> None:
        """Report convinced customers of one generation over the customers of the one before."""
        history = world.memory.setdefault("generations", [])
        history.append((customers, convinced))
        del history[: -2 * self.generation]
        before = sum(row[0] for row in history[: -self.generation])
        # Two whole generations, or a few first customers would seem to convince everybody.
        if len(history) == 2 * self.generation and before:
            now = sum(row[1] for row in history[-self.generation :])
            world.memory["wom_reproduction"] = now / before


TOTALS = (
    "sold", "dumped", "revenue", "lowest", "lost", "new_customers", "margin", "dump_revenue",
    "none", "broadcast", "seller", "word_of_mouth", "postage", "direct", "direct_revenue",
    "direct_postage", "commission", "preordered", "delivered", "convinced", "surplus",
)
"""What the compiled loops add up, by position."""
LOWEST = TOTALS.index("lowest")


@compiled
def _deliver(
    waiting, home, purchases, last_purchase, first_purchase, source, factory, price, postage, basket,
    week, totals,
):
    for person in rows_with(waiting, 0, waiting.size):
        if factory[0] < waiting[person]:
            break
        units = np.int64(waiting[person])
        waiting[person] = 0
        factory[0] -= units
        home[person] += units
        if purchases[person] == 0:
            first_purchase[person] = week
            totals[5] += 1
        purchases[person] += 1
        last_purchase[person] = week
        totals[3] = min(totals[3], price)
        kind = source[person]
        if 1 <= kind <= 3:
            totals[8 + kind] += units
        totals[13] += units
        totals[14] += price * units
        totals[15] += postage
        totals[18] += units


@compiled
def _sell(
    buyers, units_of, paid_of, chosen, purchases, first_purchase, convinced_by, convinced, waiting,
    active, dropship, price, inventory, transit, stock_value, cash, sold, lost, demand, margin,
    week_income, since, factory, direct_price, share, preorders, basket, postage, generation, week,
    totals,
):
    """Sell to the buyers in turn; fill in what each of them gets, and the price of each unit."""
    for index in range(buyers.size):
        soon = chosen[buyers[min(index + AHEAD, buyers.size - 1)]]
        if soon >= 0:
            fetch(inventory, soon)
            fetch(transit, soon)
            fetch(stock_value, soon)
            fetch(cash, soon)
            fetch(price, soon)
            fetch(sold, soon)
            fetch(demand, soon)
            fetch(margin, soon)
            fetch(week_income, soon)
            fetch(since, soon)
        person = buyers[index]
        row = chosen[person]
        by_brand = row < 0 or dropship[row]
        stock = factory[0] if by_brand else np.int64(inventory[row])
        if row >= 0:
            demand[row] += basket
        units = min(np.int64(basket), stock)
        if by_brand and units < basket and preorders:
            waiting[person] = basket
            totals[17] += basket
            continue
        if units < basket:
            totals[4] += basket - units
            if row >= 0:
                lost[row] += basket - units
        if units == 0:
            continue
        if by_brand:
            each = direct_price if row < 0 else np.int64(price[row])
            factory[0] -= units
            totals[13] += units
            totals[14] += each * units
            totals[15] += postage
            if row >= 0:
                reward = np.int64(share * (each * units))
                cash[row] += reward
                margin[row] += reward
                week_income[row] += reward
                totals[6] += reward
                totals[16] += reward
        else:
            each = np.int64(price[row])
            cost = stock_value[row] * units // (inventory[row] + transit[row])
            inventory[row] -= units
            stock_value[row] -= cost
            cash[row] += each * units - postage
            gain = each * units - cost - postage
            margin[row] += gain
            week_income[row] += gain
            totals[6] += gain
            totals[12] += postage
            if active[row]:
                totals[0] += units
                totals[2] += each * units
            else:
                totals[1] += units
                totals[7] += each * units
        if row >= 0:
            sold[row] += units
            since[row] = 0
        units_of[index] = units
        paid_of[index] = each
        totals[3] = min(totals[3], each)
        if purchases[person] == 0:
            totals[5] += 1
            first_purchase[person] = week
            other = convinced_by[person]
            if other >= 0:
                if convinced[other] < 65535:
                    convinced[other] += 1
                if purchases[other] > 0 and week - first_purchase[other] <= 2 * generation:
                    totals[19] += 1
        purchases[person] += 1


@compiled
def _receive(
    low, high, buyers, units_of, paid_of, chosen, home, last_purchase, known_seller, source,
    taste_x, taste_y, worth, quality, place_x, place_y, steepness, week,
):
    """Let the buyers low..high take home what they got; return totals."""
    totals = np.zeros(21, np.int64)
    for index in range(low, high):
        units = units_of[index]
        if units == 0:
            continue
        person = buyers[index]
        if chosen[person] >= 0:
            known_seller[person] = chosen[person]
        home[person] += units
        last_purchase[person] = week
        kind = source[person]
        if 1 <= kind <= 3:
            totals[8 + kind] += units
        dx = np.float64(taste_x[person]) - place_x
        dy = np.float64(taste_y[person]) - place_y
        value = 100.0 * np.float64(worth[person]) * quality * exp(-(dx * dx + dy * dy) * steepness)
        totals[20] += units * (np.int64(value) - paid_of[index])
    return totals

"""Connecting: the brand's old retail and e-commerce channel beside the new one."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32, draw64
from sim.kernel.maths import exp, logistic, threshold
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Connecting"]


class Connecting(Mechanism):
    """A share of the market are customers of the old channel, who buy there when they need it.

    Need: the category, nothing at home, and the same luck as in `choosing`. With a need a customer
    buys one unit with chance logistic(loyalty + b_q (belief x fit - reference) + 2 (satisfaction -
    1/2) - b_p (price - reference price) / willingness to pay), the weights those of `choosing`, the
    fit that to the product without its variants; without `choosing` the channel rests. Customers
    come in the order of their ids while the factory has stock, and what it has not is demand all
    the same. They pay the channel, which pays the brand a share, rounded to the fen a unit. Who
    decided for nothing in the new channel this week has heard of the product last in the old one.

    Who decided for an offer in the new channel does not buy in the old one: a purchase is
    cannibalised. Unless the new line is distinct: for that share of persons neither that decision
    nor stock at home stands against a purchase in the old channel (cannibalising against
    complementing: Deleersnyder et al. 2002; Avery et al. 2012).

    Online-to-offline hand-over lets each channel bring the other customers, with one draw a person
    and week: who buys in the old channel and knows no seller then knows one, and the product; who
    is no customer of the old channel and decided for an offer in the new one comes to the old one
    like its customers do. Old customers who know no seller may be handed to one, and so know the
    product; they are approached without having asked for it, and resent it (B9). The seller is an
    active one, drawn at random.
    """

    phase: ClassVar = "sell"
    writes: ClassVar = (
        "persons.home", "persons.purchases", "persons.last_purchase", "persons.first_purchase",
        "brand.end_demand", "brand.direct_demand",
        "persons.aware", "persons.seller", "persons.trust", "persons.satisfaction",
        "persons.source",
    )
    off: ClassVar = {"B9": {"connecting.customers": 0.0}}

    customers: float = parameter(
        0.0, "share", 0, 1, "share of the persons who are customers of the old channel")
    price: float = parameter(
        180.0, "CNY", 0.01, 1e6, "price of a unit in the old channel")
    wholesale: float = parameter(
        0.6, "share", 0, 1, "share of that price that the old channel pays the brand")
    loyalty: float = parameter(
        1.0, "utility", -50, 50, "inclination of its customers to the old channel")
    distinct: float = parameter(
        0.0, "share", 0, 1, "how distinct the new line is: 0 the same product relabelled, 1 another",
        source="essay B: 将原有产品重新贴牌并且降价进入微商; 韩束")
    handover: float = parameter(
        0.0, "chance a purchase", 0, 1,
        "O2O: chance that a purchase in the old channel leads to a seller, and a micro-channel "
        "customer to the old channel", source="essay B: 微商O2O")
    handed: float = parameter(
        0.0, "share a week", 0, 1, "share of the old customers handed to resellers a week",
        source="essay B: 将原有渠道的用户分配对接给微商代理")
    resentment: float = parameter(
        0.15, "trust", 0, 1, "trust and satisfaction that a handed-over customer loses")

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        choosing = world.settings.rule("choosing")
        if self.customers == 0.0 or choosing is None:
            return
        persons, resellers, offer, books = (
            world.persons, world.resellers, world.settings.offer, world.books)
        sellers = np.flatnonzero(resellers.active == 1)
        bought, first_time, wanted, cannibalised, met = _connect(
            persons.weekly_need, persons.home, persons.chosen, persons.purchases,
            persons.last_purchase, persons.first_purchase, persons.aware, persons.seller,
            persons.trust, persons.satisfaction, persons.source, persons.belief,
            persons.willingness_to_pay, persons.taste_x, persons.taste_y, sellers,
            world.brand.position[0], world.brand.position[1], 1.0 / offer.taste_radius**2,
            self.customers, self.loyalty, self.distinct, self.handover, self.handed,
            self.resentment, choosing.quality_weight, choosing.price_sensitivity,
            offer.reference_quality * offer.reference_fit, float(offer.reference_price),
            float(self.price), books.goods["factory"], world.week,
            world.fixed_luck("legacy customer"), world.fixed_luck("wants both lines"),
            world.luck("need"), world.luck("buy in the old channel"), world.luck("hand over"),
            world.luck("handed"), world.luck("handed to whom"),
        )
        price = round(self.price * 100)
        books.goods.move("factory", "homes", bought)
        books.money.move("households", "legacy", bought * price)
        paid = round(price * self.wholesale) * bought
        books.money.move("legacy", "brand", paid)
        world.brand.end_demand += wanted
        world.brand.direct_demand += wanted
        world.count("purchases_legacy", bought)
        world.count("direct_revenue", paid)
        world.count("cannibalised", cannibalised)
        world.count("new_customers", first_time)
        world.count("handed_over", met)


@compiled
def _connect(
    need, home, chosen, purchases, last_purchase, first_purchase, aware, seller, trust,
    satisfaction, source, belief, worth, taste_x, taste_y, sellers, place_x, place_y, steepness,
    customers, loyalty, distinct, handover, handed, resentment, b_quality, b_price, outside,
    reference_price, price, stock, week, key_legacy, key_both, key_need,
    key_buy, key_over, key_handed, key_whom,
):
    bought = 0
    first_time = 0
    wanted = 0
    cannibalised = 0
    met = 0
    legacy = threshold(customers)
    both = threshold(distinct)
    for person in range(need.size):
        ours = draw32(key_legacy, person) < legacy
        if not ours:
            # O2O the other way: a customer of the new channel meets the store.
            if chosen[person] == -1 or draw32(key_over, person) >= threshold(handover):
                continue
        if ours and handed > 0.0 and sellers.size > 0 and seller[person] < 0:
            if draw32(key_handed, person) < threshold(handed):
                seller[person] = sellers[np.int64(draw64(key_whom, person) % np.uint64(sellers.size))]
                aware[person] = 1
                trust[person] = max(0.0, np.float64(trust[person]) - resentment)
                satisfaction[person] = max(0.0, np.float64(satisfaction[person]) - resentment)
        if need[person] == 0.0:
            continue
        apart = draw32(key_both, person) < both
        if not apart:
            if chosen[person] != -1:
                cannibalised += ours
                continue
            if home[person] > 0:
                continue
        if draw32(key_need, person) >= threshold(1.0 - exp(-np.float64(need[person]))):
            continue
        dx = np.float64(taste_x[person]) - place_x
        dy = np.float64(taste_y[person]) - place_y
        fit = exp(-(dx * dx + dy * dy) * steepness)
        value = (
            loyalty + b_quality * (np.float64(belief[person]) * fit - outside)
            + 2.0 * (np.float64(satisfaction[person]) - 0.5)
            - b_price * (price - reference_price) / np.float64(worth[person])
        )
        if draw32(key_buy, person) >= threshold(logistic(value)):
            continue
        wanted += 1
        if stock == 0:
            continue
        stock -= 1
        bought += 1
        home[person] += 1
        if purchases[person] == 0:
            first_time += 1
            first_purchase[person] = week
        purchases[person] += 1
        last_purchase[person] = week
        if chosen[person] == -1:
            source[person] = 4
        if handover > 0.0 and sellers.size > 0 and seller[person] < 0:
            if draw32(key_over, person) < threshold(handover):
                seller[person] = sellers[np.int64(draw64(key_whom, person) % np.uint64(sellers.size))]
                aware[person] = 1
                met += 1
    return bought, first_time, wanted, cannibalised, met

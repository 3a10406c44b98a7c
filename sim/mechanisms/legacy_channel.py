"""Legacy channel: the brand's retail and e-commerce alongside the micro-channel."""

from __future__ import annotations

from enum import IntEnum, auto
from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw32, draw64
from sim.kernel.maths import exp, logistic, threshold
from sim.kernel.picking import in_order_of_luck
from sim.market.brand import misfit
from sim.market.persons import FROM_LEGACY, NEUTRAL, NOTHING
from sim.market.purchases import note_purchase
from sim.market.purses import Purses, available, pay
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["LegacyChannel"]


class LegacyChannel(Mechanism):
    """A share of the persons are customers of the legacy channel, who buy there when they need it.

    A need arises as in `purchase_choice`, with the same luck, if nothing is at home. A customer with a
    need buys one unit with chance logistic(loyalty + b_q (belief x fit - reference) + 2 (satisfaction -
    1/2) - b_p (price - reference price) / willingness to pay), with the weights of `purchase_choice` and
    the fit of the product without its variants. Without `purchase_choice` the channel sells nothing.
    Customers are served in random order while the factory has stock; unmet demand still counts as
    demand. They pay the channel if their purse reaches, and the channel pays the brand a share, rounded
    to fen per unit. The legacy channel counts as the source of awareness of a buyer who chose nothing
    in the micro-channel this week.

    A customer who chose an offer in the micro-channel does not buy in the legacy channel: that
    purchase is cannibalised. A distinct product line is the exception: for the share `distinct` of
    persons, neither that choice nor stock at home prevents a purchase in the legacy channel
    (cannibalising against complementing: Deleersnyder et al. 2002; Avery et al. 2012).

    Online-to-offline hand-over lets each channel bring the other customers, with one draw per person
    and week. A buyer in the legacy channel who knows no seller is introduced to one, and to the
    product. A person who is not a legacy customer and chose an offer in the micro-channel visits the
    legacy channel. Legacy customers who know no seller may also be assigned to one, and so learn of
    the product; they did not ask for it, and resent it (B9). Active sellers are drawn at random.
    """

    phase: ClassVar = "sell"
    reads: ClassVar = (
        "persons.weekly_need", "persons.income", "persons.chosen", "persons.belief",
        "persons.willingness_to_pay",
        "persons.taste_x", "persons.taste_y", "resellers.active", "brand.quality",
        "brand.position",
    )
    writes: ClassVar = (
        "persons.home", "persons.purchases", "persons.last_purchase", "persons.first_purchase",
        "persons.aware", "persons.seller", "persons.trust", "persons.satisfaction",
        "persons.source", "persons.purse", "persons.purse_week", "brand.end_demand",
        "brand.direct_demand",
    )
    off: ClassVar = {"B9": {"legacy_channel.customers": 0.0}}

    customers: float = parameter(
        0.0, "share", 0, 1, "share of the persons who are customers of the legacy channel")
    price: float = parameter(
        180.0, "CNY", 0.01, 1e6, "price of a unit in the legacy channel")
    wholesale: float = parameter(
        0.6, "share", 0, 1, "share of that price that the legacy channel pays the brand")
    loyalty: float = parameter(
        1.0, "utility", -50, 50, "inclination of its customers to the legacy channel")
    distinctness: float = parameter(
        0.0, "share", 0, 1, "how distinct the new line is: 0 the same product relabelled, 1 another",
        source="essay B: 将原有产品重新贴牌并且降价进入微商; 韩束")
    handover: float = parameter(
        0.0, "chance a purchase", 0, 1,
        "O2O: chance that a purchase in the legacy channel leads to a seller, and a micro-channel "
        "customer to the legacy channel", source="essay B: 微商O2O")
    handed_over: float = parameter(
        0.0, "share a week", 0, 1, "share of the old customers handed to resellers a week",
        source="essay B: 将原有渠道的用户分配对接给微商代理")
    resentment: float = parameter(
        0.15, "trust", 0, 1, "trust and satisfaction that a handed-over customer loses")

    def step(self, world: World) -> None:
        """Let legacy customers buy, and hand customers over between the channels."""
        purchase_choice = world.settings.rule("purchase_choice")
        if self.customers == 0.0 or purchase_choice is None:
            return
        persons, offer, books = world.persons, world.settings.offer, world.books
        terms = Terms(
            quality_weight=float(purchase_choice.quality_weight),
            price_sensitivity=float(purchase_choice.price_sensitivity),
            reference_value=offer.reference_quality * offer.reference_fit,
            reference_price=float(offer.reference_price),
            stock=books.goods["factory"],
            week=world.week,
        )
        luck = Luck(
            world.fixed_luck("legacy customer"), world.fixed_luck("wants both lines"),
            world.luck("need"), world.luck("buy in the old channel"), world.luck("hand over"),
            world.luck("handed"), world.luck("handed to whom"))
        totals = np.zeros(len(Total), np.int64)
        customers = persons.view(Customers)
        visitors = in_order_of_luck(
            _visitors(customers, self.parameters, luck), world.luck("served first, old channel"))
        _connect(
            visitors, customers, persons.view(Purses), world.allowance(),
            np.flatnonzero(world.resellers.active == 1), world.product(variants=False),
            terms, self.parameters, luck, totals)
        books.set_aside(int(totals[Total.SET_ASIDE]))
        bought, wanted = int(totals[Total.BOUGHT]), int(totals[Total.WANTED])
        price = round(self.price * 100)
        paid = round(price * self.wholesale) * bought
        books.goods.move("factory", "homes", bought)
        books.money.move("purses", "legacy", bought * price)
        books.money.move("legacy", "brand", paid)
        world.brand.end_demand += wanted
        world.brand.direct_demand += wanted
        world.count("purchases_legacy", bought)
        world.count("direct_revenue", paid)
        world.count("cannibalised", int(totals[Total.CANNIBALISED]))
        world.count("new_customers", int(totals[Total.NEW_CUSTOMERS]))
        world.count("handed_over", int(totals[Total.HANDED_OVER]))


class Total(IntEnum):
    """What is added up: units, purchases or persons."""

    BOUGHT = 0
    WANTED = auto()
    CANNIBALISED = auto()
    NEW_CUSTOMERS = auto()
    HANDED_OVER = auto()
    SET_ASIDE = auto()


class Customers(NamedTuple):
    """Columns of persons that the legacy channel reads or changes."""

    weekly_need: np.ndarray
    chosen: np.ndarray
    belief: np.ndarray
    willingness_to_pay: np.ndarray
    taste_x: np.ndarray
    taste_y: np.ndarray
    home: np.ndarray
    purchases: np.ndarray
    last_purchase: np.ndarray
    first_purchase: np.ndarray
    aware: np.ndarray
    seller: np.ndarray
    trust: np.ndarray
    satisfaction: np.ndarray
    source: np.ndarray


class Terms(NamedTuple):
    """Weights of `purchase_choice`, the comparable product (price in CNY), the factory's stock in units,
    and the week.
    """

    quality_weight: float
    price_sensitivity: float
    reference_value: float
    reference_price: float
    stock: int
    week: int


class Luck(NamedTuple):
    """Keys of the decisions taken here."""

    legacy: np.uint64
    both: np.uint64
    need: np.uint64
    buy: np.uint64
    hand_over: np.uint64
    handed: np.uint64
    whom: np.uint64


SATISFACTION_WEIGHT = 2.0
"""Weight of satisfaction in the utility of the legacy channel."""


@compiled
def _visitors(persons, rule, luck):
    """Return the customers of the legacy channel, and the visitors from the micro-channel."""
    legacy = threshold(rule.customers)
    handover = threshold(rule.handover)
    found = np.empty(persons.home.size, np.int64)
    count = 0
    for person in range(found.size):
        ours = draw32(luck.legacy, person) < legacy
        # Online to offline: a customer of the micro-channel comes to the store.
        comes_over = persons.chosen[person] != NOTHING and draw32(luck.hand_over, person) < handover
        found[count] = person
        count += ours or comes_over
    return found[:count]


@borrowing
def _connect(
    visitors, persons, purses, allowance, sellers, product, terms, rule, luck, totals,
):
    """Serve the visitors of the legacy channel one after the other."""
    stock = terms.stock
    legacy = threshold(rule.customers)
    both = threshold(rule.distinctness)
    handover = threshold(rule.handover)
    price = np.int64(np.round(100.0 * rule.price))
    for person in visitors:
        ours = draw32(luck.legacy, person) < legacy
        chose = persons.chosen[person] != NOTHING
        if ours and rule.handed_over > 0.0:
            _assign(person, persons, sellers, rule, luck)
        if persons.weekly_need[person] == 0.0:
            continue
        if draw32(luck.both, person) >= both:
            if chose:
                totals[Total.CANNIBALISED] += ours
                continue
            if persons.home[person] > 0:
                continue
        if price > available(person, purses, allowance):
            continue
        if not _wants(person, persons, product, terms, rule, luck):
            continue
        totals[Total.WANTED] += 1
        if stock == 0:
            continue
        stock -= 1
        totals[Total.SET_ASIDE] += pay(person, price, purses, allowance)
        totals[Total.BOUGHT] += 1
        persons.home[person] += 1
        totals[Total.NEW_CUSTOMERS] += note_purchase(person, persons, terms.week)
        if not chose:
            persons.source[person] = FROM_LEGACY
        # Offline to online: a customer of the store gets to know a seller.
        knows_nobody = persons.seller[person] < 0 and sellers.size > 0
        if knows_nobody and draw32(luck.hand_over, person) < handover:
            _introduce(person, persons, sellers, luck)
            totals[Total.HANDED_OVER] += 1


@borrowing
def _wants(person, persons, product, terms, rule, luck):
    """Return whether a person has a need and would buy in the legacy channel."""
    needs = 1.0 - exp(-np.float64(persons.weekly_need[person]))
    if draw32(luck.need, person) >= threshold(needs):
        return False
    fit = exp(misfit(product, persons.taste_x[person], persons.taste_y[person]))
    value = (
        rule.loyalty
        + terms.quality_weight * (np.float64(persons.belief[person]) * fit - terms.reference_value)
        + SATISFACTION_WEIGHT * (np.float64(persons.satisfaction[person]) - NEUTRAL)
        - terms.price_sensitivity * (rule.price - terms.reference_price)
        / np.float64(persons.willingness_to_pay[person])
    )
    return draw32(luck.buy, person) < threshold(logistic(value))


@borrowing
def _assign(person, persons, sellers, rule, luck):
    """Sometimes assign a customer who knows no seller to one; the customer resents it."""
    if sellers.size == 0 or persons.seller[person] >= 0:
        return
    if draw32(luck.handed, person) >= threshold(rule.handed_over):
        return
    _introduce(person, persons, sellers, luck)
    trust, satisfaction = np.float64(persons.trust[person]), np.float64(persons.satisfaction[person])
    persons.trust[person] = max(0.0, trust - rule.resentment)
    persons.satisfaction[person] = max(0.0, satisfaction - rule.resentment)


@borrowing
def _introduce(person, persons, sellers, luck):
    """Introduce a person to a random seller, and to the product."""
    drawn = draw64(luck.whom, person) % np.uint64(sellers.size)
    persons.seller[person] = sellers[np.int64(drawn)]
    persons.aware[person] = 1

"""Purchase choice: persons with a reason to buy weigh the offers against the outside option."""

from __future__ import annotations

from enum import IntEnum, auto
from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import SLACK, below, exps, threshold
from sim.kernel.picking import BLOCK, pick
from sim.kernel.threads import added_up
from sim.market.brand import SELLS, misfit
from sim.market.persons import DIRECT, FROM_SELLER, NOBODY, NOTHING
from sim.market.purses import Purses, asked_of, available, pay
from sim.market.reference_price import believed_price, list_lift, plausibilities
from sim.mechanisms.base import Mechanism, Prior, World, parameter
from sim.mechanisms.utility import (
    HIGHEST,
    NEVER,
    Sellers,
    Shoppers,
    best_offer,
    reads_beyond,
    saturating,
    sells_from_stock,
    terms_of,
    worth_from_brand,
    worth_from_seller,
    worth_of_a_yuan,
    worth_of_comparable,
    worth_of_product,
)

__all__ = ["PurchaseChoice"]


class PurchaseChoice(Mechanism):
    """A logit choice between a seller's offer, the brand's own channel, a comparable product and none.

    An occasion is a need with nothing at home, or a pitch that pushes. The seller's offer is the
    cheapest one heard this week, else that of the seller the person knows; the brand's own channel is
    open to members of a cell that is an own channel. The utility adds up the need, believed quality
    times fit, a discount for uncertainty, satisfaction, trust, voices, help in deciding, belonging,
    what custom rules add (`appeal`), and a push that saturates; minus price relative to willingness to
    pay (McFadden 1974; risk: Erdem, Keane 1996). Nobody buys what the purse cannot pay, and persons
    who gave up the brand do not buy it.

    The comparable product has a known quality and the price that the person believes it has: the
    open price if known (A4), else an internal reference price, which moves towards list and offered
    prices while they are plausible (assimilation and contrast: Sherif, Hovland 1961; Urbany, Bearden,
    Weilbaker 1988; Kalyanaram, Winer 1995). For customers of the legacy channel it is the same product
    at the price that they pay there. Buyers who never need the category were talked into it and
    regret it: they lose trust and give up the brand.
    """

    phase: ClassVar = "need and choose"
    writes: ClassVar = (
        "persons.listed", "persons.source", "persons.chosen", "persons.reference", "persons.purse",
        "persons.purse_week", "persons.trust", "persons.dropped", "market.buyers",
        "market.occasions")
    reads: ClassVar = reads_beyond(writes, "persons.asks")
    off: ClassVar = {"A4": {"purchase_choice.price_knowledge": 1.0}}

    necessity: float = parameter(
        5.0, "utility", 0, 100, "what it is worth to meet a need at all")
    quality_weight: float = parameter(
        12.0, "utility", 0, 100, "weight of believed quality times fit")
    risk_weight: float = parameter(
        1.5, "utility", 0, 100, "what it costs to know nothing of the quality; falls as 1 / (1 + "
        "evidence)", source="buyers are averse to risk (Erdem, Keane 1996)")
    satisfaction_weight: float = parameter(
        3.0, "utility", 0, 100, "weight of a buyer's satisfaction above one half")
    trust_weight: float = parameter(
        4.0, "utility", 0, 100, "weight of trust in the channel above one half")
    voice_weight: float = parameter(
        1.0, "utility", 0, 100, "social proof: weight of satisfied voices less twice the others, as a "
        "share of all heard and two more",
        source="word of mouth elasticity .236 volume (You et al. 2015)")
    push_weight: float = parameter(
        5.0, "utility", 0, 100, "weight of the week's push p, as p / (1 + p)")
    push_occasion: float = parameter(
        0.10, "chance", 0, 1, "chance that an unbounded push makes an occasion where there is no need")
    regret: float = parameter(
        0.3, "share", 0, 1, "share of their trust that people lose who were talked into buying what "
        "they never need", source="essay A: 靠朋友之间出卖信任去短期变现")
    price_sensitivity: float = parameter(
        7.4, "utility", 0, 100, "weight of price divided by willingness to pay",
        source="elasticities are -2.6 on average (Bijmolt et al. 2005)",
        prior=Prior(6.0, 24.0, "a factor of two either way", log=True, fitted=True))
    price_knowledge: float = parameter(
        None, "share", 0, 1, "share of people who know what comparable products cost",
        control=("information_asymmetry", 1.0, 0.1), source="A4, essay A: 信息不对称的方式卖高价")
    assimilation: float = parameter(
        0.95, "share", 0, 1, "how far a plausible price moves the price that is believed usual",
        source="assimilation of advertised reference prices (Urbany, Bearden, Weilbaker 1988)")
    list_weight: float = parameter(
        0.25, "share", 0, 1, "weight of the list price beside that of the price asked")
    plausible_range: float = parameter(
        3.0, "log price", 0.01, 10, "distance from the usual price at which a price has lost 63 % of "
        "its plausibility", source="contrast: implausible prices are discounted (Sherif, Hovland 1961)")
    adaptation: float = parameter(
        0.3, "share", 0, 1, "share of the way to it that the believed price goes at each occasion",
        source="internal reference prices adapt (Kalyanaram, Winer 1995)")
    suspicion: float = parameter(
        0.3, "utility", 0, 100, "what a reward for the referrer alone costs a referred offer",
        source="rewarded referral lowers the receiver's response (Verlegh et al. 2013)")

    def step(self, world: World) -> None:
        """List who buys this week, and from whom."""
        persons, terms = world.persons, terms_of(world, self)
        luck = Luck(
            world.fixed_luck("knows prices"), world.fixed_luck("legacy customer"),
            world.luck("need"), world.luck("pushed"), world.luck("choose"))
        found = world.threads.over(
            len(persons), _choose, persons.view(Shoppers), persons.view(Decisions), persons.view(Purses),
            world.resellers.view(Sellers), world.product(), terms, world.allowance(),
            self.parameters, luck, persons.listed)
        totals = added_up([counted for _, _, counted in found])
        world.market.buyers = np.concatenate(
            [persons.listed[first : first + count] for first, count, _ in found])
        world.market.occasions = totals[Total.OCCASIONS]
        books = world.books
        books.set_aside(totals[Total.SET_ASIDE])
        books.money.move("purses", "rivals", totals[Total.RIVAL_REVENUE])
        world.count("rival_units", totals[Total.RIVAL_UNITS])
        world.count("rival_revenue", totals[Total.RIVAL_REVENUE])
        world.count("talked_into", totals[Total.TALKED_INTO])


class Total(IntEnum):
    """What is added up while choosing."""

    OCCASIONS = 0
    RIVAL_UNITS = auto()
    RIVAL_REVENUE = auto()
    SET_ASIDE = auto()
    TALKED_INTO = auto()


TOTALS = len(Total)


class Decisions(NamedTuple):
    """Columns of persons that say what prompted them, and from whom they buy."""

    asks: np.ndarray
    source: np.ndarray
    chosen: np.ndarray


class Luck(NamedTuple):
    """Keys of the decisions taken here."""

    knows: np.uint64
    legacy: np.uint64
    need: np.uint64
    pushed: np.uint64
    choose: np.uint64


@compiled
def _choose(
    low, high, persons, decisions, purses, sellers, product, terms, allowance, rule, luck, listed,
):
    """List the buyers of the persons low..high in listed[low...]; return `low`, their number and totals."""
    decisions.chosen[low:high] = NOTHING
    totals = np.zeros(TOTALS, np.int64)
    buyers = 0
    many = _may_have_occasion(low, high, persons, rule.push_occasion, luck, listed)
    for begin in range(low, low + many, BLOCK):
        candidates = listed[begin : min(begin + BLOCK, low + many)]
        shoppers = _with_occasion(
            candidates, persons, purses, sellers, product, terms, allowance, rule, luck)
        totals[Total.OCCASIONS] += shoppers.who.size
        _weigh(shoppers, persons, sellers, terms, rule, luck)
        for index in range(shoppers.who.size):
            person = shoppers.who[index]
            # The odds of each option; those of buying nothing are 1.
            seller, direct = shoppers.seller[index], shoppers.direct[index]
            rival = shoppers.rival[index]
            total = 1.0 + seller + direct + rival
            bits = draw32(luck.choose, person)
            if bits < threshold(seller / total):
                decisions.chosen[person] = shoppers.row[index]
            elif bits < threshold((seller + direct) / total):
                decisions.chosen[person] = DIRECT
            else:
                if bits < threshold((seller + direct + rival) / total):
                    _buy_comparable(person, purses, terms, allowance, luck, totals)
                continue
            if decisions.asks[person] > 0:
                decisions.source[person] = FROM_SELLER
            if persons.weekly_need[person] == 0.0:
                persons.trust[person] = np.float64(persons.trust[person]) * (1.0 - rule.regret)
                persons.dropped[person] = 1
                totals[Total.TALKED_INTO] += 1
            listed[low + buyers] = person
            buyers += 1
    return low, buyers, totals


class Occasions(NamedTuple):
    """Persons with an occasion and something to choose; the odds are filled in later.

    `row` and `price` (fen) describe the seller's offer, `asked` is the price that they go by (CNY).
    At first `fit` holds its logarithm, and `direct` and `rival` are 1 or 0: whether the purse can pay these.
    """

    who: np.ndarray
    needs: np.ndarray
    row: np.ndarray
    price: np.ndarray
    asked: np.ndarray
    plausible: np.ndarray
    fit: np.ndarray
    seller: np.ndarray
    direct: np.ndarray
    rival: np.ndarray


@compiled
def _with_occasion(candidates, persons, purses, sellers, product, terms, allowance, rule, luck):
    """Return those of the candidates who have an occasion and can buy the product."""
    many = candidates.size
    found = Occasions(
        np.empty(many, np.int64), np.empty(many, np.uint8), np.empty(many, np.int64),
        np.empty(many, np.int64), np.empty(many), np.empty(many), np.empty(many), np.empty(many),
        np.empty(many), np.empty(many))
    no_need = found.fit  # these chances and the fits share an array, since blocks are small and many
    for index in range(many):
        no_need[index] = -np.float64(persons.weekly_need[candidates[index]])
    exps(no_need)
    rival_fen = np.int64(100.0 * terms.reference_price)
    count = 0
    for index in range(many):
        person = np.int64(candidates[index])
        if persons.home[person] > 0 or persons.dropped[person]:
            continue
        needs = draw32(luck.need, person) < threshold(1.0 - no_need[index])
        if not needs and draw32(luck.pushed, person) >= threshold(
                rule.push_occasion * saturating(persons.push[person])):
            continue
        if sells_from_stock(person, persons, sellers):
            continue
        row, price = best_offer(person, persons, sellers)
        price = asked_of(person, price, persons.discount)
        member = terms.direct_price >= 0 and persons.powers[person] & SELLS != 0
        if row < 0 and not member:
            continue
        money = available(person, purses, allowance)
        if price > money:
            row = np.int64(NOBODY)
        found.who[count] = person
        found.needs[count] = needs
        found.row[count] = row
        found.price[count] = price
        own_price = asked_of(person, terms.direct_price, persons.discount)
        found.asked[count] = (price if price > 0 else own_price) / 100.0
        found.plausible[count] = found.asked[count]
        found.direct[count] = member and own_price <= money
        found.rival[count] = needs and rival_fen <= money
        # `fit` still holds `no_need` of later persons, since `count` never passes `index`.
        found.fit[count] = misfit(product, persons.taste_x[person], persons.taste_y[person])
        count += 1
    exps(found.fit[:count])
    plausibilities(found.plausible[:count], terms.reference_price, rule)
    return Occasions(
        found.who[:count], found.needs[:count], found.row[:count], found.price[:count],
        found.asked[:count], found.plausible[:count], found.fit[:count], found.seller[:count],
        found.direct[:count], found.rival[:count])


@borrowing
def _weigh(shoppers, persons, sellers, terms, rule, luck):
    """Fill in the odds of the seller's offer, the brand's own channel and the comparable product."""
    knows = threshold(rule.price_knowledge)
    legacy = threshold(terms.legacy_share)
    lift = list_lift(terms.list_price, terms.reference_price, rule)
    for index in range(shoppers.who.size):
        person = shoppers.who[index]
        needs = shoppers.needs[index] > 0
        row = shoppers.row[index]
        value = worth_of_product(person, shoppers.fit[index], needs, persons, terms, rule)
        own_price = asked_of(person, terms.direct_price, persons.discount)
        if draw32(luck.knows, person) < knows:
            believed = terms.reference_price
        else:
            believed = believed_price(
                person, shoppers.asked[index], shoppers.plausible[index], lift, persons, terms, rule)
        seller, direct, rival = NEVER, NEVER, NEVER
        if row >= 0:
            seller = worth_from_seller(
                person, row, shoppers.price[index], value, persons, sellers, terms, rule)
        if shoppers.direct[index] > 0.0:
            direct = worth_from_brand(person, own_price, value, persons, terms, rule)
        if shoppers.rival[index] > 0.0:
            rival = worth_of_comparable(person, believed, persons, terms, rule)
            if terms.legacy_share > 0.0 and draw32(luck.legacy, person) < legacy:
                rival = value - worth_of_a_yuan(person, persons, rule) * terms.legacy_price
        # Lower all alike, so that the best still beats the second best.
        excess = max(0.0, max(seller, direct, rival) - HIGHEST)
        shoppers.seller[index] = seller - excess
        shoppers.direct[index] = direct - excess
        shoppers.rival[index] = rival - excess
    exps(shoppers.seller)
    exps(shoppers.direct)
    exps(shoppers.rival)


@borrowing
def _buy_comparable(person, purses, terms, allowance, luck, totals):
    """Pay for a comparable product; customers of the legacy channel pay there."""
    if terms.legacy_share > 0.0 and draw32(luck.legacy, person) < threshold(terms.legacy_share):
        return
    paid = np.int64(100.0 * terms.reference_price)
    totals[Total.SET_ASIDE] += pay(person, paid, purses, allowance)
    totals[Total.RIVAL_UNITS] += 1
    totals[Total.RIVAL_REVENUE] += paid


@compiled
def _may_have_occasion(low, high, persons, push_occasion, luck, listed):
    """List in listed[low...] all who have a need or follow a push, and few others; return how many.

    Most persons have neither: a vectorised first pass rules them out before anything else is read.
    """
    flags = np.empty(BLOCK, np.uint8)
    count = 0
    for begin in range(low, high, BLOCK):
        end = min(begin + BLOCK, high)
        aware = persons.aware[begin:end]
        waiting = persons.waiting[begin:end]
        home = persons.home[begin:end]
        need = persons.weekly_need[begin:end]
        push = persons.push[begin:end]
        for index in range(aware.size):
            # 1 - exp(-x) < x: this cheap bound rules out most persons without an exponential.
            needs = below(draw32(luck.need, begin + index), np.float64(need[index]) + SLACK)
            follows = below(draw32(luck.pushed, begin + index),
                            push_occasion * saturating(push[index]))
            flags[index] = (aware[index] != 0) & (waiting[index] == 0) & (home[index] == 0) & (
                (needs & (need[index] > 0.0)) | follows)
        count += pick(flags[: aware.size], begin, listed[low + count :])
    return count

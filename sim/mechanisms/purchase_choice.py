"""Purchase choice: who has a reason to buy weighs the offers against the outside option."""

from __future__ import annotations

from enum import IntEnum, auto
from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import below, exps, threshold
from sim.kernel.picking import BLOCK, pick
from sim.kernel.threads import added_up
from sim.market.brand import SELLS, misfit
from sim.market.persons import DIRECT, FROM_SELLER, FULL_PUSH, NO_OFFER, NOTHING, offer_price, offer_row
from sim.market.purses import Purses, asked_of, available, pay
from sim.market.reference_price import believed_price
from sim.mechanisms.base import Mechanism, Prior, World, parameter
from sim.mechanisms.brand_communities import direct_price
from sim.mechanisms.customer_service import help_terms, helped

__all__ = ["PurchaseChoice"]


class PurchaseChoice(Mechanism):
    """A logit choice between a seller's offer, the brand's own channel, a comparable product and none.

    An occasion is a need with nothing at home, or a pitch that pushes. The seller's offer is the
    cheapest one heard this week, else that of the seller the person knows; the own channel is open
    to members of a cell that is one. Value of the product: meeting the need, believed quality times fit, less
    what not knowing it costs; own satisfaction, trust, voices, help in deciding, belonging, what custom rules
    add (`appeal`), a push that saturates; minus price relative to willingness to pay (McFadden 1974;
    risk: Erdem, Keane 1996). Nobody takes what the purse does not reach, nor who gave up the brand.

    The comparable product has a known quality and the price that the person believes it has: the
    open price where it is known (A4), else an internal reference price, which moves towards list
    and offered prices as long as they are plausible (assimilation and contrast: Sherif, Hovland
    1961; Urbany, Bearden, Weilbaker 1988; Kalyanaram, Winer 1995). For customers of the legacy channel
    it is the same product at the price that they pay there. Who never needs the category, buys all
    the same and so was talked into it, regrets it: loses trust, and gives up the brand.
    """

    phase: ClassVar = "need and choose"
    reads: ClassVar = (
        "persons.aware", "persons.home", "persons.weekly_need", "persons.waiting", "persons.push",
        "persons.asks", "persons.offer", "persons.seller", "persons.reseller", "persons.belief",
        "persons.appeal", "persons.discount", "persons.evidence", "persons.satisfaction",
        "persons.purchases", "persons.cell", "persons.powers",
        "persons.voices", "persons.voices_bad", "persons.taste_x", "persons.taste_y", "persons.income",
        "persons.willingness_to_pay", "resellers.active", "resellers.dropship", "resellers.price",
        "brand.position", "brand.quality", "brand.knowledge", "brand.variety", "market.brand_help",
        "resellers.help",
    )
    writes: ClassVar = (
        "persons.listed", "persons.source", "persons.chosen", "persons.reference", "persons.purse",
        "persons.purse_week", "persons.trust", "persons.dropped", "market.buyers",
        "market.occasions")
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
        7.1, "utility", 0, 100, "weight of price divided by willingness to pay",
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
        """List who buys this week, and of whom."""
        persons, settings = world.persons, world.settings
        offer = settings.offer
        cells, legacy = settings.rule("brand_communities"), settings.rule("legacy_channel")
        referral = settings.rule("referral")
        help_weight, brand_help = help_terms(world)
        terms = Terms(
            list_price=float(offer.list_price),
            reference_price=float(offer.reference_price),
            reference_value=offer.reference_quality * offer.reference_fit,
            direct_price=direct_price(world) if cells and cells.own_channel else NO_CHANNEL,
            community=cells.utility if cells else 0.0,
            legacy_share=legacy.customers if legacy else 0.0,
            legacy_price=float(legacy.price) if legacy else 0.0,
            suspicion=self.suspicion * (1.0 - referral.both_sides) if referral else 0.0,
            help_weight=help_weight,
            brand_help=brand_help,
        )
        luck = Luck(
            world.fixed_luck("knows prices"), world.fixed_luck("legacy customer"),
            world.luck("need"), world.luck("pushed"), world.luck("choose"))
        found = world.threads.over(
            len(persons), _choose, persons.view(Shoppers), persons.view(Purses),
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


class Shoppers(NamedTuple):
    """Columns of persons that the choice looks at, and the two that it writes."""

    aware: np.ndarray
    home: np.ndarray
    weekly_need: np.ndarray
    waiting: np.ndarray
    push: np.ndarray
    asks: np.ndarray
    offer: np.ndarray
    seller: np.ndarray
    reseller: np.ndarray
    belief: np.ndarray
    appeal: np.ndarray
    discount: np.ndarray
    evidence: np.ndarray
    satisfaction: np.ndarray
    purchases: np.ndarray
    trust: np.ndarray
    dropped: np.ndarray
    reference: np.ndarray
    cell: np.ndarray
    powers: np.ndarray
    voices: np.ndarray
    voices_bad: np.ndarray
    taste_x: np.ndarray
    taste_y: np.ndarray
    willingness_to_pay: np.ndarray
    source: np.ndarray
    chosen: np.ndarray


class Sellers(NamedTuple):
    """Columns of resellers that the choice looks at."""

    active: np.ndarray
    dropship: np.ndarray
    price: np.ndarray
    help: np.ndarray


class Terms(NamedTuple):
    """What is the same for everybody this week: CNY, but fen for `direct_price`; utility; shares."""

    list_price: float
    reference_price: float
    reference_value: float
    direct_price: int
    community: float
    legacy_share: float
    legacy_price: float
    suspicion: float
    help_weight: float
    brand_help: float


class Luck(NamedTuple):
    """Keys of the decisions taken here."""

    knows: np.uint64
    legacy: np.uint64
    need: np.uint64
    pushed: np.uint64
    choose: np.uint64


NEVER = -700.0
"""Utility of what is not offered: no bits of luck are below its odds."""
NO_CHANNEL = -1
"""Price of the brand's own channel where there is none."""
HIGHEST = 50.0
"""The largest utility whose exponential is taken: where one is larger, all are lowered alike."""


@compiled
def _choose(low, high, persons, purses, sellers, product, terms, allowance, rule, luck, listed):
    """List those who buy in listed[low...]; return where, how many, and totals."""
    persons.chosen[low:high] = NOTHING
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
            seller, direct = shoppers.seller[index], shoppers.direct[index]
            rival = shoppers.rival[index]
            total = 1.0 + seller + direct + rival
            bits = draw32(luck.choose, person)
            if bits < threshold(seller / total):
                persons.chosen[person] = shoppers.row[index]
            elif bits < threshold((seller + direct) / total):
                persons.chosen[person] = DIRECT
            else:
                if bits < threshold((seller + direct + rival) / total):
                    _buy_comparable(person, purses, terms, allowance, luck, totals)
                continue
            if persons.asks[person] > 0:
                persons.source[person] = FROM_SELLER
            if persons.weekly_need[person] == 0.0:
                persons.trust[person] = np.float64(persons.trust[person]) * (1.0 - rule.regret)
                persons.dropped[person] = 1
                totals[Total.TALKED_INTO] += 1
            listed[low + buyers] = person
            buyers += 1
    return low, buyers, totals


class Occasions(NamedTuple):
    """Who has an occasion and something to choose, and what: the odds are filled in later.

    `row` and `price` (fen) are those of the seller's offer, `fit` is first its logarithm, `direct`
    and `rival` say with 1 or 0 whether the purse reaches these.
    """

    who: np.ndarray
    needs: np.ndarray
    row: np.ndarray
    price: np.ndarray
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
        np.empty(many, np.int64), np.empty(many), np.empty(many), np.empty(many), np.empty(many))
    chance = found.fit
    for index in range(many):
        chance[index] = -np.float64(persons.weekly_need[candidates[index]])
    exps(chance)
    rival_fen = np.int64(100.0 * terms.reference_price)
    count = 0
    for index in range(many):
        person = np.int64(candidates[index])
        if persons.home[person] > 0 or persons.dropped[person]:
            continue
        needs = draw32(luck.need, person) < threshold(1.0 - chance[index])
        if not needs and draw32(luck.pushed, person) >= threshold(
                rule.push_occasion * _saturating(persons.push[person])):
            continue
        own = persons.reseller[person]
        if own >= 0 and sellers.active[own] and not sellers.dropship[own]:
            continue
        row, price = _offered(person, persons, sellers)
        price = asked_of(person, price, persons.discount)
        member = terms.direct_price >= 0 and persons.powers[person] & SELLS != 0
        if row < 0 and not member:
            continue
        money = available(person, purses, allowance)
        if price > money:
            row = np.int64(-1)
        found.who[count] = person
        found.needs[count] = needs
        found.row[count] = row
        found.price[count] = price
        found.direct[count] = member and asked_of(
            person, terms.direct_price, persons.discount) <= money
        found.rival[count] = needs and rival_fen <= money
        # Read before it is written here, as count never passes index.
        found.fit[count] = misfit(product, persons.taste_x[person], persons.taste_y[person])
        count += 1
    exps(found.fit[:count])
    return Occasions(
        found.who[:count], found.needs[:count], found.row[:count], found.price[:count],
        found.fit[:count], found.seller[:count], found.direct[:count], found.rival[:count])


@compiled
def _weigh(shoppers, persons, sellers, terms, rule, luck):
    """Fill in the odds of the seller's offer, the own channel and the comparable product."""
    knows = threshold(rule.price_knowledge)
    legacy = threshold(terms.legacy_share)
    for index in range(shoppers.who.size):
        person = shoppers.who[index]
        needs = shoppers.needs[index] > 0
        row = shoppers.row[index]
        scale = rule.price_sensitivity / np.float64(persons.willingness_to_pay[person])
        push = rule.push_weight * _saturating(persons.push[person])
        value = _worth(person, shoppers.fit[index], needs, persons, terms, rule)
        own_price = asked_of(person, terms.direct_price, persons.discount)
        asked = shoppers.price[index] if shoppers.price[index] > 0 else own_price
        if draw32(luck.knows, person) < knows:
            believed = terms.reference_price
        else:
            believed = believed_price(person, asked / 100.0, persons, terms, rule)
        rival = rule.necessity + rule.quality_weight * terms.reference_value - scale * believed
        if terms.legacy_share > 0.0 and draw32(luck.legacy, person) < legacy:
            rival = value - scale * terms.legacy_price
        if shoppers.rival[index] == 0.0:
            rival = NEVER
        direct = value + terms.brand_help - scale * (own_price / 100.0)
        if shoppers.direct[index] == 0.0:
            direct = NEVER
        seller = NEVER
        if row >= 0:
            seller = value + helped(row, terms.help_weight, sellers) + (
                push - scale * (shoppers.price[index] / 100.0))
            if sellers.dropship[row]:
                seller -= terms.suspicion
        # All are lowered alike, so that the best still beats the second best.
        excess = max(0.0, max(seller, direct, rival) - HIGHEST)
        shoppers.seller[index] = seller - excess
        shoppers.direct[index] = direct - excess
        shoppers.rival[index] = rival - excess
    exps(shoppers.seller)
    exps(shoppers.direct)
    exps(shoppers.rival)


@compiled
def _worth(person, fit, needs, persons, terms, rule):
    """Return the utility of having the product, its price and a push apart."""
    good = np.float64(persons.voices[person]) - np.float64(persons.voices_bad[person])
    bad = np.float64(persons.voices_bad[person])
    value = (
        rule.trust_weight * (np.float64(persons.trust[person]) - 0.5)
        + rule.voice_weight * (good - 2.0 * bad) / (good + bad + 2.0)
        + np.float64(persons.appeal[person])
    )
    if persons.cell[person] >= 0:
        value += terms.community
    if persons.purchases[person] > 0:
        value += rule.satisfaction_weight * (np.float64(persons.satisfaction[person]) - 0.5)
    # Who has no need has no use for the quality either.
    if needs:
        value += (
            rule.necessity
            + rule.quality_weight * np.float64(persons.belief[person]) * fit
            - rule.risk_weight / (1.0 + np.float64(persons.evidence[person]))
        )
    return value


@compiled
def _buy_comparable(person, purses, terms, allowance, luck, totals):
    """Pay for a comparable product; customers of the legacy channel pay there."""
    if terms.legacy_share > 0.0 and draw32(luck.legacy, person) < threshold(terms.legacy_share):
        return
    paid = np.int64(100.0 * terms.reference_price)
    totals[Total.SET_ASIDE] += pay(person, paid, purses, allowance)
    totals[Total.RIVAL_UNITS] += 1
    totals[Total.RIVAL_REVENUE] += paid


@compiled
def _saturating(push):
    """Return p / (1 + p) of the push p of the week: more and more talk adds less and less."""
    return np.float64(push) / (FULL_PUSH + np.float64(push))


@compiled
def _offered(person, persons, sellers):
    """Return row and price (fen) of the best offer heard, else of the known seller; row -1: none."""
    heard = persons.offer[person]
    if heard != np.uint64(NO_OFFER):
        return offer_row(heard), np.int64(offer_price(heard))
    row = np.int64(persons.seller[person])
    if row >= 0 and sellers.active[row]:
        return row, np.int64(sellers.price[row])
    return np.int64(-1), np.int64(0)


@compiled
def _may_have_occasion(low, high, persons, push_occasion, luck, listed):
    """List in listed[low...] all who have a need or follow a push, and few others; return how many.

    Nearly all have neither: find that out in vectors, before anything else is read.
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
            # 1 - exp(-x) < x: only those who come that near pay for the exponential.
            needs = below(draw32(luck.need, begin + index), np.float64(need[index]) + 1e-9)
            follows = below(draw32(luck.pushed, begin + index),
                            push_occasion * _saturating(push[index]))
            flags[index] = (aware[index] != 0) & (waiting[index] == 0) & (home[index] == 0) & (
                (needs & (need[index] > 0.0)) | follows)
        count += pick(flags[: aware.size], begin, listed[low + count :])
    return count

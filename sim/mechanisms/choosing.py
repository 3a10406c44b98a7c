"""Choosing: who has a reason to buy weighs the offers against the outside option."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import below, exps, threshold
from sim.kernel.picking import BLOCK, pick
from sim.market.brand import misfit
from sim.market.persons import DIRECT, FROM_SELLER, FULL_PUSH, NO_OFFER, NOTHING, offer_price, offer_row
from sim.mechanisms.base import Mechanism, World, parameter
from sim.mechanisms.gathering import direct_price

__all__ = ["Choosing"]


class Choosing(Mechanism):
    """A logit choice between a seller's offer, the brand's own channel, and the outside option.

    An occasion is a need with nothing at home, or an ask that pushes. The seller's offer is the
    cheapest one heard this week, else the seller the person knows; the own channel is open to
    members of a cell. Value: perceived quality times fit, trust, voices, push, belonging, service,
    minus price relative to willingness to pay. The outside option is a comparable product; who does
    not know its price takes the list price for it (A4). For customers of the old channel it is the
    same product at the price that they pay there.
    """

    phase: ClassVar = "need and choose"
    reads: ClassVar = (
        "persons.aware", "persons.home", "persons.weekly_need", "persons.waiting", "persons.push",
        "persons.asks", "persons.offer", "persons.seller", "persons.reseller", "persons.belief",
        "persons.trust", "persons.cell", "persons.voices", "persons.voices_bad", "persons.taste_x",
        "persons.taste_y", "persons.willingness_to_pay", "resellers.active", "resellers.dropship",
        "resellers.price", "brand.position", "brand.quality", "brand.variety",
        "market.service_value",
    )
    writes: ClassVar = (
        "persons.listed", "persons.source", "persons.chosen", "market.buyers", "market.occasions")
    off: ClassVar = {"A4": {"choosing.price_knowledge": 1.0}}

    quality_weight: float = parameter(
        5.0, "utility", 0, 100, "weight of perceived quality times fit")
    trust_weight: float = parameter(
        3.0, "utility", 0, 100, "weight of trust in the channel above one half")
    voice_weight: float = parameter(
        0.2, "utility a voice", 0, 100, "social proof: weight of each satisfied voice heard",
        source="word of mouth elasticity .236 volume (You et al. 2015)")
    push_weight: float = parameter(
        1.0, "utility", 0, 100, "weight of the push of this week's asks")
    push_occasion: float = parameter(
        0.10, "chance", 0, 1, "chance that a full push makes an occasion where there is no need")
    price_sensitivity: float = parameter(
        2.7, "utility", 0, 100, "weight of price divided by willingness to pay",
        source="price elasticity -2.62 on average (Bijmolt et al. 2005)")
    price_knowledge: float = parameter(
        None, "share", 0, 1, "share of people who know what comparable products cost",
        control=("information_asymmetry", 1.0, 0.1), source="A4, essay A: 信息不对称的方式卖高价")
    suspicion: float = parameter(
        0.3, "utility", 0, 100, "what a reward for the referrer alone costs a referred offer",
        source="rewarded referral lowers the receiver's response (Verlegh et al. 2013)")

    def step(self, world: World) -> None:
        """List who buys this week, and of whom."""
        persons, settings = world.persons, world.settings
        offer = settings.offer
        gathering, legacy = settings.rule("gathering"), settings.rule("connecting")
        referring = settings.rule("referring")
        terms = Terms(
            list_price=float(offer.list_price),
            reference_price=float(offer.reference_price),
            reference_value=offer.reference_quality * offer.reference_fit,
            direct_price=(
                direct_price(world) / 100.0 if gathering and gathering.own_channel else NO_CHANNEL),
            belonging=gathering.belonging if gathering else 0.0,
            legacy_share=legacy.customers if legacy else 0.0,
            legacy_price=float(legacy.price) if legacy else 0.0,
            suspicion=self.suspicion * (1.0 - referring.both_sides) if referring else 0.0,
            service=float(world.market.service_value),
        )
        luck = Luck(
            world.fixed_luck("knows prices"), world.fixed_luck("legacy customer"),
            world.luck("need"), world.luck("pushed"), world.luck("choose"))
        found = world.threads.over(
            len(persons), _choose, persons.view(Shoppers), world.resellers.view(Sellers),
            world.product(), terms, self.parameters, luck, persons.listed)
        world.market.buyers = np.concatenate(
            [persons.listed[first : first + count] for first, count, _ in found])
        world.market.occasions = sum(occasions for _, _, occasions in found)


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
    trust: np.ndarray
    cell: np.ndarray
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


class Terms(NamedTuple):
    """What is the same for everybody this week; prices in CNY, the rest in utility or shares."""

    list_price: float
    reference_price: float
    reference_value: float
    direct_price: float
    belonging: float
    legacy_share: float
    legacy_price: float
    suspicion: float
    service: float


class Luck(NamedTuple):
    """Keys of the decisions taken here."""

    knows: np.uint64
    legacy: np.uint64
    need: np.uint64
    pushed: np.uint64
    choose: np.uint64


NEVER = -700.0
"""Utility of what is not offered: no bits of luck are below its odds."""
NO_CHANNEL = -1.0
"""Price of the brand's own channel where there is none."""
HIGHEST = 50.0
"""Utility above which more changes no choice."""


@compiled
def _choose(low, high, persons, sellers, product, terms, rule, luck, listed):
    """List those who buy in listed[low...]; return where, how many, and how many had an occasion."""
    persons.chosen[low:high] = NOTHING
    buyers = 0
    occasions = 0
    knows = threshold(rule.price_knowledge)
    legacy = threshold(terms.legacy_share)
    many = _may_have_occasion(low, high, persons, rule.push_occasion, luck, listed)
    chance = np.empty(BLOCK)
    fit = np.empty(BLOCK)
    odds_seller = np.empty(BLOCK)
    odds_direct = np.empty(BLOCK)
    who = np.empty(BLOCK, np.int64)
    rows = np.empty(BLOCK, np.int64)
    prices = np.empty(BLOCK)
    for begin in range(low, low + many, BLOCK):
        candidates = listed[begin : min(begin + BLOCK, low + many)]
        for index in range(candidates.size):
            chance[index] = -np.float64(persons.weekly_need[candidates[index]])
        exps(chance[: candidates.size])
        # Who has an occasion, and something to choose.
        count = 0
        for index in range(candidates.size):
            person = np.int64(candidates[index])
            needs = persons.home[person] == 0 and (
                draw32(luck.need, person) < threshold(1.0 - chance[index]))
            if not needs and draw32(luck.pushed, person) >= threshold(
                    rule.push_occasion * (persons.push[person] / FULL_PUSH)):
                continue
            row, price = _offered(person, persons, sellers)
            member = terms.direct_price >= 0.0 and persons.cell[person] >= 0
            if row < 0 and not member:
                continue
            own = persons.reseller[person]
            if own >= 0 and sellers.active[own] and not sellers.dropship[own]:
                continue
            who[count] = person
            rows[count] = row
            prices[count] = price
            fit[count] = misfit(product, persons.taste_x[person], persons.taste_y[person])
            count += 1
        occasions += count
        exps(fit[:count])
        # What each offer is worth to them; without an offer, next to nothing.
        for index in range(count):
            person = who[index]
            row = rows[index]
            quality = np.float64(persons.belief[person]) * fit[index]
            known = terms.reference_price if draw32(luck.knows, person) < knows else terms.list_price
            outside = terms.reference_value
            if terms.legacy_share > 0.0 and draw32(luck.legacy, person) < legacy:
                known = terms.legacy_price
                outside = quality
            common = (
                rule.quality_weight * (quality - outside)
                + rule.trust_weight * (np.float64(persons.trust[person]) - 0.5)
                + rule.voice_weight * (
                    np.float64(persons.voices[person]) - 2.0 * np.float64(persons.voices_bad[person]))
                + terms.service
            )
            member = persons.cell[person] >= 0
            if member:
                common += terms.belonging
            scale = rule.price_sensitivity / np.float64(persons.willingness_to_pay[person])
            odds_seller[index] = NEVER
            odds_direct[index] = NEVER
            if row >= 0:
                pushed = rule.push_weight * (persons.push[person] / FULL_PUSH)
                value = common + pushed - scale * (prices[index] - known)
                if sellers.dropship[row]:
                    value -= terms.suspicion
                odds_seller[index] = min(value, HIGHEST)
            if terms.direct_price >= 0.0 and member:
                odds_direct[index] = min(common - scale * (terms.direct_price - known), HIGHEST)
        exps(odds_seller[:count])
        exps(odds_direct[:count])
        for index in range(count):
            person = who[index]
            total = 1.0 + odds_seller[index] + odds_direct[index]
            bits = draw32(luck.choose, person)
            if bits < threshold(odds_seller[index] / total):
                persons.chosen[person] = rows[index]
            elif bits < threshold((odds_seller[index] + odds_direct[index]) / total):
                persons.chosen[person] = DIRECT
            else:
                continue
            if persons.asks[person] > 0:
                persons.source[person] = FROM_SELLER
            listed[low + buyers] = person
            buyers += 1
    return low, buyers, occasions


@compiled
def _offered(person, persons, sellers):
    """Return row and price (CNY) of the best offer heard, else of the known seller; row -1: none."""
    heard = persons.offer[person]
    if heard != np.uint64(NO_OFFER):
        return offer_row(heard), offer_price(heard) / 100.0
    row = np.int64(persons.seller[person])
    if row >= 0 and sellers.active[row]:
        return row, sellers.price[row] / 100.0
    return np.int64(-1), 0.0


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
            follows = below(
                draw32(luck.pushed, begin + index), push_occasion * (push[index] / FULL_PUSH))
            flags[index] = (aware[index] != 0) & (waiting[index] == 0) & (
                (needs & (home[index] == 0) & (need[index] > 0.0)) | follows)
        count += pick(flags[: aware.size], begin, listed[low + count :])
    return count

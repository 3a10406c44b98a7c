"""How persons weigh rival brands: the logit of `purchase_choice`, once more with the rivals in it.

`purchase_choice` has drawn by then. In a logit a further option takes from all others in proportion
(independence of irrelevant alternatives: McFadden 1974), so it is enough to know its odds and those
of all the rest: with that chance the rival takes the place of whatever was drawn.
"""

from __future__ import annotations

from enum import IntEnum, auto
from typing import Any, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32, unit
from sim.kernel.maths import exp, threshold
from sim.market.brand import SELLS, Product, misfit
from sim.market.persons import NO_OFFER, NOTHING, offer_row
from sim.market.purses import asked_of, available, pay
from sim.market.world import World
from sim.mechanisms.brand_communities import direct_price
from sim.mechanisms.customer_service import help_terms, helped
from sim.mechanisms.purchase_choice import NEVER, _offered, _saturating, _worth

__all__ = [
    "COMPARABLE", "OPTIONS", "Else", "Luck", "Makers", "Of", "Sellers", "Shoppers", "Terms", "choose_again",
    "odds", "terms_of", "worth_of_all_else",
]


class Shoppers(NamedTuple):
    """Columns of persons that the choice looks at, and those that it writes."""

    aware: np.ndarray
    home: np.ndarray
    weekly_need: np.ndarray
    waiting: np.ndarray
    push: np.ndarray
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
    chosen: np.ndarray
    rivals_known: np.ndarray
    rivals_tried: np.ndarray
    rival_seller: np.ndarray


class Sellers(NamedTuple):
    """Columns of resellers that the choice looks at, and the money that a sale brings."""

    active: np.ndarray
    dropship: np.ndarray
    price: np.ndarray
    carries: np.ndarray
    cash: np.ndarray
    help: np.ndarray


class Makers(NamedTuple):
    """What each rival sells: price in fen, quality, place in the frame of tastes, steepness of fit."""

    price: np.ndarray
    quality: np.ndarray
    x: np.ndarray
    y: np.ndarray
    steepness: float


class Else(NamedTuple):
    """What is the same for everybody this week of all that `purchase_choice` weighs: CNY, but fen for
    `direct_price`; utility; shares.
    """

    reference_price: float
    reference_value: float
    direct_price: int
    community: float
    suspicion: float
    help_weight: float
    brand_help: float


def terms_of(world: World, choice: Any) -> Else:
    """Return the terms on which everything but a rival is offered this week."""
    offer, settings = world.settings.offer, world.settings
    cells, referral = settings.rule("brand_communities"), settings.rule("referral")
    help_weight, brand_help = help_terms(world)
    return Else(
        reference_price=float(offer.reference_price),
        reference_value=offer.reference_quality * offer.reference_fit,
        direct_price=direct_price(world) if cells and cells.own_channel else -1,
        community=cells.utility if cells else 0.0,
        suspicion=choice.suspicion * (1.0 - referral.both_sides) if referral else 0.0,
        help_weight=help_weight,
        brand_help=brand_help,
    )


class Terms(NamedTuple):
    """What else is the same for everybody: quality expected of what nobody knows, commission of
    rivals, the week.
    """

    expected: float
    commission: float
    week: int


class Luck(NamedTuple):
    """Keys of the decisions taken here."""

    knows: np.uint64
    legacy: np.uint64
    need: np.uint64
    choose: np.uint64
    which: np.uint64


class Of(IntEnum):
    """What is added up: for each rival the first three, the rest in the last row."""

    UNITS = 0
    REVENUE = auto()
    COMMISSION = auto()
    SET_ASIDE = auto()
    TAKEN = auto()
    NOT_COMPARABLE = auto()
    RETURNED = auto()


SELLER, CHANNEL, COMPARABLE = range(3)
"""What `purchase_choice` weighs against nothing."""
OPTIONS = 3
HIGHEST = 50.0
"""The largest utility whose exponential is taken: where one is larger, all are lowered alike."""


@compiled
def choose_again(
    persons, purses, sellers, makers, product, terms, other, allowance, rule, luck, legacy_share, totals,
):
    """Let persons with a need take a rival with the chance that it has beside all else."""
    brands = makers.price.size
    worth, rest = np.empty(brands), np.empty(OPTIONS)
    everywhere = totals[brands]
    legacy = threshold(legacy_share)
    for person in range(persons.home.size):
        if persons.rivals_known[person] == 0 or persons.home[person] > 0 or persons.waiting[person] > 0:
            continue
        need = np.float64(persons.weekly_need[person])
        if need == 0.0 or draw32(luck.need, person) >= threshold(1.0 - exp(-need)):
            continue
        own = persons.reseller[person]
        if own >= 0 and sellers.active[own] and not sellers.dropship[own]:
            continue
        if draw32(luck.legacy, person) < legacy:
            continue
        money = available(person, purses, allowance)
        # Nobody else takes money out of purses before: this week's is for a comparable product.
        back = np.int64(0)
        if purses.purse_week[person] == terms.week:
            back = np.int64(100.0 * other.reference_price)
        money += back
        best = _worth_of_rivals(person, money, persons, makers, terms, rule, worth)
        if best == NEVER:
            continue
        worth_of_all_else(person, money, persons, sellers, product, other, rule, luck.knows, rest)
        lowered = max(0.0, max(best, rest.max()) - HIGHEST)
        weight = odds(worth, lowered)
        others = 1.0 + odds(rest, lowered)
        if draw32(luck.choose, person) >= threshold(weight / (others + weight)):
            continue
        if back > 0:
            purses.purse[person] += back
            everywhere[Of.RETURNED] += back
            everywhere[Of.NOT_COMPARABLE] += 1
        elif persons.chosen[person] != NOTHING:
            persons.chosen[person] = NOTHING
            everywhere[Of.TAKEN] += 1
        brand = _drawn(worth, unit(luck.which, person) * weight)
        _take(person, brand, persons, purses, sellers, makers, terms, allowance, totals)


@compiled
def _worth_of_rivals(person, money, persons, makers, terms, rule, worth):
    """Fill in the utility of each rival that the person knows and can pay; return the largest."""
    scale = rule.price_sensitivity / np.float64(persons.willingness_to_pay[person])
    seller = persons.rival_seller[person]
    pushed = 0.0
    if seller >= 0 and persons.offer[person] != np.uint64(NO_OFFER):
        if offer_row(persons.offer[person]) == seller:
            pushed = rule.push_weight * _saturating(persons.push[person])
    best = NEVER
    for brand in range(worth.size):
        worth[brand] = NEVER
        bit = np.uint8(1 << brand)
        if not persons.rivals_known[person] & bit or makers.price[brand] > money:
            continue
        tried = persons.rivals_tried[person] & bit != 0
        quality = makers.quality[brand] if tried else terms.expected
        place = Product(quality, makers.x[brand], makers.y[brand], makers.steepness)
        fit = exp(misfit(place, persons.taste_x[person], persons.taste_y[person]))
        worth[brand] = (
            rule.necessity + rule.quality_weight * quality * fit - scale * makers.price[brand] / 100.0
            - rule.risk_weight / (2.0 if tried else 1.0)
            + (pushed if seller >= 0 else 0.0))
        best = max(best, worth[brand])
    return best


@compiled
def worth_of_all_else(person, money, persons, sellers, product, terms, rule, knows, rest):
    """Fill in what `purchase_choice` weighs: the seller's offer, the own channel, a comparable product.

    Return the utility of the brand's product without its price, `NEVER` for who does not know it.
    """
    scale = rule.price_sensitivity / np.float64(persons.willingness_to_pay[person])
    believed = terms.reference_price
    if draw32(knows, person) >= threshold(rule.price_knowledge) and persons.reference[person] > 0.0:
        believed = np.float64(persons.reference[person])
    rest[:] = NEVER
    if np.int64(100.0 * terms.reference_price) <= money:
        rest[COMPARABLE] = rule.necessity + rule.quality_weight * terms.reference_value - scale * believed
    if not persons.aware[person] or persons.dropped[person]:
        return NEVER
    fit = exp(misfit(product, persons.taste_x[person], persons.taste_y[person]))
    value = _worth(person, fit, True, persons, terms, rule)
    row, price = _offered(person, persons, sellers)
    price = asked_of(person, price, persons.discount)
    if row >= 0 and price <= money:
        rest[SELLER] = (
            value + helped(row, terms.help_weight, sellers)
            + rule.push_weight * _saturating(persons.push[person]) - scale * price / 100.0
            - (terms.suspicion if sellers.dropship[row] else 0.0))
    own = asked_of(person, terms.direct_price, persons.discount)
    if terms.direct_price >= 0 and own <= money and persons.powers[person] & SELLS:
        rest[CHANNEL] = value + terms.brand_help - scale * own / 100.0
    return value


@compiled
def odds(worth, lowered):
    """Turn utilities into odds; return their sum."""
    total = 0.0
    for option in range(worth.size):
        worth[option] = 0.0 if worth[option] == NEVER else exp(worth[option] - lowered)
        total += worth[option]
    return total


@compiled
def _drawn(weights, part):
    """Return the option into whose odds `part` of their sum falls."""
    found = 0
    for option in range(weights.size):
        if weights[option] > 0.0:
            found = option
            if part < weights[option]:
                break
            part -= weights[option]
    return found


@compiled
def _take(person, brand, persons, purses, sellers, makers, terms, allowance, totals):
    """Let a person buy one unit of a rival, which pays who sold it."""
    price = makers.price[brand]
    bit = np.uint8(1 << brand)
    totals[makers.price.size, Of.SET_ASIDE] += pay(person, price, purses, allowance)
    totals[brand, Of.UNITS] += 1
    totals[brand, Of.REVENUE] += price
    persons.rivals_tried[person] |= bit
    row = persons.rival_seller[person]
    if row >= 0 and sellers.carries[row] & bit:
        reward = np.int64(terms.commission * price)
        sellers.cash[row] += reward
        totals[brand, Of.COMMISSION] += reward

"""How persons weigh rival brands: the logit of `purchase_choice`, repeated with the rivals in it.

`purchase_choice` has drawn by then. In a logit a further option takes from all others in proportion
(independence of irrelevant alternatives: McFadden 1974). So its odds and those of all other options
are enough: with that chance the rival replaces whatever was drawn.
"""

from __future__ import annotations

from enum import IntEnum, auto
from typing import NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw32, unit
from sim.kernel.maths import exp, threshold
from sim.market.brand import SELLS, Product, misfit
from sim.market.persons import NO_OFFER, NOTHING, offer_row
from sim.market.purses import asked_of, available, pay
from sim.mechanisms.utility import (
    HIGHEST,
    NEVER,
    best_offer,
    saturating,
    sells_from_stock,
    worth_from_brand,
    worth_from_seller,
    worth_of_a_yuan,
    worth_of_comparable,
    worth_of_product,
)

__all__ = [
    "COMPARABLE", "OPTIONS", "Carriers", "Luck", "Makers", "Rivalry", "Tempted", "Total", "choose_again",
    "odds", "worth_of_all_else",
]


class Tempted(NamedTuple):
    """Columns of persons that say which rivals they know and have tried, and what they choose."""

    chosen: np.ndarray
    rivals_known: np.ndarray
    rivals_tried: np.ndarray
    rival_seller: np.ndarray


class Carriers(NamedTuple):
    """Columns of resellers that say which rivals they sell, and the money it earns them."""

    carries: np.ndarray
    cash: np.ndarray


class Makers(NamedTuple):
    """What each rival sells: price in fen, quality, place in taste space, steepness of fit."""

    price: np.ndarray
    quality: np.ndarray
    x: np.ndarray
    y: np.ndarray
    steepness: float


class Rivalry(NamedTuple):
    """What is the same for everybody: quality expected of an untried product, commission, the week."""

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


class Total(IntEnum):
    """What is added up: the first three for each rival, the others in the last row."""

    UNITS = 0
    REVENUE = auto()
    COMMISSION = auto()
    SET_ASIDE = auto()
    TAKEN = auto()
    NOT_COMPARABLE = auto()
    RETURNED = auto()


SELLER, CHANNEL, COMPARABLE = range(3)
"""The options that `purchase_choice` weighs against buying nothing."""
OPTIONS = 3


@compiled
def choose_again(
    persons, tempted, purses, sellers, carriers, makers, product, terms, rivalry, allowance, rule, luck,
    totals,
):
    """Let persons with a need take a rival, with its chance among all options."""
    brands = makers.price.size
    worth, rest = np.empty(brands), np.empty(OPTIONS)
    everywhere = totals[brands]
    legacy = threshold(terms.legacy_share)
    for person in range(persons.home.size):
        if tempted.rivals_known[person] == 0 or persons.home[person] > 0 or persons.waiting[person] > 0:
            continue
        need = np.float64(persons.weekly_need[person])
        if need == 0.0 or draw32(luck.need, person) >= threshold(1.0 - exp(-need)):
            continue
        if sells_from_stock(person, persons, sellers) or draw32(luck.legacy, person) < legacy:
            continue
        money = available(person, purses, allowance)
        # Nothing else empties purses earlier in the week: the money went on a comparable product.
        back = np.int64(0)
        if purses.purse_week[person] == rivalry.week:
            back = np.int64(100.0 * terms.reference_price)
        money += back
        best = _worth_of_rivals(person, money, persons, tempted, makers, rivalry, rule, worth)
        if best == NEVER:
            continue
        worth_of_all_else(person, money, persons, sellers, product, terms, rule, luck.knows, rest)
        lowered = max(0.0, max(best, rest.max()) - HIGHEST)
        weight = odds(worth, lowered)
        others = 1.0 + odds(rest, lowered)
        if draw32(luck.choose, person) >= threshold(weight / (others + weight)):
            continue
        if back > 0:
            purses.purse[person] += back
            everywhere[Total.RETURNED] += back
            everywhere[Total.NOT_COMPARABLE] += 1
        elif tempted.chosen[person] != NOTHING:
            tempted.chosen[person] = NOTHING
            everywhere[Total.TAKEN] += 1
        brand = _drawn(worth, unit(luck.which, person) * weight)
        everywhere[Total.SET_ASIDE] += pay(person, makers.price[brand], purses, allowance)
        _take(person, brand, tempted, carriers, makers, rivalry, totals[brand])


@compiled
def _worth_of_rivals(person, money, persons, tempted, makers, rivalry, rule, worth):
    """Fill in the utility of each rival that the person knows and can afford; return the largest."""
    lost = worth_of_a_yuan(person, persons, rule)
    seller = tempted.rival_seller[person]
    pushed = 0.0
    if seller >= 0 and persons.offer[person] != np.uint64(NO_OFFER):
        if offer_row(persons.offer[person]) == seller:
            pushed = rule.push_weight * saturating(persons.push[person])
    best = NEVER
    for brand in range(worth.size):
        worth[brand] = NEVER
        bit = np.uint8(1 << brand)
        if not tempted.rivals_known[person] & bit or makers.price[brand] > money:
            continue
        tried = tempted.rivals_tried[person] & bit != 0
        quality = makers.quality[brand] if tried else rivalry.expected
        place = Product(quality, makers.x[brand], makers.y[brand], makers.steepness)
        fit = exp(misfit(place, persons.taste_x[person], persons.taste_y[person]))
        worth[brand] = (
            rule.necessity + rule.quality_weight * quality * fit - lost * makers.price[brand] / 100.0
            - rule.risk_weight / (2.0 if tried else 1.0)  # 1 + evidence, as in `worth_of_product`
            + (pushed if seller >= 0 else 0.0))
        best = max(best, worth[brand])
    return best


@borrowing
def worth_of_all_else(person, money, persons, sellers, product, terms, rule, knows, rest):
    """Fill in the utilities of what `purchase_choice` weighs: see `OPTIONS`.

    Return the utility of the brand's product without its price; `NEVER` if the person does not know it.
    """
    believed = terms.reference_price
    if draw32(knows, person) >= threshold(rule.price_knowledge) and persons.reference[person] > 0.0:
        believed = np.float64(persons.reference[person])
    rest[:] = NEVER
    if np.int64(100.0 * terms.reference_price) <= money:
        rest[COMPARABLE] = worth_of_comparable(person, believed, persons, terms, rule)
    if not persons.aware[person] or persons.dropped[person]:
        return NEVER
    fit = exp(misfit(product, persons.taste_x[person], persons.taste_y[person]))
    value = worth_of_product(person, fit, True, persons, terms, rule)
    row, price = best_offer(person, persons, sellers)
    price = asked_of(person, price, persons.discount)
    if row >= 0 and price <= money:
        rest[SELLER] = worth_from_seller(person, row, price, value, persons, sellers, terms, rule)
    own = asked_of(person, terms.direct_price, persons.discount)
    if terms.direct_price >= 0 and own <= money and persons.powers[person] & SELLS:
        rest[CHANNEL] = worth_from_brand(person, own, value, persons, terms, rule)
    return value


@borrowing
def odds(worth, lowered):
    """Turn utilities into odds; return their sum."""
    total = 0.0
    for option in range(worth.size):
        worth[option] = 0.0 if worth[option] == NEVER else exp(worth[option] - lowered)
        total += worth[option]
    return total


@compiled
def _drawn(weights, part):
    """Return the option in whose share of the odds `part` falls."""
    found = 0
    for option in range(weights.size):
        if weights[option] > 0.0:
            found = option
            if part < weights[option]:
                break
            part -= weights[option]
    return found


@compiled
def _take(person, brand, tempted, carriers, makers, rivalry, totals):
    """Let a person buy one unit of a rival, which pays its seller."""
    price = makers.price[brand]
    bit = np.uint8(1 << brand)
    totals[Total.UNITS] += 1
    totals[Total.REVENUE] += price
    tempted.rivals_tried[person] |= bit
    row = tempted.rival_seller[person]
    if row >= 0 and carriers.carries[row] & bit:
        reward = np.int64(rivalry.commission * price)
        carriers.cash[row] += reward
        totals[Total.COMMISSION] += reward

"""The utility of offers: what an offer is worth to a person.

`purchase_choice` draws from these utilities; `rival_choice` and `diversion` weigh one more offer
against them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing
from sim.market.persons import FULL_PUSH, NEUTRAL, NO_OFFER, offer_price, offer_row
from sim.market.resellers import active_seller
from sim.market.world import World
from sim.mechanisms.brand_communities import direct_price
from sim.mechanisms.customer_service import help_terms, helped

if TYPE_CHECKING:
    from sim.mechanisms.purchase_choice import PurchaseChoice

__all__ = [
    "HIGHEST", "NEVER", "READS", "Sellers", "Shoppers", "Terms", "best_offer", "reads_beyond", "saturating",
    "sells_from_stock", "terms_of", "worth_from_brand", "worth_from_seller", "worth_of_a_yuan",
    "worth_of_comparable", "worth_of_product",
]


class Shoppers(NamedTuple):
    """Columns of persons on which the worth of an offer depends."""

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


class Sellers(NamedTuple):
    """Columns of resellers on which the worth of an offer depends."""

    active: np.ndarray
    dropship: np.ndarray
    price: np.ndarray
    help: np.ndarray


READS = (
    *(f"persons.{column}" for column in (*Shoppers._fields, "income")),
    *(f"resellers.{column}" for column in Sellers._fields),
    "brand.quality", "brand.position", "brand.knowledge", "brand.variety", "market.brand_help",
)
"""What a rule reads that weighs offers."""


def reads_beyond(writes: tuple[str, ...], *more: str) -> tuple[str, ...]:
    """Return the `reads` of a rule that weighs offers: `READS` and `more`, without what it writes."""
    return tuple(name for name in (*READS, *more) if name not in writes)


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


NO_CHANNEL = -1
"""Price of the brand's own channel where there is none."""
NEVER = -700.0
"""Utility of what is not offered: no bits of luck are below its odds."""
HIGHEST = 50.0
"""The largest utility whose exponential is taken: where one is larger, all are lowered alike."""


def terms_of(world: World, choice: PurchaseChoice) -> Terms:
    """Return this week's terms."""
    settings = world.settings
    offer = settings.offer
    cells, legacy = settings.rule("brand_communities"), settings.rule("legacy_channel")
    referral = settings.rule("referral")
    help_weight, brand_help = help_terms(world)
    return Terms(
        list_price=float(offer.list_price),
        reference_price=float(offer.reference_price),
        reference_value=offer.reference_quality * offer.reference_fit,
        direct_price=direct_price(world) if cells and cells.own_channel else NO_CHANNEL,
        community=cells.utility if cells else 0.0,
        legacy_share=float(legacy.customers) if legacy else 0.0,
        legacy_price=float(legacy.price) if legacy else 0.0,
        suspicion=choice.suspicion * (1.0 - referral.both_sides) if referral else 0.0,
        help_weight=help_weight,
        brand_help=brand_help,
    )


@borrowing
def sells_from_stock(person, persons, sellers):
    """Return whether a person sells from stock, and so needs no other offer."""
    own = persons.reseller[person]
    return own >= 0 and sellers.active[own] and not sellers.dropship[own]


@borrowing
def saturating(push):
    """Return p / (1 + p) of the push p of the week: more and more talk adds less and less."""
    return np.float64(push) / (FULL_PUSH + np.float64(push))


@borrowing
def best_offer(person, persons, sellers):
    """Return row and price (fen) of the best offer heard, else of the known seller; row -1: none."""
    heard = persons.offer[person]
    if heard != np.uint64(NO_OFFER):
        return offer_row(heard), np.int64(offer_price(heard))
    row = active_seller(persons.seller[person], sellers.active)
    return row, np.int64(sellers.price[row]) if row >= 0 else np.int64(0)


@borrowing
def worth_of_a_yuan(person, persons, rule):
    """Return the utility that each yuan of a price costs a person."""
    return rule.price_sensitivity / np.float64(persons.willingness_to_pay[person])


BAD_VOICE = 2.0
"""Good voices that one bad voice outweighs."""
FEW_VOICES = 2.0
"""Good voices that have half of the largest effect."""


@borrowing
def worth_of_product(person, fit, needs, persons, terms, rule):
    """Return the utility of having the product, without its price and without a push to buy."""
    good = np.float64(persons.voices[person]) - np.float64(persons.voices_bad[person])
    bad = np.float64(persons.voices_bad[person])
    value = (
        rule.trust_weight * (np.float64(persons.trust[person]) - NEUTRAL)
        + rule.voice_weight * (good - BAD_VOICE * bad) / (good + bad + FEW_VOICES)
        + np.float64(persons.appeal[person])
    )
    if persons.cell[person] >= 0:
        value += terms.community
    if persons.purchases[person] > 0:
        value += rule.satisfaction_weight * (np.float64(persons.satisfaction[person]) - NEUTRAL)
    # Without a need, quality is of no use either.
    if needs:
        value += (
            rule.necessity
            + rule.quality_weight * np.float64(persons.belief[person]) * fit
            - rule.risk_weight / (1.0 + np.float64(persons.evidence[person]))
        )
    return value


@borrowing
def worth_from_seller(person, row, price, value, persons, sellers, terms, rule):
    """Return the utility of a seller's offer at `price` fen; `value` is that of the product."""
    cost = worth_of_a_yuan(person, persons, rule) * (price / 100.0)
    push = rule.push_weight * saturating(persons.push[person])
    worth = value + helped(row, terms.help_weight, sellers) + (push - cost)
    return worth - terms.suspicion if sellers.dropship[row] else worth


@borrowing
def worth_from_brand(person, price, value, persons, terms, rule):
    """Return the utility of the brand's own channel at `price` fen; `value` is that of the product."""
    return value + terms.brand_help - worth_of_a_yuan(person, persons, rule) * (price / 100.0)


@borrowing
def worth_of_comparable(person, believed, persons, terms, rule):
    """Return the utility of a comparable product that the person believes to cost so many CNY."""
    return (
        rule.necessity + rule.quality_weight * terms.reference_value
        - worth_of_a_yuan(person, persons, rule) * believed)

"""Brand awareness: how people come to know that the product exists."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw32, unit
from sim.kernel.maths import DRAWS, SLACK, below, exp, exps, normal, threshold
from sim.kernel.picking import BLOCK, pick
from sim.market.persons import FROM_BROADCAST, FROM_SELLER, FROM_WORD_OF_MOUTH, NOBODY, offer_row
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["BrandAwareness"]


class BrandAwareness(Mechanism):
    """Unaware persons notice with hazard ``1 - exp(-(p + b_s sellers + b_w voices))``.

    Their first opinion of the quality lies between a prior and the claim; the more credulous they
    are, the closer to the claim, which exceeds the truth by asymmetry times over-claim (A5). The
    hazard is that of Bass 1969, with sellers and speakers heard in place of the share of adopters.
    The brand's broadcast reaches people through different channels, each with its own bias, and
    people pass on their own opinion (B6). Persons approached by a prosumer count as convinced by a
    consumer, like those reached by a speaker (A17). The brand pays for each person won by broadcast.
    """

    phase: ClassVar = "inform"
    reads: ClassVar = (
        "persons.credulity", "persons.asks", "persons.voices", "persons.offer", "resellers.person",
        "resellers.dropship", "brand.reach", "brand.quality")
    writes: ClassVar = (
        "persons.aware", "persons.source", "persons.belief", "persons.evidence", "persons.hops",
        "persons.convinced_by",
    )
    off: ClassVar = {
        "A5": {"brand_awareness.exaggeration": 0.0},
        "B6": {"brand_awareness.seller_weight": 0.0, "brand_awareness.voice_weight": 0.0},
    }

    advertising: float = parameter(
        0.0006, "hazard a week", 0, 1, "brand broadcast: p, chance a week to notice unprompted",
        source="Sultan, Farley, Lehmann 1990: p about .03 a year")
    seller_weight: float = parameter(
        1.6, "hazard a seller", 0, 10, "b_s: weight of a seller's approach",
        prior=Prior(0.3, 3.0, "a factor of three either way", log=True, fitted=True))
    voice_weight: float = parameter(
        0.3, "hazard a voice", 0, 10, "b_w: weight of a voice heard in the circle, good or bad")
    prior: float = parameter(
        0.5, "share", 0, 1, "quality that somebody expects of a product they know nothing about")
    claim_weight: float = parameter(
        1.0, "experiences", 0, 100, "how many own experiences the first impression is worth")
    exaggeration: float = parameter(
        None, "share", 0, 1, "share of the over-claim that is claimed",
        control=("information_asymmetry", 0.0, 1.0), source="A5: claimed = true + asymmetry x overclaim")

    fragmentation: float = parameter(
        0.15, "share", 0, 1, "standard deviation of what different channels make of a broadcast",
        source="essay B: 由于渠道的碎片化, 每一个人接受的信息将会出现偏差")
    traffic_cost: float = parameter(
        5.0, "CNY", 0, 10_000, "what the brand pays for each person won by broadcast",
        source="bought traffic (essay A: 向淘宝等电商平台购买流量); working assumption")

    def claimed(self, world: World) -> float:
        """Return the quality claimed this week, share."""
        overclaim = world.settings.offer.overclaim
        return min(1.0, world.brand.quality + self.exaggeration * overclaim)

    def step(self, world: World) -> None:
        """Let persons notice the product, and pay for those won by broadcast."""
        persons = world.persons
        terms = Terms(self.advertising * world.brand.reach, self.claimed(world))
        sums = world.threads.over(
            len(persons), _notice, persons.view(People), world.resellers.view(Sellers), terms,
            self.parameters,
            Luck(world.luck("notice"), world.luck("notice from whom"), world.luck("broadcast bias")))
        world.count("noticed", sum(noticed for noticed, _ in sums))
        reached = sum(by_broadcast for _, by_broadcast in sums)
        world.books.money.move("brand", "media", reached * round(self.traffic_cost * 100))


class People(NamedTuple):
    """Columns of persons that noticing reads or changes."""

    aware: np.ndarray
    source: np.ndarray
    belief: np.ndarray
    evidence: np.ndarray
    hops: np.ndarray
    convinced_by: np.ndarray
    credulity: np.ndarray
    asks: np.ndarray
    voices: np.ndarray
    offer: np.ndarray


class Sellers(NamedTuple):
    """Columns of resellers that identify a seller."""

    person: np.ndarray
    dropship: np.ndarray


class Terms(NamedTuple):
    """What is the same for everybody this week: hazard of the broadcast, quality claimed (share)."""

    broadcast: float
    claimed: float


class Luck(NamedTuple):
    """Keys of the decisions taken here."""

    notice: np.uint64
    source: np.uint64
    bias: np.uint64


@compiled
def _notice(low, high, persons, sellers, terms, rule, luck):
    """Let the persons low..high notice; return how many do, and how many of them by broadcast."""
    noticed = 0
    by_broadcast = 0
    listed = np.empty(high - low, np.uint32)
    many = _reached(low, high, persons, terms.broadcast, luck.notice, listed)
    hazards = np.empty(many)
    count = 0
    for person in listed[:many]:
        hazard = (
            terms.broadcast + rule.seller_weight * persons.asks[person]
            + rule.voice_weight * persons.voices[person])
        hazards[count] = hazard
        listed[count] = person
        # 1 - exp(-x) < x: this cheap bound rules out most persons without an exponential.
        count += below(draw32(luck.notice, person), hazard + SLACK)
    unmoved = -hazards[:count]
    exps(unmoved)  # now the chance of noticing nothing
    for index in range(count):
        person = listed[index]
        if draw32(luck.notice, person) >= threshold(1.0 - unmoved[index]):
            continue
        noticed += 1
        persons.aware[person] = 1
        # The source is drawn in proportion to its part of the hazard.
        part = np.float64(draw32(luck.source, person)) / DRAWS * hazards[index]
        by_sellers = rule.seller_weight * persons.asks[person]
        by_speakers = rule.voice_weight * persons.voices[person]
        impression = rule.prior + np.float64(persons.credulity[person]) * (terms.claimed - rule.prior)
        if part < by_sellers:
            persons.source[person] = FROM_SELLER
            persons.hops[person] = 2  # from the brand through the seller
            persons.convinced_by[person] = _prosumer(persons.offer[person], sellers)
        elif part < by_sellers + by_speakers:
            persons.source[person] = FROM_WORD_OF_MOUTH
        else:
            by_broadcast += 1
            persons.source[person] = FROM_BROADCAST
            persons.hops[person] = 1
            if rule.fragmentation > 0.0:
                impression += rule.fragmentation * normal(unit(luck.bias, person))
                impression = min(max(impression, 0.0), 1.0)
        weight = np.float64(persons.evidence[person])
        total = weight + rule.claim_weight
        if total > 0.0:
            before = np.float64(persons.belief[person])
            persons.belief[person] = (before * weight + impression * rule.claim_weight) / total
            persons.evidence[person] = total
    return noticed, by_broadcast


@compiled
def _reached(low, high, persons, broadcast, key, listed):
    """List the unaware among low..high who may have been reached; return how many."""
    unprompted = threshold(1.0 - exp(-broadcast))
    flags = np.empty(BLOCK, np.uint8)
    many = 0
    for begin in range(low, high, BLOCK):
        knows = persons.aware[begin : min(begin + BLOCK, high)]
        approached = persons.asks[begin : begin + knows.size]
        heard = persons.voices[begin : begin + knows.size]
        for index in range(knows.size):
            flags[index] = draw32(key, begin + index) < unprompted
        for index in range(knows.size):
            told = (approached[index] | heard[index]) != 0
            flags[index] = (knows[index] == 0) & ((flags[index] != 0) | told)
        many += pick(flags[: knows.size], begin, listed[many:])
    return many


@borrowing
def _prosumer(offer, sellers):
    """Return the person behind an offer if that is a prosumer, else nobody."""
    row = offer_row(offer)
    if row < sellers.person.size and sellers.dropship[row]:
        return np.int64(sellers.person[row])
    return np.int64(NOBODY)

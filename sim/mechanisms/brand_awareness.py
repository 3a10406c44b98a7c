"""Brand awareness: how people come to know that the product exists."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32, unit
from sim.kernel.maths import below, exp, exps, normal, threshold
from sim.kernel.picking import BLOCK, pick
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["BrandAwareness"]


class BrandAwareness(Mechanism):
    """Unaware persons notice with hazard ``1 - exp(-(p + b_s sellers + b_w voices))``.

    Who notices forms a first opinion of the quality, between a prior and what is claimed, as far
    as credulity goes; the claim exceeds the truth by asymmetry times over-claim (A5). Form of the
    hazard: Bass 1969 with heard sellers and speakers in place of the share of adopters. What the
    brand broadcasts reaches each person through another channel and so with another bias; people
    pass on what they know themselves (B6). Whom a prosumer approaches counts as convinced by a
    consumer, like whom a speaker reaches (A17). The brand pays for everybody it reaches by broadcast.
    """

    phase: ClassVar = "inform"
    writes: ClassVar = (
        "persons.aware", "persons.source", "persons.belief", "persons.evidence", "persons.hops",
        "persons.convinced_by",
    )
    off: ClassVar = {
        "A5": {"brand_awareness.exaggeration": 0.0},
        "B6": {"brand_awareness.fragmentation": 0.0, "word_of_mouth.distortion": 0.0},
    }

    advertising: float = parameter(
        0.0006, "hazard a week", 0, 1, "brand broadcast: p, chance a week to notice unprompted",
        source="Sultan, Farley, Lehmann 1990: p about .03 a year")
    seller_weight: float = parameter(
        1.0, "hazard a seller", 0, 10, "b_s: weight of a seller's approach",
        prior=Prior(0.3, 3.0, "a factor of three either way", log=True))
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
        """Return the quality that is claimed this week, share."""
        overclaim = world.settings.offer.overclaim
        return min(1.0, world.brand.quality + self.exaggeration * overclaim)

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        persons = world.persons
        sums = world.threads.over(
            len(persons), _notice, persons.aware, persons.source, persons.belief,
            persons.evidence, persons.hops, persons.credulity, persons.asks, persons.voices,
            persons.offer, persons.convinced_by, world.resellers.person, world.resellers.dropship,
            self.advertising * world.brand.reach, self.fragmentation, self.seller_weight, self.voice_weight,
            self.prior, self.claim_weight, self.claimed(world),
            world.luck("notice"), world.luck("notice from whom"), world.luck("broadcast bias"),
        )
        world.count("noticed", sum(noticed for noticed, _ in sums))
        bought = sum(bought for _, bought in sums)
        world.books.money.move("brand", "media", bought * round(self.traffic_cost * 100))


@compiled
def _notice(
    low, high, aware, source, belief, evidence, hops, credulity, asks, voices, offer,
    convinced_by, who, dropship, advertising,
    fragmentation, b_sellers, b_voices, prior, claim_weight, claimed, key, key_source, key_bias,
):
    noticed = 0
    bought = 0
    unprompted = threshold(1.0 - exp(-advertising))
    listed = np.empty(high - low, np.uint32)
    flags = np.empty(BLOCK, np.uint8)
    many = 0
    for begin in range(low, high, BLOCK):
        knows = aware[begin : min(begin + BLOCK, high)]
        approached = asks[begin : begin + knows.size]
        heard = voices[begin : begin + knows.size]
        for index in range(knows.size):
            flags[index] = draw32(key, begin + index) < unprompted
        for index in range(knows.size):
            told = (approached[index] | heard[index]) != 0
            flags[index] = (knows[index] == 0) & ((flags[index] != 0) | told)
        many += pick(flags[: knows.size], begin, listed[many:])
    hazards = np.empty(many)
    count = 0
    for person in listed[:many]:
        hazard = advertising + b_sellers * asks[person] + b_voices * voices[person]
        hazards[count] = hazard
        listed[count] = person
        # 1 - exp(-x) < x: only those who come that near pay for the exponential.
        count += below(draw32(key, person), hazard + 1e-9)
    unmoved = -hazards[:count]
    exps(unmoved)
    for index in range(count):
        person = listed[index]
        if draw32(key, person) >= threshold(1.0 - unmoved[index]):
            continue
        hazard = hazards[index]
        sellers = b_sellers * asks[person]
        speakers = b_voices * voices[person]
        noticed += 1
        aware[person] = 1
        part = np.float64(draw32(key_source, person)) / 4294967296.0 * hazard
        source[person] = 2 if part < sellers else (3 if part < sellers + speakers else 1)
        trusting = np.float64(credulity[person])
        impression = prior + trusting * (claimed - prior)
        if source[person] == 1:
            bought += 1
            hops[person] = 1
            if fragmentation > 0.0:
                impression += fragmentation * normal(unit(key_bias, person))
                impression = min(max(impression, 0.0), 1.0)
        elif source[person] == 2:
            hops[person] = 2
            convinced_by[person] = -1
            row = np.int64(offer[person] & np.uint64(0xFFFFFFFF))
            if row < who.size and dropship[row]:
                convinced_by[person] = who[row]
        weight = np.float64(evidence[person])
        total = weight + claim_weight
        if total > 0.0:
            before = np.float64(belief[person])
            belief[person] = (before * weight + impression * claim_weight) / total
            evidence[person] = total
    return noticed, bought

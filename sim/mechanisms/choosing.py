"""Choosing: who has a reason to buy weighs the offer against the outside option."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import exp, logistic, threshold
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Choosing"]


class Choosing(Mechanism):
    """A logit choice between the seller's offer and a comparable product in open channels.

    An occasion is a need with nothing at home, or an ask that pushes. The offer is the cheapest
    one heard this week, else the seller the person knows. Value: perceived quality times fit, trust,
    voices, push, minus price relative to willingness to pay. Who does not know the reference price
    takes the list price for it (A4).
    """

    phase: ClassVar = "need and choose"
    writes: ClassVar = ("persons.listed", "persons.source")
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
    outside_fit: float = parameter(
        0.8, "share", 0, 1, "fit of the best comparable product to anybody's taste")

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        persons, resellers, offer = world.persons, world.resellers, world.settings.offer
        world.memory["choices"] = world.threads.over(
            len(persons), _choose, persons.aware, persons.home, persons.weekly_need,
            persons.push, persons.asks, persons.offer, persons.seller, persons.source,
            persons.reseller, persons.belief, persons.trust,
            persons.voices, persons.voices_bad, persons.taste_x, persons.taste_y,
            persons.willingness_to_pay, persons.listed, resellers.active, resellers.price,
            world.brand.position[0], world.brand.position[1], 1.0 / offer.taste_radius**2,
            float(offer.list_price), float(offer.reference_price), float(offer.reference_quality),
            self.outside_fit, self.quality_weight, self.trust_weight, self.voice_weight,
            self.push_weight, self.push_occasion, self.price_sensitivity, self.price_knowledge,
            world.fixed_luck("knows prices"), world.luck("need"), world.luck("pushed"),
            world.luck("choose"),
        )


@compiled
def _choose(
    low, high, aware, home, need, push, asks, offer, last_seller, source, reseller_of, belief,
    trust, voices, voices_bad, taste_x, taste_y, worth, choice, active, price, place_x, place_y,
    steepness, list_price, reference_price, reference_quality, outside_fit, b_quality, b_trust,
    b_voice, b_push, push_occasion, b_price, knowledge, key_knows, key_need, key_pushed,
    key_choose,
):  # type: ignore[no-untyped-def]
    """Write those who buy into choice[low...]; return how many, and how many had an occasion."""
    buyers = 0
    occasions = 0
    nobody = np.uint64(0xFFFFFFFFFFFFFFFF)
    knows = threshold(knowledge)
    for person in range(low, high):
        if not aware[person]:
            continue
        heard = offer[person]
        if heard == nobody:
            row = last_seller[person]
            if row < 0 or not active[row]:
                continue
            cost = price[row] / 100.0
        else:
            cost = np.float64(heard >> np.uint64(32)) / 100.0
        if reseller_of[person] >= 0:
            if active[reseller_of[person]]:
                continue
        pushed = push[person] / 64.0
        wants = False
        if home[person] == 0 and need[person] > 0.0:
            wants = draw32(key_need, person) < threshold(1.0 - exp(-np.float64(need[person])))
        if not wants and pushed > 0.0:
            wants = draw32(key_pushed, person) < threshold(push_occasion * pushed)
        if not wants:
            continue
        occasions += 1
        dx = np.float64(taste_x[person]) - place_x
        dy = np.float64(taste_y[person]) - place_y
        fit = exp(-(dx * dx + dy * dy) * steepness)
        known = reference_price if draw32(key_knows, person) < knows else list_price
        value = (
            b_quality * (np.float64(belief[person]) * fit - reference_quality * outside_fit)
            + b_trust * (np.float64(trust[person]) - 0.5)
            + b_voice * (np.float64(voices[person]) - 2.0 * np.float64(voices_bad[person]))
            + b_push * pushed
            - b_price * (cost - known) / np.float64(worth[person])
        )
        if draw32(key_choose, person) < threshold(logistic(value)):
            if asks[person] > 0:
                source[person] = 2
            choice[low + buyers] = person
            buyers += 1
    return low, buyers, occasions

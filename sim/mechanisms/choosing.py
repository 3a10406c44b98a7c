"""Choosing: who has a reason to buy weighs the offers against the outside option."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import below, exps, threshold
from sim.kernel.picking import BLOCK, pick
from sim.market.persons import DIRECT, NO_OFFER, NOTHING
from sim.mechanisms.base import Mechanism, World, parameter

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
    writes: ClassVar = ("persons.listed", "persons.source", "persons.chosen")
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
        """Live this rule's part of one week."""
        persons, resellers, offer = world.persons, world.resellers, world.settings.offer
        settings = world.settings
        gathering, connecting = settings.rule("gathering"), settings.rule("connecting")
        referring = settings.rule("referring")
        service = world.memory.get("service level", 0.0)
        world.memory["choices"] = world.threads.over(
            len(persons), _choose, persons.aware, persons.home, persons.weekly_need,
            persons.waiting, persons.push, persons.asks, persons.offer, persons.seller,
            persons.source, persons.reseller, persons.belief, persons.trust, persons.stage,
            persons.cell, persons.voices, persons.voices_bad, persons.taste_x, persons.taste_y,
            persons.willingness_to_pay, persons.listed, persons.chosen, resellers.active,
            resellers.dropship, resellers.inventory, resellers.price,
            world.brand.position[0], world.brand.position[1],
            1.0 / (offer.taste_radius**2 * world.brand.variety),
            float(offer.list_price), float(offer.reference_price),
            offer.reference_quality * offer.reference_fit, self.quality_weight,
            self.trust_weight, self.voice_weight, self.push_weight, self.push_occasion,
            self.price_sensitivity, self.price_knowledge,
            gathering.direct_price(world) if gathering and gathering.own_channel else -1.0,
            gathering.belonging if gathering else 0.0,
            connecting.customers if connecting else 0.0,
            float(connecting.price) if connecting else 0.0,
            self.suspicion * (1.0 - referring.both_sides) if referring else 0.0,
            float(service), world.fixed_luck("knows prices"), world.fixed_luck("legacy customer"),
            world.luck("need"), world.luck("pushed"), world.luck("choose"),
        )


NEVER = -700.0
"""Utility of what is not offered: no bits of luck are below its odds."""


@compiled
def _choose(
    low, high, aware, home, need, waiting, push, asks, offer, known_seller, source, reseller_of,
    belief, trust, stage, cell, voices, voices_bad, taste_x, taste_y, worth, listed, chosen,
    active, dropship, inventory, price, place_x, place_y, steepness, list_price, reference_price,
    outside_value, b_quality, b_trust, b_voice, b_push, push_occasion, b_price,
    knowledge, direct_price, b_cell, legacy_share, legacy_price, suspicion, service, key_knows,
    key_legacy, key_need, key_pushed, key_choose,
):
    """List those who buy in listed[low...]; return where, how many, and how many had an occasion."""
    chosen[low:high] = NOTHING
    buyers = 0
    occasions = 0
    knows = threshold(knowledge)
    legacy = threshold(legacy_share)
    many = _may_have_occasion(
        low, high, aware, home, need, waiting, push, push_occasion, key_need, key_pushed, listed)
    chance = np.empty(BLOCK)
    fit = np.empty(BLOCK)
    odds_seller = np.empty(BLOCK)
    odds_direct = np.empty(BLOCK)
    who = np.empty(BLOCK, np.int64)
    rows = np.empty(BLOCK, np.int64)
    costs = np.empty(BLOCK)
    for begin in range(low, low + many, BLOCK):
        candidates = listed[begin : min(begin + BLOCK, low + many)]
        for index in range(candidates.size):
            chance[index] = -np.float64(need[candidates[index]])
        exps(chance[: candidates.size])
        # Who has an occasion, and something to choose.
        count = 0
        for index in range(candidates.size):
            person = np.int64(candidates[index])
            if not (
                home[person] == 0 and draw32(key_need, person) < threshold(1.0 - chance[index])
            ) and draw32(key_pushed, person) >= threshold(push_occasion * (push[person] / 64.0)):
                continue
            heard = offer[person]
            row = np.int64(-1)
            cost = 0.0
            if heard != np.uint64(NO_OFFER):
                row = np.int64(heard & np.uint64(0xFFFFFFFF))
                cost = np.float64(heard >> np.uint64(32)) / 100.0
            else:
                row = np.int64(known_seller[person])
                if row >= 0:
                    if active[row]:
                        cost = price[row] / 100.0
                    else:
                        row = -1
            if row < 0 and not (direct_price >= 0.0 and cell[person] >= 0):
                continue
            mine = reseller_of[person]
            if mine >= 0 and active[mine] and not dropship[mine]:
                continue
            who[count] = person
            rows[count] = row
            costs[count] = cost
            dx = np.float64(taste_x[person]) - place_x
            dy = np.float64(taste_y[person]) - place_y
            fit[count] = -(dx * dx + dy * dy) * steepness
            count += 1
        occasions += count
        exps(fit[:count])
        # What each offer is worth to them; without an offer, next to nothing.
        for index in range(count):
            person = who[index]
            row = rows[index]
            known = reference_price if draw32(key_knows, person) < knows else list_price
            outside = outside_value
            if legacy_share > 0.0 and draw32(key_legacy, person) < legacy:
                known = legacy_price
                outside = np.float64(belief[person]) * fit[index]
            common = (
                b_quality * (np.float64(belief[person]) * fit[index] - outside)
                + b_trust * (np.float64(trust[person]) - 0.5)
                + b_voice * (np.float64(voices[person]) - 2.0 * np.float64(voices_bad[person]))
                + service
            )
            if cell[person] >= 0:
                common += b_cell
            scale = b_price / np.float64(worth[person])
            odds_seller[index] = NEVER
            odds_direct[index] = NEVER
            if row >= 0:
                value = common + b_push * (push[person] / 64.0) - scale * (costs[index] - known)
                if dropship[row]:
                    value -= suspicion
                odds_seller[index] = min(value, 50.0)
            if direct_price >= 0.0 and cell[person] >= 0:
                odds_direct[index] = min(common - scale * (direct_price - known), 50.0)
        exps(odds_seller[:count])
        exps(odds_direct[:count])
        for index in range(count):
            person = who[index]
            total = 1.0 + odds_seller[index] + odds_direct[index]
            bits = draw32(key_choose, person)
            if bits < threshold(odds_seller[index] / total):
                chosen[person] = rows[index]
            elif bits < threshold((odds_seller[index] + odds_direct[index]) / total):
                chosen[person] = DIRECT
            else:
                continue
            if asks[person] > 0:
                source[person] = 2
            listed[low + buyers] = person
            buyers += 1
    return low, buyers, occasions


@compiled
def _may_have_occasion(
    low, high, aware, home, need, waiting, push, push_occasion, key_need, key_pushed, listed,
):
    """List in listed[low...] all who have a need or follow a push, and few others; return how many.

    Nearly all have neither: find that out in vectors, before anything else is read.
    """
    flags = np.empty(BLOCK, np.uint8)
    count = 0
    for begin in range(low, high, BLOCK):
        end = min(begin + BLOCK, high)
        knows = aware[begin:end]
        waits = waiting[begin:end]
        units = home[begin:end]
        means = need[begin:end]
        pushes = push[begin:end]
        for index in range(knows.size):
            # 1 - exp(-x) < x: only those who come that near pay for the exponential.
            needs = below(draw32(key_need, begin + index), np.float64(means[index]) + 1e-9)
            follows = below(
                draw32(key_pushed, begin + index), push_occasion * (pushes[index] / 64.0))
            flags[index] = (knows[index] != 0) & (waits[index] == 0) & (
                (needs & (units[index] == 0) & (means[index] > 0.0)) | follows)
        count += pick(flags[: knows.size], begin, listed[low + count :])
    return count

"""Approaching: resellers sell to their circle, and wear it out."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32, draw64
from sim.kernel.maths import round_by_luck, threshold
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Approaching"]


class Approaching(Mechanism):
    """Sellers with stock approach contacts; asks push to buy now, burn trust, wear ties, get muted.

    Each seller takes a stretch of the circle at a random place. An ask weighs as much as the tie
    holds: close ties more than weak ones, worn ties less (B12). The contact may mute the seller,
    the likelier the less they trust and the more often this seller came (A9). Who is asked more
    than they tolerate loses trust (A8). Who knows no active seller remembers this one. Leavers who
    still hold stock offer it too, at their price.
    """

    phase: ClassVar = "inform"
    writes: ClassVar = (
        "persons.asks", "persons.push", "persons.offer", "persons.trust", "persons.seller", "ties")
    off: ClassVar = {
        "A8": {"approaching.pressure": 0.0, "approaching.burn": 0.0},
        "A9": {"approaching.mute": 0.0},
        "B5": {"approaching.asks": 0.0},
        "B12": {"approaching.wear": 0.0},
    }

    asks: float = parameter(
        8.0, "asks a week", 0, 1000, "contacts that a seller of normal effort approaches")
    clearing_asks: float = parameter(
        4.0, "asks a week", 0, 1000, "contacts to whom a leaver offers what is left")
    pressure: float = parameter(
        None, "push", 0, 10, "relationship selling: push of one ask over a close tie",
        control=("stock_pressure", 0.3, 1.0), source="essay A: 靠朋友之间出卖信任去短期变现")
    weak: float = parameter(
        0.4, "times a close tie", 0, 1, "push of an ask over a weak tie")
    tolerance: float = parameter(
        1.0, "asks a week", 0, 100, "asks a week that annoy nobody")
    burn: float = parameter(
        0.04, "share", 0, 1, "share of the trust that each further ask of a week burns")
    mute: float = parameter(
        0.05, "chance an ask", 0, 1, "chance that an ask of a distrusted seller gets them muted",
        source="7.3 % block a friend who asks them to share: upper anchor (China Youth Daily)")
    wear: float = parameter(
        0.03, "share an ask", 0, 1, "share of a tie's weight that each earlier ask has taken")

    def begin(self, world: World) -> None:
        """Forget offers that nobody can make any more."""
        world.persons.offer[:] = np.iinfo(np.uint64).max

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        persons, resellers = world.persons, world.resellers
        persons.asks[:] = 0
        persons.push[:] = 0
        persons.offer[:] = np.iinfo(np.uint64).max
        asks, muted = _approach(
            resellers.person, resellers.active, resellers.dropship, resellers.inventory,
            resellers.effort,
            resellers.price, resellers.ties, world.ties.wear, world.graph.start,
            world.graph.contacts, world.graph.close, persons.reseller, resellers.active,
            persons.trust, persons.sociability, persons.asks, persons.push, persons.offer,
            persons.seller,
            float(self.asks), float(self.clearing_asks), self.pressure, self.weak, self.mute, self.wear,
            world.luck("approach whom"), world.luck("approach how many"), world.luck("mute"),
        )
        world.count("asks", asks)
        world.count("muted", muted)
        if self.burn > 0.0:
            world.threads.over(
                len(persons), _burn, persons.asks, persons.trust, self.tolerance, self.burn)


@compiled
def _approach(
    who, active, dropship, inventory, effort, price, ties, wear, start, contacts, close, reseller_of,
    selling, trust, sociability, asks, push, offer, known, mean_asks, clearing_asks, pressure, weak,
    mute, wear_rate, key_whom, key_many, key_mute,
):
    total = 0
    muted = 0
    for row in range(who.size):
        if inventory[row] <= 0 and not (dropship[row] and active[row]):
            continue
        seller = who[row]
        first = start[seller]
        degree = start[seller + 1] - first
        if degree == 0:
            continue
        intended = np.float64(effort[row]) * mean_asks * np.float64(sociability[seller])
        if not active[row]:
            intended = clearing_asks
        wanted = min(round_by_luck(intended, draw32(key_many, seller)), degree)
        place = np.int64(draw64(key_whom, seller) % np.uint64(degree))
        luck = draw64(key_mute, seller)
        tag = np.uint64(price[row]) << np.uint64(32) | np.uint64(row)
        for _ in range(wanted):
            slot = place
            place += 1
            if place == degree:
                place = 0
            tie = ties[row] + slot
            worn = wear[tie]
            if worn == 255:
                continue
            contact = contacts[first + slot]
            other = reseller_of[contact]
            if other >= 0 and selling[other] and not dropship[other]:
                continue
            total += 1
            if asks[contact] < 255:
                asks[contact] += 1
            weight = pressure * (1.0 if slot < close[seller] else weak)
            weight *= max(0.0, 1.0 - wear_rate * worn)
            push[contact] = min(push[contact] + np.int64(64.0 * weight), 65535)
            offer[contact] = min(offer[contact], tag)
            if active[row] and (known[contact] < 0 or not active[known[contact]]):
                known[contact] = row
            if worn < 254:
                wear[tie] = worn + 1
            bits = draw32(luck, slot)
            # Their trust is read only where the most distrustful would mute.
            if bits < threshold(mute * (1.0 + worn)) and bits < threshold(
                mute * (1.0 - np.float64(trust[contact])) * (1.0 + worn)
            ):
                wear[tie] = 255
                muted += 1
                if known[contact] == row:
                    known[contact] = -1
    return total, muted


@compiled
def _burn(low, high, asks, trust, tolerance, burn):
    for person in range(low, high):
        if asks[person] > tolerance:
            kept = max(0.0, 1.0 - burn * (asks[person] - tolerance))
            trust[person] = np.float64(trust[person]) * kept

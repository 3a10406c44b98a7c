"""Approaching: resellers sell to their circle, and wear it out."""

from __future__ import annotations

from typing import Any, ClassVar

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
        # Sellers first decide whom they ask, each on their own; then contacts hear what concerns
        # them, in the order of sellers. Both halves run side by side without a seller's or a
        # contact's row being touched twice.
        asked = world.threads.over(
            len(resellers), _ask, resellers.person, resellers.active, resellers.dropship,
            resellers.inventory, resellers.effort, resellers.ties, world.ties.wear,
            world.graph.start, world.graph.contacts, world.graph.close, persons.reseller,
            resellers.active, resellers.dropship, persons.trust, persons.sociability,
            float(self.asks), float(self.clearing_asks), self.pressure, self.weak, self.mute,
            self.wear, world.luck("approach whom"), world.luck("approach how many"),
            world.luck("mute"), worth=4_000,
        )

        world.threads.over(
            len(persons), _hear_all, asked, resellers.active, resellers.price, persons.asks,
            persons.push, persons.offer, persons.seller, pieces=world.threads.count,
        )
        world.count("asks", sum(contact.size for contact, *_ in asked))
        world.count("muted", sum(int(mutes.sum()) for *_, mutes in asked))
        if self.burn > 0.0:
            world.threads.over(
                len(persons), _burn, persons.asks, persons.trust, self.tolerance, self.burn)


@compiled
def _ask(
    low, high, who, active, dropship, inventory, effort, ties, wear, start, contacts, close,
    reseller_of, selling, without_stock, trust, sociability, mean_asks, clearing_asks, pressure,
    weak, mute, wear_rate, key_whom, key_many, key_mute,
):
    """Return whom the sellers low..high ask: contact, seller, push in 1/64, and who mutes them."""
    plans = np.zeros(high - low, np.int64)
    total = 0
    for row in range(low, high):
        if inventory[row] <= 0 and not (dropship[row] and active[row]):
            continue
        seller = who[row]
        degree = start[seller + 1] - start[seller]
        intended = np.float64(effort[row]) * mean_asks * np.float64(sociability[seller])
        if not active[row]:
            intended = clearing_asks
        plans[row - low] = min(round_by_luck(intended, draw32(key_many, seller)), degree)
        total += plans[row - low]
    to = np.empty(total, np.uint32)
    by = np.empty(total, np.int32)
    weights = np.empty(total, np.uint16)
    mutes = np.zeros(total, np.uint8)
    count = 0
    for row in range(low, high):
        if plans[row - low] == 0:
            continue
        seller = who[row]
        first = start[seller]
        degree = start[seller + 1] - first
        place = np.int64(draw64(key_whom, seller) % np.uint64(degree))
        luck = draw64(key_mute, seller)
        for _ in range(plans[row - low]):
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
            if other >= 0 and selling[other] and not without_stock[other]:
                continue
            weight = pressure * (1.0 if slot < close[seller] else weak)
            weight *= max(0.0, 1.0 - wear_rate * worn)
            to[count] = contact
            by[count] = row
            weights[count] = np.int64(64.0 * weight)
            if worn < 254:
                wear[tie] = worn + 1
            bits = draw32(luck, slot)
            # Their trust is read only where the most distrustful would mute.
            if bits < threshold(mute * (1.0 + worn)) and bits < threshold(
                mute * (1.0 - np.float64(trust[contact])) * (1.0 + worn)
            ):
                wear[tie] = 255
                mutes[count] = 1
            count += 1
    return to[:count], by[:count], weights[:count], mutes[:count]


def _hear_all(low: int, high: int, asked: list[tuple[np.ndarray, ...]], *columns: Any) -> None:
    """Let the contacts low..high hear all asks, in the order of the sellers."""
    for asks in asked:
        _hear(low, high, *asks, *columns)


@compiled
def _hear(
    low, high, contacts, rows, weights, mutes, active, price, asks, push, offer, known,
):
    """Let the contacts low..high hear the asks that concern them."""
    for index in range(contacts.size):
        contact = contacts[index]
        if contact < low or contact >= high:
            continue
        row = rows[index]
        if asks[contact] < 255:
            asks[contact] += 1
        push[contact] = min(push[contact] + np.int64(weights[index]), 65535)
        tag = np.uint64(price[row]) << np.uint64(32) | np.uint64(row)
        offer[contact] = min(offer[contact], tag)
        before = known[contact]
        if active[row] and (before < 0 or not active[before]):
            known[contact] = row
        if mutes[index] and known[contact] == row:
            known[contact] = -1


@compiled
def _burn(low, high, asks, trust, tolerance, burn):
    for person in range(low, high):
        if asks[person] > tolerance:
            kept = max(0.0, 1.0 - burn * (asks[person] - tolerance))
            trust[person] = np.float64(trust[person]) * kept

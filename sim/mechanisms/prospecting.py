"""Prospecting: resellers sell to their circle, and wear it out."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.ahead import AHEAD, fetch
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw32, draw64
from sim.kernel.maths import round_by_luck, threshold
from sim.kernel.picking import rows_with
from sim.kernel.threads import A_ROW_IS_MUCH
from sim.market.persons import FULL_PUSH, NO_OFFER, NOBODY, packed_offer
from sim.market.world import MUTED
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["Prospecting"]


class Prospecting(Mechanism):
    """Sellers approach contacts: pitches push to buy now, but burn trust, strain ties and get muted.

    Each seller approaches a stretch of the circle, from a random place on. An ask weighs as much as
    the tie is strong: close ties more than weak ones, worn ties less (B12). The contact may mute the
    seller, the likelier the less they trust and the more often this seller has asked (A9). Contacts
    asked more often than they tolerate lose trust (A8). Contacts without an active seller remember
    the one who asked. Leavers who still hold stock offer it too, at their own price.
    """

    phase: ClassVar = "inform"
    reads: ClassVar = (
        "persons.sociability", "resellers.person", "resellers.active", "resellers.dropship",
        "resellers.inventory", "resellers.effort", "resellers.recruiting", "resellers.price",
        "resellers.ties")
    writes: ClassVar = (
        "persons.asks", "persons.push", "persons.offer", "persons.trust", "persons.seller", "ties")
    off: ClassVar = {
        "A8": {"prospecting.pressure": 0.0, "prospecting.burn": 0.0},
        "A9": {"prospecting.mute": 0.0},
        "B5": {"prospecting.asks": 0.0},
        "B12": {"prospecting.wear": 0.0},
    }

    asks: float = parameter(
        25.0, "pitches a week", 0, 1000,
        "sales pitches of a seller who puts half of a normal effort into retail",
        prior=Prior(5.0, 50.0, "a factor of three either way", log=True, fitted=True))
    clearing_asks: float = parameter(
        4.0, "pitches a week", 0, 1000, "contacts to whom a leaver offers what is left")
    pressure: float = parameter(
        None, "push", 0, 10, "relationship selling: push of one sales pitch over a close tie",
        control=("stock_pressure", 0.3, 1.0), source="essay A: 靠朋友之间出卖信任去短期变现")
    weak: float = parameter(
        0.4, "times a close tie", 0, 1, "push of a sales pitch over a weak tie")
    tolerance: float = parameter(
        0.3, "push", 0, 100, "pitches a week times their push over a close tie that annoy nobody")
    burn: float = parameter(
        0.034, "share", 0, 1, "share of the trust that each unit of push beyond that burns",
        prior=Prior(0.0125, 0.125, "a factor of three either way", log=True, fitted=True))
    mute: float = parameter(
        0.029, "chance a pitch", 0, 1, "chance that a sales pitch of a distrusted seller gets them muted",
        source="7.3 % block a friend who asks them to share: upper anchor (China Youth Daily)",
        prior=Prior(
            0.01, 0.073, "up to the 7.3 % of China Youth Daily's polls, a factor of three down",
            log=True, fitted=True))
    wear: float = parameter(
        0.10, "share a pitch", 0, 1,
        "strain: share of a tie's weight that each earlier sales pitch has taken")

    def begin(self, world: World) -> None:
        """Delete offers from before."""
        world.persons.offer[:] = NO_OFFER

    def step(self, world: World) -> None:
        """Let sellers approach their contacts, and the contacts hear them."""
        persons, resellers, threads = world.persons, world.resellers, world.threads
        # Sellers first decide whom to ask, each independently; then contacts hear their asks, in the
        # order of sellers. Either half runs in threads, and no two threads write the same row.
        region = REGION if len(persons) > NEAR else len(persons)
        sellers, contacts = resellers.view(Sellers), persons.view(Contacts)
        circles = Circles(
            world.graph.start, world.graph.close, world.ties.contacts, world.ties.wear,
            _peers(sellers, len(persons)))
        luck = Luck(
            world.luck("approach whom"), world.luck("approach how many"), world.luck("mute"))
        asked = threads.over(
            len(resellers), _ask, sellers, contacts, circles, self.parameters, luck, region,
            worth=A_ROW_IS_MUCH)
        threads.over(
            -(-len(persons) // region), _hear_all, region, asked, sellers, contacts,
            self.parameters, worth=10, pieces=threads.count, step=1)
        world.count("asks", sum(told[0].size for told, *_ in asked))
        world.count("muted", sum(muted for *_, muted in asked))


class Sellers(NamedTuple):
    """Columns of resellers that say what they sell, and with how much effort."""

    person: np.ndarray
    active: np.ndarray
    dropship: np.ndarray
    inventory: np.ndarray
    effort: np.ndarray
    recruiting: np.ndarray
    price: np.ndarray
    ties: np.ndarray


class Contacts(NamedTuple):
    """Columns of persons that asks read or change."""

    sociability: np.ndarray
    asks: np.ndarray
    push: np.ndarray
    offer: np.ndarray
    seller: np.ndarray
    trust: np.ndarray


class Circles(NamedTuple):
    """By person, where the circle begins and how many contacts are close; by tie, the contact and its
    wear; one bit per person for sellers.
    """

    start: np.ndarray
    close: np.ndarray
    contacts: np.ndarray
    wear: np.ndarray
    peers: np.ndarray


class Luck(NamedTuple):
    """Keys of the decisions taken here."""

    whom: np.uint64
    how_many: np.uint64
    mute: np.uint64


NO_PRESSURE = 1e-9
"""Avoids a division by zero where asks put no pressure: they burn no trust."""
REGION = 1 << 14
"""Persons whose asks are heard together, so that their columns stay in the processor's cache."""
NEAR = 1 << 17
"""Up to this many persons, all asks are heard at once."""

MAX_WEAR = MUTED - 1
"""The most wear that a tie can have."""
MAX_ASKS = 255
"""Asks that a person can hear in a week: the most that the column `asks` holds."""
MAX_PUSH = 65535
"""Push that a person can feel in a week: the most that the column `push` holds."""


@compiled
def _peers(sellers, persons):
    """Return one bit per person: sellers with stock, whom nobody asks."""
    peers = np.zeros(persons // 8 + 1, np.uint8)
    for row in range(sellers.person.size):
        if sellers.active[row] and not sellers.dropship[row]:
            person = sellers.person[row]
            peers[person >> 3] |= np.uint8(1 << (person & 7))
    return peers


PLAN = 7
ROW, SELLER, DEGREE, CLOSE, TIES, PLACE, ASKS = range(PLAN)
"""Columns of a plan: who asks; contacts in all, close ones; where the ties begin; the first place
asked, and how many."""

DOUBT = 4
ASK, TIE, WORN, BITS = range(DOUBT)
"""Columns of an ask that may get its seller muted."""


@compiled
def _ask(low, high, sellers, contacts, circles, rule, luck, region):
    """Return the asks of the sellers low..high, by region and in the order of sellers: contact,
    seller, push in steps of `FULL_PUSH`, muting; where each region begins; how many mute.
    """
    plans = _plan(low, high, sellers, contacts.sociability, circles, rule, luck)
    to, by, weights, mutes = _walk(plans, circles, contacts.trust, rule, luck.mute)
    persons = circles.start.size - 1
    regions = (persons + region - 1) // region
    told, begins = _by_region(to, by, weights, mutes, region, regions)
    return told, begins, mutes.sum()


@compiled
def _plan(low, high, sellers, sociability, circles, rule, luck):
    """Return a plan for each seller among low..high who has something to offer."""
    plans = np.empty((high - low, PLAN), np.int64)
    count = 0
    for row in range(low, high):
        soon = sellers.person[min(row + AHEAD, high - 1)]
        fetch(circles.start, soon)
        fetch(sociability, soon)
        fetch(circles.close, soon)
        active = sellers.active[row]
        if sellers.inventory[row] <= 0 and not (sellers.dropship[row] and active):
            continue
        seller = sellers.person[row]
        degree = circles.start[seller + 1] - circles.start[seller]
        # A normal effort goes half into retail, so that half counts as 1.
        effort = np.float64(sellers.effort[row]) * (2.0 - 2.0 * np.float64(sellers.recruiting[row]))
        intended = effort * rule.asks * np.float64(sociability[seller])
        if not active:
            intended = rule.clearing_asks
        asks = min(round_by_luck(intended, draw32(luck.how_many, seller)), degree)
        if asks == 0:
            continue
        plan = plans[count]
        plan[ROW] = row
        plan[SELLER] = seller
        plan[DEGREE] = degree
        plan[CLOSE] = circles.close[seller]
        plan[TIES] = sellers.ties[row]
        plan[PLACE] = draw64(luck.whom, seller) % np.uint64(degree)
        plan[ASKS] = asks
        count += 1
    return plans[:count]


@compiled
def _walk(plans, circles, trust, rule, key_mute):
    """Return contact, seller, push and muting of each ask of these plans."""
    # The effect of an ask, by the wear of the tie: its push, weak and close, and the chance of muting.
    push = np.empty((MUTED + 1, 2), np.uint16)
    may_mute = np.empty(MUTED + 1, np.uint64)
    for worn in range(MUTED + 1):
        left = max(0.0, 1.0 - rule.wear * worn)
        push[worn, 0] = np.int64(FULL_PUSH * (rule.pressure * rule.weak * left) + 0.5)
        push[worn, 1] = np.int64(FULL_PUSH * (rule.pressure * left) + 0.5)
        may_mute[worn] = threshold(rule.mute * (1.0 + worn))
    contacts, wear, peers = circles.contacts, circles.wear, circles.peers
    sellers = plans.shape[0]
    total = 0
    for index in range(sellers):
        total += plans[index, ASKS]
    to = np.empty(total, np.uint32)
    by = np.empty(total, np.int32)
    weights = np.empty(total, np.uint16)
    mutes = np.zeros(total, np.uint8)
    doubts = np.empty((total, DOUBT), np.int64)
    doubtful = 0
    count = 0
    for index in range(sellers):
        soon = plans[min(index + AHEAD, sellers - 1)]
        fetch(contacts, soon[TIES] + soon[PLACE])
        fetch(contacts, soon[TIES] + soon[PLACE] + soon[ASKS])
        fetch(wear, soon[TIES] + soon[PLACE])
        plan = plans[index]
        place = plan[PLACE]
        luck = draw64(key_mute, plan[SELLER])
        for _ in range(plan[ASKS]):
            slot = place
            place += 1
            if place == plan[DEGREE]:
                place = 0
            tie = plan[TIES] + slot
            worn = wear[tie]
            if worn == MUTED:
                continue
            contact = contacts[tie]
            if peers[contact >> 3] >> (contact & 7) & 1:
                continue
            to[count] = contact
            by[count] = plan[ROW]
            weights[count] = push[worn, np.int64(slot < plan[CLOSE])]
            # Trust is read below, and only for asks at which the most distrustful person would mute.
            bits = draw32(luck, slot)
            doubts[doubtful, ASK] = count
            doubts[doubtful, TIE] = tie
            doubts[doubtful, WORN] = worn
            doubts[doubtful, BITS] = bits
            doubtful += bits < may_mute[worn]
            wear[tie] = min(worn + 1, MAX_WEAR)
            count += 1
    for index in range(doubtful):
        fetch(trust, to[doubts[min(index + AHEAD, doubtful - 1), ASK]])
        ask = doubts[index, ASK]
        distrust = 1.0 - np.float64(trust[to[ask]])
        if doubts[index, BITS] < threshold(rule.mute * distrust * (1.0 + doubts[index, WORN])):
            wear[doubts[index, TIE]] = MUTED
            mutes[ask] = 1
    return to[:count], by[:count], weights[:count], mutes[:count]


@compiled
def _by_region(to, by, weights, mutes, size, regions):
    """Return the asks by the contact's region, in the order of sellers within each, and where each
    region begins.
    """
    begins = np.zeros(regions + 1, np.int64)
    if regions == 1:
        begins[1] = to.size
        return (to, by, weights, mutes), begins
    for index in range(to.size):
        begins[to[index] // size + 1] += 1
    for region in range(regions):
        begins[region + 1] += begins[region]
    at = begins.copy()
    to_there = np.empty_like(to)
    by_there = np.empty_like(by)
    weights_there = np.empty_like(weights)
    mutes_there = np.empty_like(mutes)
    for index in range(to.size):
        region = to[index] // size
        place = at[region]
        at[region] += 1
        to_there[place] = to[index]
        by_there[place] = by[index]
        weights_there[place] = weights[index]
        mutes_there[place] = mutes[index]
    return (to_there, by_there, weights_there, mutes_there), begins


def _hear_all(
    low: int, high: int, region: int, asked: list[tuple[np.ndarray, ...]], sellers: Sellers,
    contacts: Contacts, rule: Any,
) -> None:
    """Let persons of the regions low..high hear all asks, in the order of sellers, and lose trust."""
    here = slice(low * region, high * region)
    contacts.asks[here] = 0
    contacts.push[here] = 0
    contacts.offer[here] = NO_OFFER
    for told, begins, _ in asked:
        mine = slice(begins[low], begins[high])
        _hear(*(what[mine] for what in told), sellers, contacts)
    burn = rule.burn * rule.pressure
    if burn > 0.0:
        tolerated = rule.tolerance / max(rule.pressure, NO_PRESSURE)
        _burn(contacts.asks[here], contacts.trust[here], tolerated, burn)


@borrowing
def _hear(people, rows, weights, mutes, sellers, contacts):
    """Let people hear the asks made to them."""
    asks, push, offer, known = contacts.asks, contacts.push, contacts.offer, contacts.seller
    for index in range(people.size):
        soon = people[min(index + AHEAD, people.size - 1)]
        fetch(asks, soon)
        fetch(push, soon)
        fetch(offer, soon)
        fetch(known, soon)
        person = people[index]
        row = rows[index]
        if asks[person] < MAX_ASKS:
            asks[person] += 1
        push[person] = min(push[person] + np.int64(weights[index]), MAX_PUSH)
        offer[person] = min(offer[person], packed_offer(sellers.price[row], row))
        before = known[person]
        if sellers.active[row] and (before < 0 or not sellers.active[before]):
            known[person] = row
        if mutes[index] and known[person] == row:
            known[person] = NOBODY


@compiled
def _burn(asks, trust, tolerance, burn):
    """Let people who were asked more often than they tolerate lose trust."""
    for person in rows_with(asks > tolerance, 0, asks.size):
        kept = max(0.0, 1.0 - burn * (asks[person] - tolerance))
        trust[person] = np.float64(trust[person]) * kept

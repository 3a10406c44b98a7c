"""Persons: rows that never move, whatever role they play.

Person ids run community by community, so that neighbours lie near each other in memory.
"""

from __future__ import annotations

from sim.kernel import np
from sim.kernel.columns import Column, Table
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.distributions import draw
from sim.kernel.luck import key, unit
from sim.kernel.maths import normal, normals
from sim.kernel.threads import Threads
from sim.market.settings import BOUNDS, People

__all__ = [
    "CUSTOMER",
    "DIRECT",
    "EARLIEST",
    "FAN",
    "FROM_BROADCAST",
    "FROM_LEGACY",
    "FROM_SELLER",
    "FROM_WORD_OF_MOUTH",
    "FULL_PUSH",
    "FULL_REPORT",
    "GEEK",
    "LONG_AGO",
    "NEUTRAL",
    "NOBODY",
    "NOTHING",
    "NO_OFFER",
    "NO_SOURCE",
    "SOURCES",
    "STAGES",
    "STRANGER",
    "USER",
    "count_stages",
    "draw_trait",
    "make_persons",
    "offer_price",
    "offer_row",
    "packed_offer",
]

NOBODY = -1
"""In a column that names a person or a reseller: none."""

STAGES = ("stranger", "customer", "user", "fan", "geek")
"""The five stages of a person's relation to the brand (essay A, 客户原子化)."""

STRANGER, CUSTOMER, USER, FAN, GEEK = range(len(STAGES))

SOURCES = ("none", "broadcast", "seller", "word_of_mouth", "legacy")
"""Where a person last heard of the product."""
NO_SOURCE, FROM_BROADCAST, FROM_SELLER, FROM_WORD_OF_MOUTH, FROM_LEGACY = range(len(SOURCES))

NOTHING, DIRECT = -1, -2
"""In the column `chosen`: nothing is bought; bought in the brand's own channel."""

NO_OFFER = 2**64 - 1
"""In the column `offer`: nobody has offered anything."""

LONG_AGO = -1000
"""In a column of weeks: before any run."""
EARLIEST = -4000
"""In a column of weeks: the lowest value, below any week before a run."""

NEUTRAL = 0.5
"""Trust, satisfaction or credulity that speaks neither for nor against anything."""

FULL_PUSH = 1024.0
"""Steps of the column `push` in a full push of one."""

FULL_REPORT = 65536.0
"""Steps of the column `voice_sum` in a reported quality of one."""


@borrowing
def packed_offer(price, row):
    """Return an offer as the column `offer` holds it: the cheapest is the smallest, ties by row."""
    return np.uint64(price) << np.uint64(32) | np.uint64(row)


@borrowing
def offer_price(offer):
    """Return the price of an offer, fen."""
    return np.float64(offer >> np.uint64(32))


@borrowing
def offer_row(offer):
    """Return the reseller row of an offer."""
    return np.int64(offer & np.uint64(0xFFFFFFFF))


LANE = 12
"""Bits of a number that count the persons of one stage: five counts side by side in 64 bits."""
LANE_LIMIT = (1 << LANE) - 1


@compiled
def count_stages(stage):
    """Return how many persons are in each of the `STAGES`."""
    counts = np.zeros(len(STAGES), np.int64)
    for begin in range(0, stage.size, LANE_LIMIT):
        block = stage[begin : begin + LANE_LIMIT]
        lanes = np.uint64(0)
        for person in range(block.size):
            lanes += np.uint64(1) << np.uint64(LANE) * np.uint64(block[person])
        for kind in range(counts.size):
            counts[kind] += np.int64(lanes >> np.uint64(LANE * kind) & np.uint64(LANE_LIMIT))
    return counts


COLUMNS = (
    # Traits: drawn once.
    Column("taste_x", "f4", "taste distance", "what the person likes, first axis"),
    Column("taste_y", "f4", "taste distance", "what the person likes, second axis"),
    Column("income", "f4", "CNY a week", "disposable income", low=0),
    Column("willingness_to_pay", "f4", "CNY", "worth of one unit of a product of full quality",
           low=0),
    Column("weekly_need", "f4", "units a week", "use of the category; 0: never needs it", low=0),
    Column("sociability", "f4", "times the mean", "how much the person talks to others", low=0),
    Column("credulity", "f4", "share", "how far the person believes claims", low=0, high=1),
    Column("aspiration", "f4", "CNY a week", "side income the person would like", low=0),
    Column("budget", "f4", "CNY", "money the person could put into a business", low=0),
    # State.
    Column("aware", "u1", "flag", "knows that the product exists", low=0, high=1),
    Column("source", "u1", "SOURCES", "where the person last heard of the product",
           low=0, high=len(SOURCES) - 1),
    Column("belief", "f4", "share", "perceived quality of the product", 0.5, low=0, high=1),
    Column("evidence", "f4", "experiences", "how much the perceived quality rests on", low=0),
    Column("trust", "f4", "share", "trust in the channel", 0.5, low=0, high=1),
    Column("satisfaction", "f4", "share", "satisfaction with the product", 0.5, low=0, high=1),
    Column("purse", "i8", "fen", "money for the category when the purse was last opened", low=0),
    Column("purse_week", "i2", "week", "week in which the purse was last opened", LONG_AGO),
    Column("reference", "f4", "CNY", "what a comparable product is believed to cost; 0 no idea",
           low=0),
    Column("dropped", "u1", "flag", "has given up the brand after a purchase", low=0, high=1),
    Column("home", "i4", "units", "units of the product at home", low=0),
    Column("purchases", "i4", "purchases", "times the person bought the product", low=0),
    Column("last_purchase", "i2", "week",
           "week of the last purchase; -1 none, below it before the run", -1, low=EARLIEST),
    Column("stage", "u1", "STAGES", "0 stranger, 1 customer, 2 user, 3 fan, 4 geek",
           low=0, high=len(STAGES) - 1),
    Column("seller", "i4", "reseller row", "whom the person would buy from; -1 nobody", NOBODY,
           low=NOBODY, refers="resellers"),
    Column("reseller", "i4", "reseller row", "the person's own row as a reseller; -1", NOBODY,
           low=NOBODY, refers="resellers"),
    Column("convinced_by", "i4", "person", "whose word made the person aware; -1", NOBODY,
           low=NOBODY, refers="persons"),
    Column("appeal", "f4", "utility", "further term in the utility of buying the product; custom "
           "rules write it"),
    Column("discount", "i4", "fen", "taken off the price that a seller or the brand asks of the person; "
           "custom rules write it", low=0),
    Column("convinced", "u2", "persons", "customers whom the person's word made aware"),
    Column("first_purchase", "i2", "week",
           "week of the first purchase; -1 none, below it before the run", -1, low=EARLIEST),
    Column("hops", "u1", "persons", "people between the brand and the person's first news of it"),
    Column("cell", "i4", "cell", "the cell around the brand that the person belongs to; -1", NOBODY,
           low=NOBODY),
    Column("powers", "u1", "POWERS", "what that cell can do: 1 organise itself, 2 speak, 4 sell, 8 vouch, "
           "added up", high=15),
    Column("waiting", "u2", "units", "units pre-ordered from the brand and not delivered"),
    Column("circle_sellers", "u2", "persons", "contacts who are resellers now"),
    Column("circle_leavers", "u2", "persons", "contacts who were resellers and left"),
    # Within one week.
    Column("asks", "u1", "pitches", "sellers who approached the person this week", passing=True),
    Column("push", "u2", "1/1024", "pressure of the sales pitches, weighted by ties", passing=True),
    Column("offer", "u8", "fen and row", "best offer: price x 2^32 + reseller row", NO_OFFER,
           passing=True),
    Column("voices", "u1", "voices", "speakers heard, at the last sharing", passing=True),
    Column("voice_sum", "i4", "1/65536", "sum of the quality they reported", passing=True),
    Column("voices_bad", "u1", "voices", "of these, dissatisfied ones", passing=True),
    Column("used", "u1", "units", "units consumed this week", passing=True),
    Column("chosen", "i4", "reseller row", "from whom the person buys this week; -1 nothing, -2 brand", -1,
           passing=True, low=DIRECT, refers="resellers"),
    Column("listed", "i4", "person", "those whom the running rule picked out", passing=True),
)


@compiled
def _tastes(low, high, out, communities, spread, within, key_community, key_person):
    longest = np.int64(0)
    for community in range(low, high):
        longest = max(longest, communities[community + 1] - communities[community])
    values = np.empty(longest, np.float64)
    for community in range(low, high):
        centre = spread * normal(unit(key_community, community))
        first = communities[community]
        own = values[: communities[community + 1] - first]
        for index in range(own.size):
            own[index] = unit(key_person, first + index)
        normals(own)
        for index in range(own.size):
            out[first + index] = centre + within * own[index]


@borrowing
def _never(need, share, key):
    for person in range(need.size):
        if unit(key, person) < share:
            need[person] = 0.0


def draw_trait(
    people: People, trait: str, out: np.ndarray, seed: int, threads: Threads | None = None
) -> None:
    """Fill `out`, one entry per person, with one of the traits of `BOUNDS`."""
    low, high = BOUNDS[trait]
    draw(getattr(people, trait), out, low, high, key(seed, f"trait {trait}", 0), threads)


def make_persons(
    people: People, communities: np.ndarray, seed: int, threads: Threads | None = None
) -> Table:
    """Return the table of persons with their traits drawn.

    `communities` holds the first person of each community, and the number of persons last.
    """
    persons = Table("persons", COLUMNS, int(communities[-1]))
    for axis in ("taste_x", "taste_y"):
        (threads or Threads(1)).over(
            communities.size - 1, _tastes, persons[axis], communities, people.taste_spread,
            people.taste_within,
            np.uint64(key(seed, f"trait {axis} community", 0)),
            np.uint64(key(seed, f"trait {axis}", 0)), worth=200, step=1,
        )
    for trait in BOUNDS:
        draw_trait(people, trait, persons[trait], seed, threads)
    _never(persons.weekly_need, people.never_need, np.uint64(key(seed, "trait never needs", 0)))
    return persons

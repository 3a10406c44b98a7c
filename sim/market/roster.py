"""The roster: who sells before week 1, one row per reseller, uplines before their downlines."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import key, unit
from sim.market.books import split_largest_remainder
from sim.market.start import Start
from sim.texts.bilingual import Bilingual

__all__ = [
    "UNKNOWN", "Roster", "drawn_roster", "rung_of", "sorted_roster", "thinned", "usually_left", "with_former"]

UNKNOWN = -1
"""In the columns age and cash: the roster does not say."""
STEPS = 1 << 20
"""Resolution of the weights by which units are split."""


@dataclass(frozen=True)
class Roster:
    """Resellers of a market that is running; all columns are of equal length.

    Attributes
    ----------
    upline
        Row of the recruiter, always a smaller one; -1: the brand.
    tier
        Rung, 0 is the top.
    inventory
        Units in hand.
    age
        Weeks since joining; `UNKNOWN` if not given.
    sales
        Units sold to consumers a week, recently; NaN if not given.
    cash
        Fen in the business; `UNKNOWN` if not given.
    dropship
        Whether the brand ships for them: they hold no stock.
    left
        Weeks since leaving; `UNKNOWN` for active resellers. No upline has left.
    notes
        What was drawn or omitted, in sentences.
    """

    upline: np.ndarray
    tier: np.ndarray
    inventory: np.ndarray
    age: np.ndarray
    sales: np.ndarray
    cash: np.ndarray
    dropship: np.ndarray
    left: np.ndarray
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return int(self.tier.size)

    @property
    def sells(self) -> np.ndarray:
        """Whether each still sells."""
        return self.left == UNKNOWN


def rung_of(name: str, names: Sequence[Bilingual]) -> int | None:
    """Return the rung of the tier with this name in any language, or None."""
    wanted = name.strip().casefold()
    for rung, known in enumerate(names):
        if wanted in {str(known).casefold(), *(text.casefold() for text in known.words.values())}:
            return rung
    return None


def sorted_roster(roster: Roster) -> Roster:
    """Return the roster with every upline before its downline, otherwise in the same order.

    `roster.upline` holds rows in any order, without cycles.
    """
    depth = np.zeros(len(roster), np.int64)
    _depths(roster.upline, depth)
    found = _taken(roster, np.argsort(depth, kind="stable"))
    _hand_over(found.upline, found.left)
    return found


@compiled
def _hand_over(upline, left):
    """Hand the downline of leavers to the next active upline."""
    for row in range(upline.size):
        above = upline[row]
        if above >= 0 and left[above] >= 0:
            upline[row] = upline[above]


@compiled
def _depths(upline, depth):
    """Fill in how many uplines are above each row."""
    for row in range(upline.size):
        above = upline[row]
        while above >= 0:
            depth[row] += 1
            above = upline[above]


def _taken(roster: Roster, order: np.ndarray) -> Roster:
    """Return the rows in a given order; rows that are left out must not be uplines."""
    place = np.full(len(roster) + 1, -1, np.int64)
    place[order] = np.arange(order.size)
    return replace(
        roster, upline=place[roster.upline[order]], tier=roster.tier[order],
        inventory=roster.inventory[order], age=roster.age[order], sales=roster.sales[order],
        cash=roster.cash[order], dropship=roster.dropship[order], left=roster.left[order])


def drawn_roster(start: Start, names: Sequence[Bilingual], seed: int) -> Roster:
    """Return a roster that fits totals by tier: uplines in the tier above, stocks and ages by luck."""
    totals = sorted(
        ((rung, tier) for tier in start.tiers if tier.resellers
         and (rung := rung_of(str(tier.name), names)) is not None), key=lambda pair: pair[0])
    counts = [tier.resellers for _rung, tier in totals]
    many = sum(counts)
    begins = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    upline = np.full(many, -1, np.int64)
    inventory = np.zeros(many, np.int64)
    sales = np.full(many, np.nan)
    for place, (_rung, tier) in enumerate(totals):
        rows = slice(int(begins[place]), int(begins[place + 1]))
        if place:
            _draw_uplines(upline, rows.start, rows.stop, int(begins[place - 1]),
                          np.uint64(key(seed, "upline before week 1", 0)))
        inventory[rows] = _by_luck(
            tier.inventory, rows, np.uint64(key(seed, "stock before week 1", 0)))
        if tier.sales is not None:
            sales[rows] = tier.sales / WEEKS_A_MONTH / tier.resellers
    return Roster(
        upline, np.repeat(np.array([rung for rung, _tier in totals], np.int64), counts), inventory,
        np.full(many, UNKNOWN, np.int64), sales, np.full(many, UNKNOWN, np.int64),
        np.zeros(many, bool), np.full(many, UNKNOWN, np.int64))


def usually_left(roster: Roster, oldest: int, hazard: float) -> int:
    """Return how many have left, given steady weekly joins and exits at `hazard` a week.

    `oldest` is the age of the brand in weeks; known joining dates may imply a younger channel.
    """
    known = roster.age[roster.sells & (roster.age >= 0)]
    weeks = min(float(oldest), 2.0 * float(known.mean())) if known.size else float(oldest)
    gone = hazard * weeks
    if gone <= 0.0:
        return 0
    return round(int(roster.sells.sum()) * (gone / (1.0 - math.exp(-gone)) - 1.0))


def with_former(roster: Roster, count: int, oldest: int, seed: int) -> Roster:
    """Return the roster plus `count` former resellers, each modelled on a random row.

    They had that row's tier and upline, and hold nothing any more.
    """
    sells = np.flatnonzero(roster.sells)
    if not count or not sells.size:
        return roster
    like = np.empty(count, np.int64)
    age = np.empty(count, np.int64)
    left = np.empty(count, np.int64)
    _draw_former(like, age, left, sells, oldest, np.uint64(key(seed, "left before week 1", 0)))
    more = {
        "upline": roster.upline[like], "tier": roster.tier[like], "inventory": np.zeros(count, np.int64),
        "age": age, "sales": np.full(count, np.nan), "cash": np.full(count, UNKNOWN, np.int64),
        "dropship": roster.dropship[like], "left": left}
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(roster, name), column]) for name, column in more.items()}
    return replace(roster, **columns)


@compiled
def _draw_former(like, age, left, sells, oldest, key):
    """Draw the row that each is modelled on, and the weeks since joining and leaving, uniformly."""
    for row in range(like.size):
        like[row] = sells[np.int64(unit(key, 3 * row) * sells.size)]
        one, other = unit(key, 3 * row + 1) * oldest, unit(key, 3 * row + 2) * oldest
        age[row], left[row] = np.int64(max(one, other)), np.int64(min(one, other))


WEEKS_A_MONTH = 52 / 12
"""Weeks of a month of the calendar."""


@compiled
def _draw_uplines(upline, first, end, above, key):
    """Give each of the rows first..end one of the rows above..first as its upline."""
    for row in range(first, end):
        upline[row] = above + np.int64(unit(key, row) * (first - above))


def _by_luck(units: int, rows: slice, luck: np.uint64) -> np.ndarray:
    """Split units unevenly over rows, by largest remainders."""
    weights = np.zeros(rows.stop - rows.start, np.int64)
    _draw_weights(weights, rows.start, luck)
    return shared_out(units, weights)


@compiled
def _draw_weights(weights, first, key):
    for index in range(weights.size):
        # From a third of the middle to three times, small weights more often.
        luck = unit(key, first + index)
        weights[index] = np.int64(STEPS / (0.3 + 2.7 * luck))


def shared_out(units: int, weights: np.ndarray) -> np.ndarray:
    """Return `units` split in proportion to whole `weights`, by largest remainders, ties by row."""
    given = np.zeros(weights.size, np.int64)
    total = int(weights.sum())
    if not total or not units:
        return given
    # Products of units and weights must stay below 2^63.
    whole, rest = divmod(units, total) if units >= total else (0, units)
    split_largest_remainder(rest, weights, given)
    return given + whole * weights


def thinned(roster: Roster, scale: int) -> Roster:
    """Return a roster in which a row stands for `scale` of the real ones, tier by tier.

    Kept rows are spaced evenly in the order of the roster; each represents the rows of its tier around
    it, and holds a `scale`-th of their stock. Uplines are the kept rows that represent the real ones.
    """
    if scale == 1 or not len(roster):
        return roster
    speaks = np.zeros(len(roster), np.int64)
    kept = np.zeros(len(roster), bool)
    for rung, sells in itertools.product(np.unique(roster.tier), (True, False)):
        mine = np.flatnonzero((roster.tier == rung) & (roster.sells == sells))
        if not mine.size:
            continue
        count = max(1, round(mine.size / scale))
        group = np.arange(mine.size) * count // mine.size
        leads = mine[np.searchsorted(group, np.arange(count))]
        kept[leads] = True
        speaks[mine] = leads[group]
    inventory = np.zeros(len(roster), np.int64)
    for rung in np.unique(roster.tier):
        mine = np.flatnonzero(kept & (roster.tier == rung))
        held = np.bincount(speaks, roster.inventory, len(roster))[mine].astype(np.int64)
        inventory[mine] = shared_out(round(int(held.sum()) / scale), held)
    size = np.bincount(speaks, minlength=len(roster)).astype(np.float64)
    size[size == 0] = 1.0
    known = np.isfinite(roster.sales)
    heard = np.bincount(speaks, known, len(roster))
    sold = np.bincount(speaks, np.where(known, roster.sales, 0.0), len(roster))
    sales = np.full(len(roster), np.nan)
    sales[heard > 0] = sold[heard > 0] / heard[heard > 0]
    upline = np.full(len(roster), -1, np.int64)
    _spoken_for(roster.upline, speaks, kept, upline)
    return _taken(replace(roster, upline=upline, inventory=inventory, sales=sales),
                  np.flatnonzero(kept))


@compiled
def _spoken_for(upline, speaks, kept, out):
    """Fill in the upline of each kept row: the representative of its nearest upline with a smaller row."""
    for row in range(upline.size):
        above = upline[row]
        while kept[row] and above >= 0:
            if speaks[above] < row:
                out[row] = speaks[above]
                break
            above = upline[above]

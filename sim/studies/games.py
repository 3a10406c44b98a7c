"""Dividing a difference among changes that act together: Shapley values over runs.

A *coalition* is a set of changes, as a bit mask; each is run with the same seeds. The share of a change
is what it adds, averaged over the orders in which changes may be made (Shapley 1953). Seed by seed the
shares add up to the whole difference, however the changes interact.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.kernel import np
from sim.runs.statistics import MIN_PAIRS, Interval, interval

__all__ = ["Game", "all_coalitions", "chance", "coalitions_of", "orders_of"]

Order = tuple[int, ...]


def orders_of(count: int, wanted: int, given: Order | None = None) -> tuple[Order, ...]:
    """Return orders of `count` changes: all if there are no more than wanted, else a sample.

    A sample has the given order and its reverse, then random ones, each with its reverse, so that of
    two changes each comes first equally often. It is the same every time.
    """
    first = tuple(range(count)) if given is None else given
    if math.factorial(count) <= wanted:
        every = list(itertools.permutations(range(count)))
        return tuple([first, *(order for order in every if order != first)])
    luck = np.random.default_rng(0)
    found = dict.fromkeys((first, first[::-1]))
    while len(found) < max(2, wanted):
        order = tuple(int(place) for place in luck.permutation(count))
        found |= dict.fromkeys((order, order[::-1]))
    return tuple(found)


def coalitions_of(orders: Sequence[Order]) -> list[int]:
    """Return the coalitions that these orders pass through; the empty and the full one come first."""
    found = {0, 2 ** len(orders[0]) - 1}
    for order in orders:
        found.update(itertools.accumulate((1 << player for player in order), int.__or__))
    return _sorted(found, len(orders[0]))


def all_coalitions(count: int) -> list[int]:
    """Return every coalition of this many changes; the empty and the full one come first."""
    return _sorted(set(range(2 ** count)), count)


def _sorted(masks: set[int], count: int) -> list[int]:
    ends = [0, 2 ** count - 1]
    return [*dict.fromkeys(ends), *sorted(masks - set(ends), key=lambda mask: (mask.bit_count(), mask))]


def chance(values: np.ndarray) -> float:
    """Return the p value of a mean over the seeds (t test); 1 with too few seeds."""
    from scipy import stats

    if len(values) < MIN_PAIRS:
        return 1.0
    if np.ptp(values) == 0.0:
        return 0.0 if values[0] else 1.0
    return float(stats.ttest_1samp(values, 0.0).pvalue)


@dataclass(frozen=True)
class Game:
    """The results of each coalition, seed by seed.

    Attributes
    ----------
    count
        Number of changes.
    values
        By coalition, the measure with each seed (one array over the seeds).
    orders
        Orders over which shares are averaged; empty if every coalition was run: then shares are exact.
    confidence
        Confidence of the intervals.
    """

    count: int
    values: Mapping[int, Any]
    orders: tuple[Order, ...] = ()
    confidence: float = 0.95

    @property
    def full(self) -> int:
        """The coalition of all changes."""
        return int(2 ** self.count - 1)

    @property
    def whole(self) -> np.ndarray:
        """The effect of all changes together, seed by seed."""
        return self.values[self.full] - self.values[0]

    def steps(self, order: Order) -> np.ndarray:
        """Return what each change adds in this order: an array change x seed."""
        masks = [0, *itertools.accumulate((1 << player for player in order), int.__or__)]
        found = np.zeros((self.count, len(self.values[0])))
        for player, (before, after) in zip(order, itertools.pairwise(masks), strict=True):
            found[player] = self.values[after] - self.values[before]
        return found

    @functools.cached_property
    def shares(self) -> np.ndarray:
        """What each change is worth, averaged over the orders: an array change x seed."""
        if self.orders:
            return np.mean([self.steps(order) for order in self.orders], axis=0)
        found = np.zeros((self.count, len(self.values[0])))
        every = math.factorial(self.count)
        for player in range(self.count):
            for mask, before in self.values.items():
                if not mask >> player & 1:
                    size = mask.bit_count()
                    weight = math.factorial(size) * math.factorial(self.count - size - 1) / every
                    found[player] += weight * (self.values[mask | 1 << player] - before)
        return found

    def share(self, player: int) -> Interval:
        """Return the share of a change with its interval over the seeds.

        If orders were sampled, the interval also allows for those that were not.
        """
        found = self.told(self.shares[player])
        if not self.orders or math.factorial(self.count) <= len(self.orders):
            return found
        means = np.array([self.steps(order)[player].mean() for order in self.orders])
        # An order and its reverse count as one draw.
        pairs = [means[place: place + 2].mean() for place in range(0, len(means), 2)]
        if len(pairs) < 2:
            return found
        from scipy import stats

        wide = float(stats.t.ppf(0.5 + self.confidence / 2, len(pairs) - 1)
                     * np.std(pairs, ddof=1) / math.sqrt(len(pairs)))
        low, high = (math.hypot(found.mean - found.low, wide), math.hypot(found.high - found.mean, wide))
        return Interval(found.mean, found.mean - low, found.mean + high, found.count)

    def told(self, values: np.ndarray) -> Interval:
        """Return the mean over the seeds with its interval; no interval from fewer than four."""
        found = interval(values, self.confidence)
        if found.count < MIN_PAIRS:
            return Interval(found.mean, math.nan, math.nan, found.count)
        return found

    def alone(self, player: int) -> Any:
        """Return the effect of a change by itself, seed by seed; None if it was not run."""
        return self.between(0, player)

    def last(self, player: int) -> Any:
        """Return what a change adds to all others, seed by seed; None if it was not run."""
        return self.between(self.full & ~(1 << player), player)

    def between(self, mask: int, player: int) -> np.ndarray | None:
        """Return what a change adds to a coalition, seed by seed; None if either was not run."""
        with_it = mask | 1 << player
        if mask not in self.values or with_it not in self.values:
            return None
        return self.values[with_it] - self.values[mask]

    def interaction(self, one: int, other: int) -> np.ndarray | None:
        """Return how much more two changes add together than each by itself, seed by seed.

        If every coalition was run, this is Shapley's interaction index (Grabisch and Roubens 1999), an
        average over the other changes; else it is taken with all others made, or None if not run.
        """
        if self.orders:
            rest = self.full & ~(1 << one | 1 << other)
            apart, beside = self.between(rest, one), self.between(rest | 1 << other, one)
            return None if apart is None or beside is None else beside - apart
        found = np.zeros(len(self.values[0]))
        pair = 1 << one | 1 << other
        for mask in self.values:
            if not mask & pair:
                size = mask.bit_count()
                weight = math.factorial(size) * math.factorial(self.count - size - 2) \
                    / math.factorial(self.count - 1)
                found += weight * (self.values[mask | pair] - self.values[mask | 1 << one]
                                   - self.values[mask | 1 << other] + self.values[mask])
        return found

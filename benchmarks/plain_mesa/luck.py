"""Two kinds of luck behind the same five words.

`KeyedLuck` draws what the shipped model draws, so that both can be compared unit for unit; in pure
Python a hash costs more than a random number. `MesaLuck` is what a Mesa user would take: the
model's own generator.
"""

from __future__ import annotations

import random
from statistics import NormalDist

from sim.kernel.luck import key

MASK = (1 << 64) - 1
quantile = NormalDist().inv_cdf


def draw64(luck: int, who: int) -> int:
    z = (luck + (who + 1) * 0x9E3779B97F4A7C15) & MASK
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


def limit(chance: float) -> int:
    """Return the number of 32-bit draws that are below `chance`."""
    return int(chance * 4294967296.0)


def in_the_middle(bits: int) -> float:
    """Return a number above 0 and below 1."""
    return ((bits >> 12) + 0.5) / 4503599627370496.0


class KeyedLuck:
    """Every draw is a function of seed, decision, week, and who draws (for which `turn`)."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.begin(0)

    def begin(self, week: int) -> None:
        self.week = week
        self.keys: dict[str, int] = {}

    def bits64(self, decision: str, who: int, turn: int | None = None) -> int:
        luck = self.keys.get(decision)
        if luck is None:
            luck = self.keys[decision] = key(self.seed, decision, self.week)
        bits = draw64(luck, who)
        return bits if turn is None else draw64(bits, turn)

    def bits32(self, decision: str, who: int) -> int:
        return self.bits64(decision, who) >> 32

    def happens(self, decision: str, who: int, chance: float, turn: int | None = None) -> bool:
        return self.bits64(decision, who, turn) >> 32 < limit(chance)

    def for_good(self, decision: str, who: int, chance: float) -> bool:
        """Decide what is decided once for the whole run."""
        return draw64(key(self.seed, decision, -1), who) >> 32 < limit(chance)

    def unit_for_good(self, decision: str, who: int) -> float:
        return in_the_middle(draw64(key(self.seed, decision, -1), who))

    def in_turn(self, decision: str, who: list[int]) -> list[int]:
        """Return who is called, in the order in which luck calls them."""
        return sorted(who, key=lambda number: self.bits64(decision, number))

    def unit(self, decision: str, who: int) -> float:
        return in_the_middle(self.bits64(decision, who))

    def normal(self, decision: str, who: int) -> float:
        return quantile(self.unit(decision, who))

    def index(self, decision: str, who: int, count: int, turn: int | None = None) -> int:
        """Return a place in a list of `count`."""
        return self.bits64(decision, who, turn) % count

    def rounded(self, decision: str, who: int, mean: float) -> int:
        """Return `mean` rounded down or up, so that it stays the mean."""
        whole = int(mean)
        return whole + (self.bits32(decision, who) < limit(mean - whole))


class MesaLuck:
    """The next number of the model's own generator, whatever it is for."""

    def __init__(self, generator: random.Random) -> None:
        self.random = generator

    def begin(self, week: int) -> None:
        pass

    def bits32(self, decision: str, who: int) -> int:
        return self.random.getrandbits(32)

    def happens(self, decision: str, who: int, chance: float, turn: int | None = None) -> bool:
        return self.random.random() < chance

    for_good = happens

    def unit(self, decision: str, who: int) -> float:
        return self.random.random()

    unit_for_good = unit

    def in_turn(self, decision: str, who: list[int]) -> list[int]:
        return self.random.sample(who, len(who))

    def normal(self, decision: str, who: int) -> float:
        return self.random.gauss(0.0, 1.0)

    def index(self, decision: str, who: int, count: int, turn: int | None = None) -> int:
        return int(self.random.random() * count)

    def rounded(self, decision: str, who: int, mean: float) -> int:
        whole = int(mean)
        return whole + (self.random.random() < mean - whole)

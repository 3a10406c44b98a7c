"""Rival brands: what each of them sells, and for how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["MAX_RIVALS", "Copy", "Rival"]

MAX_RIVALS = 3
"""Rival brands that a market has room for."""


class Copy(NamedTuple):
    """A product as rivals see it: quality, and its fixed place in taste space."""

    quality: float
    x: float
    y: float

    def scaled(self, likeness: float) -> Copy:
        """Return a copy with a share of the quality."""
        return self._replace(quality=self.quality * likeness)

    def seen_from(self, drift: tuple[float, float]) -> Copy:
        """Return the product relative to tastes that have drifted."""
        return self._replace(x=self.x - drift[0], y=self.y - drift[1])


@dataclass
class Rival:
    """One rival brand."""

    number: int
    """From 1, in the order of entering."""
    entered: int
    """Week in which it entered."""
    price: int
    """What a unit costs, fen."""
    first_price: int
    """What a unit cost when it entered, fen."""
    product: Copy
    """What it sells."""
    sales: int = 0
    """Units sold this week."""

    @property
    def bit(self) -> int:
        """Its bit in the columns that name rivals."""
        return 1 << (self.number - 1)

    @property
    def account(self) -> str:
        """Its account in the books of money."""
        return f"rival_{self.number}"

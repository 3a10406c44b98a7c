"""Staffing: a fixed set of sellers, for markets in which nobody joins."""

from __future__ import annotations

from typing import ClassVar

from sim.errors import UsageError
from sim.kernel import np
from sim.market.enlisting import enlist
from sim.market.persons import NO_OFFER
from sim.market.resellers import LONGEST_LEAD
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Staffing"]


class Staffing(Mechanism):
    """Before week 1 the brand staffs `lines` chains of sellers, one seller a tier.

    Each seller is supplied by the one above in the same line, the top one by the brand. The goods
    that they hold and that are on the way to them are given, not sold. With it alone a chain of
    known shape exists, on which closed forms of the literature can be checked.
    """

    phase: ClassVar = "recruit"
    writes: ClassVar = (
        "persons.reseller", "persons.aware", "persons.circle_sellers", "persons.seller",
        "persons.offer", "resellers", "ties",
    )

    lines: int = parameter(1, "chains", 1, 1_000_000, "chains of sellers side by side")
    stock: int = parameter(
        0, "units", 0, 1_000_000_000, "units that each of them holds at the start")
    incoming: int = parameter(
        0, "units a week", 0, 100_000_000,
        "units that arrive at each of them a week, as long as the lead time is at the start")
    known: bool = parameter(
        False, "flag", None, None,
        "whether every person knows the product and the seller at the end of a line")

    def begin(self, world: World) -> None:
        """Staff the chains."""
        tiers = len(world.settings.tiers)
        count = self.lines * tiers
        if world.week > 0 or count == 0:
            return
        if count > len(world.persons):
            raise UsageError(
                f"staffing.lines: {self.lines} lines of {tiers} sellers need {count} persons, "
                f"the market has {len(world.persons)}")
        rows = np.arange(count)
        first = len(world.resellers)
        above = np.where(rows < self.lines, -1, first + rows - self.lines)
        enlist(
            world, rows, above, rows // self.lines, first_orders=np.zeros(count, np.int64))
        resellers, goods = world.resellers, world.books.goods
        resellers.inventory[first:] = self.stock
        goods.move("made", "channel", self.stock * count)
        world.count("produced", self.stock * count)
        supplying = world.settings.rule("supplying")
        if supplying is not None and self.incoming:
            for week in range(1, supplying.lead_time + 1):
                resellers.pipeline[first:, week % LONGEST_LEAD] += self.incoming
            resellers.transit[first:] += self.incoming * supplying.lead_time
            on_the_way = self.incoming * supplying.lead_time * count
            goods.move("made", "transit", on_the_way)
            world.count("produced", on_the_way)
        if self.known:
            persons = world.persons
            persons.aware[:] = 1
            persons.offer[:] = NO_OFFER
            persons.seller[:] = first + count - self.lines + np.arange(len(persons)) % self.lines

    def step(self, world: World) -> None:
        """Do nothing: everything happened before the first week."""

"""Fixed sellers: a fixed set of sellers, for markets in which nobody joins."""

from __future__ import annotations

from typing import ClassVar

from sim.errors import UsageError
from sim.kernel import np
from sim.market.enlisting import ENLIST_READS, ENLIST_WRITES, enlist
from sim.market.persons import NOBODY
from sim.market.resellers import MAX_LEAD
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["FixedSellers"]


class FixedSellers(Mechanism):
    """Before week 1 the brand staffs `lines` chains of sellers, one seller per tier.

    Each seller is supplied by the one above in the same line, the top one by the brand. Their opening
    stock and the goods on the way to them are free. The result is a chain of known shape, on which
    closed forms of the literature can be checked.
    """

    phase: ClassVar = "recruit"
    reads: ClassVar = ENLIST_READS
    writes: ClassVar = (*ENLIST_WRITES, "persons.seller")

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
        """Staff the chains before the first week."""
        tiers = len(world.settings.tiers)
        count = self.lines * tiers
        if world.week > 0 or count == 0:
            return
        # Another rule may have enlisted sellers already.
        people = np.flatnonzero(world.persons.reseller < 0)[:count]
        if people.size < count:
            raise UsageError(
                f"fixed_sellers.lines: {self.lines} lines of {tiers} sellers need {count} persons "
                f"who do not sell yet, the market has {people.size}")
        first = len(world.resellers)
        place = np.arange(count)
        uplines = np.where(place < self.lines, NOBODY, first + place - self.lines)
        enlist(
            world, people, uplines, place // self.lines,
            first_orders=np.zeros(count, np.int64))
        self._stock(world, first)
        if self.known:
            persons = world.persons
            persons.aware[:] = 1
            last = first + count - self.lines
            persons.seller[:] = last + np.arange(len(persons)) % self.lines

    def _stock(self, world: World, first: int) -> None:
        """Give the rows from `first` on their goods, in hand and on the way."""
        resellers, goods = world.resellers, world.books.goods
        count = len(resellers) - first
        resellers.inventory[first:] = self.stock
        goods.move("made", "channel", self.stock * count)
        world.count("produced", self.stock * count)
        supply_chain = world.settings.rule("supply_chain")
        if supply_chain is not None and self.incoming:
            for week in range(1, supply_chain.lead_time + 1):
                resellers.pipeline[first:, week % MAX_LEAD] += self.incoming
            resellers.transit[first:] += self.incoming * supply_chain.lead_time
            on_the_way = self.incoming * supply_chain.lead_time * count
            goods.move("made", "transit", on_the_way)
            world.count("produced", on_the_way)

    def step(self, world: World) -> None:
        """Do nothing: everything happened before the first week."""

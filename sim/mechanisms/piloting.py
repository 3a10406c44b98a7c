"""Piloting: try small, decide by a rule, then scale or stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.kernel.compiled import compiled
from sim.kernel.maths import FINE, fine
from sim.market.enlisting import ENLIST_READS, ENLIST_WRITES
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Piloting"]


class Piloting(Mechanism):
    """For some weeks the brand is active in a share of the market only; then a rule decides.

    During the pilot the brand recruits that share of its founders, and its advertising has that share
    of the usual hazard; resellers sell and recruit as usual. At the start of the week after the pilot
    the rule decides once. It compares what consumers bought (from active resellers and from the brand
    itself) with what the brand sold in (to resellers and directly; at least one unit), and looks at
    the mean satisfaction of all who ever bought. If both reach their limits, the pilot is scaled: in
    the same week the brand recruits the founders of the rest of the market, and advertises
    everywhere. If not, or without any customers, it is stopped: no advertising, no recruiting, no
    further invitations (B11).
    """

    phase: ClassVar = "inform"
    reads: ClassVar = (
        *ENLIST_READS, "persons.purchases", "persons.satisfaction", "persons.weekly_need",
        "market.sold_in", "market.sold_through",
    )
    writes: ClassVar = (*ENLIST_WRITES, "brand.reach")
    off: ClassVar = {"B11": {"piloting.share": 0.0}}

    share: float = parameter(
        0.0, "share", 0, 1, "share of the market in which the pilot runs; 0: no pilot")
    weeks: int = parameter(26, "weeks", 1, 520, "length of the pilot")
    sell_through: float = parameter(
        0.6, "share", 0, 10,
        "smallest ratio of sell-through to sell-in with which the pilot passes")
    satisfaction: float = parameter(
        0.5, "share", 0, 1, "smallest mean satisfaction of customers with which the pilot passes")

    def begin(self, world: World) -> None:
        """Restrict the brand to the pilot's share of the market."""
        if self.share > 0.0:
            world.brand.reach = self.share
            pilot, market = world.own(Pilot), world.market
            pilot.running = True
            pilot.sold_in, pilot.sold_through = market.sold_in, market.sold_through

    def step(self, world: World) -> None:
        """Decide on the pilot once it is over: scale or stop."""
        pilot = world.own(Pilot)
        if not pilot.running or world.week <= self.weeks:
            return
        pilot.running = False
        passed = self._passes(pilot, world)
        if passed:
            # Enter the rest of the market as the pilot's part was entered.
            for name in ("recruiting", "referral"):
                rule = world.settings.rule(name)
                if rule is not None:
                    rule.found(world, 1.0 - self.share)
        world.brand.reach = 1.0 if passed else 0.0
        world.count("pilot_passed", int(passed))

    def _passes(self, pilot: Pilot, world: World) -> bool:
        """Return whether sales and satisfaction reach their limits."""
        persons, market = world.persons, world.market
        customers, total = _satisfaction(persons.purchases, persons.satisfaction)
        sold_in = market.sold_in - pilot.sold_in
        sold_through = market.sold_through - pilot.sold_through
        satisfied = customers > 0 and total / FINE / customers >= self.satisfaction
        return bool(satisfied and sold_through >= self.sell_through * max(sold_in, 1))


@dataclass
class Pilot:
    """Whether the pilot runs, and the units sold before it began."""

    running: bool = False
    sold_in: int = 0
    sold_through: int = 0


@compiled
def _satisfaction(purchases, satisfaction):
    """Return how many ever bought, and the sum of their satisfaction in steps of 1/`FINE`."""
    customers = 0
    total = 0
    for person in range(purchases.size):
        if purchases[person] > 0:
            customers += 1
            total += fine(satisfaction[person])
    return customers, total

"""Piloting: try small, decide by a rule, then scale or stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.kernel.maths import FINE
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Piloting"]


class Piloting(Mechanism):
    """For some weeks the brand is active in a share of the market only; then a rule decides.

    During the pilot the brand wins that share of its founders, and its advertising reaches people
    with that share of the usual hazard; who has joined sells and recruits as ever. After so many
    whole weeks, before anything else happens in the next one, the rule decides once. It reads what
    was sold to end consumers (by active resellers, and by the brand itself) over what the brand
    sold in (to resellers, and directly; at least one unit), and the mean satisfaction of all who
    ever bought. A pilot that reaches both passes and is scaled: in the same week the brand wins the
    founders of the rest of the market, and advertises everywhere. One that does not, or has no
    customers, fails and is stopped: no advertising, no recruiting, no further invitations (B11).
    """

    phase: ClassVar = "inform"
    writes: ClassVar = ("persons", "resellers", "ties", "brand")
    off: ClassVar = {"B11": {"piloting.share": 0.0}}

    share: float = parameter(
        0.0, "share", 0, 1, "share of the market in which the pilot runs; 0: no pilot")
    weeks: int = parameter(26, "weeks", 1, 520, "length of the pilot")
    sell_through: float = parameter(
        0.6, "share", 0, 10, "sell-through over sell-in from which on the pilot passes")
    satisfaction: float = parameter(
        0.5, "share", 0, 1, "mean satisfaction of customers from which on the pilot passes")

    def begin(self, world: World) -> None:
        """Restrict the brand to the pilot's share of the market."""
        if self.share > 0.0:
            world.brand.reach = self.share
            world.own(Pilot).running = True

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        pilot = world.own(Pilot)
        if not pilot.running:
            return
        last = world.last_flows
        pilot.sell_in += last.get("sell_in", 0) + last.get("direct_units", 0)
        pilot.sell_through += last.get("sell_through", 0)
        if world.week <= self.weeks:
            return
        persons = world.persons
        customers = persons.purchases > 0
        count = int(customers.sum())
        total = int((persons.satisfaction[customers].astype("f8") * FINE).astype("i8").sum())
        satisfied = count > 0 and total / FINE / count >= self.satisfaction
        passed = satisfied and pilot.sell_through >= self.sell_through * max(pilot.sell_in, 1)
        pilot.running = False
        world.brand.reach = 0.0
        if passed:
            # The rest of the market is entered as the pilot's part was.
            world.brand.reach = 1.0 - self.share
            for name in ("recruiting", "referring"):
                rule = world.settings.rule(name)
                if rule is not None:
                    rule.found(world)
            world.brand.reach = 1.0
        world.count("pilot_passed", int(passed))


@dataclass
class Pilot:
    """What a pilot has sold so far, units, and whether it still runs."""

    sell_in: int = 0
    sell_through: int = 0
    running: bool = False

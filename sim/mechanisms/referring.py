"""Referring: consumers get reward rights on real sales, without stock."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import threshold
from sim.kernel.picking import rows_with
from sim.market.enlisting import drawn, enlist
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Referring"]


class Referring(Mechanism):
    """Fans are invited to become prosumers: they recommend, the brand ships and pays a share.

    A prosumer holds no stock and pays no entry; the reward follows real sales only. Privileges tie
    them to the brand, and they are the first to try each version. The brand begins with a core of
    prosumers of its own (A11).
    """

    phase: ClassVar = "recruit"
    writes: ClassVar = (
        "persons.reseller", "persons.aware", "persons.circle_sellers", "persons.listed", "persons.home",
        "resellers", "ties", "brand.trials_due",
    )
    off: ClassVar = {"A11": {"referring.invitation": 0.0, "referring.founders": 0.0}}

    invitation: float = parameter(
        0.0, "chance a week", 0, 1, "chance that a fan takes up reward rights",
        source="essay A: 产消者")
    founders: float = parameter(
        0.0, "share", 0, 1, "share of the persons who are prosumers before week 1")
    share: float = parameter(
        0.15, "share", 0, 1, "share of the price paid to who referred the sale",
        source="云集 and community-group leaders earn 10-20 % commission")
    both_sides: float = parameter(
        0.5, "share", 0, 1, "how far the reward is shared with the buyer, which removes suspicion",
        source="rewarding both sides removes the effect (Verlegh et al. 2013)")
    trial: int = parameter(
        1, "units", 0, 1000, "units of each new version that a prosumer gets to try",
        source="essay A: 粉丝通过产品早期的体验")
    binding: float = parameter(
        0.5, "share", 0, 1, "tie to the brand that privileges make",
        source="essay A: 享有各种销售特权; essay B: 较强利益绑定关系")

    def begin(self, world: World) -> None:
        """Let the brand begin with its first prosumers."""
        if world.week == 0:
            self.found(world)

    def found(self, world: World) -> None:
        """Let the brand win its first prosumers, drawn by luck from those who need the category."""
        wanted = round(self.founders * world.brand.reach * len(world.persons))
        if wanted == 0 or not world.settings.tiers:
            return
        persons = world.persons
        free = np.flatnonzero((persons.weekly_need > 0) & (persons.reseller < 0))
        chosen = drawn(free, wanted, world.fixed_luck("first prosumer"))
        self._enlist(world, chosen, np.full(chosen.size, -1, np.int64))

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        if not world.settings.tiers:
            return
        persons = world.persons
        self._let_try(world)
        # Whom a failed pilot has stopped invites nobody.
        if self.invitation == 0.0 or world.brand.reach == 0.0:
            return
        count = _invite(
            persons.stage, persons.reseller, persons.listed, self.invitation,
            world.luck("accept reward rights"),
        )
        people = persons.listed[:count].astype(np.int64)
        self._enlist(world, people, _known_seller(people, persons.seller, world.resellers.active))

    def _let_try(self, world: World) -> None:
        """Send active prosumers the newest version from stock beyond a week's sales, in turn."""
        brand, resellers, trials = world.brand, world.resellers, world.own(Trials)
        if brand.version != trials.version and self.trial:
            trials.version = brand.version
            trials.waiting = resellers.person[
                (resellers.active == 1) & (resellers.dropship == 1)].copy()
        if trials.waiting.size == 0:
            return
        spare = max(0, world.books.goods["factory"] - math.ceil(brand.forecast))
        served = min(spare // self.trial, trials.waiting.size)
        people, trials.waiting = np.split(trials.waiting, [served])
        world.persons.home[people] += self.trial
        units = self.trial * people.size
        world.books.goods.move("factory", "homes", units)
        world.count("trials", units)
        brand.trials_due = self.trial * trials.waiting.size

    def _enlist(self, world: World, people: np.ndarray, uplines: np.ndarray) -> None:
        tier = np.full(people.size, len(world.settings.tiers) - 1, np.int64)
        enlist(
            world, people, uplines, tier, first_orders=np.zeros(people.size, np.int64),
            binding=self.binding, dropship=True,
        )


@dataclass
class Trials:
    """The version that prosumers try, and who still waits for it."""

    version: int = 0
    waiting: np.ndarray = field(default_factory=lambda: np.empty(0, np.int32))


@compiled
def _known_seller(people, seller, active):
    """Return the seller whom each of `people` knows, as long as that one is there; else -1."""
    known = np.empty(people.size, np.int64)
    for index in range(people.size):
        row = np.int64(seller[people[index]])
        known[index] = row if row >= 0 and active[row] else -1
    return known


@compiled
def _invite(stage, reseller_of, listed, invitation, key):
    count = 0
    chance = threshold(invitation)
    for person in rows_with(stage >= 3, 0, stage.size):
        if reseller_of[person] < 0 and draw32(key, person) < chance:
            listed[count] = person
            count += 1
    return count

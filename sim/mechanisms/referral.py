"""Referral: consumers get reward rights on real sales, without stock."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import threshold
from sim.kernel.picking import rows_with
from sim.market.enlisting import ENLIST_READS, ENLIST_WRITES, drawn, enlist
from sim.market.persons import FAN, NOBODY
from sim.market.resellers import active_seller, prosumers
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Referral"]


class Referral(Mechanism):
    """Fans are invited to become prosumers: they recommend, the brand ships and pays a share.

    Prosumers hold no stock and pay no entry; they are rewarded for real sales only. Privileges tie
    them to the brand, and they are the first to try each version. The brand begins with a core of
    prosumers (A11).
    """

    phase: ClassVar = "recruit"
    reads: ClassVar = (
        *ENLIST_READS, "persons.weekly_need", "persons.stage", "persons.seller", "brand.reach",
        "brand.version", "brand.forecast",
    )
    writes: ClassVar = (*ENLIST_WRITES, "persons.listed", "persons.home", "brand.trials_due")
    off: ClassVar = {"A11": {"referral.invitation": 0.0, "referral.founders": 0.0}}

    invitation: float = parameter(
        0.0, "chance a week", 0, 1, "chance that a fan accepts reward rights",
        source="essay A: 产消者")
    founders: float = parameter(
        0.0, "share", 0, 1, "share of persons who are prosumers before week 1")
    share: float = parameter(
        0.15, "share", 0, 1, "share of the price paid for referring the sale",
        source="云集 and community-group leaders earn 10-20 % commission")
    both_sides: float = parameter(
        0.5, "share", 0, 1, "how far the reward is shared with the buyer, which removes suspicion",
        source="rewarding both sides removes the effect (Verlegh et al. 2013)")
    trial: int = parameter(
        1, "units", 0, 1000, "units of each new version that a prosumer gets to try",
        source="essay A: 粉丝通过产品早期的体验")
    binding: float = parameter(
        0.5, "share", 0, 1, "tie to the brand that privileges create",
        source="essay A: 享有各种销售特权; essay B: 较强利益绑定关系")

    def begin(self, world: World) -> None:
        """Enlist the brand's first prosumers, unless there are sellers already."""
        if world.week == 0 and not world.opened:
            self.found(world, world.brand.reach)

    def found(self, world: World, reach: float) -> None:
        """Enlist first prosumers in a share of the market, drawn from those who need the category.
        """
        persons = world.persons
        wanted = round(self.founders * reach * len(persons))
        if wanted == 0 or not world.settings.tiers:
            return
        free = np.flatnonzero((persons.weekly_need > 0) & (persons.reseller < 0))
        chosen = drawn(free, wanted, world.fixed_luck("first prosumer"))
        self._enlist(world, chosen, np.full(chosen.size, NOBODY, np.int64))

    def step(self, world: World) -> None:
        """Send prosumers the newest version to try, and invite fans to become prosumers."""
        if not world.settings.tiers:
            return
        persons = world.persons
        self._send_trials(world)
        # A brand whose pilot failed invites nobody.
        if self.invitation == 0.0 or world.brand.reach == 0.0:
            return
        count = _invite(
            persons.view(Fans), self.invitation, world.luck("accept reward rights"),
            persons.listed)
        people = persons.listed[:count].astype(np.int64)
        self._enlist(world, people, _known_sellers(people, persons.seller, world.resellers.active))

    def _send_trials(self, world: World) -> None:
        """Send active prosumers the newest version from stock beyond a week's sales, in turn."""
        brand, resellers, trials = world.brand, world.resellers, world.own(Trials)
        if self.trial == 0:  # no trials, so nobody waits for one
            trials.waiting, brand.trials_due = trials.waiting[:0], 0
        elif brand.version != trials.version:
            trials.version = brand.version
            trials.waiting = resellers.person[prosumers(resellers)]
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
        """Make prosumers of `people` under the rows `uplines`."""
        lowest = len(world.settings.tiers) - 1
        enlist(
            world, people, uplines, np.full(people.size, lowest, np.int64),
            first_orders=np.zeros(people.size, np.int64), binding=self.binding, dropship=True)


@dataclass
class Trials:
    """The version that prosumers try, and those who still wait for it."""

    version: int = 0
    waiting: np.ndarray = field(default_factory=lambda: np.empty(0, np.int32))


class Fans(NamedTuple):
    """Columns of persons that say who may be invited."""

    stage: np.ndarray
    reseller: np.ndarray


@compiled
def _known_sellers(people, seller, active):
    """Return the active seller whom each of `people` knows."""
    known = np.empty(people.size, np.int64)
    for index in range(people.size):
        known[index] = active_seller(seller[people[index]], active)
    return known


@compiled
def _invite(persons, invitation, key, listed):
    """List the fans who accept reward rights; return how many."""
    count = 0
    accepts = threshold(invitation)
    for person in rows_with(persons.stage >= FAN, 0, persons.stage.size):
        if persons.reseller[person] < 0 and draw32(key, person) < accepts:
            listed[count] = person
            count += 1
    return count

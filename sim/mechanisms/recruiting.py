"""Recruiting: resellers win new resellers from their circle."""

from __future__ import annotations

import math
from typing import ClassVar

from sim.kernel import np
from sim.kernel.ahead import AHEAD, fetch
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32, draw64
from sim.kernel.maths import logistic, round_by_luck, threshold
from sim.kernel.threads import A_ROW_IS_MUCH
from sim.market.enlisting import drawn, enlist
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Recruiting"]


class Recruiting(Mechanism):
    """Joining is a logit on the income that is shown, against aspiration and the cost of entry.

    Shown income lies between what sellers earn on average and what the best tenth earn, the closer
    to the latter the more closed information is. Acceptance falls with the sellers and the
    disappointed leavers somebody knows (B1). The tier is the best one whose first order fits into
    the money that somebody dares to put in (A1, A2).
    """

    phase: ClassVar = "recruit"
    writes: ClassVar = (
        "persons.reseller", "persons.aware", "persons.circle_sellers", "resellers", "ties")
    off: ClassVar = {
        "A1": {"recruiting.least_entry": 20_000.0, "clearing.own_use": 0.0},
        "B1": {"recruiting.saturation": 0.0, "recruiting.warning": 0.0},
    }

    approaches: float = parameter(
        3.0, "approaches a week", 0, 1000, "people a reseller of normal effort tries to recruit")
    founders: float = parameter(
        0.0003, "share", 0, 1, "share of the persons whom the brand itself wins before week 1")
    base: float = parameter(
        -3.0, "utility", -50, 50, "inclination to join when income equals aspiration")
    open_to_selling: float = parameter(
        0.15, "share", 0, 1, "share of people who would ever sell to friends",
        source="about 2 % of a platform's users sold anything in 2015, so most never would")
    income_weight: float = parameter(
        1.0, "utility", 0, 50, "weight of shown income divided by aspiration")
    income_cap: float = parameter(
        3.0, "times aspiration", 0, 100, "shown income beyond which more convinces nobody")
    showcase: float = parameter(
        None, "share", 0, 1, "how far the best tenth's income is shown instead of the average",
        control=("information_asymmetry", 0.0, 1.0))
    credulity: float = parameter(1.0, "utility", 0, 50, "weight of credulity above one half")
    trust: float = parameter(2.0, "utility", 0, 50, "weight of trust in the channel above one half")
    hype: float = parameter(1.0, "utility", 0, 50, "weight of the recruiter's optimism")
    entry_weight: float = parameter(
        1.0, "utility", 0, 50, "weight of the cost of entry divided by the person's budget")
    saturation: float = parameter(
        0.25, "utility a seller", 0, 50, "B1: what each seller somebody knows takes away")
    warning: float = parameter(
        0.15, "utility a leaver", 0, 50, "B1: what each leaver somebody knows takes away")
    commitment: float = parameter(
        0.4, "share", 0, 1, "share of the own budget that somebody without hype dares to put in")
    commitment_hype: float = parameter(
        0.5, "share", 0, 1, "share that a fully optimistic recruiter talks into them on top")
    loading: float = parameter(
        None, "share", 0, 1, "share of a tier's first order that must be taken on joining",
        control=("stock_pressure", 0.05, 1.0), source="essay A: 前期不要求进很多货; 多层级压货")
    least_entry: float = parameter(
        0.0, "CNY", 0, 1e8, "outlay below which nobody is let in; 0: a starter pack is enough")
    entry_fee: float = parameter(
        0.0, "CNY", 0, 1e6, "fee paid to the brand on joining")
    binding: float = parameter(
        0.0, "share", 0, 1, "tie to the brand beyond the price difference, at the start")

    def begin(self, world: World) -> None:
        """Let the brand win its founders."""
        if world.week == 0:
            self.found(world)

    def found(self, world: World) -> None:
        """Let the brand win founders: people who can pay the first order of the best tier."""
        persons, tiers = world.persons, world.settings.tiers
        wanted = round(self.founders * world.brand.reach * len(persons))
        if wanted == 0 or not tiers:
            return
        cost = self.entry_cost(world)
        free = persons.reseller < 0
        chosen = np.flatnonzero(free & (persons.budget >= cost[0]))
        chosen = drawn(chosen, wanted, world.fixed_luck("founder"))
        if chosen.size < wanted:
            # Where few could pay, the richest are the ones the brand finds.
            richest = np.argsort(-persons.budget, kind="stable")
            others = richest[free[richest] & ~np.isin(richest, chosen)][: wanted - chosen.size]
            chosen = np.concatenate([chosen, others])
        chosen = np.sort(chosen)
        nobody = np.full(chosen.size, -1, np.int64)
        # The best tier they can pay, else the last.
        pays = cost <= persons.budget[chosen][:, None]
        pays[:, -1] = True
        self.enlist(world, chosen, nobody, pays.argmax(axis=1))

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        persons, resellers = world.persons, world.resellers
        rows = len(resellers)
        # A brand that gave up after its pilot lets nobody in any more.
        if rows == 0 or self.approaches == 0.0 or world.brand.reach == 0.0:
            return
        shown = shown_income(world, self.showcase)
        cost = self.entry_cost(world)
        found = world.threads.over(
            rows, _recruit, resellers.person, resellers.active, resellers.effort, resellers.optimism,
            resellers.ties, world.ties.wear, world.ties.contacts, world.graph.start,
            persons.reseller, persons.aspiration, persons.budget, persons.credulity,
            persons.trust, persons.circle_sellers, persons.circle_leavers, cost,
            self.approaches, self.base, self.income_weight, self.income_cap, shown, self.credulity,
            self.trust, self.hype, self.entry_weight, self.saturation, self.warning,
            self.commitment, self.commitment_hype,
            float(self.least_entry), self.open_to_selling, world.fixed_luck("open to selling"),
            world.luck("recruit whom"), world.luck("recruit how many"), world.luck("join"),
            worth=A_ROW_IS_MUCH,
        )
        self.enlist(world, *_first_come(np.concatenate(found)))

    def enlist(
        self, world: World, people: np.ndarray, uplines: np.ndarray, tier: np.ndarray
    ) -> None:
        """Make resellers of `people` under the rows `uplines` on the rungs `tier`."""
        enlist(
            world, people, uplines, tier, first_orders=self.first_orders(world)[tier],
            fee=round(self.entry_fee * 100), binding=self.binding,
        )

    def first_orders(self, world: World) -> np.ndarray:
        """Return the units that a newcomer to each tier takes at first."""
        tiers = world.settings.tiers
        return np.array([math.ceil(self.loading * tier.first_order) for tier in tiers], np.int64)

    def entry_cost(self, world: World) -> np.ndarray:
        """Return the CNY that entry into each tier costs, fee included."""
        return world.tier_prices() * self.first_orders(world) / 100.0 + self.entry_fee


def shown_income(world: World, showcase: float) -> float:
    """Return the weekly income in CNY that recruiters show.

    A mix of the mean over active resellers and the mean over their best tenth.
    """
    income = world.resellers.income[world.resellers.active == 1]
    if income.size == 0:
        return 0.0
    # Sums in order, the best first; numpy's own sum depends on the processor.
    sums = np.cumsum(np.sort(income)[::-1], dtype=np.float64)
    best = max(1, income.size // 10)
    mean, top = float(sums[-1]) / income.size, float(sums[best - 1]) / best
    return mean + showcase * (top - mean)


@compiled
def _recruit(
    low, high, who, active, effort, optimism, ties, wear, contacts, start, reseller_of, aspiration,
    budget, credulity, trust, circle_sellers, circle_leavers, cost, approaches, base,
    income_weight, income_cap, shown, b_credulity, b_trust, b_hype, b_entry, b_saturation,
    b_warning, commitment, commitment_hype,
    least_entry, open_share, key_open, key_whom, key_many, key_join,
):
    """Return (person, recruiter's row, rung) of everybody whom the rows low..high win."""
    tried = _try(
        low, high, who, active, effort, ties, start, approaches, key_whom, key_many)
    # Luck costs less than a read from far away, and rules out nearly all.
    open_to = threshold(open_share)
    whom = np.empty(tried.shape[0], np.uint32)
    count = 0
    for attempt in range(tried.shape[0]):
        fetch(contacts, tried[min(attempt + AHEAD, tried.shape[0] - 1), 1])
        person = contacts[tried[attempt, 1]]
        tried[count, 0] = tried[attempt, 0]
        tried[count, 1] = tried[attempt, 1]
        whom[count] = person
        count += draw32(key_open, person) < open_to
    tiers = cost.size
    found = 0
    accepted = np.empty((count, 3), np.int64)
    for attempt in range(count):
        soon = whom[min(attempt + AHEAD, count - 1)]
        fetch(reseller_of, soon)
        fetch(budget, soon)
        fetch(aspiration, soon)
        fetch(credulity, soon)
        fetch(trust, soon)
        fetch(circle_sellers, soon)
        fetch(circle_leavers, soon)
        row = tried[attempt, 0]
        person = whom[attempt]
        if wear[tried[attempt, 1]] == 255 or reseller_of[person] >= 0:
            continue
        mood = np.float64(optimism[row])
        purse = np.float64(budget[person])
        dared = purse * min(1.0, commitment + commitment_hype * mood)
        tier = -1
        for rung in range(tiers):
            if least_entry <= cost[rung] <= dared:
                tier = rung
                break
        if tier < 0:
            if cost[tiers - 1] > purse or cost[tiers - 1] < least_entry:
                continue
            tier = tiers - 1
        tempting = min(income_cap, shown / np.float64(aspiration[person])) - 1.0
        value = (
            base
            + income_weight * tempting
            + b_credulity * (np.float64(credulity[person]) - 0.5)
            + b_trust * (np.float64(trust[person]) - 0.5)
            + b_hype * mood
            - b_entry * cost[tier] / purse
            - b_saturation * circle_sellers[person]
            - b_warning * circle_leavers[person]
        )
        # One draw a person and week: who declined one recruiter declines an equal one.
        if draw32(key_join, person) < threshold(logistic(value)):
            accepted[found, 0] = person
            accepted[found, 1] = row
            accepted[found, 2] = tier
            found += 1
    return accepted[:found]


@compiled
def _first_come(accepted):
    """Return people by their ids, the rows they follow and their rungs: who is won by several
    follows the first of them.
    """
    order = np.argsort(accepted[:, 0], kind="mergesort")
    people = np.empty(order.size, np.int64)
    uplines = np.empty(order.size, np.int64)
    rungs = np.empty(order.size, np.int64)
    count = 0
    for place in order:
        if count == 0 or accepted[place, 0] != people[count - 1]:
            people[count], uplines[count], rungs[count] = accepted[place]
            count += 1
    return people[:count], uplines[:count], rungs[:count]


@compiled
def _try(low, high, who, active, effort, ties, start, approaches, key_whom, key_many):
    """Return (row, tie) of each attempt of the rows low..high."""
    total = 0
    for row in range(low, high):
        if active[row]:
            total += np.int64(approaches * np.float64(effort[row])) + 1
    tried = np.empty((total, 2), np.int64)
    count = 0
    for row in range(low, high):
        if not active[row]:
            continue
        fetch(start, who[min(row + AHEAD, high - 1)])
        seller = who[row]
        degree = start[seller + 1] - start[seller]
        if degree == 0:
            continue
        wanted = round_by_luck(approaches * np.float64(effort[row]), draw32(key_many, seller))
        luck = draw64(key_whom, seller)
        for attempt in range(wanted):
            tried[count, 0] = row
            slot = np.int64(draw64(luck, attempt) % np.uint64(degree))
            tried[count, 1] = ties[row] + slot
            count += 1
    return tried[:count]

"""Recruiting: resellers win new resellers from their circle."""

from __future__ import annotations

import math
from enum import IntEnum, auto
from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.ahead import AHEAD, fetch
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw32, draw64
from sim.kernel.maths import log, logistic, round_by_luck, threshold
from sim.kernel.threads import A_ROW_IS_MUCH
from sim.market.enlisting import ENLIST_READS, ENLIST_WRITES, drawn, enlist
from sim.market.persons import NEUTRAL, NOBODY
from sim.market.reference_price import plausibility
from sim.market.world import MUTED
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["Recruiting"]


class Recruiting(Mechanism):
    """People join by a logit of the income they are shown, against aspiration and the cost of entry.

    The income shown lies between what sellers earn on average and what the best tenth earn; the
    more closed the information, the closer to the best tenth. People join less readily the more
    sellers and former sellers they know (B1). They enter the best tier whose first order they dare to
    pay, else the last tier if their budget covers it (A1, A2).

    Nobody stocks up on what cannot be sold: the income shown counts, and budgets are spent, only as far
    as the list price is plausible (`purchase_choice`). The brand's founders are people who can pay the
    first order of the best tier; if there are too few, the richest who can pay any first order.
    """

    phase: ClassVar = "recruit"
    reads: ClassVar = (
        *ENLIST_READS, "persons.aspiration", "persons.credulity", "persons.trust",
        "persons.sociability", "persons.circle_leavers", "brand.reach", "market.shown_times",
    )
    writes: ClassVar = ENLIST_WRITES
    off: ClassVar = {
        "A1": {"recruiting.minimum_outlay": 20_000.0, "liquidation.own_use": 0.0},
        "B1": {"recruiting.saturation_weight": 0.0, "recruiting.warning_weight": 0.0},
    }

    approaches: float = parameter(
        2.8, "approaches a week", 0, 1000,
        "people a reseller of normal sociability tries to recruit with half of a normal effort in recruiting",
        prior=Prior(1.0, 9.0, "a factor of three either way", log=True, fitted=True))
    founders: float = parameter(
        0.0008, "share", 0, 1, "share of persons whom the brand itself recruits before week 1",
        source="working assumption: about one in a thousand, those whom the brand knows; joining that "
        "imitates others (Bosley, McKeage 2015) asks for few")
    base: float = parameter(
        0.49, "utility", -50, 50, "inclination to join when income equals aspiration",
        prior=Prior(-1.0, 2.0, "odds of joining x 1/4 to x 4", fitted=True))
    open_to_selling: float = parameter(
        0.027, "share", 0, 1, "share of people who would ever sell to friends",
        source="about 2 % of a platform's users sold anything in 2015, so most never would",
        prior=Prior(0.01, 0.09, "a factor of three either way", log=True, fitted=True))
    income_weight: float = parameter(
        1.0, "utility", 0, 50, "weight of shown income divided by aspiration")
    income_cap: float = parameter(
        3.0, "times aspiration", 0, 100, "shown income above which more makes no difference")
    showcase: float = parameter(
        None, "share", 0, 1,
        "weight of the best tenth's income, against the average, in the income shown",
        control=("information_asymmetry", 0.0, 1.0))
    credulity_weight: float = parameter(1.0, "utility", 0, 50, "weight of credulity above one half")
    trust_weight: float = parameter(2.0, "utility", 0, 50, "weight of trust in the channel above one half")
    hype_weight: float = parameter(1.0, "utility", 0, 50, "weight of the recruiter's optimism")
    entry_weight: float = parameter(
        1.0, "utility", 0, 50, "weight of the cost of entry divided by the person's budget")
    saturation_weight: float = parameter(
        0.25, "utility a seller", 0, 50, "B1: utility lost for each seller a person knows",
        prior=Prior(0.05, 1.25, "a factor of five either way", log=True, fitted=True))
    warning_weight: float = parameter(
        0.15, "utility a leaver", 0, 50, "B1: utility lost for each former seller a person knows")
    commitment: float = parameter(
        0.15, "share", 0, 1, "share of their budget that people would invest without hype",
        source="essay A: 前期不要求进很多货; working assumption")
    commitment_hype: float = parameter(
        0.3, "share", 0, 1, "further share that a fully optimistic recruiter talks them into")
    loading: float = parameter(
        None, "share", 0, 1, "share of a tier's first order that must be taken on joining",
        control=("stock_pressure", 0.05, 1.0), source="essay A: 前期不要求进很多货; 多层级压货")
    minimum_outlay: float = parameter(
        0.0, "CNY", 0, 1e8,
        "smallest outlay with which anybody may join; 0: a starter pack is enough")
    entry_fee: float = parameter(
        0.0, "CNY", 0, 1e6, "fee paid to the brand on joining")
    binding: float = parameter(
        0.0, "share", 0, 1, "tie to the brand beyond the price difference, at the start")

    def begin(self, world: World) -> None:
        """Enlist the brand's founders, unless there are sellers already."""
        if world.week == 0 and not world.opened:
            self.found(world, world.brand.reach)

    def found(self, world: World, reach: float) -> None:
        """Enlist founders in a share of the market: people who can pay the first order of the best tier.
        """
        persons, tiers = world.persons, world.settings.tiers
        wanted = round(self.founders * reach * len(persons))
        if wanted == 0 or not tiers:
            return
        _units, cost, believed = self.entry(world)
        dared = believed * persons.budget
        free = persons.reseller < 0
        chosen = np.flatnonzero(free & (dared >= cost[0]))
        chosen = drawn(chosen, wanted, world.fixed_luck("founder"))
        if chosen.size < wanted:
            # If too few can pay, the brand takes the richest who can pay anything.
            richest = np.argsort(-dared, kind="stable")
            fit = free[richest] & (dared[richest] >= cost.min()) & ~np.isin(richest, chosen)
            chosen = np.concatenate([chosen, richest[fit][: wanted - chosen.size]])
        chosen = np.sort(chosen)
        nobody = np.full(chosen.size, NOBODY, np.int64)
        # The best tier they can pay.
        pays = cost <= dared[chosen][:, None]
        self.enlist(world, chosen, nobody, pays.argmax(axis=1))

    def step(self, world: World) -> None:
        """Let resellers approach people in their circle, and enlist those who accept."""
        resellers = world.resellers
        # A brand that stopped after its pilot recruits nobody.
        if len(resellers) == 0 or self.approaches == 0.0 or world.brand.reach == 0.0:
            return
        shown = shown_income(world, self.showcase) * world.market.shown_times
        entry = self.entry(world)
        terms = Terms(shown, entry.cost, entry.believed)
        luck = Luck(
            world.fixed_luck("open to selling"), world.luck("recruit whom"),
            world.luck("recruit how many"), world.luck("join"))
        ties = Ties(world.ties.wear, world.ties.contacts, world.graph.start)
        found = world.threads.over(
            len(resellers), _recruit, resellers.view(Recruiters), ties,
            world.persons.view(Candidates), terms, self.parameters, luck, worth=A_ROW_IS_MUCH)
        accepted = np.concatenate(found)
        by_person = np.argsort(accepted[:, Accepted.PERSON], kind="stable")
        self.enlist(world, *_first_come(accepted, by_person))

    def enlist(
        self, world: World, people: np.ndarray, uplines: np.ndarray, tier: np.ndarray
    ) -> None:
        """Make resellers of `people` under the rows `uplines` on the rungs `tier`."""
        entry = self.entry(world)
        enlist(
            world, people, uplines, tier, first_orders=entry.units[tier],
            fee=round(self.entry_fee * 100), binding=self.binding, share=entry.believed,
        )

    def entry(self, world: World) -> Entry:
        """Return what entry into each tier takes."""
        return world.settled(self, lambda: self._entry(world))

    def _entry(self, world: World) -> Entry:
        tiers = world.settings.tiers
        units = np.array([math.ceil(self.loading * tier.first_order) for tier in tiers], np.int64)
        return Entry(
            units, cost=world.tier_prices() * units / 100.0 + self.entry_fee, believed=_believed(world))


class Entry(NamedTuple):
    """What entry takes: units of the first order and CNY (fee included) by tier; and how far people
    believe that goods sell at the list price.
    """

    units: np.ndarray
    cost: np.ndarray
    believed: float


def shown_income(world: World, showcase: float) -> float:
    """Return the weekly income in CNY that recruiters show.

    It mixes the mean income of active resellers with the mean of their best tenth, or with what the
    plan promises on the lowest rung if that is more.
    """
    income = world.resellers.income[world.resellers.active == 1]
    if income.size == 0:
        return 0.0
    promised, split = 0.0, world.settings.rule("effort_split")
    if split and world.settings.tiers:
        plan = split.promise(world)
        promised = float(plan.recruiting[-1] + plan.retail[-1])
    # Add up in order, the best first: the result of numpy's sum depends on the processor.
    sums = np.cumsum(np.sort(income)[::-1], dtype=np.float64)
    best = max(1, income.size // 10)
    mean, top = float(sums[-1]) / income.size, float(sums[best - 1]) / best
    return mean + showcase * (max(top, promised) - mean)


def _believed(world: World) -> float:
    """Return how far people believe that goods sell at the list price: as far as buyers would."""
    choice, offer = world.settings.rule("purchase_choice"), world.settings.offer
    if choice is None:
        return 1.0
    away = log(offer.list_price / offer.reference_price)
    return float(plausibility(max(0.0, away), choice.parameters))


class Recruiters(NamedTuple):
    """Columns of resellers that say how they recruit."""

    person: np.ndarray
    active: np.ndarray
    effort: np.ndarray
    recruiting: np.ndarray
    optimism: np.ndarray
    ties: np.ndarray


class Candidates(NamedTuple):
    """Columns of persons that joining depends on."""

    reseller: np.ndarray
    aspiration: np.ndarray
    budget: np.ndarray
    credulity: np.ndarray
    trust: np.ndarray
    sociability: np.ndarray
    circle_sellers: np.ndarray
    circle_leavers: np.ndarray


class Ties(NamedTuple):
    """The circles of resellers: wear and contact by tie, and where the ties of each person begin."""

    wear: np.ndarray
    contacts: np.ndarray
    start: np.ndarray


class Terms(NamedTuple):
    """What is the same for everybody this week: income shown, cost of entry by tier, CNY, and how far
    people believe that goods sell at the list price.
    """

    shown_income: float
    entry_cost: np.ndarray
    believed: float


class Luck(NamedTuple):
    """Keys of the decisions taken here."""

    open_to_selling: np.uint64
    whom: np.uint64
    how_many: np.uint64
    join: np.uint64


class Attempt(IntEnum):
    """An attempt to recruit: who makes it, and along which tie."""

    ROW = 0
    TIE = auto()


class Accepted(IntEnum):
    """A person who accepts, the recruiter's row, and the tier."""

    PERSON = 0
    ROW = auto()
    TIER = auto()


ATTEMPT, ACCEPTED = len(Attempt), len(Accepted)
NO_TIER = -1
"""No tier is affordable or open."""


@compiled
def _recruit(low, high, recruiters, ties, candidates, terms, rule, luck):
    """Return a row of `Accepted` for each recruit of the rows low..high."""
    attempts, whom = _open_to_selling(
        _attempts(low, high, recruiters, candidates.sociability, ties, rule, luck), ties, rule, luck)
    accepted = np.empty((whom.size, ACCEPTED), np.int64)
    count = 0
    for attempt in range(whom.size):
        _fetch_candidate(candidates, whom[min(attempt + AHEAD, whom.size - 1)])
        row = attempts[attempt, Attempt.ROW]
        person = whom[attempt]
        muted = ties.wear[attempts[attempt, Attempt.TIE]] == MUTED
        if muted or candidates.reseller[person] >= 0:
            continue
        hype = np.float64(recruiters.optimism[row])
        tier = _tier(np.float64(candidates.budget[person]), hype, terms, rule)
        if tier == NO_TIER:
            continue
        utility = _utility(person, candidates, hype, terms.entry_cost[tier], terms, rule)
        # One draw per person and week: whoever declines one recruiter declines an equal one.
        if draw32(luck.join, person) < threshold(logistic(utility)):
            accepted[count, Accepted.PERSON] = person
            accepted[count, Accepted.ROW] = row
            accepted[count, Accepted.TIER] = tier
            count += 1
    return accepted[:count]


@compiled
def _attempts(low, high, recruiters, sociability, ties, rule, luck):
    """Return an `Attempt` for each approach of the rows low..high, at random contacts."""
    total = 0
    for row in range(low, high):
        if recruiters.active[row]:
            social = sociability[recruiters.person[row]]
            total += np.int64(_approaches(row, recruiters, social, rule)) + 1
    attempts = np.empty((total, ATTEMPT), np.int64)
    count = 0
    for row in range(low, high):
        if not recruiters.active[row]:
            continue
        fetch(ties.start, recruiters.person[min(row + AHEAD, high - 1)])
        seller = recruiters.person[row]
        degree = ties.start[seller + 1] - ties.start[seller]
        if degree == 0:
            continue
        wanted = round_by_luck(
            _approaches(row, recruiters, sociability[seller], rule), draw32(luck.how_many, seller))
        whom = draw64(luck.whom, seller)
        for attempt in range(wanted):
            contact = np.int64(draw64(whom, attempt) % np.uint64(degree))
            attempts[count, Attempt.ROW] = row
            attempts[count, Attempt.TIE] = recruiters.ties[row] + contact
            count += 1
    return attempts[:count]


@borrowing
def _approaches(row, recruiters, sociability, rule):
    """Return how many people a reseller means to approach: `approaches` for half of a normal effort in
    recruiting, times the reseller's sociability.
    """
    effort = np.float64(recruiters.effort[row]) * (2.0 * np.float64(recruiters.recruiting[row]))
    return rule.approaches * effort * np.float64(sociability)


@compiled
def _open_to_selling(attempts, ties, rule, luck):
    """Keep the attempts at people who would ever sell; return the attempts and these people.

    A draw is cheaper than a read from far away, and rules out nearly all.
    """
    share = threshold(rule.open_to_selling)
    size = attempts.shape[0]
    whom = np.empty(size, np.uint32)
    count = 0
    for attempt in range(size):
        fetch(ties.contacts, attempts[min(attempt + AHEAD, size - 1), Attempt.TIE])
        person = ties.contacts[attempts[attempt, Attempt.TIE]]
        for known in range(ATTEMPT):  # a row at once would be compiled for three seconds
            attempts[count, known] = attempts[attempt, known]
        whom[count] = person
        count += draw32(luck.open_to_selling, person) < share
    return attempts[:count], whom[:count]


@borrowing
def _fetch_candidate(candidates, person):
    """Prefetch what this person's decision reads."""
    fetch(candidates.reseller, person)
    fetch(candidates.budget, person)
    fetch(candidates.aspiration, person)
    fetch(candidates.credulity, person)
    fetch(candidates.trust, person)
    fetch(candidates.circle_sellers, person)
    fetch(candidates.circle_leavers, person)


@borrowing
def _tier(budget, hype, terms, rule):
    """Return the best tier that the person dares to pay, else the last one if it is affordable at all.
    """
    budget = terms.believed * budget
    dared = budget * min(1.0, rule.commitment + rule.commitment_hype * hype)
    cost = terms.entry_cost
    for tier in range(cost.size):
        if rule.minimum_outlay <= cost[tier] <= dared:
            return tier
    last = cost.size - 1
    return last if rule.minimum_outlay <= cost[last] <= budget else NO_TIER


@borrowing
def _utility(person, candidates, hype, cost, terms, rule):
    """Return the utility of joining over not joining."""
    shown = terms.believed * terms.shown_income
    income = min(rule.income_cap, shown / np.float64(candidates.aspiration[person]))
    return (
        rule.base
        + rule.income_weight * (income - 1.0)
        + rule.credulity_weight * (np.float64(candidates.credulity[person]) - NEUTRAL)
        + rule.trust_weight * (np.float64(candidates.trust[person]) - NEUTRAL)
        + rule.hype_weight * hype
        - rule.entry_weight * cost / np.float64(candidates.budget[person])
        - rule.saturation_weight * candidates.circle_sellers[person]
        - rule.warning_weight * candidates.circle_leavers[person]
    )


@compiled
def _first_come(accepted, order):
    """Return recruits by id, with the rows they follow and their tiers; of several recruiters the
    first one counts. `order` sorts the recruits by id.
    """
    people = np.empty(order.size, np.int64)
    uplines = np.empty(order.size, np.int64)
    tiers = np.empty(order.size, np.int64)
    count = 0
    for place in order:
        person = accepted[place, Accepted.PERSON]
        if count == 0 or person != people[count - 1]:
            people[count] = person
            uplines[count] = accepted[place, Accepted.ROW]
            tiers[count] = accepted[place, Accepted.TIER]
            count += 1
    return people[:count], uplines[:count], tiers[:count]

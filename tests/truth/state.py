"""The second implementation, first part: what there is, and how sellers come in.

It starts from the traits and the network of a world and shares nothing else with the package:
arithmetic.py has its own luck, its own functions, and splits with fractions. Every rule of the week
is in it; a scenario may leave any of them out, and may move settings in mid-run. Read it beside
docs/model.md.
"""

from __future__ import annotations

import itertools
import math
from types import SimpleNamespace as Record
from typing import Any

from tests.truth.arithmetic import (
    bits32,
    bits64,
    exp,
    happens,
    key,
    log,
    logistic,
    rounded,
    single,
)

__all__ = ["MUTED", "WEEK", "State"]

MUTED = 255
WEEK = (
    "piloting", "training", "effort_split", "prospecting", "brand_awareness", "consumption",
    "purchase_choice", "selling", "legacy_channel",
    "product_experience", "customer_service", "word_of_mouth", "belief_updating", "loyalty_stages",
    "brand_communities", "customer_data",
    "product_development", "forecasting", "ordering", "supply_chain", "sponsor_bonuses", "recruiting",
    "referral",
    "pricing", "tier_promotion", "leaving", "liquidation", "reseller_conversion",
)
"""The rules of the week in their order (docs/model.md, section 3)."""
TRAITS = ("taste_x", "taste_y", "income", "willingness_to_pay", "weekly_need", "sociability",
          "credulity", "aspiration", "budget", "trust")


class State:
    """One run in integers and Python floats, before its first week."""

    def __init__(self, world: Any, scenario: Any, seed: int) -> None:
        self.scenario, self.seed, self.week = scenario, seed, 0
        self.seen: set[str] = set()
        self.offer: Any = None
        self.put_in_force(scenario.settings())
        start = world.graph.start.tolist()
        contacts = world.graph.contacts.tolist()
        self.circle = [contacts[a:b] for a, b in itertools.pairwise(start)]
        self.close = world.graph.close.tolist()
        self.edges = world.graph.communities.tolist()
        table = world.persons
        columns = {name: table[name].tolist() for name in TRAITS}
        self.persons = [
            Record(
                id=i, **{name: column[i] for name, column in columns.items()}, aware=0, source=0,
                belief=0.5, evidence=0.0, satisfaction=0.5, home=0, purchases=0, last=-1, first=-1,
                stage=0, seller=-1, row=-1, convinced_by=-1, hops=0, cell=-1, waiting=0,
                speaks=False, sells=False, vouches=False,
                sellers=0, leavers=0, asks=0, push=0, best=None, voices=0, voice_sum=0, bad=0,
                used=0, chosen=-1,
                purse=0, opened=-1000, reference=0.0, dropped=0)
            for i in range(len(table))
        ]
        self.sellers: list[Any] = []
        self.cells: list[Any] = []
        self.open_cell = [-1] * (len(self.edges) - 1)
        self.version, self.variety, self.variety_cost, self.knowledge = 1, 1.0, 0.0, 0.0
        self.data = dict.fromkeys(("shared", "crowd", "experience", "behaviour", "profile"), 0.0)
        self.known = dict(self.data)
        self.forecast, self.in_production, self.preorders, self.trials_due = 0.0, 0, 0, 0
        self.finished: dict[int, int] = {}
        self.direct_demand = self.end_demand = self.members = self.organised = 0
        self.drift, self.clock = [(0.0, 0.0)], 0.0
        self.to_try: list[Any] = []
        self.tried = 0
        self.street: tuple[float, int] | None = None
        self.brand_help = 0.5
        self.stages = [0] * 5
        self.users_smoothed: float | None = None
        self.factory = int(self.production.opening_stock * len(self.persons))
        self.written_off = 0
        self.brand = -self.factory * round(self.offer.unit_cost * 100)
        self.brand_before = self.legacy = self.legacy_before = self.rivals = 0
        self.flows = {"produced": self.factory}
        self.flows_before: dict[str, int] = {}
        self.reach, self.pilot = 1.0, None
        if self.rules.piloting and self.rules.piloting.share:
            self.reach = self.rules.piloting.share
            self.pilot = Record(sold_in=0, sold_through=0)
        self.found_sellers()
        self.found_prosumers()

    # -- tools --------------------------------------------------------------------------------

    def put_in_force(self, settings: Any) -> None:
        """Let settings hold; what is said anew of the product is what it then is."""
        present = {rule.name(): rule for rule in settings.rules}
        self.rules = Record(**{name: present.get(name) for name in WEEK})
        before, self.offer = self.offer, settings.offer
        if before is None or before.quality != self.offer.quality:
            self.quality = self.offer.quality
        place = self.offer.position_x, self.offer.position_y
        if before is None or (before.position_x, before.position_y) != place:
            self.position = place
        self.production, self.tiers = settings.production, list(settings.tiers)
        self.people = settings.people
        self.prices = [round(tier.price * 100) for tier in self.tiers]

    def saw(self, *what: str) -> None:
        """Note that something happened, so that scenarios can be told to reach it."""
        self.seen.update(what)

    def luck(self, decision: str) -> int:
        return key(self.seed, decision, self.week)

    def fixed(self, decision: str) -> int:
        return key(self.seed, decision, -1)

    def add(self, flow: str, amount: int) -> None:
        self.flows[flow] = self.flows.get(flow, 0) + amount

    def fit(self, person: Any, steepness: float) -> float:
        dx, dy = person.taste_x - self.position[0], person.taste_y - self.position[1]
        return exp(-(dx * dx + dy * dy) * steepness)

    def steepness(self) -> float:
        variety = 1.0 + (self.variety - 1.0) * self.knowledge
        return 1.0 / (self.offer.taste_radius**2 * variety)

    def reference(self) -> float:
        return self.offer.reference_quality * self.offer.reference_fit

    def money(self, person: Any) -> int:
        """Return the fen that a person can spend on the category by now."""
        weekly = int(100.0 * person.income * self.people.category_share)
        return min(
            person.purse + weekly * (self.week - person.opened), weekly * self.people.saved_weeks)

    def pay(self, person: Any, fen: int) -> None:
        person.purse, person.opened = self.money(person) - fen, self.week
        assert person.purse >= 0

    def in_turn(self, people: list[Any], decision: str) -> list[Any]:
        """Return people in the order in which luck calls them."""
        luck = self.luck(decision)
        return sorted(people, key=lambda p: bits64(luck, p.id))

    def direct_price(self) -> int:
        rule = self.rules.brand_communities
        if not rule:
            return round(self.offer.list_price * 100)
        spared = min(rule.saving, self.rules.referral.share) if self.rules.referral else rule.saving
        price = round(self.offer.list_price * (1.0 - spared * rule.passed_on), 2)
        return round(price * 100)

    def stopped(self) -> bool:
        """Return whether a pilot has failed."""
        return self.reach == 0.0

    def active(self) -> list[Any]:
        return [seller for seller in self.sellers if seller.active]

    # -- joining ------------------------------------------------------------------------------

    def enlist(self, who: list[tuple[int, int, int]], orders: list[int], fee: int, binding: float,
               dropship: bool, share: float = 1.0) -> None:
        """Make sellers of (person, upline row, rung)."""
        self.add("joins", len(who))
        for person_id, upline, rung in who:
            person, first = self.persons[person_id], orders[rung]
            seller = Record(
                row=len(self.sellers), person=person, upline=upline, rung=rung, active=True,
                dropship=dropship, joined=self.week, left=-1, recruits=0, inventory=0, coming={},
                transit=0, backlog=first, first_left=first, ordered=first, received=0,
                received_first=0, sold=0, lost=0, demand=0, forecast=0.0, orders=first,
                month_orders=0, missed=0, idle=0, cash=0, opening=0, value=0, week_income=0,
                income=0.0, price=round(self.offer.list_price * 100), optimism=0.0, effort=1.0,
                recruiting=0.5, team_pay=0, shop_pay=0, team_known=0, shop_known=0, team_lately=0.0,
                shop_lately=0.0,
                binding=single(binding), help=0.5, upline_left=-1000, wear=[0] * len(self.circle[person_id]))
            if upline >= 0:
                self.sellers[upline].recruits += 1
                seller.optimism = self.sellers[upline].optimism
                seller.price = self.sellers[upline].price
            if not dropship:
                seller.opening = max(
                    math.floor(share * person.budget * 100), self.prices[rung] * first + fee)
                seller.cash = seller.opening - fee
                self.brand += fee
                self.add("entry_payments", fee)
                self.add("revenue_brand", fee)
            self.sellers.append(seller)
            person.row, person.aware = seller.row, 1
        for person_id, _, _ in who:
            for contact in self.circle[person_id]:
                self.persons[contact].sellers += 1

    def entry(self) -> tuple[list[int], list[float]]:
        rule = self.rules.recruiting
        orders = [math.ceil(rule.loading * tier.first_order) for tier in self.tiers]
        return orders, [p * n / 100.0 + rule.entry_fee
                        for p, n in zip(self.prices, orders, strict=True)]

    def saleable(self) -> float:
        """Return how far people believe that the list price can be had."""
        rule, offer = self.rules.purchase_choice, self.offer
        if rule is None:
            return 1.0
        return exp(-(max(0.0, log(offer.list_price / offer.reference_price)) / rule.plausible_range) ** 2)

    def found_sellers(self) -> None:
        rule = self.rules.recruiting
        wanted = round(rule.founders * self.reach * len(self.persons)) if rule else 0
        if not wanted or not self.tiers:
            return
        (orders, cost), share = self.entry(), self.saleable()
        luck = self.fixed("founder")
        able = [p for p in self.persons if p.row < 0 and share * p.budget >= cost[0]]
        able.sort(key=lambda p: bits64(luck, p.id))
        chosen = able[:wanted]
        if len(chosen) < wanted:
            taken = {p.id for p in chosen}
            rest = [p for p in self.persons
                    if p.row < 0 and p.id not in taken and share * p.budget >= min(cost)]
            rest.sort(key=lambda p: -p.budget)
            chosen += rest[: wanted - len(chosen)]
        who = [
            (p.id, -1, next(r for r, c in enumerate(cost) if c <= share * p.budget))
            for p in sorted(chosen, key=lambda p: p.id)
        ]
        self.enlist(who, orders, round(rule.entry_fee * 100), rule.binding, False, share)

    def found_prosumers(self) -> None:
        rule = self.rules.referral
        wanted = round(rule.founders * self.reach * len(self.persons)) if rule else 0
        if not wanted or not self.tiers:
            return
        luck = self.fixed("first prosumer")
        free = [p.id for p in self.persons if p.weekly_need > 0 and p.row < 0]
        free.sort(key=lambda i: bits64(luck, i))
        self.enlist_prosumers([(i, -1) for i in sorted(free[:wanted])])

    def enlist_prosumers(self, who: list[tuple[int, int]]) -> None:
        last = len(self.tiers) - 1
        self.enlist([(i, upline, last) for i, upline in who], [0] * len(self.tiers), 0,
                    self.rules.referral.binding, True)

    def recruit(self) -> None:
        rule = self.rules.recruiting
        if not self.sellers or rule.approaches == 0.0 or self.stopped():
            return
        incomes = sorted((s.income for s in self.active()), reverse=True)
        shown = 0.0
        if incomes:
            best = incomes[: max(1, len(incomes) // 10)]
            mean, top = total(incomes) / len(incomes), total(best) / len(best)
            if self.rules.effort_split and self.tiers:
                top = max(top, sum(pay[-1] for pay in self.promised()))
            shown = mean + rule.showcase * (top - mean)
        (orders, cost), share = self.entry(), self.saleable()
        opens, whom = self.fixed("open to selling"), self.luck("recruit whom")
        many, join = self.luck("recruit how many"), self.luck("join")
        accepted: dict[int, tuple[int, int, int]] = {}
        last = len(cost) - 1
        for seller in self.active():
            me = seller.person.id
            circle = self.circle[me]
            if not circle:
                continue
            luck = bits64(whom, me)
            for attempt in range(rounded(
                    rule.approaches * (seller.effort * (2.0 * seller.recruiting)) * seller.person.sociability,
                    bits32(many, me))):
                slot = bits64(luck, attempt) % len(circle)
                other = self.persons[circle[slot]]
                if not happens(opens, other.id, rule.open_to_selling):
                    continue
                if seller.wear[slot] == MUTED or other.row >= 0:
                    continue
                dares = share * other.budget * min(
                    1.0, rule.commitment + rule.commitment_hype * seller.optimism)
                rung = next((r for r, c in enumerate(cost) if rule.minimum_outlay <= c <= dares), -1)
                if rung < 0:
                    if cost[last] > share * other.budget or cost[last] < rule.minimum_outlay:
                        continue
                    rung = last
                tempting = min(rule.income_cap, share * shown / other.aspiration) - 1.0
                value = (
                    rule.base + rule.income_weight * tempting
                    + rule.credulity_weight * (other.credulity - 0.5)
                    + rule.trust_weight * (other.trust - 0.5)
                    + rule.hype_weight * seller.optimism - rule.entry_weight * cost[rung] / other.budget
                    - rule.saturation_weight * other.sellers - rule.warning_weight * other.leavers)
                if other.id not in accepted and happens(join, other.id, logistic(value)):
                    accepted[other.id] = (other.id, seller.row, rung)
        if accepted:
            self.saw("recruiting")
        self.enlist([accepted[i] for i in sorted(accepted)], orders,
                    round(rule.entry_fee * 100), rule.binding, False, share)

    def refer(self) -> None:
        rule = self.rules.referral
        if not self.tiers:
            return
        if not rule.trial:
            self.to_try, self.trials_due = [], 0
        elif self.version != self.tried:
            self.tried = self.version
            self.to_try = [s.person for s in self.active() if s.dropship]
        if self.to_try:
            spare = max(0, self.factory - math.ceil(self.forecast))
            count = min(spare // rule.trial, len(self.to_try))
            for person in self.to_try[:count]:
                person.home += rule.trial
                self.saw("referral: a trial")
            del self.to_try[:count]
            self.factory -= count * rule.trial
            self.trials_due = rule.trial * len(self.to_try)
        if rule.invitation == 0.0 or self.stopped():
            return
        luck = self.luck("accept reward rights")
        who = []
        for p in self.persons:
            if p.stage >= 3 and p.row < 0 and happens(luck, p.id, rule.invitation):
                known = p.seller >= 0 and self.sellers[p.seller].active
                who.append((p.id, p.seller if known else -1))
                self.saw("referral")
        self.enlist_prosumers(who)


def total(values: list[float]) -> float:
    """Add from left to right."""
    added = 0.0
    for value in values:
        added += value
    return added

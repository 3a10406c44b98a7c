"""The model: who there is, the order of the week, and what happens between several."""

from __future__ import annotations

import math
from collections import Counter
from types import SimpleNamespace
from typing import Any

import mesa
from mesa.agent import AgentSet

from benchmarks.plain_mesa.arithmetic import narrow, ration, sum_in_order
from benchmarks.plain_mesa.brand import Brand
from benchmarks.plain_mesa.cells import Cell, Community
from benchmarks.plain_mesa.luck import KeyedLuck, MesaLuck
from benchmarks.plain_mesa.observing import Observer
from benchmarks.plain_mesa.person import Person
from benchmarks.plain_mesa.reseller import Reseller

REFUSED = {
    "piloting": ("share",), "connecting": ("customers",), "converting": ("rate", "buy_back")}
"""Rules that are not here, with the settings that switch them on."""

TRAITS = (
    "taste_x", "taste_y", "willingness_to_pay", "weekly_need", "sociability", "credulity",
    "aspiration", "budget", "trust", "belief", "evidence", "satisfaction")


class PlainModel(mesa.Model):
    """The week over Python objects, from the opening state of a shipped model.

    Parameters
    ----------
    shipped
        A `MicroCommerce` before its first week: traits, network and founders come from it.
    keyed
        Whether to draw the luck of the shipped model, or numbers of Mesa's own generator.
    exact
        Whether to round to 32 bits what the shipped model keeps in 32 bits.
    """

    def __init__(self, shipped: Any, *, keyed: bool = True, exact: bool = True) -> None:
        super().__init__(rng=shipped.world.seed)
        world, settings = shipped.world, shipped.world.settings
        self.rules = SimpleNamespace(**{rule.name(): rule for rule in settings.rules})
        for name, switches in REFUSED.items():
            if any(getattr(getattr(self.rules, name), switch) for switch in switches):
                raise ValueError(f"the rule '{name}' is not in the plain model")
        self.luck = KeyedLuck(world.seed) if keyed else MesaLuck(self.random)
        self.narrow = narrow if exact else float
        self.week = 0
        self.offer, self.production = settings.offer, settings.production
        self.reference = self.offer.reference_quality * self.offer.reference_fit
        self.tiers = settings.tiers
        self.prices = [round(tier.price * 100) for tier in self.tiers]
        self.list_price = round(self.offer.list_price * 100)
        self.postage = round(self.rules.selling.postage * 100)
        self.traffic_cost = round(self.rules.noticing.traffic_cost * 100)
        recruiting = self.rules.recruiting
        self.first_orders = [math.ceil(recruiting.loading * t.first_order) for t in self.tiers]
        self.entry_cost = [
            price * first / 100.0 + recruiting.entry_fee
            for price, first in zip(self.prices, self.first_orders, strict=True)]
        self.flows: Counter[str] = Counter()
        self.stages: Counter[int] = Counter()
        self.cells: list[Cell] = []
        self.street, self.lowest_price = 0.0, 0
        self.end_demand = self.direct_demand = 0
        self.generations: list[tuple[int, int]] = []
        self.wom_reproduction = math.nan
        self.observer = Observer(self)
        self.brand = Brand(
            self, self.offer, world.books.goods["factory"], len(world.brand.pipeline))
        self.brand.money = -self.brand.stock * round(self.offer.unit_cost * 100)
        self.flows["produced"] = self.brand.stock
        self.settle(world)
        # Sellers are kept in the order of joining, persons in the order of their numbers.
        self.resellers: AgentSet = AgentSet([], random=self.random)
        self.persons: AgentSet = self.agents_by_type[Person]
        founders = world.resellers
        for number, tier, dropship in zip(
            founders.person.tolist(), founders.tier.tolist(), founders.dropship.tolist(),
            strict=True,
        ):
            if dropship:
                self.enlist_prosumer(self.everybody[number], None)
            else:
                self.enlist(self.everybody[number], None, tier)

    def settle(self, world: Any) -> None:
        """Make the persons, and let them know each other."""
        columns = {name: world.persons[name].tolist() for name in TRAITS}
        self.everybody = [
            Person(self, number, {name: values[number] for name, values in columns.items()})
            for number in range(len(world.persons))
        ]
        graph = world.graph
        for person in self.everybody:
            first, last = graph.start[person.number], graph.start[person.number + 1]
            person.contacts = [self.everybody[c] for c in graph.contacts[first:last].tolist()]
            person.close = int(graph.close[person.number])
        edges = graph.communities.tolist()
        self.communities = [Community(self) for _ in edges[1:]]
        for community, first, last in zip(self.communities, edges, edges[1:], strict=False):
            for person in self.everybody[first:last]:
                person.community = community

    def step(self) -> None:
        """Live one week, rule by rule."""
        self.week += 1
        self.luck.begin(self.week)
        if self.week > 1:
            # What happened before the first week is reported with it.
            self.flows = Counter()
        self.resellers.do("train")
        self.persons.do("forget")
        self.resellers.do("approach")
        if self.rules.approaching.burn > 0.0:
            self.persons.do("be_annoyed")
        self.persons.do("notice")
        self.persons.do("use")
        self.buyers: list[tuple[Person, Reseller | None]] = []
        self.persons.do("choose")
        self.sell()
        self.persons.do("experience")
        self.serve()
        self.persons.do("share")
        self.persons.do("listen")
        self.persons.do("belong")
        self.gather()
        self.brand.collect()
        self.brand.create()
        self.resellers.do("expect")
        self.resellers.do("order")
        self.supply()
        self.resellers.do("reward_sponsor")
        self.recruit()
        self.refer()
        self.set_prices()
        self.resellers.do("rise_or_fall")
        self.leave()
        self.resellers.do("clear")
        self.stages = Counter(person.stage for person in self.persons)

    def sell(self) -> None:
        """Serve those who wait, then this week's buyers, while there is stock."""
        self.resellers.do("begin_sales")
        self.prices_paid: list[int] = []
        if self.brand.preorders:
            for person in self.persons:
                if person.waiting and not person.wait_no_more():
                    break
        for buyer, seller in self.buyers:
            buyer.buy(seller)
        flows = self.flows
        units = flows["sell_through"] + flows["dumped"]
        if units:
            self.street = (flows["revenue_retail"] + flows["revenue_dumped"]) / units
            self.lowest_price = min(self.prices_paid)
        ahead = flows["preordered"] - flows["delivered"]
        self.end_demand = units + flows["lost_sales"] + ahead
        self.direct_demand = flows["direct"] + ahead
        self.reproduce()

    def reproduce(self) -> None:
        """Relate convinced customers of one generation to the customers of the one before."""
        span, history = self.rules.selling.generation, self.generations
        history.append((self.flows["new_customers"], self.flows["convinced"]))
        before = sum(customers for customers, _ in history[-2 * span : -span])
        if len(history) >= 2 * span and before:
            self.wom_reproduction = sum(convinced for _, convinced in history[-span:]) / before

    def serve(self) -> None:
        """Give everybody who asks a share of what their server can do."""
        rule, asked, met = self.rules.serving, 0, 0.0
        self.persons.do("ask_for_service")
        for server in [*self.resellers, self.brand]:
            users = server.served
            if users:
                capacity = server.service_capacity()
                asked += len(users)
                met += min(float(len(users)), capacity)
                if rule.satisfaction > 0.0:
                    level = min(1.0, capacity / len(users))
                    for person in users:
                        person.be_served(level)
                server.served = []
        if asked:
            self.brand.service_met = met / asked
            self.brand.service = rule.utility * (met / asked - 0.5)

    def gather(self) -> None:
        if self.rules.gathering.founding == 0.0 and not self.cells:
            return
        self.persons.do("gather")
        for community in self.communities:
            community.tend()
        self.cells = [cell for cell in self.cells if cell.members]

    def supply(self) -> None:
        """Let goods arrive, ship what is ordered tier by tier, and produce."""
        self.resellers.do("receive")
        self.brand.finish()
        buyers: dict[int, list[Reseller]] = {}
        suppliers: dict[int, Reseller | None] = {}
        ordered = due = 0
        for reseller in self.resellers:
            if not reseller.active or reseller.backlog <= 0:
                continue
            above = reseller.supplier()
            row = -1 if above is None else above.row
            suppliers[row] = above
            buyers.setdefault(row, []).append(reseller)
            if above is None:
                ordered += reseller.ordered
            else:
                above.demand += reseller.ordered
        for row in sorted(buyers):
            mine, supplier = buyers[row], suppliers[row]
            wanted = [min(b.backlog, max(0, b.cash // self.prices[b.tier])) for b in mine]
            stock = self.brand.stock if supplier is None else supplier.inventory
            for buyer, units in zip(mine, ration(stock, wanted), strict=True):
                if supplier is None:
                    due += buyer.backlog - units
                if units:
                    buyer.be_shipped(units, supplier)
        if not self.rules.supplying.backorders:
            due = 0
            for reseller in self.resellers:
                reseller.backlog = reseller.first_left = 0
        self.brand.plan(ordered + self.direct_demand, due)

    def shown_income(self) -> float:
        """Return the income that recruiters show."""
        incomes = sorted((r.income for r in self.resellers if r.active), reverse=True)
        if not incomes:
            return 0.0
        best = incomes[: max(1, len(incomes) // 10)]
        mean, top = sum_in_order(incomes) / len(incomes), sum_in_order(best) / len(best)
        return mean + self.rules.recruiting.showcase * (top - mean)

    def recruit(self) -> None:
        if not self.resellers or self.rules.recruiting.approaches == 0.0:
            return
        self.newcomers: dict[int, tuple[Person, Reseller, int]] = {}
        self.resellers.do("recruit", self.shown_income())
        for number in sorted(self.newcomers):
            self.enlist(*self.newcomers[number])

    def enlist(self, person: Person, upline: Reseller | None, tier: int) -> None:
        """Make a reseller of `person`, who brings money and takes a first order."""
        rule = self.rules.recruiting
        reseller = self.take_up_selling(person, upline, tier, dropship=False)
        first, fee = self.first_orders[tier], round(rule.entry_fee * 100)
        reseller.opening = max(math.floor(person.budget * 100), self.prices[tier] * first + fee)
        reseller.cash = reseller.opening - fee
        reseller.binding = self.narrow(rule.binding)
        reseller.ordered = reseller.backlog = reseller.first_left = reseller.cumulative = first
        self.brand.money += fee
        self.flows["entry_payments"] += fee
        self.flows["revenue_brand"] += fee

    def enlist_prosumer(self, person: Person, upline: Reseller | None) -> None:
        """Give `person` reward rights on real sales, without stock."""
        reseller = self.take_up_selling(person, upline, len(self.tiers) - 1, dropship=True)
        reseller.binding = self.narrow(self.rules.referring.binding)

    def take_up_selling(
        self, person: Person, upline: Reseller | None, tier: int, dropship: bool
    ) -> Reseller:
        reseller = Reseller(person, len(self.resellers), upline, tier, dropship)
        self.resellers.add(reseller)
        if upline is not None:
            upline.recruits += 1
        person.reseller, person.aware = reseller, True
        person.tell_circle(1, 0)
        self.flows["joins"] += 1
        return reseller

    def refer(self) -> None:
        self.brand.let_try()
        if self.rules.referring.invitation > 0.0:
            self.persons.do("accept_reward_rights")

    def set_prices(self) -> None:
        for community in self.communities:
            community.cheapest = 2.0**31 - 1.0
        for reseller in self.resellers:
            if reseller.inventory > 0:
                community = reseller.person.community
                community.cheapest = min(community.cheapest, reseller.price)
        self.resellers.do("set_price")

    def leave(self) -> None:
        self.leavers: list[Reseller] = []
        self.resellers.do("think_of_leaving")
        if self.leavers:
            self.resellers.do("be_handed_over")
        for reseller in self.leavers:
            reseller.person.tell_circle(-1, 1)
        self.flows["exits"] += len(self.leavers)

    def observe(self) -> dict[str, Any]:
        """Return this week's row of the weekly table."""
        return self.observer.row()

"""The core week in plain Mesa: one Python object a person, one method a rule.

What somebody who knows Mesa would write without thinking of speed, with the luck and the
parameters of the shipped model, so that both give the same units and the same fen on a small
world (tests/benchmarks). It is the reference for "how many times as fast", and a second, readable
statement of the nineteen rules of 1.0; `OFF` names the rules it leaves out.
"""

from __future__ import annotations

import ctypes
import json
import math
import sys
import time
from collections import Counter
from statistics import NormalDist
from typing import Any

import mesa

from sim.kernel.luck import key

OFF = ("piloting", "connecting", "serving", "gathering", "collecting", "creating", "referring",
       "converting")
MASK = (1 << 64) - 1
LEAD = 8
quantile = NormalDist().inv_cdf


def core(scenario: Any) -> Any:
    """Return `scenario` with the rules of the core week only."""
    return scenario.changed({f"{name}.enabled": False for name in OFF})


def draw64(luck: int, who: int) -> int:
    z = (luck + (who + 1) * 0x9E3779B97F4A7C15) & MASK
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


def draw32(luck: int, who: int) -> int:
    return draw64(luck, who) >> 32


def unit(luck: int, who: int) -> float:
    return ((draw64(luck, who) >> 12) + 0.5) / 4503599627370496.0


def threshold(p: float) -> int:
    return int(min(max(p, 0.0), 1.0) * 4294967296.0)


def rounded(x: float, bits: int) -> int:
    whole = int(x)
    return whole + (bits < threshold(x - whole))


def poisson(mean: float, u: float) -> int:
    term = total = math.exp(-mean)
    count = 0
    while u > total and (term > 1e-18 or count < mean):
        count += 1
        term *= mean / count
        total += term
    return count


def ration(available: int, wanted: list[int]) -> list[int]:
    """Split by largest remainders, ties by order."""
    total = sum(wanted)
    if total <= available:
        return list(wanted)
    given = [w * available // total for w in wanted]
    rest = sorted(range(len(wanted)), key=lambda i: -(wanted[i] * available % total))
    for i in rest[: available - sum(given)]:
        given[i] += 1
    return given


def narrow(x: float) -> float:
    """Return `x` as a 32-bit float holds it, as the columns of the shipped model do."""
    return ctypes.c_float(x).value


class Business:
    """The selling role of a person; it stays when the person has left it."""

    def __init__(self, row: int, person: Person, upline: Business | None, tier: int) -> None:
        self.row, self.person, self.upline, self.tier = row, person, upline, tier
        self.active = True
        self.joined = person.model.week
        self.left = -1
        self.upline_left = -1000
        self.recruits = 0
        self.inventory = self.transit = self.backlog = self.first_left = 0
        self.pipeline = [0] * LEAD
        self.ordered = self.received = self.received_first = 0
        self.sold = self.lost = self.demand = 0
        self.cumulative = self.month_orders = self.missed = self.since = 0
        self.cash = self.opening = self.stock_value = self.week_income = 0
        self.forecast = self.income = 0.0
        self.price = 0
        self.optimism = upline.optimism if upline else 0.0
        self.effort = 1.0
        self.binding = 0.0
        self.wear = bytearray(len(person.contacts))


class Person(mesa.Agent):
    """A consumer with traits, state and a circle."""

    model: PlainModel

    def __init__(self, model: PlainModel, number: int, row: dict[str, Any]) -> None:
        super().__init__(model)
        self.number = number
        self.__dict__.update(row)
        self.contacts: list[Person] = []
        self.close = 0
        self.business: Business | None = None
        self.seller: Business | None = None
        self.offer: tuple[int, int] | None = None
        self.aware = False
        self.source = self.hops = self.home = self.used = 0
        self.purchases = self.stage = 0
        self.last_purchase = -1
        self.convinced_by = -1
        self.circle_sellers = self.circle_leavers = 0
        self.asks = self.push = self.voices = self.voice_sum = self.voices_bad = 0

    def forget(self) -> None:
        """Begin a week: last week's asks and offers are gone."""
        self.asks = self.push = 0
        self.offer = None

    def be_annoyed(self) -> None:
        rule = self.model.rules["approaching"]
        if self.asks > rule.tolerance:
            kept = max(0.0, 1.0 - rule.burn * (self.asks - rule.tolerance))
            self.trust = self.model.narrow(self.trust * kept)

    def notice(self) -> None:
        if self.aware:
            return
        model, rule = self.model, self.model.rules["noticing"]
        sellers, voices = rule.sellers * self.asks, rule.voices * self.voices
        hazard = rule.advertising + sellers + voices
        if draw32(model.luck["notice"], self.number) >= threshold(1.0 - math.exp(-hazard)):
            return
        self.aware = True
        pick = draw32(model.luck["notice from whom"], self.number) / 4294967296.0 * hazard
        self.source = 2 if pick < sellers else 3 if pick < sellers + voices else 1
        impression = rule.prior + self.credulity * (model.claimed - rule.prior)
        if self.source == 1:
            self.hops = 1
            if rule.fragmentation > 0.0:
                luck = unit(model.luck["broadcast bias"], self.number)
                impression += rule.fragmentation * quantile(luck)
                impression = min(max(impression, 0.0), 1.0)
        elif self.source == 2:
            self.hops = 2
        total = self.evidence + rule.claim_weight
        if total > 0.0:
            belief = (self.belief * self.evidence + impression * rule.claim_weight) / total
            self.belief, self.evidence = model.narrow(belief), model.narrow(total)

    def use(self) -> None:
        self.used = 0
        if self.home > 0:
            mean = max(self.weekly_need, self.model.rules["using"].idle_use)
            units = min(poisson(mean, unit(self.model.luck["use"], self.number)), self.home, 255)
            self.home -= units
            self.used = units
            self.model.flows["consumed"] += units

    def fit(self) -> float:
        dx, dy = self.taste_x - self.model.place[0], self.taste_y - self.model.place[1]
        return math.exp(-(dx * dx + dy * dy) * self.model.steepness)

    def choose(self) -> None:
        """Weigh the offer against the outside option, where there is an occasion to buy."""
        model, number = self.model, self.number
        if not self.aware:
            return
        if self.offer is not None:
            price, row = self.offer
            seller = model.businesses[row]
        elif self.seller is not None and self.seller.active:
            seller = self.seller
            price = seller.price
        else:
            return
        if self.business is not None and self.business.active:
            return
        rule, offer, luck = model.rules["choosing"], model.offer, model.luck
        pushed = self.push / 64.0
        wants = False
        if self.home == 0 and self.weekly_need > 0.0:
            wants = draw32(luck["need"], number) < threshold(1.0 - math.exp(-self.weekly_need))
        if not wants and pushed > 0.0:
            wants = draw32(luck["pushed"], number) < threshold(rule.push_occasion * pushed)
        if not wants:
            return
        knows = draw32(model.fixed_luck("knows prices"), number) < threshold(rule.price_knowledge)
        known = offer.reference_price if knows else offer.list_price
        common = (
            rule.quality_weight * (
                self.belief * self.fit() - offer.reference_quality * offer.reference_fit)
            + rule.trust_weight * (self.trust - 0.5)
            + rule.voice_weight * (self.voices - 2.0 * self.voices_bad)
        )
        scale = rule.price_sensitivity / self.willingness_to_pay
        value = common + rule.push_weight * pushed - scale * (price / 100.0 - known)
        odds = math.exp(min(value, 50.0))
        if draw32(luck["choose"], number) < threshold(odds / (1.0 + odds)):
            if self.asks > 0:
                self.source = 2
            model.buyers.append((self, seller))

    def buy(self, seller: Business) -> None:
        model, rule = self.model, self.model.rules["selling"]
        seller.demand += rule.basket
        units = min(rule.basket, seller.inventory)
        seller.lost += rule.basket - units
        model.flows["lost_sales"] += rule.basket - units
        if units == 0:
            return
        paid = seller.price * units
        cost = seller.stock_value * units // (seller.inventory + seller.transit)
        gain = paid - cost - model.postage
        seller.inventory -= units
        seller.stock_value -= cost
        seller.cash += paid - model.postage
        seller.week_income += gain
        seller.sold += units
        seller.since = 0
        model.flows["retail_margin_resellers"] += gain
        model.flows["sell_through" if seller.active else "dumped"] += units
        model.paid += paid
        self.seller = seller
        self.home += units
        self.purchases += 1
        self.last_purchase = model.week

    def experience(self) -> None:
        if self.used == 0:
            return
        model, rule, offer = self.model, self.model.rules["experiencing"], self.model.offer
        felt = model.quality + rule.noise * quantile(unit(model.luck["experience"], self.number))
        gap = felt - self.belief
        reference = offer.reference_quality * offer.reference_fit
        verdict = 0.5 + rule.performance * (felt * self.fit() - reference)
        verdict += (rule.loss if gap < 0.0 else rule.gain) * gap
        verdict = min(max(verdict, 0.0), 1.0)
        moved = self.trust + (rule.trust_loss if gap < 0.0 else rule.trust_gain) * gap
        self.satisfaction = model.narrow(
            self.satisfaction + rule.learning * (verdict - self.satisfaction))
        self.trust = model.narrow(min(max(moved, 0.0), 1.0))
        self.belief = model.narrow((self.belief * self.evidence + felt) / (self.evidence + 1.0))
        self.evidence = model.narrow(min(self.evidence + 1.0, rule.memory))

    def hush(self) -> None:
        self.voices = self.voice_sum = self.voices_bad = 0

    def decide_to_speak(self) -> None:
        devoted = self.stage >= 3
        if self.used == 0 and not devoted:
            return
        rule = self.model.rules["sharing"]
        lean = 2.0 * self.satisfaction - 1.0
        if lean < 0.0:
            chance = (rule.talk + rule.talk_bad * lean * lean) * rule.openness_bad
        else:
            chance = rule.talk + rule.talk_good * lean * lean if self.used else 0.0
            if devoted:
                chance = max(chance, rule.fans)
            chance *= rule.openness
        if draw32(self.model.luck["speak"], self.number) < threshold(chance):
            self.model.speakers.append(self)

    def speak(self) -> None:
        model, rule, number = self.model, self.model.rules["sharing"], self.number
        if not self.contacts:
            return
        wanted = rounded(
            rule.listeners * self.sociability, draw32(model.luck["speak to how many"], number))
        slot = draw64(model.luck["speak to whom"], number) % len(self.contacts)
        told = self.belief
        if rule.distortion > 0.0 and self.hops > 0:
            bias = quantile(unit(model.luck["distort"], number))
            told += rule.distortion * math.sqrt(self.hops) * bias
            told = min(max(told, 0.0), 1.0)
        bad = self.satisfaction < 0.5
        for step in range(min(wanted, len(self.contacts))):
            contact = self.contacts[(slot + step) % len(self.contacts)]
            if contact.voices < 255:
                contact.voices += 1
                contact.voice_sum += int(256.0 * told)
                contact.voices_bad += bad
            if not bad and contact.seller is None:
                contact.seller = self.seller
            if not contact.aware and not bad and contact.convinced_by < number:
                contact.convinced_by = number
                contact.hops = min(self.hops + 1, 255)

    def listen(self) -> None:
        rule, narrow = self.model.rules["listening"], self.model.narrow
        level = self.trust
        if rule.healing > 0.0 and level < rule.healed:
            level += rule.healing * (rule.healed - level)
        if self.voices > 0:
            level += rule.trust_good * (self.voices - self.voices_bad) * (1.0 - level)
            level -= rule.trust_bad * self.voices_bad * level
            total = self.evidence + rule.weight * self.voices
            if total > 0.0:
                reported = rule.weight * self.voice_sum / 256.0
                self.belief = narrow((self.belief * self.evidence + reported) / total)
                self.evidence = narrow(min(total, rule.memory))
        self.trust = narrow(min(max(level, 0.0), 1.0))

    def belong(self) -> None:
        if self.purchases == 0:
            return
        model, rule = self.model, self.model.rules["belonging"]
        stage = 0
        if model.week - self.last_purchase < rule.lapse:
            stage = 1
            if (self.purchases >= rule.user_purchases
                    and self.satisfaction >= rule.user_satisfaction):
                stage = 2
                if (
                    self.satisfaction >= rule.fan_satisfaction and self.trust >= rule.fan_trust
                    and draw32(model.fixed_luck("could be a fan"), self.number)
                    < threshold(rule.devoted)
                ):
                    creates = draw32(model.fixed_luck("can create"), self.number)
                    stage = 4 if creates < threshold(rule.creators) else 3
        self.stage = stage

    def tell_circle(self, sellers: int, leavers: int) -> None:
        for contact in self.contacts:
            contact.circle_sellers += sellers
            contact.circle_leavers += leavers


class PlainModel(mesa.Model):
    """The core week over Python objects, from the opening state of a shipped model."""

    def __init__(self, shipped: Any, exact: bool = True) -> None:
        super().__init__(rng=shipped.world.seed)
        world, settings = shipped.world, shipped.world.settings
        self.narrow = narrow if exact else float
        self.world_seed, self.week = world.seed, 0
        self.rules = {rule.name(): rule for rule in settings.rules}
        self.offer, self.production = settings.offer, settings.production
        self.tiers = settings.tiers
        self.prices = [round(tier.price * 100) for tier in self.tiers]
        self.list_price = round(self.offer.list_price * 100)
        self.postage = round(self.rules["selling"].postage * 100)
        self.quality = self.offer.quality
        self.place = (self.offer.position_x, self.offer.position_y)
        self.steepness = 1.0 / (self.offer.taste_radius**2 * world.brand.variety)
        self.claimed = min(
            1.0, self.quality + self.rules["noticing"].exaggeration * self.offer.overclaim)
        self.factory = world.books.goods["factory"]
        self.pipeline = [0] * len(world.brand.pipeline)
        self.in_production = self.due = 0
        self.demand_forecast = 0.0
        self.street = 0.0
        self.businesses: list[Business] = []
        self.flows: Counter[str] = Counter()
        self._fixed: dict[str, int] = {}
        traits = {
            name: world.persons[name].tolist() for name in (
                "taste_x", "taste_y", "willingness_to_pay", "weekly_need", "sociability",
                "credulity", "aspiration", "budget", "trust", "belief", "evidence",
                "satisfaction")
        }
        self.people = [
            Person(self, number, {name: values[number] for name, values in traits.items()})
            for number in range(len(world.persons))
        ]
        graph = world.graph
        for person in self.people:
            first, last = graph.start[person.number], graph.start[person.number + 1]
            person.contacts = [self.people[c] for c in graph.contacts[first:last].tolist()]
            person.close = int(graph.close[person.number])
        for community in range(graph.communities.size - 1):
            for number in range(graph.communities[community], graph.communities[community + 1]):
                self.people[number].community = community
        for number, tier in zip(
            world.resellers.person.tolist(), world.resellers.tier.tolist(), strict=True
        ):
            self.enlist(self.people[number], None, tier)
        self.flows["produced"] = self.factory

    def fixed_luck(self, decision: str) -> int:
        if decision not in self._fixed:
            self._fixed[decision] = key(self.world_seed, decision, -1)
        return self._fixed[decision]

    def step(self) -> None:
        """Live one week, rule by rule."""
        self.week += 1
        if self.week > 1:
            # What happened before the first week is reported with it.
            self.flows = Counter()
        self.luck = {
            decision: key(self.world_seed, decision, self.week)
            for decision in (
                "approach whom", "approach how many", "mute", "notice", "notice from whom",
                "broadcast bias", "use", "need", "pushed", "choose", "experience", "speak",
                "speak to how many", "speak to whom", "distort", "recruit whom",
                "recruit how many", "join", "leave")
        }
        self.train()
        self.agents.do("forget")
        self.approach()
        if self.rules["approaching"].burn > 0.0:
            self.agents.do("be_annoyed")
        self.agents.do("notice")
        self.agents.do("use")
        self.buyers: list[tuple[Person, Business]] = []
        self.agents.do("choose")
        self.sell()
        self.agents.do("experience")
        self.agents.do("hush")
        self.speakers: list[Person] = []
        self.agents.do("decide_to_speak")
        for person in self.speakers:
            person.speak()
        self.agents.do("listen")
        self.agents.do("belong")
        self.forecast()
        self.order()
        self.supply()
        self.reward()
        self.recruit()
        self.set_prices()
        self.promote()
        self.leave()
        self.clear()

    def train(self) -> None:
        rule = self.rules["training"]
        for b in self.businesses:
            if not b.active:
                continue
            mood = b.optimism
            mood += rule.intensity * (1.0 - mood) - rule.decay * mood
            idle = b.since - rule.patience
            if idle > 0:
                mood -= rule.deflation * mood
            mood = min(max(mood, 0.0), 1.0)
            b.optimism = self.narrow(mood)
            b.effort = self.narrow(
                (1.0 + rule.effort * mood) * max(0.2, 1.0 - rule.fatigue * max(idle, 0)))

    def approach(self) -> None:
        rule, luck = self.rules["approaching"], self.luck
        for b in self.businesses:
            seller = b.person
            degree = len(seller.contacts)
            if b.inventory <= 0 or degree == 0:
                continue
            intended = b.effort * rule.asks * seller.sociability if b.active else rule.clearing_asks
            wanted = rounded(intended, draw32(luck["approach how many"], seller.number))
            place = draw64(luck["approach whom"], seller.number) % degree
            own = draw64(luck["mute"], seller.number)
            for step in range(min(wanted, degree)):
                slot = (place + step) % degree
                worn = b.wear[slot]
                contact = seller.contacts[slot]
                if worn == 255 or (contact.business is not None and contact.business.active):
                    continue
                contact.asks = min(contact.asks + 1, 255)
                weight = rule.pressure * (1.0 if slot < seller.close else rule.weak)
                weight *= max(0.0, 1.0 - rule.wear * worn)
                contact.push = min(contact.push + int(64.0 * weight), 65535)
                offer = (b.price, b.row)
                contact.offer = offer if contact.offer is None else min(contact.offer, offer)
                if b.active and (contact.seller is None or not contact.seller.active):
                    contact.seller = b
                b.wear[slot] = min(worn + 1, 254)
                chance = rule.mute * (1.0 - contact.trust) * (1.0 + worn)
                if draw32(own, slot) < threshold(chance):
                    b.wear[slot] = 255
                    if contact.seller is b:
                        contact.seller = None

    def sell(self) -> None:
        for b in self.businesses:
            b.sold = b.lost = b.week_income = 0
            b.since += 1
        self.paid = 0
        for person, seller in self.buyers:
            person.buy(seller)
        units = self.flows["sell_through"] + self.flows["dumped"]
        if units:
            self.street = self.paid / units
        self.end_demand = units + self.flows["lost_sales"]

    def forecast(self) -> None:
        rule = self.rules["forecasting"]
        for b in self.businesses:
            b.forecast += rule.smoothing * (b.demand - b.forecast)
            b.demand = 0

    def order(self) -> None:
        rule = self.rules["ordering"]
        for b in self.businesses:
            b.ordered = 0
            if not b.active or b.joined == self.week:
                continue
            price, quota = self.prices[b.tier], self.tiers[b.tier].quota
            willing = 1.0
            if rule.margin > 0.0:
                willing = min(max((b.price - price) / (rule.margin * price), 0.0), 1.0)
            target = (
                willing * b.forecast * (self.rules["supplying"].lead_time + rule.cover) * (1.0 + b.optimism)
                + rule.pressure * quota)
            units = max(0, math.ceil(target - 1e-9) - b.inventory - b.transit - b.backlog)
            demanded = int(rule.pressure * quota)
            ends_month = (self.week - b.joined) % 4 == 0
            if ends_month:
                units = max(units, demanded - b.month_orders)
            free = b.cash - int(rule.reserve * b.opening) - b.backlog * price
            units = min(units, max(0, free // price))
            if units > 0:
                b.ordered += units
                b.backlog += units
                b.cumulative += units
            b.month_orders += units
            if ends_month:
                b.missed = b.missed + 1 if b.month_orders < demanded else 0
                b.month_orders = 0

    def supply(self) -> None:
        rule, production = self.rules["supplying"], self.production
        for b in self.businesses:
            arrived = b.pipeline[self.week % LEAD]
            b.pipeline[self.week % LEAD] = 0
            b.transit -= arrived
            b.inventory += arrived
            b.received = b.received_first = 0
        slot = self.week % len(self.pipeline)
        made, self.pipeline[slot] = self.pipeline[slot], 0
        self.in_production -= made
        self.factory += made
        self.flows["produced"] += made
        buyers: dict[int, list[Business]] = {}
        ordered_brand = due = 0
        for b in self.businesses:
            if not b.active or b.backlog <= 0:
                continue
            above = b.upline
            while above is not None and not (above.active and above.tier < b.tier):
                above = above.upline
            buyers.setdefault(-1 if above is None else above.row, []).append(b)
            if above is None:
                ordered_brand += b.ordered
            else:
                above.demand += b.ordered
        for supplier in sorted(buyers):
            mine = buyers[supplier]
            seller = self.businesses[supplier] if supplier >= 0 else None
            wanted = [min(b.backlog, max(0, b.cash // self.prices[b.tier])) for b in mine]
            stock = seller.inventory if seller else self.factory
            for b, units in zip(mine, ration(stock, wanted), strict=True):
                if seller is None:
                    due += b.backlog - units
                if units:
                    self.ship(b, seller, units)
        if not rule.backorders:
            due = 0
            for b in self.businesses:
                b.backlog = b.first_left = 0
        seen = ordered_brand + rule.sharing * (self.end_demand - ordered_brand)
        self.demand_forecast += production.smoothing * (seen - self.demand_forecast)
        target = self.demand_forecast * (production.lead_time + production.cover)
        batch = max(0, math.ceil(target) - (self.factory + self.in_production - due))
        batch = min(batch, int(production.capacity * len(self.people)))
        self.pipeline[(self.week + production.lead_time) % len(self.pipeline)] += batch
        self.in_production += batch

    def ship(self, b: Business, seller: Business | None, units: int) -> None:
        paid = units * self.prices[b.tier]
        first = min(units, b.first_left)
        b.backlog -= units
        b.first_left -= first
        b.pipeline[(self.week + self.rules["supplying"].lead_time) % LEAD] += units
        b.transit += units
        b.received += units
        b.received_first += first
        b.cash -= paid
        b.stock_value += paid
        self.flows["entry_payments"] += first * self.prices[b.tier]
        if seller is None:
            self.factory -= units
            self.flows["sell_in"] += units
            return
        cost = seller.stock_value * units // (seller.inventory + seller.transit)
        seller.inventory -= units
        seller.stock_value -= cost
        seller.cash += paid
        seller.week_income += paid - cost
        self.flows["upline_payments"] += paid - cost

    def reward(self) -> None:
        rule = self.rules["rewarding"]
        for b in self.businesses:
            sponsor = b.upline
            if b.received == 0 or sponsor is None or not sponsor.active:
                continue
            price = self.prices[b.tier]
            bonus = rule.same_level if b.tier <= sponsor.tier else 0.0
            reward = int(
                (rule.entry + bonus) * (b.received_first * price)
                + (rule.restock + bonus) * ((b.received - b.received_first) * price))
            sponsor.cash += reward
            sponsor.week_income += reward
            self.flows["upline_payments"] += reward

    def shown_income(self) -> float:
        incomes = sorted((b.income for b in self.businesses if b.active), reverse=True)
        if not incomes:
            return 0.0
        best = incomes[: max(1, len(incomes) // 10)]
        mean, top = sum_in_order(incomes) / len(incomes), sum_in_order(best) / len(best)
        return mean + self.rules["recruiting"].showcase * (top - mean)

    def recruit(self) -> None:
        rule = self.rules["recruiting"]
        if not self.businesses or rule.approaches == 0.0:
            return
        shown = self.shown_income()
        firsts = [math.ceil(rule.loading * tier.first_order) for tier in self.tiers]
        cost = [p * first / 100.0 + rule.entry_fee
                for p, first in zip(self.prices, firsts, strict=True)]
        joined: dict[int, tuple[Business, int]] = {}
        for b in self.businesses:
            seller = b.person
            if not b.active or not seller.contacts:
                continue
            wanted = rounded(
                rule.approaches * b.effort, draw32(self.luck["recruit how many"], seller.number))
            luck = draw64(self.luck["recruit whom"], seller.number)
            for attempt in range(wanted):
                slot = draw64(luck, attempt) % len(seller.contacts)
                person = seller.contacts[slot]
                if b.wear[slot] == 255 or person.business is not None:
                    continue
                tier = self.tempt(person, b, shown, cost)
                if tier is not None:
                    joined.setdefault(person.number, (b, tier))
        for number in sorted(joined):
            self.enlist(self.people[number], *joined[number])

    def tempt(self, person: Person, b: Business, shown: float, cost: list[float]) -> int | None:
        """Return the tier that `person` joins on `b`'s word, or ``None``."""
        rule = self.rules["recruiting"]
        open_to = draw32(self.fixed_luck("open to selling"), person.number)
        if open_to >= threshold(rule.open_to_selling):
            return None
        dared = person.budget * min(1.0, rule.commitment + rule.commitment_hype * b.optimism)
        tier = next((rung for rung, entry in enumerate(cost) if entry <= dared), -1)
        if tier < 0:
            if cost[-1] > person.budget:
                return None
            tier = len(cost) - 1
        value = (
            rule.base
            + rule.income_weight * (min(rule.income_cap, shown / person.aspiration) - 1.0)
            + rule.credulity * (person.credulity - 0.5)
            + rule.trust * (person.trust - 0.5)
            + rule.hype * b.optimism
            - rule.entry_weight * cost[tier] / person.budget
            - rule.saturation * person.circle_sellers
            - rule.warning * person.circle_leavers
        )
        chance = 1.0 / (1.0 + math.exp(-value))
        return tier if draw32(self.luck["join"], person.number) < threshold(chance) else None

    def enlist(self, person: Person, upline: Business | None, tier: int) -> None:
        rule = self.rules["recruiting"]
        b = Business(len(self.businesses), person, upline, tier)
        first = math.ceil(rule.loading * self.tiers[tier].first_order)
        fee = round(rule.entry_fee * 100)
        b.opening = max(math.floor(person.budget * 100), self.prices[tier] * first + fee)
        b.cash = b.opening - fee
        b.price, b.binding = self.list_price, self.narrow(rule.binding)
        b.ordered = b.backlog = b.first_left = b.cumulative = first
        if upline:
            upline.recruits += 1
        person.business, person.aware = b, True
        person.tell_circle(1, 0)
        self.businesses.append(b)
        self.flows["joins"] += 1
        self.flows["entry_payments"] += fee

    def set_prices(self) -> None:
        rule = self.rules["pricing"]
        cheapest: dict[int, int] = {}
        for b in self.businesses:
            if b.inventory > 0:
                home = b.person.community
                cheapest[home] = min(cheapest.get(home, b.price), b.price)
        for b in self.businesses:
            if not b.active:
                continue
            supply, worry = b.inventory / max(b.forecast, 0.05), 0.0
            if supply > rule.patience and self.week - b.joined > rule.patience:
                worry = min(1.0, (supply - rule.patience) / (2.0 * rule.patience + 1e-9))
                worry *= 1.0 - b.optimism
            new = b.price * (1.0 - rule.cut * worry)
            seen = cheapest.get(b.person.community, 2**31 - 1)
            if self.street > 0.0:
                mixed = 0.5 * (seen + self.street)
                seen = min(seen, mixed) if seen < b.price else min(b.price, self.street)
            if seen < new:
                new -= rule.follow * (new - seen)
            elif worry == 0.0:
                new += rule.drift * (self.list_price - new)
            b.price = int(max(new, rule.floor * self.prices[b.tier]))

    def promote(self) -> None:
        rule = self.rules["promoting"]
        for b in self.businesses:
            if not b.active:
                continue
            if rule.demotion > 0 and b.missed >= rule.demotion and b.tier < len(self.tiers) - 1:
                b.tier += 1
                b.missed = 0
            elif b.tier > 0:
                higher = self.tiers[b.tier - 1].first_order
                bought = rule.volume > 0.0 and b.cumulative >= rule.volume * higher
                heads = rule.recruits * (len(self.tiers) - b.tier)
                if bought or (rule.recruits > 0 and b.recruits >= heads):
                    b.tier -= 1

    def leave(self) -> None:
        rule = self.rules["leaving"]
        left = []
        for b in self.businesses:
            if not b.active:
                continue
            earned = b.income + rule.smoothing * (b.week_income / 100.0 - b.income)
            b.income = self.narrow(earned)
            if self.week - b.joined < rule.grace:
                continue
            missing = min(max(1.0 - earned / b.person.aspiration, -1.0), 2.0)
            hazard = rule.base * math.exp(
                rule.shortfall * missing
                + rule.idle * (min(b.since, 8) / 8.0)
                + rule.contagion * (1.0 if self.week - b.upline_left <= 8 else 0.0)
                - rule.sunk * min(1.0, b.stock_value / max(b.opening, 1))
                - rule.binding * b.binding)
            if draw32(self.luck["leave"], b.person.number) < threshold(hazard):
                b.active = False
                b.left = self.week
                b.backlog = b.first_left = 0
                left.append(b)
        for b in self.businesses if left else ():
            above = b.upline
            if above is not None and not above.active:
                if above.left == self.week:
                    b.upline_left = self.week
                while above is not None and not above.active:
                    above = above.upline
                b.upline = above
        for b in left:
            b.person.tell_circle(-1, 1)
        self.flows["exits"] += len(left)

    def clear(self) -> None:
        rule = self.rules["clearing"]
        for b in self.businesses:
            if b.active or b.inventory == 0:
                continue
            gone, person, units = self.week - b.left, b.person, 0
            if gone <= 8:
                room = int(rule.own_use * person.weekly_need) - person.home
                units = min(b.inventory, max(0, room))
                person.home += units
                self.flows["self_consumed"] += units
            if gone >= rule.shelf_life:
                units = b.inventory
                self.flows["written_off"] += units
            if units > 0:
                b.stock_value -= b.stock_value * units // (b.inventory + b.transit)
                b.inventory -= units
            base = float(self.prices[b.tier])
            if gone == 0:
                b.price = int(min(float(b.price), base * (1.0 - rule.discount)))
            else:
                b.price = int(max(b.price * (1.0 - rule.deepening), base * rule.lowest))
            b.price = max(b.price, 1)

    def observe(self) -> dict[str, int]:
        """Return this week's units, persons and fen under the names of the weekly table."""
        names = (
            "joins", "exits", "sell_in", "sell_through", "self_consumed", "dumped",
            "written_off", "lost_sales", "produced", "consumed", "retail_margin_resellers",
            "upline_payments", "entry_payments")
        stages = Counter(person.stage for person in self.people)
        return {
            "week": self.week,
            **{name: self.flows[name] for name in names},
            "resellers_active": sum(b.active for b in self.businesses),
            "inventory_factory": self.factory,
            "inventory_channel": sum(b.inventory for b in self.businesses),
            "inventory_transit": sum(b.transit for b in self.businesses),
            "inventory_homes": sum(person.home for person in self.people),
            **{f"stage_{name}": stages[k] for k, name in enumerate(
                ("stranger", "customer", "user", "fan", "geek"))},
        }


def sum_in_order(values: list[float]) -> float:
    total = 0.0
    for value in values:
        total += value
    return total


def compare(persons: int, weeks: int) -> dict[str, Any]:
    """Return person-weeks a second of both on the same world, and whether they agree."""
    from sim.model import MicroCommerce
    from sim.scenario.load import load

    scenario = core(load("pyramid", {"persons": persons, "weeks": weeks}))
    warm = MicroCommerce(core(load("pyramid", {"persons": 6000, "weeks": 30})), rng=1)
    while warm.running:
        warm.step()
    shipped = MicroCommerce(scenario, rng=1)
    begin, worked = time.perf_counter(), time.process_time()
    for _ in range(weeks):
        shipped.step()
    ours, cpu_ours = time.perf_counter() - begin, time.process_time() - worked
    # Built afterwards: the collector would walk its objects while the other one runs.
    plain = PlainModel(MicroCommerce(scenario, rng=1), exact=False)
    rows = []
    begin, worked = time.perf_counter(), time.process_time()
    for _ in range(weeks):
        plain.step()
        rows.append(plain.observe())
    theirs, cpu_theirs = time.perf_counter() - begin, time.process_time() - worked
    return {
        "persons": persons, "weeks": weeks, "shipped": persons * weeks / ours,
        "plain": persons * weeks / theirs, "cpu_ratio": cpu_theirs / cpu_ours,
        # Wide floats instead of the shipped model's narrow ones: tables agree nearly, not exactly.
        "agree": all(
            abs(row[name] - week[name]) <= 0.02 * abs(week[name]) + 2
            for row, week in zip(rows, shipped.weekly, strict=True) for name in row),
    }


if __name__ == "__main__":
    print(json.dumps(compare(int(sys.argv[1]), int(sys.argv[2]))))

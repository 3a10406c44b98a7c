"""Resellers: they approach, sell, order, recruit, price, rise and leave."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import mesa

if TYPE_CHECKING:
    from benchmarks.plain_mesa.model import PlainModel
    from benchmarks.plain_mesa.person import Person

MUTED = 255
LEAD = 8


class Reseller(mesa.Agent):
    """The selling role of a person; it stays when the person has left it."""

    model: PlainModel

    def __init__(
        self, person: Person, row: int, upline: Reseller | None, tier: int, dropship: bool
    ) -> None:
        super().__init__(person.model)
        self.row, self.person, self.upline, self.tier = row, person, upline, tier
        self.dropship = dropship
        self.active = True
        self.joined = self.model.week
        self.left = -1
        self.upline_left = -1000
        self.recruits = 0
        self.inventory = self.transit = self.backlog = self.first_left = 0
        self.pipeline = [0] * LEAD
        self.ordered = self.received = self.received_first = 0
        self.demand = self.cumulative = self.month_orders = self.missed = self.since = 0
        self.cash = self.opening = self.stock_value = self.week_income = 0
        self.forecast = self.income = 0.0
        self.price = self.model.list_price
        self.optimism: float = upline.optimism if upline else 0.0
        self.effort = 1.0
        self.binding = 0.0
        self.served: list[Person] = []
        self.wear = [0] * len(person.contacts)

    # -- inform and sell ----------------------------------------------------------------------

    def train(self) -> None:
        if not self.active:
            return
        rule, mood = self.model.rules.training, self.optimism
        mood += rule.intensity * (1.0 - mood) - rule.decay * mood
        idle = self.since - rule.patience
        if idle > 0:
            mood -= rule.deflation * mood
        mood = min(max(mood, 0.0), 1.0)
        self.optimism = self.model.narrow(mood)
        tired = max(0.2, 1.0 - rule.fatigue * max(idle, 0))
        self.effort = self.model.narrow((1.0 + rule.effort * mood) * tired)

    def approach(self) -> None:
        """Offer the product to a stretch of one's circle."""
        rule, luck, me = self.model.rules.approaching, self.model.luck, self.person
        degree = len(me.contacts)
        if degree == 0 or (self.inventory <= 0 and not (self.dropship and self.active)):
            return
        intended = rule.clearing_asks
        if self.active:
            intended = self.effort * rule.asks * me.sociability
        wanted = luck.rounded("approach how many", me.number, intended)
        place = luck.index("approach whom", me.number, degree)
        for step in range(min(wanted, degree)):
            slot = (place + step) % degree
            worn, contact = self.wear[slot], me.contacts[slot]
            if worn == MUTED or contact.keeps_shop:
                continue
            weight = rule.pressure * (1.0 if slot < me.close else rule.weak)
            contact.hear_offer(self, weight * max(0.0, 1.0 - rule.wear * worn))
            self.wear[slot] = min(worn + 1, 254)
            chance = rule.mute * (1.0 - contact.trust) * (1.0 + worn)
            if luck.happens("mute", me.number, chance, turn=slot):
                self.wear[slot] = MUTED
                if contact.seller is self:
                    contact.seller = None

    def begin_sales(self) -> None:
        self.week_income = 0
        self.since += 1

    def sell(self, units: int) -> None:
        """Send units from one's own stock."""
        model = self.model
        paid = self.price * units
        cost = self.stock_value * units // (self.inventory + self.transit)
        gain = paid - cost - model.postage
        self.inventory -= units
        self.stock_value -= cost
        self.cash += paid - model.postage
        self.week_income += gain
        model.flows["retail_margin_resellers"] += gain
        model.flows["sell_through" if self.active else "dumped"] += units
        model.flows["revenue_retail" if self.active else "revenue_dumped"] += paid

    def service_capacity(self) -> float:
        rule = self.model.rules.serving
        return rule.capacity * rule.care * self.effort

    # -- order --------------------------------------------------------------------------------

    def expect(self) -> None:
        rule = self.model.rules.forecasting
        self.forecast += rule.smoothing * (self.demand - self.forecast)
        self.demand = 0

    def order(self) -> None:
        """Order up to a target, under pressure beyond it, as far as the money goes."""
        model, rule = self.model, self.model.rules.ordering
        self.ordered = 0
        if not self.active or self.dropship or self.joined == model.week:
            return
        price, quota = model.prices[self.tier], model.tiers[self.tier].quota
        willing = 1.0
        if rule.margin > 0.0:
            willing = min(max((self.price - price) / (rule.margin * price), 0.0), 1.0)
        horizon = float(model.rules.supplying.lead_time + rule.cover)
        target = willing * self.forecast * horizon * (1.0 + self.optimism) + rule.pressure * quota
        held = self.inventory + self.transit + self.backlog
        units = max(0, math.ceil(target - 1e-9) - held)
        demanded = int(rule.pressure * quota)
        ends_month = (model.week - self.joined) % 4 == 0
        if ends_month:
            units = max(units, demanded - self.month_orders)
        free = self.cash - int(rule.reserve * self.opening) - self.backlog * price
        units = min(units, max(0, free // price))
        if units > 0:
            self.ordered += units
            self.backlog += units
            self.cumulative += units
        self.month_orders += units
        if ends_month:
            self.missed = self.missed + 1 if self.month_orders < demanded else 0
            self.month_orders = 0

    def receive(self) -> None:
        """Take in what arrives."""
        slot = self.model.week % LEAD
        arrived, self.pipeline[slot] = self.pipeline[slot], 0
        self.transit -= arrived
        self.inventory += arrived
        self.received = self.received_first = 0

    def supplier(self) -> Reseller | None:
        """Return the nearest upline of a better tier; ``None`` is the brand."""
        above = self.upline
        while above is not None and not (above.active and above.tier < self.tier):
            above = above.upline
        return above

    def be_shipped(self, units: int, seller: Reseller | None) -> None:
        """Pay for units that leave the stock of `seller`, or of the brand."""
        model, price = self.model, self.model.prices[self.tier]
        paid, first = units * price, min(units, self.first_left)
        self.backlog -= units
        self.first_left -= first
        self.pipeline[(model.week + model.rules.supplying.lead_time) % LEAD] += units
        self.transit += units
        self.received += units
        self.received_first += first
        self.cash -= paid
        self.stock_value += paid
        model.flows["entry_payments"] += first * price
        if seller is None:
            model.brand.stock -= units
            model.brand.money += paid
            model.flows["sell_in"] += units
            model.flows["revenue_brand"] += paid
            return
        cost = seller.stock_value * units // (seller.inventory + seller.transit)
        seller.inventory -= units
        seller.stock_value -= cost
        seller.cash += paid
        seller.week_income += paid - cost
        model.flows["upline_payments"] += paid - cost

    def reward_sponsor(self) -> None:
        """Let the upline have its share of what was received."""
        rule, sponsor = self.model.rules.rewarding, self.upline
        if self.received == 0 or sponsor is None or not sponsor.active:
            return
        price = self.model.prices[self.tier]
        first = self.received_first * price
        later = (self.received - self.received_first) * price
        bonus = rule.same_level if self.tier <= sponsor.tier else 0.0
        reward = int((rule.entry + bonus) * first + (rule.restock + bonus) * later)
        sponsor.cash += reward
        sponsor.week_income += reward
        self.model.brand.money -= reward
        self.model.flows["upline_payments"] += reward

    # -- recruit, price, rise, leave ----------------------------------------------------------

    def recruit(self, shown: float) -> None:
        """Talk some of one's circle into selling; the first recruiter of a person wins."""
        model, me = self.model, self.person
        if not self.active or not me.contacts:
            return
        mean = model.rules.recruiting.approaches * self.effort
        for attempt in range(model.luck.rounded("recruit how many", me.number, mean)):
            slot = model.luck.index("recruit whom", me.number, len(me.contacts), turn=attempt)
            person = me.contacts[slot]
            if self.wear[slot] == MUTED or person.reseller is not None:
                continue
            tier = person.tempt(self, shown)
            if tier is not None:
                model.newcomers.setdefault(person.number, (person, self, tier))

    def set_price(self) -> None:
        if not self.active:
            return
        model, rule, street = self.model, self.model.rules.pricing, self.model.street
        if self.dropship:
            self.price = model.brand.price
            return
        supply, worry = self.inventory / max(self.forecast, 0.05), 0.0
        if supply > rule.patience and model.week - self.joined > rule.patience:
            worry = min(1.0, (supply - rule.patience) / (2.0 * rule.patience + 1e-9))
            worry *= 1.0 - self.optimism
        new = self.price * (1.0 - rule.cut * worry)
        seen = self.person.community.cheapest
        if street > 0.0:
            mixed = 0.5 * (seen + street)
            seen = min(seen, mixed) if seen < self.price else min(self.price, street)
        if seen < new:
            new -= rule.follow * (new - seen)
        elif worry == 0.0:
            new += rule.drift * (model.list_price - new)
        self.price = int(max(new, rule.floor * model.prices[self.tier]))

    def rise_or_fall(self) -> None:
        model, rule = self.model, self.model.rules.promoting
        if not self.active or self.dropship:
            return
        last = len(model.tiers) - 1
        if rule.demotion > 0 and self.missed >= rule.demotion and self.tier < last:
            self.tier += 1
            self.missed = 0
        elif self.tier > 0:
            higher = model.tiers[self.tier - 1].first_order
            bought = rule.volume > 0.0 and self.cumulative >= rule.volume * higher
            heads = rule.recruits * (len(model.tiers) - self.tier)
            if bought or (rule.recruits > 0 and self.recruits >= heads):
                self.tier -= 1

    def think_of_leaving(self) -> None:
        if not self.active:
            return
        model, rule = self.model, self.model.rules.leaving
        earned = self.income + rule.smoothing * (self.week_income / 100.0 - self.income)
        self.income = model.narrow(earned)
        if model.week - self.joined < rule.grace:
            return
        missing = min(max(1.0 - earned / self.person.aspiration, -1.0), 2.0)
        if self.dropship:
            missing *= rule.casual
        hazard = rule.base * math.exp(
            rule.shortfall * missing
            + rule.idle * (min(self.since, 8) / 8.0)
            + rule.contagion * (1.0 if model.week - self.upline_left <= 8 else 0.0)
            - rule.sunk * min(1.0, self.stock_value / max(self.opening, 1))
            - rule.binding * self.binding)
        if model.luck.happens("leave", self.person.number, hazard):
            self.active = False
            self.left = model.week
            self.backlog = self.first_left = 0
            model.leavers.append(self)

    def be_handed_over(self) -> None:
        """Go to the upline's upline when the upline has left."""
        above = self.upline
        if above is None or above.active:
            return
        if above.left == self.model.week:
            self.upline_left = self.model.week
        while above is not None and not above.active:
            above = above.upline
        self.upline = above

    def clear(self) -> None:
        """Having left, keep what one can use, offer the rest for less, write off what is spoilt."""
        if self.active or self.inventory == 0:
            return
        model, rule, person = self.model, self.model.rules.clearing, self.person
        gone, units = model.week - self.left, 0
        if gone <= 8 and gone < rule.shelf_life:
            room = int(rule.own_use * person.weekly_need) - person.home
            units = min(self.inventory, max(0, room))
            person.home += units
            model.flows["self_consumed"] += units
        if gone >= rule.shelf_life:
            units = self.inventory
            model.flows["written_off"] += units
        if units > 0:
            self.stock_value -= self.stock_value * units // (self.inventory + self.transit)
            self.inventory -= units
        base = float(model.prices[self.tier])
        if gone == 0:
            self.price = int(min(float(self.price), base * (1.0 - rule.discount)))
        else:
            self.price = int(max(self.price * (1.0 - rule.deepening), base * rule.lowest))
        self.price = max(self.price, 1)

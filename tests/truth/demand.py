"""The second implementation, second part: sellers approach, people notice, choose and buy."""

from __future__ import annotations

from typing import Any

from tests.truth.arithmetic import (
    bits32,
    bits64,
    exp,
    happens,
    limit,
    normal,
    poisson,
    rounded,
    single,
    unit,
)
from tests.truth.state import MUTED, State

__all__ = ["MUTED", "Demand"]


class Demand(State):
    """The week up to the sale."""

    # -- inform -------------------------------------------------------------------------------

    def train(self) -> None:
        rule = self.rules.training
        for s in self.active():
            mood = s.optimism
            mood += rule.intensity * (1.0 - mood) - rule.decay * mood
            idle = s.idle - rule.patience
            if idle > 0:
                mood -= rule.deflation * mood
            mood = min(max(mood, 0.0), 1.0)
            s.optimism = single(mood)
            s.effort = single(
                (1.0 + rule.effort * mood) * max(0.2, 1.0 - rule.fatigue * max(idle, 0)))

    def approach(self) -> None:
        rule = self.rules.approaching
        for p in self.persons:
            p.asks, p.push, p.best = 0, 0, None
        whom, many = self.luck("approach whom"), self.luck("approach how many")
        mute = self.luck("mute")
        for s in self.sellers:
            me = s.person.id
            circle = self.circle[me]
            if not circle or (s.inventory <= 0 and not (s.dropship and s.active)):
                continue
            mean = s.effort * rule.asks * s.person.sociability if s.active else rule.clearing_asks
            wanted = min(rounded(mean, bits32(many, me)), len(circle))
            place, luck = bits64(whom, me) % len(circle), bits64(mute, me)
            for step in range(wanted):
                slot = (place + step) % len(circle)
                worn = s.wear[slot]
                other = self.persons[circle[slot]]
                rival = self.sellers[other.row] if other.row >= 0 else None
                if worn == MUTED or (rival and rival.active and not rival.dropship):
                    continue
                other.asks = min(other.asks + 1, 255)
                weight = rule.pressure * (1.0 if slot < self.close[me] else rule.weak)
                weight *= max(0.0, 1.0 - rule.wear * worn)
                other.push = min(other.push + int(64.0 * weight), 65535)
                offer = (s.price, s.row)
                other.best = offer if other.best is None else min(other.best, offer)
                if s.active and (other.seller < 0 or not self.sellers[other.seller].active):
                    other.seller = s.row
                if worn < 254:
                    s.wear[slot] = worn + 1
                if happens(luck, slot, rule.mute * (1.0 - other.trust) * (1.0 + worn)):
                    s.wear[slot] = MUTED
                    if other.seller == s.row:
                        other.seller = -1
        if rule.burn > 0.0:
            for p in self.persons:
                if p.asks > rule.tolerance:
                    p.trust = single(
                        p.trust * max(0.0, 1.0 - rule.burn * (p.asks - rule.tolerance)))

    def notice(self) -> None:
        rule = self.rules.noticing
        claimed = min(1.0, self.quality + rule.exaggeration * self.offer.overclaim)
        notice, which = self.luck("notice"), self.luck("notice from whom")
        bias = self.luck("broadcast bias")
        bought = 0
        for p in self.persons:
            if p.aware:
                continue
            sellers, voices = rule.sellers * p.asks, rule.voices * p.voices
            hazard = rule.advertising + sellers + voices
            if not happens(notice, p.id, 1.0 - exp(-hazard)):
                continue
            p.aware = 1
            pick = bits32(which, p.id) / 2.0**32 * hazard
            p.source = 2 if pick < sellers else 3 if pick < sellers + voices else 1
            impression = rule.prior + p.credulity * (claimed - rule.prior)
            if p.source == 1:
                bought, p.hops = bought + 1, 1
                if rule.fragmentation > 0.0:
                    impression += rule.fragmentation * normal(unit(bias, p.id))
                    impression = min(max(impression, 0.0), 1.0)
            elif p.source == 2:
                p.hops = 2
                seller = self.sellers[p.best[1]]
                p.convinced_by = seller.person.id if seller.dropship else -1
            weight = p.evidence + rule.claim_weight
            if weight > 0.0:
                p.belief = single(
                    (p.belief * p.evidence + impression * rule.claim_weight) / weight)
                p.evidence = single(weight)
        self.brand -= bought * round(rule.traffic_cost * 100)

    # -- need, choose, sell -------------------------------------------------------------------

    def use(self) -> None:
        luck = self.luck("use")
        for p in self.persons:
            p.used = 0
            if p.home > 0:
                mean = max(p.weekly_need, self.rules.using.idle_use)
                p.used = min(poisson(mean, unit(luck, p.id)), p.home, 255)
                p.home -= p.used
                self.add("consumed", p.used)

    def choose(self) -> None:
        rule, gathering, offer = self.rules.choosing, self.rules.gathering, self.offer
        suspicion = rule.suspicion * (1.0 - self.rules.referring.both_sides)
        knows, need = self.fixed("knows prices"), self.luck("need")
        pushed_luck, luck = self.luck("pushed"), self.luck("choose")
        direct_price = self.direct_price() / 100.0
        for p in self.persons:
            p.chosen = -1
            if not p.aware or p.waiting:
                continue
            pushed = p.push / 64.0
            wants = p.home == 0 and p.weekly_need > 0.0 and happens(
                need, p.id, 1.0 - exp(-p.weekly_need))
            wants = wants or (
                pushed > 0.0 and happens(pushed_luck, p.id, rule.push_occasion * pushed))
            if not wants:
                continue
            row, cost = -1, 0.0
            if p.best is not None:
                row, cost = p.best[1], p.best[0] / 100.0
            elif p.seller >= 0 and self.sellers[p.seller].active:
                row, cost = p.seller, self.sellers[p.seller].price / 100.0
            direct = gathering.own_channel and p.cell >= 0
            mine = self.sellers[p.row] if p.row >= 0 else None
            if (row < 0 and not direct) or (mine and mine.active and not mine.dropship):
                continue
            known = offer.reference_price if happens(
                knows, p.id, rule.price_knowledge) else offer.list_price
            common = (
                rule.quality_weight * (p.belief * self.fit(p, self.steepness()) - self.reference())
                + rule.trust_weight * (p.trust - 0.5)
                + rule.voice_weight * (float(p.voices) - 2.0 * float(p.bad)) + self.service)
            if p.cell >= 0:
                common += gathering.belonging
            scale = rule.price_sensitivity / p.willingness_to_pay
            by_seller = by_brand = 0.0
            if row >= 0:
                value = common + rule.push_weight * pushed - scale * (cost - known)
                if self.sellers[row].dropship:
                    value -= suspicion
                by_seller = exp(min(value, 50.0))
            if direct:
                by_brand = exp(min(common - scale * (direct_price - known), 50.0))
            everything = 1.0 + by_seller + by_brand
            bits = bits32(luck, p.id)
            if bits < limit(by_seller / everything):
                p.chosen = row
            elif bits < limit((by_seller + by_brand) / everything):
                p.chosen = -2
            else:
                continue
            if p.asks > 0:
                p.source = 2

    def credit(self, p: Any, units: int) -> None:
        """Count a purchase by where the person heard of the product last."""
        if p.purchases == 0:
            self.add("new_customers", 1)
            p.first = self.week
        p.purchases += 1
        p.last = self.week
        if 1 <= p.source <= 3:
            self.add(("purchases_broadcast", "purchases_seller", "purchases_word_of_mouth")[
                p.source - 1], units)

    def sell(self) -> None:
        rule, postage = self.rules.selling, round(self.rules.selling.postage * 100)
        share, basket = self.rules.referring.share, rule.basket
        direct_price, steepness = self.direct_price(), self.steepness()
        for s in self.sellers:
            s.sold = s.lost = s.week_income = 0
            s.idle += 1
        prices: list[int] = []
        sold = paid = delivered = asked = direct = 0
        if self.preorders:
            for p in self.persons:
                if not p.waiting:
                    continue
                if self.factory < p.waiting:
                    break
                units, p.waiting = p.waiting, 0
                self.factory -= units
                p.home += units
                self.credit(p, units)
                delivered, sold = delivered + units, sold + units
                paid += direct_price * units
                self.brand += direct_price * units - postage
                self.add("sell_through", units)
                self.add("revenue_retail", direct_price * units)
                prices.append(direct_price)
        for p in self.persons:
            if p.chosen == -1:
                continue
            s = self.sellers[p.chosen] if p.chosen >= 0 else None
            by_brand = s is None or s.dropship
            units = min(basket, self.factory if by_brand else s.inventory)
            if s:
                s.demand += basket
            if by_brand and units < basket and self.rules.creating.preorders:
                p.waiting = basket
                asked += basket
                continue
            if units < basket:
                self.add("lost_sales", basket - units)
                if s:
                    s.lost += basket - units
            if units == 0:
                continue
            each = s.price if s else direct_price
            if by_brand:
                self.factory -= units
                direct += units
                self.add("sell_through", units)
                self.add("revenue_retail", each * units)
                self.brand += each * units - postage
                if s:
                    reward = int(share * (each * units))
                    self.brand -= reward
                    s.cash += reward
                    s.week_income += reward
                    self.add("retail_margin_resellers", reward)
            else:
                cost = s.value * units // (s.inventory + s.transit)
                s.inventory -= units
                s.value -= cost
                s.cash += each * units - postage
                s.week_income += each * units - cost - postage
                self.add("retail_margin_resellers", each * units - cost - postage)
                self.add("sell_through" if s.active else "dumped", units)
                self.add("revenue_retail" if s.active else "revenue_dumped", each * units)
            sold, paid = sold + units, paid + each * units
            if s:
                s.sold += units
                s.idle = 0
                p.seller = s.row
            p.home += units
            prices.append(each)
            worth = 100.0 * p.willingness_to_pay * self.quality * self.fit(p, steepness)
            self.add("consumer_surplus", units * (int(worth) - each))
            self.credit(p, units)
        self.preorders += asked - delivered
        self.end_demand = (sold - delivered + asked + self.flows.get("lost_sales", 0))
        self.direct_demand = direct + asked
        if sold:
            self.street = (paid / sold, min(prices))

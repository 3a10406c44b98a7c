"""The second implementation, second part: sellers approach, people notice, choose and buy."""

from __future__ import annotations

from typing import Any

from tests.truth.arithmetic import (
    bits32,
    bits64,
    exp,
    happens,
    limit,
    log,
    logistic,
    normal,
    poisson,
    rounded,
    single,
    unit,
)
from tests.truth.state import MUTED, State

__all__ = ["FIXED", "MUTED", "Demand"]

FIXED = 1048576.0
"""Shares are added in steps of 2^-20."""


class Demand(State):
    """The week up to the sale."""

    # -- inform -------------------------------------------------------------------------------

    def try_small(self) -> None:
        rule, pilot = self.rules.piloting, self.pilot
        if pilot is None:
            return
        before = self.flows_before
        pilot.sold_in += before.get("sell_in", 0) + before.get("sold_directly", 0)
        pilot.sold_through += before.get("sell_through", 0)
        if self.week <= rule.weeks:
            return
        self.pilot, self.reach = None, 0.0
        levels = [int(p.satisfaction * FIXED) for p in self.persons if p.purchases]
        satisfied = bool(levels) and sum(levels) / FIXED / len(levels) >= rule.satisfaction
        if not satisfied or pilot.sold_through < rule.sell_through * max(pilot.sold_in, 1):
            self.saw("piloting", "piloting: failed", *["piloting: dissatisfied"] * (not satisfied))
            return
        self.saw("piloting", "piloting: passed")
        joined = len(self.sellers)
        self.reach = 1.0 - rule.share
        self.found_sellers()
        self.found_prosumers()
        self.reach = 1.0
        if len(self.sellers) > joined:
            self.saw("piloting: scaled")

    def train(self) -> None:
        rule = self.rules.training
        for s in self.active():
            mood = s.optimism
            mood += rule.intensity * (1.0 - mood) - rule.decay * mood
            idle = s.idle - rule.patience
            if idle > 0:
                mood -= rule.deflation * mood
            mood = min(max(mood, 0.0), 1.0)
            if single(mood) != s.optimism:
                self.saw("training")
            s.optimism = single(mood)
            s.effort = single(
                (1.0 + rule.effort * mood) * max(0.2, 1.0 - rule.fatigue * max(idle, 0)))

    def promised(self) -> tuple[list[float], list[float]]:
        """Return what the plan promises a week for recruits and for retail, rung by rung."""
        rule, rules = self.rules.effort_split, self.rules
        postage = rules.selling.postage if rules.selling else 0.0
        prices = [price / 100.0 for price in self.prices]
        usual = rules.pricing.markup if rules.pricing else 0.0
        retail = [max(usual * price, self.offer.list_price - price - postage) * rule.promised_sales / 4
                  for price in prices]
        if not prices or not rules.recruiting or not rules.recruiting.approaches:
            return [0.0] * len(prices), retail
        first = self.entry()[0][-1]
        later = 12 * (rules.ordering.pressure * self.tiers[-1].quota if rules.ordering else 0.0)
        worth = []
        for rung, price in enumerate(prices):
            chain = rules.supply_chain
            value = (prices[-1] - price) * (first + later) if chain and chain.through_uplines else 0.0
            bonuses = rules.sponsor_bonuses
            if bonuses:
                again = later if rung < bonuses.restock_rungs else 0.0
                value += prices[-1] * (bonuses.entry * first + bonuses.restock * again)
                if rung == len(prices) - 1:
                    value += prices[-1] * bonuses.same_level * (first + again)
            worth.append(value * rule.promised_recruits / 4)
        return worth, retail

    def split(self) -> None:
        rule = self.rules.effort_split
        team, shop = self.promised()
        for s in self.active():
            lately = s.team_lately + rule.memory * ((s.team_pay - s.team_known) / 100.0 - s.team_lately)
            own = s.shop_lately + rule.memory * ((s.shop_pay - s.shop_known) / 100.0 - s.shop_lately)
            s.team_known, s.shop_known = s.team_pay, s.shop_pay
            s.team_lately, s.shop_lately = single(lately), single(own)
            lately = max(0.0, lately + s.optimism * (team[s.rung] - lately))
            own = max(0.0, own + s.optimism * (shop[s.rung] - own))
            share = lately / (lately + own) if lately + own > 0.0 else 0.5
            s.recruiting = single(0.5 + rule.matching * (share - 0.5))
            if s.recruiting != 0.5:
                self.saw("effort_split")

    def approach(self) -> None:
        rule = self.rules.prospecting
        for p in self.persons:
            p.asks, p.push, p.best = 0, 0, None
        whom, many = self.luck("approach whom"), self.luck("approach how many")
        mute = self.luck("mute")
        for s in self.sellers:
            me = s.person.id
            circle = self.circle[me]
            if not circle or (s.inventory <= 0 and not (s.dropship and s.active)):
                continue
            mean = rule.clearing_asks
            if s.active:
                mean = s.effort * (2.0 - 2.0 * s.recruiting) * rule.asks * s.person.sociability
            wanted = min(rounded(mean, bits32(many, me)), len(circle))
            place, luck = bits64(whom, me) % len(circle), bits64(mute, me)
            for step in range(wanted):
                slot = (place + step) % len(circle)
                worn = s.wear[slot]
                other = self.persons[circle[slot]]
                rival = self.sellers[other.row] if other.row >= 0 else None
                if worn == MUTED or (rival and rival.active and not rival.dropship):
                    continue
                self.saw("prospecting", *["prospecting: a leaver"] * (not s.active))
                other.asks = min(other.asks + 1, 255)
                weight = rule.pressure * (1.0 if slot < self.close[me] else rule.weak)
                weight *= max(0.0, 1.0 - rule.wear * worn)
                other.push = min(other.push + int(1024.0 * weight + 0.5), 65535)
                offer = (s.price, s.row)
                other.best = offer if other.best is None else min(other.best, offer)
                if s.active and (other.seller < 0 or not self.sellers[other.seller].active):
                    other.seller = s.row
                if worn < 254:
                    s.wear[slot] = worn + 1
                if happens(luck, slot, rule.mute * (1.0 - other.trust) * (1.0 + worn)):
                    s.wear[slot] = MUTED
                    self.saw("prospecting: muted")
                    if other.seller == s.row:
                        other.seller = -1
        if rule.burn > 0.0:
            for p in self.persons:
                # Multiplied in another order, what is left can lie on the other side of a tie.
                annoyed = p.asks - rule.tolerance / max(rule.pressure, 1e-9)
                if annoyed > 0.0:
                    p.trust = single(p.trust * max(0.0, 1.0 - rule.burn * rule.pressure * annoyed))

    def notice(self) -> None:
        rule = self.rules.brand_awareness
        claimed = min(1.0, self.quality + rule.exaggeration * self.offer.overclaim)
        notice, which = self.luck("notice"), self.luck("notice from whom")
        bias = self.luck("broadcast bias")
        bought = 0
        for p in self.persons:
            if p.aware:
                continue
            sellers, voices = rule.seller_weight * p.asks, rule.voice_weight * p.voices
            hazard = rule.advertising * self.reach + sellers + voices
            if not happens(notice, p.id, 1.0 - exp(-hazard)):
                continue
            p.aware = 1
            pick = bits32(which, p.id) / 2.0**32 * hazard
            p.source = 2 if pick < sellers else 3 if pick < sellers + voices else 1
            self.saw("brand_awareness")
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
                mean = max(p.weekly_need, self.rules.consumption.idle_use)
                p.used = min(poisson(mean, unit(luck, p.id)), p.home, 255)
                p.home -= p.used
                if p.used:
                    self.saw("consumption")
                self.add("consumed", p.used)

    def believed(self, p: Any, asked: float) -> float:
        """Return what a person without knowledge of it believes the comparable product costs."""
        rule, usual = self.rules.purchase_choice, self.offer.reference_price

        def plausibility(away: float) -> float:
            near = away / rule.plausible_range
            return exp(-near * near)

        listed = max(0.0, log(max(self.offer.list_price, asked) / usual))
        lift = exp(rule.assimilation * rule.list_weight * listed * plausibility(listed))
        heard = plausibility(log(max(asked, 0.01) / usual))
        target = usual * lift + rule.assimilation * (1.0 - rule.list_weight) * heard * (asked - usual)
        before = p.reference or usual
        now = before + rule.adaptation * (target - before)
        p.reference = single(now)
        return now

    def offered(self, p: Any) -> tuple[int, int]:
        """Return row and price of the seller's offer; row -1 where there is none."""
        if p.best is not None:
            return p.best[1], p.best[0]
        if p.seller >= 0 and self.sellers[p.seller].active:
            return p.seller, self.sellers[p.seller].price
        return -1, 0

    def choose(self) -> None:
        for p in self.persons:
            p.chosen = -1
        for p in self.persons:
            if p.aware and not p.waiting and not p.home and not p.dropped:
                self.have_occasion(p)

    def have_occasion(self, p: Any) -> None:
        rule, brand_communities, offer = self.rules.purchase_choice, self.rules.brand_communities, self.offer
        pushed = p.push / (1024.0 + p.push)
        needs = happens(self.luck("need"), p.id, 1.0 - exp(-p.weekly_need))
        if not needs and not happens(self.luck("pushed"), p.id, rule.push_occasion * pushed):
            return
        mine = self.sellers[p.row] if p.row >= 0 else None
        if mine and mine.active and not mine.dropship:
            return
        row, cost = self.offered(p)
        direct_price = self.direct_price()
        direct = bool(brand_communities) and brand_communities.own_channel and p.sells
        if row < 0 and not direct:
            return
        money = self.money(p)
        if cost > money:
            row = -1
            self.saw("purchase_choice: too dear")
        if direct and direct_price > money:
            direct = False
        common = self.worth(p, needs)
        scale = rule.price_sensitivity / p.willingness_to_pay
        own_channel = bool(brand_communities) and brand_communities.own_channel
        asked = cost if cost > 0 else direct_price if own_channel else -1
        known = offer.reference_price
        if not happens(self.fixed("knows prices"), p.id, rule.price_knowledge):
            known = self.believed(p, asked / 100.0)
        legacy_channel = self.rules.legacy_channel
        customer = bool(legacy_channel) and happens(
            self.fixed("legacy customer"), p.id, legacy_channel.customers)
        worth: dict[str, float] = {}
        if row >= 0:
            value = common + self.helped(self.sellers[row].help) + (
                rule.push_weight * pushed - scale * (cost / 100.0))
            if self.sellers[row].dropship:
                referral = self.rules.referral
                value -= rule.suspicion * (1.0 - referral.both_sides) if referral else 0.0
            worth["seller"] = value
        if direct:
            worth["brand"] = common + self.helped(self.brand_help) - scale * (direct_price / 100.0)
        rival_price = int(100.0 * offer.reference_price)
        if needs and rival_price <= money:
            value = rule.necessity + rule.quality_weight * self.reference() - scale * known
            if customer:
                value = common - scale * legacy_channel.price
            worth["rival"] = value
        over = max(0.0, max(worth.values(), default=0.0) - 50.0)
        odds = {name: exp(worth[name] - over) if name in worth else 0.0
                for name in ("seller", "brand", "rival")}
        everything = 1.0 + odds["seller"] + odds["brand"] + odds["rival"]
        bits, chance = bits32(self.luck("choose"), p.id), odds["seller"]
        if bits < limit(chance / everything):
            p.chosen = row
        elif bits < limit((chance + odds["brand"]) / everything):
            p.chosen = -2
            self.saw("purchase_choice: the brand")
        elif bits < limit((chance + odds["brand"] + odds["rival"]) / everything):
            if customer:
                self.saw("purchase_choice: goes to the legacy channel")
            else:
                self.pay(p, rival_price)
                self.rivals += rival_price
                self.saw("purchase_choice: a comparable product")
            return
        else:
            return
        self.saw("purchase_choice")
        if p.asks > 0:
            p.source = 2
        if p.weekly_need == 0.0:
            p.trust = single(p.trust * (1.0 - rule.regret))
            p.dropped = 1
            self.saw("purchase_choice: talked into it")

    def helped(self, share: float) -> float:
        """Return what is known of the help in deciding that buyers got."""
        service = self.rules.customer_service
        return service.utility * (share - 0.5) if service else 0.0

    def worth(self, p: Any, needs: bool) -> float:
        """Return what the product is worth to a person, its price and a push apart."""
        rule, brand_communities = self.rules.purchase_choice, self.rules.brand_communities
        good, bad = float(p.voices - p.bad), float(p.bad)
        value = (
            rule.trust_weight * (p.trust - 0.5)
            + rule.voice_weight * (good - 2.0 * bad) / (good + bad + 2.0))
        if p.cell >= 0 and brand_communities:
            value += brand_communities.utility
        if p.purchases:
            value += rule.satisfaction_weight * (p.satisfaction - 0.5)
        if needs:
            value += (
                rule.necessity + rule.quality_weight * p.belief * self.fit(p, self.steepness())
                - rule.risk_weight / (1.0 + p.evidence))
        return value

    def bought(self, p: Any) -> None:
        """Count a purchase."""
        if p.purchases == 0:
            self.add("new_customers", 1)
            p.first = self.week
        p.purchases += 1
        p.last = self.week

    def credit(self, p: Any, units: int) -> None:
        """Count a purchase by where the person heard of the product last."""
        self.saw("selling")
        self.bought(p)
        if 1 <= p.source <= 3:
            self.add(("purchases_broadcast", "purchases_seller", "purchases_word_of_mouth")[
                p.source - 1], units)

    def sell(self) -> None:
        rule, postage = self.rules.selling, round(self.rules.selling.postage * 100)
        share = self.rules.referral.share if self.rules.referral else 0.0
        basket, product_development = rule.basket, self.rules.product_development
        direct_price, steepness = self.direct_price(), self.steepness()
        for s in self.sellers:
            s.sold = s.lost = s.week_income = 0
            s.idle += 1
        prices: list[int] = []
        sold = paid = delivered = shipped = asked = direct = 0
        if self.preorders:
            for p in self.in_turn(
                    [p for p in self.persons if p.waiting], "pre-orders served first"):
                if self.factory < p.waiting:
                    break
                units, p.waiting = p.waiting, 0
                delivered += units
                if direct_price * units > self.money(p):
                    self.saw("selling: a pre-order is cancelled")
                    continue
                self.pay(p, direct_price * units)
                self.factory -= units
                p.home += units
                self.credit(p, units)
                sold += units
                shipped += units
                paid += direct_price * units
                self.brand += direct_price * units - postage
                self.add("sell_through", units)
                self.add("sold_directly", units)
                self.add("revenue_retail", direct_price * units)
                self.add("revenue_brand", direct_price * units)
                self.saw("selling: a pre-order")
                prices.append(direct_price)
        for p in self.in_turn([p for p in self.persons if p.chosen != -1], "served first"):
            s = self.sellers[p.chosen] if p.chosen >= 0 else None
            by_brand = s is None or s.dropship
            each = s.price if s else direct_price
            wanted = min(basket, self.money(p) // each) if each else basket
            if wanted < basket:
                self.saw("selling: fewer than wished")
            units = min(wanted, self.factory if by_brand else s.inventory)
            if s:
                s.demand += wanted
            if by_brand and units < wanted and product_development and product_development.preorders:
                p.waiting = wanted
                asked += wanted
                continue
            if units < wanted:
                self.add("lost_sales", wanted - units)
                self.saw("selling: lost")
                if s:
                    s.lost += wanted - units
            if units == 0:
                continue
            self.pay(p, each * units)
            if by_brand:
                self.factory -= units
                direct += units
                self.add("sell_through", units)
                self.add("sold_directly", units)
                self.add("revenue_retail", each * units)
                self.add("revenue_brand", each * units)
                self.brand += each * units - postage
                if s:
                    reward = int(share * (each * units))
                    self.brand -= reward
                    s.cash += reward
                    s.week_income += reward
                    s.shop_pay += reward
                    self.add("retail_margin_resellers", reward)
            else:
                cost = s.value * units // (s.inventory + s.transit)
                s.inventory -= units
                s.value -= cost
                s.cash += each * units - postage
                s.week_income += each * units - cost - postage
                s.shop_pay += each * units - cost - postage
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
        self.end_demand = sold - shipped + asked + self.flows.get("lost_sales", 0)
        self.direct_demand = direct + asked
        if sold:
            self.street = (paid / sold, min(prices))

    # -- the legacy channel ----------------------------------------------------------------------

    def connect(self) -> None:
        rule, purchase_choice, offer = self.rules.legacy_channel, self.rules.purchase_choice, self.offer
        if not rule.customers or not purchase_choice:
            return
        price = round(rule.price * 100)
        sellers = self.active()
        customer, both = self.fixed("legacy customer"), self.fixed("wants both lines")
        need, buy = self.luck("need"), self.luck("buy in the old channel")
        over, handed = self.luck("hand over"), self.luck("handed")
        whom = self.luck("handed to whom")

        def meet(p: Any) -> None:
            """Let a person know a seller and, through them, the product."""
            p.seller, p.aware = sellers[bits64(whom, p.id) % len(sellers)].row, 1

        for p in self.in_turn(self.persons, "served first, old channel"):
            ours = happens(customer, p.id, rule.customers)
            decided = p.chosen != -1
            if not ours and not (decided and happens(over, p.id, rule.handover)):
                continue
            if ours and sellers and p.seller < 0 and happens(handed, p.id, rule.handed_over):
                meet(p)
                p.trust = single(max(0.0, p.trust - rule.resentment))
                p.satisfaction = single(max(0.0, p.satisfaction - rule.resentment))
                self.saw("legacy_channel: handed over")
            if p.weekly_need == 0.0:
                continue
            if not happens(both, p.id, rule.distinctness):
                if decided and ours:
                    self.add("cannibalised", 1)
                    self.saw("legacy_channel: cannibalised")
                if decided or p.home:
                    continue
            if price > self.money(p):
                self.saw("legacy_channel: too dear")
                continue
            if not happens(need, p.id, 1.0 - exp(-p.weekly_need)):
                continue
            value = (
                rule.loyalty
                + purchase_choice.quality_weight * (
                    p.belief * self.fit(p, 1.0 / offer.taste_radius**2) - self.reference())
                + 2.0 * (p.satisfaction - 0.5)
                - purchase_choice.price_sensitivity * (rule.price - offer.reference_price)
                / p.willingness_to_pay)
            if not happens(buy, p.id, logistic(value)):
                continue
            self.end_demand += 1
            self.direct_demand += 1
            if not self.factory:
                self.saw("legacy_channel: sold out")
                continue
            self.factory -= 1
            self.pay(p, price)
            p.home += 1
            paid = round(price * rule.wholesale)
            self.brand += paid
            self.legacy += price - paid
            self.add("revenue_brand", paid)
            self.add("purchases_legacy", 1)
            self.saw("legacy_channel", *["legacy_channel: a visitor"] * (not ours))
            self.bought(p)
            if not decided:
                p.source = 4
            if sellers and p.seller < 0 and happens(over, p.id, rule.handover):
                meet(p)
                self.saw("legacy_channel: met a seller")

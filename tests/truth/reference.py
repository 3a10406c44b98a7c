"""The second implementation, last part: orders, goods, prices, who leaves, and the whole week."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from typing import Any

from tests.truth.arithmetic import bits32, exp, happens, ration, rounded, single
from tests.truth.learning import Learning
from tests.truth.state import WEEK

__all__ = ["Reference"]

MONTH, QUARTER = 4, 13
COUNTED = (
    "joins", "exits", "sell_in", "sell_through", "self_consumed", "dumped", "bought_back",
    "written_off", "lost_sales", "produced", "consumed", "revenue_retail", "revenue_dumped",
    "retail_margin_resellers", "upline_payments", "entry_payments", "new_customers",
    "customers_lost", "consumer_surplus", "purchases_broadcast", "purchases_seller",
    "purchases_word_of_mouth", "purchases_legacy", "cannibalised", "revenue_brand",
)
PARTS = {
    "piloting": "try_small", "training": "train", "effort_split": "split",
    "prospecting": "approach", "brand_awareness": "notice",
    "consumption": "use", "purchase_choice": "choose", "selling": "sell", "legacy_channel": "connect",
    "product_experience": "experience", "customer_service": "serve", "word_of_mouth": "share",
    "belief_updating": "listen",
    "loyalty_stages": "belong", "brand_communities": "gather", "customer_data": "collect",
    "product_development": "create",
    "forecasting": "expect", "ordering": "order", "supply_chain": "supply", "sponsor_bonuses": "reward",
    "recruiting": "recruit", "referral": "refer", "pricing": "price", "tier_promotion": "promote",
    "leaving": "leave", "liquidation": "clear", "reseller_conversion": "convert",
}


class Reference(Learning):
    """The whole week."""

    # -- order, ship, reward ------------------------------------------------------------------

    def expect(self) -> None:
        for s in self.sellers:
            if s.demand:
                self.saw("forecasting")
            s.forecast += self.rules.forecasting.smoothing * (s.demand - s.forecast)
            s.demand = 0

    def order(self) -> None:
        rule, supply_chain = self.rules.ordering, self.rules.supply_chain
        lead_time = supply_chain.lead_time if supply_chain else 1
        for s in self.sellers:
            s.ordered = 0
            if not s.active or s.dropship or s.joined == self.week:
                continue
            price, quota = self.prices[s.rung], self.tiers[s.rung].quota
            willing = 1.0
            if rule.margin > 0.0:
                willing = min(max((s.price - price) / (rule.margin * price), 0.0), 1.0)
            target = (
                willing * s.forecast * float(lead_time + rule.cover) * (1.0 + s.optimism)
                + rule.pressure * quota)
            units = max(0, math.ceil(target - 1e-9) - s.inventory - s.transit - s.backlog)
            demanded = int(rule.pressure * quota)
            month_ends = (self.week - s.joined) % MONTH == 0
            if month_ends:
                units = max(units, demanded - s.month_orders)
            free = s.cash - int(rule.reserve * s.opening) - s.backlog * price
            units = min(units, max(0, free // price))
            if units < int(rule.lot * demanded):
                self.saw(*["ordering: less than a lot"] * (units > 0))
                units = 0
            if units > 0:
                s.ordered, s.backlog, s.orders = units, s.backlog + units, s.orders + units
                self.saw("ordering")
            s.month_orders += units
            if month_ends:
                s.missed = s.missed + 1 if s.month_orders < demanded else 0
                s.month_orders = 0

    def supplier(self, s: Any) -> int:
        rule, line = self.rules.supply_chain, self.sellers
        above = s.upline if rule.through_uplines else -1
        while above >= 0:
            if line[above].active and line[above].rung < s.rung:
                if not (rule.qualifying and line[above].missed):
                    break
                self.saw("supply_chain: passed over")
            above = line[above].upline
        return above

    def supply(self) -> None:
        rule, production = self.rules.supply_chain, self.production
        for s in self.sellers:
            arrived = s.coming.pop(self.week, 0)
            s.transit -= arrived
            s.inventory += arrived
            s.received = s.received_first = 0
        made = self.finished.pop(self.week, 0)
        self.in_production -= made
        self.factory += made
        unit_cost = round(
            self.offer.unit_cost * 100 * (1.0 + self.variety_cost * (self.variety - 1.0)))
        self.brand -= made * unit_cost
        self.add("produced", made)
        buyers: dict[int, list[Any]] = {}
        by_resellers = due = 0
        for s in self.active():
            if s.backlog > 0:
                above = self.supplier(s)
                buyers.setdefault(above, []).append(s)
                if above < 0:
                    by_resellers += s.ordered
                else:
                    self.sellers[above].demand += s.ordered
        for above in sorted(buyers):
            mine = buyers[above]
            source = self.sellers[above] if above >= 0 else None
            wanted = [min(s.backlog, max(0, s.cash // self.prices[s.rung])) for s in mine]
            given = ration(source.inventory if source else self.factory, wanted)
            for s, units in zip(mine, given, strict=True):
                if source is None:
                    due += s.backlog - units
                if not units:
                    continue
                price = self.prices[s.rung]
                self.saw("supply_chain", *["supply_chain: an upline"] * (source is not None))
                first = min(units, s.first_left)
                s.backlog -= units
                s.first_left -= first
                arrival = self.week + rule.lead_time
                s.coming[arrival] = s.coming.get(arrival, 0) + units
                s.transit += units
                s.received, s.received_first = s.received + units, s.received_first + first
                s.cash -= units * price
                s.value += units * price
                self.add("entry_payments", first * price)
                if source is None:
                    self.factory -= units
                    self.brand += units * price
                    self.add("revenue_brand", units * price)
                    self.add("sell_in", units)
                else:
                    cost = source.value * units // (source.inventory + source.transit)
                    source.inventory -= units
                    source.value -= cost
                    source.cash += units * price
                    source.week_income += units * price - cost
                    source.team_pay += units * price - cost
                    self.add("upline_payments", units * price - cost)
        if not rule.backorders:
            due = 0
            for s in self.sellers:
                s.backlog = s.first_left = 0
        orders = by_resellers + self.direct_demand
        seen = orders + rule.information_sharing * (self.end_demand - orders)
        self.forecast += production.smoothing * (seen - self.forecast)
        due += self.preorders + self.trials_due
        users = sum(self.stages[2:])
        if self.users_smoothed is None:
            self.users_smoothed = float(users)
        self.users_smoothed += production.smoothing * (users - self.users_smoothed)
        growth = 1.0
        if self.users_smoothed > 0.0:
            known = rule.anticipation * self.known["behaviour"]
            growth += known * (users / self.users_smoothed - 1.0)
            self.saw(*["supply_chain: growth"] * (growth != 1.0))
        target = math.ceil(growth * self.forecast * (production.lead_time + production.cover))
        batch = max(0, target - (self.factory + self.in_production - due))
        batch = min(batch, int(production.capacity * len(self.persons)))
        ready = self.week + production.lead_time
        self.finished[ready] = self.finished.get(ready, 0) + batch
        self.in_production += batch

    def reward(self) -> None:
        rule = self.rules.sponsor_bonuses
        for s in self.sellers:
            if not s.received or s.upline < 0 or not self.sellers[s.upline].active:
                continue
            above = self.sellers[s.upline]
            if rule.qualifying and above.missed:
                self.saw("sponsor_bonuses: unqualified")
                continue
            bonus = rule.same_level if s.rung <= above.rung else 0.0
            first = s.received_first * self.prices[s.rung]
            later = (s.received - s.received_first) * self.prices[s.rung]
            again = rule.restock + bonus
            if above.rung >= rule.restock_rungs:
                self.saw(*["sponsor_bonuses: a low rung"] * (later > 0))
                again = 0.0
            paid = int((rule.entry + bonus) * first + again * later)
            above.cash += paid
            above.week_income += paid
            above.team_pay += paid
            self.brand -= paid
            if paid:
                self.saw("sponsor_bonuses", *["sponsor_bonuses: same level"] * (bonus > 0.0))
            self.add("upline_payments", paid)

    # -- review and leave ---------------------------------------------------------------------

    def price(self) -> None:
        rule = self.rules.pricing
        home = {}
        for community, (first, last) in enumerate(
                itertools.pairwise(self.edges)):
            home.update(dict.fromkeys(range(first, last), community))
        cheapest = [2**31 - 1] * (len(self.edges) - 1)
        for s in self.sellers:
            if s.inventory > 0:
                at = home[s.person.id]
                cheapest[at] = min(cheapest[at], s.price)
        street = self.street[0] if self.street else 0.0
        list_price = round(self.offer.list_price * 100)
        selling = self.rules.selling
        postage = round(selling.postage * 100) if selling else 0
        for s in self.active():
            if s.dropship:
                s.price = round(self.offer.list_price * 100)
                continue
            own, supply, worry = float(s.price), s.inventory / max(s.forecast, 0.05), 0.0
            if supply > rule.patience and self.week - s.joined > rule.patience:
                worry = min(1.0, (supply - rule.patience) / (2.0 * rule.patience + 1e-9))
                worry *= 1.0 - s.optimism
            new = own * (1.0 - rule.cut * worry)
            seen = float(cheapest[home[s.person.id]])
            if street > 0.0:
                seen = min(seen, 0.5 * (seen + street)) if seen < own else min(own, street)
            if seen < new:
                new -= rule.follow * (new - seen)
            elif worry == 0.0:
                new += rule.drift * (list_price - new)
            least = rule.floor if worry > 0.0 else 1.0 + rule.markup
            least = max(least * self.prices[s.rung] + postage, rule.discipline * list_price)
            s.price = int(max(new, least))
            if s.price != int(own):
                self.saw("pricing", *["pricing: worry"] * (worry > 0.0))

    def promote(self) -> None:
        rule, tiers = self.rules.tier_promotion, self.tiers
        for s in self.active():
            if s.dropship:
                continue
            if rule.demotion > 0 and s.missed >= rule.demotion and s.rung < len(tiers) - 1:
                s.rung, s.missed = s.rung + 1, 0
                self.saw("tier_promotion", "tier_promotion: demoted")
            elif s.rung > 0:
                bought = rule.volume > 0.0 and (
                    s.orders >= rule.volume * tiers[s.rung - 1].first_order)
                led = rule.recruits > 0 and s.recruits >= rule.recruits * (len(tiers) - s.rung)
                if bought or led:
                    s.rung -= 1
                    self.saw("tier_promotion", "tier_promotion: promoted")

    def leave(self) -> None:
        rule, luck = self.rules.leaving, self.luck("leave")
        gone = []
        # Joins and exits of the last quarter: of everybody, and by whose downline they were in.
        new = [s for s in self.sellers if self.week - s.joined < QUARTER]
        old = [s for s in self.sellers if not s.active and self.week - s.left < QUARTER]
        came, went = Counter(s.upline for s in new), Counter(s.upline for s in old)
        told = rule.hearsay * (len(old) - len(new)) / max(len(old) + len(new), 1)
        for s in self.active():
            earned = s.income + rule.smoothing * (s.week_income / 100.0 - s.income)
            s.income = single(earned)
            if self.week - s.joined < rule.grace:
                continue
            missing = min(max(1.0 - earned / s.person.aspiration, -1.0), 2.0)
            if s.dropship:
                missing *= rule.casual
            alone = 1.0 if self.week - s.upline_left <= 8 else 0.0
            seen = [line for line in (s.row, s.upline) if line >= 0]
            joins, exits = sum(came[line] for line in seen), sum(went[line] for line in seen)
            excess = (exits - joins + told) / max(joins + exits + rule.hearsay, 1.0)
            gloom = excess / (excess + rule.alarm) if excess > 0.0 else 0.0
            gloom *= rule.casual if s.dropship else 1.0
            hazard = rule.base * exp(
                rule.shortfall_weight * missing + rule.idle_weight * (min(s.idle, 8) / 8.0)
                + rule.contagion_weight * alone + rule.gloom_weight * gloom
                - rule.sunk_weight * min(1.0, s.value / max(s.opening, 1))
                - rule.binding_weight * s.binding)
            if happens(luck, s.person.id, hazard):
                s.active, s.left, s.backlog, s.first_left = False, self.week, 0, 0
                s.dropship = False
                gone.append(s)
                self.saw("leaving", *["leaving: orphaned"] * (alone > 0.0),
                         *["leaving: gloom"] * (gloom > 0.0))
        for s in self.sellers if gone else ():
            above = s.upline
            if above >= 0 and not self.sellers[above].active:
                if self.sellers[above].left == self.week:
                    s.upline_left = self.week
                while above >= 0 and not self.sellers[above].active:
                    above = self.sellers[above].upline
                s.upline = above
        self.add("exits", len(gone))
        for s in gone:
            for contact in self.circle[s.person.id]:
                self.persons[contact].sellers -= 1
                self.persons[contact].leavers += 1

    def clear(self) -> None:
        rule = self.rules.liquidation
        for s in self.sellers:
            if s.active or not s.inventory:
                continue
            p, ago, units = s.person, self.week - s.left, 0
            if ago <= 8 and ago < rule.shelf_life:
                room = int(rule.own_use * p.weekly_need) - p.home
                units = min(s.inventory, max(0, room))
                p.home += units
                self.add("self_consumed", units)
                if units:
                    self.saw("liquidation: own use")
            if ago >= rule.shelf_life:
                units = s.inventory
                self.written_off += units
                self.add("written_off", units)
                self.saw("liquidation: written off")
            if units:
                s.value -= s.value * units // (s.inventory + s.transit)
                s.inventory -= units
            base = float(self.prices[s.rung])
            if ago == 0:
                s.price = int(min(float(s.price), base * (1.0 - rule.discount)))
            else:
                s.price = int(max(s.price * (1.0 - rule.deepening), base * rule.floor))
            s.price = max(s.price, 1)
            self.saw("liquidation")

    def convert(self) -> None:
        rule, luck, back = self.rules.reseller_conversion, self.luck("convert"), self.luck("hand back")
        for s in self.sellers:
            who = s.person.id
            if s.active and not s.dropship and happens(luck, who, rule.rate):
                s.dropship, s.optimism, s.backlog, s.first_left = True, 0.0, 0, 0
                s.binding = single(max(s.binding, rule.binding))
                self.saw("reseller_conversion", *["reseller_conversion: with stock"] * (s.inventory > 0))
            if not s.inventory or not (s.dropship if s.active else rule.leavers):
                continue
            units = rounded(s.inventory * rule.buy_back, bits32(back, who))
            if not units:
                continue
            s.value -= s.value * units // (s.inventory + s.transit)
            s.inventory -= units
            self.factory += units
            paid = int(rule.refund * self.prices[s.rung]) * units
            s.cash += paid
            self.brand -= paid
            self.add("bought_back", units)
            self.saw("reseller_conversion: bought back" if s.active
                     else "reseller_conversion: a leaver's stock")

    # -- the week -----------------------------------------------------------------------------

    def step(self) -> dict[str, int]:
        """Live a week; return what is counted of it."""
        self.week += 1
        if self.scenario.changes_in(self.week):
            self.put_in_force(self.scenario.at(self.week))
        for rule in WEEK:
            if getattr(self.rules, rule):
                getattr(self, PARTS[rule])()
        return self.observed()

    def observed(self) -> dict[str, int]:
        """Return the integer columns of one row of ``weekly``."""
        flows, self.flows = self.flows, {}
        self.flows_before = flows
        self.stages = [sum(p.stage == stage for p in self.persons) for stage in range(5)]
        profit, self.brand_before = self.brand - self.brand_before, self.brand
        old, self.legacy_before = self.legacy - self.legacy_before, self.legacy
        row = {name: flows.get(name, 0) for name in COUNTED}
        for stage, count in zip(
                ("stranger", "customer", "user", "fan", "geek"), self.stages, strict=True):
            row[f"stage_{stage}"] = count
        return row | {
            "week": self.week, "resellers_active": len(self.active()),
            "inventory_factory": self.factory,
            "inventory_transit": sum(s.transit for s in self.sellers),
            "inventory_channel": sum(s.inventory for s in self.sellers),
            "inventory_leavers": sum(s.inventory for s in self.sellers if not s.active),
            "inventory_homes": sum(p.home for p in self.persons),
            "profit_brand": profit, "profit_legacy": old,
            "communities": self.communities(), "members": self.members,
            "preorders": self.preorders, "versions": self.version,
        }

"""The second implementation, last part: what is learned, supplied, priced, and who leaves."""

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
    normal,
    ration,
    rounded,
    single,
    unit,
)
from tests.truth.demand import Demand

__all__ = ["Reference"]

MONTH = 4
FIXED = 1048576.0


COUNTED = (
    "joins", "exits", "sell_in", "sell_through", "self_consumed", "dumped", "bought_back",
    "written_off", "lost_sales", "produced", "consumed", "revenue_retail", "revenue_dumped",
    "retail_margin_resellers", "upline_payments", "entry_payments", "new_customers",
    "customers_lost", "consumer_surplus", "purchases_broadcast", "purchases_seller",
    "purchases_word_of_mouth",
)


class Reference(Demand):
    """The whole week."""

    # -- experience, share, learn -------------------------------------------------------------

    def experience(self) -> None:
        rule, luck = self.rules.experiencing, self.luck("experience")
        for p in self.persons:
            if not p.used:
                continue
            felt = self.quality + rule.noise * normal(unit(luck, p.id))
            gap = felt - p.belief
            verdict = (
                0.5 + rule.performance * (felt * self.fit(p, self.steepness()) - self.reference())
                + (rule.loss if gap < 0.0 else rule.gain) * gap)
            verdict = min(max(verdict, 0.0), 1.0)
            p.satisfaction = single(
                p.satisfaction + rule.learning * (verdict - p.satisfaction))
            moved = p.trust + (rule.trust_loss if gap < 0.0 else rule.trust_gain) * gap
            p.trust = single(min(max(moved, 0.0), 1.0))
            p.belief = single((p.belief * p.evidence + felt) / (p.evidence + 1.0))
            p.evidence = single(min(p.evidence + 1.0, rule.memory))

    def serve(self) -> None:
        rule = self.rules.serving
        load: dict[int, int] = {}

        def server(p: Any) -> int:
            # The brand comes last, as it does where the sums are made.
            known = p.seller >= 0 and self.sellers[p.seller].active
            return p.seller if known else len(self.sellers)

        def capacity(row: int) -> float:
            if row == len(self.sellers):
                return rule.brand_capacity * len(self.persons)
            return rule.capacity * rule.care * self.sellers[row].effort

        users = [p for p in self.persons if p.used]
        for p in users:
            load[server(p)] = load.get(server(p), 0) + 1
        met = 0.0
        for row in sorted(load):
            met += min(float(load[row]), capacity(row))
        if rule.satisfaction > 0.0:
            for p in users:
                level = min(1.0, capacity(server(p)) / load[server(p)])
                moved = p.satisfaction + rule.satisfaction * (level - 0.5)
                p.satisfaction = single(min(max(moved, 0.0), 1.0))
        if users:
            self.service = rule.utility * (met / len(users) - 0.5)

    def share(self) -> None:
        rule, speak = self.rules.sharing, self.luck("speak")
        many, whom = self.luck("speak to how many"), self.luck("speak to whom")
        distort = self.luck("distort")
        speakers = []
        for p in self.persons:
            p.voices = p.voice_sum = p.bad = 0
            devoted = p.stage >= 3
            if not p.used and not devoted:
                continue
            lean = 2.0 * p.satisfaction - 1.0
            if lean < 0.0:
                chance = (rule.talk + rule.talk_bad * lean * lean) * rule.openness_bad
            else:
                chance = rule.talk + rule.talk_good * lean * lean if p.used else 0.0
                if devoted:
                    chance = max(chance, rule.fans)
                chance *= rule.openness
            if happens(speak, p.id, chance):
                speakers.append(p)
        for p in speakers:
            circle = self.circle[p.id]
            if not circle:
                continue
            mean = rule.listeners * p.sociability
            if p.cell >= 0:
                mean *= rule.cell_listeners
            wanted = min(rounded(mean, bits32(many, p.id)), len(circle))
            place = bits64(whom, p.id) % len(circle)
            told = p.belief
            if rule.distortion > 0.0 and p.hops > 0:
                told += rule.distortion * math.sqrt(p.hops) * normal(unit(distort, p.id))
                told = min(max(told, 0.0), 1.0)
            bad = p.satisfaction < 0.5
            for step in range(wanted):
                other = self.persons[circle[(place + step) % len(circle)]]
                if other.voices < 255:
                    other.voices += 1
                    other.voice_sum += int(256.0 * told)
                    other.bad += bad
                if not bad and other.seller < 0:
                    other.seller = p.seller
                if not other.aware and not bad and other.convinced_by < p.id:
                    other.convinced_by = p.id
                    other.hops = min(p.hops + 1, 255)

    def listen(self) -> None:
        rule = self.rules.listening
        for p in self.persons:
            level = p.trust
            if rule.healing > 0.0 and level < rule.healed:
                level += rule.healing * (rule.healed - level)
            if p.voices:
                level += rule.trust_good * (float(p.voices) - float(p.bad)) * (1.0 - level)
                level -= rule.trust_bad * float(p.bad) * level
                weight = p.evidence + rule.weight * p.voices
                if weight > 0.0:
                    reported = rule.weight * p.voice_sum / 256.0
                    p.belief = single((p.belief * p.evidence + reported) / weight)
                    p.evidence = single(min(weight, rule.memory))
            p.trust = single(min(max(level, 0.0), 1.0))

    def belong(self) -> None:
        rule = self.rules.belonging
        fan, create = self.fixed("could be a fan"), self.fixed("can create")
        for p in self.persons:
            if not p.purchases:
                continue
            patience = float(rule.lapse)
            if p.cell >= 0:
                patience += rule.stickiness * min(p.voices, 4)
            now = 0
            if self.week - p.last < patience:
                now = 1
                if (p.purchases >= rule.user_purchases
                        and p.satisfaction >= rule.user_satisfaction):
                    now = 2
                    if (p.satisfaction >= rule.fan_satisfaction and p.trust >= rule.fan_trust
                            and happens(fan, p.id, rule.devoted)):
                        now = 4 if happens(create, p.id, rule.creators) else 3
            if now != p.stage:
                self.add("customers_lost", int(now == 0))
                p.stage = now

    def gather(self) -> None:
        rule = self.rules.gathering
        if rule.founding == 0.0 and not self.cells:
            return
        found, join = self.luck("found a cell"), self.luck("join a cell")
        prosumers = {s.person.id for s in self.active() if s.dropship}
        self.members = 0
        for community, (first, last) in enumerate(
                itertools.pairwise(self.edges)):
            here = self.open_cell[community]
            people = self.persons[first:last]
            for p in people:
                member = p.id in prosumers
                if p.cell >= 0:
                    drifted = p.stage == 0 or p.satisfaction < rule.satisfaction - 0.1
                    if drifted and not member:
                        self.cells[p.cell].size -= 1
                        p.cell = -1
                    else:
                        self.members += 1
                elif here >= 0:
                    content = p.stage > 0 and p.satisfaction >= rule.satisfaction
                    if (content or member) and happens(join, p.id, rule.joining):
                        p.cell = here
                        self.cells[here].size += 1
                        self.members += 1
                elif (p.stage >= 3 or member) and happens(found, p.id, rule.founding):
                    here = self.open_cell[community] = p.cell = len(self.cells)
                    self.cells.append(Record(size=1))
                    self.members += 1
            if here >= 0 and self.cells[here].size > rule.largest:
                young = self.open_cell[community] = len(self.cells)
                members = [p for p in people if p.cell == here]
                for p in members[1::2]:
                    p.cell = young
                self.cells[here].size -= len(members[1::2])
                self.cells.append(Record(size=len(members[1::2])))
            elif here >= 0 and not self.cells[here].size:
                self.open_cell[community] = -1

    def communities(self) -> int:
        return sum(cell.size > 0 for cell in self.cells)

    def collect(self) -> None:
        rule = self.rules.collecting
        if rule.gain == 0.0:
            self.knowledge = 0.0
            return
        _, _, users, fans, geeks = self.stages
        prosumers = sum(s.dropship for s in self.active())
        creators = prosumers * self.rules.belonging.creators
        together = 1.0 + rule.cooperation * min(
            1.0, self.communities() / (len(self.edges) - 1))
        product = 1.0
        for stock, amount in (
            ("shared", rule.shared * self.members),
            ("crowd", rule.crowd * (geeks + creators) * together),
            ("experience", rule.experience * (fans + geeks + prosumers)),
            ("behaviour", rule.behaviour * (users + fans + geeks + prosumers)),
        ):
            self.data[stock] += (
                rule.gain * amount / (len(self.persons) / 1000.0) - rule.ageing * self.data[stock])
            product *= self.data[stock]
        profile = self.data["profile"] = (product**0.5) ** 0.5
        self.knowledge = rule.gain * profile / (profile + rule.half)

    def create(self) -> None:
        rule = self.rules.creating
        self.variety_cost = rule.variant_cost
        luck = self.luck("taste drift")
        step = [rule.drift * normal(unit(luck, axis)) for axis in (0, 1)]
        self.drift.append((self.drift[-1][0] + step[0], self.drift[-1][1] + step[1]))
        self.position = (self.position[0] - step[0], self.position[1] - step[1])
        self.clock += 1.0 / rule.interval
        if self.clock < 1.0:
            return
        self.clock = 0.0
        self.version += 1
        heard = [p for p in self.persons if p.stage >= 3 or p.cell >= 0]
        past = self.drift[max(0, len(self.drift) - 1 - rule.delay)]
        copied = [past[axis] - self.drift[-1][axis] for axis in (0, 1)]
        wanted = copied
        if heard:
            wanted = [sum(int(taste * FIXED) for taste in tastes) / FIXED / len(heard)
                      for tastes in ([p.taste_x for p in heard], [p.taste_y for p in heard])]
        luck, known = self.luck("version error"), self.knowledge
        self.position = (
            known * wanted[0] + (1.0 - known) * (copied[0] + rule.error * normal(unit(luck, 0))),
            known * wanted[1] + (1.0 - known) * (copied[1] + rule.error * normal(unit(luck, 1))))
        self.quality += rule.ideas * known * (rule.skill - self.quality)
        self.quality = min(max(self.quality, 0.0), 1.0)
        aimed = 1.0 + math.floor(2.0 * rule.variants * known) / 2.0
        self.variety += 0.5 * ((aimed > self.variety) - (aimed < self.variety))

    # -- order, ship, reward ------------------------------------------------------------------

    def expect(self) -> None:
        for s in self.sellers:
            s.forecast += self.rules.forecasting.smoothing * (s.demand - s.forecast)
            s.demand = 0

    def order(self) -> None:
        rule = self.rules.ordering
        for s in self.sellers:
            s.ordered = 0
            if not s.active or s.dropship or s.joined == self.week:
                continue
            price, quota = self.prices[s.rung], self.tiers[s.rung].quota
            willing = 1.0
            if rule.margin > 0.0:
                willing = min(max((s.price - price) / (rule.margin * price), 0.0), 1.0)
            target = (
                willing * s.forecast * float(rule.lead_time + rule.cover) * (1.0 + s.optimism)
                + rule.pressure * quota)
            units = max(0, math.ceil(target - 1e-9) - s.inventory - s.transit - s.backlog)
            demanded = int(rule.pressure * quota)
            month_ends = (self.week - s.joined) % MONTH == 0
            if month_ends:
                units = max(units, demanded - s.month_orders)
            free = s.cash - int(rule.reserve * s.opening) - s.backlog * price
            units = min(units, max(0, free // price))
            if units > 0:
                s.ordered, s.backlog, s.orders = units, s.backlog + units, s.orders + units
            s.month_orders += units
            if month_ends:
                s.missed = s.missed + 1 if s.month_orders < demanded else 0
                s.month_orders = 0

    def supplier(self, s: Any) -> int:
        above = s.upline
        while above >= 0 and not (
                self.sellers[above].active and self.sellers[above].rung < s.rung):
            above = self.sellers[above].upline
        return above

    def supply(self) -> None:
        rule, production = self.rules.supplying, self.production
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
                    self.add("sell_in", units)
                else:
                    cost = source.value * units // (source.inventory + source.transit)
                    source.inventory -= units
                    source.value -= cost
                    source.cash += units * price
                    source.week_income += units * price - cost
                    self.add("upline_payments", units * price - cost)
        if not rule.backorders:
            due = 0
            for s in self.sellers:
                s.backlog = s.first_left = 0
        orders = by_resellers + self.direct_demand
        seen = orders + rule.sharing * (self.end_demand - orders)
        self.forecast += production.smoothing * (seen - self.forecast)
        due += self.preorders + self.trials_due
        target = math.ceil(self.forecast * (production.lead_time + production.cover))
        batch = max(0, target - (self.factory + self.in_production - due))
        batch = min(batch, int(production.capacity * len(self.persons)))
        ready = self.week + production.lead_time
        self.finished[ready] = self.finished.get(ready, 0) + batch
        self.in_production += batch

    def reward(self) -> None:
        rule = self.rules.rewarding
        for s in self.sellers:
            if not s.received or s.upline < 0 or not self.sellers[s.upline].active:
                continue
            above = self.sellers[s.upline]
            bonus = rule.same_level if s.rung <= above.rung else 0.0
            first = s.received_first * self.prices[s.rung]
            later = (s.received - s.received_first) * self.prices[s.rung]
            paid = int((rule.entry + bonus) * first + (rule.restock + bonus) * later)
            above.cash += paid
            above.week_income += paid
            self.brand -= paid
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
        for s in self.active():
            if s.dropship:
                s.price = self.direct_price()
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
            s.price = int(max(new, rule.floor * self.prices[s.rung]))

    def promote(self) -> None:
        rule, tiers = self.rules.promoting, self.tiers
        for s in self.active():
            if s.dropship:
                continue
            if rule.demotion > 0 and s.missed >= rule.demotion and s.rung < len(tiers) - 1:
                s.rung, s.missed = s.rung + 1, 0
            elif s.rung > 0:
                bought = rule.volume > 0.0 and (
                    s.orders >= rule.volume * tiers[s.rung - 1].first_order)
                led = rule.recruits > 0 and s.recruits >= rule.recruits * (len(tiers) - s.rung)
                if bought or led:
                    s.rung -= 1

    def leave(self) -> None:
        rule, luck = self.rules.leaving, self.luck("leave")
        gone = []
        for s in self.active():
            earned = s.income + rule.smoothing * (s.week_income / 100.0 - s.income)
            s.income = single(earned)
            if self.week - s.joined < rule.grace:
                continue
            missing = min(max(1.0 - earned / s.person.aspiration, -1.0), 2.0)
            if s.dropship:
                missing *= rule.casual
            alone = 1.0 if self.week - s.upline_left <= 8 else 0.0
            hazard = rule.base * exp(
                rule.shortfall * missing + rule.idle * (min(s.idle, 8) / 8.0)
                + rule.contagion * alone - rule.sunk * min(1.0, s.value / max(s.opening, 1))
                - rule.binding * s.binding)
            if happens(luck, s.person.id, hazard):
                s.active, s.left, s.backlog, s.first_left = False, self.week, 0, 0
                gone.append(s)
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
        rule = self.rules.clearing
        for s in self.sellers:
            if s.active or not s.inventory:
                continue
            p, ago, units = s.person, self.week - s.left, 0
            if ago <= 8 and ago < rule.shelf_life:
                room = int(rule.own_use * p.weekly_need) - p.home
                units = min(s.inventory, max(0, room))
                p.home += units
                self.add("self_consumed", units)
            if ago >= rule.shelf_life:
                units = s.inventory
                self.written_off += units
                self.add("written_off", units)
            if units:
                s.value -= s.value * units // (s.inventory + s.transit)
                s.inventory -= units
            base = float(self.prices[s.rung])
            if ago == 0:
                s.price = int(min(float(s.price), base * (1.0 - rule.discount)))
            else:
                s.price = int(max(s.price * (1.0 - rule.deepening), base * rule.lowest))
            s.price = max(s.price, 1)

    # -- the week -----------------------------------------------------------------------------

    def step(self) -> dict[str, int]:
        """Live a week; return what is counted of it."""
        self.week += 1
        for part in (
            self.train, self.approach, self.notice, self.use, self.choose, self.sell,
            self.experience, self.serve, self.share, self.listen, self.belong, self.gather,
            self.collect, self.create, self.expect, self.order, self.supply, self.reward,
            self.recruit, self.refer, self.price, self.promote, self.leave, self.clear,
        ):
            part()
        return self.observed()

    def observed(self) -> dict[str, int]:
        """Return the integer columns of one row of ``weekly``."""
        flows, self.flows = self.flows, {}
        self.stages = [sum(p.stage == stage for p in self.persons) for stage in range(5)]
        profit, self.brand_before = self.brand - self.brand_before, self.brand
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
            "profit_brand": profit, "communities": self.communities(), "members": self.members,
            "preorders": self.preorders, "versions": self.version,
        }

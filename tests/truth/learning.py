"""The second implementation, third part: what use, talk and data change."""

from __future__ import annotations

import itertools
import math
from types import SimpleNamespace as Record
from typing import Any

from tests.truth.arithmetic import bits32, bits64, exp, happens, normal, rounded, single, unit
from tests.truth.demand import FIXED, Demand

__all__ = ["Learning"]


class Learning(Demand):
    """The week from the first use of what was bought to the next product."""

    # -- experience, share, learn -------------------------------------------------------------

    def experience(self) -> None:
        rule, luck = self.rules.product_experience, self.luck("experience")
        zone, drop = rule.dead_zone * rule.noise, self.luck("give up the brand")
        prone = self.fixed("prone to give up")
        for p in self.persons:
            if not p.used:
                continue
            felt = self.quality + rule.noise * normal(unit(luck, p.id))
            gap = felt - p.belief
            verdict = (
                0.5 + rule.performance_weight * (felt * self.fit(p, self.steepness()) - self.reference())
                + (rule.loss_weight if gap < 0.0 else rule.gain_weight) * gap)
            verdict = min(max(verdict, 0.0), 1.0)
            satisfied = p.satisfaction + rule.smoothing * (verdict - p.satisfaction)
            p.satisfaction = single(satisfied)
            moved = p.trust
            moved += (
                rule.trust_gain * max(0.0, gap - zone) - rule.trust_loss * max(0.0, -gap - zone))
            p.trust = single(min(max(moved, 0.0), 1.0))
            self.saw("product_experience")
            p.belief = single((p.belief * p.evidence + felt) / (p.evidence + 1.0))
            p.evidence = single(min(p.evidence + 1.0, rule.memory))
            proneness = 3.0 * unit(prone, p.id) * unit(prone, p.id)
            chance = 2.0 * rule.dropout * (1.0 - satisfied) * proneness
            if p.cell >= 0:
                chance *= 1.0 - rule.attachment
            if happens(drop, p.id, chance):
                p.dropped = 1
                self.saw("product_experience: gave up")

    def serve(self) -> None:
        rule, brand = self.rules.customer_service, len(self.sellers)

        def server(p: Any) -> int:
            # The brand comes last, as it does where the sums are made.
            known = p.seller >= 0 and self.sellers[p.seller].active
            return p.seller if known else brand

        def capacity(row: int) -> float:
            if row == brand:
                return rule.brand_capacity * len(self.persons)
            return rule.capacity * rule.care * self.sellers[row].effort

        def shared(servers: list[int]) -> dict[int, float]:
            load = {row: servers.count(row) for row in sorted(set(servers))}
            return {row: min(1.0, capacity(row) / load[row]) for row in load}

        users = [p for p in self.persons if p.used]
        level = shared([server(p) for p in users])
        if rule.satisfaction > 0.0:
            for p in users:
                moved = p.satisfaction + rule.satisfaction * (level[server(p)] - 0.5)
                p.satisfaction = single(min(max(moved, 0.0), 1.0))
                self.saw("customer_service",
                         *["customer_service: short"] * (level[server(p)] < 1.0))
        buyers = [p for p in self.persons if p.chosen != -1]
        level = shared([brand if p.chosen == -2 else p.chosen for p in buyers])
        for row, share in level.items():
            if row == brand:
                self.brand_help = share
            else:
                self.sellers[row].help = single(share)
                self.saw(*["customer_service: little help"] * (share < 1.0))
        asking = [p for p in self.persons if rule.advice > 0.0 and self.hesitates(p)]
        level = shared([server(p) for p in asking])
        advised = [p for p in asking if happens(self.luck("gets advice"), p.id, level[server(p)])]
        for p in advised:
            p.evidence = single(max(p.evidence, rule.advice))
            self.saw("customer_service: advice")
        self.add("advice_wanted", len(asking))
        self.add("advice_given", len(advised))

    def hesitates(self, p: Any) -> bool:
        """Return whether a person needs the product, knows it, never bought it and did not now."""
        return bool(
            p.aware and not p.purchases and not p.home and not p.dropped and not p.waiting
            and p.chosen == -1 and happens(self.luck("need"), p.id, 1.0 - exp(-p.weekly_need)))

    def share(self) -> None:
        rule, speak = self.rules.word_of_mouth, self.luck("speak")
        many, whom = self.luck("speak to how many"), self.luck("speak to whom")
        distort = self.luck("distort")
        speakers = []
        for p in self.persons:
            p.voices = p.voice_sum = p.bad = 0
            devoted = p.stage >= 3
            if not p.used and not devoted and not p.vouches:
                continue
            lean = 2.0 * p.satisfaction - 1.0
            if lean < 0.0 and not p.used and not devoted:
                chance = 0.0
            elif lean < 0.0:
                chance = (rule.talk + rule.talk_bad * lean * lean) * rule.openness_bad
            else:
                chance = rule.talk + rule.talk_good * lean * lean if p.used else 0.0
                if devoted or p.vouches:
                    self.saw("word_of_mouth: vouches")
                    chance = max(chance, rule.fans)
                chance *= rule.openness
            if happens(speak, p.id, chance):
                speakers.append(p)
        for p in speakers:
            circle = self.circle[p.id]
            if not circle:
                continue
            mean = rule.listeners * p.sociability
            if p.speaks:
                self.saw("word_of_mouth: an own medium")
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
                self.saw("word_of_mouth", *["word_of_mouth: bad"] * bad)
                if other.voices < 255:
                    other.voices += 1
                    other.voice_sum += int(65536.0 * told + 0.5)
                    other.bad += bad
                if not bad and other.seller < 0:
                    other.seller = p.seller
                if not other.aware and not bad and other.convinced_by < p.id:
                    other.convinced_by = p.id
                    other.hops = min(p.hops + 1, 255)

    def listen(self) -> None:
        rule, luck = self.rules.belief_updating, self.luck("win back")
        for p in self.persons:
            level = p.trust
            if rule.healing > 0.0 and level < rule.healed:
                level += rule.healing * (rule.healed - level)
            if p.voices:
                self.saw("belief_updating")
                level += rule.trust_good * (float(p.voices) - float(p.bad)) * (1.0 - level)
                level -= rule.trust_bad * float(p.bad) * level
                if p.dropped and happens(luck, p.id, rule.win_back * float(p.voices - p.bad)):
                    p.dropped = 0
                    self.saw("belief_updating: won back")
                weight = p.evidence + rule.voice_weight * p.voices
                if weight > 0.0:
                    reported = rule.voice_weight * p.voice_sum / 65536.0
                    p.belief = single((p.belief * p.evidence + reported) / weight)
                    p.evidence = single(min(weight, rule.memory))
            p.trust = single(min(max(level, 0.0), 1.0))

    def belong(self) -> None:
        rule = self.rules.loyalty_stages
        fan, create = self.fixed("could be a fan"), self.fixed("can create")
        for p in self.persons:
            if not p.purchases:
                continue
            patience = float(rule.lapse)
            if p.cell >= 0:
                patience += rule.stickiness
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
                self.saw("loyalty_stages", *["loyalty_stages: lost"] * (now == 0),
                         *["loyalty_stages: a fan"] * (now >= 3), *["loyalty_stages: a geek"] * (now == 4))
                p.stage = now

    def gather(self) -> None:
        rule = self.rules.brand_communities
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
                    drifted = p.stage == 0 or p.satisfaction < rule.member_satisfaction - 0.1
                    if drifted and not member:
                        self.saw("brand_communities: drifted away")
                        self.cells[p.cell].size -= 1
                        p.cell = -1
                    else:
                        self.members += 1
                elif here >= 0:
                    content = p.stage > 0 and p.satisfaction >= rule.member_satisfaction
                    if (content or member) and happens(join, p.id, rule.joining):
                        p.cell = here
                        self.saw("brand_communities: joined")
                        self.cells[here].size += 1
                        self.members += 1
                elif (p.stage >= 3 or member) and happens(found, p.id, rule.founding):
                    here = self.open_cell[community] = p.cell = len(self.cells)
                    self.cells.append(Record(size=1))
                    self.saw("brand_communities")
                    self.members += 1
            if here >= 0 and self.cells[here].size > rule.max_size:
                self.saw("brand_communities: split")
                young = self.open_cell[community] = len(self.cells)
                members = [p for p in people if p.cell == here]
                for p in members[1::2]:
                    p.cell = young
                self.cells[here].size -= len(members[1::2])
                self.cells.append(Record(size=len(members[1::2])))
            elif here >= 0 and not self.cells[here].size:
                self.open_cell[community] = -1
        self.empower(prosumers)

    def empower(self, prosumers: set[int]) -> None:
        """Let every cell do what its members carry."""
        loyalty_stages, create = self.rules.loyalty_stages, self.fixed("can create")
        members: dict[int, list[Any]] = {}
        for p in self.persons:
            p.speaks = p.sells = p.vouches = False
            if p.cell >= 0:
                members.setdefault(p.cell, []).append(p)
        self.organised = 0
        for people in members.values():
            able = sum(p.stage == 4 or (bool(loyalty_stages) and p.id in prosumers and happens(
                create, p.id, loyalty_stages.creators)) for p in people)
            if 100 * able >= len(people):
                self.organised += able
                self.saw(*["brand_communities: organises itself"] * (able > 0))
            speaks = 11 * sum(p.stage >= 3 for p in people) >= len(people)
            sells = 2 * sum(p.stage >= 2 for p in people) >= len(people)
            self.saw(*["brand_communities: an own medium"] * speaks,
                     *["brand_communities: an own channel"] * sells)
            for p in people:
                p.speaks, p.sells = speaks, sells
                p.vouches = speaks and sells and self.rules.brand_communities.own_brand

    def communities(self) -> int:
        return sum(cell.size > 0 for cell in self.cells)

    def collect(self) -> None:
        rule = self.rules.customer_data
        if rule.gain == 0.0:
            self.knowledge, self.known = 0.0, dict.fromkeys(self.known, 0.0)
            return
        _, _, users, fans, geeks = self.stages
        prosumers = sum(s.dropship for s in self.active())
        loyalty_stages = self.rules.loyalty_stages
        creators = prosumers * (loyalty_stages.creators if loyalty_stages else 0.0)
        product = 1.0
        for stock, amount in (
            ("shared", rule.shared * self.members),
            ("crowd", rule.crowd * (geeks + creators + rule.cooperation * self.organised)),
            ("experience", rule.experience * (fans + geeks + prosumers)),
            ("behaviour", rule.behaviour * (users + fans + geeks + prosumers)),
        ):
            self.data[stock] += (
                rule.gain * amount / (len(self.persons) / 1000.0) - rule.ageing * self.data[stock])
            product *= self.data[stock]
        profile = self.data["profile"] = (product**0.5) ** 0.5
        for stock, held in self.data.items():
            self.known[stock] = rule.gain * held / (held + rule.half_saturation)
        self.knowledge = rule.gain * profile / (profile + rule.half_saturation)
        if self.knowledge > 0.0:
            self.saw("customer_data")

    def create(self) -> None:
        rule = self.rules.product_development
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
        self.saw("product_development", *["product_development: known"] * (self.knowledge > 0.0))
        heard = [p for p in self.persons if p.stage >= 3 or p.cell >= 0]
        past = self.drift[max(0, len(self.drift) - 1 - rule.delay)]
        copied = [past[axis] - self.drift[-1][axis] for axis in (0, 1)]
        wanted = copied
        if heard:
            wanted = [sum(int(taste * FIXED) for taste in tastes) / FIXED / len(heard)
                      for tastes in ([p.taste_x for p in heard], [p.taste_y for p in heard])]
        luck, known = self.luck("version error"), self.known["shared"]
        self.position = (
            known * wanted[0] + (1.0 - known) * (copied[0] + rule.error * normal(unit(luck, 0))),
            known * wanted[1] + (1.0 - known) * (copied[1] + rule.error * normal(unit(luck, 1))))
        self.try_ideas()
        aimed = 1.0 + math.floor(2.0 * rule.variants * self.known["behaviour"]) / 2.0
        self.variety += 0.5 * ((aimed > self.variety) - (aimed < self.variety))

    def try_ideas(self) -> None:
        rule, loyalty_stages = self.rules.product_development, self.rules.loyalty_stages
        create, selling = self.fixed("can create"), {s.person.id for s in self.active() if s.dropship}
        able = [p for p in self.persons if p.stage == 4 or (
            loyalty_stages and p.id in selling and happens(create, p.id, loyalty_stages.creators))]
        skill, idea, works = self.fixed("skill"), self.luck("idea"), self.luck("can be made")
        trial, finds = self.luck("trial"), self.luck("trial finds out")
        tested, gain = self.known["experience"], 0.0
        for p in able:
            self.saw("product_development: an idea")
            worth = rule.skill + rule.skill_spread * normal(unit(skill, p.id))
            worth = min(max(worth + rule.skill_spread * normal(unit(idea, p.id)), 0.0), 1.0)
            fails = happens(works, p.id, rule.infeasible)
            if fails and happens(finds, p.id, tested):
                self.saw("product_development: a fault found")
                continue
            seen = worth + rule.trial_error * (1.0 - tested) * normal(unit(trial, p.id))
            if seen > self.quality:
                self.saw("product_development: taken", *["product_development: a fault"] * fails)
                gain += self.quality - seen if fails else worth - self.quality
        if able:
            self.quality += rule.ideas * self.known["crowd"] * (gain / len(able))
            self.quality = min(max(self.quality, 0.0), 1.0)

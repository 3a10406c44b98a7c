"""Agents, brand and model of the plain version, from the bottom up: one method per rule."""

from __future__ import annotations

import math
from collections import Counter
from types import SimpleNamespace
from typing import Any

import mesa
from mesa.agent import AgentSet

from benchmarks.plain_mesa.luck import KeyedLuck, MesaLuck, limit
from benchmarks.plain_mesa.observing import MUTED, STAGES, Observer
from benchmarks.plain_mesa.sums import narrow, poisson, ration, sum_in_order

BROADCAST, SELLER, WORD_OF_MOUTH = 1, 2, 3
SOURCES = {
    BROADCAST: "purchases_broadcast", SELLER: "purchases_seller",
    WORD_OF_MOUTH: "purchases_word_of_mouth"}
FULL_PUSH, FULL_REPORT = 1024.0, 65536.0
"""Steps in which pushes and reported qualities are counted."""
LONG_AGO = -1000
STRANGER, CUSTOMER, USER, FAN, GEEK = range(len(STAGES))
LEAD, QUARTER = 8, 13

REFUSED = {
    "piloting": ("share",), "legacy_channel": ("customers",), "reseller_conversion": ("rate", "buy_back"),
    "referral": ("founders", "invitation"), "brand_communities": ("founding",), "customer_data": ("gain",)}
"""Rules that are not here, with the settings that switch them on."""

TRAITS = (
    "taste_x", "taste_y", "income", "willingness_to_pay", "weekly_need", "sociability", "credulity",
    "aspiration", "budget", "trust", "belief", "evidence", "satisfaction")


class Community:
    """Persons who live near each other, and the lowest price that a seller there asks."""

    def __init__(self) -> None:
        self.cheapest = 0.0


class Person(mesa.Agent):
    """A consumer with traits, state and a circle."""

    model: PlainModel

    def __init__(self, model: PlainModel, number: int, traits: dict[str, float]) -> None:
        super().__init__(model)
        self.number = number
        self.taste_x = traits["taste_x"]
        self.taste_y = traits["taste_y"]
        self.income = traits["income"]
        self.willingness_to_pay = traits["willingness_to_pay"]
        self.weekly_need = traits["weekly_need"]
        self.sociability = traits["sociability"]
        self.credulity = traits["credulity"]
        self.aspiration = traits["aspiration"]
        self.budget = traits["budget"]
        self.trust = traits["trust"]
        self.belief = traits["belief"]
        self.evidence = traits["evidence"]
        self.satisfaction = traits["satisfaction"]
        rules, luck = model.rules, model.luck
        self.knows_prices = luck.for_good("knows prices", number, rules.purchase_choice.price_knowledge)
        # Most give up less easily than the mean, which is one.
        self.proneness = 3.0 * luck.unit_for_good("prone to give up", number) ** 2
        self.open_to_selling = luck.for_good(
            "open to selling", number, rules.recruiting.open_to_selling)
        self.could_be_fan = luck.for_good("could be a fan", number, rules.loyalty_stages.devoted)
        self.can_create = luck.for_good("can create", number, rules.loyalty_stages.creators)
        self.community: Community
        self.contacts: list[Person] = []
        self.close = 0
        self.reseller: Reseller | None = None
        self.seller: Reseller | None = None
        self.offer: Reseller | None = None
        self.convinced_by: Person | None = None
        self.convinced = 0
        self.aware = False
        self.source = self.hops = self.home = self.used = 0
        self.purchases = 0
        self.stage = STRANGER
        self.first_purchase = self.last_purchase = -1
        self.circle_sellers = self.circle_leavers = 0
        self.purse, self.purse_week = 0, LONG_AGO
        self.reference = 0.0
        self.dropped = False
        self.decided = False
        self.asks = self.push = self.voices = self.voice_sum = self.voices_bad = 0
        self.tempted_week, self.tempted_bits = -1, 0

    @property
    def keeps_shop(self) -> bool:
        """Whether the person sells, and so buys from nobody."""
        return self.reseller is not None and self.reseller.active

    # -- inform -------------------------------------------------------------------------------

    def forget(self) -> None:
        """Begin a week: last week's asks and offers are gone."""
        self.asks = self.push = 0
        self.offer = None

    def hear_offer(self, seller: Reseller, push: float) -> None:
        """Be approached by `seller`."""
        self.asks = min(self.asks + 1, 255)
        self.push = min(self.push + int(FULL_PUSH * push + 0.5), 65535)
        best = self.offer
        if best is None or (seller.price, seller.row) < (best.price, best.row):
            self.offer = seller
        if seller.active and (self.seller is None or not self.seller.active):
            self.seller = seller

    def be_annoyed(self) -> None:
        rule = self.model.rules.prospecting
        annoyed = self.asks * rule.pressure - rule.tolerance
        if annoyed > 0.0:
            kept = max(0.0, 1.0 - rule.burn * annoyed)
            self.trust = self.model.narrow(self.trust * kept)

    def notice(self) -> None:
        """Come to know the product: by broadcast, by a seller, or by what others say."""
        if self.aware:
            return
        model, rule, luck = self.model, self.model.rules.brand_awareness, self.model.luck
        sellers, voices = rule.seller_weight * self.asks, rule.voice_weight * self.voices
        hazard = rule.advertising + sellers + voices
        if not luck.happens("notice", self.number, 1.0 - math.exp(-hazard)):
            return
        self.aware = True
        pick = luck.bits32("notice from whom", self.number) / 4294967296.0 * hazard
        impression = rule.prior + self.credulity * (model.brand.claimed() - rule.prior)
        if pick < sellers:
            self.source, self.hops = SELLER, 2
            self.convinced_by = None
        elif pick < sellers + voices:
            self.source = WORD_OF_MOUTH
        else:
            self.source, self.hops = BROADCAST, 1
            model.brand.money -= model.traffic_cost
            if rule.fragmentation > 0.0:
                impression += rule.fragmentation * luck.normal("broadcast bias", self.number)
                impression = min(max(impression, 0.0), 1.0)
        total = self.evidence + rule.claim_weight
        if total > 0.0:
            belief = (self.belief * self.evidence + impression * rule.claim_weight) / total
            self.belief, self.evidence = model.narrow(belief), model.narrow(total)

    # -- need, choose, buy --------------------------------------------------------------------

    def use(self) -> None:
        self.used = 0
        if self.home > 0:
            model = self.model
            mean = max(self.weekly_need, model.rules.consumption.idle_use)
            units = min(poisson(mean, model.luck.unit("use", self.number)), self.home, 255)
            self.home -= units
            self.used = units
            model.flows["consumed"] += units

    def fit(self) -> float:
        """Return how well the product meets the person's taste, share."""
        brand = self.model.brand
        dx, dy = self.taste_x - brand.x, self.taste_y - brand.y
        return math.exp(-(dx * dx + dy * dy) * brand.steepness)

    def money(self) -> int:
        """Return the fen that the person can spend on the category by now."""
        people = self.model.people
        weekly = int(100.0 * self.income * people.category_share)
        set_aside = weekly * (self.model.week - self.purse_week)
        return min(self.purse + set_aside, weekly * people.saved_weeks)

    def pay(self, fen: int) -> None:
        self.purse, self.purse_week = self.money() - fen, self.model.week

    def pushed(self) -> float:
        """Return the week's push p as p / (1 + p): more and more talk adds less and less."""
        return self.push / (FULL_PUSH + self.push)

    def choose(self) -> None:
        """Weigh a seller's offer against a comparable product and against buying none."""
        self.decided = False
        if not self.aware or self.home > 0 or self.dropped:
            return
        model, rule, luck = self.model, self.model.rules.purchase_choice, self.model.luck
        needs = luck.happens("need", self.number, 1.0 - math.exp(-self.weekly_need))
        if not needs and not luck.happens(
                "pushed", self.number, rule.push_occasion * self.pushed()):
            return
        seller = self.offer
        if seller is None and self.seller is not None and self.seller.active:
            seller = self.seller
        if seller is None or self.keeps_shop:
            return
        money, scale = self.money(), rule.price_sensitivity / self.willingness_to_pay
        usual = self.usual_price(seller.price / 100.0)
        offered = comparable = 0.0
        if seller.price <= money:
            value = self.worth(needs)
            help_weight = model.rules.customer_service.utility
            value += help_weight * (seller.help - 0.5) + (
                rule.push_weight * self.pushed() - scale * (seller.price / 100.0))
            offered = math.exp(min(value, 50.0))
        if needs and model.rival_price <= money:
            value = rule.necessity + rule.quality_weight * model.reference - scale * usual
            comparable = math.exp(min(value, 50.0))
        total = 1.0 + offered + comparable
        bits = luck.bits32("choose", self.number)
        if bits < limit(offered / total):
            self.decide(seller)
        elif bits < limit((offered + comparable) / total):
            self.pay(model.rival_price)
            model.rivals += model.rival_price

    def worth(self, needs: bool) -> float:
        """Return what having the product is worth, its price and a push apart."""
        rule, good = self.model.rules.purchase_choice, self.voices - self.voices_bad
        value: float = (
            rule.trust_weight * (self.trust - 0.5)
            + rule.voice_weight * (good - 2.0 * self.voices_bad) / (self.voices + 2.0))
        if self.purchases > 0:
            value += rule.satisfaction_weight * (self.satisfaction - 0.5)
        if needs:
            value += (
                rule.necessity + rule.quality_weight * self.belief * self.fit()
                - rule.risk_weight / (1.0 + self.evidence))
        return value

    def usual_price(self, asked: float) -> float:
        """Return what a comparable product costs, or is believed to cost once `asked` is heard."""
        rule, offer = self.model.rules.purchase_choice, self.model.offer
        usual: float = offer.reference_price
        if self.knows_prices:
            return usual

        def plausibility(away: float) -> float:
            return math.exp(-(away / rule.plausible_range) ** 2)

        listed = max(0.0, math.log(max(offer.list_price, asked) / usual))
        lift = math.exp(rule.assimilation * rule.list_weight * listed * plausibility(listed))
        heard = plausibility(math.log(max(asked, 0.01) / usual))
        target = usual * lift + rule.assimilation * (1.0 - rule.list_weight) * heard * (asked - usual)
        before = self.reference or usual
        believed: float = before + rule.adaptation * (target - before)
        self.reference = self.model.narrow(believed)
        return believed

    def decide(self, seller: Reseller) -> None:
        """Be a buyer of this week, and regret it where there never was a need."""
        self.model.buyers.append((self, seller))
        self.decided = True
        if self.asks > 0:
            self.source = SELLER
        if self.weekly_need == 0.0:
            self.trust = self.model.narrow(self.trust * (1.0 - self.model.rules.purchase_choice.regret))
            self.dropped = True

    def buy(self, seller: Reseller) -> None:
        """Take a basket from the seller's stock, as far as it and the purse go."""
        model, flows = self.model, self.model.flows
        wanted = min(model.rules.selling.basket, self.money() // seller.price)
        seller.demand += wanted
        units = min(wanted, seller.inventory)
        flows["lost_sales"] += wanted - units
        if units == 0:
            return
        self.pay(seller.price * units)
        seller.sell(units)
        seller.since = 0
        self.seller = seller
        worth = 100.0 * self.willingness_to_pay * model.brand.quality * self.fit()
        flows["consumer_surplus"] += units * (int(worth) - seller.price)
        model.prices_paid.append(seller.price)
        self.home += units
        if self.purchases == 0:
            self.first_purchase = model.week
            flows["new_customers"] += 1
            if self.convinced_by is not None:
                self.convinced_by.convince()
        self.purchases += 1
        self.last_purchase = model.week
        if self.source:
            flows[SOURCES[self.source]] += units

    def convince(self) -> None:
        """Be the one whose word has made a customer."""
        self.convinced = min(self.convinced + 1, 65535)
        generation = self.model.rules.selling.generation
        if self.purchases > 0 and self.model.week - self.first_purchase <= 2 * generation:
            self.model.flows["convinced"] += 1

    # -- experience, share, learn -------------------------------------------------------------

    def experience(self) -> None:
        """Let use confirm or disappoint what was expected; what others said last week is over."""
        self.voices = self.voice_sum = self.voices_bad = 0
        if self.used == 0:
            return
        model, rule = self.model, self.model.rules.product_experience
        felt = model.brand.quality + rule.noise * model.luck.normal("experience", self.number)
        gap = felt - self.belief
        verdict = 0.5 + rule.performance_weight * (felt * self.fit() - model.reference)
        verdict += (rule.loss_weight if gap < 0.0 else rule.gain_weight) * gap
        verdict = min(max(verdict, 0.0), 1.0)
        # What chance explains moves no trust.
        zone, moved = rule.dead_zone * rule.noise, self.trust
        moved += (
            rule.trust_gain * max(0.0, gap - zone) - rule.trust_loss * max(0.0, -gap - zone))
        satisfied = self.satisfaction + rule.smoothing * (verdict - self.satisfaction)
        self.satisfaction = model.narrow(satisfied)
        self.trust = model.narrow(min(max(moved, 0.0), 1.0))
        self.belief = model.narrow((self.belief * self.evidence + felt) / (self.evidence + 1.0))
        self.evidence = model.narrow(min(self.evidence + 1.0, rule.memory))
        chance = 2.0 * rule.dropout * (1.0 - satisfied) * self.proneness
        if model.luck.happens("give up the brand", self.number, chance):
            self.dropped = True

    def ask_for_service(self) -> None:
        """Turn to the seller one knows, or to the brand: with the product, or before buying it."""
        server = self.seller if self.seller is not None and self.seller.active else self.model.brand
        if self.used:
            server.served.append(self)
        if self.hesitates():
            server.asked.append(self)

    def hesitates(self) -> bool:
        """Return whether the person needs the product, knows it, never bought it and did not now."""
        if not self.aware or self.purchases or self.home or self.dropped or self.decided:
            return False
        return self.model.luck.happens("need", self.number, 1.0 - math.exp(-self.weekly_need))

    def be_advised(self, level: float) -> bool:
        """Lose doubt, where the server has time; return whether."""
        if not self.model.luck.happens("gets advice", self.number, level):
            return False
        self.evidence = self.model.narrow(max(self.evidence, self.model.rules.customer_service.advice))
        return True

    def be_served(self, level: float) -> None:
        moved = self.satisfaction + self.model.rules.customer_service.satisfaction * (level - 0.5)
        self.satisfaction = self.model.narrow(min(max(moved, 0.0), 1.0))

    def share(self) -> None:
        """Talk about the product, the likelier the further from indifferent."""
        devoted = self.stage >= FAN
        if self.used == 0 and not devoted:
            return
        rule = self.model.rules.word_of_mouth
        lean = 2.0 * self.satisfaction - 1.0
        if lean < 0.0:
            chance = (rule.talk + rule.talk_bad * lean * lean) * rule.openness_bad
        else:
            chance = rule.talk + rule.talk_good * lean * lean if self.used else 0.0
            if devoted:
                chance = max(chance, rule.fans)
            chance *= rule.openness
        if self.model.luck.happens("speak", self.number, chance):
            self.speak()

    def speak(self) -> None:
        rule, luck = self.model.rules.word_of_mouth, self.model.luck
        degree = len(self.contacts)
        if degree == 0:
            return
        wanted = luck.rounded("speak to how many", self.number, rule.listeners * self.sociability)
        place = luck.index("speak to whom", self.number, degree)
        told = self.belief
        if rule.distortion > 0.0 and self.hops > 0:
            told += rule.distortion * math.sqrt(self.hops) * luck.normal("distort", self.number)
            told = min(max(told, 0.0), 1.0)
        for step in range(min(wanted, degree)):
            self.contacts[(place + step) % degree].hear(self, told)

    def hear(self, speaker: Person, told: float) -> None:
        bad = speaker.satisfaction < 0.5
        if self.voices < 255:
            self.voices += 1
            self.voice_sum += int(FULL_REPORT * told + 0.5)
            self.voices_bad += bad
        if bad:
            return
        if self.seller is None:
            self.seller = speaker.seller
        # Of several who could have convinced somebody, the one of the highest number counts.
        first = self.convinced_by is None or self.convinced_by.number < speaker.number
        if not self.aware and first:
            self.convinced_by = speaker
            self.hops = min(speaker.hops + 1, 255)

    def listen(self) -> None:
        rule, narrow = self.model.rules.belief_updating, self.model.narrow
        level = self.trust
        if rule.healing > 0.0 and level < rule.healed:
            level += rule.healing * (rule.healed - level)
        if self.voices > 0:
            level += rule.trust_good * (self.voices - self.voices_bad) * (1.0 - level)
            level -= rule.trust_bad * self.voices_bad * level
            won = rule.win_back * (self.voices - self.voices_bad)
            if self.dropped and self.model.luck.happens("win back", self.number, won):
                self.dropped = False
            total = self.evidence + rule.voice_weight * self.voices
            if total > 0.0:
                reported = rule.voice_weight * self.voice_sum / FULL_REPORT
                self.belief = narrow((self.belief * self.evidence + reported) / total)
                self.evidence = narrow(min(total, rule.memory))
        self.trust = narrow(min(max(level, 0.0), 1.0))

    def belong(self) -> None:
        """Come closer to the brand, or drift away."""
        if self.purchases == 0:
            return
        stage = self.stage_now()
        if stage == STRANGER and self.stage != STRANGER:
            self.model.flows["customers_lost"] += 1
        self.stage = stage

    def stage_now(self) -> int:
        model, rule = self.model, self.model.rules.loyalty_stages
        if model.week - self.last_purchase >= rule.lapse:
            return STRANGER
        if self.purchases < rule.user_purchases or self.satisfaction < rule.user_satisfaction:
            return CUSTOMER
        enough = self.satisfaction >= rule.fan_satisfaction and self.trust >= rule.fan_trust
        if not (enough and self.could_be_fan):
            return USER
        return GEEK if self.can_create else FAN

    # -- become a seller ----------------------------------------------------------------------

    def tempt(self, recruiter: Reseller, shown: float) -> int | None:
        """Return the tier that the person joins on the recruiter's word, or ``None``."""
        rule, cost = self.model.rules.recruiting, self.model.entry_cost
        if not self.open_to_selling:
            return None
        mood = recruiter.optimism
        dared = self.budget * min(1.0, rule.commitment + rule.commitment_hype * mood)
        tier = next(
            (rung for rung, entry in enumerate(cost) if rule.minimum_outlay <= entry <= dared), -1)
        if tier < 0:
            if cost[-1] > self.budget or cost[-1] < rule.minimum_outlay:
                return None
            tier = len(cost) - 1
        value = (
            rule.base
            + rule.income_weight * (min(rule.income_cap, shown / self.aspiration) - 1.0)
            + rule.credulity_weight * (self.credulity - 0.5)
            + rule.trust_weight * (self.trust - 0.5)
            + rule.hype_weight * mood
            - rule.entry_weight * cost[tier] / self.budget
            - rule.saturation_weight * self.circle_sellers
            - rule.warning_weight * self.circle_leavers
        )
        # One draw per person and week: who declined one recruiter declines an equal one.
        if self.tempted_week != self.model.week:
            self.tempted_week = self.model.week
            self.tempted_bits = self.model.luck.bits32("join", self.number)
        chance = 1.0 / (1.0 + math.exp(min(-value, 700.0)))
        return tier if self.tempted_bits < limit(chance) else None

    def tell_circle(self, sellers: int, leavers: int) -> None:
        """Let all contacts know that one sells now, or that one has given it up."""
        for contact in self.contacts:
            contact.circle_sellers += sellers
            contact.circle_leavers += leavers


class Reseller(mesa.Agent):
    """The selling role of a person; it stays when the person has left it."""

    model: PlainModel

    def __init__(self, person: Person, row: int, upline: Reseller | None, tier: int) -> None:
        super().__init__(person.model)
        self.row, self.person, self.upline, self.tier = row, person, upline, tier
        self.active = True
        self.joined = self.model.week
        self.left = -1
        self.upline_left = -1000
        self.recruits = self.line_joins = self.line_exits = 0
        self.inventory = self.transit = self.backlog = self.first_left = 0
        self.pipeline = [0] * LEAD
        self.ordered = self.received = self.received_first = 0
        self.demand = self.cumulative = self.month_orders = self.missed = self.since = 0
        self.cash = self.opening = self.stock_value = self.week_income = 0
        self.forecast = self.income = 0.0
        # Newcomers ask what their upline asks.
        self.price: int = upline.price if upline else self.model.list_price
        self.optimism: float = upline.optimism if upline else 0.0
        self.effort = 1.0
        self.recruiting = 0.5
        self.from_recruits = self.from_retail = 0.0
        self.recruits_paid = self.retail_paid = 0
        self.binding = 0.0
        self.served: list[Person] = []
        self.asked: list[Person] = []
        self.help = 0.5
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

    def split_effort(self, promise: tuple[list[float], list[float]]) -> None:
        """Put effort where it pays, into recruiting or into retail."""
        if not self.active:
            return
        rule, model = self.model.rules.effort_split, self.model
        recruits = self.from_recruits + rule.memory * (self.recruits_paid / 100.0 - self.from_recruits)
        retail = self.from_retail + rule.memory * (self.retail_paid / 100.0 - self.from_retail)
        self.recruits_paid = self.retail_paid = 0
        self.from_recruits, self.from_retail = model.narrow(recruits), model.narrow(retail)
        recruits += self.optimism * (promise[0][self.tier] - recruits)
        retail += self.optimism * (promise[1][self.tier] - retail)
        total = max(recruits, 0.0) + max(retail, 0.0)
        share = max(recruits, 0.0) / total if total > 0.0 else 0.5
        self.recruiting = model.narrow(0.5 + rule.matching * (share - 0.5))

    def approach(self) -> None:
        """Offer the product to a stretch of one's circle."""
        rule, luck, me = self.model.rules.prospecting, self.model.luck, self.person
        degree = len(me.contacts)
        if degree == 0 or self.inventory <= 0:
            return
        intended = rule.clearing_asks
        if self.active:
            intended = self.effort * (2.0 - 2.0 * self.recruiting) * rule.asks * me.sociability
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
        """Send units from your own stock."""
        model = self.model
        paid = self.price * units
        cost = self.stock_value * units // (self.inventory + self.transit)
        gain = paid - cost - model.postage
        self.inventory -= units
        self.stock_value -= cost
        self.cash += paid - model.postage
        self.week_income += gain
        self.retail_paid += gain
        model.flows["retail_margin_resellers"] += gain
        model.flows["sell_through" if self.active else "dumped"] += units
        model.flows["revenue_retail" if self.active else "revenue_dumped"] += paid

    def service_capacity(self) -> float:
        rule = self.model.rules.customer_service
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
        if not self.active or self.joined == model.week:
            return
        price, quota = model.prices[self.tier], model.tiers[self.tier].quota
        willing = 1.0
        if rule.margin > 0.0:
            willing = min(max((self.price - price) / (rule.margin * price), 0.0), 1.0)
        horizon = float(model.rules.supply_chain.lead_time + rule.cover)
        target = willing * self.forecast * horizon * (1.0 + self.optimism) + rule.pressure * quota
        held = self.inventory + self.transit + self.backlog
        units = max(0, math.ceil(target - 1e-9) - held)
        demanded = int(rule.pressure * quota)
        ends_month = (model.week - self.joined) % 4 == 0
        if ends_month:
            units = max(units, demanded - self.month_orders)
        free = self.cash - int(rule.reserve * self.opening) - self.backlog * price
        units = min(units, max(0, free // price))
        if units < int(rule.lot * demanded):
            units = 0
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
        """Return the nearest upline of a better tier who met the last quota; ``None`` is the brand."""
        above, qualifying = self.upline, self.model.rules.supply_chain.qualifying
        while above is not None and not (
                above.active and above.tier < self.tier and not (qualifying and above.missed)):
            above = above.upline
        return above

    def be_shipped(self, units: int, seller: Reseller | None) -> None:
        """Pay for units that leave the stock of `seller`, or of the brand."""
        model, price = self.model, self.model.prices[self.tier]
        paid, first = units * price, min(units, self.first_left)
        self.backlog -= units
        self.first_left -= first
        self.pipeline[(model.week + model.rules.supply_chain.lead_time) % LEAD] += units
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
        seller.recruits_paid += paid - cost
        model.flows["upline_payments"] += paid - cost
        model.flows["from_recruits"] += paid

    def reward_sponsor(self) -> None:
        """Let the upline have its share of what was received."""
        rule, sponsor = self.model.rules.sponsor_bonuses, self.upline
        if self.received == 0 or sponsor is None or not sponsor.active:
            return
        if rule.qualifying and sponsor.missed:
            return
        price = self.model.prices[self.tier]
        first = self.received_first * price
        later = (self.received - self.received_first) * price
        bonus = rule.same_level if self.tier <= sponsor.tier else 0.0
        again = rule.restock + bonus if sponsor.tier < rule.restock_rungs else 0.0
        reward = int((rule.entry + bonus) * first + again * later)
        sponsor.cash += reward
        sponsor.week_income += reward
        sponsor.recruits_paid += reward
        self.model.brand.money -= reward
        self.model.flows["upline_payments"] += reward
        self.model.flows["from_recruits"] += reward

    # -- recruit, price, rise, leave ----------------------------------------------------------

    def recruit(self, shown: float) -> None:
        """Talk some of one's circle into selling; the first recruiter of a person wins."""
        model, me = self.model, self.person
        if not self.active or not me.contacts:
            return
        effort = self.effort * (2.0 * self.recruiting)
        mean = model.rules.recruiting.approaches * effort * me.sociability
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
        least = rule.floor if worry > 0.0 else 1.0 + rule.markup
        least = least * model.prices[self.tier] + model.postage
        self.price = int(max(new, least, rule.discipline * model.list_price))

    def rise_or_fall(self) -> None:
        model, rule = self.model, self.model.rules.tier_promotion
        if not self.active:
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

    def forget_news(self) -> None:
        self.line_joins = self.line_exits = 0

    def tell_news(self) -> None:
        """Let one's upline and the channel know of having joined, or left, in the last quarter."""
        model = self.model
        joined = model.week - self.joined < QUARTER
        left = not self.active and model.week - self.left < QUARTER
        model.joins += joined
        model.exits += left
        if self.upline is not None:
            self.upline.line_joins += joined
            self.upline.line_exits += left

    def think_of_leaving(self) -> None:
        if not self.active:
            return
        model, rule = self.model, self.model.rules.leaving
        earned = self.income + rule.smoothing * (self.week_income / 100.0 - self.income)
        self.income = model.narrow(earned)
        if model.week - self.joined < rule.grace:
            return
        missing = min(max(1.0 - earned / self.person.aspiration, -1.0), 2.0)
        hazard = rule.base * math.exp(
            rule.shortfall_weight * missing
            + rule.idle_weight * (min(self.since, 8) / 8.0)
            + rule.contagion_weight * (1.0 if model.week - self.upline_left <= 8 else 0.0)
            + rule.gloom_weight * self.gloom()
            - rule.sunk_weight * min(1.0, self.stock_value / max(self.opening, 1))
            - rule.binding_weight * self.binding)
        if model.luck.happens("leave", self.person.number, hazard):
            self.active = False
            self.left = model.week
            self.backlog = self.first_left = 0
            model.leavers.append(self)

    def gloom(self) -> float:
        """Return how far exits outnumber joins among those one sees, and hears of."""
        model, rule = self.model, self.model.rules.leaving
        joins, exits = self.line_joins, self.line_exits
        if self.upline is not None:
            joins += self.upline.line_joins
            exits += self.upline.line_exits
        told = rule.hearsay * (model.exits - model.joins) / max(model.joins + model.exits, 1)
        excess: float = (exits - joins + told) / max(joins + exits + rule.hearsay, 1.0)
        return excess / (excess + rule.alarm) if excess > 0.0 else 0.0

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
        model, rule, person = self.model, self.model.rules.liquidation, self.person
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
            self.price = int(max(self.price * (1.0 - rule.deepening), base * rule.floor))
        self.price = max(self.price, 1)


class Brand(mesa.Agent):
    """What it makes, knows, promises and owns."""

    model: PlainModel

    def __init__(self, model: PlainModel, offer: Any, stock: int, longest_lead: int) -> None:
        super().__init__(model)
        self.quality = offer.quality
        self.x, self.y = offer.position_x, offer.position_y
        self.version = 1
        self.steepness = 1.0 / (offer.taste_radius * offer.taste_radius)
        self.drift, self.clock = [(0.0, 0.0)], 0.0
        self.stock = stock
        self.money = 0
        self.pipeline = [0] * longest_lead
        self.in_production = 0
        self.forecast = self.forecast_error = 0.0
        self.served: list[Person] = []
        self.asked: list[Person] = []
        self.service_met = math.nan

    def claimed(self) -> float:
        """Return the quality that is claimed."""
        exaggeration = self.model.rules.brand_awareness.exaggeration
        return min(1.0, self.quality + exaggeration * self.model.offer.overclaim)

    def service_capacity(self) -> float:
        return self.model.rules.customer_service.brand_capacity * len(self.model.persons)

    def create(self) -> None:
        """Follow tastes as they drift, with a new version now and then."""
        model, rule = self.model, self.model.rules.product_development
        dx = rule.drift * model.luck.normal("taste drift", 0)
        dy = rule.drift * model.luck.normal("taste drift", 1)
        self.drift.append((self.drift[-1][0] + dx, self.drift[-1][1] + dy))
        # Places are told in the frame of tastes, so a drift moves the product the other way.
        self.x, self.y = self.x - dx, self.y - dy
        self.clock += 1.0 / rule.interval
        if self.clock < 1.0:
            return
        self.clock = 0.0
        self.version += 1
        # Without knowledge a version copies, late and with an error, where the market was.
        past = self.drift[max(0, len(self.drift) - 1 - rule.delay)]
        copied_x, copied_y = past[0] - self.drift[-1][0], past[1] - self.drift[-1][1]
        self.x = copied_x + rule.error * model.luck.normal("version error", 0)
        self.y = copied_y + rule.error * model.luck.normal("version error", 1)

    def finish(self) -> None:
        """Take in what the factory has finished, and pay for it."""
        slot = self.model.week % len(self.pipeline)
        made, self.pipeline[slot] = self.pipeline[slot], 0
        self.in_production -= made
        self.stock += made
        self.money -= made * round(self.model.offer.unit_cost * 100)
        self.model.flows["produced"] += made

    def plan(self, ordered: int, due: int) -> None:
        """Order from the factory what a forecast of `ordered` units a week asks for."""
        model, production = self.model, self.model.production
        seen = ordered + model.rules.supply_chain.information_sharing * (model.end_demand - ordered)
        error = abs(seen - self.forecast)
        self.forecast_error += production.smoothing * (error - self.forecast_error)
        self.forecast += production.smoothing * (seen - self.forecast)
        target = math.ceil(self.forecast * (production.lead_time + production.cover))
        batch = max(0, target - (self.stock + self.in_production - due))
        batch = min(batch, int(production.capacity * len(model.persons)))
        self.pipeline[(model.week + production.lead_time) % len(self.pipeline)] += batch
        self.in_production += batch


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
        self.people = settings.people
        self.reference = self.offer.reference_quality * self.offer.reference_fit
        self.tiers = settings.tiers
        self.prices = [round(tier.price * 100) for tier in self.tiers]
        self.list_price = round(self.offer.list_price * 100)
        self.rival_price = int(100.0 * self.offer.reference_price)
        self.postage = round(self.rules.selling.postage * 100)
        self.traffic_cost = round(self.rules.brand_awareness.traffic_cost * 100)
        recruiting = self.rules.recruiting
        self.first_orders = [math.ceil(recruiting.loading * t.first_order) for t in self.tiers]
        self.entry_cost = [
            price * first / 100.0 + recruiting.entry_fee
            for price, first in zip(self.prices, self.first_orders, strict=True)]
        self.flows: Counter[str] = Counter()
        self.stages: Counter[int] = Counter()
        self.street, self.lowest_price = 0.0, 0
        self.end_demand = 0
        self.rivals = 0
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
        for number, tier in zip(founders.person.tolist(), founders.tier.tolist(), strict=True):
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
        self.communities = [Community() for _ in edges[1:]]
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
        self.resellers.do("split_effort", self.promise())
        self.persons.do("forget")
        self.resellers.do("approach")
        if self.rules.prospecting.burn > 0.0:
            self.persons.do("be_annoyed")
        self.persons.do("notice")
        self.persons.do("use")
        self.buyers: list[tuple[Person, Reseller]] = []
        self.persons.do("choose")
        self.sell()
        self.persons.do("experience")
        self.serve()
        self.persons.do("share")
        self.persons.do("listen")
        self.persons.do("belong")
        self.brand.create()
        self.resellers.do("expect")
        self.resellers.do("order")
        self.supply()
        self.resellers.do("reward_sponsor")
        self.recruit()
        self.set_prices()
        self.resellers.do("rise_or_fall")
        self.leave()
        self.resellers.do("clear")
        self.stages = Counter(person.stage for person in self.persons)

    def sell(self) -> None:
        """Serve this week's buyers in an order of luck, while there is stock."""
        self.resellers.do("begin_sales")
        self.prices_paid: list[int] = []
        numbers = {buyer.number: (buyer, seller) for buyer, seller in self.buyers}
        for number in self.luck.in_turn("served first", list(numbers)):
            buyer, seller = numbers[number]
            buyer.buy(seller)
        flows = self.flows
        units = flows["sell_through"] + flows["dumped"]
        if units:
            self.street = (flows["revenue_retail"] + flows["revenue_dumped"]) / units
            self.lowest_price = min(self.prices_paid)
        self.end_demand = units + flows["lost_sales"]
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
        rule = self.rules.customer_service
        self.persons.do("ask_for_service")
        buyers = Counter(seller for _, seller in self.buyers)
        asked, met, met_buying = len(self.buyers), 0.0, 0.0
        for server in [*self.resellers, self.brand]:
            capacity = server.service_capacity()
            if users := server.served:
                asked += len(users)
                met += min(float(len(users)), capacity)
                if rule.satisfaction > 0.0:
                    for person in users:
                        person.be_served(min(1.0, capacity / len(users)))
            if buying := buyers[server]:
                met_buying += min(float(buying), capacity)
                server.help = self.narrow(min(1.0, capacity / buying))
            if curious := server.asked if rule.advice > 0.0 else []:
                level = min(1.0, capacity / len(curious))
                self.flows["advice_wanted"] += len(curious)
                self.flows["advice_given"] += sum(person.be_advised(level) for person in curious)
            server.served, server.asked = [], []
        asked += self.flows["advice_wanted"]
        if asked:
            self.brand.service_met = (met + met_buying + self.flows["advice_given"]) / asked

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
        if not self.rules.supply_chain.backorders:
            due = 0
            for reseller in self.resellers:
                reseller.backlog = reseller.first_left = 0
        self.brand.plan(ordered, due)

    def promise(self) -> tuple[list[float], list[float]]:
        """Return what the plan promises a week, rung by rung: for recruits, and for retail."""
        rule, bonuses = self.rules.effort_split, self.rules.sponsor_bonuses
        prices = [price / 100.0 for price in self.prices]
        lowest, first = prices[-1], self.first_orders[-1]
        later = 12 * self.rules.ordering.pressure * self.tiers[-1].quota
        team, shop = [], []
        for price in prices:
            worth = (lowest - price) * (first + later)
            again = later if len(team) < bonuses.restock_rungs else 0
            worth += lowest * (bonuses.entry * first + bonuses.restock * again)
            if price == lowest:
                worth += lowest * bonuses.same_level * (first + again)
            margin = max(0.0, self.list_price / 100.0 - price - self.postage / 100.0)
            team.append(worth * rule.promised_recruits / 4 if self.rules.recruiting.approaches else 0.0)
            shop.append(margin * rule.promised_sales / 4)
        return team, shop

    def shown_income(self) -> float:
        """Return the income that recruiters show."""
        incomes = sorted((r.income for r in self.resellers if r.active), reverse=True)
        if not incomes:
            return 0.0
        best = incomes[: max(1, len(incomes) // 10)]
        mean, top = sum_in_order(incomes) / len(incomes), sum_in_order(best) / len(best)
        top = max(top, sum(pay[-1] for pay in self.promise()))
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
        reseller = Reseller(person, len(self.resellers), upline, tier)
        self.resellers.add(reseller)
        if upline is not None:
            upline.recruits += 1
        person.reseller, person.aware = reseller, True
        person.tell_circle(1, 0)
        first, fee = self.first_orders[tier], round(rule.entry_fee * 100)
        reseller.opening = max(math.floor(person.budget * 100), self.prices[tier] * first + fee)
        reseller.cash = reseller.opening - fee
        reseller.binding = self.narrow(rule.binding)
        reseller.ordered = reseller.backlog = reseller.first_left = reseller.cumulative = first
        self.brand.money += fee
        self.flows["joins"] += 1
        self.flows["entry_payments"] += fee
        self.flows["revenue_brand"] += fee

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
        self.joins = self.exits = 0
        self.resellers.do("forget_news")
        self.resellers.do("tell_news")
        self.resellers.do("think_of_leaving")
        if self.leavers:
            self.resellers.do("be_handed_over")
        for reseller in self.leavers:
            reseller.person.tell_circle(-1, 1)
        self.flows["exits"] += len(self.leavers)

    def observe(self) -> dict[str, Any]:
        """Return this week's row of the weekly table."""
        return self.observer.row()

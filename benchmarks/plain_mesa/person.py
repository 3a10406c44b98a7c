"""Persons: they notice, use, choose, buy, talk, listen, and gather."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import mesa

from benchmarks.plain_mesa.arithmetic import poisson
from benchmarks.plain_mesa.cells import Cell, Community
from benchmarks.plain_mesa.luck import limit

if TYPE_CHECKING:
    from benchmarks.plain_mesa.model import PlainModel
    from benchmarks.plain_mesa.reseller import Reseller

BROADCAST, SELLER, WORD_OF_MOUTH = 1, 2, 3
STRANGER, CUSTOMER, USER, FAN, GEEK = range(5)
SOURCES = {
    BROADCAST: "purchases_broadcast", SELLER: "purchases_seller",
    WORD_OF_MOUTH: "purchases_word_of_mouth"}


class Person(mesa.Agent):
    """A consumer with traits, state and a circle."""

    model: PlainModel

    def __init__(self, model: PlainModel, number: int, traits: dict[str, float]) -> None:
        super().__init__(model)
        self.number = number
        self.taste_x = traits["taste_x"]
        self.taste_y = traits["taste_y"]
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
        self.knows_prices = luck.for_good("knows prices", number, rules.choosing.price_knowledge)
        self.open_to_selling = luck.for_good(
            "open to selling", number, rules.recruiting.open_to_selling)
        self.could_be_fan = luck.for_good("could be a fan", number, rules.belonging.devoted)
        self.can_create = luck.for_good("can create", number, rules.belonging.creators)
        self.community: Community
        self.contacts: list[Person] = []
        self.close = 0
        self.reseller: Reseller | None = None
        self.seller: Reseller | None = None
        self.offer: Reseller | None = None
        self.cell: Cell | None = None
        self.convinced_by: Person | None = None
        self.convinced = 0
        self.aware = False
        self.source = self.hops = self.home = self.used = self.waiting = 0
        self.purchases = 0
        self.stage = STRANGER
        self.first_purchase = self.last_purchase = -1
        self.circle_sellers = self.circle_leavers = 0
        self.asks = self.push = self.voices = self.voice_sum = self.voices_bad = 0
        self.tempted_week, self.tempted_bits = -1, 0

    @property
    def is_prosumer(self) -> bool:
        return self.reseller is not None and self.reseller.active and self.reseller.dropship

    @property
    def keeps_shop(self) -> bool:
        """Whether the person sells from stock, and so buys from nobody."""
        return self.reseller is not None and self.reseller.active and not self.reseller.dropship

    # -- inform -------------------------------------------------------------------------------

    def forget(self) -> None:
        """Begin a week: last week's asks and offers are gone."""
        self.asks = self.push = 0
        self.offer = None

    def hear_offer(self, seller: Reseller, push: float) -> None:
        """Be approached by `seller`."""
        self.asks = min(self.asks + 1, 255)
        self.push = min(self.push + int(64.0 * push), 65535)
        best = self.offer
        if best is None or (seller.price, seller.row) < (best.price, best.row):
            self.offer = seller
        if seller.active and (self.seller is None or not self.seller.active):
            self.seller = seller

    def be_annoyed(self) -> None:
        rule = self.model.rules.approaching
        if self.asks > rule.tolerance:
            kept = max(0.0, 1.0 - rule.burn * (self.asks - rule.tolerance))
            self.trust = self.model.narrow(self.trust * kept)

    def notice(self) -> None:
        """Come to know the product: by broadcast, by a seller, or by what others say."""
        if self.aware:
            return
        model, rule, luck = self.model, self.model.rules.noticing, self.model.luck
        sellers, voices = rule.sellers * self.asks, rule.voices * self.voices
        hazard = rule.advertising + sellers + voices
        if not luck.happens("notice", self.number, 1.0 - math.exp(-hazard)):
            return
        self.aware = True
        pick = luck.bits32("notice from whom", self.number) / 4294967296.0 * hazard
        impression = rule.prior + self.credulity * (model.brand.claimed() - rule.prior)
        if pick < sellers:
            self.source, self.hops = SELLER, 2
            # Whom a prosumer approaches counts as convinced by a consumer.
            assert self.offer is not None
            self.convinced_by = self.offer.person if self.offer.dropship else None
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
            mean = max(self.weekly_need, model.rules.using.idle_use)
            units = min(poisson(mean, model.luck.unit("use", self.number)), self.home, 255)
            self.home -= units
            self.used = units
            model.flows["consumed"] += units

    def fit(self) -> float:
        """Return how well the product meets the person's taste, share."""
        brand = self.model.brand
        dx, dy = self.taste_x - brand.x, self.taste_y - brand.y
        return math.exp(-(dx * dx + dy * dy) * brand.steepness)

    def has_occasion(self) -> bool:
        """Return whether the person thinks of buying at all this week."""
        luck = self.model.luck
        if self.home == 0 and self.weekly_need > 0.0:
            if luck.happens("need", self.number, 1.0 - math.exp(-self.weekly_need)):
                return True
        if self.push == 0:
            return False
        chance = self.model.rules.choosing.push_occasion * self.push / 64.0
        return luck.happens("pushed", self.number, chance)

    def choose(self) -> None:
        """Weigh a seller's offer and the brand's own channel against the outside option."""
        if not self.aware or self.waiting:
            return
        seller = self.offer
        if seller is None and self.seller is not None and self.seller.active:
            seller = self.seller
        model = self.model
        rule, gathering, offer = model.rules.choosing, model.rules.gathering, model.offer
        direct = gathering.own_channel and self.cell is not None
        if (seller is None and not direct) or self.keeps_shop or not self.has_occasion():
            return
        known = offer.reference_price if self.knows_prices else offer.list_price
        common = (
            rule.quality_weight * (self.belief * self.fit() - model.reference)
            + rule.trust_weight * (self.trust - 0.5)
            + rule.voice_weight * (self.voices - 2.0 * self.voices_bad)
            + model.brand.service
        )
        if self.cell is not None:
            common += gathering.belonging
        scale = rule.price_sensitivity / self.willingness_to_pay
        by_seller = by_brand = 0.0
        if seller is not None:
            pushed = rule.push_weight * (self.push / 64.0)
            value = common + pushed - scale * (seller.price / 100.0 - known)
            if seller.dropship:
                value -= rule.suspicion * (1.0 - model.rules.referring.both_sides)
            by_seller = math.exp(min(value, 50.0))
        if direct:
            value = common - scale * (model.brand.price / 100.0 - known)
            by_brand = math.exp(min(value, 50.0))
        total = 1.0 + by_seller + by_brand
        bits = model.luck.bits32("choose", self.number)
        if bits < limit(by_seller / total):
            model.buyers.append((self, seller))
        elif bits < limit((by_seller + by_brand) / total):
            model.buyers.append((self, None))
        else:
            return
        if self.asks > 0:
            self.source = SELLER

    def buy(self, seller: Reseller | None) -> None:
        """Take a basket from the seller's stock, or from the brand's, perhaps on the seller's word."""
        model, brand, basket = self.model, self.model.brand, self.model.rules.selling.basket
        by_brand = seller is None or seller.dropship
        if seller is not None:
            seller.demand += basket
        units = min(basket, brand.stock if seller is None or by_brand else seller.inventory)
        if by_brand and units < basket and model.rules.creating.preorders:
            self.waiting = basket
            brand.preorders += basket
            model.flows["preordered"] += basket
            return
        model.flows["lost_sales"] += basket - units
        if units == 0:
            return
        price = brand.price if seller is None else seller.price
        if seller is None or by_brand:
            brand.sell(units, price, seller)
        else:
            seller.sell(units)
        if seller is not None:
            seller.since = 0
            self.seller = seller
        worth = 100.0 * self.willingness_to_pay * brand.quality * self.fit()
        model.flows["consumer_surplus"] += units * (int(worth) - price)
        if self.purchases == 0 and self.convinced_by is not None:
            self.convinced_by.convince()
        self.take_home(units, price)

    def wait_no_more(self) -> bool:
        """Get what was ordered ahead; return whether the brand had it."""
        brand, units = self.model.brand, self.waiting
        if brand.stock < units:
            return False
        self.waiting = 0
        brand.preorders -= units
        brand.sell(units, brand.price, None)
        self.model.flows["delivered"] += units
        self.take_home(units, brand.price)
        return True

    def take_home(self, units: int, price: int) -> None:
        flows = self.model.flows
        self.model.prices_paid.append(price)
        self.home += units
        if self.purchases == 0:
            self.first_purchase = self.model.week
            flows["new_customers"] += 1
        self.purchases += 1
        self.last_purchase = self.model.week
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
        model, rule = self.model, self.model.rules.experiencing
        felt = model.brand.quality + rule.noise * model.luck.normal("experience", self.number)
        gap = felt - self.belief
        verdict = 0.5 + rule.performance * (felt * self.fit() - model.reference)
        verdict += (rule.loss if gap < 0.0 else rule.gain) * gap
        verdict = min(max(verdict, 0.0), 1.0)
        moved = self.trust + (rule.trust_loss if gap < 0.0 else rule.trust_gain) * gap
        self.satisfaction = model.narrow(
            self.satisfaction + rule.learning * (verdict - self.satisfaction))
        self.trust = model.narrow(min(max(moved, 0.0), 1.0))
        self.belief = model.narrow((self.belief * self.evidence + felt) / (self.evidence + 1.0))
        self.evidence = model.narrow(min(self.evidence + 1.0, rule.memory))

    def ask_for_service(self) -> None:
        """Turn to the seller one knows, or to the brand."""
        if self.used == 0:
            return
        if self.seller is not None and self.seller.active:
            self.seller.served.append(self)
        else:
            self.model.brand.served.append(self)

    def be_served(self, level: float) -> None:
        moved = self.satisfaction + self.model.rules.serving.satisfaction * (level - 0.5)
        self.satisfaction = self.model.narrow(min(max(moved, 0.0), 1.0))

    def share(self) -> None:
        """Talk about the product, the likelier the further from indifferent."""
        devoted = self.stage >= FAN
        if self.used == 0 and not devoted:
            return
        rule = self.model.rules.sharing
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
        rule, luck = self.model.rules.sharing, self.model.luck
        degree = len(self.contacts)
        if degree == 0:
            return
        mean = rule.listeners * self.sociability
        if self.cell is not None:
            mean *= rule.cell_listeners
        wanted = luck.rounded("speak to how many", self.number, mean)
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
            self.voice_sum += int(256.0 * told)
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
        rule, narrow = self.model.rules.listening, self.model.narrow
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
        """Come closer to the brand, or drift away."""
        if self.purchases == 0:
            return
        stage = self.stage_now()
        if stage == STRANGER and self.stage != STRANGER:
            self.model.flows["customers_lost"] += 1
        self.stage = stage

    def stage_now(self) -> int:
        model, rule = self.model, self.model.rules.belonging
        patience = float(rule.lapse)
        if self.cell is not None:
            patience += rule.stickiness * min(self.voices, 4)
        if model.week - self.last_purchase >= patience:
            return STRANGER
        if self.purchases < rule.user_purchases or self.satisfaction < rule.user_satisfaction:
            return CUSTOMER
        enough = self.satisfaction >= rule.fan_satisfaction and self.trust >= rule.fan_trust
        if not (enough and self.could_be_fan):
            return USER
        return GEEK if self.can_create else FAN

    def gather(self) -> None:
        """Found, join or leave a cell around the brand."""
        rule, luck, community = self.model.rules.gathering, self.model.luck, self.community
        if self.cell is not None:
            drifted = self.stage == STRANGER or self.satisfaction < rule.satisfaction - 0.1
            if drifted and not self.is_prosumer:
                self.cell.leave(self)
        elif community.open_cell is not None:
            content = self.stage > STRANGER and self.satisfaction >= rule.satisfaction
            if content or self.is_prosumer:
                if luck.happens("join a cell", self.number, rule.joining):
                    community.open_cell.join(self)
        elif self.stage >= FAN or self.is_prosumer:
            if luck.happens("found a cell", self.number, rule.founding):
                community.found_cell([self])

    # -- become a seller ----------------------------------------------------------------------

    def tempt(self, recruiter: Reseller, shown: float) -> int | None:
        """Return the tier that the person joins on the recruiter's word, or ``None``."""
        rule, cost = self.model.rules.recruiting, self.model.entry_cost
        if not self.open_to_selling:
            return None
        mood = recruiter.optimism
        dared = self.budget * min(1.0, rule.commitment + rule.commitment_hype * mood)
        tier = next(
            (rung for rung, entry in enumerate(cost) if rule.least_entry <= entry <= dared), -1)
        if tier < 0:
            if cost[-1] > self.budget or cost[-1] < rule.least_entry:
                return None
            tier = len(cost) - 1
        value = (
            rule.base
            + rule.income_weight * (min(rule.income_cap, shown / self.aspiration) - 1.0)
            + rule.credulity * (self.credulity - 0.5)
            + rule.trust * (self.trust - 0.5)
            + rule.hype * mood
            - rule.entry_weight * cost[tier] / self.budget
            - rule.saturation * self.circle_sellers
            - rule.warning * self.circle_leavers
        )
        # One draw a person and week: who declined one recruiter declines an equal one.
        if self.tempted_week != self.model.week:
            self.tempted_week = self.model.week
            self.tempted_bits = self.model.luck.bits32("join", self.number)
        chance = 1.0 / (1.0 + math.exp(min(-value, 700.0)))
        return tier if self.tempted_bits < limit(chance) else None

    def accept_reward_rights(self) -> None:
        """Become a prosumer when invited, under the seller one knows."""
        if self.stage < FAN or self.reseller is not None:
            return
        model, rule = self.model, self.model.rules.referring
        if model.luck.happens("accept reward rights", self.number, rule.invitation):
            known = self.seller is not None and self.seller.active
            model.enlist_prosumer(self, self.seller if known else None)

    def tell_circle(self, sellers: int, leavers: int) -> None:
        """Let all contacts know that one sells now, or that one has given it up."""
        for contact in self.contacts:
            contact.circle_sellers += sellers
            contact.circle_leavers += leavers

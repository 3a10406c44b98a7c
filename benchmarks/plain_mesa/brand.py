"""The brand: it produces, sells, learns from its customers, and makes new versions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import mesa

from benchmarks.plain_mesa.person import FAN

if TYPE_CHECKING:
    from benchmarks.plain_mesa.model import PlainModel
    from benchmarks.plain_mesa.person import Person
    from benchmarks.plain_mesa.reseller import Reseller

FIXED = 1048576.0
STOCKS = ("shared", "crowd", "experience", "behaviour")


class Brand(mesa.Agent):
    """What it makes, knows, promises and owns."""

    model: PlainModel

    def __init__(self, model: PlainModel, offer: Any, stock: int, longest_lead: int) -> None:
        super().__init__(model)
        self.quality = offer.quality
        self.x, self.y = offer.position_x, offer.position_y
        self.version, self.variety, self.knowledge = 1, 1.0, 0.0
        self.steepness = 1.0 / (offer.taste_radius**2 * self.variety)
        self.data = dict.fromkeys((*STOCKS, "profile"), 0.0)
        self.drift, self.clock = [(0.0, 0.0)], 0.0
        self.price = round(round(
            offer.list_price * (
                1.0 - model.rules.gathering.saving * model.rules.gathering.passed_on), 2) * 100)
        self.stock = stock
        self.money = 0
        self.pipeline = [0] * longest_lead
        self.in_production = self.preorders = 0
        self.forecast = self.forecast_error = 0.0
        self.served: list[Person] = []
        self.service, self.service_met = 0.0, math.nan
        self.to_try: list[Person] = []
        self.tried = self.trials_due = 0

    def claimed(self) -> float:
        """Return the quality that is claimed."""
        exaggeration = self.model.rules.noticing.exaggeration
        return min(1.0, self.quality + exaggeration * self.model.offer.overclaim)

    def sell(self, units: int, price: int, referrer: Reseller | None) -> None:
        """Send units to a consumer; who referred the sale gets a share of the price."""
        flows = self.model.flows
        self.stock -= units
        self.money += price * units - self.model.postage
        flows["sell_through"] += units
        flows["direct"] += units
        flows["revenue_retail"] += price * units
        flows["revenue_brand"] += price * units
        if referrer is not None:
            reward = int(self.model.rules.referring.share * (price * units))
            referrer.cash += reward
            referrer.week_income += reward
            self.money -= reward
            flows["retail_margin_resellers"] += reward

    def service_capacity(self) -> float:
        return self.model.rules.serving.brand_capacity * len(self.model.persons)

    # -- learn --------------------------------------------------------------------------------

    def collect(self) -> None:
        """Turn what customers do and say into data, and data into knowledge."""
        model, rule = self.model, self.model.rules.collecting
        if rule.gain == 0.0:
            self.knowledge = 0.0
            return
        users, fans, geeks = (model.stages[stage] for stage in (2, 3, 4))
        prosumers = sum(reseller.active and reseller.dropship for reseller in model.resellers)
        creators = prosumers * model.rules.belonging.creators
        members = sum(len(cell.members) for cell in model.cells)
        together = 1.0 + rule.cooperation * min(1.0, len(model.cells) / len(model.communities))
        inflow = (
            rule.shared * members,
            rule.crowd * (geeks + creators) * together,
            rule.experience * (fans + geeks + prosumers),
            rule.behaviour * (users + fans + geeks + prosumers),
        )
        thousands, product = len(model.persons) / 1000.0, 1.0
        for stock, amount in zip(STOCKS, inflow, strict=True):
            self.data[stock] += rule.gain * amount / thousands - rule.ageing * self.data[stock]
            product *= self.data[stock]
        profile = self.data["profile"] = math.sqrt(math.sqrt(product))
        self.knowledge = rule.gain * profile / (profile + rule.half)

    def create(self) -> None:
        """Follow tastes as they drift, with a new version now and then."""
        model, rule = self.model, self.model.rules.creating
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
        past = self.drift[max(0, len(self.drift) - 1 - rule.delay)]
        copied_x, copied_y = past[0] - self.drift[-1][0], past[1] - self.drift[-1][1]
        heard = [p for p in model.persons if p.stage >= FAN or p.cell is not None]
        wanted_x, wanted_y = copied_x, copied_y
        if heard:
            # Sums of integers, as in the shipped model, so that not a digit differs.
            wanted_x = sum(int(p.taste_x * FIXED) for p in heard) / FIXED / len(heard)
            wanted_y = sum(int(p.taste_y * FIXED) for p in heard) / FIXED / len(heard)
        known = self.knowledge
        missed_x = rule.error * model.luck.normal("version error", 0)
        missed_y = rule.error * model.luck.normal("version error", 1)
        self.x = known * wanted_x + (1.0 - known) * (copied_x + missed_x)
        self.y = known * wanted_y + (1.0 - known) * (copied_y + missed_y)
        self.quality += rule.ideas * known * (rule.skill - self.quality)
        self.quality = min(max(self.quality, 0.0), 1.0)
        aimed = 1.0 + math.floor(2.0 * rule.variants * known) / 2.0
        if aimed != self.variety:
            self.variety += 0.5 if aimed > self.variety else -0.5
        self.steepness = 1.0 / (model.offer.taste_radius**2 * self.variety)

    def let_try(self) -> None:
        """Send prosumers the newest version from stock beyond a week's sales, in turn."""
        model, trial = self.model, self.model.rules.referring.trial
        if self.version != self.tried and trial:
            self.tried = self.version
            self.to_try = [r.person for r in model.resellers if r.active and r.dropship]
        if not self.to_try:
            return
        spare = max(0, self.stock - math.ceil(self.forecast))
        count = min(spare // trial, len(self.to_try))
        for person in self.to_try[:count]:
            person.home += trial
        del self.to_try[:count]
        self.stock -= count * trial
        self.trials_due = trial * len(self.to_try)
        model.flows["trials"] += count * trial

    # -- produce ------------------------------------------------------------------------------

    def finish(self) -> None:
        """Take in what the factory has finished, and pay for it."""
        slot = self.model.week % len(self.pipeline)
        made, self.pipeline[slot] = self.pipeline[slot], 0
        more = self.model.rules.creating.variant_cost * (self.variety - 1.0)
        self.in_production -= made
        self.stock += made
        self.money -= made * round(self.model.offer.unit_cost * 100 * (1.0 + more))
        self.model.flows["produced"] += made

    def plan(self, ordered: int, due: int) -> None:
        """Order from the factory what a forecast of `ordered` units a week asks for."""
        model, production = self.model, self.model.production
        seen = ordered + model.rules.supplying.sharing * (model.end_demand - ordered)
        error = abs(seen - self.forecast)
        self.forecast_error += production.smoothing * (error - self.forecast_error)
        self.forecast += production.smoothing * (seen - self.forecast)
        target = math.ceil(self.forecast * (production.lead_time + production.cover))
        due += self.preorders + self.trials_due
        batch = max(0, target - (self.stock + self.in_production - due))
        batch = min(batch, int(production.capacity * len(model.persons)))
        self.pipeline[(model.week + production.lead_time) % len(self.pipeline)] += batch
        self.in_production += batch

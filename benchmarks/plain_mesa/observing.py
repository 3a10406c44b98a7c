"""The weekly table: one row of the columns that move in the pyramid; the others stay at zero."""

from __future__ import annotations

import math
from typing import Any

from benchmarks.plain_mesa.sums import distance, mean, over

STAGES = ("stranger", "customer", "user", "fan", "geek")
MUTED = 255
"""Wear of a tie whose contact no longer listens."""
FLOWS = (
    "joins", "exits", "sell_in", "sell_through", "self_consumed", "dumped", "bought_back",
    "written_off", "lost_sales", "produced", "consumed", "revenue_brand", "revenue_retail",
    "revenue_dumped", "retail_margin_resellers", "upline_payments", "entry_payments",
    "new_customers", "customers_lost", "consumer_surplus", "purchases_broadcast",
    "purchases_seller", "purchases_word_of_mouth", "advice_wanted", "advice_given")
"""Counted during the week."""


class Observer:
    """Sums over persons and resellers of a `PlainModel`, and what a row remembers of earlier ones."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.recent: list[tuple[int, int, int]] = []
        self.money_before = 0
        self.unaware: list[float] = []

    def row(self) -> dict[str, Any]:
        """Return this week's row of the weekly table; columns that stay at zero are left out."""
        model, brand, flows = self.model, self.model.brand, self.model.flows
        profit, self.money_before = brand.money - self.money_before, brand.money
        persons = self.of_persons()
        self.unaware = [*self.unaware, 1.0 - persons["awareness"]][-26:]
        unaware = math.fsum(self.unaware) / len(self.unaware)
        return {
            "week": model.week,
            **{name: flows[name] for name in FLOWS},
            **persons,
            **self.of_resellers(),
            **self.of_sales(),
            "inventory_factory": brand.stock,
            "profit_brand": profit,
            "price_list": model.list_price,
            "price_wholesale_low": model.prices[-1] if model.prices else 0,
            **{f"stage_{name}": model.stages[stage] for stage, name in enumerate(STAGES)},
            "versions": brand.version,
            "variants": 1.0,  # nobody develops further ones here
            "quality_true": brand.quality,
            "service": brand.service_met,
            "forecast_error": over(brand.forecast_error, brand.forecast),
            "wom_reproduction": model.wom_reproduction,
            "wom_reproduction_unaware": over(model.wom_reproduction, unaware),
        }

    def of_persons(self) -> dict[str, Any]:
        persons, brand = self.model.persons, self.model.brand
        aware = [person for person in persons if person.aware]
        believed = mean(person.belief for person in aware)
        squared = mean(person.belief * person.belief for person in aware)
        return {
            "inventory_homes": sum(person.home for person in persons),
            "awareness": len(aware) / len(persons),
            "trust_mean": mean(person.trust for person in persons),
            "quality_perceived": believed,
            "quality_spread": math.sqrt(max(0.0, squared - believed * believed)) if aware else math.nan,
            "satisfaction_mean": mean(
                person.satisfaction for person in persons if person.purchases > 0),
            "product_distance": mean(
                distance(person.taste_x - brand.x, person.taste_y - brand.y)
                for person in aware),
        }

    def of_resellers(self) -> dict[str, Any]:
        resellers = self.model.resellers
        active = [reseller for reseller in resellers if reseller.active]
        stocked = [reseller for reseller in active if reseller.inventory > 0]
        ties = sum(len(reseller.wear) for reseller in active)
        muted = sum(reseller.wear.count(MUTED) for reseller in active)
        lost = sum(reseller.cash < reseller.opening for reseller in resellers)
        idle = sum(reseller.cash == reseller.opening for reseller in resellers)
        held = sum(reseller.inventory for reseller in resellers)
        return {
            "resellers_active": len(active),
            "inventory_channel": held,
            "inventory_transit": sum(reseller.transit for reseller in resellers),
            "inventory_leavers": held - sum(reseller.inventory for reseller in active),
            "price_asked_mean": over(sum(reseller.price for reseller in stocked), len(stocked)),
            "muted_share": muted / ties if ties else 0.0,
            "loss_share": over(lost + idle, len(resellers)),
            "resellers_lost_money": lost,
            "resellers_earned_nothing": idle,
        }

    def of_sales(self) -> dict[str, Any]:
        flows = self.model.flows
        sold = flows["sell_through"] + flows["dumped"]
        paid = flows["revenue_retail"] + flows["revenue_dumped"]
        self.recent.append((
            flows["sell_through"], flows["revenue_retail"] + flows["revenue_dumped"],
            flows["from_recruits"]))
        del self.recent[:-26]
        retail = sum(paid for _, paid, _ in self.recent)
        recruits = sum(paid for _, _, paid in self.recent)
        lately = self.recent[-8:]
        channel = sum(reseller.inventory for reseller in self.model.resellers)
        return {
            "weeks_of_supply": over(channel * len(lately), sum(units for units, _, _ in lately)),
            "fill_rate": over(sold, sold + flows["lost_sales"]) if sold else math.nan,
            "price_street_mean": over(paid, sold),
            "price_street_min": self.model.lowest_price if sold else math.nan,
            "recruiting_share": over(recruits, recruits + retail),
        }

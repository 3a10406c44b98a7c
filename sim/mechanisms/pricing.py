"""Pricing: overstocked sellers cut their street price, and others follow."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.threads import A_ROW_IS_MUCH
from sim.mechanisms.base import Mechanism, World, parameter
from sim.mechanisms.gathering import direct_price

__all__ = ["Pricing"]


class Pricing(Mechanism):
    """Sellers with more than their patience in stock cut; all move towards the price they see.

    Nobody worries before having tried for as many weeks, and optimism allays worry. What they see
    is the cheapest seller of their community and the mean street price of the last
    week. Without overstock a price drifts back to the list. No active seller goes below a share of
    their own wholesale price.
    """

    phase: ClassVar = "review and leave"
    writes: ClassVar = ("resellers.price",)
    off: ClassVar = {"A16": {"pricing.cut": 0.0, "pricing.follow": 0.0, "clearing.discount": 0.0}}

    patience: float = parameter(
        20.0, "weeks of supply", 0, 1000, "stock, in weeks of own forecast, that worries nobody")
    cut: float = parameter(
        0.05, "share a week", 0, 1, "cut of a seller with three times that stock or more")
    follow: float = parameter(
        0.20, "share a week", 0, 1, "share of the gap to the cheapest neighbour closed a week")
    drift: float = parameter(
        0.02, "share a week", 0, 1, "share of the gap to the list price regained a week")
    floor: float = parameter(
        0.6, "share", 0, 10, "share of the own wholesale price below which nobody sells",
        source="buy-backs at 40-50 % (Li Ning), clearance below wholesale (LuLaRoe), S5")

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        resellers = world.resellers
        if len(resellers) == 0:
            return
        cheapest = np.full(world.graph.communities.size - 1, NO_PRICE, np.int64)
        _compare(resellers.inventory, resellers.price, resellers.community, cheapest)
        world.threads.over(
            len(resellers), _price, resellers.active, resellers.dropship, resellers.tier,
            resellers.inventory,
            resellers.forecast, resellers.joined_week, resellers.optimism, resellers.price,
            resellers.community, cheapest,
            world.tier_prices(), round(world.settings.offer.list_price * 100), direct_price(world),
            np.float64(world.market.street_price), float(self.patience), self.cut, self.follow,
            self.drift, self.floor, world.week, worth=A_ROW_IS_MUCH,
        )


NO_PRICE = 2**31 - 1
"""Where nobody of a community has stock: above all prices."""


@compiled
def _compare(inventory, price, community, cheapest):
    """Find the cheapest seller with stock of each community."""
    for row in range(price.size):
        if inventory[row] > 0:
            cheapest[community[row]] = min(cheapest[community[row]], price[row])


@compiled
def _price(
    low, high, active, dropship, tier, inventory, forecast, joined, optimism, price, community,
    cheapest, wholesale, list_price, brand_price, street, patience, cut, follow, drift, floor, week,
):
    for row in range(low, high):
        if not active[row]:
            continue
        if dropship[row]:
            # The brand sells: its price, and nobody undercuts it in its own name.
            price[row] = brand_price
            continue
        own = np.float64(price[row])
        supply = inventory[row] / max(forecast[row], 0.05)
        worry = 0.0
        if supply > patience and week - joined[row] > patience:
            worry = min(1.0, (supply - patience) / (2.0 * patience + 1e-9))
            worry *= 1.0 - np.float64(optimism[row])
        new = own * (1.0 - cut * worry)
        seen = np.float64(cheapest[community[row]])
        if street > 0.0:
            seen = min(seen, 0.5 * (seen + street)) if seen < own else min(own, street)
        if seen < new:
            new -= follow * (new - seen)
        elif worry == 0.0:
            new += drift * (list_price - new)
        lowest = floor * wholesale[tier[row]]
        price[row] = np.int64(max(new, lowest))

"""Pricing: overstocked sellers cut their street price, and others follow."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing
from sim.kernel.threads import A_ROW_IS_MUCH
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Pricing"]


class Pricing(Mechanism):
    """Overstocked sellers cut their prices; all sellers move towards the prices around them.

    Stock of more than `patience` weeks of sales worries a seller who has sold for at least as long;
    optimism allays the worry. A seller looks at the lowest price in the community and at the mean
    street price of the last week with a sale (this one included). Without worry the price drifts back
    to the list price, and a markup on the wholesale price is the floor; a worried seller goes down to
    a share of the wholesale price. Postage comes on top. The brand lets no active seller go below a
    share of the list price.
    """

    phase: ClassVar = "review and leave"
    reads: ClassVar = (
        "resellers.active", "resellers.dropship", "resellers.tier", "resellers.community",
        "resellers.inventory", "resellers.forecast", "resellers.joined_week",
        "resellers.optimism", "market.street_price",
    )
    writes: ClassVar = ("resellers.price",)
    off: ClassVar = {"A16": {"pricing.cut": 0.0, "pricing.follow": 0.0, "liquidation.discount": 0.0}}

    patience: float = parameter(
        12.0, "weeks of supply", 0, 1000, "stock, in weeks of own forecast, that worries nobody")
    cut: float = parameter(
        0.05, "share a week", 0, 1, "cut of a seller with three times that stock or more")
    follow: float = parameter(
        0.05, "share a week", 0, 1, "share of the gap to the cheapest neighbour closed a week")
    drift: float = parameter(
        0.02, "share a week", 0, 1, "share of the gap to the list price regained a week")
    markup: float = parameter(
        0.45, "share", 0, 10, "margin over the own wholesale price that a seller without worries asks",
        source="working assumption: about a third of the price, as small shops take")
    discipline: float = parameter(
        0.5, "share", 0, 1, "share of the list price below which the brand lets no active seller go",
        source="brands police prices and diverted goods (essay A: 乱价); working assumption")
    floor: float = parameter(
        0.8, "share", 0, 10, "share of the own wholesale price below which nobody sells",
        source="buy-backs at 40-50 % (Li Ning), clearance below wholesale (LuLaRoe), S5")

    def step(self, world: World) -> None:
        """Let every active seller set next week's price."""
        resellers = world.resellers
        if len(resellers) == 0:
            return
        cheapest = np.full(world.graph.communities.size - 1, NO_PRICE, np.int64)
        _compare(resellers.inventory, resellers.price, resellers.community, cheapest)
        selling = world.settings.rule("selling")
        terms = Terms(
            wholesale=world.tier_prices(),
            postage=round(selling.postage * 100) if selling else 0,
            list_price=round(world.settings.offer.list_price * 100),
            street_price=float(world.market.street_price),
            week=world.week,
        )
        world.threads.over(
            len(resellers), _price, resellers.view(Sellers), cheapest, terms, self.parameters,
            worth=A_ROW_IS_MUCH)


class Sellers(NamedTuple):
    """Columns of resellers that pricing reads, and the price."""

    active: np.ndarray
    dropship: np.ndarray
    tier: np.ndarray
    community: np.ndarray
    inventory: np.ndarray
    forecast: np.ndarray
    joined_week: np.ndarray
    optimism: np.ndarray
    price: np.ndarray


class Terms(NamedTuple):
    """What is the same for every seller this week; prices in fen."""

    wholesale: np.ndarray
    postage: int
    list_price: int
    street_price: float
    week: int


NO_PRICE = 2**31 - 1
"""Lowest price of a community without stock: above all prices."""
MIN_FORECAST = 0.05
"""Units a week: least forecast by which weeks of supply are counted."""
EXTRA_FOR_FULL_WORRY = 2.0
"""Supply beyond the patience at which worry is full, as a multiple of the patience."""
NEARLY_NONE = 1e-9
"""Keeps a patience of zero from dividing by zero."""


@borrowing
def _compare(inventory, price, community, cheapest):
    """Find the cheapest seller with stock of each community."""
    for row in range(price.size):
        if inventory[row] > 0:
            cheapest[community[row]] = min(cheapest[community[row]], price[row])


@borrowing
def _price(low, high, sellers, cheapest, terms, rule):
    """Set the prices of the rows low..high."""
    for row in range(low, high):
        if not sellers.active[row]:
            continue
        if sellers.dropship[row]:
            # The brand sells for prosumers, at its list price.
            sellers.price[row] = np.int64(terms.list_price)
            continue
        own = np.float64(sellers.price[row])
        worry = _worry(row, sellers, terms, rule)
        new = own * (1.0 - rule.cut * worry)
        seen = _seen(own, np.float64(cheapest[sellers.community[row]]), terms.street_price)
        if seen < new:
            new -= rule.follow * (new - seen)
        elif worry == 0.0:
            new += rule.drift * (terms.list_price - new)
        least = rule.floor if worry > 0.0 else 1.0 + rule.markup
        lowest = max(
            least * terms.wholesale[sellers.tier[row]] + terms.postage, rule.discipline * terms.list_price)
        sellers.price[row] = np.int64(max(new, lowest))


@borrowing
def _worry(row, sellers, terms, rule):
    """Return how much a seller worries about stock, from 0 to 1."""
    supply = sellers.inventory[row] / max(sellers.forecast[row], MIN_FORECAST)
    if supply <= rule.patience or terms.week - sellers.joined_week[row] <= rule.patience:
        return 0.0
    worry = (supply - rule.patience) / (EXTRA_FOR_FULL_WORRY * rule.patience + NEARLY_NONE)
    return min(1.0, worry) * (1.0 - np.float64(sellers.optimism[row]))


@borrowing
def _seen(own, cheapest, street_price):
    """Return the price that a seller compares their own with."""
    if street_price <= 0.0:
        return cheapest
    if cheapest < own:
        return min(cheapest, 0.5 * (cheapest + street_price))
    return min(own, street_price)

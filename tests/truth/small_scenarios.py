"""Small scenarios drawn at random from a number, so that each rule is met in many of them.

Plain random numbers of fixed seeds, not Hypothesis, which prefers the first of many values and
repeats what it has drawn: how many scenarios meet what is then the same everywhere.
"""

from __future__ import annotations

import random
from typing import Any

from sim.regimes.week import WEEK
from sim.scenario.parameters import Shape, walk

__all__ = ["SMALL", "small_scenario"]

SMALL: dict[str, Any] = {
    # A few dozen persons hold a few founders, small circles and cheap ladders.
    "network.contacts": 10, "network.close": 4, "network.community": 20,
    "recruiting.founders": 0.05, "recruiting.base": 1.0, "recruiting.open_to_selling": 0.6,
    "brand_awareness.advertising": 0.05,
}
SHARE = ()
"""Any share, none and all of them more often."""
FLAG = (False, True)

MARKET: dict[str, tuple[Any, ...]] = {
    "controls.stock_pressure": SHARE,
    "controls.information_asymmetry": SHARE,
    "controls.feedback": SHARE,
    "network.kind": (
        "small_world", "small_world", "watts_strogatz", "erdos_renyi", "scale_free",
        "stochastic_block", "complete"),
    "network.close": (0, 2, 4, 8),
    "network.community": (5, 20, 60),
    "people.never_need": (0.0, 0.2, 0.6),
    "people.weekly_need": (0.5, 1.0, 2.0),
    "brand_awareness.advertising": (0.05, 0.2),
    "offer.quality": SHARE,
    "offer.list_price": (99.99, 150.0, 390.0),
    "production.opening_stock": (0.0, 0.2, 2.0, 5.0),
    "production.lead_time": (1, 2, 3, 4),
    "production.capacity": (0.1, 5.0, 5.0),
    # Sellers.
    "effort_split.matching": (0.0, 0.5, 1.0, 1.0),
    "effort_split.memory": (0.1, 1.0),
    "prospecting.asks": (3.0, 8.0, 12.0),
    "recruiting.approaches": (0.0, 3.0, 6.0),
    "recruiting.entry_fee": (0.0, 12.34),
    "supply_chain.backorders": FLAG,
    "supply_chain.through_uplines": (True, True, False),
    "supply_chain.qualifying": (True, True, False),
    "sponsor_bonuses.qualifying": (True, True, False),
    "sponsor_bonuses.restock_rungs": (0, 1, 3),
    "supply_chain.lead_time": (1, 2, 3),
    "ordering.margin": (0.0, 0.1),
    "ordering.pressure": (1.0, None),
    "ordering.lot": (0.0, 0.5, 1.0),
    "pricing.patience": (2.0, 20.0),
    "tier_promotion.recruits": (1, 2, 9),
    "tier_promotion.demotion": (1, 2),
    "leaving.base": (0.01, 0.03, 0.1, 0.3),
    "leaving.grace": (0, 1, 4),
    "leaving.hearsay": (0.0, 6.0, 30.0),
    "liquidation.shelf_life": (1, 3, 10),
    "liquidation.own_use": (2.0, 12.0),
    "selling.basket": (1, 1, 2, 4),
    # Those who buy.
    "people.income": (50.0, 300.0, 2000.0),
    "people.category_share": (0.02, 0.12, 0.5, 1.0),
    "people.saved_weeks": (1, 4, 13, 100),
    "purchase_choice.price_sensitivity": (0.0, 1.0, 5.0, 12.0),
    "purchase_choice.push_occasion": (0.0, 0.1, 0.8),
    "purchase_choice.regret": SHARE,
    "purchase_choice.risk_weight": (0.0, 1.5, 6.0),
    "purchase_choice.assimilation": SHARE,
    "purchase_choice.list_weight": SHARE,
    "purchase_choice.plausible_range": (0.1, 1.0, 3.0),
    "purchase_choice.adaptation": SHARE,
    "product_experience.dropout": (0.0, 0.1, 0.65),
    "product_experience.dead_zone": (0.0, 1.0, 2.0),
    "belief_updating.win_back": (0.0, 0.2, 1.0),
    "pricing.markup": (0.0, 0.15, 0.5),
    "pricing.discipline": (0.0, 0.0, 0.5, 1.0),
    "referral.founders": (0.0, 0.1),
    "referral.invitation": (0.0, 0.3),
    "referral.trial": (0, 1, 2),
    "brand_communities.founding": (0.5, None),
    "brand_communities.joining": (0.5, None),
    "brand_communities.max_size": (2, 3, 8),
    "brand_communities.own_channel": (False, True, True),
    "product_development.preorders": FLAG,
    "product_development.interval": (3.0, 8.0),
    "loyalty_stages.devoted": (0.18, 1.0, 1.0),
    "loyalty_stages.creators": (0.1, 0.6),
    "loyalty_stages.fan_satisfaction": (0.3, 0.7),
    "loyalty_stages.user_purchases": (1, 2),
    "loyalty_stages.lapse": (2, 6, 26),
}
PILOT: dict[str, tuple[Any, ...]] = {
    "piloting.share": (0.3, 0.5, 0.7, 1.0),
    "piloting.weeks": (1, 3, 4, 5, 6),
    "piloting.sell_through": (0.0, 0.0, 0.1, 0.6),
    "piloting.satisfaction": (0.0, 0.0, 0.4, 0.6),
    "recruiting.approaches": (0.0, 3.0),
    "production.opening_stock": (0.5, 5.0),
}
OLD_CHANNEL: dict[str, tuple[Any, ...]] = {
    "legacy_channel.customers": (0.1, 0.2, 1.0),
    "legacy_channel.price": (30.0, 99.99, 180.0),
    "legacy_channel.wholesale": (0.333, 0.6, 1.0),
    "legacy_channel.loyalty": (-1.0, 2.0, 6.0),
    "legacy_channel.distinctness": (0.0, 1.0, 1.0),
    "legacy_channel.handover": (0.0, 1.0, 1.0, 1.0),
    "legacy_channel.handed_over": (0.0, 0.3),
    "legacy_channel.resentment": SHARE,
}
WAY_OUT: dict[str, tuple[Any, ...]] = {
    "reseller_conversion.rate": (0.0, 0.1, 0.5, 1.0),
    "reseller_conversion.buy_back": (0.0, 0.05, 0.3, 1.0),
    "reseller_conversion.refund": (0.45, 0.9),
    "reseller_conversion.leavers": FLAG,
    "reseller_conversion.binding": SHARE,
    "leaving.base": (0.03, 0.1, 0.3),
}
LADDERS: tuple[list[dict[str, Any]], ...] = (
    [],
    [{"price": 60.0, "first_order": 6, "quota": 40}],
    [{"price": 70.0, "first_order": 30, "quota": 300}, {"price": 95.5, "first_order": 3, "quota": 2}],
    [{"price": 50.0, "first_order": 90, "quota": 900}, {"price": 64.0, "first_order": 20, "quota": 90},
     {"price": 79.99, "first_order": 20, "quota": 9}, {"price": 90.0, "first_order": 2, "quota": 1}],
)
EVENTS: tuple[dict[str, Any], ...] = (
    {"regime": "prosumer", "reseller_conversion.rate": 0.5, "reseller_conversion.buy_back": 0.3},
    {"regime": "pyramid"},
    {"controls.stock_pressure": 0.0, "controls.feedback": 1.0},
    {"offer.list_price": 1000.0},
    {"offer.quality": 0.9, "offer.list_price": 168.0, "legacy_channel.customers": 0.3},
)
RULES = [rule for rule in WEEK if not rule.dial]
"""Those that act in the shipped regimes, and so in the reference."""
PARAMETERS = {
    shape.path: shape for rule in RULES for shape in walk(rule, rule.name())
    if shape.annotation in (int, float)
}
"""Every number of every rule."""


def moved(shape: Shape, times: float) -> float:
    """Return a value that is so many times the usual one, or what is nearest within the bounds."""
    assert shape.info
    assert shape.low is not None
    assert shape.high is not None
    # What follows a control, or is usually zero, has no size of its own: take that of a share.
    usual = shape.info.default or 0.4
    value = min(max(usual * times, shape.low), shape.high)
    return round(value) if shape.annotation is int else value


def small_scenario(number: int) -> tuple[str, dict[str, Any], int]:
    """Return scenario `number`: the name of a shipped one, what is changed of it, and a seed."""
    luck = random.Random(number)

    def drawn(group: dict[str, tuple[Any, ...]]) -> dict[str, Any]:
        return {
            path: luck.choice(values or (0.0, 1.0, luck.random(), luck.random()))
            for path, values in group.items()
        }

    changes = SMALL | drawn(MARKET)
    for group in (PILOT, OLD_CHANNEL, WAY_OUT):
        if luck.random() < 0.5:
            changes |= drawn(group)
    ladder = luck.choice((None, None, *LADDERS[1:], *LADDERS))
    if ladder is not None:
        changes["tiers"] = ladder
    for path in luck.sample(sorted(PARAMETERS), luck.choice((0, 1, 2, 4))):
        changes[path] = moved(PARAMETERS[path], luck.choice((0.0, 0.4, 1.7, 3.0)))
    # Every second scenario lacks a rule, each in its turn, and some lack another one.
    without = [RULES[number // 2 % len(RULES)]] * (number % 2) + luck.sample(RULES, number % 7 == 0)
    for rule in without:
        changes[f"{rule.name()}.enabled"] = False
    weeks = changes["weeks"] = luck.randrange(5, 17)
    changes["persons"] = luck.randrange(30, 100)
    if luck.random() < 0.25:
        changes["events"] = [{
            "week": luck.randrange(1, weeks + 1), "over": luck.choice((0, 3)),
            "set": luck.choice(EVENTS)}]
    return luck.choice(("pyramid", "prosumer")), changes, luck.randrange(2**40)

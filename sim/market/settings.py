"""What a scenario says about the market itself: people, offer, tiers, production, controls."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from sim.kernel.distributions import Distribution, Gamma, Lognormal, Uniform
from sim.kernel.settings import Settings, parameter
from sim.texts.bilingual import Bilingual

__all__ = ["BOUNDS", "Controls", "Offer", "People", "Production", "Tier"]


class Controls(Settings):
    """The three main controls; each acts through the settings whose defaults it sets."""

    stock_pressure: float = parameter(
        0.0, "share", 0, 1,
        "how hard resellers are pressed to stock up: quotas, promotions, threats, training hype",
        source="essay A: 多层级压货",
    )
    information_asymmetry: float = parameter(
        0.0, "share", 0, 1,
        "how closed information is: over-claiming, hidden prices, silenced bad experience, "
        "showcased incomes",
        source="essay A: 信息不对称",
    )
    feedback: float = parameter(
        0.0, "share", 0, 1,
        "how far customers' data and ideas change product, forecast, community and price",
        source="essay A: 正向反馈",
    )
    feedback_product: float = parameter(
        None, "share", 0, 1, "gain of the product loop", control=("feedback", 0, 1))
    feedback_forecast: float = parameter(
        None, "share", 0, 1, "gain of the demand forecast loop", control=("feedback", 0, 1))
    feedback_community: float = parameter(
        None, "share", 0, 1, "gain of the community loop", control=("feedback", 0, 1))
    feedback_price: float = parameter(
        None, "share", 0, 1, "gain of the price loop", control=("feedback", 0, 1))


class People(Settings):
    """Traits of persons, drawn once; a person has the same traits under every regime."""

    willingness_to_pay: Distribution = parameter(
        None, "CNY", None, None, "what one unit of a product of full quality is worth",
        source="so that the comparable product, worth .44 of it, is worth a little more than it costs",
        factory=lambda: Lognormal(dist="lognormal", mean=400.0, cv=0.5),
    )
    income: Distribution = parameter(
        None, "CNY a week", None, None, "disposable income",
        source="NBS of China: urban disposable income 31,195 yuan in 2015, 42,359 in 2019",
        factory=lambda: Lognormal(dist="lognormal", mean=700.0, cv=0.7),
    )
    category_share: float = parameter(
        0.12, "share", 0, 1, "largest share of income that goes into the category",
        source="6-8 % of consumption is for daily goods and personal care (NBS of China)")
    saved_weeks: int = parameter(
        13, "weeks", 1, 520, "weeks for which money for the category is set aside, at most",
        source="a quarter; working assumption")
    weekly_need: Distribution = parameter(
        None, "units a week", None, None, "units of the category a person uses a week",
        source="gamma heterogeneity with r = .243: Fader, Hardie, Lee 2005",
        factory=lambda: Gamma(dist="gamma", mean=0.5, cv=2.03),
    )
    need_scale: float = parameter(
        1.0, "times", 0.01, 100, "factor on the weekly need of all, which events move: seasons")
    never_need: float = parameter(
        0.3, "share", 0, 1, "share of people who never need the category")
    sociability: Distribution = parameter(
        None, "times the mean", None, None, "how many people somebody knows and talks to",
        source="circle sizes vary: Dunbar layers 5/15/50/150",
        factory=lambda: Lognormal(dist="lognormal", mean=1.0, cv=0.4),
    )
    credulity: Distribution = parameter(
        None, "share", None, None, "how far somebody believes what a seller claims",
        factory=lambda: Uniform(dist="uniform", low=0.0, high=1.0),
    )
    aspiration: Distribution = parameter(
        None, "CNY a week", None, None, "side income that somebody would like to have",
        factory=lambda: Lognormal(dist="lognormal", mean=300.0, cv=0.8),
    )
    budget: Distribution = parameter(
        None, "CNY", None, None, "money somebody could put into a business of their own",
        factory=lambda: Lognormal(dist="lognormal", mean=30000.0, cv=2.0),
    )
    trust: Distribution = parameter(
        None, "share", None, None, "trust in people who sell to friends, at the start",
        factory=lambda: Uniform(dist="uniform", low=0.4, high=0.8),
    )
    taste_spread: float = parameter(
        0.5, "taste distance", 0, 5, "standard deviation of tastes between communities")
    taste_within: float = parameter(
        0.5, "taste distance", 0, 5, "standard deviation of tastes inside a community")


BOUNDS = {
    "income": (1.0, 1e7),
    "willingness_to_pay": (1.0, 1e6),
    "weekly_need": (0.0, 20.0),
    "sociability": (0.05, 5.0),
    "credulity": (0.0, 1.0),
    "aspiration": (1.0, 1e6),
    "budget": (0.0, 1e8),
    "trust": (0.0, 1.0),
}
"""Traits drawn from a distribution for each person, and their bounds: draws beyond are cut off."""


class Offer(Settings):
    """What the brand sells, and what the category offers besides."""

    list_price: float = parameter(
        390.0, "CNY", 0.01, 1e6, "price on the brand's own list",
        source="英树 2020: retail 390 (chndsnews.com)")
    reference_price: float = parameter(
        120.0, "CNY", 0.01, 1e6, "price of a comparable product in open channels",
        source="essay A: 价格却远高于市场价格; retail of comparable goods")
    unit_cost: float = parameter(
        27.0, "CNY", 0.01, 1e6, "cost of producing one unit",
        source="5-10 % of retail (EVIDENCE, working default)")
    quality: float = parameter(
        0.45, "share", 0, 1, "true quality of the product at the start")
    reference_quality: float = parameter(
        0.55, "share", 0, 1, "quality of the comparable product")
    reference_fit: float = parameter(
        0.8, "share", 0, 1, "fit of the best comparable product to anybody's taste")
    overclaim: float = parameter(
        0.45, "share", 0, 1, "claimed minus true quality under fully closed information",
        source="essay A: 冠上各种神奇的功效")
    position_x: float = parameter(0.0, "taste distance", -5, 5, "product's place in taste space")
    position_y: float = parameter(0.0, "taste distance", -5, 5, "product's place in taste space")
    taste_radius: float = parameter(
        1.5, "taste distance", 0.01, 100, "distance at which a product has lost 63 % of its fit")


def _quota(given: dict[str, Any]) -> int:
    """Return 7 % of the first order, but at least ten units of an order that has them."""
    first_order = int(given.get("first_order", 0))
    return max(round(0.07 * first_order), min(10, first_order))


class Tier(Settings):
    """One rung of the ladder."""

    name: Bilingual = parameter(
        Bilingual("tier"), "text", None, None, "what the tier is called")
    price: float = parameter(..., "CNY", 0.01, 1e6, "what a reseller of this tier pays for a unit")
    first_order: int = parameter(..., "units", 0, 10_000_000, "smallest first order")
    quota: int = Field(
        default_factory=_quota, ge=0, le=10_000_000,
        description="monthly restock that full pressure demands (default: from the first order)",
        json_schema_extra={"unit": "units a month", "source": "希罗: 10-20 units a month of small "
                           "tiers; larger tiers in proportion to their first order"})


class Production(Settings):
    """How the brand makes the goods."""

    lead_time: int = parameter(2, "weeks", 1, 26, "from order to finished goods")
    smoothing: float = parameter(
        0.2, "share", 0, 1, "weight of the newest week in the brand's sales forecast")
    cover: float = parameter(3.0, "weeks", 0, 52, "finished goods kept beyond the lead time")
    capacity: float = parameter(
        5.0, "units a person", 0, 1000, "largest weekly production per person of the market")
    opening_stock: float = parameter(
        0.02, "units a person", 0, 1000, "finished goods at the start, per person of the market")


def tiers_of(*rungs: dict[str, Any]) -> tuple[Tier, ...]:
    """Return a ladder, top first."""
    return tuple(Tier(**rung) for rung in rungs)


RegimeName = Literal["pyramid", "prosumer"]

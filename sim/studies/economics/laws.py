"""The laws as data: what changes, what must follow, and why."""

from __future__ import annotations

from sim.studies.economics.judging import Change, Law, Times

__all__ = ["LAWS", "MONEY", "PRICES", "PRICE_LIST", "SCENARIOS"]

SCENARIOS = (
    "bad_product_open_information", "benign_wholesale", "channel_conflict", "channel_o2o",
    "coordinated_channels", "crackdown", "crowd_knows_less", "diverted_goods", "fan_financed",
    "fission", "new_product_launch", "pilot_then_scale", "preset_surveys", "prosumer", "pyramid",
    "repeat_without_survival", "rival_brands", "short_horizon", "supplier_of_its_users", "transition",
)
"""Every shipped scenario."""
PRICES = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0, 10.0, 100.0)
"""List prices at which demand is measured, as multiples of the scenario's."""

BOTH = ("pyramid", "prosumer")
OPEN = ("prosumer", "benign_wholesale")
UNITS = "sum(sell_through)"
LATE_UNITS = "sum(sell_through {late})"
LATE_REPEATS = "sum(sell_through {late}) - sum(new_customers {late})"
REVENUE = "sum(revenue_retail) + sum(revenue_dumped)"
CLOSED = "controls.information_asymmetry"
PRESSURE = "controls.stock_pressure"
LIST = "offer.list_price"
PRICE_LIST = "price_list"
"""Stands for the list price and the wholesale prices of all tiers."""
MONEY = "money"
"""Stands for all settings that are amounts of money."""


def times(key: str, *factors: float) -> tuple[Change, ...]:
    """Return steps that multiply one setting."""
    return tuple({key: Times(factor)} for factor in factors)


def _but(name: str) -> tuple[str, ...]:
    """Return all shipped scenarios except one."""
    return tuple(scenario for scenario in SCENARIOS if scenario != name)


def values(key: str, *steps: float) -> tuple[Change, ...]:
    """Return steps that set one setting."""
    return tuple({key: value} for value in steps)


NEAR = times(LIST, 0.9, 1.1)
GOOD: Change = {"offer.quality": 0.8}

LAWS: tuple[Law, ...] = (
    # -- own price
    # Without the scenario in which a brand can run out of cash: at a loss-making price it sells nothing.
    Law("demand", "demand falls with the own price", _but("fan_financed"), times(LIST, *PRICES), UNITS,
        "never rises"),
    # Diverted goods are sold below the list price.
    Law("choke_price", "at a hundred times the price hardly anybody can pay, or wants to",
        _but("diverted_goods"),
        times(LIST, 100.0), UNITS, "nothing", high=5.0),
    Law("elasticity_open", "own-price elasticity is -2.6 on average (Bijmolt et al. 2005)",
        ("prosumer", "new_product_launch"), NEAR, UNITS, "elasticity", -3.5, -1.8),
    Law("elasticity_closed", "a hidden price still counts", ("pyramid", "crackdown", "transition"),
        NEAR, UNITS, "elasticity", high=0.0),
    # All prices move, because a brand that sells to tiers earns wholesale prices, not the list price.
    Law("best_price_revenue", "sales times price is greatest at a price inside", BOTH,
        times(PRICE_LIST, 0.1, 0.5, 0.75, 1.0, 1.5, 4.0, 20.0), REVENUE, "peak"),
    Law("best_price_profit", "a price too low earns nothing, one too high sells nothing", BOTH,
        times(PRICE_LIST, 0.1, 0.5, 0.75, 1.0, 1.5, 4.0, 20.0), "sum(profit_brand)", "peak"),
    # -- money
    Law("money_illusion", "only relative prices count: all money times ten changes no sale",
        (*OPEN, "pyramid"), times(MONEY, 1.0, 10.0), UNITS, "same", high=0.02),
    Law("money_neutral", "all money times ten multiplies what is paid by ten", (*OPEN, "pyramid"),
        times(MONEY, 1.0, 10.0), REVENUE, "same", high=0.02, scale=10.0),
    Law("income", "richer households buy no less of a normal good", BOTH,
        times("people.income", 0.25, 1.0, 4.0), UNITS, "never falls"),
    Law("budget_share", "who may spend more buys no less", BOTH,
        values("people.category_share", 0.01, 0.05, 0.12, 0.5), UNITS, "never falls"),
    Law("no_money", "nobody pays what they do not have", BOTH, values("people.category_share", 0.0),
        UNITS, "nothing", high=0.0),
    Law("worth", "a product that is worth more to people sells more", BOTH,
        times("people.willingness_to_pay", 0.5, 1.0, 2.0), UNITS, "rises"),
    # -- the product
    Law("quality_open", "where information is open, better quality sells more", OPEN,
        values("offer.quality", 0.2, 0.45, 0.7, 0.95), UNITS, "rises", common={"controls.feedback": 0.0}),
    Law("quality_repeat", "a better product is bought again", OPEN,
        values("offer.quality", 0.2, 0.5, 0.9), LATE_REPEATS, "rises",
        common={"controls.feedback": 0.0}),
    Law("taste", "a product far from what people like sells less", BOTH,
        values("offer.position_x", 0.0, 1.0, 3.0), UNITS, "falls", common={"controls.feedback": 0.0}),
    Law("service", "better service sells no less", OPEN,
        values("customer_service.utility", 0.0, 0.3, 1.5), UNITS, "never falls"),
    Law("delivery", "cheaper delivery lets sellers ask less, and sells more", ("benign_wholesale",),
        times("selling.postage", 4.0, 1.0, 0.0), UNITS, "rises"),
    Law("risk", "buyers dislike not knowing the quality (Erdem, Keane 1996)", BOTH,
        values("purchase_choice.risk_weight", 0.0, 1.5, 6.0), UNITS, "falls"),
    # -- substitutes
    Law("rival_price", "a cheaper comparable product takes sales", BOTH,
        times("offer.reference_price", 0.25, 0.5, 1.0, 2.0), UNITS, "rises"),
    Law("rival_quality", "a better comparable product takes sales", BOTH,
        values("offer.reference_quality", 0.2, 0.55, 0.9), UNITS, "falls"),
    Law("old_channel_price", "a cheaper legacy channel takes sales", ("channel_conflict",),
        times("legacy_channel.price", 0.5, 1.0, 3.0), UNITS, "rises"),
    Law("price_knowledge", "who knows what comparable products cost pays a premium less often",
        ("pyramid",), values("purchase_choice.price_knowledge", 0.0, 0.5, 1.0), UNITS, "falls"),
    # -- need
    Law("households", "more households with need buy more", BOTH,
        values("people.never_need", 0.9, 0.6, 0.3, 0.0), UNITS, "rises"),
    Law("need", "who needs more buys more", BOTH, times("people.need_scale", 0.25, 1.0, 4.0), UNITS,
        "rises"),
    Law("no_need", "nothing is sold where nobody needs or is talked into it", BOTH,
        ({"people.never_need": 1.0, "purchase_choice.push_occasion": 0.0},), UNITS, "nothing", high=0.0),
    Law("little_pushed", "who never needs it buys little, however hard they are pushed", ("pyramid",),
        ({"people.never_need": 1.0, PRESSURE: 1.0},), f"({UNITS}) / sum(resellers_active)", "nothing",
        high=0.25),
    # -- awareness
    Law("unheard", "only who sells a product buys it where nobody else hears of it", BOTH,
        ({"prospecting.asks": 0.0, "prospecting.clearing_asks": 0.0, "brand_awareness.advertising": 0.0,
          "brand_awareness.voice_weight": 0.0, "brand_awareness.seller_weight": 0.0},),
        "sum(new_customers) / max(resellers_active)", "nothing", high=1.0),
    Law("advertising", "more advertising makes a product no less known", BOTH,
        values("brand_awareness.advertising", 0.0, 0.0006, 0.01), "awareness at end", "rises"),
    Law("word_of_mouth", "users who tell more people sell a good product", ("prosumer",),
        times("word_of_mouth.listeners", 0.25, 1.0, 4.0), UNITS, "rises", common=GOOD),
    Law("bad_word_of_mouth", "users who tell more people lower what is thought of a bad product",
        ("bad_product_open_information",), times("word_of_mouth.listeners", 0.25, 1.0, 4.0),
        "quality_perceived at end", "falls"),
    Law("dropout", "giving up the brand more easily sells less", OPEN,
        values("product_experience.dropout", 0.0, 0.5, 1.0), UNITS, "falls"),
    # -- information
    Law("closed_trust", "closing information never raises trust", BOTH,
        values(CLOSED, 0.0, 0.5, 1.0), "trust_mean at end", "never rises"),
    Law("closed_repeat", "closing information never raises the repeat sales of a good product",
        ("prosumer",), values(CLOSED, 0.0, 0.5, 1.0), LATE_REPEATS, "never rises",
        common={**GOOD, "weeks": 208}),
    Law("opened_bad", "opening information hurts a bad product", ("bad_product_open_information",),
        values(CLOSED, 1.0, 0.5, 0.0), UNITS, "falls"),
    Law("overclaiming", "a promise that is not kept disappoints", ("pyramid",),
        values("offer.overclaim", 0.0, 0.25, 0.5), "satisfaction_mean at end", "falls"),
    Law("overclaiming_trust", "over-claiming never raises trust", ("pyramid", "prosumer"),
        values("offer.overclaim", 0.0, 0.25, 0.5), "trust_mean at end", "never rises"),
    # -- pressure
    Law("pressure_stock", "pressed sellers hold more stock", ("pyramid",),
        values(PRESSURE, 0.0, 0.5, 1.0), "max(inventory_channel)", "rises"),
    Law("pressure_trust", "pressure costs trust, whoever holds the stock", BOTH,
        values(PRESSURE, 0.0, 0.5, 1.0), "trust_mean at end", "falls"),
    Law("no_free_lunch", "pressure sells no more in the long run", ("prosumer",),
        values(PRESSURE, 0.0, 0.5, 1.0), LATE_UNITS, "never rises"),
    Law("annoyance", "asking more often gets more sellers muted", ("pyramid",),
        times("prospecting.asks", 0.5, 1.0, 2.0), "muted_share at end", "rises"),
    # -- supply
    Law("cost", "dearer production earns no more", BOTH, times("offer.unit_cost", 0.5, 1.0, 2.0),
        "sum(profit_brand)", "falls"),
    Law("wholesale", "a dearer ladder sells the channel no more", ("benign_wholesale",),
        ({}, *({f"tiers.{rung}.price": Times(k) for rung in range(4)} for k in (1.2, 1.5))),
        "sum(sell_in)", "never rises"),
    Law("capacity", "what is not made is not sold", ("prosumer",),
        values("production.capacity", 0.0, 0.002, 5.0), UNITS, "rises",
        common={"production.opening_stock": 0.0}),
    Law("clearance", "leavers who sell cheaper lower the price that is paid", ("pyramid",),
        values("liquidation.discount", 0.0, 0.3, 0.8), "mean(price_street_mean {late})", "falls"),
    Law("market_size", "a larger market is the same market", BOTH,
        times("persons", 1.0, 2.0), UNITS, "same", high=0.25, scale=2.0),
)
"""All laws, each with its reason."""

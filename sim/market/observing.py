"""Observing: one week's rows of the weekly table and the tiers table.

Nothing recorded here feeds back: no rule reads it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import IntEnum, auto
from typing import Any, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.maths import FINE, fine
from sim.kernel.threads import A_ROW_IS_MUCH, added_up
from sim.market.brand import FORMS, DataStocks
from sim.market.outputs import WEEKLY, scaled
from sim.market.persons import STAGES, count_stages
from sim.market.resellers import STILL
from sim.market.world import MUTED, World

__all__ = ["begin_observing", "observe_tiers", "observe_week"]


NAN = float("nan")
WINDOW = 26
"""Weeks over which the recruiting share and the share of unaware persons are averaged."""
SUPPLY_WINDOW = 8
"""Weeks over which the sell-through behind the weeks of supply is averaged."""
STAGE_COLUMNS = tuple(f"stage_{stage}" for stage in STAGES)
DATA_COLUMNS = tuple(f"data_{stock}" for stock in DataStocks._fields)
FORM_COLUMNS = tuple(f"form_{form}" for form in FORMS)
NAMES = tuple(column.name for column in WEEKLY)


class Sales(NamedTuple):
    """Sales of a week: units sold to consumers; fen that resellers received from retail, and from the
    orders of their recruits.
    """

    sell_through: int
    retail_revenue: int
    from_recruits: int


@dataclass
class Observed:
    """What the observer remembers: last week's money of the brand and the legacy channel, fen; the
    sales of recent weeks, and the share of persons who did not know the product in each.
    """

    brand: int = 0
    legacy: int = 0
    recent: list[Sales] = field(default_factory=list)
    unaware: list[float] = field(default_factory=list)


def begin_observing(world: World) -> None:
    """Start from the brand's opening money, so that its past does not count as profit of week 1."""
    observed, money = world.own(Observed), world.books.money
    observed.brand, observed.legacy = money["brand"], money["legacy"]


def observe_week(world: World) -> dict[str, Any]:
    """Return one row of the weekly table: stocks, earnings and opinions, and this week's flows."""
    observed, flows = world.own(Observed), world.flows
    observed.recent = [*observed.recent, Sales(
        sell_through=flows.get("sell_through", 0),
        retail_revenue=sum(
            flows.get(flow, 0) for flow in ("reseller_revenue", "dump_revenue", "commission")),
        from_recruits=flows.get("upline_revenue", 0) + flows.get("rewards", 0),
    )][-WINDOW:]
    channel = _channel(world)
    row: dict[str, Any] = {
        "week": world.week,
        **_goods(world, channel),
        **_prices(world, channel),
        **_money(world, channel),
        **_minds(world),
        **_brand(world),
        "muted_share": channel[Held.MUTED] / channel[Held.TIES] if channel[Held.TIES] else 0.0,
    }
    observed.unaware = [*observed.unaware, 1.0 - row["awareness"]][-WINDOW:]
    unaware = math.fsum(observed.unaware) / len(observed.unaware)
    row["wom_reproduction_unaware"] = row["wom_reproduction"] / unaware if unaware else NAN
    observed_of = {**flows, **row}
    if world.scale == 1:
        return {name: observed_of.get(name, 0) for name in NAMES}
    return {column.name: scaled(column, observed_of.get(column.name, 0), world.scale)
            for column in WEEKLY}


def _goods(world: World, channel: list[int]) -> dict[str, Any]:
    """Return the number of sellers, and where the goods are."""
    goods, flows = world.books.goods, world.flows
    lately = world.own(Observed).recent[-SUPPLY_WINDOW:]
    through = sum(week.sell_through for week in lately)
    sold = _units_sold(world)
    return {
        "resellers_active": channel[Held.ACTIVE],
        "direct_sales": flows.get("direct_units", 0),
        "inventory_factory": goods["factory"],
        "inventory_transit": goods["transit"],
        "inventory_channel": goods["channel"],
        "inventory_leavers": channel[Held.LEAVERS_UNITS],
        "inventory_homes": goods["homes"],
        "consumed": flows.get("used", 0),
        "weeks_of_supply": goods["channel"] * len(lately) / through if through else NAN,
        "fill_rate": sold / (sold + flows.get("lost_sales", 0)) if sold else NAN,
        "preorders": world.brand.preorders,
    }


def _units_sold(world: World) -> int:
    """Return the units that consumers bought this week, including from leavers."""
    return world.flows.get("sell_through", 0) + world.flows.get("dumped", 0)


def _prices(world: World, channel: list[int]) -> dict[str, Any]:
    """Return asked and paid prices."""
    flows, settings = world.flows, world.settings
    sold, stocked = _units_sold(world), channel[Held.STOCKED]
    paid = flows.get("retail_revenue", 0) + flows.get("dump_revenue", 0)
    return {
        "price_list": round(settings.offer.list_price * 100),
        "price_street_mean": paid / sold if sold else NAN,
        "price_street_min": world.market.street_lowest if sold else NAN,
        "price_asked_mean": channel[Held.ASKED] / stocked if stocked else NAN,
        "price_wholesale_low": round(settings.tiers[-1].price * 100) if settings.tiers else 0,
    }


def _money(world: World, channel: list[int]) -> dict[str, Any]:
    """Return who earned what."""
    money, flows, observed = world.books.money, world.flows, world.own(Observed)
    profit, observed.brand = money["brand"] - observed.brand, money["brand"]
    legacy_profit, observed.legacy = money["legacy"] - observed.legacy, money["legacy"]
    retail = sum(week.retail_revenue for week in observed.recent)
    recruits = sum(week.from_recruits for week in observed.recent)
    lost, earned_nothing = channel[Held.LOST_MONEY], channel[Held.EARNED_NOTHING]
    ever = len(world.resellers)
    return {
        "revenue_brand": sum(
            flows.get(flow, 0) for flow in ("sell_in_revenue", "entry_fees", "direct_revenue")),
        "profit_brand": profit,
        "profit_legacy": legacy_profit,
        "revenue_retail": flows.get("retail_revenue", 0),
        "revenue_dumped": flows.get("dump_revenue", 0),
        "recruiting_share": recruits / (recruits + retail) if recruits + retail else NAN,
        "loss_share": (lost + earned_nothing) / ever if ever else NAN,
        "resellers_lost_money": lost,
        "resellers_earned_nothing": earned_nothing,
    }


def _minds(world: World) -> dict[str, Any]:
    """Return what persons know, think and feel, and their relation to the brand."""
    persons = world.persons
    sums = added_up(world.threads.over(
        len(persons), _add_up_persons, persons.view(Persons), *world.brand.position))
    aware, buyers, stages = sums[Known.AWARE], sums[Known.BUYERS], sums[KNOWN:]
    belief = sums[Known.BELIEF] / FINE / aware if aware else NAN
    variance = sums[Known.BELIEF_SQUARED] / FINE / aware - belief * belief if aware else NAN
    return {
        "awareness": aware / len(persons),
        "trust_mean": sums[Known.TRUST] / FINE / len(persons),
        "quality_perceived": belief,
        "quality_spread": math.sqrt(max(0.0, variance)) if aware else NAN,
        "satisfaction_mean": sums[Known.SATISFACTION] / FINE / buyers if buyers else NAN,
        "product_distance": sums[Known.DISTANCE] / FINE / aware if aware else NAN,
        **dict(zip(STAGE_COLUMNS, stages, strict=True)),
    }


def _brand(world: World) -> dict[str, Any]:
    """Return the brand's knowledge, product and assets."""
    brand, market = world.brand, world.market
    return {
        "quality_true": brand.quality,
        "communities": brand.communities,
        "members": brand.members,
        "versions": brand.version,
        **dict(zip(DATA_COLUMNS, brand.data, strict=True)),
        **dict(zip(FORM_COLUMNS, brand.forms, strict=True)),
        "service": market.service_met,
        "wom_reproduction": market.wom_reproduction,
        "knowledge": brand.knowledge,
        "forecast_error": brand.forecast_error / brand.forecast if brand.forecast else NAN,
    }


class Persons(NamedTuple):
    """Columns of persons that are observed."""

    aware: np.ndarray
    trust: np.ndarray
    belief: np.ndarray
    satisfaction: np.ndarray
    purchases: np.ndarray
    stage: np.ndarray
    taste_x: np.ndarray
    taste_y: np.ndarray


class Known(IntEnum):
    """What is added up over persons: persons, and shares in steps of 1/`FINE`. The persons in each
    stage follow.
    """

    AWARE = 0
    TRUST = auto()
    BELIEF = auto()
    BELIEF_SQUARED = auto()
    DISTANCE = auto()
    SATISFACTION = auto()
    BUYERS = auto()


KNOWN = len(Known)


# Persons: few columns per loop, slices from 0 on and no branches, so that the loops vectorise.


@compiled
def _add_up_persons(low, high, persons, place_x, place_y):
    """Return the sums over the persons low..high."""
    aware = persons.aware[low:high]
    belief = persons.belief[low:high]
    sums = np.zeros(KNOWN + len(STAGES), np.int64)
    sums[Known.TRUST] = _sum_all(persons.trust[low:high])
    sums[Known.BELIEF] = _sum_aware(belief, aware)
    sums[Known.BELIEF_SQUARED] = _sum_squares_aware(belief, aware)
    sums[Known.DISTANCE] = _sum_distances(
        persons.taste_x[low:high], persons.taste_y[low:high], aware, place_x, place_y)
    sums[Known.AWARE], sums[Known.SATISFACTION], sums[Known.BUYERS] = _sum_buyers(
        persons.satisfaction[low:high], persons.purchases[low:high], aware)
    for stage, count in enumerate(count_stages(persons.stage[low:high])):
        sums[KNOWN + stage] = count
    return sums


@compiled
def _sum_all(levels):
    total = 0
    for person in range(levels.size):
        total += fine(levels[person])
    return total


@compiled
def _sum_aware(levels, aware):
    total = 0
    for person in range(levels.size):
        total += fine(levels[person]) * aware[person]
    return total


@compiled
def _sum_squares_aware(levels, aware):
    total = 0
    for person in range(levels.size):
        level = np.float64(levels[person])
        total += fine(level * level) * aware[person]
    return total


@compiled
def _sum_distances(taste_x, taste_y, aware, place_x, place_y):
    """Return the sum of the product's distances from the tastes of aware persons."""
    total = 0
    for person in range(taste_x.size):
        dx = np.float64(taste_x[person]) - place_x
        dy = np.float64(taste_y[person]) - place_y
        total += fine(np.sqrt(dx * dx + dy * dy)) * aware[person]
    return total


@compiled
def _sum_buyers(satisfaction, purchases, aware):
    """Return the number of aware persons, the satisfaction of all buyers, and their number."""
    total = 0
    buyers = 0
    informed = 0
    for person in range(purchases.size):
        counts = np.int64(aware[person]) * (purchases[person] > 0)
        total += fine(satisfaction[person]) * counts
        buyers += counts
        informed += aware[person]
    return informed, total, buyers


class Held(IntEnum):
    """What is added up over resellers: persons, units, fen, or ties."""

    ACTIVE = 0
    LEAVERS_UNITS = auto()
    STOCKED = auto()
    ASKED = auto()
    LOST_MONEY = auto()
    EARNED_NOTHING = auto()
    MUTED = auto()
    TIES = auto()


HELD = len(Held)


class Resellers(NamedTuple):
    """Columns of resellers that are observed for the weekly table."""

    active: np.ndarray
    inventory: np.ndarray
    price: np.ndarray
    cash: np.ndarray
    opening_cash: np.ndarray
    ties: np.ndarray


def _channel(world: World) -> list[int]:
    """Return the sums over resellers."""
    resellers, ties = world.resellers, world.ties
    return added_up(world.threads.over(
        len(resellers), _add_up_resellers, resellers.view(Resellers), ties.wear[: ties.size],
        worth=A_ROW_IS_MUCH))


@compiled
def _add_up_resellers(low, high, resellers, wear):
    """Return the sums over the rows low..high."""
    sums = np.zeros(HELD, np.int64)
    for row in range(low, high):
        active = np.int64(resellers.active[row])
        stocked = active * np.int64(resellers.inventory[row] > 0)
        sums[Held.ACTIVE] += active
        sums[Held.LEAVERS_UNITS] += (1 - active) * resellers.inventory[row]
        sums[Held.STOCKED] += stocked
        sums[Held.ASKED] += stocked * resellers.price[row]
        sums[Held.LOST_MONEY] += resellers.cash[row] < resellers.opening_cash[row]
        sums[Held.EARNED_NOTHING] += resellers.cash[row] == resellers.opening_cash[row]
    row = low
    while row < high:
        first = row
        while row < high and resellers.active[row]:
            row += 1
        if row > first:
            # Ties lie in the order of rows, so successive active rows share one stretch of them.
            end = resellers.ties[row] if row < resellers.ties.size else wear.size
            worn = wear[resellers.ties[first] : end]
            sums[Held.TIES] += worn.size
            sums[Held.MUTED] += _count_muted(worn)
        row += 1
    return sums


@compiled
def _count_muted(wear):
    muted = 0
    for slot in range(wear.size):
        muted += wear[slot] == MUTED
    return muted


def observe_tiers(world: World) -> dict[str, np.ndarray]:
    """Return one row per tier of the tiers table, without the bullwhip ratio."""
    count = len(world.settings.tiers)
    sums = np.zeros((len(OF_TIER), count), np.int64)
    _add_up_tiers(sums, world.resellers.view(TierColumns), world.week)
    return {
        "week": np.full(count, world.week), "tier": np.arange(count),
        **dict(zip(OF_TIER, sums * world.scale, strict=True)),
    }


class OfTier(IntEnum):
    """What is added up over the resellers of a tier: the columns of the tiers table, in order."""

    RESELLERS = 0
    JOINS = auto()
    EXITS = auto()
    INVENTORY = auto()
    ORDERS = auto()
    SHIPMENTS = auto()
    SALES = auto()
    DEMAND = auto()
    OWN_RETAIL_MARGIN = auto()
    UPLINE_PAYMENTS = auto()


OF_TIER = tuple(total.name.lower() for total in OfTier)


class TierColumns(NamedTuple):
    """Columns of resellers that are observed for the tiers table."""

    tier: np.ndarray
    active: np.ndarray
    joined_week: np.ndarray
    left_week: np.ndarray
    inventory: np.ndarray
    ordered: np.ndarray
    received: np.ndarray
    sold: np.ndarray
    lost: np.ndarray
    downline_orders: np.ndarray
    own_retail_margin: np.ndarray
    upline_payments: np.ndarray


@compiled
def _add_up_tiers(sums, resellers, week):
    """Add up the resellers of each tier."""
    for row in range(resellers.tier.size):
        tier = resellers.tier[row]
        # Resellers present at the start joined in week 0, which counts as week 1. Those who had left
        # by then count in no week.
        before = not resellers.active[row] and resellers.left_week[row] != STILL and \
            resellers.left_week[row] < 1
        sums[OfTier.JOINS, tier] += not before and max(resellers.joined_week[row], 1) == week
        sums[OfTier.ORDERS, tier] += resellers.ordered[row]
        sums[OfTier.SHIPMENTS, tier] += resellers.received[row]
        if not resellers.active[row]:
            sums[OfTier.EXITS, tier] += resellers.left_week[row] == week
            continue
        sold = np.int64(resellers.sold[row])
        sums[OfTier.RESELLERS, tier] += 1
        sums[OfTier.INVENTORY, tier] += resellers.inventory[row]
        sums[OfTier.SALES, tier] += sold
        sums[OfTier.DEMAND, tier] += sold + resellers.lost[row] + resellers.downline_orders[row]
        sums[OfTier.OWN_RETAIL_MARGIN, tier] += resellers.own_retail_margin[row]
        sums[OfTier.UPLINE_PAYMENTS, tier] += resellers.upline_payments[row]

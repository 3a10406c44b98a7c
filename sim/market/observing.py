"""Observing: what a run reports of each week, with the definition of every column."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.threads import A_ROW_IS_MUCH
from sim.market.brand import FORMS
from sim.market.persons import STAGES
from sim.market.world import MUTED, World
from sim.texts import _

__all__ = [
    "COHORTS", "RESELLERS", "TIERS", "WEEKLY", "Output", "add_outputs", "observe_tiers",
    "observe_week", "weekly_outputs",
]


@dataclass(frozen=True)
class Output:
    """One column of a results table."""

    name: str
    unit: str
    meaning: str


WEEKLY = tuple(Output(*column) for column in (
    ("week", "week", "week of the run; 0 is the state before the first week"),
    ("resellers_active", "persons", "resellers in the selling role at the end of the week"),
    ("joins", "persons", "new resellers; week 1 counts those who were there from the start"),
    ("exits", "persons", "resellers who left"),
    ("sell_in", "units", "shipped by the brand to the channel"),
    ("sell_through", "units", "sold to end consumers by active resellers (and by the brand)"),
    ("self_consumed", "units", "kept by leavers for their own use"),
    ("direct_sales", "units", "delivered by the brand itself to consumers, pre-orders included"),
    ("dumped", "units", "sold off by leavers"),
    ("bought_back", "units", "taken back by the brand"),
    ("written_off", "units", "spoilt in leavers' hands"),
    ("lost_sales", "units", "wanted by consumers, not in the seller's stock"),
    ("produced", "units", "finished by the factory"),
    ("inventory_factory", "units", "at the brand"),
    ("inventory_transit", "units", "on the way to resellers"),
    ("inventory_channel", "units", "in the hands of resellers and of leavers"),
    ("inventory_leavers", "units", "of these, in the hands of leavers"),
    ("inventory_homes", "units", "in consumers' homes"),
    ("consumed", "units", "used up this week"),
    ("weeks_of_supply", "weeks", "channel inventory over the mean sell-through of 8 weeks"),
    ("fill_rate", "share", "demand of consumers at resellers that was served from stock"),
    ("price_list", "fen", "the brand's list price"),
    ("price_street_mean", "fen", "mean price paid by consumers this week, dumped goods included"),
    ("price_street_min", "fen",
     "lowest price paid by a consumer this week; empty in a week without a sale"),
    ("price_asked_mean", "fen", "mean asking price of active resellers with stock"),
    ("price_wholesale_low", "fen", "wholesale price of the lowest tier"),
    ("revenue_brand", "fen", "received by the brand: sell-in, fees, direct sales"),
    ("profit_brand", "fen", "change of the brand's money"),
    ("revenue_retail", "fen", "paid by consumers to active resellers"),
    ("revenue_dumped", "fen", "paid by consumers to leavers"),
    ("retail_margin_resellers", "fen", "retail revenue minus average cost of the goods"),
    ("upline_payments", "fen", "margins on downline orders, and rewards"),
    ("entry_payments", "fen", "paid for first orders and entry fees"),
    ("recruiting_share", "share",
     "upline payments over these and retail margin (if positive), 26 weeks"),
    ("loss_share", "share", "of all who ever joined: cash in the business not above what came in"),
    ("resellers_lost_money", "persons",
     "of all who ever joined: cash in the business below what they brought in"),
    ("resellers_earned_nothing", "persons",
     "of all who ever joined: cash in the business equal to what they brought in"),
    ("awareness", "share", "persons who know the product"),
    ("trust_mean", "share", "mean trust in the channel, all persons"),
    ("quality_true", "share", "true quality of the product"),
    ("quality_perceived", "share", "mean perceived quality among the aware"),
    ("quality_spread", "share", "standard deviation of the perceived quality among the aware"),
    ("satisfaction_mean", "share", "mean satisfaction among those who ever bought"),
    ("muted_share", "share", "ties of active resellers whose contact mutes them"),
    *((f"stage_{stage}", "persons", f"persons in the stage '{stage}'") for stage in STAGES),
    ("communities", "cells", "cells organised around the brand"),
    ("customers_lost", "persons", "customers who lapsed this week"),
    ("new_customers", "persons", "first purchases this week"),
    ("cannibalised", "units", "bought elsewhere this week by customers of the old channel"),
    ("members", "persons", "members of cells"),
    ("preorders", "units", "ordered from the brand by consumers and not delivered"),
    ("versions", "versions", "version of the product that is sold"),
    *((f"data_{stock}", "records a 1,000 persons", f"data stock '{stock}'")
      for stock in ("shared", "crowd", "experience", "behaviour", "profile")),
    *((f"form_{form}", "cells", f"cells in the form 'own {form}'") for form in FORMS),
    ("service", "share", "demand for service that was met"),
    ("profit_legacy", "fen", "change of the old channel's money"),
    ("consumer_surplus", "fen",
     "worth of what was bought from stock, at true quality and fit, minus its price"),
    ("purchases_broadcast", "units", "bought by people who heard of it last from the brand"),
    ("purchases_seller", "units", "bought by people whom a seller approached last"),
    ("purchases_word_of_mouth", "units", "bought by people who heard of it last from users"),
    ("purchases_legacy", "units", "bought in the brand's old channel"),
    ("wom_reproduction", "persons",
     "customers that one customer convinced within 26 weeks, over the customers of the 26 weeks "
     "before those"),
    ("knowledge", "share", "what the brand knows of what can be known about its customers"),
    ("forecast_error", "share", "smoothed absolute error of the brand's forecast over the forecast"),
    ("product_distance", "taste distance", "mean distance of the product to the tastes of the aware"),
))

TIERS = tuple(Output(*column) for column in (
    ("week", "week", "week of the run"),
    ("tier", "rung", "0 is the top"),
    ("resellers", "persons", "active resellers"),
    ("joins", "persons",
     "who joined on this rung; week 1 counts those who were there from the start"),
    ("exits", "persons", "who left from this rung"),
    ("inventory", "units", "in the hands of active resellers"),
    ("orders", "units", "ordered by the tier this week"),
    ("shipments", "units", "shipped to the tier this week"),
    ("sales", "units", "sold to consumers by the tier"),
    ("demand", "units", "sales and lost sales plus orders of the downline"),
    ("own_retail_margin", "fen", "cumulative, active resellers of the tier"),
    ("upline_payments", "fen", "cumulative, active resellers of the tier"),
    ("bullwhip", "ratio", "variance of orders over variance of demand, last 26 weeks"),
))

COHORTS = tuple(Output(*column) for column in (
    ("week", "week", "week of the run"),
    ("cohort", "week", "week of joining"),
    ("joined", "persons", "resellers of the cohort"),
    ("active", "persons", "of these, still in the selling role"),
))

RESELLERS = tuple(Output(*column) for column in (
    ("person", "person", "who"),
    ("tier", "rung", "rung at the end"),
    ("joined_week", "week", "week of joining"),
    ("left_week", "week", "week of leaving; empty when still there"),
    ("upline", "person", "who recruited them; empty: the brand"),
    ("invested", "fen", "paid for goods and fees"),
    ("entry_money", "fen", "of this, first order and entry fee"),
    ("own_retail_margin", "fen", "retail revenue minus average cost of the goods sold"),
    ("upline_payments", "fen", "margins on downline orders, and rewards"),
    ("profit", "fen", "cash now minus cash brought in; unsold stock counts nothing"),
    ("recruits", "persons", "people recruited"),
    ("inventory_left", "units", "stock in hand at the end"),
))

_custom: dict[str, Output] = {}


def add_outputs(outputs: Iterable[Output]) -> None:
    """Make weekly columns of custom rules known, so that measures and checks understand them.

    Raises
    ------
    TypeError
        For a name that is no identifier, or that of a shipped column.
    """
    for output in outputs:
        if not output.name.isidentifier() or output.name in {column.name for column in WEEKLY}:
            raise TypeError(_(
                "output '{name}': take another name, letters, digits and _ only, that no shipped "
                "column has").format(name=output.name))
        _custom[output.name] = output


def weekly_outputs() -> tuple[Output, ...]:
    """Return the columns of the weekly table, those of custom rules last."""
    return (*WEEKLY, *_custom.values())


SCALE = 1 << 20
"""Shares are summed as integers of this resolution: exact in any order."""


@dataclass
class Observed:
    """What the observer remembers: money in the accounts of brand and old channel, fen, and
    (sell-through, retail margin, upline payments) of the last 26 weeks.
    """

    brand: int = 0
    legacy: int = 0
    recent: list[tuple[int, int, int]] = field(default_factory=list)


def observe_week(world: World) -> dict[str, Any]:
    """Return one row of the weekly table."""
    persons, resellers, books, flows = world.persons, world.resellers, world.books, world.flows
    aware, trust, belief, satisfied, buyers, distance, squares, *stages = _totals(
        world.threads.over(
            len(persons), _observe, persons.aware, persons.trust, persons.belief,
            persons.satisfaction, persons.purchases, persons.stage, persons.taste_x,
            persons.taste_y, world.brand.position[0], world.brand.position[1]))
    world.market.stages = tuple(stages)
    ever = len(resellers)
    sellers, leavers, stocked, asked, losers, idle, muted, ties = _totals(world.threads.over(
        ever, _channel, resellers.active, resellers.inventory, resellers.price, resellers.cash,
        resellers.opening_cash, resellers.ties, world.ties.wear[: world.ties.size],
        worth=A_ROW_IS_MUCH))
    observed = world.own(Observed)
    money = books.money["brand"]
    profit, observed.brand = money - observed.brand, money
    old = books.money["legacy"]
    legacy_profit, observed.legacy = old - observed.legacy, old
    retail, uplines = flows.get("retail_margin_resellers", 0), flows.get("upline_payments", 0)
    observed.recent = [
        *observed.recent, (flows.get("sell_through", 0), retail, uplines)][-26:]
    recent = observed.recent
    through = sum(row[0] for row in recent[-8:])
    margins = max(0, sum(row[1] for row in recent))
    payments = sum(row[2] for row in recent)
    sold = flows.get("sell_through", 0) + flows.get("dumped", 0)
    paid = flows.get("retail_revenue", 0) + flows.get("dump_revenue", 0)
    channel = books.goods["channel"]
    tiers = world.settings.tiers
    nan = float("nan")
    return {
        "week": world.week,
        "resellers_active": sellers,
        **{name: flows.get(name, 0) for name in (
            "joins", "exits", "sell_in", "sell_through", "self_consumed", "dumped",
            "bought_back", "written_off", "lost_sales", "produced")},
        "direct_sales": flows.get("direct_units", 0),
        "inventory_factory": books.goods["factory"],
        "inventory_transit": books.goods["transit"],
        "inventory_channel": channel,
        "inventory_leavers": leavers,
        "inventory_homes": books.goods["homes"],
        "consumed": flows.get("used", 0),
        "weeks_of_supply": channel * len(recent[-8:]) / through if through else nan,
        "fill_rate": sold / (sold + flows.get("lost_sales", 0)) if sold else nan,
        "price_list": round(world.settings.offer.list_price * 100),
        "price_street_mean": paid / sold if sold else nan,
        "price_street_min": world.market.street_lowest if sold else nan,
        "price_asked_mean": asked / stocked if stocked else nan,
        "price_wholesale_low": round(tiers[-1].price * 100) if tiers else 0,
        "revenue_brand": (
            flows.get("sell_in_revenue", 0) + flows.get("entry_fees", 0)
            + flows.get("direct_revenue", 0)),
        "profit_brand": profit,
        "revenue_retail": flows.get("retail_revenue", 0),
        "revenue_dumped": flows.get("dump_revenue", 0),
        "retail_margin_resellers": retail,
        "upline_payments": uplines,
        "entry_payments": flows.get("entry_payments", 0),
        "recruiting_share": payments / (payments + margins) if payments + margins else nan,
        "loss_share": (losers + idle) / ever if ever else nan,
        "resellers_lost_money": losers,
        "resellers_earned_nothing": idle,
        "awareness": aware / len(persons),
        "trust_mean": trust / SCALE / len(persons),
        "quality_true": world.brand.quality,
        "quality_perceived": belief / SCALE / aware if aware else nan,
        "quality_spread": (
            math.sqrt(max(0.0, squares / SCALE / aware - (belief / SCALE / aware) ** 2))
            if aware else nan),
        "satisfaction_mean": satisfied / SCALE / buyers if buyers else nan,
        "muted_share": muted / ties if ties else 0.0,
        **dict(zip(STAGE_COLUMNS, stages, strict=True)),
        "communities": world.brand.communities,
        "cannibalised": flows.get("cannibalised", 0),
        "members": world.brand.members,
        "preorders": world.brand.preorders,
        "versions": world.brand.version,
        **{f"data_{stock}": amount for stock, amount in world.brand.data._asdict().items()},
        **{f"form_{form}": count for form, count in zip(FORMS, world.brand.forms, strict=True)},
        "service": world.market.service_met,
        "profit_legacy": legacy_profit,
        "consumer_surplus": flows.get("consumer_surplus", 0),
        "customers_lost": flows.get("customers_lost", 0),
        "new_customers": flows.get("new_customers", 0),
        **{f"purchases_{source}": flows.get(f"purchases_{source}", 0)
           for source in ("broadcast", "seller", "word_of_mouth", "legacy")},
        "wom_reproduction": world.market.wom_reproduction,
        "knowledge": world.brand.knowledge,
        "forecast_error": (
            world.brand.forecast_error / world.brand.forecast if world.brand.forecast else nan),
        "product_distance": distance / SCALE / aware if aware else nan,
    }


STAGE_COLUMNS = tuple(f"stage_{stage}" for stage in STAGES)


def _totals(parts: list[np.ndarray]) -> list[int]:
    """Return the sums over the ranges that threads worked on."""
    totals: list[int] = np.sum(parts, axis=0).tolist()
    return totals


@compiled
def _observe(
    low, high, aware, trust, belief, satisfaction, purchases, stage, taste_x, taste_y, place_x,
    place_y,
):
    """Return the sums over persons that `observe_week` names, the stages last."""
    sums = np.zeros(12, np.int64)
    # Few columns a loop, slices from 0 on, no branches: only so the loops run in vectors.
    knows = aware[low:high]
    levels = trust[low:high]
    total = 0
    for person in range(levels.size):
        total += np.int64(np.float64(levels[person]) * 1048576.0)
    sums[1] = total
    levels = belief[low:high]
    total = 0
    for person in range(levels.size):
        total += np.int64(np.float64(levels[person]) * 1048576.0) * knows[person]
    sums[2] = total
    total = 0
    for person in range(levels.size):
        held = np.float64(levels[person])
        total += np.int64(held * held * 1048576.0) * knows[person]
    sums[6] = total
    across = taste_x[low:high]
    along = taste_y[low:high]
    total = 0
    for person in range(across.size):
        dx = np.float64(across[person]) - place_x
        dy = np.float64(along[person]) - place_y
        total += np.int64(np.sqrt(dx * dx + dy * dy) * 1048576.0) * knows[person]
    sums[5] = total
    levels = satisfaction[low:high]
    bought = purchases[low:high]
    total = 0
    buyers = 0
    informed = 0
    for person in range(bought.size):
        counts = np.int64(knows[person]) * (bought[person] > 0)
        total += np.int64(np.float64(levels[person]) * 1048576.0) * counts
        buyers += counts
        informed += knows[person]
    sums[0] = informed
    sums[3] = total
    sums[4] = buyers
    for begin in range(low, high, 4095):
        stages = stage[begin : min(begin + 4095, high)]
        # Five counts of up to 4095 side by side in one number.
        counts = np.uint64(0)
        for person in range(stages.size):
            counts += np.uint64(1) << np.uint64(12) * np.uint64(stages[person])
        for kind in range(5):
            sums[7 + kind] += np.int64(counts >> np.uint64(12 * kind) & np.uint64(4095))
    return sums


@compiled
def _channel(low, high, active, inventory, price, cash, opening_cash, ties, wear):
    """Return, of the rows low..high: who is active; units of leavers; active with stock and what
    they ask, added up; who has less than was brought in, and who as much; muted ties of the active,
    and all.
    """
    sums = np.zeros(8, np.int64)
    for row in range(low, high):
        sells = np.int64(active[row])
        stocked = sells * np.int64(inventory[row] > 0)
        sums[0] += sells
        sums[1] += (1 - sells) * inventory[row]
        sums[2] += stocked
        sums[3] += stocked * price[row]
        sums[4] += cash[row] < opening_cash[row]
        sums[5] += cash[row] == opening_cash[row]
    row = low
    while row < high:
        first = row
        while row < high and active[row]:
            row += 1
        if row > first:
            # Ties lie in the order of rows: a run of active rows is one stretch of them.
            worn = wear[ties[first] : ties[row] if row < ties.size else wear.size]
            sums[7] += worn.size
            muted = 0
            for slot in range(worn.size):
                muted += worn[slot] == 255
            sums[6] += muted
        row += 1
    return sums


assert MUTED == 255, "the compiled loops spell this number out"


def observe_tiers(world: World) -> dict[str, np.ndarray]:
    """Return one row a tier of the tiers table, without the bullwhip ratio."""
    resellers, count = world.resellers, len(world.settings.tiers)
    sums = np.zeros((len(TIER_SUMS), count), np.int64)
    _add_up(
        sums, resellers.tier, resellers.active, resellers.joined_week, resellers.left_week,
        resellers.inventory, resellers.ordered, resellers.received, resellers.sold,
        resellers.lost, resellers.downline_orders, resellers.own_retail_margin,
        resellers.upline_payments, world.week,
    )
    return {
        "week": np.full(count, world.week), "tier": np.arange(count),
        **dict(zip(TIER_SUMS, sums, strict=True)),
    }


TIER_SUMS = tuple(column.name for column in TIERS[2:-1])


@compiled
def _add_up(
    sums, tier, active, joined, left, inventory, ordered, received, sold, lost, downline_orders,
    margin, payments, week,
):
    """Add up the columns `TIER_SUMS` by tier, in their order."""
    for row in range(tier.size):
        rung = tier[row]
        # Who is there from the start has joined in week 0, which is reported with week 1.
        sums[1, rung] += max(joined[row], 1) == week
        sums[4, rung] += ordered[row]
        sums[5, rung] += received[row]
        if active[row]:
            sums[0, rung] += 1
            sums[3, rung] += inventory[row]
            sums[6, rung] += sold[row]
            sums[7, rung] += sold[row] + lost[row] + downline_orders[row]
            sums[8, rung] += margin[row]
            sums[9, rung] += payments[row]
        else:
            sums[2, rung] += left[row] == week

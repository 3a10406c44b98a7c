"""Outputs: the tables of a run, with unit and meaning of every column.

A weekly column that is a flow counted by rules (``world.count``) needs only its line in `WEEKLY`; all
other columns of a week are computed in `observing`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sim.market.brand import FORMS, DataStocks
from sim.market.persons import STAGES
from sim.texts import _

__all__ = [
    "COHORTS", "RESELLERS", "TIERS", "WEEKLY", "Output", "add_outputs", "scaled", "weekly_outputs",
]


@dataclass(frozen=True)
class Output:
    """One column of a results table."""

    name: str
    unit: str
    meaning: str


WEEKLY = tuple(Output(*column) for column in (
    ("week", "week", "week of the run, from 1"),
    ("resellers_active", "persons", "resellers in the selling role at the end of the week"),
    ("joins", "persons", "new resellers; week 1 counts those who were there from the start"),
    ("exits", "persons", "resellers who left"),
    ("sell_in", "units", "shipped by the brand to the channel"),
    ("sell_through", "units", "sold to end consumers by active resellers (and by the brand)"),
    ("self_consumed", "units", "kept by leavers for their own use"),
    ("direct_sales", "units", "delivered by the brand itself to consumers, pre-orders included"),
    ("trials", "units", "given away by the brand for prosumers to try"),
    ("dumped", "units", "sold off by leavers"),
    ("bought_back", "units", "taken back by the brand"),
    ("refunds", "fen", "paid by the brand to resellers and leavers for what it took back"),
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
    ("fill_rate", "share", "units that consumers bought over these and lost sales; empty without a sale"),
    ("price_list", "fen", "the brand's list price"),
    ("price_street_mean", "fen", "mean price paid by consumers this week, dumped goods included"),
    ("price_street_min", "fen",
     "lowest price paid by a consumer this week; empty in a week without a sale"),
    ("price_asked_mean", "fen", "mean asking price of active resellers with stock"),
    ("price_wholesale_low", "fen", "wholesale price of the lowest tier"),
    ("revenue_brand", "fen", "received by the brand: sell-in, fees, direct sales"),
    ("profit_brand", "fen", "change of the brand's money"),
    ("revenue_retail", "fen", "paid by consumers to active resellers and to the brand"),
    ("revenue_dumped", "fen", "paid by consumers to leavers"),
    ("retail_margin_resellers", "fen",
     "earned on sales to consumers: price less average cost and postage, referral shares, what "
     "leavers sell off"),
    ("upline_payments", "fen",
     "what the downline pays for goods minus their average cost, and rewards; "
     "below zero where goods are passed on for less than they cost, as after a price cut"),
    ("entry_payments", "fen", "paid for first orders and entry fees"),
    ("recruiting_share", "share",
     "part of what resellers received in 26 weeks that came from orders of their recruits; the "
     "rest is retail: sales, clearance, referral shares"),
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
    ("cannibalised", "units", "bought elsewhere this week by customers of the legacy channel"),
    ("members", "persons", "members of cells"),
    ("preorders", "units", "ordered from the brand by consumers and not delivered"),
    ("versions", "versions", "version of the product that is sold"),
    *((f"data_{stock}", "records a 1,000 persons", f"data stock '{stock}'")
      for stock in DataStocks._fields),
    *((f"form_{form}", "cells", f"cells in the form 'own {form}'") for form in FORMS),
    ("service", "share", "demand for service that was met"),
    ("profit_legacy", "fen", "change of the legacy channel's money"),
    ("consumer_surplus", "fen",
     "worth of what was bought from stock, at true quality and fit, minus its price"),
    ("purchases_broadcast", "units", "bought by people who heard of it last from the brand"),
    ("purchases_seller", "units", "bought by people whom a seller approached last"),
    ("purchases_word_of_mouth", "units", "bought by people who heard of it last from users"),
    ("purchases_legacy", "units", "bought in the brand's legacy channel"),
    ("wom_reproduction", "persons",
     "customers that one customer convinced within 26 weeks, over the customers of the 26 weeks "
     "before those"),
    ("wom_reproduction_unaware", "persons",
     "the same over the mean share of persons who did not know the product in the last 26 weeks: per "
     "contact who could still be convinced"),
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
    ("joined_week", "week", "week of joining; below 1: before the run"),
    ("left_week", "week", "week of leaving; empty when still there"),
    ("upline", "person", "person who recruited them, also after that one left; empty: the brand"),
    ("invested", "fen", "paid for goods and fees"),
    ("entry_money", "fen", "of this, first order and entry fee"),
    ("own_retail_margin", "fen",
     "earned on sales to consumers: price less average cost and postage, and referral shares"),
    ("upline_payments", "fen",
     "what the downline pays for goods minus their average cost, and rewards; "
     "below zero where goods are passed on for less than they cost, as after a price cut"),
    ("profit", "fen", "cash now minus cash brought in; unsold stock counts nothing"),
    ("recruits", "persons", "people recruited"),
    ("inventory_left", "units", "stock in hand at the end"),
))

PURCHASES = tuple(Output(*column) for column in (
    ("week", "week", "week of the purchase, or of the delivery of a pre-order"),
    ("person", "person", "who bought"),
    ("seller", "person", "the reseller who sold or referred; empty: the brand, or the legacy channel"),
    ("channel", "text", "reseller (from stock), referral, brand, or legacy channel"),
    ("units", "units", "taken home"),
    ("paid", "fen", "paid for them"),
))

_custom: dict[str, Output] = {}


def add_outputs(outputs: Iterable[Output]) -> None:
    """Register the weekly columns of custom rules, so that measures and checks know them.

    Raises
    ------
    TypeError
        For a name that is not an identifier, or that belongs to a shipped column.
    """
    for output in outputs:
        if not output.name.isidentifier() or output.name in {column.name for column in WEEKLY}:
            raise TypeError(_(
                "output '{name}': take another name, letters, digits and _ only, that no shipped "
                "column has").format(name=output.name))
        _custom[output.name] = output


NOT_SCALED = ("wom_reproduction", "wom_reproduction_unaware")
"""Counts that are ratios."""


def scaled(column: Output, value: Any, scale: int) -> Any:
    """Return a column's value in real units, for a market whose persons stand for `scale` each.

    Persons, units, cells and money are `scale` times as many; prices, shares and weeks stay.
    """
    if scale == 1 or column.unit not in ("persons", "units", "fen", "cells") \
            or column.name.startswith("price_") or column.name in NOT_SCALED:
        return value
    return value * scale


def weekly_outputs() -> tuple[Output, ...]:
    """Return the columns of the weekly table, those of custom rules last."""
    return (*WEEKLY, *_custom.values())

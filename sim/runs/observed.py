"""The tables of a market as plain columns.

A column is a numpy array, masked if whole numbers may be empty. Workers therefore build no data frames,
which took as long as some twenty weeks of a small run.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from sim.kernel import np
from sim.market.logging import CHANNELS
from sim.market.resellers import STILL

if TYPE_CHECKING:
    from sim.life import Life
    from sim.market.logging import PurchaseLog
    from sim.market.world import World

__all__ = ["Columns", "columns_of"]

Columns = dict[str, Any]
"""The columns of one table, by name."""

BULLWHIP_WINDOW = 26
"""Weeks over which the variances of the bullwhip ratio are taken."""


def columns_of(market: Life) -> dict[str, Columns]:
    """Return the tables of a market up to its current week."""
    world = market.world
    resellers = world.resellers
    joined = resellers.joined_week.astype(np.int64)
    left = resellers.left_week.astype(np.int64)
    person = resellers.person.astype(np.int64)
    sponsor = resellers.sponsor.astype(np.int64)
    tables = {
        "weekly": _weekly(market),
        "tiers": _tiers(market),
        "cohorts": _cohorts(joined, left, world.week, world.scale),
        "resellers": {
            "person": person,
            "tier": resellers.tier.astype(np.int64),
            "joined_week": joined,
            "left_week": _or_empty(left, left == STILL),
            "upline": _or_empty(
                person[np.maximum(sponsor, 0)] if len(person) else person, sponsor < 0),
            "invested": resellers.invested.copy(),
            "entry_money": resellers.entry_money.copy(),
            "own_retail_margin": resellers.own_retail_margin.copy(),
            "upline_payments": resellers.upline_payments.copy(),
            "profit": resellers.cash - resellers.opening_cash,
            "recruits": resellers.recruits.astype(np.int64),
            "inventory_left": resellers.inventory.astype(np.int64),
        },
    }
    if market.scenario.outputs.persons:
        tables["persons"] = _persons(world)
    if market.purchases is not None:
        tables["purchases"] = _purchases(market.purchases)
    return tables


def _or_empty(numbers: np.ndarray, empty: np.ndarray) -> Any:
    """Return whole numbers, masked where `empty` is true; unmasked if it never is."""
    return np.ma.MaskedArray(numbers, empty)


def _weekly(market: Life) -> Columns:
    rows = market.weekly
    if not rows:
        return {}
    columns: Columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    if "price_street_min" in columns:
        prices = columns["price_street_min"]
        unsold = np.isnan(prices)
        columns["price_street_min"] = _or_empty(np.where(unsold, 0, prices).astype(np.int64), unsold)
    calendar = market.scenario.calendar
    if calendar.first_week:
        dates = [str(calendar.date_of_week(week)) for week in columns["week"].tolist()]
        columns = {"week": columns.pop("week"), "date": np.array(dates, object), **columns}
    return columns


def _tiers(market: Life) -> Columns:
    if not market.tiers:
        return {}
    columns = {name: np.concatenate([rows[name] for rows in market.tiers])
               for name in market.tiers[0]}
    if columns["tier"].size:
        columns["bullwhip"] = _bullwhip(columns["tier"], columns["orders"], columns["demand"])
    return columns


def _bullwhip(tier: np.ndarray, orders: np.ndarray, demand: np.ndarray) -> np.ndarray:
    """Return Var(orders) / Var(demand) of each tier over the last weeks; NaN where undefined.

    Sums are integers, and each ratio is rounded once, so that constant orders have variance 0 and not a
    tiny one.
    """
    ratio = np.full(tier.size, np.nan)
    for one in np.unique(tier).tolist():
        rows = np.flatnonzero(tier == one)
        spread = [_variations(moved[rows].tolist()) for moved in (orders, demand)]
        ratio[rows[BULLWHIP_WINDOW - 1 :]] = [
            above / below if below else np.nan for above, below in zip(*spread, strict=True)]
    return ratio


def _variations(units: list[int]) -> list[int]:
    """Return n (n - 1) times the sample variance of each window of n = `BULLWHIP_WINDOW` weeks."""
    sums = list(itertools.accumulate(units, initial=0))
    squares = list(itertools.accumulate((one * one for one in units), initial=0))
    return [
        BULLWHIP_WINDOW * (squares[end] - squares[end - BULLWHIP_WINDOW])
        - (sums[end] - sums[end - BULLWHIP_WINDOW]) ** 2
        for end in range(BULLWHIP_WINDOW, len(units) + 1)]


def _cohorts(joined: np.ndarray, left: np.ndarray, weeks: int, scale: int) -> Columns:
    """Return how many of those who joined in a week are active in each later week."""
    parts: list[list[np.ndarray]] = [[np.zeros(0, np.int64)] for _name in range(4)]
    # Those who left before the run appear in none of its weeks.
    known = (left == STILL) | (left > 0)
    joined, left = joined[known], left[known]
    for cohort in np.unique(joined):
        mine = left[joined == cohort]
        gone = np.bincount(np.where(mine == STILL, weeks + 1, mine), minlength=weeks + 2)
        active = mine.size - np.cumsum(gone)
        span = np.arange(max(int(cohort), 1), weeks + 1)
        for part, values in zip(parts, (
                span, np.full(span.size, cohort), np.full(span.size, mine.size * scale),
                active[span] * scale), strict=True):
            part.append(values)
    return {name: np.concatenate(part) for name, part in zip(
        ("week", "cohort", "joined", "active"), parts, strict=True)}


def _persons(world: World) -> Columns:
    """Return the columns of persons; their seller is given by the seller's number as a person."""
    persons, resellers = world.persons, world.resellers
    columns: Columns = {"person": np.arange(len(persons), dtype=np.int64)}
    for name, column in persons.schema.items():
        values = persons[name]
        if column.passing or values.ndim > 1 or name == "reseller":
            continue
        if name == "seller" and len(resellers):
            values = np.where(values >= 0, resellers.person[np.maximum(values, 0)], -1)
        wide = values.astype(np.float64 if values.dtype.kind == "f" else np.int64)
        columns[name] = _or_empty(wide, wide < 0) if name in ("seller", "convinced_by") else wide
    return columns


def _purchases(log: PurchaseLog) -> Columns:
    """Return the log of purchases."""
    columns: Columns = log.columns()
    columns["seller"] = _or_empty(columns["seller"], columns["seller"] < 0)
    columns["channel"] = np.array(CHANNELS, object)[columns["channel"]]
    return columns

"""The numbers of a report: key figures of each run, paired differences, compliance indicators."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.runs import statistics
from sim.runs.figures import FIGURES, KeyFigure, figures_of
from sim.views import sources

if TYPE_CHECKING:
    import pandas as pd

    from sim.views.sources import Shown

__all__ = [
    "MEASURES", "Indicator", "Pairing", "compliance", "corrected", "depths", "figures", "paired", "range_of",
]


SURE = 0.05
"""Corrected p value above which a difference may be luck."""

MEASURES: tuple[KeyFigure, ...] = tuple(FIGURES[name] for name in (
    "brand_profit", "sell_through", "direct_sales", "sell_in", "bought_back", "sell_through_rate",
    "channel_stock", "ever_joined", "peak_active", "peak_week", "end_active", "left_in_year",
    "lost_money", "earned_nothing", "resellers_profit", "recruiting_income", "entry_payments",
    "customers", "repeat", "trust", "street_price", "first_below_wholesale"))
"""The key figures on the page, in their order."""


def figures(result: Shown, scenario: str | None = None) -> pd.DataFrame:
    """Return the key figures of every run of a scenario: one row per seed, one column per figure."""
    import pandas as pd

    weekly = sources.table(result, "weekly", scenario)
    resellers = sources.table(result, "resellers", scenario) if len(weekly) else weekly
    people = dict(iter(resellers.groupby("seed"))) if len(resellers) else {}
    rows = {
        seed: figures_of(run, people.get(seed, resellers.iloc[:0]))
        for seed, run in weekly.groupby("seed")
    }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.name = "seed"
    return table


def range_of(values: pd.Series) -> tuple[float, float, float]:
    """Return median, 10 % and 90 % quantile of the values that are not NaN; NaN if at most half are."""
    known = values.dropna()
    if 2 * len(known) <= len(values):
        return math.nan, math.nan, math.nan
    low, middle, high = np.quantile(known.to_numpy(dtype=float), [0.1, 0.5, 0.9])
    return float(middle), float(low), float(high)


@dataclass(frozen=True)
class Pairing:
    """The difference of one measure between two scenarios on the same seeds."""

    measure: KeyFigure
    mean: float
    low: float
    high: float
    agree: int
    pairs: int
    identical: bool
    chance: float = math.nan
    """p value of the difference, corrected for the number of differences."""

    @property
    def clear(self) -> bool:
        """Whether the interval excludes zero, even after correction for multiple comparisons."""
        return not self.identical and (self.low > 0 or self.high < 0) and not self.chance > SURE


def paired(first: pd.DataFrame, other: pd.DataFrame) -> list[Pairing]:
    """Return the paired differences (other minus first) with 95 % t-intervals.

    With fewer than four pairs there is no interval: low and high are NaN.
    """
    out = []
    both = first.index.intersection(other.index)
    for measure in MEASURES:
        if measure.name not in first:  # plans of unequal length have no figures of persons
            continue
        pair = statistics.paired(
            first.loc[both, measure.name], other.loc[both, measure.name], bounds=measure.bounds)
        if pair.pairs:
            gap = pair.difference
            agree = round(pair.agree * pair.pairs) if math.isfinite(pair.agree) else pair.pairs
            out.append(Pairing(
                measure, gap.mean, gap.low, gap.high, agree, pair.pairs, pair.identical, pair.chance))
    return out


def corrected(pairings: Sequence[Pairing]) -> list[Pairing]:
    """Return pairings with p-values corrected for multiple comparisons, as `compare` does."""
    chances = statistics.false_alarms([pairing.chance for pairing in pairings])
    return [replace(pairing, chance=chance) for pairing, chance in zip(pairings, chances, strict=True)]


# -- compliance ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Indicator:
    """One compliance indicator: its texts, its value, and the first week over the threshold."""

    name: str
    value: str
    limit: str
    first: float


def depths(resellers: pd.DataFrame) -> np.ndarray:
    """Return the level of each reseller in the sponsor tree; 1 is recruited by the brand.

    The table must be in the order of joining: an upline comes before its recruits.
    """
    row = {int(person): place for place, person in enumerate(resellers["person"])}
    out = np.ones(len(resellers), np.int64)
    for place, upline in enumerate(resellers["upline"].astype("Int64").fillna(-1)):
        above = row.get(int(upline))
        if above is not None and above < place:
            out[place] = out[above] + 1
    return out


def _first(weeks: np.ndarray, crossed: np.ndarray) -> float:
    return float(weeks[int(np.argmax(crossed))]) if crossed.any() else math.nan


def compliance(
    weekly: pd.DataFrame, resellers: pd.DataFrame, tiers: int
) -> list[Indicator]:
    """Return the indicators of one run (one seed)."""
    weeks = weekly["week"].to_numpy()
    last = int(weeks.max())
    depth = depths(resellers)
    joined = resellers["joined_week"].to_numpy(dtype=np.int64).clip(min=1)
    left = resellers["left_week"].astype("Float64").fillna(last + 1).to_numpy(dtype=np.int64)
    heads, levels = np.zeros(weeks.size, np.int64), np.zeros(weeks.size, np.int64)
    for place, week in enumerate(weeks):
        there = (joined <= week) & (left > week)
        heads[place] = there.sum()
        levels[place] = depth[there].max(initial=0)
    # The channel's goods exclude direct deliveries by the brand, and returns.
    direct = weekly.get("direct_sales", 0)
    shipped = (weekly["sell_in"] - weekly.get("bought_back", 0)).cumsum().to_numpy(dtype=float)
    used = (weekly["sell_through"] - direct + weekly["self_consumed"] + weekly["dumped"]).cumsum()
    share = np.divide(used.to_numpy(dtype=float), shipped, out=np.ones(weeks.size),
                      where=shipped > 0)
    # Units shipped this week although the channel had sold less than 70 % before.
    before = np.concatenate([[1.0], share[:-1]])
    reordered = (weekly["sell_in"].to_numpy() > weekly["entry_units"].to_numpy()
                 if "entry_units" in weekly else weekly["sell_in"].to_numpy() > 0)
    entry, team = weekly["entry_payments"], weekly["upline_payments"]
    recruiting = weekly["recruiting_share"].to_numpy(dtype=float)
    # The size of a scheme matters only if joining costs money and recruiting brings money: the law
    # demands all three elements together.
    paid_for = ((entry.cumsum() > 0) & (team.cumsum() > 0)).to_numpy()
    large = (heads >= 30) & (levels >= 3)
    return [
        Indicator("tiers", f"{tiers}", "c tiers limit", 1.0 if tiers > 3 else math.nan),
        Indicator("levels", f"{levels.max(initial=0)}", "c filing",
                  _first(weeks, large & paid_for)),
        Indicator("heads", f"{heads.max(initial=0):,}", "c filing",
                  _first(weeks, large & paid_for)),
        Indicator("entry", f"fen:{int(entry.sum())}", "c entry limit",
                  _first(weeks, (entry > 0).to_numpy())),
        Indicator("team", f"fen:{int(team.sum())}", "c team limit",
                  _first(weeks, (team > 0).to_numpy())),
        Indicator("recruiting", f"share:{recruiting[-1]}", "c recruiting limit",
                  _first(weeks, np.nan_to_num(recruiting) > 0.5)),
        Indicator("seventy", f"share:{share[-1] if shipped[-1] > 0 else math.nan}", "c seventy limit",
                  _first(weeks, reordered & (before < 0.7))),
    ]

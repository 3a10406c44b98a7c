"""What a report says: key figures of each run, paired differences, compliance indicators."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.studies import statistics
from sim.views import sources

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MEASURES", "Indicator", "Measure", "compliance", "depths", "figures", "paired", "range_of",
]


@dataclass(frozen=True)
class Measure:
    """One key figure of a run: its name, unit (of the texts, or fen, share, week) and how to read
    it from the weekly and the resellers' table of that run."""

    name: str
    unit: str
    read: Callable[[pd.DataFrame, pd.DataFrame], float]


def _last(column: str) -> Callable[[pd.DataFrame, pd.DataFrame], float]:
    return lambda weekly, _: float(weekly[column].iloc[-1])


def _sum(column: str) -> Callable[[pd.DataFrame, pd.DataFrame], float]:
    return lambda weekly, _: float(weekly[column].sum())


def _late(column: str) -> Callable[[pd.DataFrame, pd.DataFrame], float]:
    """Read the mean of the last four weeks: one week alone may be empty or odd."""
    return lambda weekly, _: float(weekly[column].tail(4).mean())


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def _left_in_year(weekly: pd.DataFrame, resellers: pd.DataFrame) -> float:
    """Share of those who could be watched for 52 weeks and left within them."""
    watched = resellers[resellers["joined_week"] <= int(weekly["week"].max()) - 52]
    left = watched["left_week"].astype("Float64") - watched["joined_week"] <= 52
    return _ratio(float(left.fillna(False).sum()), len(watched))


def below_wholesale(weekly: pd.DataFrame, _: Any = None) -> float:
    """Return the first week from which on four weeks running sell below the lowest wholesale."""
    under = (weekly["price_street_mean"] < weekly["price_wholesale_low"]).to_numpy()
    running = np.convolve(under, np.ones(4), "valid") == 4
    return float(weekly["week"].iloc[int(np.argmax(running))]) if running.any() else math.nan


MEASURES: tuple[Measure, ...] = (
    Measure("ever_joined", "persons", lambda _, resellers: float(len(resellers))),
    Measure("peak_active", "persons", lambda weekly, _: float(weekly["resellers_active"].max())),
    Measure("peak_week", "week", lambda weekly, _: float(
        weekly["week"].iloc[int(weekly["resellers_active"].to_numpy().argmax())])),
    Measure("end_active", "persons", _last("resellers_active")),
    Measure("left_in_year", "share", _left_in_year),
    Measure("sell_in", "units", _sum("sell_in")),
    Measure("sell_through", "units", _sum("sell_through")),
    Measure("rate", "share", lambda weekly, _: _ratio(
        float(weekly["sell_through"].sum()), float(weekly["sell_in"].sum()))),
    Measure("channel_stock", "units", _last("inventory_channel")),
    Measure("loss_share", "share", _last("loss_share")),
    Measure("recruiting_share", "share", _last("recruiting_share")),
    Measure("brand_profit", "fen", _sum("profit_brand")),
    Measure("resellers_profit", "fen", lambda _, resellers: float(resellers["profit"].sum())),
    Measure("street_price", "fen", _late("price_street_mean")),
    Measure("below_wholesale", "week", below_wholesale),
    Measure("trust", "share", _last("trust_mean")),
    Measure("customers", "persons", lambda weekly, _: float(
        weekly.iloc[-1][["stage_customer", "stage_user", "stage_fan", "stage_geek"]].sum())),
    Measure("repeat", "share", lambda weekly, _: _ratio(
        float(weekly.iloc[-1][["stage_user", "stage_fan", "stage_geek"]].sum()),
        float(weekly.iloc[-1][["stage_customer", "stage_user", "stage_fan", "stage_geek"]]
              .sum()))),
)


def figures(result: Any, scenario: str | None = None) -> pd.DataFrame:
    """Return the key figures of every run of a scenario: one row a seed, one column a measure."""
    import pandas as pd

    weekly = sources.table(result, "weekly", scenario)
    resellers = sources.table(result, "resellers", scenario) if len(weekly) else weekly
    people = dict(iter(resellers.groupby("seed"))) if len(resellers) else {}
    rows = {
        seed: {measure.name: measure.read(run, people.get(seed, resellers.iloc[:0]))
               for measure in MEASURES}
        for seed, run in weekly.groupby("seed")
    }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.name = "seed"
    return table


def range_of(values: pd.Series) -> tuple[float, float, float]:
    """Return median, 10 % and 90 % quantile of what is there; NaN where nothing is."""
    known = values.dropna()
    if not len(known):
        return math.nan, math.nan, math.nan
    low, middle, high = np.quantile(known.to_numpy(dtype=float), [0.1, 0.5, 0.9])
    return float(middle), float(low), float(high)


@dataclass(frozen=True)
class Pairing:
    """The difference of one measure between two scenarios on the same seeds."""

    measure: Measure
    mean: float
    low: float
    high: float
    agree: int
    pairs: int
    identical: bool

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return not self.identical and (self.low > 0 or self.high < 0)


def paired(first: pd.DataFrame, second: pd.DataFrame) -> list[Pairing]:
    """Return the paired differences (first minus second) with 95 % t-intervals.

    With one pair there is no interval: low and high are NaN.
    """
    out = []
    both = first.index.intersection(second.index)
    for measure in MEASURES:
        pair = statistics.paired(
            second.loc[both, measure.name], first.loc[both, measure.name])
        if pair.pairs:
            gap = pair.difference
            agree = round(pair.agree * pair.pairs) if math.isfinite(pair.agree) else pair.pairs
            out.append(Pairing(
                measure, gap.mean, gap.low, gap.high, agree, pair.pairs, pair.identical))
    return out


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
    shipped = weekly["sell_in"].cumsum().to_numpy(dtype=float)
    used = (weekly["sell_through"] + weekly["self_consumed"] + weekly["dumped"]).cumsum()
    share = np.divide(used.to_numpy(dtype=float), shipped, out=np.ones(weeks.size),
                      where=shipped > 0)
    # An order placed below 70 %: shipped this week although the channel had not sold 70 % before.
    before = np.concatenate([[1.0], share[:-1]])
    reordered = (weekly["sell_in"].to_numpy() > weekly["entry_units"].to_numpy()
                 if "entry_units" in weekly else weekly["sell_in"].to_numpy() > 0)
    entry, team = weekly["entry_payments"], weekly["upline_payments"]
    recruiting = weekly["recruiting_share"].to_numpy(dtype=float)
    return [
        Indicator("tiers", f"{tiers}", "c tiers limit", 1.0 if tiers > 3 else math.nan),
        Indicator("levels", f"{levels.max(initial=0)}", "c filing",
                  _first(weeks, (heads >= 30) & (levels >= 3))),
        Indicator("heads", f"{heads.max(initial=0):,}", "c filing",
                  _first(weeks, (heads >= 30) & (levels >= 3))),
        Indicator("entry", f"fen:{int(entry.sum())}", "c entry limit",
                  _first(weeks, (entry > 0).to_numpy())),
        Indicator("team", f"fen:{int(team.sum())}", "c team limit",
                  _first(weeks, (team > 0).to_numpy())),
        Indicator("recruiting", f"share:{recruiting[-1]}", "c recruiting limit",
                  _first(weeks, np.nan_to_num(recruiting) > 0.5)),
        Indicator("seventy", f"share:{share[-1]}", "c seventy limit",
                  _first(weeks, reordered & (before < 0.7))),
    ]

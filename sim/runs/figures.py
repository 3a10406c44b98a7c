"""Key figures, which sum up a run: defined once for summaries, comparisons, reports and pictures.

A figure is a formula over the weekly table in the language of reality checks, so that anyone can write
one as a measure; the few that no formula can express are functions of the tables.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.kernel import np
from sim.scenario.run_table import RunTable
from sim.texts import _, mark

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.run_table import Columns

__all__ = ["FIGURES", "KEY_FIGURES", "LATE_WEEKS", "STANDARD", "KeyFigure", "figures_of", "median"]

LATE_WEEKS = 4
"""Number of last weeks whose mean stands for the end, since a single week may be empty or unusual."""
PEAK_PASSED = 8
"""Weeks that must follow a maximum before it is called a peak."""

Reader = Callable[[RunTable, RunTable], float]


@dataclass(frozen=True)
class KeyFigure:
    """One number of a run.

    Attributes
    ----------
    name
        Its name in code and tables.
    label
        Its meaning, in English; `said` translates it.
    unit
        ``persons``, ``units``, ``fen``, ``share`` or ``week``.
    formula
        A formula over the weekly table in the language of reality checks, or in words what `read` computes.
    better
        1 if more is better for most of those concerned, -1 if less is, 0 otherwise.
    whose
        Whom or what it is about: ``brand``, ``resellers``, ``consumers``, ``goods`` or ``law``.
    read
        The function of the weekly and the resellers' table, if no formula can express the figure.
    people
        Whether it needs the resellers' table.
    bounds
        Smallest and largest possible value.
    """

    name: str
    label: str
    unit: str
    formula: str
    better: int = 0
    whose: str = "goods"
    read: Reader | None = None
    people: bool = False
    bounds: tuple[float, float] = (-math.inf, math.inf)

    def said(self) -> str:
        """Return its meaning in the current language."""
        return _(self.label)

    def value(self, weekly: Columns, resellers: Columns | None = None) -> float:
        """Return its value in the tables of one run; NaN if undefined."""
        weekly = RunTable.of(weekly)
        if not len(weekly):
            return math.nan
        if self.read is not None:
            return self.read(weekly, RunTable.of({} if resellers is None else resellers))
        parsed = _parsed(self.formula)
        if not all(column in weekly for column in parsed.columns()):
            return math.nan  # an earlier version wrote the table without this column
        return float(parsed.value(weekly))

    def columns(self) -> list[str]:
        """Return the weekly columns from which it is computed."""
        from sim.market.outputs import WEEKLY

        if self.read is None:
            return list(_parsed(self.formula).columns())
        return [column.name for column in WEEKLY if column.name in self.formula]


@functools.cache
def _parsed(formula: str) -> Any:
    from sim.market.outputs import WEEKLY
    from sim.scenario.expect import Figure

    return Figure.parse(formula, {column.name: column.unit for column in WEEKLY})


def ratio(part: float, whole: float) -> float:
    """Return a share of a whole; NaN if the whole is not positive."""
    return part / whole if whole > 0 else math.nan


def peak_week(weekly: RunTable, _resellers: RunTable) -> float:
    """Return the week with the most active resellers; NaN while the curve may still be rising."""
    active = weekly["resellers_active"]
    top = int(active.argmax())
    passed = len(active) - 1 - top >= PEAK_PASSED and active[-1] < 0.98 * active[top]
    return float(weekly["week"][top]) if passed else math.nan


STOCKED = "while sell_through - direct_sales >= direct_sales and (inventory_channel > 0 or sell_in > 0)"


def wholesale_paid(weekly: pd.DataFrame | RunTable) -> np.ndarray:
    """Return the lowest tier's wholesale price in fen, week by week.

    It is NaN in weeks in which nobody pays it: the channel takes no unit, and holds none or sells fewer
    than the brand delivers to consumers itself.
    """
    table = RunTable.of(weekly)
    own = _own_sales(table)
    sells = (table["inventory_channel"] > 0) & (table["sell_through"] - own >= own)
    return np.where((table["sell_in"] > 0) | sells, table["price_wholesale_low"], math.nan)


def _own_sales(weekly: RunTable) -> np.ndarray:
    """Return the units that the brand delivered to consumers itself, week by week.

    Tables of earlier versions lack the column: 0.
    """
    if "direct_sales" in weekly:
        return weekly["direct_sales"]
    return np.zeros(len(weekly["week"]))


def _below_wholesale(weekly: RunTable) -> np.ndarray:
    """Return whether the mean price paid was below the lowest tier's wholesale price, week by week.

    It is false in weeks in which the brand delivers most units itself: then the mean price says nothing
    about the channel, even if resellers still hold a few units.
    """
    own = _own_sales(weekly)
    return (weekly["price_street_mean"] < wholesale_paid(weekly)) & (weekly["sell_through"] - own >= own)


def weeks_below_wholesale(weekly: RunTable, _resellers: RunTable) -> float:
    """Return the number of weeks in which the mean price paid was below the lowest wholesale price."""
    return float(_below_wholesale(weekly).sum())


def first_below_wholesale(weekly: RunTable, _resellers: RunTable) -> float:
    """Return the first week in which the mean price paid was below the lowest wholesale price, or NaN."""
    under = _below_wholesale(weekly)
    return float(weekly["week"][int(under.argmax())]) if under.any() else math.nan


def _late_wholesale(weekly: RunTable, _resellers: RunTable) -> float:
    """Return the lowest tier's price at the end, in fen; NaN if the brand delivers most units itself."""
    own = float(_own_sales(weekly)[-LATE_WEEKS:].sum())
    channels = float(weekly["sell_through"][-LATE_WEEKS:].sum()) - own >= own
    return float(wholesale_paid(weekly)[-1]) if channels else math.nan


def _late_price(weekly: RunTable, _resellers: RunTable) -> float:
    known = weekly["price_street_mean"][-LATE_WEEKS:]
    known = known[~np.isnan(known)]
    return float(known.mean()) if len(known) else math.nan


def _left_in_year(weekly: RunTable, resellers: RunTable) -> float:
    """Return the share who left within 52 weeks, among those who joined at least 52 weeks before the end."""
    # Those who joined before the run are left out: of them, only the ones who stayed are known.
    joined = resellers["joined_week"]
    watched = (joined >= 0) & (joined <= weekly["week"].max() - 52)
    left = (resellers["left_week"] - joined)[watched] <= 52
    return ratio(float(left.sum()), float(watched.sum()))


def _recruiting(weekly: RunTable, _resellers: RunTable) -> float:
    payments = float(weekly["upline_payments"].sum())
    return ratio(payments, payments + max(0.0, float(weekly["retail_margin_resellers"].sum())))


def _unsold_share(weekly: RunTable, _resellers: RunTable) -> float:
    """Return the channel's stock at the end as a share of its stock before week 1 and what it took in."""
    def first(name: str) -> float:
        return float(weekly[name][0]) if name in weekly else 0.0

    # Tables of earlier versions lack what the brand sold itself.
    before = sum(map(first, LEFT_CHANNEL)) + first("inventory_channel") + first("inventory_transit") \
        - first("sell_in") - first("direct_sales") if "direct_sales" in weekly else 0.0
    into = float(weekly["sell_in"].sum() - weekly["bought_back"].sum())
    return ratio(float(weekly["inventory_channel"][-1]), into + before)


LEFT_CHANNEL = ("sell_through", "self_consumed", "dumped", "bought_back", "written_off")
"""Columns that hold the units that left the channel in a week."""


def _sell_through_rate(weekly: RunTable, _resellers: RunTable) -> float:
    if "direct_sales" not in weekly:
        return math.nan
    into = float(weekly["sell_in"].sum() - weekly["bought_back"].sum())
    return ratio(float(weekly["sell_through"].sum() - weekly["direct_sales"].sum()), into)


def _resellers_profit(weekly: RunTable, resellers: RunTable) -> float:
    """Return the profit in fen of all who ever joined; each row stands for as many as the market's scale."""
    ever = int(weekly["resellers_active"][-1] + weekly["exits"].sum())
    return float(resellers["profit"].sum()) * (round(ever / len(resellers)) if len(resellers) else 1)


EVER = "(resellers_active + cumulative(exits))"
CUSTOMERS = "(stage_customer + stage_user + stage_fan + stage_geek)"
INTO = "(cumulative(sell_in) - cumulative(bought_back))"
SHARE, COUNT = (0.0, 1.0), (0.0, math.inf)

KEY_FIGURES: tuple[KeyFigure, ...] = (
    # The brand.
    KeyFigure("brand_profit", mark("profit of the brand"), "fen", "cumulative(profit_brand)",
              1, "brand"),
    KeyFigure("brand_revenue", mark("revenue of the brand"), "fen", "cumulative(revenue_brand)",
              1, "brand"),
    # The goods.
    KeyFigure("sell_through", mark("units sold to consumers"), "units",
              "cumulative(sell_through)", 1, bounds=COUNT),
    KeyFigure("direct_sales", mark("units sold by the brand itself"), "units",
              "cumulative(direct_sales)", bounds=COUNT),
    KeyFigure("sell_in", mark("units shipped into the channel"), "units", "cumulative(sell_in)",
              bounds=COUNT),
    KeyFigure("bought_back", mark("units bought back by the brand"), "units",
              "cumulative(bought_back)", bounds=COUNT),
    KeyFigure("refunds", mark("paid by the brand for buy-backs"), "fen", "cumulative(refunds)", 0,
              "brand", bounds=COUNT),
    KeyFigure("sell_through_rate", mark("sell-through rate of the channel"), "share",
              "(cumulative(sell_through) - cumulative(direct_sales)) / (cumulative(sell_in) - "
              "cumulative(bought_back))", 1, bounds=SHARE, read=_sell_through_rate),
    KeyFigure("channel_stock", mark("units left in the channel"), "units",
              "inventory_channel at end", -1, bounds=COUNT),
    KeyFigure("unsold_share", mark("share of what the channel took that lies there unsold"),
              "share", f"inventory_channel / {INTO}", -1, bounds=SHARE, read=_unsold_share),
    KeyFigure("dumped", mark("units dumped by leavers"), "units", "cumulative(dumped)", -1,
              bounds=COUNT),
    KeyFigure("self_consumed", mark("units kept by leavers"), "units",
              "cumulative(self_consumed)", bounds=COUNT),
    KeyFigure("written_off", mark("units written off"), "units", "cumulative(written_off)", -1,
              bounds=COUNT),
    KeyFigure("lost_sales", mark("units wanted and not in stock"), "units",
              "cumulative(lost_sales)", -1, bounds=COUNT),
    # The resellers.
    KeyFigure("retail_margin", mark("retail margin of resellers"), "fen",
              "cumulative(retail_margin_resellers)", 1, "resellers"),
    KeyFigure("resellers_profit", mark("profit of all resellers together"), "fen",
              "sum of the resellers' column profit", 1, "resellers", people=True,
              read=_resellers_profit),
    KeyFigure("ever_joined", mark("people who became resellers"), "persons", EVER[1:-1], 0,
              "resellers", bounds=COUNT),
    KeyFigure("peak_active", mark("resellers at the peak"), "persons", "max(resellers_active)",
              0, "resellers", bounds=COUNT),
    KeyFigure("peak_week", mark("week of the peak, once it has passed"), "week",
              "week of max(resellers_active), where eight weeks have passed since and fewer sell",
              0, "resellers", read=peak_week),
    KeyFigure("end_active", mark("resellers at the end"), "persons", "resellers_active at end",
              0, "resellers", bounds=COUNT),
    KeyFigure("exits", mark("resellers who left"), "persons", "cumulative(exits)", -1,
              "resellers", bounds=COUNT),
    KeyFigure("left_in_year", mark("share who left within a year of joining"), "share",
              "of those who joined at least 52 weeks before the end", -1, "resellers",
              read=_left_in_year, people=True, bounds=SHARE),
    KeyFigure("lost_money", mark("share who lost money, of all who ever joined"), "share",
              f"resellers_lost_money / {EVER}", -1, "resellers", bounds=SHARE),
    KeyFigure("earned_nothing", mark("share who neither lost nor earned, of all who ever joined"),
              "share", f"resellers_earned_nothing / {EVER}", -1, "resellers", bounds=SHARE),
    KeyFigure("loss_share", mark("share who made no profit, of all who ever joined"), "share",
              "loss_share at end", -1, "resellers", bounds=SHARE),
    KeyFigure("recruiting_income", mark("share of resellers' income from recruits and downlines"),
              "share", "cumulative(upline_payments) / (cumulative(upline_payments) + "
              "cumulative(retail_margin_resellers), if positive)", -1, "law", read=_recruiting,
              bounds=SHARE),
    KeyFigure("upline_payments", mark("paid to resellers for recruits and downlines"), "fen",
              "cumulative(upline_payments)", 0, "resellers", bounds=COUNT),
    KeyFigure("entry_payments", mark("paid to enter, to brand and uplines"), "fen",
              "cumulative(entry_payments)", -1, "law", bounds=COUNT),
    KeyFigure("paid_by_consumers", mark("paid by consumers"), "fen",
              "cumulative(revenue_retail) + cumulative(revenue_dumped)", 1, "consumers",
              bounds=COUNT),
    # Consumers and prices.
    KeyFigure("customers", mark("customers at the end"), "persons", CUSTOMERS[1:-1], 1,
              "consumers", bounds=COUNT),
    KeyFigure("repeat", mark("users, fans and geeks among customers"), "share",
              f"(stage_user + stage_fan + stage_geek) / {CUSTOMERS}", 1, "consumers",
              bounds=SHARE),
    KeyFigure("trust_start", mark("trust in the channel at the start"), "share",
              "trust_mean at week 1", 1, "consumers", bounds=SHARE,
              read=lambda weekly, _: float(weekly["trust_mean"][0])),
    KeyFigure("trust", mark("trust in the channel"), "share", "trust_mean at end", 1,
              "consumers", bounds=SHARE),
    KeyFigure("awareness", mark("persons who know the product"), "share", "awareness at end", 0,
              "consumers", bounds=SHARE),
    KeyFigure("quality_perceived", mark("perceived quality"), "share",
              "quality_perceived at end", 1, "consumers", bounds=SHARE),
    KeyFigure("quality_gap", mark("perceived less true quality"), "share",
              "quality_perceived - quality_true", 0, "consumers", bounds=(-1.0, 1.0)),
    KeyFigure("consumer_surplus", mark("consumer surplus"), "fen", "cumulative(consumer_surplus)",
              1, "consumers"),
    KeyFigure("price_list", mark("list price at the end"), "fen", "price_list at end", 0,
              "consumers", bounds=COUNT),
    KeyFigure("price_list_start", mark("list price at the start"), "fen", "max(price_list at week 1)",
              0, "consumers", bounds=COUNT,
              read=lambda weekly, _: float(weekly["price_list"][0])),
    KeyFigure("wholesale", mark("price that the lowest tier pays at the end"), "fen",
              f"price_wholesale_low at end {STOCKED}", 0, "resellers", read=_late_wholesale, bounds=COUNT),
    KeyFigure("street_price", mark("price paid in the last 4 weeks"), "fen",
              "mean of price_street_mean over the last 4 weeks", 0, "consumers", bounds=COUNT,
              read=_late_price),
    KeyFigure("street_lowest", mark("lowest price ever paid"), "fen", "min(price_street_min)", 0,
              "consumers", bounds=COUNT),
    KeyFigure("first_below_wholesale", mark("first week below what the lowest tier pays"),
              "week", f"first week price_street_mean < price_wholesale_low {STOCKED}", 0, "resellers",
              read=first_below_wholesale),
    KeyFigure("weeks_below_wholesale", mark("weeks below what the lowest tier pays"), "weeks",
              f"weeks in which price_street_mean < price_wholesale_low {STOCKED}", -1, "resellers",
              read=weeks_below_wholesale, bounds=COUNT),
)
"""Every key figure, in the order in which tables show them."""

FIGURES: dict[str, KeyFigure] = {figure.name: figure for figure in KEY_FIGURES}

STANDARD = (
    "sell_through", "sell_in", "channel_stock", "brand_profit", "retail_margin", "peak_active",
    "end_active", "exits", "lost_money", "recruiting_income", "trust", "quality_perceived",
    "street_price",
)
"""The figures that a comparison shows by default."""


def figures_of(
    weekly: Columns, resellers: Columns, names: Iterable[str] | None = None
) -> dict[str, float]:
    """Return the key figures of one run by name; all of them by default."""
    chosen = KEY_FIGURES if names is None else [FIGURES[name] for name in names]
    weekly, resellers = RunTable.of(weekly), RunTable.of(resellers)
    return {figure.name: figure.value(weekly, resellers) for figure in chosen}


def median(values: Sequence[float]) -> float:
    """Return the median of the values that are not NaN; NaN if these are half of all or fewer.

    A number that most runs lack should not be reported as if all had it.
    """
    known = sorted(value for value in values if not math.isnan(value))
    if 2 * len(known) <= len(values):
        return math.nan
    half = len(known) // 2
    return known[half] if len(known) % 2 else (known[half - 1] + known[half]) / 2

"""Messages of the figures of income inequality, of the sponsor tree, and of rules that few scenarios use.

Each is a sentence that the tables support, or empty: then the figure keeps its plain name. Over several
runs, numbers are medians of the values of each run.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.runs.figures import LATE_WEEKS, median
from sim.runs.sentences import FEW
from sim.views import sources
from sim.views.style import percent
from sim.views.texts import column, large, text

if TYPE_CHECKING:
    import pandas as pd

    from sim.views.sources import Shown

__all__ = ["MESSAGES", "about", "first_run", "said", "top_tenth"]


def about(share: float) -> str:
    """Return a share in whole per cent; 0% and 100% only when it is exactly that."""
    if 0 < share < 0.005:
        return "<1%"
    if 0.995 <= share < 1:
        return ">99%"
    return percent(round(share, 2))


def _sums(weekly: pd.DataFrame, *names: str) -> list[float]:
    """Return the median over the runs of the total of each column."""
    per = weekly.groupby("seed")[list(names)].sum()
    return [median([float(value) for value in per[name]]) for name in names]


def _ends(weekly: pd.DataFrame, *names: str) -> list[float]:
    """Return the median over the runs of each column in the last week."""
    per = weekly[weekly["week"] == weekly["week"].max()]
    return [median([float(value) for value in per[name]]) for name in names]


def _ratios(parts: pd.Series, wholes: pd.Series) -> float:
    """Return the median over the runs of parts over wholes; NaN when the whole is zero in every run."""
    return median([float(part / whole) if whole > 0 else math.nan
                   for part, whole in zip(parts, wholes, strict=True)])


def top_tenth(amounts: object) -> float:
    """Return the share of the largest tenth in the sum of all amounts, as in a Lorenz curve.

    Losses count as zero. NaN when the sum is zero.
    """
    ordered = np.sort(np.clip(np.asarray(amounts, dtype=float), 0, None))
    total = ordered.sum()
    if total <= 0:
        return math.nan
    people = np.arange(ordered.size + 1) / ordered.size
    return 1.0 - float(np.interp(0.9, people, np.concatenate([[0.0], np.cumsum(ordered)]) / total))


def first_run(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the first seed, for pictures of single persons."""
    return table[table["seed"] == table["seed"].iloc[0]] if "seed" in table and len(table) else table


def _unequal(_weekly: pd.DataFrame, resellers: pd.DataFrame, lang: str) -> str:
    # A tenth of so few people is nobody, and several runs must not be pooled into one market.
    if not len(resellers) or median(list(resellers.groupby("seed").size().astype(float))) < FEW:
        return ""
    retail, uplines = (top_tenth(resellers[name]) for name in ("own_retail_margin", "upline_payments"))
    if math.isfinite(retail) and math.isfinite(uplines):
        return text("msg unequal", lang, retail=about(retail), uplines=about(uplines))
    if math.isfinite(retail):
        return text("msg unequal retail", lang, retail=about(retail))
    return text("msg unequal uplines", lang, uplines=about(uplines)) if math.isfinite(uplines) else ""


def _tree(_weekly: pd.DataFrame, resellers: pd.DataFrame, lang: str) -> str:
    from sim.views.report.facts import depths

    people = first_run(resellers)
    if len(people) < FEW:
        return ""
    if not people["recruits"].any():
        return text("msg tree none", lang)
    levels = int(depths(people).max())
    return text("msg tree", lang, none=about(float((people["recruits"] == 0).mean())), levels=levels)


def _rivals(weekly: pd.DataFrame, _resellers: pd.DataFrame, lang: str) -> str:
    late = weekly[weekly["week"] > weekly["week"].max() - LATE_WEEKS].groupby("seed")[
        ["sell_through", "dumped", "rival_sales"]].sum()
    share = _ratios(late["rival_sales"], late.sum(axis=1))
    if not weekly["rival_sales"].any() or not math.isfinite(share):
        return ""
    return text("msg rivals", lang, share=about(share), late=LATE_WEEKS)


def _funding(weekly: pd.DataFrame, _resellers: pd.DataFrame, lang: str) -> str:
    given, back, lost = _sums(weekly, "fans_advanced", "fans_repaid", "fans_lost")
    [owed] = _ends(weekly, "fans_owed")
    bust = weekly.groupby("seed")["brand_bust"].max().astype(bool)
    if not weekly["fans_advanced"].any():
        return text("msg funding bust alone" if bust.all() else "msg funding none", lang)
    yuan = text("yuan", lang)
    values = {name: large(amount / 100, yuan, lang) for name, amount in (
        ("given", given), ("back", back), ("lost", lost), ("owed", owed))}
    if not given:  # in most runs
        hit = int((weekly.groupby("seed")["fans_advanced"].sum() > 0).sum())
        return text("msg funding few", lang, hit=hit, runs=len(bust))
    if bust.all():
        return text("msg funding bust", lang, **values)
    if bust.any():
        return text("msg funding some", lang, hit=int(bust.sum()), runs=len(bust), **values)
    return text("msg funding", lang, **values)


def _own_traffic(weekly: pd.DataFrame, _resellers: pd.DataFrame, lang: str) -> str:
    paid = weekly.groupby("seed")[["traffic_bought", "traffic_saved"]].sum()
    share = _ratios(paid["traffic_saved"], paid.sum(axis=1))
    [followers] = _ends(weekly, "followers")
    return text("msg traffic", lang, followers=f"{followers:,.0f}", share=about(share)) \
        if math.isfinite(share) else ""


def _diversion(weekly: pd.DataFrame, _resellers: pd.DataFrame, lang: str) -> str:
    units = weekly.groupby("seed")[["sell_through", "diverted", "dumped"]].sum()
    share = _ratios(units["diverted"], units.sum(axis=1))
    return text("msg diverted", lang, share=about(share)) if math.isfinite(share) else ""


def _circles(weekly: pd.DataFrame, _resellers: pd.DataFrame, lang: str) -> str:
    from sim.views.further import CIRCLES

    names = [f"circle_{circle}" for circle in CIRCLES]
    last = weekly[weekly["week"] == weekly["week"].max()][names].mean()
    total = float(last.sum())
    if total < FEW:
        return ""
    largest = str(last.idxmax())
    return text("msg circles", lang, total=f"{total:,.0f}", share=about(float(last[largest]) / total),
                kind=column(largest, lang))


def _sourcing(weekly: pd.DataFrame, _resellers: pd.DataFrame, lang: str) -> str:
    cells, sourced = _ends(weekly, "communities", "cells_sourced")
    return text("msg sourcing", lang, cells=f"{cells:,.0f}", sourced=f"{sourced:,.0f}") if cells >= 1 else ""


def _channels(weekly: pd.DataFrame, _resellers: pd.DataFrame, lang: str) -> str:
    units = weekly.groupby("seed")[["purchases_legacy", "cannibalised"]].sum()
    share = _ratios(units["cannibalised"], units.sum(axis=1))
    return text("msg channels", lang, share=about(share)) if math.isfinite(share) else ""


def _surveys(weekly: pd.DataFrame, _resellers: pd.DataFrame, lang: str) -> str:
    asked = weekly[weekly["survey_confirmed"].notna()].groupby("seed").last()
    if not len(asked):
        return ""
    confirmed, true = (median([float(value) for value in asked[name]])
                       for name in ("survey_confirmed", "survey_true"))
    return text("msg surveys", lang, confirmed=about(confirmed), true=about(true))


MESSAGES: dict[str, Callable[[Any, Any, str], str]] = {
    "lorenz_and_bullwhip": _unequal, "tree": _tree, "rivals": _rivals, "funding": _funding,
    "own_traffic": _own_traffic, "diversion": _diversion, "circles": _circles, "sourcing": _sourcing,
    "channels": _channels, "surveys": _surveys,
    "legacy_channel": _channels,
}
"""By the name of a figure, a function from the weekly and the resellers' table to its message, or ""."""


def said(result: Shown, name: str, scenario: str | None, lang: str) -> str:
    """Return the message of one of these figures; empty without one."""
    weekly = sources.table(result, "weekly", scenario)
    if name not in MESSAGES or not len(weekly):
        return ""
    try:
        return MESSAGES[name](weekly, sources.table(result, "resellers", scenario), lang)
    except KeyError:
        # The rule that writes these columns was switched off.
        return ""

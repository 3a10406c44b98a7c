"""The message of a figure: a sentence that its numbers support, used as its title.

A figure without a certain message keeps its plain name.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sim.runs.figures import LATE_WEEKS, figures_of, median
from sim.runs.sentences import FEW
from sim.views import further_messages, sources
from sim.views.further_messages import about
from sim.views.sweeps import said_of
from sim.views.texts import text

if TYPE_CHECKING:
    from sim.views.sources import Shown

__all__ = [
    "about", "caption", "comparison_message", "difference_message", "message", "sweep_message",
]


def message(result: Shown, name: str, scenario: str | None, lang: str) -> str:
    """Return the message of a figure of one scenario, or its plain name if it has none."""
    if name in further_messages.MESSAGES:
        said = further_messages.said(result, name, scenario, lang)
    else:
        found = _found(result, scenario)
        if found and name in ("goods_flow", "money_flow"):
            found = {**found, **_means(result, scenario)}
        said = _said(name, found, lang) if found else ""
    return said or (text(f"figure.{name}", lang))


def _found(result: Shown, scenario: str | None) -> dict[str, float]:
    """Return the medians of the key figures over the runs; empty when tables are missing."""
    found: dict[str, float] = sources.once(
        result, ("key figures", scenario), lambda: _medians(result, scenario))
    return found


def _medians(result: Shown, scenario: str | None) -> dict[str, float]:
    weekly = sources.table(result, "weekly", scenario)
    if not len(weekly):
        return {}
    people = sources.table(result, "resellers", scenario)
    rows = [figures_of(run, people[people["seed"] == seed] if len(people) else people)
            for seed, run in weekly.groupby("seed")]
    return {key: median([row[key] for row in rows]) for key in rows[0]}


def _means(result: Shown, scenario: str | None) -> dict[str, float]:
    """Return the figures that a flow shows: means over the runs, whose parts add up."""
    weekly = sources.table(result, "weekly", scenario)
    total = weekly.sum(numeric_only=True) / weekly["seed"].nunique()
    direct = float(total.get("direct_sales", math.nan))
    found = {name: float(total[name]) for name in ("sell_through", "sell_in", "bought_back")}
    into = found["sell_in"] - found["bought_back"]
    return {**found, "brand_profit": float(total["profit_brand"]),
            "sell_through_rate": (found["sell_through"] - direct) / into if into > 0 else math.nan}


def _said(name: str, found: dict[str, float], lang: str) -> str:
    rate, stock = found["sell_through_rate"], found["channel_stock"]
    into = found["sell_in"] - found["bought_back"]
    if name == "churn" and not found["ever_joined"]:
        return text("msg nobody", lang)
    if name in ("sell_through", "inventory", "goods_flow") and not (
            found["ever_joined"] or found["sell_through"]):
        return text("msg nobody sold", lang)
    if name in ("sell_through", "inventory") and into <= 0:
        return text("msg no stock", lang)
    if name == "goods_flow" and into <= 0 and found["sell_through"] > 0:
        return text("msg delivered", lang, units=f"{found['sell_through']:,.0f}")
    if name in ("sell_through", "goods_flow") and math.isfinite(rate):
        return text("msg rate", lang, rate=about(rate))
    if name == "inventory" and stock < 1:
        return text("msg stock gone", lang)
    if name == "inventory" and math.isfinite(found["unsold_share"]):
        return text("msg unsold", lang, stock=f"{stock:,.0f}",
                    share=about(found["unsold_share"]))
    if name == "churn" and found["ever_joined"] >= FEW:
        return text("msg churn", lang, joined=f"{found['ever_joined']:,.0f}",
                    end=f"{found['end_active']:,.0f}")
    if name == "prices_and_trust" and math.isfinite(found["street_price"]):
        before, after = about(found["trust_start"]), about(found["trust"])
        return text("msg prices" if before != after else "msg prices same", lang,
                    street=f"{found['street_price'] / 100:,.0f}",
                    list=f"{found['price_list'] / 100:,.0f}", before=before, after=after)
    if name == "prices_and_trust" and found["sell_through"] >= 1:
        before, after = about(found["trust_start"]), about(found["trust"])
        return text("msg no price" if before != after else "msg no price same", lang, late=LATE_WEEKS,
                    before=before, after=after)
    if name == "customers" and found["customers"] >= 1 and math.isfinite(found["repeat"]):
        return text("msg customers", lang, customers=f"{found['customers']:,.0f}",
                    repeat=about(found["repeat"]))
    if name == "customers" and found["customers"] < 1 and found["sell_through"] > 0:
        return text("msg no customers", lang)
    if name == "quality_and_learning" and math.isfinite(found["quality_gap"]):
        gap = round(100 * found["quality_gap"])
        return text("msg quality better" if gap > 0 else "msg quality worse" if gap < 0 else
                    "msg quality same", lang, gap=abs(gap))
    if name in ("money", "money_flow") and found["ever_joined"] >= FEW \
            and math.isfinite(found["lost_money"]):
        key = "msg money gain" if found["brand_profit"] >= 0 else "msg money loss"
        return text(key, lang, lost=about(found["lost_money"]))
    return ""


def comparison_message(results: Shown, names: list[str], lang: str) -> str:
    """Return the headline of a comparison's page; empty when tables are missing."""
    from sim.views.report.facts import figures
    from sim.views.report.headline import comparable, headline

    if not hasattr(results, "resellers") or len(names) < 2:
        return " / ".join(names)
    tables, week = comparable(results, names, figures)
    return headline(tables, lang, week)


DIFFERENCES = ("brand_profit", "trust", "channel_stock", "end_active")
"""Key figures that are the ends of curves on the picture of differences, the most important first."""
TOLD = 2
"""Largest number of differences in its title."""


def difference_message(results: Shown, first: str, second: str, lang: str) -> str:
    """Return how the second scenario surely differs from the first at the end; empty if nothing is sure.

    A difference is sure where the page of a comparison tells its direction. Sizes are medians of the pairs
    of runs, as in the picture.
    """
    from sim.views.report.facts import corrected, figures, paired
    from sim.views.report.headline import after, comparable
    from sim.views.report.wording import comparative, compared, label, unit_of_difference

    if not hasattr(results, "resellers"):
        return ""
    tables, week = comparable(results, [first, second], figures)
    sure = {one.measure.name: one.measure for one in corrected(paired(tables[first], tables[second]))
            if one.clear}
    told = []
    for name in DIFFERENCES:
        gap = median(list((tables[second][name] - tables[first][name]).dropna())) if name in sure else 0.0
        if gap:
            unit = sure[name].unit
            told.append(text("msg differs by", lang, measure=label(sure[name], lang),
                             way=comparative(unit, gap, lang),
                             size=compared(abs(gap), unit_of_difference(unit), lang)))
    if not told:
        return ""
    comma = "，" if lang == "zh" else ", "
    return after(text("msg difference", lang, a=second, b=first, differences=comma.join(told[:TOLD])),
                 lang, week)


def sweep_message(results: Shown, scenario: str | None, lang: str) -> str:
    """Return the range of the first measure of a sweep, with the settings at its ends."""
    said = next(iter(said_of(results, scenario, lang)), text("picture.phase_map", lang))
    return said.rstrip(".。")


def caption(result: Shown, scenario: str | None, lang: str) -> str:
    """Return the caption of a figure: version, seeds, model code."""
    import sim
    from sim.runs.version import code_version

    weekly = sources.table(result, "weekly", scenario)
    # The tables of a sweep count each run as a seed of its own.
    design: Any = getattr(result, "design", None)
    seeds = list(design.seeds) if sources.keys(result) else sorted(
        int(seed) for seed in weekly["seed"].unique())
    said = ", ".join(map(str, seeds[:8])) + (" …" if len(seeds) > 8 else "")
    code = getattr(result, "version", None) or code_version()
    return text("caption", lang, version=sim.__version__, seeds=said, code=str(code)[:12])

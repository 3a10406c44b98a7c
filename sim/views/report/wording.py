"""The report's numbers and sentences, in words that people use."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sim.views import sources
from sim.views.report.facts import Pairing, figures, paired, range_of
from sim.views.report.texts import say
from sim.views.texts import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["amount", "compare_sentences", "run_sentences", "span", "sweep_sentences"]


def amount(value: float, unit: str, lang: str, *, plus: bool = False) -> str:
    """Return a number with its unit: 12.3%, 4,500 units, 1.2 million yuan, week 31."""
    if not math.isfinite(value):
        return "–"
    sign = "−" if value < 0 else "+" if plus and value > 0 else ""
    size = abs(value)
    if unit == "share":
        return f"{sign}{100 * size:.1f}".removesuffix(".0") + "%"
    if unit == "points":
        return f"{sign}{100 * size:.1f}".removesuffix(".0") + f" {say('points', lang)}"
    if unit == "week":
        return f"{sign}{size:.0f}"
    if unit == "fen":
        return f"{sign}{large(size / 100, text('yuan', lang), lang)}"
    return f"{sign}{large(size, text(unit, lang), lang)}"


def large(size: float, unit: str, lang: str) -> str:
    """Return a size with thousands separators, or in millions (万 and 亿 in Chinese)."""
    if lang == "zh":
        for step, word in ((1e8, "亿"), (1e4, "万")):
            if size >= step:
                return f"{size / step:,.3g} {word}{unit}" if size < 1000 * step \
                    else f"{size / step:,.0f} {word}{unit}"
    elif size >= 1e6:
        return f"{size / 1e6:,.3g} million {unit}" if size < 1e9 \
            else f"{size / 1e6:,.0f} million {unit}"
    digits = 0 if size >= 100 or float(size).is_integer() else 1
    return f"{size:,.{digits}f} {unit}"


def span(values: pd.Series, unit: str, lang: str) -> str:
    """Return a median, with the range of the middle 80 % of the runs where there are several."""
    middle, low, high = range_of(values)
    said = amount(middle, unit, lang)
    if values.dropna().nunique() > 1:
        said += f" ({amount(low, unit, lang)} – {amount(high, unit, lang)})"
    return said


def run_sentences(result: Any, scenario: str | None, lang: str) -> list[str]:
    """Return what happened in a scenario, most important first."""
    table = figures(result, scenario)
    weekly = sources.table(result, "weekly", scenario)
    middle = {name: range_of(table[name])[0] for name in table}

    def number(name: str) -> str:
        return f"{middle[name]:,.0f}"

    def share(name: str) -> str:
        return amount(middle[name], "share", lang)

    out = []
    if middle["ever_joined"]:
        out.append(say("s resellers", lang, joined=number("ever_joined"), week=number("peak_week"),
                       peak=number("peak_active"), end=number("end_active")))
    else:
        out.append(say("s nobody", lang))
    if middle["sell_in"]:
        out.append(say("s goods", lang, sell_in=number("sell_in"),
                       sell_through=number("sell_through"), rate=share("rate"),
                       stock=number("channel_stock")))
    if math.isfinite(middle["loss_share"]):
        out.append(say("s loss", lang, loss=share("loss_share"),
                       recruiting=share("recruiting_share")))
    first, last = weekly["week"].min(), weekly["week"].max()
    end = weekly[weekly["week"] == last].median(numeric_only=True)
    start = weekly[weekly["week"] == first].median(numeric_only=True)
    if math.isfinite(middle["street_price"]):
        said = {"list": f"{end['price_list'] / 100:,.0f}",
                "street": f"{middle['street_price'] / 100:,.0f}",
                "wholesale": f"{end['price_wholesale_low'] / 100:,.0f}"}
        crossed = table["below_wholesale"].notna().mean() > 0.5
        if crossed:
            out.append(say("s prices below", lang, week=number("below_wholesale"), **said))
        elif not table["below_wholesale"].notna().any():
            out.append(say("s prices", lang, **said))
    gap = 100 * (end["quality_perceived"] - end["quality_true"])
    if math.isfinite(gap):
        out.append(say(
            "s trust", lang, before=amount(start["trust_mean"], "share", lang),
            after=amount(end["trust_mean"], "share", lang), gap=f"{abs(gap):.0f}",
            side=say("better" if gap >= 0 else "worse", lang)))
    profit = middle["brand_profit"]
    out.append(say("s profit" if profit >= 0 else "s minus", lang, weeks=f"{last:,.0f}",
                   profit=amount(abs(profit), "fen", lang)))
    if len(table) > 1:
        out.append(say("s several", lang, n=len(table)))
    return out


def unit_of_difference(unit: str) -> str:
    """Return the unit of the difference of two values: shares differ by points."""
    return "points" if unit == "share" else "weeks" if unit == "week" else unit


def compare_sentences(
    result: Any, names: list[str], lang: str
) -> tuple[list[str], list[tuple[str, Pairing]]]:
    """Return what differs between the first scenario and each other, and the pairings.

    A direction is stated only where the interval leaves out zero.
    """
    tables = {name: figures(result, name) for name in names}
    sentences: list[str] = []
    pairings: list[tuple[str, Pairing]] = []
    for other in names[1:]:
        found = paired(tables[names[0]], tables[other])
        pairings += [(other, pairing) for pairing in found]
        if found and max(pairing.pairs for pairing in found) < 2:
            sentences.append(say("s one pair", lang))
            continue
        for pairing in sorted((p for p in found if p.clear), key=_rank):
            unit = unit_of_difference(pairing.measure.unit)
            low, high = sorted((abs(pairing.low), abs(pairing.high)))
            sentences.append(say(
                "s more" if pairing.mean > 0 else "s less", lang,
                measure=say(f"m {pairing.measure.name}", lang), a=names[0], b=other,
                difference=amount(abs(pairing.mean), unit, lang), low=amount(low, unit, lang),
                high=amount(high, unit, lang), agree=pairing.agree, n=pairing.pairs))
        for key, chosen in (
            ("s unclear", [p for p in found if not p.clear and not p.identical]),
            ("s same", [p for p in found if p.identical]),
        ):
            if chosen:
                comma = "、" if lang == "zh" else ", "
                sentences.append(say(key, lang, measures=comma.join(
                    say(f"m {pairing.measure.name}", lang) for pairing in chosen)))
    return sentences, pairings


ORDER = ("loss_share", "rate", "trust", "brand_profit", "resellers_profit", "ever_joined",
         "channel_stock", "customers", "repeat", "street_price", "recruiting_share")


def _rank(pairing: Pairing) -> int:
    name = pairing.measure.name
    return ORDER.index(name) if name in ORDER else len(ORDER)


def sweep_sentences(result: Any, scenario: str | None, lang: str) -> list[str]:
    """Return between which values the key columns move over a sweep, and at which settings."""
    last = sources.sweep_table(result, scenario)
    varied = [key for key in sources.keys(result) if key in last]
    out = []
    for name, unit, key in (("loss_share", "share", "m loss_share"),
                            ("trust_mean", "share", "m trust"),
                            ("resellers_active", "persons", "m end_active"),
                            ("inventory_channel", "units", "m channel_stock")):
        means = last.groupby(varied, dropna=False)[name].mean().dropna()
        if not len(means):
            continue
        out.append(say(
            "s range", lang, measure=say(key, lang),
            low=amount(float(means.min()), unit, lang), at_low=_at(varied, means.idxmin()),
            high=amount(float(means.max()), unit, lang), at_high=_at(varied, means.idxmax())))
    return out


def _at(varied: list[str], values: Any) -> str:
    given = values if isinstance(values, tuple) else (values,)
    return ", ".join(
        f"{key.removeprefix('controls.')} = {value:g}" if isinstance(value, float)
        else f"{key.removeprefix('controls.')} = {value}"
        for key, value in zip(varied, given, strict=True))



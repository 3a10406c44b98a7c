"""The report's numbers and sentences in everyday words."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from sim.runs.figures import KeyFigure, median
from sim.runs.sentences import sentences, warnings
from sim.runs.statistics import MIN_PAIRS
from sim.texts import _, speaking
from sim.views import sources
from sim.views.report.facts import Pairing, corrected, figures, paired, range_of
from sim.views.report.texts import say
from sim.views.texts import large, text

if TYPE_CHECKING:
    import pandas as pd

    from sim.views.sources import Shown

__all__ = [
    "amount", "comparative", "compare_sentences", "compared", "label", "run_sentences", "span",
    "unit_of_difference", "whole",
]


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


QUANTITY = re.compile(
    r"\b\d{4}-\d\d-\d\d\b|[−+]?\d[\d,.]*(?: million)?"
    r"(?: (?:yuan|units?|persons?|weeks?|points)\b|%| ?[万亿][元件人]?| ?[元件人周])")
"""A date, or a number with its unit."""


def whole(escaped: str) -> str:
    """Return escaped text as HTML in which no line ends in a date or between a number and its unit."""
    return QUANTITY.sub(lambda found: f'<span class="whole">{found[0]}</span>', str(escaped))


def span(values: pd.Series, unit: str, lang: str) -> str:
    """Return a median as text and, with several runs, the range of the middle 80 %."""
    middle, low, high = range_of(values)
    said = amount(middle, unit, lang)
    if math.isfinite(middle) and values.dropna().nunique() > 1:
        said += f" ({amount(low, unit, lang)} – {amount(high, unit, lang)})"
    return said


def run_sentences(result: Shown, scenario: str | None, lang: str) -> list[str]:
    """Return what happened in a scenario: the sentences of the summary, in this language."""
    table = figures(result, scenario)
    weekly = sources.table(result, "weekly", scenario)
    if not len(table):
        return []
    rows = [dict(zip(map(str, table), map(float, row), strict=True))
            for row in table.itertuples(index=False)]
    found = {str(name): median(list(table[name])) for name in table}
    record = sources.record(result, scenario)
    people = weekly.iloc[-1].filter(like="stage_").sum()
    with speaking(lang):
        out = sentences(found, persons=record.real_persons if record is not None else int(people),
                        weeks=int(weekly["week"].max()), rows=rows,
                        calendar=None if record is None else record.calendar)
        warned = _("Warning: {what}.")
        out += [warned.format(what=warning) for warning in warnings(found, rows)]
    if len(table) > 1:
        out.append(say("s several", lang, n=len(table)))
    return out


def label(figure: KeyFigure, lang: str) -> str:
    """Return the label of a key figure in a language."""
    with speaking(lang):
        return figure.said()


def unit_of_difference(unit: str) -> str:
    """Return the unit of the difference of two values: that of shares is percentage points."""
    return "points" if unit == "share" else "weeks" if unit == "week" else unit


def compare_sentences(
    result: Shown, names: list[str], lang: str
) -> tuple[list[str], list[tuple[str, Pairing]]]:
    """Return sentences on how each other scenario differs from the first, and the pairings.

    A direction is stated only if the interval excludes zero, even after correction for the number of
    differences.
    """
    tables = {name: figures(result, name) for name in names}
    out = _cautions(result, names, lang)
    each = [(other, pairing) for other in names[1:] for pairing in paired(tables[names[0]], tables[other])]
    pairings = list(zip((other for other, _pairing in each), corrected([pairing for _other, pairing in each]),
                        strict=True))
    for other in names[1:]:
        found = [pairing for whose, pairing in pairings if whose == other]
        pairs = max((pairing.pairs for pairing in found), default=0)
        if found and pairs < MIN_PAIRS:
            out.append(say("s few pairs", lang, n=pairs, least=MIN_PAIRS))
            continue
        for pairing in sorted((p for p in found if p.clear), key=_rank):
            unit = unit_of_difference(pairing.measure.unit)
            low, high = sorted((abs(pairing.low), abs(pairing.high)))
            key = "s differs" if low != high else "s differs always"
            out.append(say(
                key, lang, measure=label(pairing.measure, lang), a=other, b=names[0],
                way=comparative(pairing.measure.unit, pairing.mean, lang),
                difference=compared(abs(pairing.mean), unit, lang), low=compared(low, unit, lang),
                high=compared(high, unit, lang), agree=pairing.agree, n=pairing.pairs))
        for key, chosen in (
            ("s unclear", [p for p in found if not p.clear and not p.identical]),
            ("s same", [p for p in found if p.identical]),
        ):
            if chosen:
                comma = "、" if lang == "zh" else ", "
                out.append(say(key, lang, measures=comma.join(
                    label(pairing.measure, lang) for pairing in chosen)))
    return out, pairings


COUNTS = ("units", "persons")


def comparative(unit: str, gap: float, lang: str) -> str:
    """Return the word for a difference: more or fewer of what is counted, else higher or lower."""
    kind = "count " if unit in COUNTS else "week " if unit == "week" else ""
    return say(f"way {kind}{'up' if gap > 0 else 'down'}", lang)


def compared(size: float, unit: str, lang: str) -> str:
    """Return the size of a difference; the label of a count names its unit, as in 1,200 fewer."""
    return amount(size, unit, lang).removesuffix(f" {text(unit, 'en')}") if unit in COUNTS else \
        amount(size, unit, lang)


def _cautions(result: Shown, names: list[str], lang: str) -> list[str]:
    """Return in which respects the markets of several scenarios differ, so that sums are not comparable."""
    records = sources.records(result)
    there = [name for name in names if name in records]
    out = []
    for what in ("weeks", "persons"):
        sizes = {name: getattr(records[name], what) for name in there}
        if len(set(sizes.values())) > 1:
            comma = "、" if lang == "zh" else ", "
            out.append(say(f"s unequal {what}", lang, sizes=comma.join(
                f"{name} {size:,}" for name, size in sizes.items())))
    return out


ORDER = ("brand_profit", "lost_money", "sell_through_rate", "trust", "resellers_profit", "ever_joined",
         "channel_stock", "customers", "repeat", "street_price", "recruiting_income")


def _rank(pairing: Pairing) -> int:
    name = pairing.measure.name
    return ORDER.index(name) if name in ORDER else len(ORDER)

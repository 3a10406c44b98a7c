"""Reporting a comparison: a sentence for each measure, and warnings on plans that are hard to compare."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.runs.statistics import MIN_PAIRS, Paired
from sim.runs.worlds import Worlds
from sim.studies.measures import Measure, said, said_gap
from sim.texts import _
from sim.texts.numbers import tidy

if TYPE_CHECKING:
    import pandas as pd

    from sim.kernel.plain import Data
    from sim.scenario.schema import Scenario

__all__ = ["by_worlds", "cautions", "verdict"]


def verdict(
    one: Measure, pair: Paired, other: str, first: str, direction: int | None = None,
    looked_at: int = 1,
) -> str:
    """Return the answer for one measure as a sentence, with the number of pairs left out.

    `direction` is 0 if the difference is not significant among the `looked_at` ones.
    """
    told = _answer(one, pair, other, first, direction, looked_at)
    if not pair.dropped or pair.identical or not pair.pairs:
        return told
    return " ".join([told, _("{count} of {all} pairs are left out: a side has no such number.").format(
        count=pair.dropped, all=pair.pairs + pair.dropped)])


def _answer(
    one: Measure, pair: Paired, other: str, first: str, direction: int | None, looked_at: int
) -> str:
    names: Data = {
        "what": _(one.label), "other": other, "first": first, "n": pair.pairs}
    if not pair.pairs:
        return _("{what}: no pair of runs has this number on both sides.").format(**names)
    if pair.identical:
        return _("{what}: identical in all {n} pairs.").format(**names)
    gap = pair.difference
    names |= {
        "a": said(pair.other, one.unit), "b": said(pair.baseline, one.unit),
        "gap": said_gap(abs(gap.mean), one.unit),
        "share": "" if one.unit == "share" else _share(gap.mean, pair.baseline),
    }
    if not math.isfinite(gap.low):
        return _("{what}: {a} with {other}, {b} with {first}; {n} of the {least} pairs that an "
                 "interval needs.").format(**names, least=MIN_PAIRS)
    low, high = sorted((abs(gap.low), abs(gap.high)))
    names |= {"low": said_gap(low, one.unit), "high": said_gap(high, one.unit),
              "agree": round(pair.agree * pair.pairs) if math.isfinite(pair.agree) else 0}
    if gap.direction and direction == 0:
        return tidy(_(
            "{what}: no direction can be told from {n} pairs when {count} differences are looked at ({a} "
            "with {other}, {b} with {first}).").format(**names, count=looked_at))
    if gap.direction and low == high:
        way = _("{what}: {gap} higher with {other}{share}: {a} against {b}, in each of {n} pairs.") \
            if gap.direction > 0 else _(
                "{what}: {gap} lower with {other}{share}: {a} against {b}, in each of {n} pairs.")
        return tidy(way.format(**names))
    if gap.direction:
        way = _("{what}: {gap} higher with {other}{share}: {a} against {b}; interval {low} to {high}; "
                "higher in {agree} of {n} pairs.") if gap.direction > 0 else _(
            "{what}: {gap} lower with {other}{share}: {a} against {b}; interval {low} to {high}; "
            "lower in {agree} of {n} pairs.")
        return tidy(way.format(**names))
    names |= {"down": said_gap(-min(0.0, gap.low), one.unit), "up": said_gap(max(0.0, gap.high), one.unit)}
    return tidy(_(
        "{what}: no direction can be told from {n} pairs ({a} with {other}, {b} with {first}); "
        "interval from {down} lower to {up} higher.").format(**names))


def cautions(scenarios: Sequence[Scenario], labels: Sequence[str]) -> list[str]:
    """Return warnings on plans whose length or size differs from the first plan's."""
    told = []
    for name, unequal in (
        ("weeks", _("{other} runs {there} weeks and {first} {here}: sums and the end are not of the "
                    "same time.")),
        ("persons", _("{other} has {there} persons and {first} {here}: numbers of persons, units and "
                      "money are not of the same market.")),
    ):
        here = getattr(scenarios[0], name)
        told += [
            unequal.format(other=label, first=labels[0], here=f"{here:,}",
                           there=f"{getattr(scenario, name):,}")
            for scenario, label in zip(scenarios[1:], labels[1:], strict=True)
            if getattr(scenario, name) != here]
    return told


def _share(gap: float, baseline: float) -> str:
    share = gap / abs(baseline) if baseline else math.inf
    return _(" ({share})").format(share=f"{100 * share:+.0f}%") if 0.005 <= abs(share) < 10 else ""


def by_worlds(worlds: Worlds, gaps: pd.Series, other: str) -> list[str]:
    """Return in how many plausible worlds a plan is ahead, and which setting decides."""
    from sim.studies.splitting import split

    up = [bool(gap > 0) for gap in gaps]
    told = [_("Higher with {other} in {count} of {all} plausible worlds.").format(
        other=other, count=sum(up), all=len(up))]
    cut = split(worlds.keys, [list(worlds.of(int(seed)).values()) for seed in gaps.index], up)
    return told if cut is None else [*told, cut.sentence()]

"""The headline of results, on top of the page and of comparison pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.runs.figures import FIGURES, figures_of, median
from sim.runs.sentences import FEW
from sim.runs.statistics import paired
from sim.views import sources
from sim.views.report.texts import say
from sim.views.report.wording import amount

if TYPE_CHECKING:
    import pandas as pd

    from sim.kernel.plain import Data
    from sim.views.sources import Shown

__all__ = ["after", "as_far_as", "best_of", "comparable", "headline", "middle", "shared_week", "sure"]


def middle(tables: Data, name: str, figure: str) -> float:
    """Return the median of a key figure over the runs of a scenario."""
    return median([float(value) for value in tables[name][figure]])


def shared_week(weekly: pd.DataFrame) -> int | None:
    """Return the last week of the shortest plan if plans differ in length, else None."""
    ends = weekly.groupby("scenario")["week"].max()
    return int(ends.min()) if ends.nunique() > 1 else None


def as_far_as(weekly: pd.DataFrame, week: int, names: Sequence[str]) -> pd.DataFrame:
    """Return the key figures of one scenario up to a week, one row per seed."""
    import pandas as pd

    rows = {seed: figures_of(run[run["week"] <= week], run.iloc[:0], names)
            for seed, run in weekly.groupby("seed")}
    return pd.DataFrame.from_dict(rows, orient="index")


def comparable(result: Shown, names: Sequence[str], figures: Any) -> tuple[Data, int | None]:
    """Return the key figures of each scenario and, if plans differ in length, the last week of the shortest.

    The figures are then those at that week. `figures` returns all key figures of a scenario.
    """
    weekly = sources.table(result, "weekly")
    week = shared_week(weekly)
    if week is None:
        return {name: figures(result, name) for name in names}, None
    of = [figure.name for figure in FIGURES.values() if not figure.people]
    return {name: as_far_as(weekly[weekly["scenario"] == name], week, of) for name in names}, week


def after(said: str, lang: str, week: int | None) -> str:
    """Return a sentence, with the last week compared if plans differ in length."""
    return said if week is None else say("h after", lang, week=week) + said


def headline(tables: Data, lang: str, week: int | None = None) -> str:
    """Return the headline; a neutral one when no message is certain.

    `week` is the last week compared, if plans differ in length.
    """
    return after(_headline(tables, lang), lang, week)


def _headline(tables: Data, lang: str) -> str:
    names = list(tables)
    first = names[0]
    if len(names) == 1:
        profit, lost = middle(tables, first, "brand_profit"), middle(tables, first, "lost_money")
        people = middle(tables, first, "ever_joined")
        said = amount(abs(profit), "fen", lang)
        key = "h gain" if profit >= 0 else "h loss"
        if people == 0:
            return say(f"{key} nobody", lang, profit=said)
        if people >= FEW and math.isfinite(lost):
            return say(f"{key} lost", lang, profit=said, lost=amount(lost, "share", lang))
        return say(key, lang, profit=said)
    best = max(names, key=lambda name: middle(tables, name, "brand_profit"))
    others = [name for name in names if name != best]
    if all(sure(tables[other], tables[best], "brand_profit") > 0 for other in others):
        fair, near = best_of(tables, "lost_money", lang)
        key = "h best only" if near or len(fair) == len(names) or not fair else \
            "h best both" if fair == [best] else "h best"
        return say(key, lang, best=best, fair=(" 和 " if lang == "zh" else " and ").join(fair),
                   profit=amount(middle(tables, best, "brand_profit"), "fen", lang),
                   lost=amount(middle(tables, fair[0], "lost_money"), "share", lang) if fair else "")
    return say("h open", lang, names=("、" if lang == "zh" else ", ").join(names))


def best_of(tables: Data, figure: str, lang: str) -> tuple[list[str], list[str]]:
    """Return the scenarios that are best by a key figure, and those that may be as good.

    The first list holds all whose numbers read the same; the second those that may be behind by luck only.
    """
    known = FIGURES[figure]
    better = known.better or 1
    values = {name: value for name in tables if math.isfinite(value := middle(tables, name, figure))}
    if not values:
        return [], []
    first = max(values, key=lambda name: better * values[name])
    behind = [name for name in values if name != first
              and sure(tables[name], tables[first], figure) * better <= 0]
    same = [name for name in behind
            if amount(values[name], known.unit, lang) == amount(values[first], known.unit, lang)]
    return [first, *same], [name for name in behind if name not in same]


def sure(first: Any, other: Any, figure: str) -> int:
    """Return 1 if the other is surely above the first, -1 if surely below, 0 if it may be luck."""
    both = first.index.intersection(other.index)
    pair = paired(first.loc[both, figure], other.loc[both, figure], bounds=FIGURES[figure].bounds)
    return 0 if pair.identical else pair.difference.direction

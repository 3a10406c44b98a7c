"""The measures of a sweep, which its page, sentences, charts and maps share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.runs.figures import FIGURES
from sim.texts import _, speaking

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.measures import Measure

__all__ = ["MOST", "labelled", "measured", "said_of"]

MOST = 4
"""Largest number of measures that are drawn."""
USUAL = ("brand_profit", "lost_money", "end_active", "trust")
"""Key figures that are drawn if the study names no measures."""


def measured(result: Any, scenario: str | None = None) -> tuple[pd.DataFrame, list[Measure]]:
    """Return a table with the settings and measures of each run, and the measures, those to draw first.

    They are the study's measures in its order or, if it has none, the key figures of comparisons.
    """
    from sim.studies.sweep import sweep_of

    runs = getattr(result, "_result", result)  # with the names of its design
    found = sweep_of(runs)
    table = found.table
    if scenario is not None:
        said = dict(zip(runs.design.labels, result.design.labels, strict=True))
        table = table[table["scenario"].astype(str).replace(said) == scenario]
    if runs.design.study.get("measures"):
        return table, list(found.of)
    wanted = [FIGURES[name].label for name in USUAL]
    order = {one.text: wanted.index(one.label) if one.label in wanted else len(wanted) for one in found.of}
    return table, sorted(found.of, key=lambda one: order[one.text])


def said_of(result: Any, scenario: str | None, lang: str) -> list[str]:
    """Return the range of each measure over a sweep, with the settings at its ends."""
    from sim.studies.sweep import Sweep

    table, measures = measured(result, scenario)
    if not len(table):
        return []
    runs = getattr(result, "_result", result)
    with speaking(lang):
        return Sweep(runs, tuple(measures), table).verdicts()


def labelled(one: Measure, lang: str) -> str:
    """Return the label of a measure in a language."""
    with speaking(lang):
        return _(one.label)

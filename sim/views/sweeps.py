"""What a sweep measured, for its page and its picture: the same measures in sentences, charts and maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.runs.figures import FIGURES
from sim.texts import _, speaking

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.measures import Measure

__all__ = ["MOST", "labelled", "measured", "said_of"]

MOST = 4
"""Measures that are drawn."""
USUAL = ("brand_profit", "lost_money", "end_active", "trust")
"""Key figures that are drawn where a study names no measures of its own."""


def measured(result: Any, scenario: str | None = None) -> tuple[pd.DataFrame, list[Measure]]:
    """Return one row per run with its settings and measures, and the measures, those to draw first.

    They are the study's own, in its order; where it has none, the key figures that a comparison takes.
    """
    from sim.studies.sweep import sweep_of

    runs = getattr(result, "_result", result)  # with the names that its design has
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
    """Return between which values each measure moves over a sweep, and at which settings."""
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

"""Measures: one number per run, computed from its weekly table."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.runs.figures import FIGURES, KEY_FIGURES
from sim.runs.figures import STANDARD as FIGURES_TO_COMPARE
from sim.studies.people import OfResellers, of_resellers
from sim.texts import LANGUAGES, _, speaking
from sim.texts.numbers import said, said_gap

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs.figures import KeyFigure
    from sim.runs.results import Runs
    from sim.scenario.expect import Figure

__all__ = ["STANDARD", "Measure", "is_called", "measure", "measures", "said", "said_gap",
           "table_of"]

STANDARD: tuple[str, ...] = tuple(
    name if FIGURES[name].read or "/" in FIGURES[name].formula else FIGURES[name].formula
    for name in FIGURES_TO_COMPARE)
"""The default measures: key figures as formulas, or by their names."""

_KEY_FIGURES = {
    **{figure.formula: figure for figure in KEY_FIGURES if figure.read is None},
    **{figure.name: figure for figure in KEY_FIGURES if not figure.people},
}




@functools.cache
def _called() -> dict[str, str]:
    """Return key figures by their names and their labels in every language."""
    found: dict[str, str] = {}
    for figure in KEY_FIGURES:
        if figure.people:
            continue
        text = figure.name if figure.read else figure.formula
        found[figure.name.lower()] = found[figure.label.lower()] = text
        for lang in LANGUAGES:
            with speaking(lang):
                found[_(figure.label).lower()] = text
    return found


def is_called(text: str) -> bool:
    """Return whether a text is the name or a label of a key figure."""
    return text.strip().lower() in _called()


RUNG = re.compile(r"@(\d{1,2})\b")
"""The tier after a column of the table of tiers, as in ``shipments@0``; 0 is the top."""


@dataclass(frozen=True)
class OfTier:
    """A figure from the table of tiers for one tier: ``sum(shipments@0 from week 1 to 4)``."""

    figure: Figure
    rung: int

    def columns(self) -> list[str]:
        """Return the columns it is read from."""
        return list(self.figure.columns())

    def unit(self, columns: Mapping[str, str]) -> str:
        """Return the unit of the number."""
        return str(self.figure.unit(columns))

    def value(self, tiers: Any) -> float:
        """Return the number in the table of tiers of one run."""
        return float(self.figure.value(tiers[tiers["tier"] == self.rung].reset_index(drop=True)))


@dataclass(frozen=True)
class Measure:
    """A number computed from a weekly table.

    Attributes
    ----------
    text
        As it was written: ``cumulative(sell_through)``, ``trust_mean at week 52``,
        ``first week loss_share > 70%``.
    label
        What it means, in English.
    unit
        Unit of the number: that of its column (money in fen), or ``week``.
    figure
        The parsed text.
    bounds
        Smallest and largest possible value.
    """

    text: str
    label: str
    unit: str
    figure: Figure | KeyFigure | OfTier | OfResellers
    bounds: tuple[float, float] = (-math.inf, math.inf)

    @property
    def table(self) -> str:
        """The table that it is computed from."""
        return "resellers" if isinstance(self.figure, OfResellers) else \
            "tiers" if isinstance(self.figure, OfTier) else "weekly"

    @property
    def of_resellers(self) -> bool:
        """Whether it is computed from the resellers' table."""
        return self.table == "resellers"

    def of(self, weekly: pd.DataFrame) -> float:
        """Return the number for one run, from its table; NaN if there is none.

        A run without the custom rule that reports a column has no number.
        """
        if any(column not in weekly for column in self.figure.columns()):
            return math.nan
        return float(self.figure.value(weekly))


def measure(text: str, weeks: int | None = None) -> Measure:
    """Return the measure that `text` describes.

    Raises
    ------
    UsageError
        When it cannot be understood, or asks for a column or a week that does not exist.
    """
    from sim.market.outputs import TIERS, weekly_outputs
    from sim.scenario.expect import ExpectationError, Figure
    from sim.scenario.problems import did_you_mean

    units = {column.name: column.unit for column in weekly_outputs()}
    known = _KEY_FIGURES.get(text) if text not in units else None
    if known is None and text not in units and (named := _called().get(text.strip().lower())):
        known = _KEY_FIGURES[named]
    if known is not None:
        return Measure(text, known.label, known.unit, known, known.bounds)
    people = of_resellers(text)
    if people is not None:
        return Measure(text, text, people.unit, people,
                       (0.0, 1.0) if people.unit == "share" else (-math.inf, math.inf))
    rungs = {int(found) for found in RUNG.findall(text)}
    if rungs:
        units = {column.name: column.unit for column in TIERS}
    try:
        if len(rungs) > 1:
            raise ExpectationError(_("a measure is of one tier"))
        whole = Figure.parse(RUNG.sub("", text), units, weeks)
        figure = OfTier(whole, rungs.pop()) if rungs else whole
    except ExpectationError as error:
        hint = did_you_mean(text.strip().lower(), _called())
        what = str(error).partition(_("; "))[0] + _("; ") + hint if hint else str(error)
        raise UsageError(_("measure '{text}': {what}").format(text=text[:200], what=what)) from None
    columns = figure.columns()
    if not columns:
        raise UsageError(_("measure '{text}' reads no column").format(text=text[:200]))
    unit = figure.unit(units)
    bounds = (0.0, 1.0) if unit == "share" else (-math.inf, math.inf)
    return Measure(text, text, unit, figure, bounds)


def measures(texts: Iterable[str] | None = None, weeks: int | None = None) -> tuple[Measure, ...]:
    """Return the measures of these texts, by default the standard ones."""
    chosen = tuple(measure(text, weeks) for text in (STANDARD if texts is None else texts))
    if len({one.label for one in chosen}) < len(chosen):  # maybe by two of its names
        raise UsageError(_("the same measure is given twice"))
    return chosen


def table_of(runs: Runs, of: Sequence[Measure], *, whole: bool = False) -> pd.DataFrame:
    """Return one row per finished run: varied settings, scenario, seed, and each measure.

    The `whole` table also has a row without numbers for each unfinished run.
    """
    import pandas as pd

    columns = {table: sorted({column for one in of if one.table == table
                              for column in one.figure.columns()})
               for table in dict.fromkeys(("weekly", *(one.table for one in of)))}
    if "tiers" in columns:
        columns["tiers"] = sorted({*columns["tiers"], "week", "tier"})
    rows = []
    done = set(runs.done)
    for run in range(len(runs.design)) if whole else runs.done:
        if run not in done:
            rows.append(runs.who(run) | {one.text: math.nan for one in of})
            continue
        tables = {table: runs.table_of_run(run, table, names) for table, names in columns.items()}
        rows.append(runs.who(run) | {one.text: one.of(tables[one.table]) for one in of})
    names = [*runs.design.keys, "scenario", "seed", *(one.text for one in of)]
    return pd.DataFrame(rows, columns=names)

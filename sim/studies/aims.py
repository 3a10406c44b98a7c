"""Targets as users write them: figures with their error, bands, and series from a file."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.studies.inference.targets import Target
from sim.studies.measures import measure
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ERROR", "figure_target", "read_series", "series_of", "target_of", "targets_of"]

ERROR = 0.05
"""Standard error of a figure without one, as a share of the figure."""
NUMBER_OR_NOTHING = re.compile(r"\.\.\.?|…")


def target_of(text: str) -> Target:
    """Return the target of ``MEASURE=70%``, ``MEASURE=70% +- 5%`` or ``MEASURE=40%..60%``.

    The number after +- is a standard error in the unit of the measure. One end of a band may be omitted.

    Raises
    ------
    UsageError
        When it cannot be understood.
    """
    name, equals, rest = (part.strip() for part in text.rpartition("="))
    if not equals or not name or name[-1] in "<>=!" or not rest:
        raise UsageError(_(
            "write a target such as 'loss_share at end=70%', '...=70% +- 5%' or '...=40%..60%', not "
            "'{text}'").format(text=text[:80]))
    figure, plus, error = (part.strip() for part in re.sub("±|\\+/-", "+-", rest).partition("+-"))
    ends = [part.strip() for part in NUMBER_OR_NOTHING.split(figure)]
    if plus and (not error or len(ends) > 1):
        raise UsageError(_("target '{text}': after +- comes the standard error of a figure").format(
            text=text[:80]))
    if len(ends) > 2 or not any(ends):
        raise UsageError(_("target '{text}': write a band such as 40%..60%").format(text=text[:80]))
    if len(ends) == 1:
        value = _figure(text, figure)
        return figure_target(name, value, _figure(text, error) if plus else None)
    low = _figure(text, ends[0]) if ends[0] else -math.inf
    high = _figure(text, ends[1]) if ends[1] else math.inf
    if not low < high:
        raise UsageError(_("target '{text}': the band ends below its beginning").format(
            text=text[:80]))
    return Target(name, low, high)


def _figure(text: str, said: str) -> float:
    from sim.scenario.expect import ExpectationError, Figure

    try:
        return float(Figure.parse(said, {}).value({"week": [1]}))
    except (ExpectationError, UsageError):
        raise UsageError(_("target '{text}': '{figure}' is no figure; write such as 70%, 1200 or 3500 CNY")
                         .format(text=text[:80], figure=said[:40])) from None


def figure_target(name: str, value: float, error: float | None = None, group: str = "") -> Target:
    """Return a figure as a target; the default error is 5 % of it."""
    if not math.isfinite(value):
        raise UsageError(_("target '{text}': a figure is a finite number").format(text=name[:80]))
    if error is not None and not 0 <= error < math.inf:
        raise UsageError(_("target '{text}': a standard error is a number from 0 on").format(
            text=name[:80]))
    return Target(name, value, value, ERROR * abs(value) if error is None else error, group)


def targets_of(given: Any, weeks: int) -> tuple[Target, ...]:
    """Return targets given as a map, as texts, or as target objects.

    A map gives for each measure a figure, a pair (figure, standard error), or a text such as
    ``40%..60%``; a table with a column ``week`` gives series.
    """
    if hasattr(given, "columns"):
        return series_of(given, weeks)
    if isinstance(given, Mapping):
        return tuple(_of_pair(str(name), value) for name, value in given.items())
    found: list[Target] = []
    for one in [given] if isinstance(given, (str, Target)) else given:
        found.append(one if isinstance(one, Target) else target_of(str(one)))
    return tuple(found)


def _of_pair(name: str, value: Any) -> Target:
    if isinstance(value, str):
        return target_of(f"{name}={value}")
    if isinstance(value, Sequence) and len(value) == 2:
        return figure_target(name, float(value[0]), float(value[1]))
    return figure_target(name, float(value))


def series_of(table: pd.DataFrame, weeks: int) -> tuple[Target, ...]:
    """Return the targets of a table with a column ``week`` and columns of the weekly table.

    A column ``NAME error`` holds standard errors of NAME; an empty cell is a gap.

    Raises
    ------
    UsageError
        For a column that no weekly table has, or a week that the scenario does not reach.
    """
    if "week" not in table.columns:
        raise UsageError(_("a series needs a column 'week'; there are: {names}").format(
            names=", ".join(map(str, table.columns))))
    found = []
    for name in (str(name) for name in table.columns):
        if name == "week" or name.endswith(" error"):
            continue
        for place, week in enumerate(table["week"]):
            value = table[name].iloc[place]
            if value is None or value != value:
                continue
            text = f"{name} at week {week}"
            measure(text, weeks)
            error = None
            if f"{name} error" in table.columns:
                error = float(table[f"{name} error"].iloc[place])
            found.append(figure_target(text, float(value), error, name))
    if not found:
        raise UsageError(_("the table holds no figure"))
    return tuple(found)


def read_series(path: str | os.PathLike[str], weeks: int) -> tuple[Target, ...]:
    """Return the targets of a CSV or Parquet file.

    Raises
    ------
    UsageError
        When it is not such a table.
    """
    import pandas as pd

    path = Path(path)
    try:
        table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except (ValueError, UnicodeDecodeError) as error:
        raise UsageError(_("{path} is no table: {what}").format(
            path=path, what=str(error).splitlines()[0])) from None
    for name in table.columns:
        for place, value in enumerate(table[name]):
            try:
                float(value)
            except (TypeError, ValueError):
                raise UsageError(_("{path}: row {row}, column '{name}': a number is needed, not '{value}'")
                                 .format(path=path, row=place + 2, name=name,
                                         value=str(value)[:40])) from None
    if "week" in table.columns:
        table["week"] = table["week"].astype(int)
    return series_of(table, weeks)

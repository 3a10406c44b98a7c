"""Flows around a week: which changed most, and their sources and targets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.kernel import np
from sim.runs.statistics import MIN_PAIRS, Interval, interval
from sim.studies.turning import MONTH, Curves
from sim.texts import _, mark

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FLOWS", "Flow", "flows_around"]

SHOWN = 3
"""Flows reported for each of goods, money and persons."""


@dataclass(frozen=True)
class Flow:
    """A weekly flow from a source to a target: the sum of some weekly columns minus others."""

    name: str
    unit: str
    source: str
    target: str
    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The weekly columns of the flow."""
        return (*self.plus, *self.minus)

    def of(self, run: Curves) -> np.ndarray:
        """Return the flow in each week of a run."""
        flow: Any = sum(run[name] for name in self.plus) - sum(run[name] for name in self.minus)
        return flow


BRAND, CHANNEL, HOMES = mark("the brand"), mark("the channel"), mark("homes")
LEAVERS, RESELLERS, CONSUMERS = mark("leavers"), mark("resellers"), mark("consumers")
PERSONS, LEGACY = mark("other persons"), mark("the legacy channel")

FLOWS = (
    Flow(mark("production"), "units", mark("the factory"), BRAND, ("produced",)),
    Flow(mark("sell-in"), "units", BRAND, CHANNEL, ("sell_in",)),
    Flow(mark("sales of resellers from stock"), "units", CHANNEL, HOMES,
         ("sell_through",), ("direct_sales",)),
    Flow(mark("deliveries of the brand"), "units", BRAND, HOMES, ("direct_sales",)),
    Flow(mark("trials"), "units", BRAND, HOMES, ("trials",)),
    Flow(mark("dumping"), "units", LEAVERS, HOMES, ("dumped",)),
    Flow(mark("own use of leavers"), "units", LEAVERS, HOMES, ("self_consumed",)),
    Flow(mark("buy-back"), "units", CHANNEL, BRAND, ("bought_back",)),
    Flow(mark("spoilt goods"), "units", LEAVERS, mark("nobody"), ("written_off",)),
    Flow(mark("sales of the legacy channel"), "units", LEGACY, HOMES, ("purchases_legacy",)),
    Flow(mark("consumption"), "units", HOMES, mark("nobody"), ("consumed",)),
    Flow(mark("retail revenue"), "fen", CONSUMERS, mark("resellers and the brand"), ("revenue_retail",)),
    Flow(mark("revenue of dumping"), "fen", CONSUMERS, LEAVERS, ("revenue_dumped",)),
    Flow(mark("joining fees"), "fen", mark("joiners"), mark("the brand and uplines"), ("entry_payments",)),
    Flow(mark("income of uplines"), "fen", mark("downlines and the brand"), mark("uplines"),
         ("upline_payments",)),
    Flow(mark("revenue of the brand"), "fen", mark("resellers and consumers"), BRAND, ("revenue_brand",)),
    Flow(mark("refunds"), "fen", BRAND, mark("resellers and leavers"), ("refunds",)),
    Flow(mark("joins"), "persons", PERSONS, RESELLERS, ("joins",)),
    Flow(mark("exits"), "persons", RESELLERS, PERSONS, ("exits",)),
    Flow(mark("new customers"), "persons", PERSONS, mark("customers"), ("new_customers",)),
    Flow(mark("lapsed customers"), "persons", mark("customers"), PERSONS, ("customers_lost",)),
)
"""The flows of goods, money and persons that are compared."""


def _means(values: np.ndarray, week: int) -> tuple[float, float]:
    """Return the means of the `MONTH` weeks before a week and from it on."""
    place = week - 1
    return (float(values[max(0, place - MONTH): place].mean()),
            float(values[place: place + MONTH].mean()))


def flows_around(runs: Sequence[Curves], week: int) -> pd.DataFrame:
    """Return every flow before a week and from it on, the strongest changes of each unit first.

    Parameters
    ----------
    runs
        Runs of one scenario.
    week
        The four weeks before this week are compared with the four from it on.

    Returns
    -------
    pandas.DataFrame
        One row per flow that is not zero: ``flow, unit, source, target, columns``, weekly means
        ``before`` and ``after`` (over the runs), ``change`` with ``low`` and ``high`` (95 % interval
        over the runs; NaN below four), and ``rarer``: the share of the runs' other weeks in which the
        change was smaller.

    Raises
    ------
    UsageError
        For a week that is not between the second and the last.
    """
    import pandas as pd

    weeks = min(run.weeks for run in runs)
    if not 2 <= week <= weeks:
        raise UsageError(_("flows are compared around a week from 2 to {last}, not {week}").format(
            last=weeks, week=week))
    rows = []
    for flow in FLOWS:
        if any(name not in run for run in runs for name in flow.columns):
            continue
        curves = [flow.of(run) for run in runs]
        sides = [_means(values, week) for values in curves]
        gaps = [after - before for before, after in sides]
        if not any(gaps):
            continue
        found = interval(gaps)
        if len(gaps) < MIN_PAIRS:
            found = Interval(found.mean, math.nan, math.nan, found.count)
        rows.append({
            "flow": flow.name, "unit": flow.unit, "source": flow.source, "target": flow.target,
            "columns": " - ".join(filter(None, (" + ".join(flow.plus), " - ".join(flow.minus)))),
            "before": float(np.mean([before for before, _after in sides])),
            "after": float(np.mean([after for _before, after in sides])),
            "change": found.mean, "low": found.low, "high": found.high,
            "rarer": float(np.mean([_rarer(values, week) for values in curves])),
        })
    table = pd.DataFrame(rows, columns=[
        "flow", "unit", "source", "target", "columns", "before", "after", "change", "low", "high", "rarer"])
    order = {unit: place for place, unit in enumerate(("units", "fen", "persons"))}
    return table.sort_values(
        ["unit", "change"], kind="stable", ignore_index=True,
        key=lambda column: column.map(order) if column.name == "unit" else -column.abs())


def _rarer(values: np.ndarray, week: int) -> float:
    """Return the share of the other weeks in which the change was smaller."""
    size = abs(np.subtract(*_means(values, week)))
    others = [abs(np.subtract(*_means(values, other)))
              for other in range(2, len(values) + 1) if other != week]
    return float(np.mean([other < size for other in others])) if others else math.nan

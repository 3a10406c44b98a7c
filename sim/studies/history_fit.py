"""Fitting to a history: its numbers as targets, and how well the last quarter would have been predicted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.kernel import np
from sim.scenario.history_files import History, Observation
from sim.studies.inference.search import Posterior, learn
from sim.studies.inference.targets import Target
from sim.studies.spans import over
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

__all__ = ["Backtest", "backtest", "error_of", "read_kept", "span_of", "targets_of_history", "write_kept"]

DISCREPANCY = 0.10
"""Default standard error of a figure, as a share of it: errors of counting, and of the model even with
the right settings."""
OF_SHARES = 0.03
"""The same for shares, in points."""
HELD_OUT = 0.25
"""Share of the history that a backtest does not see."""
LEAST = 4
"""Least number of months, or weeks, that a backtest needs."""
FILE = "history.json"


def error_of(one: Observation, unit: str = "") -> float:
    """Return the standard error of an observation."""
    if one.error is not None:
        return one.error
    if unit == "share" or (one.how == "mean" and 0.0 <= one.value <= 1.0):
        return OF_SHARES
    # A count of n has at least the error of its square root.
    return float(max(DISCREPANCY * abs(one.value), np.sqrt(max(abs(one.value), 1.0))
                     if one.how != "mean" else 0.0, 1e-9))


def targets_of_history(history: History) -> tuple[Target, ...]:
    """Return the observations as targets, grouped by series."""
    return tuple(Target(one.measure, one.value, one.value, error_of(one), one.series)
                 for one in history.observations)


def span_of(scenario: Scenario, history: History) -> Scenario:
    """Return the scenario cut to the length of the history: later weeks do not inform the fit."""
    last = history.last
    if last == scenario.weeks:
        return scenario
    return over(scenario, last)


@dataclass(frozen=True)
class Backtest:
    """How well the end of a history would have been predicted from the earlier part.

    Attributes
    ----------
    table
        One row per observation held out: series, said, first, last, observed, median, low50, high50,
        low90, high90.
    known
        Last week that the fit saw.
    """

    table: pd.DataFrame
    known: int

    def inside(self, band: int) -> float:
        """Return the share of the observations that fell into the 50 % or the 90 % band."""
        table = self.table
        held = (table["observed"] >= table[f"low{band}"]) & (table["observed"] <= table[f"high{band}"])
        return float(held.mean())


def backtest(
    found: Posterior, targets: Sequence[Target], bounds: Sequence[tuple[float, float]], history: History,
) -> Backtest | None:
    """Return how well the last quarter of a history would have been predicted; None if it is short.

    The runs of the search are reused: settings are inferred from the earlier months alone, and the later
    months are predicted from these settings, with the luck of a run and the error of counting.
    """
    import pandas as pd

    ends = sorted({one.last for one in history.observations})
    if len(ends) < LEAST:
        return None
    known = ends[len(ends) - max(1, round(HELD_OUT * len(ends))) - 1]
    by_name = {one.measure: one for one in history.observations}
    late = [place for place, one in enumerate(targets)
            if one.name in by_name and by_name[one.name].last > known]
    early = [place for place in range(len(targets)) if place not in set(late)]
    if not late or not early:
        return None
    before = _learnt(found, targets, bounds, early)
    after = _learnt(found, targets, bounds, late)
    points = before[0].plausible(found.runs.shares.shape[1], 500, seed=7)
    mean = after[0].predicted(points)
    rng = np.random.default_rng(11)
    spread = np.sqrt(after[0].deviation(points) ** 2 + after[0].error**2)
    drawn = mean + spread * rng.standard_normal(mean.shape)
    rows = []
    for number, place in enumerate(late):
        one = by_name[targets[place].name]
        ends_of = np.quantile(drawn[:, number], [0.05, 0.25, 0.5, 0.75, 0.95])
        low90, low50, median, high50, high90 = (
            _back(after[1][number], float(end)) for end in ends_of)
        rows.append({"series": one.series, "said": one.said, "first": one.first, "last": one.last,
                     "observed": one.value, "median": median, "low50": low50, "high50": high50,
                     "low90": low90, "high90": high90})
    return Backtest(pd.DataFrame(rows), known)


def _learnt(
    found: Posterior, targets: Sequence[Target], bounds: Sequence[tuple[float, float]],
    places: Sequence[int],
) -> tuple[Any, Any]:
    """Return the likelihood of some of the targets, from all runs of the search."""
    from dataclasses import replace

    runs = replace(found.runs, values=found.runs.values[:, list(places)])
    return learn(runs, [targets[place] for place in places], [bounds[place] for place in places])


def _back(scale: Any, value: float) -> float:
    """Return a number on the scale of its measure."""
    if scale.kind == "log":
        return float(max(0.0, np.exp(value) - scale.offset))
    if scale.kind == "logit":
        odds = np.exp(value)
        return float(np.clip(odds * (1.0 + 2.0 * scale.offset) / (1.0 + odds) - scale.offset, 0.0, 1.0))
    return value


def write_kept(history: History, path: Path) -> None:
    """Write a history into a results folder, as plain data."""
    path.write_text(json.dumps({
        "observations": [asdict(one) for one in history.observations], "notes": list(history.notes),
    }, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def read_kept(folder: Path, name: str = FILE) -> History:
    """Return the history of a fit; `name` is that of the file.

    Raises
    ------
    UsageError
        For a folder without one.
    """
    file = folder / name
    if not file.exists():
        raise UsageError(_(
            "{path} holds no fit to a history; make one with `weishang calibrate SCENARIO --history FILE`")
            .format(path=folder))
    data = json.loads(file.read_text(encoding="utf-8"))
    return History(tuple(Observation(**one) for one in data["observations"]), tuple(data["notes"]))

"""Updating an outlook: newer months change the weights of worlds, and so the forecast.

Nothing is fitted again: the worlds of the fit are run to the end of the newer history, and those that
match the new months count more. The expectation for these months, the outlook before and after, and the
settings that moved all come from the same runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.kernel import np
from sim.runs.design import Design
from sim.runs.many import run_many
from sim.scenario.history_files import History
from sim.studies.measures import measure, table_of
from sim.studies.particles import chances_of_runs, mean_of, quantiles_of
from sim.texts import _

if TYPE_CHECKING:
    from typing import Unpack

    import pandas as pd

    from sim.runs.many import EngineOptions
    from sim.runs.results import Runs

__all__ = ["Update", "moved", "newer", "watched"]

FEW_MOVED = 3
"""Number of settings named, those that moved most."""
SOME = 0.25
"""Standard deviations by which a setting must move to be named."""


@dataclass(frozen=True)
class Update:
    """The effect of newer months.

    Attributes
    ----------
    observations
        Number of new figures; `in50` and `in90` of them lay in the bands predicted for them.
    settings
        One row per setting: its mean before and after, and by how many standard deviations it moved.
    before
        Weight of each future before the new months, in the order of the particles' seeds.
    """

    observations: int
    in50: int
    in90: int
    settings: pd.DataFrame
    before: Any


def newer(known: History, history: History) -> History:
    """Return the part of a history that a fit has not seen.

    Raises
    ------
    UsageError
        When there is none.
    """
    rows = tuple(one for one in history.observations if one.last > known.last)
    if not rows:
        raise UsageError(_(
            "the history holds nothing after week {week}, up to which the fit knows it").format(
                week=known.last))
    return History(rows)


def watched(fitted: Any, history: History, **engine: Unpack[EngineOptions]) -> Any:
    """Return the runs of a fit, continued to the end of a newer history."""
    base = fitted.design.scenarios[0].changed({"weeks": history.last})
    return run_many(Design.of(base, fitted.design.seeds, worlds=fitted.design.worlds), **engine)


def moved(
    runs: Runs, known: History, history: History, seeds: tuple[int, ...]
) -> Update:
    """Return the effect of newer months; `seeds` are those of the futures that are continued."""
    import pandas as pd

    before, after = chances_of_runs(runs, known)[0], chances_of_runs(runs, history)[0]
    fresh = newer(known, history).observations
    read = [measure(one.measure) for one in fresh]
    table = table_of(runs, read)
    in50 = in90 = 0
    for one, how in zip(fresh, read, strict=True):
        low90, low50, high50, high90 = quantiles_of(
            table[how.text].to_numpy(float), before, (0.05, 0.25, 0.75, 0.95))
        in50 += low50 <= one.value <= high50
        in90 += low90 <= one.value <= high90
    worlds = runs.design.worlds
    rows = []
    order = table["seed"].to_numpy(int)
    assert worlds is not None  # a fit has worlds
    for key in worlds.keys:
        values = np.array([float(worlds.of(int(seed))[key]) for seed in order])
        was, now = mean_of(values, before), mean_of(values, after)
        spread = float(np.sqrt(max(1e-300, mean_of((values - was)**2, before))))
        rows.append({"setting": key, "before": was, "after": now, "moved": (now - was) / spread})
    place = {int(seed): number for number, seed in enumerate(order)}
    kept = np.array([before[place[seed]] for seed in seeds])
    return Update(len(fresh), int(in50), int(in90), pd.DataFrame(rows), kept / max(kept.sum(), 1e-300))

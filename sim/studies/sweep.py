"""Sweeps: many runs over varied settings, and their results point by point."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.runs.design import Design
from sim.runs.folder import default_folder, run_into
from sim.runs.many import TIMEOUT, Progress, run_many
from sim.runs.reading import Results
from sim.runs.results import Runs
from sim.runs.statistics import interval
from sim.runs.tables import for_spreadsheets
from sim.studies.gaps import named_point, refuse_all_failed, told_gaps
from sim.studies.measures import Measure, said, table_of
from sim.studies.measures import measures as read_measures
from sim.studies.plans import Plan
from sim.texts import _
from sim.texts.numbers import begun

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from sim.kernel.plain import Data
    from sim.runs.many import EngineOptions
    from sim.studies.running import Out

__all__ = ["Sweep", "publish_measures", "sweep", "sweep_of"]


@dataclass
class Sweep:
    """The runs of a study and their measures.

    Attributes
    ----------
    runs
        All runs; in ``runs.weekly`` and the other tables each varied setting is a column.
    of
        The measures.
    table
        One row per run: varied settings, scenario, seed, and each measure.
    """

    runs: Runs
    of: tuple[Measure, ...]
    table: pd.DataFrame
    confidence: float = 0.95

    @property
    def points(self) -> pd.DataFrame:
        """One row per point and measure: mean over the seeds with its interval."""
        import pandas as pd

        keys = [*self.runs.design.keys, "scenario"]
        rows = []
        for place, group in self.table.groupby(keys, sort=False):
            for one in self.of:
                found = interval(group[one.text], self.confidence)
                rows.append(dict(zip(keys, place, strict=True)) | {
                    "measure": one.text, "unit": one.unit, "mean": found.mean, "low": found.low,
                    "high": found.high, "runs": found.count})
        return pd.DataFrame(rows)

    def verdicts(self) -> list[str]:
        """Return where each measure is lowest and highest, in plain sentences."""
        sentences = []
        points = self.points
        keys = [*self.runs.design.keys, "scenario"]
        for one in self.of:
            mine = points[(points["measure"] == one.text) & points["mean"].notna()]
            if mine.empty:
                sentences.append(_("{what}: no run has this number.").format(what=_(one.label)))
                continue
            sentences += told_gaps(_(one.label), [
                (self._place(dict(zip(keys, place, strict=True))), list(group[one.text]))
                for place, group in self.table.groupby(keys, sort=False)])
            ordered = mine.sort_values("mean", kind="stable")
            low, high = ordered.iloc[0], ordered.iloc[-1]
            if low["mean"] == high["mean"]:
                sentences.append(_("{what}: {value} at every point.").format(
                    what=_(one.label), value=said(low["mean"], one.unit)))
                continue
            sentences.append(_(
                "{what}: from {low} ({low_at}) to {high} ({high_at}), means over the seeds.")
                .format(what=_(one.label), low=said(low["mean"], one.unit),
                        high=said(high["mean"], one.unit), low_at=self._place(low),
                        high_at=self._place(high)))
        return [begun(sentence) for sentence in sentences]

    def _place(self, row: Any) -> str:
        words = named_point({key: row[key] for key in self.runs.design.keys})
        if len(self.runs.design.scenarios) == 1:
            return words
        return ", ".join(filter(None, (words, str(row["scenario"]))))

    def plot(self, what: str | None = None, **options: Any) -> Axes:
        """Draw a picture of the sweep; return its Axes.

        `what` is ``phase_map`` (over the settings `x` and `y`) or ``response`` (over `x`); the default
        depends on the number of varied settings. `value` is a column of the weekly table.
        """
        keys = list(self.runs.design.keys)
        what = what or ("phase_map" if len(keys) > 1 else "response")
        given: Data = {"value": "loss_share", "x": keys[0]}
        if what == "phase_map":
            given["y"] = next((key for key in keys if key != options.get("x", keys[0])), keys[0])
        return self.runs.plot(what, **(given | options if what in ("phase_map", "response") else options))

    def _repr_html_(self) -> str:
        from sim.faces import html

        return html(self, "comparison")

    def __repr__(self) -> str:
        return "\n".join(self.verdicts())


def sweep_of(runs: Runs, of: Iterable[str] | None = None) -> Sweep:
    """Return the sweep of existing runs.

    Raises
    ------
    FailedError
        When every run failed.
    """
    refuse_all_failed(runs.failed.values(), len(runs.done))
    chosen = list(of) if of is not None else list(runs.design.study.get("measures", ())) or None
    read = read_measures(chosen, min(scenario.weeks for scenario in runs.design.scenarios))
    return Sweep(runs, read, table_of(runs, read))


def sweep(
    plan: Plan | Design,
    *,
    measures: Iterable[str] | None = None,
    out: Out = None,
    executor: Executor | None = None,
    workers: int | None = None,
    timeout: float = TIMEOUT,
    progress: Progress | None = None,
) -> Sweep:
    """Run a study and return its measures.

    Parameters
    ----------
    plan
        From a study file (`sim.studies.study_file.read_plan`), made by hand, or a design.
    measures
        Measures instead of the study's own.
    out
        Folder for the results; ``True`` for the default one; without it they stay in memory.
    """
    design = plan.design() if isinstance(plan, Plan) else plan
    chosen = measures if measures is not None else (
        plan.measures if isinstance(plan, Plan) else None)
    engine: EngineOptions = {
        "executor": executor, "workers": workers, "timeout": timeout, "progress": progress}
    if out is None or out is False:
        return sweep_of(run_many(design, **engine), chosen)
    folder = default_folder(design) if out is True else Path(out)
    results = run_into(design, out=folder, **engine)
    found = sweep_of(results, chosen)
    publish_measures(results, found)
    return found


def publish_measures(results: Results, found: Sweep) -> None:
    """Write the measures to the folder, for spreadsheets, unless they exist."""
    text = for_spreadsheets(found.table).encode("utf-8-sig")
    path = results.path / "measures.csv"
    if not path.exists() or path.read_bytes() != text:
        results.publish("measures.csv", lambda temporary: temporary.write_bytes(text),
                        about=[one.text for one in found.of])

"""Common parts of searching studies: a laboratory that runs points of a space of settings."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sim.errors import UsageError, WeishangError
from sim.runs.design import Design, Point
from sim.runs.folder import default_folder, run_into
from sim.runs.many import TIMEOUT, Engine, Progress
from sim.runs.reading import Results
from sim.runs.results import Runs
from sim.runs.reuse import known_beside
from sim.runs.version import code_version
from sim.runs.worlds import Worlds
from sim.scenario.schema import get
from sim.studies.conditions import Condition
from sim.studies.gaps import named_point, refuse_all_failed, told_gaps
from sim.studies.measures import Measure, table_of
from sim.studies.plans import Factor
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd

    from sim.kernel.plain import SomeData
    from sim.scenario.schema import Scenario
    from sim.studies.running import Out

__all__ = ["Lab", "Replaying", "Tally", "folder_of", "named", "need_ranges", "settings_of"]


class Tally:
    """Progress of a study that runs in rounds: runs so far, of all expected runs."""

    def __init__(self, progress: Progress | None, expected: int) -> None:
        self.progress = progress
        self.expected = expected
        self.before = 0

    def __call__(self, done: float, planned: int) -> None:
        """Report progress when `done` of the `planned` runs of a round are finished."""
        if self.progress is not None:
            # Stay below 100 % until `finish`: the number of rounds is a guess.
            whole = max(self.expected, self.before + planned + 1)
            self.progress(self.before + done, whole)

    def round_done(self, runs: int) -> None:
        """Count the runs of a round."""
        self.before += runs

    def skip(self, runs: int) -> None:
        """Say that these runs took no time, since a folder had them."""
        if (skip := getattr(self.progress, "skip", None)) is not None:
            skip(runs)

    def finish(self) -> None:
        """Report that all runs are finished."""
        if self.progress is not None:
            self.progress(self.before, self.before)


class Lab:
    """Runs points over one scenario with the same seeds, on one engine, each point once.

    A run that fails has no number, and a study goes on with the others; `failed` has the reasons. Use it
    as a context manager: it stops its worker processes at the end.

    With a folder `out`, existing runs in it or in folders next to it are reused, and `keep` writes all
    runs of the `study` into it. When the study is stopped, finished runs go into the folder ``out-part``,
    from which the same study can be resumed (`sim.studies.again`).
    """

    def __init__(
        self, scenario: Scenario, keys: Sequence[str], seeds: Iterable[int], of: Sequence[Measure], *,
        executor: Executor | None = None, workers: int | None = None, timeout: float = TIMEOUT,
        progress: Progress | None = None, worlds: Worlds | None = None, out: Path | None = None,
        satisfy: Sequence[Condition] = (), study: Mapping[str, object] | None = None,
    ) -> None:
        self.scenario = scenario
        self.keys = tuple(keys)
        self.seeds = tuple(seeds)
        self.worlds = worlds
        self.of = tuple(of)
        self.satisfy = tuple(satisfy)
        self.study = dict(study or {})
        self.runs_lived = 0
        self.failed: dict[str, str] = {}
        self._finished = 0
        self._progress = progress
        self._rows: dict[tuple[Any, ...], pd.DataFrame] = {}
        self._out = out
        self._asked: dict[tuple[Any, ...], None] = {}
        """Points in the order in which the study asked for them, whatever the source of their runs."""
        self._outcomes: dict[tuple[Any, ...], tuple[bytes | None, str]] = {}
        self._engine = Engine(
            Design.of(scenario, self.seeds), executor=executor, workers=workers, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._engine.__exit__(*error)
        if self._out is not None and error[0] is not None and self._whole():
            part = self._out.with_name(f"{self._out.name}-part")
            shutil.rmtree(part, ignore_errors=True)  # its runs are among those of this search
            with contextlib.suppress(WeishangError, OSError):
                self._write(part, {"kind": "part", "study": self.study})
                if isinstance(error[1], KeyboardInterrupt):
                    error[1].args = (_("interrupted; what is done is kept, go on with: weishang resume "
                                       "{path}").format(path=part),)

    def keep(self) -> Results | None:
        """Write all runs and a description of the study into the folder; None without a folder."""
        if self._out is None:
            return None
        results = self._write(self._out, self.study)
        part = self._out.with_name(f"{self._out.name}-part")
        if (part / "runs.journal").exists():
            shutil.rmtree(part, ignore_errors=True)
        return results

    def _write(self, folder: Path, study: Mapping[str, object]) -> Results:
        design = Design.of(
            self.scenario, self.seeds, keys=self.keys, points=[Point(0, point) for point in self._whole()],
            worlds=self.worlds, study=study)
        with Replaying(self.keys, self._outcomes) as executor:
            results = run_into(design, out=folder, executor=executor, reuse=False)
        results.lived = self.runs_lived
        return results

    def _whole(self) -> list[tuple[Any, ...]]:
        """Return the points that have been run with every seed."""
        return [point for point in self._asked
                if all((*point, seed) in self._outcomes for seed in self.seeds)]

    def live(self, points: Sequence[tuple[Any, ...]]) -> Runs:
        """Return the runs of these points (values in the order of the keys)."""
        design = Design.of(
            self.scenario, self.seeds, keys=self.keys,
            points=[Point(0, tuple(point)) for point in dict.fromkeys(points)], worlds=self.worlds)
        packed: dict[int, bytes] = {}
        failed: dict[int, str] = {}
        self._asked |= dict.fromkeys(point.values for point in design.points)

        def keep(run: int, tables: bytes | None, reason: str) -> None:
            if tables is None:
                failed[run] = reason
            else:
                packed[run] = tables
            if self._out is not None:
                point, seed = design.of_run(run)
                self._outcomes[*design.points[point].values, seed] = (tables, reason)

        known = {} if self._out is None else known_beside(self._out, design)
        for run, tables in known.items():
            keep(run, tables, "")
        todo = [run for run in range(len(design)) if run not in known]
        self._engine.over(design).live(todo, keep, self._progress)
        self._finished += len(packed)
        refuse_all_failed(failed.values(), self._finished)
        self.failed |= {design.describe(run): reason for run, reason in failed.items()}
        self.runs_lived += len(todo)
        if isinstance(self._progress, Tally):
            self._progress.round_done(len(design))
            self._progress.skip(len(known))
        return Runs(design, packed, failed)

    def measured(self, points: Sequence[tuple[Any, ...]]) -> list[pd.DataFrame]:
        """Return for each point a table of one row per seed with the measures.

        With conditions also ``met``, whether all of them hold, and ``shortfall``, the mean distance from
        meeting them (`Condition.shortfall`); a failed run meets none.
        """
        new = [point for point in dict.fromkeys(points) if point not in self._rows]
        if new:
            runs = self.live(new)
            table = table_of(runs, self.of, whole=True)
            if self.satisfy:
                table = table.assign(**self._conditions(runs))
            count = len(self.seeds)
            for place, point in enumerate(new):
                self._rows[point] = table.iloc[place * count : (place + 1) * count]
        return [self._rows[point] for point in points]

    def _conditions(self, runs: Runs) -> dict[str, list[Any]]:
        """Return for every run whether it meets the conditions, and its distance from meeting them."""
        done = set(runs.done)
        met, far = [], []
        for run in range(len(runs.design)):
            met.append(run in done and all(bool(one.holds(runs, run)) for one in self.satisfy))
            missed = [one.shortfall(runs, run) for one in self.satisfy] if run in done else [1.0]
            far.append(sum(missed) / len(missed))
        return {"met": met, "shortfall": far}

    def gaps(self) -> list[str]:
        """Return which of the points had no number, and which runs failed, in sentences."""
        told = [sentence for one in self.of for sentence in told_gaps(_(one.label), [
            (named_point(dict(zip(self.keys, point, strict=True))), list(rows[one.text]))
            for point, rows in self._rows.items()])]
        return [*told, *self.failures()]

    def failures(self) -> list[str]:
        """Return which runs failed, in a sentence."""
        if not self.failed:
            return []
        run, reason = next(iter(self.failed.items()))
        return [_("{count} runs failed and have no number, such as {run}: {reason}").format(
            count=f"{len(self.failed):,}", run=run, reason=reason)]


class Replaying(ThreadPoolExecutor):
    """Returns finished runs, so that they can be written to a results folder."""

    def __init__(
        self, keys: Sequence[str], outcomes: Mapping[tuple[Any, ...], tuple[bytes | None, str]]
    ) -> None:
        super().__init__(1)
        self._keys = tuple(keys)
        self._outcomes = outcomes

    def submit(self, _function: Any, tasks: Any, /, *_more: Any, **_options: Any) -> Future[Any]:  # type: ignore[override]
        """Return the outcomes of these scenarios and seeds, as a worker would."""
        done: Future[Any] = Future()
        done.set_result((code_version(), 0.0, [
            self._outcomes[*(get(scenario, key) for key in self._keys), seed]
            for scenario, seed in tasks]))
        return done


def need_ranges(factors: Sequence[Factor]) -> tuple[Factor, ...]:
    """Return the factors if each is a range from low to high.

    Raises
    ------
    UsageError
        Without factors, or if one is a list of values.
    """
    if not factors:
        raise UsageError(_("nothing is varied; write --vary controls.stock_pressure=0:1"))
    for factor in factors:
        if not factor.low < factor.high:
            raise UsageError(_("{key}: this study needs a range, such as --vary {key}=0:1").format(
                key=factor.key))
    return tuple(factors)


def folder_of(
    out: Out, scenario: Scenario, factors: Sequence[Factor],
    seeds: Sequence[int], study: Mapping[str, object], worlds: Worlds | None = None,
) -> Path | None:
    """Return the folder of a study: the named one, the default one for True, or None.

    The same study finds its default folder again, whatever the number of points.
    """
    if out is None or out is False:
        return None
    if out is not True:
        return Path(out)
    return default_folder(Design.of(
        scenario, seeds, keys=[factor.key for factor in factors], study=study, worlds=worlds,
        points=[Point(0, tuple(factor.low for factor in factors))]))


def settings_of(factors: Sequence[Factor], shares: Sequence[float]) -> tuple[Any, ...]:
    """Return the settings at these shares of the ranges."""
    return tuple(factor.at(min(1.0, max(0.0, float(share))))
                 for factor, share in zip(factors, shares, strict=True))


def named(factors: Sequence[Factor], point: Sequence[object]) -> SomeData:
    """Return a point as settings by dotted name."""
    return dict(zip((factor.key for factor in factors), point, strict=True))

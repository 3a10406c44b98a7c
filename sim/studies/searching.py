"""What studies that search share: a laboratory that runs points of a space of settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, Self

from sim.errors import UsageError
from sim.runs.design import Design, Point
from sim.runs.many import TIMEOUT, Engine, Progress
from sim.runs.results import Runs
from sim.runs.worlds import Worlds
from sim.studies.gaps import named_point, refuse_all_failed, told_gaps
from sim.studies.measures import Measure, table_of
from sim.studies.plans import Factor
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.schema import Scenario

__all__ = ["Lab", "Tally", "named", "need_ranges", "settings_of"]


class Tally:
    """Progress of a study that runs in rounds: all of its runs so far, of all that are expected."""

    def __init__(self, progress: Progress | None, expected: int) -> None:
        self.progress = progress
        self.expected = expected
        self.before = 0

    def __call__(self, done: float, planned: int) -> None:
        """Tell how far the study is when a round of `planned` runs is `done` so far."""
        if self.progress is not None:
            # Not all is done before `finish` says so: how many rounds there are is a guess.
            whole = max(self.expected, self.before + planned + 1)
            self.progress(self.before + done, whole)

    def round_done(self, runs: int) -> None:
        """Count the runs of a round."""
        self.before += runs

    def finish(self) -> None:
        """Say that nothing is left to run."""
        if self.progress is not None:
            self.progress(self.before, self.before)


class Lab:
    """Runs points over one scenario with the same seeds, on one engine, each point once.

    A run that fails has no number, and a study goes on with the others; `failed` has the reasons.
    Used as a context manager: worker processes end with it.
    """

    def __init__(
        self, scenario: Scenario, keys: Sequence[str], seeds: Iterable[int], of: Sequence[Measure], *,
        executor: Executor | None = None, workers: int | None = None, timeout: float = TIMEOUT,
        progress: Progress | None = None, worlds: Worlds | None = None,
    ) -> None:
        self.scenario = scenario
        self.keys = tuple(keys)
        self.seeds = tuple(seeds)
        self.worlds = worlds
        self.of = tuple(of)
        self.runs_lived = 0
        self.failed: dict[str, str] = {}
        self._finished = 0
        self._progress = progress
        self._rows: dict[tuple[Any, ...], pd.DataFrame] = {}
        self._engine = Engine(
            Design.of(scenario, self.seeds), executor=executor, workers=workers, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._engine.__exit__(*error)

    def live(self, points: Sequence[tuple[Any, ...]]) -> Runs:
        """Return the runs of these points (values in the order of the keys)."""
        design = Design.of(
            self.scenario, self.seeds, keys=self.keys,
            points=[Point(0, tuple(point)) for point in dict.fromkeys(points)], worlds=self.worlds)
        packed: dict[int, bytes] = {}
        failed: dict[int, str] = {}

        def keep(run: int, tables: bytes | None, reason: str) -> None:
            if tables is None:
                failed[run] = reason
            else:
                packed[run] = tables

        self._engine.over(design).live(range(len(design)), keep, self._progress)
        self._finished += len(packed)
        refuse_all_failed(failed.values(), self._finished)
        self.failed |= {design.describe(run): reason for run, reason in failed.items()}
        self.runs_lived += len(design)
        if isinstance(self._progress, Tally):
            self._progress.round_done(len(design))
        return Runs(design, packed, failed)

    def measured(self, points: Sequence[tuple[Any, ...]]) -> list[pd.DataFrame]:
        """Return for each point a table of one row a seed with the measures."""
        new = [point for point in dict.fromkeys(points) if point not in self._rows]
        if new:
            runs = self.live(new)
            table = table_of(runs, self.of, whole=True)
            count = len(self.seeds)
            for place, point in enumerate(new):
                self._rows[point] = table.iloc[place * count : (place + 1) * count]
        return [self._rows[point] for point in points]

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


def need_ranges(factors: Sequence[Factor]) -> tuple[Factor, ...]:
    """Return the factors when each is a range from low to high.

    Raises
    ------
    UsageError
        Without a factor, or with one that is a list of values.
    """
    if not factors:
        raise UsageError(_("nothing is varied; write --vary controls.stock_pressure=0:1"))
    for factor in factors:
        if not factor.low < factor.high:
            raise UsageError(_("{key}: this study needs a range, such as --vary {key}=0:1").format(
                key=factor.key))
    return tuple(factors)


def settings_of(factors: Sequence[Factor], shares: Sequence[float]) -> tuple[Any, ...]:
    """Return the settings at these shares of the ranges."""
    return tuple(factor.at(min(1.0, max(0.0, float(share))))
                 for factor, share in zip(factors, shares, strict=True))


def named(factors: Sequence[Factor], point: Sequence[Any]) -> Mapping[str, Any]:
    """Return a point as settings by dotted name."""
    return dict(zip((factor.key for factor in factors), point, strict=True))

"""The runs of a search: numbers at points of the unit cube, each run once, kept in a log."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sim.kernel import np
from sim.runs.design import Design, Point, canonical
from sim.runs.many import TIMEOUT, Engine, Progress
from sim.runs.results import Runs
from sim.runs.version import code_version
from sim.studies.gaps import refuse_all_failed
from sim.studies.measures import Measure, table_of
from sim.studies.plans import Factor

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["Searched"]


class Searched:
    """Runs one scenario at points of the unit cube, on one engine.

    With a `log`, every finished run is written to it at once; an interrupted search asks for the same
    runs again and finds them there.
    """

    def __init__(
        self, scenario: Scenario, factors: Sequence[Factor], of: Sequence[Measure], log: Path | None, *,
        executor: Executor | None = None, workers: int | None = None, timeout: float = TIMEOUT,
        progress: Progress | None = None, planned: int = 0,
    ) -> None:
        self.scenario, self.factors, self.of = scenario, tuple(factors), tuple(of)
        self.keys = tuple(factor.key for factor in factors)
        self.failed: Counter[str] = Counter()
        self.count = 0
        self._progress, self._planned = progress, planned
        base = Design.of(scenario, 1)
        self._who = canonical([base.digests, self.keys, [one.text for one in of], code_version()])
        self._known = _read(log, self._who)
        self._log = log
        self._engine = Engine(base, executor=executor, workers=workers, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._engine.__exit__(*error)

    def values(self, shares: np.ndarray, seeds: Any) -> np.ndarray:
        """Return the measures at points, each with its seed; NaN without a number."""
        points = [tuple(factor.at(min(float(share), 1.0 - 1e-12)) for factor, share in
                        zip(self.factors, row, strict=True)) for row in shares]
        asked = [(point, int(seed)) for point, seed in zip(points, seeds, strict=True)]
        new = [one for one in dict.fromkeys(asked) if one not in self._known]
        self._live(new)
        self.count += len(asked)
        if (skip := getattr(self._progress, "skip", None)) is not None:
            skip(len(asked) - len(new))
        return np.array([self._known[one] for one in asked], float)

    def _live(self, asked: Sequence[tuple[tuple[Any, ...], int]]) -> None:
        if not asked:
            return
        points = list(dict.fromkeys(point for point, _seed in asked))
        design = Design.of(
            self.scenario, sorted({seed for _point, seed in asked}), keys=self.keys,
            points=[Point(0, point) for point in points])
        number = {point: place for place, point in enumerate(points)}
        which = {design.run_of(number[point], seed): (point, seed) for point, seed in asked}

        def keep(run: int, tables: bytes | None, reason: str) -> None:
            if tables is None:
                self.failed[reason] += 1
                self._known[which[run]] = [math.nan] * len(self.of)
                return
            table = table_of(Runs(design, {run: tables}, {}), self.of)
            self._known[which[run]] = [float(table[one.text].iloc[0]) for one in self.of]
            self._write(which[run])

        def tell(done: float, _planned: int) -> None:
            if self._progress is not None:
                self._progress(self.count + done, max(self._planned, self.count + len(asked)))

        self._engine.over(design).live(sorted(run for run in which if run is not None), keep, tell)
        refuse_all_failed(self.failed.elements(), len(self._known) - self.failed.total())

    def _write(self, run: tuple[tuple[Any, ...], int]) -> None:
        if self._log is None:
            return
        new = not self._log.exists()
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("a", encoding="utf-8", newline="\n") as file:
            if new:
                file.write(json.dumps({"search": self._who}) + "\n")
            file.write(json.dumps([*run, self._known[run]]) + "\n")


def _read(log: Path | None, who: str) -> dict[tuple[tuple[Any, ...], int], list[float]]:
    """Return the runs of a log; nothing for the log of another search, or for half a line."""
    found: dict[tuple[tuple[Any, ...], int], list[float]] = {}
    if log is None or not log.exists():
        return found
    lines = log.read_text(encoding="utf-8").split("\n")
    if lines[0] != json.dumps({"search": who}):
        log.unlink()
        return found
    for line in lines[1:-1]:
        point, seed, values = json.loads(line)
        found[tuple(point), seed] = values
    if lines[-1]:  # cut off in the middle
        log.write_text("\n".join([*lines[:-1], ""]), encoding="utf-8", newline="\n")
    return found

"""Many runs on any executor: in this process, on worker processes or on a cluster.

Workers write nothing: they return packed tables, and the caller stores them. Executors may deliver a run
twice or lose one: the first delivery counts, and a lost run is sent again. A run that repeatedly kills its
worker is given up, with the reason, while the others go on.
"""

from __future__ import annotations

import contextlib
import operator
import pickle
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from typing import TYPE_CHECKING, Any, TypedDict

from sim.kernel.machine import cores
from sim.runs.design import Design
from sim.runs.errors import DesignError, EngineError
from sim.runs.estimate import admit, admit_results, side_by_side
from sim.runs.inputs import read_inputs
from sim.runs.publishing import stop_if_asked
from sim.runs.results import Runs
from sim.runs.task import live, live_batch
from sim.runs.version import code_version
from sim.runs.watching import watched
from sim.runs.workers import WorkerHungError, WorkerLostError, Workers
from sim.texts import _

if TYPE_CHECKING:
    from sim.kernel.plain import Data
    from sim.scenario.records import ScenarioLike
    from sim.scenario.schema import Scenario

__all__ = ["TIMEOUT", "Engine", "Progress", "place_of", "run_many"]

TIMEOUT = 3600.0
"""Default number of seconds after which a run counts as hung."""
BATCH_SECONDS = 0.4
"""Seconds that a batch of short runs should take, so that sending them costs little."""
TRIES = 2
"""Times that a run may kill a worker to which it was sent alone before it is given up."""
TINY_PERSON_WEEKS = 5_000_000
"""Work that this process finishes before worker processes would have started."""

Progress = Callable[[float, int], None]
"""Called with the number of runs done (a fraction counts the current one) and planned."""
Deliver = Callable[[int, bytes | None, str], None]


class EngineOptions(TypedDict, total=False):
    """Arguments of all functions over many runs; see `run_many`."""

    executor: Executor | None
    workers: int | None
    timeout: float
    progress: Progress | None


def run_many(
    scenarios: ScenarioLike | Sequence[ScenarioLike] | Design,
    seeds: Iterable[int] | int | None = None,
    *,
    executor: Executor | None = None,
    workers: int | None = None,
    timeout: float = TIMEOUT,
    progress: Progress | None = None,
) -> Runs:
    """Run scenarios with seeds, each scenario with the same seeds, and return all tables.

    Parameters
    ----------
    scenarios
        One or several scenarios, given as records, names or paths; or a `Design`.
    seeds
        Seeds, or their number (0, 1, ...); by default, the seed of the first scenario.
    executor
        Any `concurrent.futures.Executor`; by default, worker processes on this machine.
    workers
        Number of worker processes, by default one per core; 1 stays in this process.
    timeout
        Seconds after which a run counts as hung and is given up.
    progress
        Called with the number of runs done and planned; by default, shows a line under a notebook cell.

    Raises
    ------
    DesignError
        When the scenarios or seeds are invalid, or a rule cannot be sent to a worker.
    EngineError
        When the executor fails.
    """
    design = scenarios if isinstance(scenarios, Design) else Design.of(scenarios, seeds)
    engine = Engine(design, executor=executor, workers=workers, timeout=timeout)
    admit_results(design, None)
    packed: dict[int, bytes] = {}
    failed: dict[int, str] = {}

    def keep(run: int, tables: bytes | None, reason: str) -> None:
        if tables is None:
            failed[run] = reason
        else:
            packed[run] = tables

    with engine:
        engine.live(range(len(design)), keep, progress)
    return Runs(design, packed, dict(sorted(failed.items())))


class Engine:
    """Makes the runs of a design on an executor and delivers each of them once.

    It is a context manager: the worker processes that it started end when it closes.
    """

    def __init__(
        self, design: Design, *, executor: Executor | None = None, workers: int | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self.design = design
        self.timeout = _seconds(timeout)
        self._scenarios: dict[tuple[int, int], Scenario] = {}
        self._executor = executor
        self._workers = _count(workers)
        self._own: Workers | None = None
        if executor is not None and not _is_dask(executor) and not _shares_memory(executor):
            self._must_travel()

    def __enter__(self) -> Engine:
        return self

    def over(self, design: Design) -> Engine:
        """Go on with another design of the same scenarios; the worker processes are kept."""
        self.design = design
        self._scenarios = {}
        return self

    def __exit__(self, *error: object) -> None:
        if self._own is not None:
            self._own.kill()
            self._own = None

    def scenario(self, point: int, seed: int) -> Scenario:
        """Return the scenario of a run; recent ones are cached."""
        worlds = self.design.worlds
        key = (point, 0 if worlds is None else worlds.number(seed))
        if key not in self._scenarios:
            if len(self._scenarios) > 64:
                self._scenarios.clear()
            self._scenarios[key] = self.design.scenario(point, seed)
        return self._scenarios[key]

    def live(self, runs: Sequence[int], deliver: Deliver, progress: Progress | None = None) -> None:
        """Make `runs` and call `deliver(run, packed tables or None, reason)` once for each."""
        runs = list(runs)
        if not runs:
            return
        if self.design.inputs:
            read_inputs(self.scenario(*self.design.of_run(run)) for run in runs)
        admit(self.design, runs=len(runs), **place_of(self._executor, self._workers))
        progress = progress or watched()
        executor = self._choose(runs)
        if executor is None:
            self._here(runs, deliver, progress)
        else:
            _Dispatch(self, executor, runs, deliver, progress).go()

    # -- which engine -------------------------------------------------------------------------

    def _choose(self, runs: list[int]) -> Executor | None:
        """Return the executor for these runs; None means this process."""
        if self._executor is not None:
            return self._executor
        count = side_by_side(self.design, len(runs), self._workers)
        if self._workers is None:
            if self._is_tiny(runs):
                return None
            stays = self._stays_here()
            if stays:
                if count > 1:
                    warnings.warn(f"{stays}; until then the runs stay in this process",
                                  stacklevel=4)
                return None
        if count == 1:
            return None
        self._must_travel()
        if self._own is None:
            self._own = Workers(count, self.timeout)
        return self._own

    def _is_tiny(self, runs: list[int]) -> bool:
        bases = self.design.scenarios
        if any(base._composition is not None for base in bases):
            return False
        largest = max(base.persons * base.weeks for base in bases)
        return largest * len(runs) < TINY_PERSON_WEEKS and len(runs) <= 8

    def _stays_here(self) -> str:
        """Return why a scenario cannot be sent to another process; empty if it can."""
        for scenario in self.design.scenarios:
            composition = scenario._composition
            for rule in composition.rules if composition is not None else ():
                kind: Any = rule if isinstance(rule, type) else type(rule)
                if kind.__module__ == "__main__" or "<locals>" in kind.__qualname__:
                    return _(
                        "rule '{rule}' was typed in a notebook or script, which workers cannot "
                        "see: put it in a file such as my_rules.py beside it and write "
                        "'from my_rules import {name}'"
                    ).format(rule=kind.name(), name=kind.__name__)
            try:
                pickle.dumps(scenario)
            except Exception as error:
                return _("a scenario cannot travel to a worker ({error})").format(error=error)
        return ""

    def _must_travel(self) -> None:
        stays = self._stays_here()
        if stays:
            raise DesignError(_("{stays}, or use one worker").format(stays=stays))

    def _here(self, runs: list[int], deliver: Deliver, progress: Progress | None) -> None:
        threads = None if len(runs) == 1 else 1
        for done, run in enumerate(runs):
            point, seed = self.design.of_run(run)
            scenario = self.scenario(point, seed)

            def tell(week: int, done: int = done, weeks: int = scenario.weeks) -> None:
                stop_if_asked()
                if progress is not None:
                    progress(done + week / weeks, len(runs))

            deliver(run, *live(scenario, seed, tell, threads))
            if progress is not None:
                progress(done + 1, len(runs))


class _Dispatch:
    """Sends runs to an executor, a few at a time, and collects their results."""

    def __init__(
        self, engine: Engine, executor: Executor, runs: list[int], deliver: Deliver,
        progress: Progress | None,
    ) -> None:
        self.engine = engine
        self.executor = executor
        self.deliver = deliver
        self.progress = progress
        self.planned = len(runs)
        self.done = 0
        self.width = _width(executor)
        self.waiting = deque(runs)
        self.alone: deque[int] = deque()
        self.tries: dict[int, int] = {}
        self.out: dict[Future[Any], list[int]] = {}
        self.seconds = 0.0
        self.lived = 0
        self.heard = time.monotonic()

    def go(self) -> None:
        """Make all runs; after an error or interrupt, cancel the calls that still wait."""
        try:
            while self.waiting or self.alone or self.out:
                while (self.waiting or self.alone) and len(self.out) < 2 * self.width:
                    self._send(self._next())
                finished = wait(self.out, timeout=0.5, return_when=FIRST_COMPLETED).done
                for future in finished:
                    self._take(future, self.out.pop(future))
                if finished:
                    self.heard = time.monotonic()
                elif time.monotonic() - self.heard > self.engine.timeout + 60:
                    raise EngineError(
                        _("no run came back for {seconds:.0f} s; the engine hangs").format(
                            seconds=self.engine.timeout + 60))
        finally:
            for future in self.out:
                future.cancel()

    def _next(self) -> list[int]:
        if self.alone:
            return [self.alone.popleft()]
        each = self.seconds / self.lived if self.lived else BATCH_SECONDS
        fair = -(-len(self.waiting) // (3 * self.width))
        size = max(1, min(int(BATCH_SECONDS / max(each, 1e-4)), fair))
        return [self.waiting.popleft() for _ in range(min(size, len(self.waiting)))]

    def _send(self, runs: list[int]) -> None:
        tasks = []
        for run in runs:
            point, seed = self.engine.design.of_run(run)
            tasks.append((self.engine.scenario(point, seed), seed))
        try:
            self.out[self.executor.submit(live_batch, tasks)] = runs
        except RuntimeError as error:  # the executor was shut down or is broken
            raise EngineError(_("the engine takes no more runs ({error})").format(
                    error=error)) from None

    def _take(self, future: Future[Any], runs: list[int]) -> None:
        try:
            version, seconds, outcomes = future.result()
        except (BrokenExecutor, CancelledError) as error:
            raise EngineError(
                _("the engine broke down ({kind}: a worker process was killed or the scheduler "
                    "is gone)").format(kind=type(error).__name__)) from None
        except Exception as error:
            if isinstance(error, WorkerLostError) or type(error).__name__ == "KilledWorker":
                self._again(runs, error)
                return
            raise EngineError(_("a worker could not take the runs: {error}").format(
                    error=error)) from None
        if version != code_version():
            raise EngineError(
                _("a worker runs weishang {version}, this is {here}: install the same version "
                    "everywhere").format(version=version, here=code_version()))
        self.seconds += seconds
        self.lived += len(runs)
        for run, (packed, reason) in zip(runs, outcomes, strict=True):
            self._finish(run, packed, reason)

    def _again(self, runs: list[int], error: Exception) -> None:
        """Send the runs of a lost call again, each alone, until the one that kills workers is found."""
        for run in runs:
            if len(runs) == 1:
                self.tries[run] = self.tries.get(run, 0) + 1
            # Dask has already tried such a run several times, and a hung run has used up its time.
            final = isinstance(error, WorkerHungError) or not isinstance(error, WorkerLostError)
            if len(runs) == 1 and self.tries[run] >= (1 if final else TRIES):
                known = isinstance(error, WorkerLostError)
                self._finish(run, None, str(error) if known else "it kept killing its worker")
            else:
                self.alone.append(run)

    def _finish(self, run: int, packed: bytes | None, reason: str) -> None:
        self.deliver(run, packed, reason)
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.planned)


def _count(workers: Any) -> int | None:
    """Return the number of workers that the user asks for, or None for the default."""
    if workers is None:
        return None
    count = 0
    with contextlib.suppress(TypeError):
        count = 0 if isinstance(workers, bool) else operator.index(workers)
    if count < 1:
        raise DesignError(_("the number of workers is at least 1"))
    return count


def _seconds(timeout: object) -> float:
    """Return a time limit in seconds; None stands for the longest that a clock supports."""
    if timeout is None:
        return threading.TIMEOUT_MAX
    if not isinstance(timeout, (int, float)) or isinstance(timeout, bool) or not timeout > 0:
        raise DesignError(_("a timeout is a number of seconds above 0"))
    return min(float(timeout), threading.TIMEOUT_MAX)


def _is_dask(executor: Executor) -> bool:
    return type(executor).__module__.startswith("distributed.")


def place_of(executor: Executor | None, workers: int | None) -> Data:
    """Return the arguments of `admit`: the number of processes, and whether on other machines."""
    if executor is None:
        return {"workers": workers, "remote": False}
    # The client of a dask cluster on this machine holds that cluster.
    remote = _is_dask(executor) and executor._client.cluster is None  # type: ignore[attr-defined]
    return {"workers": _width(executor), "remote": remote}


def _shares_memory(executor: Executor) -> bool:
    from concurrent.futures import ThreadPoolExecutor

    return isinstance(executor, ThreadPoolExecutor) and not isinstance(executor, Workers)


def _width(executor: Executor) -> int:
    """Return how many calls an executor runs side by side."""
    if _is_dask(executor):
        client = executor._client  # type: ignore[attr-defined]
        return max(1, sum(client.nthreads().values()))
    return int(getattr(executor, "_max_workers", 0) or cores())

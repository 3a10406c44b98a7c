"""How runs are handed to an engine: in which batches, how often, and when one is given up."""

from __future__ import annotations

import os
import warnings
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from sim.kernel.machine import cores
from sim.runs import many, publishing
from sim.runs.design import Design
from sim.runs.errors import DesignError, EngineError
from sim.runs.many import Engine, run_many
from sim.runs.task import live, live_batch
from sim.runs.version import code_version
from sim.runs.workers import WorkerHungError, WorkerLostError
from tests.runs.worlds import Failing, Killing, small, with_rule


class Pretending(Executor):
    """Answers at once, each run after `seconds`; seeds in `errors` raise what stands there."""

    _max_workers = 2

    def __init__(self, seconds: float, version: str | None = None, **errors: Exception) -> None:
        self.seconds = seconds
        self.version = version or code_version()
        self.errors = {int(name[1:]): error for name, error in errors.items()}
        self.batches: list[list[int]] = []

    def submit(self, function: Any, /, *arguments: Any, **more: Any) -> Future[Any]:
        assert function is live_batch
        (tasks,) = arguments
        seeds = [seed for _, seed in tasks]
        self.batches.append(seeds)
        future: Future[Any] = Future()
        bad = [self.errors[seed] for seed in seeds if seed in self.errors]
        if bad:
            future.set_exception(bad[0])
        else:
            future.set_result((
                self.version, self.seconds * len(seeds), [(b"%d" % seed, "") for seed in seeds]))
        return future


def dispatched(executor: Pretending, runs: int) -> tuple[dict[int, Any], list[tuple[float, int]]]:
    """Return what came back of each run, and the progress that was told."""
    found: dict[int, Any] = {}
    told: list[tuple[float, int]] = []

    def keep(run: int, packed: bytes | None, reason: str) -> None:
        assert run not in found
        found[run] = (packed, reason)

    with Engine(Design.of(small(), runs), executor=executor, timeout=5) as engine:
        engine.live(range(runs), keep, lambda done, planned: told.append((done, planned)))
    return found, told


def test_every_run_comes_back_once_and_is_counted() -> None:
    found, told = dispatched(Pretending(1.0), 7)
    assert found == {run: (b"%d" % run, "") for run in range(7)}
    assert told == [(done, 7) for done in range(1, 8)]


@pytest.mark.parametrize(("seconds", "longest"), [(0.5, 1), (0.1, 4), (0.05, 8), (1e-9, 9)])
def test_short_runs_are_sent_in_batches_of_four_tenths_of_a_second(
    seconds: float, longest: int
) -> None:
    executor = Pretending(seconds)
    dispatched(executor, 60)
    # Four calls (two for each worker) are out before anything is known of the length of a run.
    assert [len(batch) for batch in executor.batches[:4]] == [1] * 4
    if longest < 9:
        assert max(len(batch) for batch in executor.batches) == longest
    else:
        # Never more than a third of what each worker has left to do.
        left = 56
        for batch in executor.batches[4:]:
            assert len(batch) <= -(-left // 6)
            left -= len(batch)
        assert len(executor.batches[4]) in (9, 10)
    assert sorted(run for batch in executor.batches for run in batch) == list(range(60))


def test_a_run_that_kills_two_workers_alone_is_given_up() -> None:
    executor = Pretending(0.001, _30=WorkerLostError("its worker was ended by SIGKILL"))
    found, told = dispatched(executor, 60)
    assert found[30] == (None, "its worker was ended by SIGKILL")
    assert {run for run, (packed, _) in found.items() if packed is None} == {30}
    assert sum(batch == [30] for batch in executor.batches) == 2
    assert told[-1] == (60, 60)


def test_a_run_that_hung_alone_is_given_up_at_once() -> None:
    executor = Pretending(1.0, _3=WorkerHungError("it gave no answer for 5 s"))
    found, _ = dispatched(executor, 5)
    assert found[3] == (None, "it gave no answer for 5 s")
    assert executor.batches.count([3]) == 1


def test_a_run_that_dask_gave_up_is_given_up() -> None:
    killed = type("KilledWorker", (Exception,), {})  # as dask calls it
    executor = Pretending(1.0, _3=killed())
    found, _ = dispatched(executor, 5)
    assert found[3] == (None, "it kept killing its worker")
    assert executor.batches.count([3]) == 1


@pytest.mark.parametrize(("executor", "said"), [
    (Pretending(1.0, _1=ValueError("nonsense")), "a worker could not take the runs: nonsense"),
    (Pretending(1.0, version="0.0.1+old"), r"a worker runs weishang 0\.0\.1\+old, this is"),
])
def test_what_makes_the_whole_engine_useless_is_one_sentence(
    executor: Pretending, said: str
) -> None:
    with pytest.raises(EngineError, match=said):
        dispatched(executor, 3)


def test_an_engine_that_takes_nothing_or_answers_nothing_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = ThreadPoolExecutor(1)
    ended.shutdown()
    with pytest.raises(EngineError, match="the engine takes no more runs"):
        run_many(small(), 2, executor=ended)

    class Silent(Pretending):
        sent: ClassVar[list[Future[Any]]] = []

        def submit(self, function: Any, /, *arguments: Any, **more: Any) -> Future[Any]:
            self.sent.append(Future())
            return self.sent[-1]

    now = [0.0]
    monkeypatch.setattr(many.time, "monotonic", lambda: now[0])

    def slept(*_: Any, **__: Any) -> Any:
        now[0] += 13.0
        assert now[0] < 100
        return type("Nothing", (), {"done": set()})

    monkeypatch.setattr(many, "wait", slept)
    with pytest.raises(EngineError, match="no run came back for 65 s; the engine hangs"):
        dispatched(Silent(1.0), 3)
    assert now[0] == 78.0  # the first time beyond 65 s
    assert all(future.cancelled() for future in Silent.sent)


class PurchaseChoice(Engine):
    """Says where runs would be lived."""

    def where(self, runs: int) -> str:
        chosen = self._choose(list(range(runs)))
        return "here" if chosen is None else f"{type(chosen).__name__} {chosen._max_workers}"  # type: ignore[attr-defined]


def test_little_work_stays_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.runs.estimate.cores", lambda: 4)

    def where(runs: int, workers: int | None = None, **settings: Any) -> str:
        with PurchaseChoice(Design.of(small(**settings), runs), workers=workers) as engine:
            return engine.where(runs)

    # Five million persons x weeks, and no more than eight runs.
    assert where(8) == "here"
    assert where(9) == "Workers 4"
    assert where(4, persons=12_500, weeks=100) == "Workers 4"
    assert where(4, persons=12_499, weeks=100) == "here"
    assert where(1, persons=50_000, weeks=100) == "here"  # one run needs no other process
    assert where(3, persons=50_000, weeks=100) == "Workers 3"
    assert where(9, workers=1) == "here"
    assert where(2, workers=2) == "Workers 2"
    assert where(9, workers=3) == "Workers 3"


def test_the_largest_scenario_decides_how_much_work_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.runs.estimate.cores", lambda: 4)
    bases = [small(), small(persons=25_000, weeks=100)]
    with PurchaseChoice(Design.of(bases, 1)) as engine:
        assert engine.where(2) == "Workers 2"


def test_rules_of_ones_own_may_take_long_so_they_go_to_workers(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.runs.estimate.cores", lambda: 4)
    with PurchaseChoice(Design.of(with_rule(Failing(seed=1)), 2)) as engine:
        assert engine.where(2) == "Workers 2"


def test_workers_end_with_their_engine_and_stay_over_designs() -> None:
    design = Design.of(small(), 2)
    with Engine(design, workers=2) as engine:
        first = engine._choose([0, 1])
        assert engine.over(Design.of(small(), 3))._choose([0, 1, 2]) is first
        assert engine.scenario(0, 0) is engine.design.scenarios[0]
    assert engine._own is None
    with pytest.raises(RuntimeError):
        first.submit(os.getpid)  # type: ignore[union-attr]


def test_a_point_is_resolved_once_and_many_points_are_not_all_kept() -> None:
    from sim.runs.design import Point

    points = [Point(0, (week,)) for week in range(1, 71)]
    with Engine(Design.of(small(), 1, keys=["weeks"], points=points)) as engine:
        kept = engine.scenario(0, 0)
        assert kept.weeks == 1
        for point in range(1, 65):
            assert engine.scenario(point, 0).weeks == point + 1
        assert engine.scenario(0, 0) is kept
        engine.scenario(65, 0)
        assert engine.scenario(0, 0) is not kept
        assert engine.over(Design.of(small(weeks=9), 1)).scenario(0, 0).weeks == 9


def test_runs_in_this_process_tell_every_week() -> None:
    told: list[tuple[float, int]] = []
    run_many(small(weeks=4), 2, workers=1, progress=lambda *one: told.append(one))
    assert told == [(done, 2) for done in (
        0.25, 0.5, 0.75, 1.0, 1, 1.25, 1.5, 1.75, 2.0, 2)]


def test_one_run_has_all_threads_and_several_have_one_each(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int | None] = []

    def pretend(scenario: Any, seed: int, progress: Any, threads: int | None) -> Any:
        given.append(threads)
        return None, "not lived"

    monkeypatch.setattr(many, "live", pretend)
    assert run_many(small(), 1, workers=1).failed == {0: "not lived"}
    assert run_many(small(), 2, workers=1).failed == {0: "not lived", 1: "not lived"}
    assert given == [None, 1, 1]


def test_how_wide_an_engine_is() -> None:
    assert many._width(Pretending(1.0)) == 2
    with ThreadPoolExecutor(5) as threads:
        assert many._width(threads) == 5
    assert many._width(Executor()) == cores()

    def dask(threads: dict[str, int]) -> Any:
        client = SimpleNamespace(nthreads=lambda: threads, cluster=None)
        return type("Dask", (Executor,), {
            "__module__": "distributed.cfexecutor", "_client": client})()

    assert many._width(dask({"one": 2, "other": 3})) == 5
    assert many._width(dask({})) == 1


def test_a_rule_that_cannot_travel_is_refused_before_the_first_run() -> None:
    class Local(Killing):
        pass

    scenario = with_rule(Local(seed=99, parent=os.getpid()))
    with pytest.raises(DesignError, match=r"rule 'local' .* 'from my_rules import Local'"):
        run_many(scenario, 2, executor=Pretending(1.0))
    with ThreadPoolExecutor(1) as threads:
        assert len(run_many(scenario, 2, executor=threads)) == 2


def test_a_run_that_fails_says_why_in_one_line() -> None:
    class Wordy(Failing):
        said: str = ""

        def step(self, world: Any) -> None:
            raise MemoryError if self.said == "memory" else KeyError(*([self.said] if self.said else []))

    def reason(said: str) -> str:
        packed, why = live(with_rule(Wordy(said=said)), 1)
        assert packed is None
        return why

    assert reason("") == "KeyError: no message (in rule 'wordy', week 1)"
    assert reason("memory") == "not enough memory for this run"
    assert len(reason("x" * 900)) == 500
    packed, why = live(small(weeks=2), 1)
    assert packed
    assert why == ""


def test_a_batch_says_how_long_it_took() -> None:
    version, seconds, outcomes = live_batch([(small(weeks=2), 1), (small(weeks=2), 2)])
    assert version == code_version()
    assert 0 < seconds < 60
    assert [outcome[1] for outcome in outcomes] == ["", ""]
    assert outcomes[0] != outcomes[1]
    assert live_batch([])[2] == []


def test_one_run_of_a_rule_that_cannot_travel_needs_no_warning() -> None:
    class Local(Killing):
        pass

    scenario = with_rule(Local(seed=99, parent=os.getpid()), weeks=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(run_many(scenario, 1)) == 1


def test_what_was_stopped_has_not_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Machine code may turn a stop into another error, or lose it."""
    def broken(*_: object, **__: object) -> None:
        raise SystemError("returned a result with an exception set")

    monkeypatch.setattr("sim.runs.run.lived", broken)
    assert "SystemError" in live(small(), 1)[1]
    monkeypatch.setattr(publishing, "_asked", [KeyboardInterrupt()])
    with pytest.raises(KeyboardInterrupt):
        live(small(), 1)

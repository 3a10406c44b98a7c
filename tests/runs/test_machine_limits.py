"""Absurd numbers of workers, threads and seconds; more files open than some calls can count."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.errors import UsageError
from sim.runs.errors import DesignError, EngineError, Stopped
from sim.runs.folder import resume, run_into
from sim.runs.many import run_many
from tests.runs.worlds import small

resource = pytest.importorskip("resource")


@pytest.mark.parametrize("workers", [0, -1, -(10**30), 2.5, float("nan"), "2", "x", [1], True])
def test_a_number_of_workers_is_a_whole_number_from_1(workers: Any, tmp_path: Path) -> None:
    for call in (lambda: run_many(small(weeks=2), 2, workers=workers),
                 lambda: run_into(small(weeks=2), 2, tmp_path / "r", workers=workers),
                 lambda: sim.compare(small(weeks=2), small(weeks=2), seeds=2, workers=workers)):
        with pytest.raises(DesignError, match="the number of workers is at least 1"):
            call()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("workers", [10**9, 10**30, np.int64(2), np.uint8(200)])
def test_no_more_workers_start_than_there_are_runs(workers: Any) -> None:
    assert len(run_many(small(weeks=2, persons=100), 2, workers=workers)) == 2


def test_more_workers_than_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.runs.estimate.free_memory", lambda: 2e9)
    with pytest.raises(UsageError, match="this needs about"):
        run_many(small(weeks=2, persons=100), 1000, workers=10**9)


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), "2", True, [1]])
def test_a_timeout_is_a_number_of_seconds(timeout: Any) -> None:
    with pytest.raises(DesignError, match="a timeout is a number of seconds above 0"):
        run_many(small(weeks=2), 2, workers=2, timeout=timeout)


@pytest.mark.parametrize("timeout", [None, float("inf"), 1e300, 10**40])
def test_a_timeout_may_be_longer_than_a_clock_counts(timeout: Any) -> None:
    failed: list[Any] = []
    before, threading.excepthook = threading.excepthook, failed.append
    try:
        assert len(run_many(small(weeks=2, persons=100), 2, workers=2, timeout=timeout)) == 2
    finally:
        threading.excepthook = before
    assert not failed


@pytest.mark.parametrize("threads", [0, -1, 2.5, float("nan"), "2", True])
def test_a_number_of_threads_is_a_whole_number_from_1(threads: Any) -> None:
    with pytest.raises(UsageError, match="the number of threads is a whole number from 1"):
        sim.run(small(weeks=2), seed=1, threads=threads)


def test_any_number_of_threads_gives_the_same() -> None:
    one, many = (sim.run(small(weeks=2), seed=1, threads=count) for count in (1, 10**30))
    assert one.weekly.equals(many.weekly)


@pytest.fixture
def files() -> Iterator[int]:
    """Let this process open 4,096 files at least; return how many it may."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4096 if before[1] == resource.RLIM_INFINITY else min(4096, before[1])
    if wanted < 2048:
        pytest.skip("this system lets nobody open so many files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, before[1]))
    yield wanted
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_descriptors_above_1023(files: int, new_workers: None, tmp_path: Path) -> None:
    """`select` counts to 1,023 alone."""
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1200)]
    try:
        made = run_into(small(weeks=2, persons=100), 6, tmp_path / "r", workers=2)
        assert made.complete, made.failed
        made.result().plot("inventory").figure.savefig(tmp_path / "x.png")
        from sim.views.drawing import Drawer

        with Drawer() as drawer:
            assert drawer.start(made.path, ("inventory", "churn"))() is not None
    finally:
        for handle in held:
            os.close(handle)


def test_no_descriptor_left_is_one_sentence(files: int, new_workers: None, tmp_path: Path) -> None:
    scenario = small(weeks=2, persons=100)
    run_into(scenario, 1, tmp_path / "warm", workers=1)
    held: list[int] = []
    with contextlib.suppress(OSError):
        while len(held) < files:
            held.append(os.open(os.devnull, os.O_RDONLY))
    for handle in held[:5]:  # for the lock and the journal, and not for the pipes of a worker
        os.close(handle)
    try:
        with pytest.raises(EngineError, match=r"Too many open files.*go on with: weishang resume"):
            run_into(scenario, 6, tmp_path / "r", workers=2)
    finally:
        for handle in held[5:]:
            os.close(handle)
    assert resume(tmp_path / "r", workers=1).complete


def test_a_worker_whose_parent_is_gone_at_the_start_ends_in_silence() -> None:
    worker = subprocess.Popen(
        [sys.executable, "-P", "-m", "sim.runs.worker", str(os.getpid()), "json"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})
    assert worker.stdin is not None
    assert worker.stdout is not None
    assert worker.stderr is not None
    worker.stdout.close()
    worker.stdin.close()
    assert worker.stderr.read() == b""
    worker.stderr.close()
    assert worker.wait(60) == 0


def test_who_stops_while_pictures_are_drawn_hears_what_there_is(tmp_path: Path) -> None:
    from sim.cli.run import _wait_for

    def stopped() -> None:
        raise KeyboardInterrupt

    with pytest.raises(Stopped, match=r"the results are whole.*weishang plot r") as caught:
        _wait_for(stopped, Path("r"))
    assert caught.value.exit_code == 130

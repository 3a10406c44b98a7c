"""Engines: every executor brings the same tables, and a bad run costs nobody but itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
import pytest

from sim.mechanisms.base import Mechanism
from sim.regimes import REGIMES
from sim.runs.errors import DesignError, EngineError
from sim.runs.folder import open_results, resume
from sim.runs.many import run_many
from sim.runs.workers import WorkerHungError, WorkerLostError, Workers
from tests.runs.worlds import Hanging, Killing, small, with_rule

pytestmark = pytest.mark.usefixtures("new_workers")
SEEDS = range(1, 7)


@pytest.fixture(scope="module")
def expected() -> pd.DataFrame:
    return run_many(small(), SEEDS, workers=1).weekly


def test_any_executor_brings_the_same(expected: pd.DataFrame) -> None:
    with ThreadPoolExecutor(2) as threads:
        pd.testing.assert_frame_equal(run_many(small(), SEEDS, executor=threads).weekly, expected)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        pd.testing.assert_frame_equal(run_many(small(), SEEDS, executor=pool).weekly, expected)
    pd.testing.assert_frame_equal(run_many(small(), SEEDS, workers=2).weekly, expected)


def test_a_run_that_kills_its_worker_is_given_up_and_the_rest_finish(
    expected: pd.DataFrame,
) -> None:
    many = run_many(with_rule(Killing(seed=4, parent=os.getpid())), SEEDS, workers=2)
    assert many.failed == {3: "its worker was ended by SIGKILL"}
    assert set(many.weekly["seed"]) == {1, 2, 3, 5, 6}
    assert many.note == "5 of 6 runs"


def test_a_hung_run_times_out_and_the_rest_finish() -> None:
    many = run_many(with_rule(Hanging(seed=2)), [1, 2, 3, 4], workers=2, timeout=12)
    assert many.failed == {1: "it gave no answer for 12 s"}
    assert set(many.weekly["seed"]) == {1, 3, 4}


def test_a_broken_pool_is_one_sentence() -> None:
    scenario = with_rule(Killing(seed=2, parent=os.getpid()))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool, \
            pytest.raises(EngineError, match="the engine broke down"):
        run_many(scenario, 4, executor=pool)


def test_a_rule_typed_in_a_notebook_is_told_how_to_travel() -> None:
    class Typed(Mechanism):
        phase: ClassVar[str] = "inform"

        def step(self, world: Any) -> None: ...

    regime = REGIMES["pyramid"].inserting(Typed(), before=REGIMES["pyramid"].names[0])
    scenario = small().with_rules(regime)
    with pytest.raises(DesignError, match="put it in a file such as"):
        run_many(scenario, 2, workers=2)
    with pytest.warns(UserWarning, match="put it in a file such as"):
        many = run_many(scenario, 2)
    assert len(many) == 2


def test_wrong_requests_are_refused() -> None:
    with pytest.raises(DesignError, match="no scenario"):
        run_many([], 2)
    with pytest.raises(DesignError, match="no seed"):
        run_many(small(), [])
    with pytest.raises(DesignError, match="seed is a whole number"):
        run_many(small(), [-1])
    with pytest.raises(DesignError, match="at least 1"):
        run_many(small(), 2, workers=0)


def test_a_dead_worker_is_replaced() -> None:
    pool = Workers(1)
    try:
        with pytest.raises(WorkerLostError, match="code 3"):
            pool.submit(os._exit, 3).result()
        assert pool.submit(os.getpid).result() != os.getpid()
        pool.timeout = 0.5
        with pytest.raises(WorkerHungError, match="no answer"):
            pool.submit(time.sleep, 30).result()
        with pytest.raises(RuntimeError, match="ValueError"):
            pool.submit(int, "x").result()
    finally:
        pool.kill()


SCRIPT = """
import sys
from sim.runs.folder import run_into
from tests.runs.worlds import small
run_into(small(persons=3000, weeks=30), 40, sys.argv[1], workers=2)
"""


def start(folder: Path) -> subprocess.Popen[str]:
    """Start 40 short runs in another process; return when some are finished."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder)], stderr=subprocess.PIPE, text=True)
    journal, until = folder / "runs.journal", time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        if journal.exists() and journal.read_bytes().count(b'{"kind":"run"') >= 3:
            return process
        time.sleep(0.05)
    raise AssertionError("the runs did not start: " + str(process.communicate()))


def workers_of(parent: int) -> list[int]:
    """Return the worker processes that a process started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"sim.runs.worker" in words and str(parent).encode() in words:
                found.append(int(entry.name))
    return found


@pytest.mark.skipif(
    not Path("/proc/self").exists(),
    reason="processes left over are looked up in /proc, which only Linux has")
def test_a_killed_parent_leaves_no_worker_and_no_damage(tmp_path: Path) -> None:
    process = start(tmp_path / "r")
    assert len(workers_of(process.pid)) == 2
    process.kill()
    process.communicate()
    until = time.monotonic() + 3
    while workers_of(process.pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not workers_of(process.pid)
    partial = open_results(tmp_path / "r")
    assert 0 < len(partial) < 40
    assert len(partial.weekly) == 30 * len(partial)
    assert not partial.damage()
    assert not partial.busy
    resumed = resume(tmp_path / "r", workers=2)
    assert resumed.complete
    assert resumed.lived == 40 - len(partial)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_is_quick_and_says_how_to_go_on(number: int, tmp_path: Path) -> None:
    process = start(tmp_path / "r")
    begun = time.monotonic()
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert time.monotonic() - begun < 5
    assert f"go on with: weishang resume {tmp_path / 'r'}" in said
    assert not workers_of(process.pid)
    partial = open_results(tmp_path / "r")
    assert not partial.damage()
    assert (tmp_path / "r" / "weekly.parquet").exists()
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "r" / "weekly.parquet"), partial.weekly, check_dtype=False)


def test_a_killed_worker_costs_nothing(tmp_path: Path) -> None:
    process = start(tmp_path / "r")
    os.kill(workers_of(process.pid)[0], signal.SIGKILL)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert open_results(tmp_path / "r").complete

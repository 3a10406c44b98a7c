"""Worker processes that outlive their pool: tests share them, for each costs seconds to start.

A pool that ends while none of its calls is under way leaves its workers here, and the next pool
with the same path, environment and imports takes them over, told where it stands. What is killed
at work, hangs or dies is ended as always. Tests of how workers start and end take the fixture
`new_workers`, and get and leave none.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from collections.abc import Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sim.runs import workers
from sim.runs.worker import write_message
from sim.runs.workers import Workers

__all__ = ["kept", "new"]

MAX_KEPT = 3
"""How many wait for a pool; each takes some 200 MB."""
_idle: list[tuple[Hashable, subprocess.Popen[bytes]]] = []
_sharing = [True]


@contextlib.contextmanager
def new() -> Iterator[None]:
    """Let pools start their own workers in this context."""
    _sharing[0] = False
    try:
        yield
    finally:
        _sharing[0] = True


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Let pools take over workers from each other in this context."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workers, "_start", _take_or_start)
        patch.setattr(Workers, "_call", _call)
        patch.setattr(Workers, "kill", _leave_or_kill)
        yield
    while _idle:
        workers._end(_idle.pop()[1])


_of_workers = Workers._start, Workers._call, Workers.kill


def _kind(pool: Workers) -> Hashable:
    """Return what a worker of this pool is started with."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("PYTEST_CURRENT_TEST", "COLUMNS", "LINES")}
    return pool.modules, tuple(sys.path), tuple(sorted(environment.items()))


def _take_or_start(self: Any) -> subprocess.Popen[bytes]:
    start, _call, _kill = _of_workers
    kind = _kind(self)
    with self._guard:
        known = [entry for entry in _idle if entry[0] == kind]
        if known and _sharing[0] and not self._stopped:
            process = known[-1][1]
            _idle.remove(known[-1])
            assert process.stdin is not None
            # The answer stands for the "ready" of a new worker.
            write_message(process.stdin, pickle.dumps((os.chdir, (os.getcwd(),))))
            self._all.add(process)
            return process
    process = start(self)
    process.kind = kind  # type: ignore[attr-defined]
    return process


def _call(self: Any, message: bytes) -> Any:
    with self._guard:
        self.under_way = getattr(self, "under_way", 0) + 1
    try:
        return _of_workers[1](self, message)
    finally:
        with self._guard:
            self.under_way -= 1


def _leave_or_kill(self: Any) -> None:
    ThreadPoolExecutor.shutdown(self, wait=False, cancel_futures=True)
    if not _sharing[0] or getattr(self, "under_way", 0):
        _of_workers[2](self)
        return
    ThreadPoolExecutor.shutdown(self, wait=True)
    with self._guard:
        self._stopped = True
        _idle.extend((process.kind, process) for process in self._all)
        self._all.clear()
    while len(_idle) > MAX_KEPT:
        workers._end(_idle.pop(0)[1])

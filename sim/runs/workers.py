"""A pool of worker processes that survives the death of a worker.

`Workers` is a `concurrent.futures.Executor`. Unlike in the pool of the standard library, a dead or hung
worker costs one call (its future raises `WorkerLostError`) and is replaced; workers end when their
parent dies; stopping the pool ends them at once; and a script or notebook needs no
``if __name__ == "__main__"``. One thread of this process feeds each worker, which computes with one
thread.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from sim.runs.worker import read_message, write_message

__all__ = ["WorkerHungError", "WorkerLostError", "Workers"]

_ONE_THREAD = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


RUNNING = ("pyarrow", "numba", "sim.life", "sim.runs.task")
"""Modules that a worker for runs imports first."""


class WorkerLostError(Exception):
    """A worker process died, or was ended, during a call."""


class WorkerHungError(WorkerLostError):
    """A worker process did not answer in time, and was ended."""


class Workers(ThreadPoolExecutor):
    """A pool of `count` worker processes, each started at its first call.

    Parameters
    ----------
    count
        Number of calls that run side by side.
    timeout
        Seconds after which a call counts as hung and its worker is ended; ``None`` waits for ever. The
        attribute may be changed between calls.
    modules
        Modules that each worker imports before its first call; by default, all that a run needs.
    """

    def __init__(
        self, count: int, timeout: float | None = None, modules: Sequence[str] = RUNNING,
    ) -> None:
        super().__init__(count, thread_name_prefix="weishang-worker")
        self.count = count
        self.timeout = timeout
        self.modules = tuple(modules)
        self._mine = threading.local()
        self._all: set[subprocess.Popen[bytes]] = set()
        self._guard = threading.Lock()
        self._stopped = False

    def submit(  # type: ignore[override]
        self, function: Callable[..., Any], /, *arguments: Any
    ) -> Future[Any]:
        """Call a function in a worker; it must be importable by name."""
        return super().submit(self._call, pickle.dumps((function, arguments), protocol=5))

    def kill(self) -> None:
        """End all workers at once and drop the calls that wait."""
        with self._guard:
            self._stopped = True
            for process in self._all:
                process.kill()
        self.shutdown(wait=True, cancel_futures=True)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the workers finish the calls that wait, then end them."""
        super().shutdown(wait=wait, cancel_futures=cancel_futures)
        if wait:
            with self._guard:
                for process in self._all:
                    _end(process)
                self._all.clear()

    # -- in the thread of one worker ----------------------------------------------------------

    def _call(self, message: bytes) -> Any:
        process = getattr(self._mine, "process", None)
        new = process is None or process.poll() is not None
        if process is None or new:
            process = self._mine.process = self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            late = threading.Event()
            if new:
                read_message(process.stdout)  # "ready": the time of the call starts now
            with _ended_after(process, self.timeout, late):
                write_message(process.stdin, message)
                fine, answer = pickle.loads(read_message(process.stdout))
        except (EOFError, OSError, pickle.UnpicklingError):
            self._drop(process)
            if not late.is_set():
                raise WorkerLostError(_fate(process.returncode)) from None
            raise WorkerHungError(f"it gave no answer for {self.timeout:g} s") from None
        if not fine:
            raise RuntimeError(answer)
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        environment = os.environ | dict.fromkeys(_ONE_THREAD, "1")
        path = [os.path.abspath(entry) for entry in sys.path]
        environment["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(path))
        with self._guard:
            if self._stopped:
                raise WorkerLostError("the pool was stopped")
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "sim.runs.worker", str(os.getpid()), *self.modules],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment,
            )
            self._all.add(process)
        return process

    def _drop(self, process: subprocess.Popen[bytes]) -> None:
        _end(process)
        with self._guard:
            self._all.discard(process)


@contextlib.contextmanager
def _ended_after(
    process: subprocess.Popen[bytes], seconds: float | None, late: threading.Event
) -> Iterator[None]:
    """End a worker that has not answered after this many seconds, and set `late`.

    A timer does this because not every system can wait for a pipe with a time limit.
    """
    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, end) if seconds is not None else None
    if timer is not None:
        timer.daemon = True
        timer.start()
    try:
        yield
    finally:
        if timer is not None:
            timer.cancel()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a worker at once and close its pipes."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def _fate(code: int | None) -> str:
    """Return how a process ended, in words."""
    if code is not None and code < 0:
        import signal

        return f"its worker was ended by {signal.Signals(-code).name}"
    return f"its worker ended with code {code}"

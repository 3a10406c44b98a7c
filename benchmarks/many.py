"""What a run costs among very many: overhead, memory, a lost worker, on the engines there are.

``python -m benchmarks.many`` lives a few hundred short runs, small enough that what is measured is
the engine: worker processes of this machine, then dask on the loopback address with a scheduler of
its own, once undisturbed and once with a worker killed on the way. It prints milliseconds of processors a
run beyond the runs themselves, and how memory grows by the run here and at the scheduler; 100,000
runs are these figures times as many.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import psutil

import sim
from sim.runs.task import live


def own_seconds(scenario: Any, runs: int) -> float:
    """Return the seconds of processors of a run in this process, without any engine."""
    live(scenario, 0)
    begin = time.process_time()
    for seed in range(runs):
        live(scenario, seed)
    return (time.process_time() - begin) / runs


@contextlib.contextmanager
def cluster(workers: int) -> Iterator[tuple[Any, psutil.Process, list[subprocess.Popen[bytes]]]]:
    """Yield a client, its scheduler's process and the processes of its workers, all on loopback."""
    from distributed import Client

    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "scheduler.json"
        call = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0",
                "--no-dashboard", "--scheduler-file", str(place)]
        started = [subprocess.Popen(call, stderr=subprocess.DEVNULL, env=environment, cwd=folder)]
        while not place.exists():
            time.sleep(0.1)
        call = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(place),
                "--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard", "--no-nanny"]
        started += [subprocess.Popen(call, stderr=subprocess.DEVNULL, env=environment, cwd=folder)
                    for _worker in range(workers)]
        client = Client(scheduler_file=str(place))
        try:
            client.wait_for_workers(workers)
            yield client, psutil.Process(started[0].pid), started[1:]
        finally:
            client.close()
            for process in started:
                process.kill()
                process.wait()


def spent(processes: list[psutil.Process]) -> float:
    """Return the seconds of processors of processes, those that have ended left out."""
    total = 0.0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def lived(
    name: str, scenario: Any, runs: int, own: float, executor: Any = None,
    scheduler: psutil.Process | None = None, workers: list[psutil.Process] | None = None,
    lose: Any = None,
) -> None:
    """Live runs into a folder, and print what this cost beyond the runs themselves."""
    mine = psutil.Process()
    there = [] if scheduler is None else [scheduler]
    with tempfile.TemporaryDirectory() as folder:
        held = [process.memory_info().rss for process in (mine, *there)]
        begun = time.process_time(), spent(there), spent(workers or []), os.times().children_user
        if lose is not None:
            threading.Timer(1.0, lose).start()
        results = sim.run_into([scenario], runs, out=Path(folder) / "r", executor=executor, workers=2)
        assert len(results.done) == runs, results.failed
        ended = time.process_time(), spent(there), spent(workers or []), os.times().children_user
        grown = [process.memory_info().rss - before
                 for process, before in zip((mine, *there), held, strict=True)]
    here, scheduling, working, ended_workers = (
        1000 * (end - begin) / runs for begin, end in zip(begun, ended, strict=True))
    click.echo(f"{name:22} ms of processors a run: {here:5.1f} here, {scheduling:4.1f} scheduler, "
               f"{working + ended_workers - 1000 * own:5.1f} workers beyond the run; kB a run: "
               + ", ".join(f"{bytes_ / runs / 1024:.1f}" for bytes_ in grown))


@click.command()
@click.option("--runs", default=200, help="Runs of each engine.")
@click.option("--persons", default=300, help="Persons of each run.")
@click.option("--weeks", default=20, help="Weeks of each run.")
def main(runs: int, persons: int, weeks: int) -> None:
    """Print one line an engine."""
    scenario = sim.load("pyramid", {"persons": persons, "weeks": weeks})
    own = own_seconds(scenario, min(runs, 50))
    click.echo(f"{runs} runs of {persons:,} persons and {weeks} weeks, {1000 * own:.1f} ms each by itself")
    lived("worker processes", scenario, runs, own)
    with cluster(2) as (client, scheduler, started):
        executor = client.get_executor(pure=False)
        workers = [psutil.Process(process.pid) for process in started]
        places = executor, scheduler, workers
        lived("dask, getting ready", scenario, 40, own, *places)
        lived("dask", scenario, runs, own, *places)
        lived("dask, more runs", scenario, 3 * runs, own, *places)
        lived("dask, a worker lost", scenario, runs, own, executor, scheduler, workers[1:],
              lambda: started[0].send_signal(signal.SIGKILL))


if __name__ == "__main__":
    main()

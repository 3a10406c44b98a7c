"""The same runs on a dask scheduler with two worker processes, one of which is killed."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.runs.cluster import cluster
from sim.runs.errors import EngineError
from sim.runs.folder import run_into
from tests.runs.test_folder import bytes_of
from tests.runs.worlds import Killing, small, with_rule

pytest.importorskip("distributed")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(*words: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, "-m", *words], env=environment, stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL)


@pytest.fixture
def dask() -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Start a scheduler and two workers with the commands of docs/many_runs.md."""
    address = f"tcp://127.0.0.1:{free_port()}"
    port = address.rpartition(":")[2]
    processes = [start("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", port,
                       "--no-dashboard")]
    processes += [
        start("distributed.cli.dask_worker", address, "--nthreads", "1", "--host", "127.0.0.1",
              "--no-dashboard", "--no-nanny") for _ in range(2)]
    try:
        yield address, processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


@pytest.mark.slow
def test_a_killed_dask_worker_costs_nothing(
    dask: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path
) -> None:
    address, processes = dask
    scenario = small(persons=3000, weeks=30)
    run_into(scenario, 40, tmp_path / "here", workers=1)
    killed = []

    def kill(done: float, planned: int) -> None:
        if done >= 8 and not killed:
            killed.append(processes[2])
            processes[2].send_signal(signal.SIGKILL)

    with cluster(address) as executor:
        assert executor is not None
        until = time.monotonic() + 60
        while len(executor._client.nthreads()) < 2:  # type: ignore[attr-defined]
            assert time.monotonic() < until
            time.sleep(0.1)
        results = run_into(
            scenario, 40, tmp_path / "cluster", executor=executor, progress=kill)
    assert killed
    assert results.complete
    assert bytes_of(tmp_path / "cluster") == bytes_of(tmp_path / "here")


def _listening() -> set[str]:
    """Return the addresses that this process and its children listen on."""
    inodes = set()
    me = os.getpid()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if me not in (int(entry.name), parent):
                continue
            for link in (entry / "fd").iterdir():
                match = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(link))
                if match:
                    inodes.add(match[1])
        except OSError:
            continue
    found = set()
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and words[9] in inodes:
                found.add(words[1].rpartition(":")[0])
    return found


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/net/tcp").exists(),
    reason="open ports are read in /proc, which only Linux has")
def test_a_local_cluster_listens_on_loopback_only_and_survives_a_killing_run(
    tmp_path: Path
) -> None:
    scenario = with_rule(Killing(seed=2, parent=os.getpid()))
    with cluster("local", 2) as executor:
        heard = _listening()
        results = run_into(scenario, [1, 2, 3, 4], tmp_path / "r", executor=executor)
    assert heard == {"0100007F"}
    assert results.failed == {1: "it kept killing its worker"}
    assert set(results.weekly["seed"]) == {1, 3, 4}


def test_no_scheduler_is_one_sentence() -> None:
    with pytest.raises(EngineError, match="no dask scheduler answers"), \
            cluster(f"tcp://127.0.0.1:{free_port()}"):
        pass
    with pytest.raises(EngineError, match="no dask scheduler answers"), cluster("nonsense:::x"):
        pass

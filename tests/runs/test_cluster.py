"""The same runs on a dask scheduler with two worker processes, one of which is killed."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sim.runs.cluster import cluster
from sim.runs.errors import EngineError
from sim.runs.folder import open_results, resume, run_into
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


@pytest.mark.slow
def test_a_killed_scheduler_is_one_sentence_and_says_how_to_go_on(
    dask: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    address, processes = dask
    scenario = small(persons=3000, weeks=30)

    def kill(done: float, planned: int) -> None:
        if done >= 4:
            processes[0].send_signal(signal.SIGKILL)

    began = time.monotonic()
    with pytest.raises(EngineError, match=r"the scheduler is gone.*runs are kept, go on with: "
                       r"weishang resume"), cluster(address) as executor:
        run_into(scenario, 60, tmp_path / "r", executor=executor, progress=kill)
    assert time.monotonic() - began < 120
    assert "Traceback" not in capfd.readouterr().err
    kept = len(open_results(tmp_path / "r"))
    assert 4 <= kept < 60
    assert resume(tmp_path / "r", workers=1).lived == 60 - kept


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


def _silent(line: socket.socket) -> None:
    with line:
        while line.recv(4096):
            pass


def _speaking(words: bytes) -> Callable[[socket.socket], None]:
    def speak(line: socket.socket) -> None:
        with contextlib.suppress(OSError):
            line.sendall(words)
            _silent(line)

    return speak


def _serve(handle: Callable[[socket.socket], None]) -> str:
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(5)

    def accept() -> None:
        while True:
            threading.Thread(target=handle, args=(server.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return f"tcp://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(("handle", "why"), [
    (None, "nothing listens there"),
    (_silent, "no answer for 5 s"),
    (_speaking(b"HTTP/1.1 400 Bad Request\r\n\r\n" + b"x" * 200), "not dask"),
    (_speaking(b"SSH-2.0-OpenSSH_9.2\r\n"), "not dask"),
    (_speaking(b"\0" * 8000), "not dask"),
    (_speaking(b"\x10" + b"\0" * 7 + b"\xff\xff\xff\x1f\0\0\0\0" * 20), "not dask"),
])
def test_no_scheduler_is_one_sentence(
    handle: Callable[[socket.socket], None] | None, why: str
) -> None:
    import distributed  # noqa: F401 (the time counts without its import)

    address = f"tcp://127.0.0.1:{free_port()}" if handle is None else _serve(handle)
    began = time.monotonic()
    with pytest.raises(EngineError, match=f"no dask scheduler answers at '{address}' .*{why}"), \
            cluster(address):
        pass
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    "address", ["nonsense:::x", "", "127.0.0.1", "tcp://10.0.0.1:port", "http://x/y:80", "a b:1"])
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(EngineError, match="an address is such as tcp://"), cluster(address):
        pass


def test_the_documented_commands_listen_on_this_machine_only() -> None:
    page = (Path(__file__).parents[2] / "docs" / "many_runs.md").read_text("utf-8")
    said = [line for line in page.splitlines() if re.match(r"dask (scheduler|worker) ", line)]
    assert len(said) == 2
    for line in said:
        assert "--host 127.0.0.1" in line
        assert "--no-dashboard" in line

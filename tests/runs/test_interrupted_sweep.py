"""A sweep of a thousand runs, killed at random moments and resumed: the same bytes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.runs.folder import open_results
from tests.runs.test_folder import FILES
from tests.runs.test_many import workers_of

SCRIPT = """
import sys
from sim.runs.folder import run_into
from sim.runs.design import Design, Point
from tests.runs.worlds import small
keys = ["controls.stock_pressure", "offer.quality"]
points = [Point(0, (a / 10, b / 10)) for a in range(10) for b in range(10)]
design = Design.of(small(persons=200, weeks=8), 10, keys=keys, points=points)
results = run_into(design, out=sys.argv[1], workers=2)
print(results.lived)
"""


def start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder)], text=True, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL)


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self").exists(),
    reason="processes left over are looked up in /proc, which only Linux has")
def test_a_thousand_runs_killed_at_random_moments(tmp_path: Path) -> None:
    calm = start(tmp_path / "calm")
    said, _ = calm.communicate(timeout=900)
    assert said.strip() == "1000"
    luck = random.Random(20)
    kills = dict.fromkeys(("parent", "worker", "terminate"), 0)
    seen = [0]
    while sum(kills.values()) < 15:
        process = start(tmp_path / "wild")
        deadline = time.monotonic() + luck.uniform(2.0, 9.0)
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        victims = workers_of(process.pid)
        if process.poll() is not None:
            assert process.returncode == 0
            break
        kind = luck.choice(list(kills))
        kills[kind] += 1
        if kind == "worker":
            if victims:
                os.kill(luck.choice(victims), signal.SIGKILL)
            time.sleep(0.5)
            process.kill()
        else:
            process.send_signal(signal.SIGKILL if kind == "parent" else signal.SIGTERM)
        process.communicate(timeout=30)
        if (tmp_path / "wild" / "design.json").exists():
            seen.append(len(open_results(tmp_path / "wild")))
            assert seen[-1] >= seen[-2], "a finished run was lost"
    start(tmp_path / "wild").communicate(timeout=900)
    assert open_results(tmp_path / "wild").complete
    assert not open_results(tmp_path / "wild").damage()
    assert sum(kills.values()) >= 3, (kills, seen)
    for name in FILES:
        assert (tmp_path / "wild" / name).read_bytes() == (tmp_path / "calm" / name).read_bytes()
    data = (tmp_path / "wild" / "runs.journal").read_bytes()
    assert data.count(b'#weishang {"kind":"run"') == 1000, "a run was kept twice"

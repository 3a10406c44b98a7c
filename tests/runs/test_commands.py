"""The commands over folders of results, as a person uses them, with their exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sim.cli.app import outcome
from tests.runs.test_many import workers_of

SMALL = ("--persons", "300", "--weeks", "6")


class Done(NamedTuple):
    """How a command ended and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


def weishang(*words: str, cwd: Path) -> Done:
    """Run a command in this process, as if it were called in that folder."""
    with pytest.MonkeyPatch.context() as here, redirect_stdout(StringIO()) as out, \
            redirect_stderr(StringIO()) as err:
        here.chdir(cwd)
        here.setenv("LANGUAGE", "en")
        code = outcome(list(words))
    return Done(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a comparison was run."""
    folder = tmp_path_factory.mktemp("home")
    done = weishang("compare", "pyramid", "prosumer", "--seeds", "2", "--out", "r", *SMALL,
                    "--measure", "quality_perceived at end", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "perceived quality" in done.stdout
    assert "results: r" in done.stdout
    return folder


def json_of(done: Done) -> Any:
    return json.loads(done.stdout)


def test_status_verify_reproduce(home: Path) -> None:
    state = json_of(weishang("status", "r", "--json", cwd=home))
    assert (state["done"], state["planned"], state["complete"]) == (4, 4, True)
    assert "4 of 4 runs" in weishang("status", "r", cwd=home).stdout
    assert weishang("verify", "r", cwd=home).stdout.startswith("whole: 4 of 4 runs")
    again = json_of(weishang("reproduce", "r", "--sample", "3", "--json", cwd=home))
    assert (again["runs"], again["same"], again["differing"]) == (3, 3, [])


def test_the_same_command_does_nothing_and_another_is_refused(home: Path) -> None:
    words = ("compare", "pyramid", "prosumer", "--out", "r", *SMALL)
    same = weishang(*words, "--seeds", "2", cwd=home)
    assert same.returncode == 0
    assert "nothing to do" in same.stderr
    more = weishang(*words, "--seeds", "3", cwd=home)
    assert more.returncode == 0
    assert "2 of 6" not in more.stderr
    other = weishang(*words, "--seeds", "3", "--set", "offer.quality=0.31", cwd=home)
    assert other.returncode == 3
    assert "holds other runs" in other.stderr
    assert len(other.stderr.splitlines()) == 1


def test_damage_is_found_and_mended(home: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(home / "r", tmp_path / "r")
    data = bytearray((tmp_path / "r" / "tiers.parquet").read_bytes())
    data[100] ^= 4
    (tmp_path / "r" / "tiers.parquet").write_bytes(data)
    found = weishang("verify", "r", cwd=tmp_path)
    assert found.returncode == 1
    assert "tiers.parquet" in found.stdout
    assert weishang("resume", "r", cwd=tmp_path).returncode == 0
    assert weishang("verify", "r", cwd=tmp_path).returncode == 0
    for name in ("tiers.parquet", "manifest.json"):
        assert (tmp_path / "r" / name).read_bytes() == (home / "r" / name).read_bytes()


def test_mistakes_are_one_sentence_and_exit_2(home: Path) -> None:
    for words in (
        ("compare", "pyramid"), ("compare", "pyramid", "prosumer", "--measure", "x"),
        ("sweep", "pyramid", "--vary", "x=0:1:2"), ("sweep", "nothing.yaml"), ("sweep", "pyramid"),
        ("status", "nowhere"), ("compare", "pyramid", "prosumer", "--precision", "x"),
        ("tipping", "pyramid", "--vary", "offer.quality=0:1", "--when", "x"),
        ("calibrate", "pyramid", "--vary", "offer.quality=0:1", "--target", "x"),
        ("optimise", "pyramid", "--vary", "offer.quality=0.1,0.2", "--measure", "sell_in"),
        ("pilot", "pyramid", "--vary", "offer.quality=0:1"),
    ):
        done = weishang(*words, cwd=home)
        assert done.returncode == 2, (words, done)
        assert "Traceback" not in done.stderr
        assert done.stdout == ""
    done = weishang("status", ".", cwd=home)
    assert done.returncode == 3
    assert "no results folder" in done.stderr


@pytest.mark.parametrize(("number", "code"), [
    (signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_a_stop_has_its_exit_code(number: int, code: int, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "LANG": "C.UTF-8"}
    process = subprocess.Popen(
        [sys.executable, "-c", "from sim.cli import main; main()", "sweep", "pyramid", "--vary",
         "offer.quality=0.1:0.9:9", "--seeds", "20", "--persons", "3000", "--weeks", "30",
         "--out", "r", "--workers", "2"],
        cwd=tmp_path, text=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE, env=environment,
        preexec_fn=partial(signal.signal, number, signal.SIG_DFL))  # pytest may run under nohup
    journal, until = tmp_path / "r" / "runs.journal", time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        if journal.exists() and journal.read_bytes().count(b'{"kind":"run"') >= 2:
            break
        time.sleep(0.05)
    process.send_signal(number)
    said = process.communicate(timeout=30)[1]
    assert process.returncode == code
    assert "go on with: weishang resume r" in said
    assert not workers_of(process.pid)
    state = weishang("status", "r", cwd=tmp_path)
    assert "go on with: weishang resume r" in state.stdout

"""docs/features.md is true: each command of it runs and ends as the page says."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli.app import outcome
from sim.texts import use_language

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "features.md").read_text("utf-8")
ROW = re.compile(
    r"^\| (\d+) \| (.+?) \| (yes|part|no) \| (?:`(.+?)`(?: \((.+?)\))?(?: says `(.+?)`)?)? ?\|$", re.M)
ROWS = ROW.findall(PAGE)
PYTHON = [row[3] for row in ROWS if row[3].startswith("python ")]
"""Rows that say something in Python; the first runs in a process of its own."""
FIRST = re.search(r"```sh\n(.+?)```", PAGE, re.S)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("features")
    for source in (*(Path(__file__).parent / "features").iterdir(),
                   *(ROOT / "docs" / "examples").glob("coupons.*")):
        shutil.copy(source, made)
    here = Path.cwd()
    os.chdir(made)
    assert FIRST is not None
    for line in FIRST[1].splitlines():
        assert outcome(shlex.split(line)[1:]) == 0
    os.chdir(here)
    return made


@pytest.mark.parametrize(
    ("command", "remark", "says"),
    [pytest.param(command, remark, says, id=f"{number}-{feature}",
                  marks=[pytest.mark.slow] if "slow" in remark else [])
     for number, feature, works, command, remark, says in ROWS if command])
def test_a_feature_is_there(
    command: str, remark: str, says: str, folder: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("LANGUAGE", "en")
    wanted = int(found[1]) if (found := re.search(r"exit (\d)", remark)) else 0
    program, *arguments = shlex.split(command)
    if command == PYTHON[0]:
        done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True,
                              env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
        assert (done.returncode, done.stdout or True) != (0, "")
        assert done.returncode == wanted, done.stderr
        assert says in done.stdout
        return
    if program == "python":
        # As in a process of its own, without the seconds that importing takes.
        assert (arguments[0], wanted) == ("-c", 0)
        exec(compile(arguments[1], command, "exec"), {"__name__": "__main__"})
        shown = capsys.readouterr()
        assert shown.out
        assert says in shown.out
        return
    try:
        code = outcome(arguments)
    finally:
        use_language("en")
    shown = capsys.readouterr()
    assert code == wanted, shown.err
    assert shown.out.strip() or shown.err.strip()
    assert says in shown.out + shown.err
    assert "Traceback" not in shown.err


def test_the_page_has_every_row_and_counts_honestly() -> None:
    # 72 rows that users of such tools ask for, then those that nobody else has.
    assert [int(row[0]) for row in ROWS] == list(range(1, len(ROWS) + 1))
    assert len(ROWS) >= 72
    assert all(bool(command) == (works != "no") for _n, _f, works, command, _r, _s in ROWS)

"""Windows and macOS, as far as a Linux machine can try them: modules, names, encodings, spawn.

What only those systems can show (their locks, their consoles) is not tested here; README says so.
"""

from __future__ import annotations

import ast
import multiprocessing
import os
import shutil
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

import sim
from sim.runs.design import Design
from sim.runs.errors import FilesError
from sim.runs.folder import resume, run_into
from sim.runs.many import run_many
from tests.runs.worlds import small

PACKAGE = Path(sim.__file__).parent
TINY = "extends: pyramid\r\npersons: 300\r\nweeks: 4\r\nrecruiting.founders: 4 persons\r\n"


def there(folder: Path, *arguments: str, code: int = 0, **environment: str) -> str:
    """Return what a command says in a process that resembles one on Windows, in all its streams."""
    site = folder / "site"
    site.mkdir(exist_ok=True)
    shutil.copy(Path(__file__).with_name("elsewhere.py"), site / "sitecustomize.py")
    done = subprocess.run(
        [sys.executable, "-X", "warn_default_encoding", "-m", "sim", *arguments], cwd=folder,
        capture_output=True, check=False, timeout=300,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(site), str(PACKAGE.parent)]),
                          "PYTHONWARNDEFAULTENCODING": "1", "LANGUAGE": "en"} | environment)
    said = (done.stdout + done.stderr).decode(environment.get("PYTHONIOENCODING", "utf-8"))
    assert "elsewhere" in said
    assert done.returncode == code, said
    assert "Traceback" not in said
    return said


@pytest.mark.slow
def test_a_run_without_what_only_posix_has(tmp_path: Path) -> None:
    (tmp_path / "计划 a.yaml").write_bytes(TINY.encode())
    said = there(tmp_path, "run", "计划 a.yaml", "--out", "r 果", "--seeds", "2", "--workers", "2",
                 PYTHONIOENCODING="cp936", LANGUAGE="zh_CN")
    assert "r 果" in said
    assert list((tmp_path / "r 果" / "figures").glob("*.png"))
    assert "whole" in there(tmp_path, "verify", "r 果")
    there(tmp_path, "report", "r 果")
    there(tmp_path, "new", "mine.yaml")
    assert b"\r" not in (tmp_path / "mine.yaml").read_bytes()
    there(tmp_path, "check", "mine.yaml")


def test_processes_that_are_spawned_give_the_same_tables() -> None:
    here = run_many(small(weeks=3, persons=200), 2, workers=1)
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        spawned = run_many(small(weeks=3, persons=200), 2, executor=pool)
    assert here.weekly.equals(spawned.weekly)


@pytest.mark.parametrize("name", [
    "con", "NUL", "aux.x", "com1", "LPT9.", "a:b", "what?", "a<b>|\"c*", "end. ", "back\\slash", "..",
    "名字：甲", "x" * 300, "COM¹", " ",
])
def test_folders_and_files_have_names_that_windows_takes(tmp_path: Path, name: str) -> None:
    design = Design.of(small(weeks=1, persons=50, title="t"), 1, names=[name])
    results = run_into(design, out=tmp_path / "r", workers=1)
    for path in [*results.path.rglob("*"), *Path(design.names[0]).parents]:
        stem = path.name.split(".")[0].upper()
        assert stem not in RESERVED, path
        assert not set(path.name) & set('<>:"/\\|?*'), path
        assert not path.name.endswith((".", " ")), path
        assert len(path.name.encode()) < 200


RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{kind}{number}" for kind in ("COM", "LPT")
                                          for number in "0123456789¹²³")}


def calls() -> list[tuple[str, ast.Call]]:
    """Return every call in the package, with its file."""
    return [(path.relative_to(PACKAGE).as_posix(), node)
            for path in sorted(PACKAGE.rglob("*.py"))
            for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]


def test_no_text_is_written_with_the_line_ends_of_the_system() -> None:
    wrong = []
    for file, call in calls():
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        said = {keyword.arg for keyword in call.keywords}
        mode = next((str(arg.value) for arg in call.args if isinstance(arg, ast.Constant)
                     and isinstance(arg.value, str) and set(arg.value) <= set("rwabxt+")), "")
        writes = (name == "write_text" and file != "cli/options.py") or (
            name in ("open", "fdopen") and set(mode) & set("wax") and "b" not in mode)
        if writes and "newline" not in said:
            wrong.append(f"{file}:{call.lineno}")
    assert not wrong


def test_a_table_that_is_open_in_excel_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_into(small(weeks=2, persons=100), 1, tmp_path / "r", workers=1)
    rename = Path.replace

    def refused(path: Path, target: Path) -> Path:
        if Path(target).name == "weekly.csv":
            raise PermissionError(13, "The process cannot access the file", str(target))
        return rename(path, target)

    with monkeypatch.context() as held:
        held.setattr(Path, "replace", refused)
        with pytest.raises(FilesError, match=r"weekly\.csv cannot be replaced; close the program"):
            run_into(small(weeks=2, persons=100), 2, tmp_path / "r", workers=1)
    results = resume(tmp_path / "r", workers=1)
    assert results.complete
    assert not results.damage()

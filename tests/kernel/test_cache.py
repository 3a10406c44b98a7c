"""The cache of compiled code is advice, never a condition, and never a way in for others."""

from __future__ import annotations

import os
import pickle
import resource
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from sim.kernel import cache
from sim.kernel.cache import SUFFIX, cache_folder
from sim.kernel.compiled import compiled

ROOT = Path(__file__).parents[2]
SOMEBODY = 54321
"""A user that no machine has an entry for."""
RULE = """
from sim.kernel.cache import cache_folder
from sim.kernel.compiled import compiled
@compiled
def rule(x):
    return x + 1
print(rule(41), cache_folder())
"""
as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can act as others")
posix = pytest.mark.skipif(os.name != "posix", reason="owner and mode are POSIX's")


AS_SOMEBODY = ("setpriv", f"--reuid={SOMEBODY}", f"--regid={SOMEBODY}", "--clear-groups",
               "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
"""As that user, who may write nothing of ours, but read it: Python may lie in root's home."""


def run(*, env: dict[str, str], before: tuple[str, ...] = (), **how: Any) -> tuple[int, Path | None]:
    """Return what a kernel answers in a process of its own, and the folder of its code."""
    done = subprocess.run(
        [*before, sys.executable, "-B", "-c", RULE], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"} | env, **how)
    assert not done.stderr
    answer, folder = done.stdout.split()
    return int(answer), None if folder == "None" else Path(folder)


def loaded() -> bool:
    """Call a kernel for the first time; say whether its code was there already."""
    def rule(x: int) -> int:
        return x + 1

    kernel = compiled(rule)
    assert kernel(41) == 42
    return bool(sum(kernel.machine().stats.cache_hits.values()))  # type: ignore[attr-defined]


def kept(folder: Path) -> list[Path]:
    return sorted(folder.rglob(f"*{SUFFIX}"))


@pytest.fixture(autouse=True)
def _looked_up_again() -> Any:
    cache_folder.cache_clear()
    yield
    cache_folder.cache_clear()


@pytest.fixture
def candidates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    first, second = tmp_path / "cache" / "kernels", tmp_path / "weishang-me"
    monkeypatch.setattr(cache, "_candidates", lambda: iter((first, second)))
    return first, second


@posix
def test_the_folder_is_private_from_the_start(candidates: tuple[Path, Path]) -> None:
    before = os.umask(0)
    try:
        assert cache_folder() == candidates[0]
    finally:
        os.umask(before)
    assert stat.S_IMODE(candidates[0].stat().st_mode) == 0o700


@posix
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o720, 0o702, 0o1777])
def test_a_folder_that_others_can_write_to_is_not_used(
    candidates: tuple[Path, Path], mode: int,
) -> None:
    candidates[0].mkdir(parents=True)
    candidates[0].chmod(mode)
    assert cache_folder() == candidates[1]
    candidates[1].chmod(mode)
    cache_folder.cache_clear()
    assert cache_folder() is None


@posix
@pytest.mark.parametrize("kind", ["link", "file", "dangling"])
def test_a_link_or_a_file_in_its_place_is_not_used(
    candidates: tuple[Path, Path], tmp_path: Path, kind: str,
) -> None:
    candidates[0].parent.mkdir()
    if kind == "file":
        candidates[0].touch()
    else:
        target = tmp_path / "target"
        if kind == "link":
            target.mkdir(mode=0o700)
        candidates[0].symlink_to(target)
    assert cache_folder() == candidates[1]


@as_root
def test_a_folder_of_somebody_else_is_not_used(candidates: tuple[Path, Path]) -> None:
    candidates[0].mkdir(parents=True, mode=0o700)
    os.chown(candidates[0], SOMEBODY, SOMEBODY)
    assert cache_folder() == candidates[1]


class Attack:
    """Says so when it is unpickled."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (str(self.proof),)


def plant(path: Path, proof: Path) -> None:
    """Put a file there that is whole in form, and acts when it is unpickled."""
    path.unlink(missing_ok=True)
    cache._write(path, pickle.dumps(Attack(proof)))


@posix
@pytest.mark.parametrize("who", ["writable", pytest.param("somebody else", marks=as_root)])
def test_a_file_that_others_could_write_is_never_unpickled(
    candidates: tuple[Path, Path], tmp_path: Path, who: str,
) -> None:
    proof = tmp_path / "proof"
    assert not loaded()
    (path,) = kept(tmp_path)
    plant(path, proof)
    if who == "writable":
        path.chmod(0o666)
    else:
        os.chown(path, SOMEBODY, SOMEBODY)
    assert not loaded()
    assert not proof.exists()
    plant(path, proof)
    assert not loaded(), "what is unpickled and no machine code is compiled again"
    assert proof.exists(), "the plant acts where it is trusted, so this test can fail"


@pytest.mark.parametrize("damage", ["empty", "half", "head only", "flipped", "no head", "folder"])
def test_a_damaged_file_is_compiled_again_and_mended(
    candidates: tuple[Path, Path], damage: str,
) -> None:
    assert not loaded()
    assert loaded()
    (path,) = kept(candidates[0])
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    if damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        path.write_bytes({
            "empty": b"", "half": whole[:len(whole) // 2], "head only": whole[:cache.CHECK],
            "flipped": bytes(flipped), "no head": whole[cache.CHECK:]}[damage])
    assert not loaded()
    assert loaded() == (damage != "folder")
    assert [*path.parent.iterdir()] == [path], "nothing is left over"


def test_a_file_of_another_format_is_not_even_read(
    candidates: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not loaded()
    assert loaded()
    monkeypatch.setattr(cache, "FORMAT", cache.FORMAT + 1)
    assert not loaded()
    assert len(kept(candidates[0])) == 2


@pytest.mark.parametrize("broken", ["names", "too few", "numba's own"])
def test_whole_files_with_something_else_in_them_are_compiled_again(
    candidates: tuple[Path, Path], broken: str,
) -> None:
    assert not loaded()
    (path,) = kept(candidates[0])
    name, code, names, *rest = pickle.loads(path.read_bytes()[cache.CHECK:])
    cache._write(path, pickle.dumps({
        "names": (name, code, names[:0], *rest), "too few": (name, code, names),
        "numba's own": ((name, "object", (code, b"")), *rest)}[broken]))
    assert not loaded(), "what has no way in would be called at address 0"
    assert loaded()


LOOP = """
import sys
from sim.kernel.luck import unit
import numpy as np
print(unit(np.uint64(1), 2), "numba.typed.typeddict" in sys.modules, "numba" in sys.modules)
"""


def test_a_loop_is_read_without_what_compiling_needs(tmp_path: Path) -> None:
    """Half of the time before the first week of a process was spent on that."""
    compiling, reading = (
        subprocess.run([sys.executable, "-c", LOOP], capture_output=True, text=True, check=True, cwd=ROOT,
                       env=os.environ | {"XDG_CACHE_HOME": str(tmp_path)}).stdout.split()
        for _ in range(2))
    assert compiling[1:] == ["True", "True"]
    assert reading == [compiling[0], "False", "True"]


@posix
def test_a_full_disk_keeps_nothing_and_stops_nothing(tmp_path: Path) -> None:
    def full() -> None:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that writing fails instead
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    answer, folder = run(env={"XDG_CACHE_HOME": str(tmp_path)}, preexec_fn=full)
    assert answer == 42
    assert folder is not None
    assert not list(folder.iterdir())


@as_root
@pytest.mark.skipif(not shutil.which("setpriv"), reason="setpriv starts a process as another user")
@pytest.mark.parametrize("env", [
    {}, {"HOME": "/root"}, {"XDG_CACHE_HOME": "relative"},
])
def test_a_user_without_home_or_entry_runs(tmp_path: Path, env: dict[str, str]) -> None:
    # pytest keeps its temporary folders to itself.
    with tempfile.TemporaryDirectory() as temporary:
        Path(temporary).chmod(0o777)
        answer, folder = run(env={"TMPDIR": temporary} | env, cwd="/", before=AS_SOMEBODY)
        assert answer == 42
        assert folder == Path(temporary) / f"weishang-{SOMEBODY}"
        assert len(kept(folder)) == 1
        folder.chmod(0o777)  # and where nothing is private, nothing is kept
        assert run(env={"TMPDIR": temporary} | env, cwd="/", before=AS_SOMEBODY) == (42, None)

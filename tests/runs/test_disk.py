"""A disk that refuses: full, read-only, no permission. One sentence, and resume mends it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.errors import UsageError
from sim.runs.errors import FilesError
from sim.runs.folder import open_results, resume, run_into
from tests.runs.test_folder import bytes_of
from tests.runs.worlds import small


def mount(*words: str) -> bool:
    return os.geteuid() == 0 and subprocess.run(
        ["mount", *words], capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=400k", "tmpfs", str(folder)):
        pytest.skip("a full disk is a small one mounted for the test, which this user may not do")
    yield folder
    # A journal may be open for reading still: the disk goes when it is closed.
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_one_sentence_and_resume_gives_the_same_bytes(
    disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = small(weeks=40)
    run_into(scenario, 30, tmp_path / "free", workers=1)
    with pytest.raises(UsageError, match=r"on disk and .* is free"):
        run_into(scenario, 30, disk / "r", workers=1)
    # The disk fills up while the runs are lived.
    monkeypatch.setattr("sim.runs.estimate._free_disk", lambda folder: 1e12)
    with pytest.raises(FilesError, match="the disk is full") as error:
        run_into(scenario, 30, disk / "r", workers=1)
    assert "go on with: weishang resume" in str(error.value)
    assert 0 < len(open_results(disk / "r")) <= 30
    with pytest.raises(FilesError, match="the disk is full"):
        resume(disk / "r", workers=1)
    assert mount("-o", "remount,size=40m", str(disk))
    assert resume(disk / "r", workers=1).complete
    assert bytes_of(disk / "r") == bytes_of(tmp_path / "free")


def test_a_folder_that_was_begun_on_a_full_disk_can_be_begun_again(
    disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.runs.estimate._free_disk", lambda folder: 1e12)
    scenario = small(weeks=4)
    run_into(scenario, 2, tmp_path / "free", workers=1)
    filler = disk / "filler"
    for left in (0, 4096, 8192, 16384):
        filler.write_bytes(b"x" * (400 * 1024 - left - 4096))
        with pytest.raises(FilesError, match="the disk is full"):
            run_into(scenario, 2, disk / "r", workers=1)
        filler.unlink()
        with contextlib.suppress(FilesError):  # where its design was written, it can be resumed
            resume(disk / "r", workers=1)
        run_into(scenario, 2, disk / "r", workers=1)
        assert bytes_of(disk / "r") == bytes_of(tmp_path / "free")
        shutil.rmtree(disk / "r")


def test_a_read_only_disk_is_one_sentence_and_can_be_read(disk: Path) -> None:
    run_into(small(weeks=4), 2, disk / "r", workers=1)
    assert mount("-o", "remount,ro", str(disk))
    results = open_results(disk / "r")
    assert len(results.weekly) == 8
    assert not results.damage()
    assert not results.busy
    with pytest.raises(FilesError, match="read-only"):
        run_into(small(weeks=4), 2, disk / "new", workers=1)
    assert mount("-o", "remount,rw", str(disk))


def test_a_file_in_the_way_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FilesError, match="cannot write"):
        run_into(small(), 1, tmp_path / "file", workers=1)
    with pytest.raises(FilesError, match="cannot write"):
        run_into(small(), 1, tmp_path / "file" / "r", workers=1)


@pytest.mark.skipif(os.geteuid() == 0, reason="a folder closed to writing is open to root")
def test_no_permission_is_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(FilesError, match="no permission"):
        run_into(small(), 1, tmp_path / "r", workers=1)

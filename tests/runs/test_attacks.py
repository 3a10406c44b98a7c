"""Attacks on the promises of a results folder; docs/integrity.md has the table of them."""

from __future__ import annotations

import errno
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from sim.cli.app import outcome
from sim.errors import UsageError
from sim.runs import folder as module
from sim.runs.errors import FilesError
from sim.runs.folder import open_results, resume, run_into
from sim.runs.journal import Journal
from tests.runs.test_folder import bytes_of
from tests.runs.worlds import small


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("attacked") / "r"
    run_into(small(weeks=3, persons=200), 4, path, workers=1)
    return path


def attacked(done: Path, copy: Path, luck: random.Random) -> str:
    """Do one harm to a copy of a whole folder; return what was done."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(done, copy)
    files = sorted(path for path in copy.rglob("*") if path.is_file() and path.name != "lock")
    path = luck.choice([*files, copy / "runs.journal", copy / "runs.journal"])
    data = bytearray(path.read_bytes())
    kind = luck.choice(["bit", "bit", "bit", "digit", "cut", "zeros", "deleted"])
    if kind == "deleted":
        path.unlink()
    else:
        place = luck.randrange(len(data))
        if kind == "bit":
            data[place] ^= 1 << luck.randrange(8)
        elif kind == "digit":
            digits = [spot for spot, byte in enumerate(data) if 48 <= byte < 58]
            place = luck.choice(digits or [place])
            data[place] = 48 + (data[place] - 47) % 10
        elif kind == "cut":
            del data[place:]
        else:
            end = min(len(data), place + 16)
            data[place:end] = b"\xff" * (end - place)
        path.write_bytes(data)
    return f"{kind} in {path.relative_to(copy)}"


def attack(done: Path, tmp_path: Path, seed: int, count: int) -> None:
    luck, copy = random.Random(seed), tmp_path / "copy"
    for _trial in range(count):
        harm = attacked(done, copy, luck)
        assert open_results(copy).damage(), f"{harm} was not seen"
        assert resume(copy, workers=1).complete, harm
        assert open_results(copy).damage() == [], f"{harm} was not mended"
        assert bytes_of(copy) == bytes_of(done), harm


def test_whatever_is_harmed_is_seen_and_mended(done: Path, tmp_path: Path) -> None:
    attack(done, tmp_path, seed=1, count=25)


@pytest.mark.slow
def test_whatever_is_harmed_is_seen_and_mended_many_times(done: Path, tmp_path: Path) -> None:
    attack(done, tmp_path, seed=2, count=300)


def test_a_run_under_another_name_is_seen(done: Path, tmp_path: Path) -> None:
    """Records are moved between folders whole, with every check of theirs right."""
    run_into(small(weeks=3, persons=200, offer={"quality": 0.9}), 4, tmp_path / "other", workers=1)
    copy = Path(shutil.copytree(done, tmp_path / "copy"))
    with (copy / "runs.journal").open("ab") as file:
        file.write((tmp_path / "other" / "runs.journal").read_bytes())
    there = open_results(copy)
    assert any("runs of another design" in said for said in there.damage()) or (
        there.design.scenarios[0].offer.quality == 0.9)
    run_into(small(weeks=3, persons=200, offer={"quality": 0.9}), 4, tmp_path / "o2", workers=1)
    assert Journal(copy).of(there.design.identity(there.version)).foreign == 4


@pytest.mark.parametrize("step", range(1, 6))
def test_who_dies_while_a_folder_is_begun_can_begin_again(
    step: int, done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 0
    real = os.fsync

    def dying(handle: int) -> None:
        nonlocal count
        count += 1
        if count == step:
            raise OSError(errno.EIO, "planted")
        real(handle)

    scenario = small(weeks=3, persons=200)
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", dying)
        with pytest.raises(FilesError, match="the disk reports an error"):
            run_into(scenario, 4, tmp_path / "r", workers=1)
    assert run_into(scenario, 4, tmp_path / "r", workers=1).complete
    assert bytes_of(tmp_path / "r") == bytes_of(done)
    assert open_results(tmp_path / "r").damage() == []


def test_a_design_lost_in_both_places_is_known_by_its_runs(done: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(done, tmp_path / "copy"))
    (copy / "design.json").write_text("{")
    data = (copy / "runs.journal").read_bytes()
    (copy / "runs.journal").write_bytes(data.replace(b'"layout"', b'"LAYOUT"'))
    with pytest.raises(FilesError, match=r"design\.json is damaged"):
        resume(copy, workers=1)
    with pytest.raises(FilesError, match="damaged"):
        run_into(small(weeks=3, persons=201), 4, copy, workers=1)
    assert run_into(small(weeks=3, persons=200), 4, copy, workers=1).lived == 0
    assert bytes_of(copy) == bytes_of(done)


def test_a_folder_of_somebody_else_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "small.yaml").write_text("mine")
    (tmp_path / "runs.csv").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    for _twice in range(2):
        with pytest.raises(FilesError, match="is no results folder"):
            run_into(small(), 1, tmp_path, workers=1)
    assert sorted(tmp_path.rglob("*")) == before


def networked(path: Path, **settings: Any) -> Any:
    return small(persons=6, weeks=2, network={"kind": "file", "path": str(path)}, **settings)


def test_another_content_of_an_input_is_another_run(tmp_path: Path) -> None:
    ties = tmp_path / "ties.csv"
    ties.write_text("0,1\n1,2\n")
    run_into(networked(ties), 1, tmp_path / "r", workers=1)
    assert run_into(networked(ties), 1, tmp_path / "r", workers=1).lived == 0
    name = module.default_folder(module.Design.of(networked(ties), 1))
    ties.write_text("0,1\n1,3\n")
    assert module.default_folder(module.Design.of(networked(ties), 1)) != name
    with pytest.raises(FilesError, match=r"another content of .*ties\.csv"):
        run_into(networked(ties), 1, tmp_path / "r", workers=1)
    with pytest.raises(FilesError, match=r"another content of .*ties\.csv"):
        resume(tmp_path / "r", workers=1)
    ties.write_text("0,1\n1,2\n")
    assert resume(tmp_path / "r", workers=1).lived == 0


def test_a_bad_input_is_refused_once_before_the_first_run(tmp_path: Path) -> None:
    ties = tmp_path / "ties.csv"
    ties.write_text("0,1\n2,x\n3,4\n")
    with pytest.raises(UsageError, match=r"line 2: 'x' is no person"):
        run_into(networked(ties), 5, tmp_path / "r", workers=1)
    assert not (tmp_path / "r").exists()


def test_members_of_a_group_share_a_folder(done: Path, tmp_path: Path) -> None:
    before = os.umask(0o002)
    try:
        run_into(small(weeks=2, persons=200), 2, tmp_path / "r", workers=1)
    finally:
        os.umask(before)
    for path in (tmp_path / "r").rglob("*"):
        assert path.stat().st_mode & 0o060 == 0o060, path


def test_measures_that_were_chosen_are_made_again(tmp_path: Path) -> None:
    """Only the command knew which; the same bytes come back."""
    sweep = ["sweep", "pyramid", "--vary", "offer.quality=0.2,0.8", "--persons", "200", "--weeks", "2",
             "--out", str(tmp_path / "r"), "--measure", "trust_mean at end", "--measure",
             "cumulative(sell_in)", "--quiet"]
    assert outcome(sweep) == 0
    file = tmp_path / "r" / "measures.csv"
    before = file.read_bytes()
    for harm in (before[:-1], before.replace(b"trust", b"Trust"), None):
        file.unlink() if harm is None else file.write_bytes(harm)
        assert outcome(["verify", str(tmp_path / "r")]) == 1
        assert outcome(["resume", str(tmp_path / "r"), "--workers", "1"]) == 0
        assert file.read_bytes() == before
        assert outcome(["verify", str(tmp_path / "r")]) == 0

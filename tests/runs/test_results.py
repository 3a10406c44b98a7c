"""Reading what many runs brought: the runs asked for, the columns asked for, and clear words."""

from __future__ import annotations

import contextlib
import errno
import json
import threading
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.runs import journal as journal_module
from sim.runs import reading
from sim.runs.design import Design, Point
from sim.runs.errors import DesignError, FilesError
from sim.runs.folder import default_folder, open_results, resume, run_into
from sim.runs.journal import Journal
from sim.runs.many import run_many
from sim.runs.publishing import files, stoppable
from sim.runs.results import Runs
from sim.runs.version import code_version, library_versions
from tests.runs.worlds import small


@pytest.fixture(scope="module")
def design() -> Design:
    """Three points of two scenarios with two seeds: six runs."""
    return Design.of(
        [small(weeks=3), small(weeks=2, title="Other")], [4, 9], keys=["offer.quality"],
        points=[Point(0, (0.25,)), Point(1, (0.25,)), Point(0, (0.75,))])


@pytest.fixture(scope="module")
def memory(design: Design) -> Runs:
    return run_many(design, workers=1)


@pytest.fixture(scope="module")
def folder(design: Design, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("results") / "r"
    run_into(design, out=path, workers=1)
    return path


@pytest.fixture(scope="module", params=["memory", "folder"])
def results(request: pytest.FixtureRequest) -> Any:
    found = request.getfixturevalue(request.param)
    return open_results(found) if isinstance(found, Path) else found


def test_what_is_there(results: Any) -> None:
    assert results.done == [0, 1, 2, 3, 4, 5]
    assert (len(results), results.planned, results.complete, results.note) == (6, 6, True, "")
    assert repr(results) == "<6 runs of Small, Other>"
    assert results.who(3) == {"offer.quality": 0.25, "scenario": "Other", "seed": 9}


def test_tables_begin_with_what_identifies_a_row(results: Any) -> None:
    first = ["offer.quality", "scenario", "seed"]
    for name, identifying in (
        ("weekly", ["week"]), ("tiers", ["week", "tier"]), ("cohorts", ["week", "cohort"]),
        ("resellers", ["person"]),
    ):
        assert list(getattr(results, name).columns)[: 3 + len(identifying)] == first + identifying
    assert list(results.table("tiers", ["orders", "week"]).columns) == [
        *first, "week", "tier", "orders"]
    weekly = results.weekly
    assert weekly["week"].tolist() == [1, 2, 3] * 2 + [1, 2] * 2 + [1, 2, 3] * 2
    assert weekly["offer.quality"].tolist() == [0.25] * 10 + [0.75] * 6


@pytest.mark.parametrize(("scenario", "seed", "runs"), [
    (None, None, [0, 1, 2, 3, 4, 5]), (None, 9, [1, 3, 5]), ("Other", None, [2, 3]),
    ("other", None, [2, 3]), (1, 4, [2]), (0, None, [0, 1, 4, 5]), ("Small", 9, [1, 5]),
    (None, 5, []), (2, None, [])])
def test_only_the_runs_asked_for(results: Any, scenario: Any, seed: Any, runs: list[int]) -> None:
    assert results._chosen(scenario, seed) == runs
    table = results.table("weekly", ["sell_in"], scenario=scenario, seed=seed)
    assert len(table) == sum(2 if run in (2, 3) else 3 for run in runs)


def test_single_runs(results: Any) -> None:
    one = results.result("Other")
    assert (one.seed, one.scenario.title, len(one.weekly)) == (4, "Other", 2)
    assert list(one.weekly.columns[:3]) == ["scenario", "seed", "week"]
    assert results.result(seed=9).seed == 9
    assert results.result_of(4).scenario.offer.quality == 0.75
    assert [result.seed for result in results] == [4, 9, 4, 9, 4, 9]
    alone = results.table_of_run(2, "tiers", ["orders"])
    assert list(alone.columns) == ["week", "tier", "orders"]
    assert len(results.table_of_run(0, "weekly")) == 3
    with pytest.raises(DesignError, match="no finished run of scenario 'Other' with seed 5"):
        results.result("Other", 5)
    with pytest.raises(DesignError, match="no scenario 'Nobody'; there are: Small, Other"):
        results.result("Nobody")


def test_a_folder_reads_the_same_as_memory(memory: Runs, folder: Path) -> None:
    there = open_results(folder)
    for name in ("weekly", "tiers", "cohorts", "resellers"):
        pd.testing.assert_frame_equal(getattr(there, name), getattr(memory, name))
    pd.testing.assert_frame_equal(
        there.table("weekly", ["nonsense", "sell_in"]), memory.table("weekly", ["sell_in"]))
    assert (there.lived, there.version, there.custom_rules) == (0, code_version(), False)
    assert there.figures == folder / "figures"


def test_the_manifest_says_what_is_there(folder: Path, design: Design) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["layout"] == reading.LAYOUT
    assert manifest["version"] == code_version()
    assert manifest["libraries"] == library_versions()
    assert set(manifest["libraries"]) == {"python", "numpy", "numba", "pandas", "pyarrow", "mesa"}
    assert manifest["scenarios"] == dict(zip(["small", "other"], design.digests, strict=True))
    assert (manifest["varied"], manifest["seeds"]) == (["offer.quality"], [4, 9])
    assert manifest["runs"] == {"planned": 6, "done": 6, "failed": []}
    assert manifest["complete"]
    assert set(manifest["files"]) == {
        "weekly.parquet", "tiers.parquet", "cohorts.parquet", "resellers.parquet", "weekly.csv",
        "tiers.csv", "datapackage.json", "design.json", "scenarios/small.yaml",
        "scenarios/other.yaml"}
    assert (folder / "manifest.json").read_text("utf-8").endswith("}\n")


def copy_of(folder: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(folder, tmp_path / "copy"))


def test_everything_that_is_damaged_or_missing_is_told(folder: Path, tmp_path: Path) -> None:
    copy = copy_of(folder, tmp_path)
    assert open_results(copy).damage() == []
    (copy / "weekly.csv").write_text("x")
    (copy / "tiers.parquet").unlink()
    data = bytearray((copy / "runs.journal").read_bytes())
    last = data.rindex(b'{"kind":"run"')
    data[last + 700] ^= 1
    (copy / "runs.journal").write_bytes(data)
    there = open_results(copy)
    assert there.damage() == [
        "run Small, offer.quality=0.75, seed 9: its bytes are not those written",
        "tiers.parquet: missing", "weekly.csv: its bytes are not those written"]
    # Without its file a table is read from the runs; the damaged one is named.
    with pytest.raises(FilesError, match=r"the run Small, offer.quality=0.75, seed 9 in .* is damaged"):
        there.table("tiers")
    (copy / "weekly.parquet").write_text("not Parquet")
    with pytest.raises(FilesError, match=r"weekly\.parquet is damaged"):
        _ = open_results(copy).weekly
    assert len(resume(copy, workers=1).weekly) == 16
    assert open_results(copy).damage() == []


def test_what_was_never_published_is_told(folder: Path, tmp_path: Path) -> None:
    copy = copy_of(folder, tmp_path)
    with Journal(copy, write=True) as journal:
        for name in ("manifest.json", "cohorts.parquet"):
            journal.forget(name)
    assert open_results(copy).damage() == [
        "manifest.json: not published", "cohorts.parquet: not published"]
    resume(copy, workers=1)
    assert open_results(copy).damage() == []


def test_folders_that_cannot_be_read_are_told_apart(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FilesError, match="there is no results folder"):
        open_results(tmp_path / "nowhere")
    copy = copy_of(folder, tmp_path)
    (copy / "runs.journal").unlink()
    assert open_results(copy).damage()[0] == "runs.journal: missing"
    text = (copy / "design.json").read_text("utf-8")
    for layout in (0, 3):
        (copy / "design.json").write_text(text.replace('"layout": 2', f'"layout": {layout}'))
        with pytest.raises(
                FilesError, match=rf"has layout {layout} \(weishang .*reads layout {reading.LAYOUT}$"):
            open_results(copy)
    for broken in ("{", "[]", "[" * 100_000, text.replace(" 9\n", " 8\n")):
        (copy / "design.json").write_text(broken)
        with pytest.raises(FilesError, match=r"design\.json is damaged"):
            open_results(copy)
    (copy / "design.json").unlink()
    with pytest.raises(FilesError, match="it has no design"):
        open_results(copy)


def test_the_default_folder_is_named_after_the_scenarios(design: Design) -> None:
    path = default_folder(design)
    assert path.parent == Path("results")
    assert path.name[:-8] == "small-other-"
    assert default_folder(design) == path
    assert default_folder(design.with_seeds([4])) != path
    names = ["a" * 40, "b" * 40, "c", "d"]
    long = default_folder(Design.of([small(title=name) for name in names], 1)).name
    assert long[:-8] == "a" * 40 + "-" + "b" * 19 + "-"
    short = default_folder(Design.of([small(title=name) for name in "abcd"], 1)).name
    assert short[:-8] == "a-b-c-"


# -- the journal ------------------------------------------------------------------------------------


def same(point: int, seed: int) -> str:
    return "me"


def begun(folder: Path) -> Journal:
    return Journal(folder, write=True).of(same)


def test_the_last_word_on_a_run_counts(tmp_path: Path) -> None:
    with begun(tmp_path) as journal:
        journal.fail((0, 2), "too bad")
        journal.add((0, 1), b"first")
        journal.add((1, 1), b"second")
        assert journal.done == set()  # nothing is there before it is on the disk
        journal.sync()
        assert journal.done == {(0, 1), (1, 1)}
        assert journal.failed == {(0, 2): "too bad"}
        journal.add((0, 2), b"after all")
        journal.publish("a.txt", 3, "00", 2)
        journal.publish("b.txt", 3, "00", 2)
        journal.forget("b.txt")
    again = Journal(tmp_path).of(same)
    assert again.failed == {}
    assert set(again.files) == {"a.txt"}
    assert {name: again.files["a.txt"][name] for name in ("size", "digest", "runs")} == {
        "size": 3, "digest": "00", "runs": 2}
    assert [again.read(run) for run in ((0, 1), (1, 1), (0, 2))] == [b"first", b"second", b"after all"]
    assert (list(again.damaged()), again.gaps) == ([], [])
    assert again.end == (tmp_path / "runs.journal").stat().st_size
    again.close()


def test_a_run_of_another_design_is_none(tmp_path: Path) -> None:
    with begun(tmp_path) as journal:
        journal.add((0, 1), b"mine")
        journal.of(lambda point, seed: "other")
        journal.add((0, 1), b"theirs")
        journal.sync()
    again = Journal(tmp_path).of(same)
    assert again.read((0, 1)) == b"mine"
    assert again.foreign == 1


@pytest.mark.parametrize("moment", [1, 2, 3])
@pytest.mark.parametrize("where", ["os.fsync", "Journal._note"])
def test_a_stop_in_the_middle_of_writing_damages_nothing(
    where: str, moment: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = {(0, seed): bytes([seed]) * 100 * seed for seed in range(1, 6)}
    with begun(tmp_path) as journal:
        owner, name = {"os.fsync": (journal_module.os, "fsync"),
                       "Journal._note": (Journal, "_note")}[where]
        real, calls = getattr(owner, name), []

        def stopped(*words: Any) -> None:
            real(*words)
            calls.append(words)
            if len(calls) == moment:
                raise KeyboardInterrupt

        monkeypatch.setattr(owner, name, stopped)
        for run, packed in runs.items():
            journal._waiting.append((journal._head(run), packed))
            if run[1] in (3, 4, 5):
                with contextlib.suppress(KeyboardInterrupt):
                    journal.sync()
        journal.publish("a.txt", 3, "00", 2)
        journal.sync()
        assert {run: journal.read(run) for run in journal.done} == runs
    again = Journal(tmp_path).of(same)
    assert {run: again.read(run) for run in again.done} == runs
    assert again.gaps == []
    again.close()


def test_runs_reach_the_disk_within_half_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("sim.runs.journal.time.monotonic", lambda: now[0])
    with begun(tmp_path) as journal:
        now[0] += 0.5
        journal.add((0, 1), b"x")
        assert journal.done == set()
        now[0] += 0.01
        journal.add((0, 2), b"y")
        assert journal.done == {(0, 1), (0, 2)}
        journal.add((0, 3), b"z")
        assert len(journal.done) == 2


@pytest.mark.parametrize("text", [
    b"x", b"#weishang \n", b"#weishang {} 44136fa355b3678a\n", b"\n\n", b"#weishang #weishang ",
    b"#weishang [1] 0\n", b"#weishang " + b"[" * 5000 + b" 0\n"])
def test_what_is_no_record_costs_nobody_else(tmp_path: Path, text: bytes) -> None:
    with begun(tmp_path) as journal:
        journal.begin(b"{}")
        journal.add((0, 1), b"one #weishang one")
        journal.add((0, 2), b"two\n#weishang ")
        journal.sync()
    path = tmp_path / "runs.journal"
    whole = path.read_bytes()
    second = whole.index(b'#weishang {"kind":"run","point":0,"seed":2')
    for place in (0, second, len(whole)):
        path.write_bytes(whole[:place] + text + whole[place:])
        found = Journal(tmp_path).of(same)
        assert found.done == {(0, 1), (0, 2)}
        assert found.gaps == [(place, place + len(text))]
        assert found.read((0, 2)) == b"two\n#weishang "
        with Journal(tmp_path).of(same) as mended:
            mended.open()
            mended.mend(b"{}")
        assert Journal(tmp_path).gaps == []
        assert Journal(tmp_path).design() == b"{}"
        assert Journal(tmp_path).of(same).done == {(0, 1), (0, 2)}


def test_the_torn_end_is_cut_off_and_written_over(tmp_path: Path) -> None:
    with begun(tmp_path) as journal:
        journal.add((0, 1), b"one")
        journal.sync()
        size = journal.end
        journal.add((0, 2), b"two")
        journal.sync()
    path = tmp_path / "runs.journal"
    whole = path.read_bytes()
    for cut in range(size + 1, len(whole)):
        path.write_bytes(whole[:cut])
        with begun(tmp_path) as journal:
            assert journal.done == {(0, 1)}
            assert path.stat().st_size == size
            journal.add((0, 2), b"two")
            journal.sync()
        assert path.read_bytes() == whole


@pytest.mark.slow
def test_every_flipped_bit_of_a_journal_is_found(tmp_path: Path) -> None:
    with begun(tmp_path) as journal:
        journal.begin(b'{"a": 1}')
        for seed in (1, 2):
            journal.add((0, seed), b"run %d" % seed)
        journal.fail((0, 3), "no")
        journal.publish("a.txt", 3, "00", 2)
    path = tmp_path / "runs.journal"
    whole = path.read_bytes()
    for place in range(8 * len(whole)):
        data = bytearray(whole)
        data[place // 8] ^= 1 << place % 8
        path.write_bytes(data)
        found = Journal(tmp_path).of(same)
        broken = sorted(found.damaged())
        assert found.gaps or broken or found.design() is None, place
        assert (len(found.done) - len(broken) + len(found.failed) + len(found.files)
                + (found.design() is not None)) >= 4, place  # it costs one record and no more
        for run in found.done - set(broken):
            assert found.read(run) == b"run %d" % run[1]
        found.close()


# -- words for what a disk refuses ------------------------------------------------------------------


@pytest.mark.parametrize(("error", "why"), [
    (OSError(errno.ENOSPC, "x"), "the disk is full"),
    (OSError(errno.EDQUOT, "x"), "the disk quota is used up"),
    (OSError(errno.EROFS, "x"), "the file system is read-only"),
    (PermissionError(errno.EACCES, "x"), "there is no permission to write there"),
    (PermissionError(errno.EPERM, "x"), "there is no permission to write there"),
    (NotADirectoryError(errno.ENOTDIR, "x"), "a part of the path is a file, not a folder"),
    (FileExistsError(errno.EEXIST, "x"), "there is a file of that name"),
    (OSError(errno.ENAMETOOLONG, "x"), "the name is too long"),
    (OSError("Arrow says: [errno 28] no space"), "the disk is full"),
    (OSError("something else"), "something else"),
])
def test_what_the_disk_refuses_in_words(error: OSError, why: str, tmp_path: Path) -> None:
    with pytest.raises(FilesError) as told, files(tmp_path / "r"):
        raise error
    assert str(told.value) == f"cannot write {tmp_path / 'r'}: {why}"
    with begun(tmp_path) as journal:
        journal.add((0, 1), b"x")
        journal.sync()
    with pytest.raises(FilesError) as told, files(tmp_path):
        raise error
    assert str(told.value) == (
        f"cannot write {tmp_path}: {why}; 1 finished runs are kept, go on with: weishang resume "
        f"{tmp_path}")


def test_only_the_main_thread_takes_requests_to_terminate() -> None:
    import os
    import signal

    from sim.runs.errors import Stopped

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Stopped) as told, stoppable():
        os.kill(os.getpid(), signal.SIGTERM)
    assert told.value.exit_code == 143
    assert signal.getsignal(signal.SIGTERM) is before

    done = []

    def elsewhere() -> None:
        with stoppable():
            done.append(signal.getsignal(signal.SIGTERM) is before)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert done == [True]


# -- what lies in the folder ------------------------------------------------------------------------


def test_what_a_death_left_half_written_is_removed(folder: Path, tmp_path: Path, design: Design) -> None:
    copy = copy_of(folder, tmp_path)
    for name in (".tmp-weekly.parquet", "scenarios/.tmp-small.yaml"):
        (copy / name).write_text("half")
    run_into(design, out=copy, workers=1)
    assert not [path.name for path in copy.rglob(".tmp-*")]


@pytest.mark.parametrize(("rows", "there"), [(16, True), (15, False)])
def test_tables_too_long_for_a_spreadsheet_are_not_written_for_one(
    rows: int, there: bool, design: Design, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.runs.folder.ROWS_IN_CSV", rows)
    run_into(design, out=tmp_path / "r", workers=1)
    assert (tmp_path / "r" / "weekly.csv").exists() == there
    assert not (tmp_path / "r" / "resellers.csv").exists()


def test_the_name_of_a_new_journal_is_brought_to_the_disk_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr("sim.runs.journal.sync_folder", synced.append)
    with Journal(tmp_path, write=True):
        assert synced == [tmp_path]
    with Journal(tmp_path, write=True):
        assert synced == [tmp_path]

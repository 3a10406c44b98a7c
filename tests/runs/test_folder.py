"""The results folder: complete, the same whatever happened on the way, and hard to misuse."""

from __future__ import annotations

import json
import multiprocessing
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.errors import UsageError
from sim.runs.errors import FilesError, Stopped
from sim.runs.folder import open_results, resume, run_into
from sim.runs.many import run_many
from sim.runs.run import run
from sim.runs.version import code_version
from sim.runs.worker import main  # noqa: F401  (importable without the rest)
from tests.runs.worlds import Failing, small, with_rule

TABLES = ("weekly.parquet", "tiers.parquet", "cohorts.parquet", "resellers.parquet")
FILES = (*TABLES, "manifest.json", "weekly.csv", "tiers.csv")


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


@pytest.fixture(scope="module")
def two() -> list[Any]:
    return [small(), small(title="Lighter", controls={"stock_pressure": 0.1})]


@pytest.fixture(scope="module")
def done(two: list[Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("done") / "r"
    run_into(two, [3, 1, 2], folder, workers=1)
    return folder


def test_tables_are_those_of_single_runs(two: list[Any], done: Path) -> None:
    results = open_results(done)
    assert results.complete
    assert results.note == ""
    single = [run(scenario, seed) for scenario in two for seed in (1, 2, 3)]
    for name in ("weekly", "tiers", "cohorts", "resellers"):
        whole = pd.concat([getattr(one, name) for one in single], ignore_index=True)
        pd.testing.assert_frame_equal(getattr(results, name), whole, check_dtype=False)
    assert list(results.weekly.columns[:3]) == ["scenario", "seed", "week"]
    assert str(results.resellers["left_week"].dtype) == "Int64"


def test_a_column_is_read_alone(done: Path) -> None:
    table = open_results(done).table("weekly", ["sell_in"], scenario="Lighter", seed=2)
    assert list(table.columns) == ["scenario", "seed", "week", "sell_in"]
    assert set(table["scenario"]) == {"Lighter"}
    assert set(table["seed"]) == {2}


def test_bytes_do_not_depend_on_engine_or_interruption(
    two: list[Any], done: Path, tmp_path: Path
) -> None:
    run_into(two, [1, 2, 3], tmp_path / "pool", workers=2)
    assert bytes_of(tmp_path / "pool") == bytes_of(done)

    def stop(count: float, planned: int) -> None:
        if count > 2:
            raise KeyboardInterrupt

    with pytest.raises(Stopped, match="2 of 6 runs are kept; go on with: weishang resume"):
        run_into(two, [1, 2, 3], tmp_path / "cut", workers=1, progress=stop)
    partial = open_results(tmp_path / "cut")
    assert partial.note == "2 of 6 runs"
    assert len(partial.weekly) == 24
    resumed = resume(tmp_path / "cut", workers=1)
    assert resumed.lived == 4
    assert bytes_of(tmp_path / "cut") == bytes_of(done)


def test_in_memory_is_the_same(two: list[Any], done: Path) -> None:
    many = run_many(two, [1, 2, 3], workers=1)
    pd.testing.assert_frame_equal(many.weekly, open_results(done).weekly)
    assert [result.seed for result in many] == [1, 2, 3, 1, 2, 3]


def test_again_does_nothing(two: list[Any], done: Path) -> None:
    # Some versions of filelock write the lock anew.
    before = {path: path.stat().st_mtime_ns for path in done.rglob("*")
              if path.is_file() and path.name != "lock"}
    assert run_into(two, [1, 2, 3], done).lived == 0
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_another_scenario_or_folder_is_refused(two: list[Any], done: Path, tmp_path: Path) -> None:
    with pytest.raises(FilesError, match="holds other runs"):
        run_into(two[:1], [1, 2, 3], done)
    with pytest.raises(FilesError, match="holds other runs"):
        run_into(two, [1, 2], done)
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(FilesError, match="no results folder"):
        run_into(two, [1], tmp_path)
    with pytest.raises(FilesError, match="no results folder"):
        open_results(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.name != "lock"] == ["letter.txt"]


def test_more_seeds_go_on_where_fewer_ended(
    two: list[Any], done: Path, tmp_path: Path
) -> None:
    run_into(two, [1, 3], tmp_path / "grown", workers=1)
    results = run_into(two, [1, 2, 3], tmp_path / "grown", workers=1)
    assert results.lived == 2
    assert bytes_of(tmp_path / "grown") == bytes_of(done)
    with pytest.raises(FilesError, match="holds other runs"):
        run_into(two[:1], [1, 2, 3, 4], tmp_path / "grown")
    # Seeds beside those that are there are added to them.
    assert run_into(two, [7], tmp_path / "grown", workers=1).design.seeds == (1, 2, 3, 7)
    assert open_results(tmp_path / "grown").complete


def test_another_version_is_refused_with_both_named(
    two: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        for place in ("folder", "reading", "many", "task"):
            older.setattr(f"sim.runs.{place}.code_version", lambda: "0.0.1+abc")
        run_into(two, [1, 2], tmp_path / "old", workers=1)
    assert len(open_results(tmp_path / "old").weekly) == 48
    for again in (lambda: resume(tmp_path / "old"), lambda: run_into(two, [1, 2], tmp_path / "old")):
        with pytest.raises(FilesError) as error:
            again()
        assert "0.0.1+abc" in str(error.value)
        assert code_version() in str(error.value)


@pytest.mark.parametrize("name", [
    *TABLES, "weekly.csv", "runs.journal", "manifest.json", "design.json", "scenarios/small.yaml"])
def test_any_flipped_bit_is_found_and_mended(name: str, done: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(done, tmp_path / "bad")
    path = tmp_path / "bad" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert open_results(tmp_path / "bad").damage()
    resume(tmp_path / "bad", workers=1)
    assert not open_results(tmp_path / "bad").damage()
    assert bytes_of(tmp_path / "bad") == bytes_of(done)


def test_a_torn_end_is_cut_off(two: list[Any], done: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(done, tmp_path / "torn")
    journal = tmp_path / "torn" / "runs.journal"
    whole = journal.read_bytes()
    third = [place.start() for place in re.finditer(rb'#weishang {"kind":"run"', whole)][3]
    journal.write_bytes(whole[: third + 500])
    for name in FILES:
        (tmp_path / "torn" / name).unlink()
    assert open_results(tmp_path / "torn").note == "3 of 6 runs"
    assert resume(tmp_path / "torn", workers=1).lived == 3
    assert bytes_of(tmp_path / "torn") == bytes_of(done)


def test_a_failing_run_is_marked_and_the_others_finish(tmp_path: Path) -> None:
    results = run_into(with_rule(Failing(seed=2)), [1, 2, 3], tmp_path / "f", workers=1)
    assert results.note == "2 of 3 runs"
    assert results.failed == {1: "ValueError: planted failure (in rule 'failing', week 1)"}
    assert set(results.weekly["seed"]) == {1, 3}
    manifest = json.loads((tmp_path / "f" / "manifest.json").read_text())
    assert manifest["runs"]["failed"][0]["seed"] == 2
    assert not manifest["complete"]
    with pytest.raises(UsageError, match="custom rules that Python code composed"):
        resume(tmp_path / "f")
    again = run_into(with_rule(Failing(seed=2)), [1, 2, 3], tmp_path / "f", workers=1)
    assert again.lived == 1


def _hold(folder: str, ready: Any, go: Any) -> None:
    from sim.runs.publishing import lock

    with lock(Path(folder)):
        ready.set()
        go.wait(20)


def test_a_second_process_is_refused(two: list[Any], done: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready, go = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(str(done), ready, go))
    other.start()
    try:
        assert ready.wait(20)
        assert open_results(done).busy
        with pytest.raises(FilesError, match="another process"):
            run_into(two, [1, 2, 3], done)
    finally:
        go.set()
        other.join()
    assert not open_results(done).busy


def test_csv_opens_in_a_chinese_excel(done: Path) -> None:
    assert (done / "weekly.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(done / "weekly.csv", encoding="utf-8-sig")
    assert list(table.columns) == pq.read_schema(done / "weekly.parquet").names


def test_the_scenario_file_makes_the_same_scenario(two: list[Any], done: Path) -> None:
    from ruamel.yaml import YAML

    from sim.scenario.schema import Scenario

    data = YAML(typ="safe").load((done / "scenarios" / "lighter.yaml").read_text())
    assert Scenario.of(data) == two[1]


def test_pictures_are_published_with_checksums(done: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(done, tmp_path / "p")
    results = open_results(tmp_path / "p")
    results.publish("figures/a.svg", lambda path: path.write_text("<svg/>"))
    assert not open_results(tmp_path / "p").damage()
    (tmp_path / "p" / "figures" / "a.svg").write_text("<SVG/>")
    assert open_results(tmp_path / "p").damage() == [
        "figures/a.svg: its bytes are not those written"]

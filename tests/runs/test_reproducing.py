"""Runs lived again: which ones are drawn, and what is said of those that differ."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.errors import UsageError
from sim.runs import reproducing
from sim.runs.errors import DesignError
from sim.runs.folder import run_into
from sim.runs.reading import open_results
from sim.runs.reproducing import reproduce
from tests.runs.worlds import Failing, small, with_rule


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("again") / "r"
    run_into(small(weeks=2), 7, path, workers=1)
    return path


def engine(answers: Callable[[int], tuple[bytes | None, str]]) -> type:
    """Return an engine that gives these answers and keeps what it was asked for."""

    class Engine:
        asked: list[int]

        def __init__(self, design: Any, **options: Any) -> None:
            pass

        def __enter__(self) -> Engine:
            return self

        def __exit__(self, *error: object) -> None:
            pass

        def live(self, runs: list[int], deliver: Any, progress: Any) -> None:
            type(self).asked = runs
            for run in runs:
                deliver(run, *answers(run))

    return Engine


@pytest.mark.parametrize(("sample", "runs"), [
    (1, [0]), (2, [0, 3]), (3, [0, 2, 4]), (5, [0, 1, 2, 4, 5]), (7, list(range(7))),
    (50, list(range(7)))])
def test_the_sample_is_spread_over_all_runs(
    sample: int, runs: list[int], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = open_results(folder)
    fake: Any = engine(lambda run: (kept.packed(run), ""))
    monkeypatch.setattr(reproducing, "Engine", fake)
    found = reproduce(folder, sample)
    assert fake.asked == runs
    assert (found.runs, found.same, found.differing) == (len(runs), len(runs), [])
    assert found.version == found.version_here == kept.version


def test_runs_lived_again_are_the_same(folder: Path) -> None:
    found = reproduce(folder, workers=1)
    assert (found.runs, found.same) == (5, 5)


def test_what_differs_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = open_results(folder)
    answers = {0: (kept.packed(0), ""), 1: (None, "it gave no answer"), 2: (kept.packed(5), "")}
    monkeypatch.setattr(
        reproducing, "Engine", engine(lambda run: answers.get(run, (kept.packed(run), ""))))
    found = reproduce(folder, 7)
    assert (found.runs, found.same) == (7, 5)
    assert found.differing[0] == "Small, seed 1: it gave no answer"
    assert found.differing[1].startswith("Small, seed 2: differs in weekly")


def test_folders_of_which_nothing_can_be_lived_again(tmp_path: Path) -> None:
    run_into(with_rule(Failing(seed=0)), 1, tmp_path / "failed", workers=1)
    with pytest.raises(DesignError, match="no finished run"):
        reproduce(tmp_path / "failed")
    run_into(with_rule(Failing(seed=0)), 2, tmp_path / "own", workers=1)
    with pytest.raises(UsageError, match="custom rules that Python code composed"):
        reproduce(tmp_path / "own")

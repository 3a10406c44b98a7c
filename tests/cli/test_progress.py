"""The line of progress tells the time left by the runs that were lived, and nothing that is not so."""

from __future__ import annotations

from typing import Any

import pytest

from sim.cli import progress as module
from sim.cli.progress import Progress
from sim.runs.design import Design
from sim.runs.folder import default_folder
from sim.studies.searching import Tally


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_runs_that_a_folder_had_say_nothing_of_the_time(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    line = Progress()
    for seconds, done in ((0.0, 60), (10.0, 70), (20.0, 80), (40.0, 100)):
        clock[0] = seconds
        line(done, 100)
    # The first 60 took no time: ten runs take ten seconds.
    assert told(capsys) == [
        "70% of 100 runs, about 30 s left", "80% of 100 runs, about 20 s left", "100% of 100 runs"]


def test_rounds_of_a_search_that_were_there_are_left_out(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    tally = Tally(Progress(), 100)
    tally(0, 10)
    clock[0] = 10.0
    tally(10, 10)
    tally.round_done(10)
    tally.round_done(40)
    tally.skip(40)
    clock[0] = 20.0
    tally(10, 10)
    assert told(capsys) == ["10% of 100 runs, about 90 s left",
                            "60% of 100 runs, about 40 s left"]
    tally.round_done(10)
    tally.finish()
    assert told(capsys) == ["100% of 60 runs"]


def test_a_single_short_run_never_has_no_seconds_left(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    line = Progress()
    for week in range(1, 11):
        clock[0] = week / 100
        line(week / 10, 1)
    lines = told(capsys)
    assert lines[0] == "20% of the run, about 1 s left"
    assert lines[-1] == "100% of the run"
    assert not any("0.0 s" in one for one in lines)


@pytest.mark.parametrize(("kind", "names", "folder"), [
    ("loops", ["mask-loops-cut", "mask", "loops-01"], "mask-loops-"),
    ("ladder", ["mask", "turn", "rung-1"], "mask-turn-ladder-"),
    (None, ["mask", "turn", "later"], "mask-turn-later-"),
])
def test_folders_of_studies_have_names_that_people_know(
    kind: str | None, names: list[str], folder: str
) -> None:
    from sim.scenario.load import load

    plan = load("pyramid")
    design: Any = Design.of([plan.changed({"persons": 100 + at}) for at in range(3)], 2, names=names,
                            study={"kind": kind} if kind else {})
    assert default_folder(design).name.startswith(folder)
    assert len(default_folder(design).name) == len(folder) + 8

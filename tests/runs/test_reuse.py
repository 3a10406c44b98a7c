"""Runs that a folder beside this one holds are not run again, and have the same bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cli.app import outcome
from sim.runs.design import Design
from sim.runs.folder import open_results, run_into
from sim.scenario.load import load
from sim.texts import use_language

SMALL = {"persons": 300, "weeks": 6}


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANGUAGE", "en")
    use_language("en")


def test_a_plan_that_was_run_alone_is_there_when_it_is_compared() -> None:
    one, two = load("pyramid", SMALL), load("prosumer", SMALL)
    alone = run_into(Design.of([one], range(3)), workers=1)
    assert (alone.lived, alone.taken) == (3, 0)
    both = run_into(Design.of([one, two], range(4)), workers=1)
    assert (both.lived, both.taken) == (5, 3)
    fresh = run_into(Design.of([one, two], range(4)), out="elsewhere/fresh", workers=1)
    assert (fresh.lived, fresh.taken) == (8, 0), "a folder of your own is filled by itself"
    for name in ("weekly.parquet", "resellers.parquet"):
        assert (both.path / name).read_bytes() == (fresh.path / name).read_bytes()
    assert not both.damage()


def test_another_version_of_a_plan_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    run_into(Design.of([load("pyramid", SMALL)], range(2)), workers=1)
    other = run_into(Design.of([load("pyramid", {**SMALL, "offer.quality": 0.7})], range(2)),
                     workers=1)
    assert (other.lived, other.taken) == (2, 0)
    monkeypatch.setattr("sim.runs.reuse.code_version", lambda: "another")
    longer = run_into(Design.of([load("pyramid", SMALL)], range(3)), workers=1)
    assert longer.taken == 0, "runs of other code are not these"


def test_damaged_runs_are_not_taken() -> None:
    plan = load("pyramid", SMALL)
    first = run_into(Design.of([plan], range(2)), workers=1)
    journal = first.path / "runs.journal"
    data = bytearray(journal.read_bytes())
    data[-40] ^= 1
    for at in range(len(data) // 2, len(data) // 2 + 200):
        data[at] ^= 1
    journal.write_bytes(bytes(data))
    second = run_into(Design.of([plan], range(3)), workers=1)
    assert second.taken < 2
    assert second.taken + second.lived == 3
    assert not open_results(second.path).damage()


def test_a_sweep_of_more_samples_keeps_those_it_had(capsys: pytest.CaptureFixture[str]) -> None:
    Path("study.yaml").write_text(
        "scenario: pyramid\nset: {persons: 300, weeks: 6}\nuncertainties:\n"
        "  people.credulity: {from: 0.2, to: 0.8}\nsampling: sobol\nsamples: 4\nseeds: 2\n")
    assert outcome(["sweep", "study.yaml", "--workers", "1"]) == 0
    capsys.readouterr()
    assert outcome(["sweep", "study.yaml", "--samples", "8", "--workers", "1"]) == 0
    told = capsys.readouterr().err
    assert "8 runs were taken from other folders" in told
    assert "; median of units sold to consumers so far: " in told


def test_a_run_that_a_folder_holds_under_two_plans_is_taken_for_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two = load("pyramid", SMALL), load("prosumer", SMALL)
    monkeypatch.setattr(Design, "identity", lambda self, version: lambda point, seed: f"{seed}")
    both = run_into(Design.of([one, two], range(2)), workers=1)
    assert both.lived == 4
    more = run_into(Design.of([one, two], range(3)), workers=1)
    assert (more.lived, more.taken) == (2, 4)

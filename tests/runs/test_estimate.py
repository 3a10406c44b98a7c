"""What a design will take: sums that a reader can do in their head."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.cli.app import outcome
from sim.errors import UsageError
from sim.market.fitting import PERSON
from sim.market.network.kept import MANY_BYTES
from sim.runs import estimate as module
from sim.runs.design import Design, Point
from sim.runs.estimate import (
    FIGURES,
    PROCESS,
    RESELLER_ROW,
    RESELLERS,
    TIERS_ROW,
    TRIAL_PERSONS,
    TRIAL_WEEKS,
    WEEKLY_ROW,
    admit,
    estimate,
    side_by_side,
)
from sim.runs.folder import run_into
from sim.runs.many import run_many
from sim.studies.aims import targets_of
from sim.studies.calibrating import calibrate
from sim.studies.plans import varied
from sim.studies.study_file import read_plan
from sim.studies.tipping import tipping


def market(persons: int = 10_000, weeks: int = 50, contacts: float = 100.0) -> Any:
    return sim.load("pyramid", {
        "persons": persons, "weeks": weeks, "network.contacts": contacts})


PACKED = 10 + 8 * 6
"""Bytes of a circle of 100: where it begins, and a head, 210 neighbours, 60 distances as bits."""


def test_what_was_measured_of_processes_persons_and_rows() -> None:
    assert (PROCESS, PERSON) == (300e6, 270.0)
    assert (WEEKLY_ROW, TIERS_ROW, RESELLER_ROW, FIGURES) == (800.0, 150.0, 60.0, 3e6)
    assert (RESELLERS, TRIAL_PERSONS, TRIAL_WEEKS) == (0.08, 4_000, 6)


def test_runs_and_disk() -> None:
    one, other = market(), market(persons=20_000, weeks=10)
    tiers = len(one.tiers)
    found = estimate([one, other], 3, workers=1, figures=False, trial=False)
    assert found.runs == 6
    assert found.disk == pytest.approx(
        3 * (60 * (450 + 800 + 150 * tiers) + 0.08 * 30_000 * 60))
    # Tables for spreadsheets end at 200,000 rows.
    many = estimate([one], 10_000, workers=1, figures=False, trial=False)
    assert many.disk == pytest.approx(200_000 * 450 + 10_000 * (
        50 * (800 + 150 * tiers) + 0.08 * 10_000 * 60))
    drawn = estimate([one, other], 3, workers=1, trial=False)
    assert drawn.disk - found.disk == pytest.approx(6e6)
    assert math.isnan(found.seconds)


def test_memory_is_that_of_the_largest_scenario_for_each_worker() -> None:
    small, large = market(), market(persons=20_000)
    one = 300e6 + 20_000 * (270 + PACKED)
    assert estimate([small, large], 1, workers=2, trial=False).memory == pytest.approx(
        150e6 + 2 * one)
    # No more workers than runs.
    assert estimate([large], 2, workers=8, trial=False).memory == pytest.approx(150e6 + 2 * one)
    assert estimate([large], 1, workers=8, trial=False).memory == pytest.approx(one)


def test_circles_that_cannot_be_packed_take_four_bytes_a_contact() -> None:
    scattered = market().changed({"network.community": 5000.0})
    assert estimate([scattered], 1, workers=1, trial=False).memory == pytest.approx(
        300e6 + 10_000 * (270 + 10 + 4 * 100))
    # No one has more contacts than there are persons.
    strangers = market(persons=60).changed({"network.kind": "erdos_renyi"})
    assert estimate([strangers], 1, workers=1, trial=False).memory == pytest.approx(
        300e6 + 60 * (270 + 10 + 4 * 60))


def test_a_process_that_lives_several_runs_keeps_their_networks() -> None:
    small, large = market(), market(persons=2_000_000)
    kept = 300e6 + 10_000 * 270 + MANY_BYTES
    assert estimate([small], 2, workers=1, trial=False).memory == pytest.approx(kept)
    assert estimate([small], 7, workers=3, trial=False).memory == pytest.approx(150e6 + 3 * kept)
    # Networks larger than what is kept of several are kept alone.
    assert estimate([large], 2, workers=1, trial=False).memory == pytest.approx(
        300e6 + 2_000_000 * (270 + PACKED))


class Clock:
    """Time that passes only where a market is built (2 s) or a week is run (0.5 s)."""

    def __init__(self) -> None:
        self.now = 0.0
        self.built: list[tuple[int, int]] = []
        self.weeks = 0

    def perf_counter(self) -> float:
        return self.now

    def market(self, scenario: Any, seed: int) -> Any:
        clock = self
        clock.now += 2.0
        clock.built.append((scenario.persons, seed))

        class Market:
            def step(self) -> None:
                clock.now += 0.5
                clock.weeks += 1

        return Market()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    import sim.runs.run

    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(sim.runs.run, "market_of", clock.market)
    return clock


def test_time_is_extrapolated_from_a_small_market(clock: Clock) -> None:
    # 2 s to build 4,000 persons and half a second a week: 40,000 persons take ten times as long.
    found = estimate([market(persons=40_000, weeks=50)], 1, workers=1)
    assert found.seconds == pytest.approx(10 * (2 + 50 * 0.5) + 2)
    assert [persons for persons, _ in clock.built] == [4000, 4000]
    assert clock.weeks == 1 + 6  # the first week loads the compiled code and is not measured


def test_time_is_shared_by_workers(clock: Clock) -> None:
    scenarios = [market(persons=4000, weeks=20), market(persons=1000, weeks=4)]
    each = (2 + 20 * 0.5) + (2 + 4 * 0.5)
    assert estimate(scenarios, 3, workers=1).seconds == pytest.approx(3 * each + 2)
    assert estimate(scenarios, 3, workers=4).seconds == pytest.approx(3 * each / 4 + 2)
    assert clock.built[2:4] == [(1000, 0), (1000, 1)]  # a small market is tried as it is
    assert clock.weeks == 2 * (1 + 6 + 1 + 4)


# -- the gate -------------------------------------------------------------------------------------


HUGE = 100_000_000
"""Persons of a market that takes 34 GB."""


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with 4 GB free."""
    for place in ("sim.market.fitting", "sim.runs.estimate"):
        monkeypatch.setattr(f"{place}.free_memory", lambda: 4e9)


WAYS: dict[str, Callable[[], Any]] = {
    "run": lambda: sim.run(market(persons=HUGE), seed=1),
    "a model": lambda: sim.MicroCommerce(market(persons=HUGE)),
    "many runs": lambda: sim.run_many([market(), market(persons=HUGE)], seeds=2),
    "compare": lambda: sim.compare(market(), market(persons=HUGE), seeds=2),
    "a point": lambda: run_many(Design.of(
        market(), 2, keys=["persons"], points=[Point(0, (100,)), Point(0, (HUGE,))])),
    "calibrate": lambda: calibrate(
        market(persons=HUGE), varied("pyramid", ["offer.quality=0.2:0.9"]),
        targets_of({"loss_share at end": 0.5}, 12)),
    "tipping": lambda: tipping(
        market(persons=HUGE), varied("pyramid", ["offer.quality=0.2:0.9"]), "trust_mean at end < 0.5"),
    "many contacts": lambda: sim.run(market(persons=9_000_000, contacts=500.0).changed(
        {"network.community": 5000.0})),
}


@pytest.mark.parametrize("way", WAYS)
def test_oversize_is_refused_however_it_is_run(way: str, little: None) -> None:
    with pytest.raises(UsageError, match=r"this needs about .* of memory and .* is free"):
        WAYS[way]()


@pytest.mark.parametrize("words", [
    ["run", "pyramid"], ["compare", "pyramid", "prosumer"], ["dashboard", "pyramid", "--no-browser"],
    ["sweep", "pyramid", "--vary", "offer.quality=0.2,0.9"],
    ["sensitivity", "pyramid", "--vary", "offer.quality=0.2:0.9", "--measure", "trust_mean at end"],
    ["optimise", "pyramid", "--vary", "offer.quality=0.2:0.9", "--measure", "trust_mean at end"],
    ["run", "pyramid", "--dry-run"],
], ids=" ".join)
def test_oversize_is_refused_by_every_command(
    words: list[str], little: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert outcome([*words, "--persons", str(HUGE)]) == 2
    said = capsys.readouterr().err
    assert "this needs about" in said
    assert list(tmp_path.iterdir()) == []  # nothing was begun


def test_results_that_do_not_fit_onto_the_disk_are_refused_before_the_first_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_free_disk", lambda folder: 1e6)
    scenario = market(persons=400, weeks=50)
    with pytest.raises(UsageError, match=r"need about .* on disk and 1\.0 MB is free"):
        run_into(scenario, 30, tmp_path / "r", workers=1)
    assert list(tmp_path.iterdir()) == []


def test_results_that_do_not_fit_into_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "free_memory", lambda: 2e9)
    with pytest.raises(UsageError, match="this needs about"):
        run_many(market(persons=400, weeks=500), 10_000)


def test_what_is_lived_elsewhere_needs_no_memory_here(monkeypatch: pytest.MonkeyPatch) -> None:
    admit(Design.of(market(persons=HUGE), 2), remote=True)
    monkeypatch.setattr(module, "free_memory", lambda: 1e6)
    with pytest.raises(UsageError):
        admit(Design.of(market(), 1))


def test_without_a_number_of_workers_as_many_start_as_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "cores", lambda: 16)
    monkeypatch.setattr(module, "free_memory", lambda: 1e9)
    design = Design.of(market(), 40)
    assert side_by_side(design, 40, None) == 2
    admit(design)
    with pytest.raises(UsageError):
        admit(design, workers=16)
    monkeypatch.setattr(module, "free_memory", lambda: 600e6)  # a small container
    assert side_by_side(design, 40, None) == 1
    admit(design)


@pytest.mark.parametrize("seeds", [range(400_000_000), 400_000_000, itertools.count()])
def test_too_many_seeds_are_refused_before_they_take_memory(seeds: Any) -> None:
    with pytest.raises(UsageError, match="seeds are too many"):
        Design.of(market(), seeds)


def test_too_many_seeds_of_a_study_file(tmp_path: Path) -> None:
    study = tmp_path / "s.yaml"
    study.write_text(
        "scenario: pyramid\nlevers: {offer.quality: [0.1, 0.9]}\nseeds: '0:400000000'\n")
    with pytest.raises(UsageError, match="seeds is a number such as 30"):
        read_plan(study)

"""What a design will take: sums that a reader can do in their head."""

from __future__ import annotations

import builtins
import io
import math
import os
from typing import Any

import pytest

import sim
from sim.market.network.kept import MANY_BYTES
from sim.runs import estimate as module
from sim.runs.estimate import (
    FIGURES,
    PERSON,
    PROCESS,
    RESELLER_ROW,
    RESELLERS,
    TIERS_ROW,
    TRIAL_PERSONS,
    TRIAL_WEEKS,
    WEEKLY_ROW,
    estimate,
    free_memory,
)


def market(persons: int = 10_000, weeks: int = 50, contacts: float = 100.0) -> Any:
    return sim.load("pyramid", {
        "persons": persons, "weeks": weeks, "network.contacts": contacts})


PACKED = 10 + 8 * 6
"""Bytes of a circle of 100: where it begins, and a head, 210 neighbours, 60 distances as bits."""


def test_what_was_measured_of_processes_persons_and_rows() -> None:
    assert (PROCESS, PERSON) == (300e6, 270.0)
    assert (WEEKLY_ROW, TIERS_ROW, RESELLER_ROW, FIGURES) == (1_700.0, 250.0, 60.0, 3e6)
    assert (RESELLERS, TRIAL_PERSONS, TRIAL_WEEKS) == (0.08, 4_000, 6)


def test_runs_and_disk() -> None:
    one, other = market(), market(persons=20_000, weeks=10)
    tiers = len(one.tiers)
    found = estimate([one, other], 3, workers=1, figures=False, trial=False)
    assert found.runs == 6
    assert found.disk == pytest.approx(
        3 * (60 * (1700 + 250 * tiers) + 0.08 * 30_000 * 60))
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
    """Time that passes only where a market is built (2 s) or a week is lived (0.5 s)."""

    def __init__(self) -> None:
        self.now = 0.0
        self.built: list[tuple[int, int]] = []
        self.weeks = 0

    def perf_counter(self) -> float:
        return self.now

    def market(self, scenario: Any, rng: int) -> Any:
        clock = self
        clock.now += 2.0
        clock.built.append((scenario.persons, rng))

        class Market:
            def step(self) -> None:
                clock.now += 0.5
                clock.weeks += 1

        return Market()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    import sim.model

    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(sim.model, "MicroCommerce", clock.market)
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


def test_free_memory_is_what_linux_calls_available(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "MemTotal:  9000 kB\nMemFree:  100 kB\nMemAvailable:    2048 kB\n"
    monkeypatch.setattr(builtins, "open", lambda path: io.StringIO(text))
    assert free_memory() == 2048 * 1024
    # Older kernels do not say it: free pages.
    monkeypatch.setattr(builtins, "open", lambda path: io.StringIO("MemFree: 100 kB\n"))
    sizes = {"SC_PAGE_SIZE": 4096, "SC_AVPHYS_PAGES": 10}
    monkeypatch.setattr(os, "sysconf", sizes.__getitem__)
    assert free_memory() == 40_960


def test_free_memory_is_unlimited_where_it_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> io.StringIO:
        raise FileNotFoundError(path)

    monkeypatch.setattr(builtins, "open", refuse)
    assert free_memory() == math.inf

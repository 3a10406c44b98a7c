"""Estimates of time, memory and disk before a design runs, and refusal of what does not fit.

Everything that runs is checked here (many runs) or in `sim.market.fitting` (one market).
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.kernel.machine import cores, free_memory, size
from sim.market.fitting import market_bytes, refuse_oversize
from sim.runs.design import Design
from sim.runs.tables import ROWS_IN_CSV
from sim.texts import _

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = [
    "Estimate", "admit", "admit_results", "estimate", "estimate_design", "free_memory",
    "side_by_side",
]

PROCESS = 300e6
"""Bytes of memory of a process with numpy, numba, pandas, mesa and compiled code (measured)."""
WEEKLY_ROW, TIERS_ROW, RESELLER_ROW, FIGURES = 800.0, 150.0, 60.0, 3e6
"""Bytes on disk of a row of each table, journal and Parquet together, and of the pictures (measured)."""
PERSON_ROW, PURCHASE_ROW = 130.0, 15.0
"""Bytes on disk of a person and of a purchase, if a scenario asks for these tables (measured)."""
CSV_ROW = 450.0
"""Bytes of a week in the CSV tables, which are written up to `ROWS_IN_CSV` rows."""
PACKED = 0.4
"""Bytes of a run's packed tables in memory, as a share of those on disk."""
RESELLERS = 0.08
"""Share of persons who ever join, for the size of tables (a generous guess)."""
TRIAL_PERSONS, TRIAL_WEEKS = 4_000, 6
SIZES = ("persons", "weeks", "network", "tiers", "regime")
"""Sections of a scenario whose settings decide how large a run is."""

Part = tuple["Scenario", int]
"""A scenario and the number of runs of its size."""


@dataclass(frozen=True)
class Estimate:
    """Expected seconds, bytes of memory (all processes together) and bytes on disk."""

    runs: int
    seconds: float
    memory: float
    disk: float


def estimate(
    scenarios: list[Scenario], seeds: int, *, workers: int | None, figures: bool = True,
    trial: bool = True,
) -> Estimate:
    """Return what running each of `scenarios` with `seeds` seeds takes on this machine.

    Time is extrapolated from a trial of a small market on this machine with the same rules; without
    `trial` it is NaN.
    """
    return _estimate([(scenario, seeds) for scenario in scenarios], workers, figures, trial)


def estimate_design(
    design: Design, *, workers: int | None, figures: bool = False, trial: bool = True,
) -> Estimate:
    """Return what the runs of a design take; memory is that of its largest points."""
    return _estimate(_parts(design), workers, figures, trial)


def admit(
    design: Design, *, workers: int | None = None, runs: int | None = None, remote: bool = False,
) -> None:
    """Refuse runs that do not fit into this machine's memory.

    Parameters
    ----------
    workers
        Processes side by side; by default, as many as cores and memory allow.
    runs
        Number of runs to be made; all by default.
    remote
        Whether the runs are made on other machines.

    Raises
    ------
    UsageError
        With what is needed and what there is.
    """
    runs = len(design) if runs is None else runs
    if runs and not remote:
        refuse_oversize(_all_processes(_parts(design), runs, workers), free_memory())


def admit_results(design: Design, folder: Path | None, runs: int | None = None) -> None:
    """Refuse results that do not fit on the disk of `folder` or, without a folder, in memory.

    Raises
    ------
    UsageError
        With what is needed and what there is.
    """
    needed = _disk(_parts(design)) * (1.0 if runs is None else runs / len(design))
    if folder is None:
        refuse_oversize(PACKED * needed, free_memory())
        return
    free = _free_disk(folder)
    if needed > free:
        raise UsageError(_(
            "the results need about {needed} on disk and {free} is free at {folder}; take fewer "
            "runs, weeks or persons, or another folder with --out").format(
                needed=size(needed), free=size(free), folder=folder))


def side_by_side(design: Design, runs: int, workers: int | None) -> int:
    """Return how many processes make these runs: `workers`, or by default as many as fit."""
    return _side(_parts(design), runs, workers)


def _parts(design: Design) -> list[Part]:
    """Return one scenario of each size in a design, with the number of runs of that size."""
    seeds = len(design.seeds)
    wanted = [place for place, key in enumerate(design.keys) if key.split(".")[0] in SIZES]
    counts: dict[tuple[Any, ...], list[int]] = {}
    for number, point in enumerate(design.points):
        which = (point.base, *(point.values[place] for place in wanted))
        counts.setdefault(which, [number, 0])[1] += seeds
    return [(design.scenario(number) if wanted else design.scenarios[which[0]], count)
            for which, (number, count) in counts.items()]


def _side(parts: Sequence[Part], runs: int, workers: int | None) -> int:
    side = min(workers or cores(), runs)
    if workers is None and side > 1:
        each = max(_memory(scenario, runs > side) for scenario, _runs in parts)
        side = min(side, int((free_memory() - PROCESS / 2) / each))
    return max(1, side)


def _all_processes(parts: Sequence[Part], runs: int, workers: int | None) -> float:
    """Return the bytes of memory of all processes that make these runs."""
    side = _side(parts, runs, workers)
    each = max(_memory(scenario, runs > side) for scenario, _runs in parts)
    return each if side == 1 else PROCESS / 2 + side * each


def _disk(parts: Sequence[Part]) -> float:
    weeks = sum(count * scenario.weeks for scenario, count in parts)
    return CSV_ROW * min(weeks, ROWS_IN_CSV) + sum(
        count * (scenario.weeks * (WEEKLY_ROW + TIERS_ROW * len(scenario.tiers))
                 + RESELLERS * scenario.persons * RESELLER_ROW
                 + scenario.persons * _optional_bytes(scenario))
        for scenario, count in parts)


def _optional_bytes(scenario: Scenario) -> float:
    """Return the bytes per person of the tables of persons and purchases, if the scenario keeps them."""
    need = getattr(scenario.people.weekly_need, "mean", 1.0)
    bought = scenario.weeks * min(1.0, need) * PURCHASE_ROW
    return PERSON_ROW * scenario.outputs.persons + bought * scenario.outputs.purchases


def _estimate(
    parts: Sequence[Part], workers: int | None, figures: bool, trial: bool
) -> Estimate:
    runs = sum(count for _scenario, count in parts)
    disk = _disk(parts) + (FIGURES * len(parts) if figures else 0.0)
    seconds = float("nan")
    if trial:
        side = _side(parts, runs, workers)
        seconds = sum(_seconds(scenario) * count for scenario, count in parts) / side + 2.0
    return Estimate(runs, seconds, _all_processes(parts, runs, workers), disk)


def _memory(scenario: Scenario, several: bool) -> float:
    from sim.market.network.kept import MANY_BYTES

    # A process that makes several runs keeps recent networks.
    return PROCESS + market_bytes(
        scenario.persons, scenario.network, MANY_BYTES if several else 0.0)


def _free_disk(folder: Path) -> float:
    """Return the free bytes on the disk that holds a folder, or will hold it."""
    for place in (folder, *folder.absolute().parents):
        if place.is_dir():
            return float(shutil.disk_usage(place).free)
    return float("inf")


def _seconds(scenario: Scenario) -> float:
    """Return the seconds of one run, extrapolated from a small market with the same rules."""
    from sim.runs.run import market_of

    # The number of persons is fixed for a network from a file and for a market with given resellers.
    whole = scenario.network.path or scenario.start.sells
    persons = scenario.persons if whole else min(scenario.persons, TRIAL_PERSONS)
    weeks = min(scenario.weeks, TRIAL_WEEKS)
    small = scenario.changed({"persons": persons})
    market_of(small, 0).step()  # loads compiled code, which is not measured
    start = time.perf_counter()
    model = market_of(small, 1)
    built = time.perf_counter()
    for _week in range(weeks):
        model.step()
    lived = time.perf_counter()
    factor = scenario.persons / persons
    return factor * ((built - start) + (lived - built) / weeks * scenario.weeks)

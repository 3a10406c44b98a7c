"""What a design will take before it is run: time, memory, disk."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Any

__all__ = ["Estimate", "estimate", "free_memory"]

PROCESS = 300e6
"""Bytes of a process with numpy, numba, pandas, mesa and compiled code (measured)."""
PERSON = 270.0
"""Bytes of a person's columns, of sellers, their ties and temporaries (measured: pyramid, 104 weeks)."""
WEEKLY_ROW, TIERS_ROW, RESELLER_ROW, FIGURES = 1_700.0, 250.0, 60.0, 3e6
"""Bytes on disk: rows of the tables in the journal, as Parquet and as CSV; the pictures."""
RESELLERS = 0.08
"""Share of the persons who ever join, for the size of tables (generous)."""
TRIAL_PERSONS, TRIAL_WEEKS = 4_000, 6


@dataclass(frozen=True)
class Estimate:
    """Expected seconds, bytes of memory of all processes together, and bytes on disk."""

    runs: int
    seconds: float
    memory: float
    disk: float


def estimate(
    scenarios: list[Any], seeds: int, *, workers: int, figures: bool = True, trial: bool = True
) -> Estimate:
    """Return what `scenarios` x `seeds` runs will take on this machine.

    Time is extrapolated from a trial of a small market, so that it is about this machine and
    these rules; without `trial` it is NaN.
    """
    runs = len(scenarios) * seeds
    from sim.market.network.kept import MANY_BYTES

    side = max(1, min(workers, runs))
    # A process that lives one run after another keeps the networks of the last ones.
    kept = MANY_BYTES if runs > side else 0
    memory = max(_memory(scenario, kept) for scenario in scenarios)
    memory = memory if side == 1 else PROCESS / 2 + side * memory
    disk = sum(
        seeds * (scenario.weeks * (WEEKLY_ROW + TIERS_ROW * len(scenario.tiers))
                 + RESELLERS * scenario.persons * RESELLER_ROW)
        + (FIGURES if figures else 0.0)
        for scenario in scenarios
    )
    seconds = float("nan")
    if trial:
        seconds = sum(_seconds(scenario) * seeds for scenario in scenarios) / side + 2.0
    return Estimate(runs, seconds, memory, disk)


def _memory(scenario: Any, kept: int) -> float:
    from sim.market.network.kept import expected_bytes

    network = expected_bytes(scenario.network, scenario.persons)
    return PROCESS + scenario.persons * PERSON + max(network, kept)


def _seconds(scenario: Any) -> float:
    """Return the seconds of one run, from a trial of the same rules in a small market."""
    from sim.model import MicroCommerce

    persons = min(scenario.persons, TRIAL_PERSONS)
    weeks = min(scenario.weeks, TRIAL_WEEKS)
    small = scenario.changed({"persons": persons})
    MicroCommerce(small, rng=0).step()  # compiled code is loaded here, not measured
    start = time.perf_counter()
    model = MicroCommerce(small, rng=1)
    built = time.perf_counter()
    for _week in range(weeks):
        model.step()
    lived = time.perf_counter()
    factor = scenario.persons / persons
    return factor * ((built - start) + (lived - built) / weeks * scenario.weeks)


def free_memory() -> float:
    """Return the bytes of memory that are free for use; infinity where that is not known."""
    try:
        with open("/proc/meminfo") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return float(line.split()[1]) * 1024
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES"))
    except (OSError, ValueError, AttributeError):
        return float("inf")

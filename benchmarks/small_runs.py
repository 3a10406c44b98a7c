"""Child process of the benchmark: many small runs, in one worker process and in two.

Prints, as JSON, runs a second for each, and what one run costs beyond its weeks.
"""

from __future__ import annotations

import json
import statistics
import time
from concurrent.futures import wait
from typing import Any

PERSONS, WEEKS, RUNS = 5_000, 52, 24
"""One run takes about a tenth of a second."""


def throughput(workers: int) -> float:
    """Return runs a second of a pool whose processes have started and loaded their code."""
    from sim.runs.task import live
    from sim.runs.workers import Workers
    from sim.scenario.load import load

    scenario = load("pyramid", {"persons": PERSONS, "weeks": WEEKS})
    with Workers(workers) as pool:
        # Two runs a process at first: they import, and read compiled code from the disk.
        wait([pool.submit(live, scenario, seed) for seed in range(2 * workers)])
        begin = time.perf_counter()
        wait([pool.submit(live, scenario, seed) for seed in range(RUNS)])
        return RUNS / (time.perf_counter() - begin)


def beyond_the_weeks() -> float:
    """Return seconds that a run takes beside its weeks: its world, its tables."""
    from sim.runs.observed import columns_of
    from sim.runs.run import market_of
    from sim.runs.tables import pack_columns
    from sim.scenario.load import load

    scenario = load("pyramid", {"persons": PERSONS, "weeks": WEEKS})
    spent = []
    for seed in range(6):
        begin = time.perf_counter()
        market = market_of(scenario, seed, threads=1)
        built = time.perf_counter() - begin
        while market.running:
            market.step()
        begin = time.perf_counter()
        pack_columns(columns_of(market))
        spent.append(built + time.perf_counter() - begin)
    return statistics.median(spent[1:])


def measure() -> dict[str, Any]:
    """Return all of it; one process and two take turns, and the best of three counts."""
    found = {1: 0.0, 2: 0.0}
    for _ in range(3):
        for workers in found:
            found[workers] = max(found[workers], throughput(workers))
    return {
        "persons": PERSONS, "weeks": WEEKS, "one": found[1], "two": found[2],
        "beyond_the_weeks": beyond_the_weeks(),
    }


if __name__ == "__main__":
    print(json.dumps(measure()))

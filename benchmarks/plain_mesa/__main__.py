"""``python -m benchmarks.plain_mesa PERSONS WEEKS``: both on the same world, as JSON.

What is timed is the same for both: the weeks 1 to WEEKS of the shipped pyramid, each
week with its row of the weekly table (the shipped model also keeps its books and its table of
tiers), without import, compilation, and the building of the world. The shipped model lives all of
them once to compile what they need, then three times; the middle one of these counts, by the clock
and on all threads. Plain Mesa lives them twice, each time in a process of its own: with the luck of
the shipped model, which shows that both did the same, and with Mesa's own random numbers, which cost
less than hashes do in Python and are what a Mesa user would take. Its seconds are those of its one
processor, so that a machine busy with other things does not make it look slow.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

from benchmarks.plain_mesa.model import PlainModel


def shipped_weeks(scenario: Any) -> tuple[Any, float, float]:
    """Live a scenario in the shipped model; return it, its seconds and its processors' seconds."""
    from sim.model import MicroCommerce

    model = MicroCommerce(scenario, rng=1)
    begin, worked = time.perf_counter(), time.process_time()
    while model.running:
        model.step()
    return model, time.perf_counter() - begin, time.process_time() - worked


def plain_weeks(scenario: Any, keyed: bool) -> tuple[list[dict[str, Any]], float]:
    """Live a scenario in plain Mesa; return its weekly table and its seconds."""
    from sim.model import MicroCommerce

    model = PlainModel(MicroCommerce(scenario, rng=1), keyed=keyed, exact=False)
    rows = []
    worked = time.process_time()
    for _ in range(scenario.weeks):
        model.step()
        rows.append(model.observe())
    return rows, time.process_time() - worked


def gap(table: list[dict[str, Any]], rows: list[dict[str, Any]]) -> float:
    """Return the largest difference of a column, summed over the weeks, as a share of its sum.

    Plain Mesa keeps wide floats here where the shipped model keeps narrow ones, so now and then
    somebody decides otherwise.
    """
    worst = 0.0
    for column in rows[0]:
        # What is not a number in one table is not in the other: tests/benchmarks sees to that.
        pairs = [
            (week[column], row[column]) for week, row in zip(table, rows, strict=True)
            if week[column] == week[column]]
        size = sum(abs(ours) for ours, _ in pairs)
        worst = max(worst, sum(abs(ours - theirs) for ours, theirs in pairs) / (size or 1.0))
    return worst


def compare(persons: int, weeks: int) -> dict[str, Any]:
    """Return person-weeks a second of both, and how far their tables differ."""
    from sim.scenario.load import load

    scenario = load("pyramid", {"persons": persons, "weeks": weeks})
    shipped_weeks(scenario)
    runs = sorted((shipped_weeks(scenario) for _ in range(3)), key=lambda run: run[1])
    model, seconds, processors = runs[1]
    table = model.weekly
    # Gone before plain Mesa is built, and built afterwards: the collector would walk its objects.
    del runs, model
    rows, keyed = plain_weeks(scenario, keyed=True)
    own = json.loads(subprocess.run(
        [sys.executable, "-m", "benchmarks.plain_mesa", str(persons), str(weeks), "own"],
        stdout=subprocess.PIPE, text=True, check=True).stdout)
    return {
        "regime": "pyramid", "persons": persons, "weeks": weeks,
        "shipped": persons * weeks / seconds,
        "shipped_per_cpu_second": persons * weeks / processors,
        "plain": persons * weeks / own, "plain_keyed": persons * weeks / keyed,
        "gap": gap(table, rows),
    }


def main(persons: str, weeks: str, luck: str = "both") -> None:
    from sim.scenario.load import load

    if luck == "own":
        scenario = load("pyramid", {"persons": int(persons), "weeks": int(weeks)})
        print(json.dumps(plain_weeks(scenario, keyed=False)[1]))
    else:
        print(json.dumps(compare(int(persons), int(weeks))))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Child process of the benchmark: one run of one scenario, its phases timed, as JSON on stdout.

A process of its own, because the peak of a process's memory cannot be reset.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Clock:
    """Adds up the seconds spent in functions, by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def wrap(self, holder: Any, attribute: str, name: str) -> None:
        """Time every call of ``holder.attribute`` under `name`."""
        function: Callable[..., Any] = getattr(holder, attribute)

        def timed(*args: Any, **kwargs: Any) -> Any:
            begin = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds[name] += time.perf_counter() - begin

        setattr(holder, attribute, timed)


def rss_mb(peak: bool) -> float:
    """Return the resident memory of this process, now or at its peak, in MB."""
    if peak:
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return kilobytes / (1 << 20 if sys.platform == "darwin" else 1024)
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return float("nan")
    return pages * os.sysconf("SC_PAGESIZE") / (1 << 20)


def state_bytes(world: Any) -> dict[str, int]:
    """Return the bytes of the state: columns of persons, resellers, network, ties."""
    persons = sum(array.nbytes for _, array in world.persons.items())
    return {
        "persons": persons,
        "resellers": sum(array.nbytes for _, array in world.resellers.items()),
        "network": world.graph.nbytes,
        "ties": 5 * world.ties.size,
    }


def measure(regime: str, persons: int, weeks: int, threads: int) -> dict[str, Any]:
    """Run `regime` and return its phases in seconds, its memory, and its first and last weeks."""
    begin = time.perf_counter()
    import sim.life as life_module
    import sim.market.world as world_module
    from sim.market.world import World
    from sim.runs.result import Result, tables_of
    from sim.scenario.load import load

    imported = time.perf_counter() - begin
    # A small world first: what is compiled, or read from the cache, belongs to no week.
    begin = time.perf_counter()
    small = life_module.Life(
        load(regime, {"persons": 6000, "weeks": 40}), 1, threads)
    while small.running:
        small.step()
    compiled = time.perf_counter() - begin
    clock = Clock()
    clock.wrap(world_module, "build_network", "build network")
    clock.wrap(world_module, "make_persons", "draw persons")
    clock.wrap(life_module, "observe_week", "observe")
    clock.wrap(life_module, "observe_tiers", "observe")
    clock.wrap(World, "account", "account")
    before = rss_mb(peak=False)
    scenario = load(regime, {"persons": persons, "weeks": weeks})
    begin = time.perf_counter()
    model = life_module.Life(scenario, 1, threads)
    built = time.perf_counter() - begin
    rules = tuple(dict.fromkeys(type(rule) for rule in model.world.settings.rules))
    for rule in rules:
        clock.wrap(rule, "step", f"rule {rule.name()}")
    begin, worked = time.perf_counter(), time.process_time()
    while model.running:
        model.step()
    lived, worked = time.perf_counter() - begin, time.process_time() - worked
    begin = time.perf_counter()
    result = Result(scenario=scenario, seed=1, **tables_of(model))
    with tempfile.TemporaryDirectory() as folder:
        for name in ("weekly", "tiers", "cohorts", "resellers"):
            getattr(result, name).to_parquet(Path(folder) / f"{name}.parquet")
    written = time.perf_counter() - begin
    state = state_bytes(model.world)
    return {
        "regime": regime, "persons": persons, "weeks": weeks, "threads": threads,
        "person_weeks_per_second": persons * weeks / lived,
        # Seconds of processors: what a busy machine leaves nearly unchanged.
        "person_weeks_per_cpu_second": persons * weeks / worked,
        "phases": {
            "import": imported, "compile or load": compiled, "build": built, "weeks": lived,
            "write": written,
        },
        "inside": dict(clock.seconds),
        "state": state,
        # All there is: columns, network, sellers and their ties.
        "bytes_per_person": sum(state.values()) / persons,
        "bytes_per_contact_end": state["network"] / max(1, int(model.world.graph.start[-1])),
        "peak_over_state": (rss_mb(peak=True) - before) * (1 << 20) / sum(state.values()),
        "peak_mb": rss_mb(peak=True),
        "base_mb": before,
        "resellers": int(result.weekly["resellers_active"].iloc[-1]),
    }


if __name__ == "__main__":
    name, size, length, count = sys.argv[1:5]
    print(json.dumps(measure(name, int(size), int(length), int(count))))

"""The task of a worker: run a few scenarios and return their packed tables. It writes no file."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sim.runs.version import code_version

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["live", "live_batch"]

Outcome = tuple[bytes | None, str]
"""The packed run and an empty text, or None and the reason why the run failed."""


def live(scenario: Scenario, seed: int, progress: Callable[[int], None] | None = None,
         threads: int | None = 1) -> Outcome:
    """Run once; return a failure as a sentence, so that the other runs go on."""
    from sim.runs.observed import columns_of
    from sim.runs.publishing import stop_if_asked
    from sim.runs.run import lived
    from sim.runs.tables import pack_columns

    try:
        market = lived(scenario, seed, threads=threads, progress=progress)
        return pack_columns(columns_of(market)), ""
    except MemoryError:
        return None, "not enough memory for this run"
    except Exception as error:  # a rule may raise anything
        stop_if_asked()  # a run that was stopped has not failed
        said = str(error).strip().splitlines()
        where = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
        return None, f"{type(error).__name__}: {said[0] if said else 'no message'}{where}"[:500]


def live_batch(tasks: Sequence[tuple[Scenario, int]]) -> tuple[str, float, list[Outcome]]:
    """Run one task after the other; return the code version, the seconds taken and the outcomes."""
    started = time.perf_counter()
    outcomes = [live(scenario, seed) for scenario, seed in tasks]
    return code_version(), time.perf_counter() - started, outcomes

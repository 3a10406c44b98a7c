"""Reading the input files of scenarios once, before the first run.

A bad row is then refused once, before anything is written, and not run by run.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sim.market.network.edge_list import read_ties

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["read_inputs"]


def read_inputs(scenarios: Iterable[Scenario]) -> list[str]:
    """Read the input files of these scenarios; return notes on what was dropped or renumbered in them.

    Raises
    ------
    FilesError
        When a file cannot be read.
    UsageError
        When a file holds something that a run cannot use.
    """
    wanted = {(scenario.network.path, scenario.persons): None for scenario in scenarios
              if scenario.network.kind == "file" and scenario.network.path}
    notes = [note for path, persons in wanted for note in _notes(path, persons, _stamp(path))]
    return list(dict.fromkeys(notes))


@functools.lru_cache(maxsize=64)
def _notes(path: str, persons: int, _stamp: object) -> tuple[str, ...]:
    """Return the notes on a file (cached, since a study asks for the same file many times)."""
    return read_ties(path, persons).notes


def _stamp(path: str) -> tuple[int, int] | None:
    """Return size and time of a file, which change when the file does; None if there is no file."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size

"""Reusing runs that another results folder already holds.

A run is recognised by its identity: scenario, settings, inputs, seed and version (`Design.identity`). A
comparison reuses the runs of each plan, and a sweep with more samples reuses the earlier samples.
"""

from __future__ import annotations

from pathlib import Path

from sim.runs.design import Design
from sim.runs.journal import Journal
from sim.runs.version import code_version

__all__ = ["known_beside", "take_over"]

MAX_FOLDERS = 500
"""Largest number of folders that are searched, newest first."""


def take_over(folder: Path, design: Design, journal: Journal) -> int:
    """Copy finished runs of this design from folders beside `folder`; return their number."""
    identity, done = design.identity(code_version()), journal.done
    wanted: dict[str, list[tuple[int, int]]] = {}
    for run in range(len(design)):
        key = design.of_run(run)
        if key not in done:
            wanted.setdefault(identity(*key), []).append(key)
    taken = 0
    for path in _beside(folder) if wanted else []:
        with Journal(path) as other:
            for name, packed in other.packed_of(set(wanted)):
                for key in wanted.pop(name, []):  # several points of the design may share a run
                    journal.add(key, packed)
                    taken += 1
        if not wanted:
            break
    if taken:
        journal.sync()
    return taken


def known_beside(folder: Path, design: Design) -> dict[int, bytes]:
    """Return, by number, the packed runs of this design in `folder` and the folders beside it."""
    identity = design.identity(code_version())
    wanted: dict[str, list[int]] = {}
    for run in range(len(design)):
        wanted.setdefault(identity(*design.of_run(run)), []).append(run)
    found: dict[int, bytes] = {}
    own = [folder] if (folder / "runs.journal").exists() else []
    for path in [*own, *_beside(folder)]:
        if not wanted:
            break
        with Journal(path) as other:
            for name, packed in other.packed_of(set(wanted)):
                found |= dict.fromkeys(wanted.pop(name, []), packed)
    return found


def _beside(folder: Path) -> list[Path]:
    """Return the results folders beside this one, newest first."""
    found = []
    for path in folder.parent.glob("*/runs.journal"):
        if path.parent.name != folder.name:
            found.append((path.stat().st_mtime, path.parent))
    return [path for _time, path in sorted(found, reverse=True)[:MAX_FOLDERS]]

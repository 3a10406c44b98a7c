"""Repeating stored runs to check that they come out the same."""

from __future__ import annotations

import os
from concurrent.futures import Executor
from dataclasses import dataclass

from sim.runs.errors import DesignError
from sim.runs.many import TIMEOUT, Engine, Progress
from sim.runs.reading import open_results
from sim.runs.result import OPTIONAL, TABLES
from sim.runs.tables import unpack
from sim.runs.version import code_version
from sim.texts import _

__all__ = ["Reproduced", "reproduce"]


@dataclass(frozen=True)
class Reproduced:
    """The result of repeating a sample of runs.

    Attributes
    ----------
    runs, same
        Number of runs repeated, and of those that came out the same, byte for byte.
    differing
        One sentence for each of the others.
    version, version_here
        Code versions of the stored and of the repeated runs.
    """

    runs: int
    same: int
    differing: list[str]
    version: str
    version_here: str


def reproduce(
    path: str | os.PathLike[str],
    sample: int = 5,
    *,
    allow_code: bool = False,
    executor: Executor | None = None,
    workers: int | None = None,
    timeout: float = TIMEOUT,
    progress: Progress | None = None,
) -> Reproduced:
    """Repeat `sample` of the finished runs of a folder, spread evenly over all of them.

    The custom rules in the folder are executed only with `allow_code`.

    Raises
    ------
    DesignError
        When no run is finished.
    UsageError
        When custom rules took part and their code is not loaded.
    FilesError
        When the folder or a run in it is damaged.
    """
    results = open_results(path, allow_code=allow_code)
    done = results.done
    if not done:
        raise DesignError(_("there is no finished run in {path}").format(path=path))
    results.refuse_missing_code()
    count = min(sample, len(done))
    chosen = sorted({done[place * len(done) // count] for place in range(count)})
    differing: list[str] = []

    def compare(run: int, packed: bytes | None, reason: str) -> None:
        where = results.design.describe(run)
        if packed is None:
            differing.append(f"{where}: {reason}")
        elif packed != results.packed(run):
            names = [name for name in (*TABLES, *OPTIONAL)
                     if not unpack(packed, name).equals(unpack(results.packed(run), name))]
            differing.append(f"{where}: differs in {', '.join(names) or 'its packing only'}")

    with Engine(results.design, executor=executor, workers=workers, timeout=timeout) as engine:
        engine.live(chosen, compare, progress)
    return Reproduced(len(chosen), len(chosen) - len(differing), sorted(differing),
                      results.version, code_version())

"""Running a study: in memory, or into a results folder together with its tables and its answer."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sim.runs.folder import default_folder, run_into
from sim.runs.many import run_many
from sim.studies.answers import Answered, keep_answer
from sim.studies.sharing import keep_table

if TYPE_CHECKING:
    from typing import Unpack

    import pandas as pd

    from sim.runs.design import Design
    from sim.runs.many import EngineOptions
    from sim.runs.results import Runs

__all__ = ["Out", "run_study"]

Study = TypeVar("Study", bound=Answered)
Out = str | os.PathLike[str] | bool | None
"""Folder for the results; ``True`` for the default one; ``None`` or ``False`` to keep them in memory."""


def run_study(
    design: Design, out: Out, read: Callable[[Runs], Study],
    tables: Callable[[Study], Mapping[str, pd.DataFrame]], **engine: Unpack[EngineOptions],
) -> Study:
    """Run a design and return its study; a folder also gets its tables and its answer.

    Parameters
    ----------
    read
        Returns the study of finished runs.
    tables
        Returns the tables to write, by file name.
    """
    if out is None or out is False:
        return read(run_many(design, **engine))
    results = run_into(design, out=default_folder(design) if out is True else Path(out), **engine)
    found = read(results)
    for name, table in tables(found).items():
        keep_table(results, name, table)
    keep_answer(results, found)
    return found

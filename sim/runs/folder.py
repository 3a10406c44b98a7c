"""Results folders, in which no run is lost and none appears twice.

``runs.journal`` holds the design, the finished runs and the checksums of all other files. The tables are
merged from it at the end, in the order of the design, so that their bytes do not depend on the engine, on
the order of finishing, or on interruptions.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import typed
from sim.runs.design import Design, canonical
from sim.runs.dictionary import DICTIONARY, columns_of, data_package, described
from sim.runs.errors import EngineError, FilesError, Stopped
from sim.runs.estimate import admit, admit_results
from sim.runs.inputs import read_inputs
from sim.runs.journal import Journal, file_digest
from sim.runs.many import TIMEOUT, Engine, Progress, place_of
from sim.runs.publishing import files, lock, publish, publish_text, stoppable
from sim.runs.reading import (
    Lazy,
    NoDesignError,
    Results,
    design_text,
    open_results,
    read_design,
    run_number,
    texts_of,
    write_manifest,
    wrong_with,
)
from sim.runs.result import OPTIONAL, TABLES
from sim.runs.results import Runs
from sim.runs.reuse import take_over
from sim.runs.tables import ROWS_IN_CSV, write_csv, write_parquet
from sim.runs.version import code_version
from sim.texts import _

if TYPE_CHECKING:
    from sim.kernel.plain import Data
    from sim.scenario.records import ScenarioLike

__all__ = ["Results", "default_folder", "open_results", "resume", "run_into"]

MERGED = ("manifest.json", *(f"{table}.parquet" for table in (*TABLES, *OPTIONAL)), "weekly.csv", "tiers.csv",
          DICTIONARY)
"""The files that are merged from the journal."""
QUICK_RUNS = 200
"""Largest number of finished runs whose tables are published even if the runs were stopped."""


def default_folder(design: Design) -> Path:
    """Return the default folder of a design; it depends on the design and version only."""
    digest = hashlib.sha256(f"{design.digest} {code_version()}".encode()).hexdigest()[:8]
    kind = str(design.study.get("kind", ""))
    # Rungs and cut loops are dozens of scenarios, which nobody knows by their names.
    known = {"ladder": [*design.names[:2], kind], "loops": [*design.names[1:2], kind]}
    names = known.get(kind, design.names[:3])
    name = "-".join(names)[:60].strip("-")
    return Path("results") / f"{name}-{digest}"


def run_into(
    scenarios: ScenarioLike | Sequence[ScenarioLike] | Design,
    seeds: Iterable[int] | int | None = None,
    out: str | os.PathLike[str] | None = None,
    *,
    names: Sequence[str] | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    timeout: float = TIMEOUT,
    progress: Progress | None = None,
    reuse: bool | None = None,
) -> Results:
    """Run scenarios with seeds into a results folder; existing runs are not repeated.

    A folder of the same scenarios with other seeds keeps its runs, and the new ones are added.

    Parameters
    ----------
    scenarios, seeds, executor, workers, timeout, progress
        As in `sim.run_many`.
    out
        The folder; by default, one under ``results/`` named after the scenarios and a digest of the design.
    names
        File names of the scenarios, without ending.
    reuse
        Whether to copy runs from folders beside this one; by default, only into the default folder.

    Raises
    ------
    DesignError
        When the scenarios or seeds are invalid.
    FilesError
        When the folder is in use or holds something else, or cannot be written.
    EngineError
        When the executor fails.
    Stopped
        After Ctrl-C or a request to terminate; finished runs are kept.
    """
    design = (scenarios if isinstance(scenarios, Design)
              else Design.of(scenarios, seeds, names=names))
    folder = Path(out) if out is not None else default_folder(design)
    taking = folder == default_folder(design) if reuse is None else reuse
    return _run_into(design, folder, thorough=False, executor=executor, workers=workers,
                     timeout=timeout, progress=progress, reuse=taking)


def resume(
    path: str | os.PathLike[str],
    *,
    allow_code: bool = False,
    executor: Executor | None = None,
    workers: int | None = None,
    timeout: float = TIMEOUT,
    progress: Progress | None = None,
) -> Results:
    """Resume a results folder: make the runs that are missing, damaged or failed, and repair its files.

    The custom rules in the folder are executed only with `allow_code`. Other parameters and errors are
    those of `run_into`.

    Raises
    ------
    FilesError
        When another version of the code made the results, since its runs could differ.
    """
    results = open_results(path, allow_code=allow_code)
    if results.version != code_version():
        raise FilesError(
            _("{path} was made by weishang {version}, this is {here}: their runs would not fit "
                "together; use that version, or run anew in another folder").format(
                path=path, version=results.version, here=code_version()))
    results.refuse_missing_code()
    _refuse_changed_inputs(results)
    return _run_into(results.design, Path(path), thorough=True, executor=executor,
                     workers=workers, timeout=timeout, progress=progress)


def _refuse_changed_inputs(results: Results) -> None:
    """Refuse to resume if an input file of the runs has changed or is missing."""
    changed = [path for path, digest in results.design.inputs.items()
               if not Path(path).is_file() or file_digest(Path(path)) != digest]
    if changed:
        raise FilesError(_(
            "{folder} was made with another content of {file}; choose another folder with --out")
            .format(folder=results.path, file=", ".join(changed)))


def _run_into(
    design: Design, folder: Path, *, thorough: bool, executor: Executor | None,
    workers: int | None, timeout: float, progress: Progress | None, reuse: bool = False,
) -> Results:
    worlds = design.worlds
    seeds = design.seeds[: len(worlds.rows) if worlds is not None else 1]
    # Invalid points and bad input files are found before the first run.
    read_inputs(design.scenario(point, seed) for point in range(len(design.points))
                for seed in seeds)
    engine = Engine(design, executor=executor, workers=workers, timeout=timeout)
    with files(folder):
        with Journal(folder) as there:  # refuses before anything is written
            found = _claimed(folder, design, there)
            missing = len(found) - len(there.of(found.identity(code_version())).done)
        admit_results(found, folder, missing)
        admit(found, runs=missing, **place_of(executor, workers))
        folder.mkdir(parents=True, exist_ok=True)
        with lock(folder), Journal(folder) as journal:
            design = _claimed(folder, design, journal)
            gone = _begin(folder, design, journal, thorough)
            taken = take_over(folder, design, journal) if reuse else 0
            lived = _fill(folder, design, journal, progress, not gone.isdisjoint(MERGED),
                          lambda: engine.over(design))
        results = Results(folder, lived, design=design)
        results.taken = taken
        results.removed = sorted(gone - {*MERGED, *texts_of(design, code_version())})
        return results


def _fill(
    folder: Path, design: Design, journal: Journal, progress: Progress | None, damaged: bool,
    engine: Callable[[], Engine],
) -> int:
    """Make the missing runs and publish the tables; return the number of runs made."""
    keys = set(journal.done)
    whole = not damaged and _is_published(folder, design, journal)
    if not whole:
        keys -= set(journal.damaged())
    have = {run_number(design, key) for key in keys}
    todo = [run for run in range(len(design)) if run not in have]
    lived = 0

    def keep(run: int, packed: bytes | None, reason: str) -> None:
        nonlocal lived
        lived += 1
        if (saw := getattr(progress, "saw", None)) is not None:
            saw(packed)
        if packed is None:
            journal.fail(design.of_run(run), reason)
        else:
            journal.add(design.of_run(run), packed)

    def tell(done: float, _planned: int) -> None:
        if progress is not None:
            progress(len(have) + done, len(design))

    try:
        with stoppable():
            if todo:
                with engine() as engine_:
                    engine_.live(todo, keep, tell)
                journal.sync()
            if todo or not whole:
                _publish_all(folder, design, journal)
    except KeyboardInterrupt as stop:
        journal.sync()
        done = len(journal.done)
        if done <= QUICK_RUNS:
            _publish_all(folder, design, journal)
        code = stop.exit_code if isinstance(stop, Stopped) else 130
        raise Stopped(
            _(
                "stopped: {done:,} of {all:,} runs are kept; go on with: weishang resume "
                "{folder}").format(
                done=done, all=len(design), folder=folder), code) from None
    except EngineError as error:
        journal.sync()
        raise EngineError(_(
            "{error}; {done:,} of {all:,} runs are kept, go on with: weishang resume {folder}"
            ).format(error=error, done=len(journal.done), all=len(design), folder=typed(folder))) from None
    except OSError:
        raise
    except Exception:
        journal.sync()
        raise
    return lived


def _claimed(folder: Path, design: Design, journal: Journal) -> Design:
    """Return the design for the folder: this one plus the seeds that the folder already has.

    Raises
    ------
    FilesError
        When the folder holds something else.
    """
    names = {entry.name for entry in folder.iterdir()} if folder.exists() else set()
    try:
        return _joined(folder, design, read_design(folder, journal))
    except NoDesignError as error:
        # The journal is the first file of a folder: a process that died before it wrote the design
        # left nothing else. A folder with a damaged design is recognised by the identity of its runs.
        journal.of(design.identity(code_version()))
        if journal.done and not journal.foreign:
            return design
        others = sorted(names - {"lock", journal.path.name, f".tmp-{journal.path.name}"})
        if journal.foreign or "design.json" in others:
            raise
        if others:
            raise FilesError(
                _("{folder} is not empty and is no results folder (it holds {other}); choose "
                    "another folder with --out").format(folder=folder, other=others[0])) from error
        return design


def _begin(folder: Path, design: Design, journal: Journal, thorough: bool) -> set[str]:
    """Open the journal and write the text files of the design.

    With `thorough`, damaged records are dropped and damaged files removed. Returns the names of the
    removed files.
    """
    for left in folder.rglob(".tmp-*"):
        left.unlink()
    text = design_text(design, code_version()).encode()
    journal.of(design.identity(code_version())).open()
    if journal.design() != text:
        journal.begin(text)
    gone = set()
    if thorough:
        journal.mend(text)
        for name, entry in list(journal.files.items()):
            if wrong_with(folder / name, entry):
                (folder / name).unlink(missing_ok=True)
                journal.forget(name)
                gone.add(name)
    for name, said in texts_of(design, code_version()).items():
        digest = hashlib.sha256(said.encode()).hexdigest()
        known = journal.files.get(name)
        if known is None or known["digest"] != digest or not (folder / name).exists():
            publish_text(folder, name, said, journal)
    return gone


def _other_points(folder: Path, old: Data) -> str:
    """Return why a study with other points cannot use this folder, and what to do instead."""
    if old["study"].get("sampling") == "lhs":
        return _(
            "{folder} holds {points} points of this study, and Latin-hypercube samples cannot grow: "
            "every number of samples has points of its own; choose another folder with --out, or "
            "sample with sobol, which keeps its points when it grows").format(
                folder=folder, points=len(old["points"]))
    return _(
        "{folder} holds {points} other points of this study, and a folder grows only by points after "
        "those that it holds; choose another folder with --out").format(
            folder=folder, points=len(old["points"]))


def _joined(folder: Path, design: Design, there: Data) -> Design:
    """Return the design with the seeds of the folder added, if it only adds seeds or points."""
    old, new = there["design"], json.loads(canonical(design.as_data()))
    seeds = sorted({*old["seeds"], *new["seeds"]})
    if old["inputs"] != new["inputs"] and old | {"inputs": {}} == new | {"inputs": {}}:
        raise FilesError(_(
            "{folder} was made with another content of {file}; choose another folder with --out")
            .format(folder=folder, file=", ".join(
                path for path in new["inputs"] if new["inputs"][path] != old["inputs"].get(path))))
    same: Data = {"points": [], "seeds": []}
    grows = new["points"][:len(old["points"])] == old["points"]
    if not grows and old | same == new | same:
        raise FilesError(_other_points(folder, old))
    if old | same != new | same or set(new["seeds"]) < set(old["seeds"]):
        raise FilesError(
            _("{folder} holds other runs (another scenario, other seeds or other settings); "
                "choose another folder with --out").format(folder=folder))
    if there["version"] != code_version():
        raise FilesError(
            _("{folder} was made by weishang {version}, this is {here}; choose another "
                "folder with --out").format(
                folder=folder, version=there["version"], here=code_version()))
    return design.with_seeds(seeds) if seeds != new["seeds"] else design


def _is_published(folder: Path, design: Design, journal: Journal) -> bool:
    """Return whether all runs are done and their tables published (file sizes are checked, not bytes)."""
    if len(journal.done) < len(design):
        return False
    published = journal.files
    for name in ("manifest.json", *(f"{table}.parquet" for table in design.tables)):
        if name not in published or (
                name != "manifest.json" and published[name]["runs"] != len(design)):
            return False
    for name, entry in published.items():
        path = folder / name
        if name in MERGED and (not path.exists() or path.stat().st_size != entry["size"]):
            return False
    return True


def _publish_all(folder: Path, design: Design, journal: Journal) -> None:
    """Merge the finished runs into the tables, in the order of the design, and write the manifest."""
    source = Runs(design, Lazy(journal, design), {})
    runs = source.done

    def one(number: int) -> tuple[bytes, Data]:
        return source.packed(runs[number]), source.who(runs[number])

    for table in design.tables:
        rows = 0

        def merge(path: Path, table: str = table) -> None:
            nonlocal rows
            rows = write_parquet(path, table, len(runs), one,
                                 lambda schema: described(schema, columns_of(table, design)))

        publish(folder, f"{table}.parquet", merge, journal, runs=len(runs))
        if table in ("weekly", "tiers") and rows <= ROWS_IN_CSV:
            parquet = folder / f"{table}.parquet"
            publish(folder, f"{table}.csv",
                     lambda path, parquet=parquet: write_csv(path, parquet), journal,  # type: ignore[misc]
                     runs=len(runs))
    publish_text(folder, DICTIONARY, data_package(folder, design), journal)
    write_manifest(folder, design, journal)

"""The results folder: nothing is lost, nothing is there twice.

``design.json`` says what is to be run, ``runs.journal`` and ``ledger.jsonl`` hold the finished
runs, and the four tables are merged from them at the end, sorted by the design, so that their bytes
do not depend on the engine, on the order of finishing, or on interruptions.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from sim.runs.design import Design, canonical
from sim.runs.errors import FilesError, Stopped
from sim.runs.journal import Journal, file_digest
from sim.runs.many import TIMEOUT, Engine, Progress
from sim.runs.publishing import files, lock, publish, stoppable, write
from sim.runs.reading import (
    LAYOUT,
    Lazy,
    Results,
    open_results,
    read_json,
    run_number,
    write_manifest,
)
from sim.runs.result import TABLES
from sim.runs.results import Runs
from sim.runs.tables import ROWS_IN_CSV, write_csv, write_parquet
from sim.runs.version import code_version
from sim.texts import _

__all__ = ["Results", "default_folder", "open_results", "resume", "run_into"]

QUICK_RUNS = 200
"""Finished runs up to which tables are published even when the runs were stopped."""


def default_folder(design: Design) -> Path:
    """Return where the results of a design lie: the same command finds its folder again."""
    import hashlib

    digest = hashlib.sha256(f"{design.digest} {code_version()}".encode()).hexdigest()[:8]
    name = "-".join(design.names[:3])[:60].strip("-")
    return Path("results") / f"{name}-{digest}"


def run_into(
    scenarios: Any,
    seeds: Iterable[int] | int | None = None,
    out: str | os.PathLike[str] | None = None,
    *,
    names: Sequence[str] | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    timeout: float = TIMEOUT,
    progress: Progress | None = None,
    more_seeds: bool = False,
) -> Results:
    """Run scenarios with seeds into a results folder; what is there already is not run again.

    Parameters are those of `sim.run_many`, and

    Parameters
    ----------
    out
        The folder; by default one under ``results/`` named after scenario, seeds and version.
    names
        File names of the scenarios, without ending.
    more_seeds
        Whether a folder with the same scenarios and fewer seeds may be gone on with.

    Raises
    ------
    DesignError
        When the scenarios or seeds make no sense.
    FilesError
        When the folder is in use or holds something else, or the disk refuses.
    EngineError
        When the executor broke down.
    Stopped
        After Ctrl-C or a request to terminate; what was finished is kept.
    """
    design = (scenarios if isinstance(scenarios, Design)
              else Design.of(scenarios, seeds, names=names))
    folder = Path(out) if out is not None else default_folder(design)
    return _run_into(design, folder, thorough=False, executor=executor, workers=workers,
                     timeout=timeout, progress=progress, more_seeds=more_seeds)


def resume(
    path: str | os.PathLike[str],
    *,
    allow_code: bool = False,
    executor: Executor | None = None,
    workers: int | None = None,
    timeout: float = TIMEOUT,
    progress: Progress | None = None,
) -> Results:
    """Go on with a results folder: run what is missing, damaged or failed, and mend its files.

    `allow_code` lets the custom rules that the folder keeps be executed.

    Raises
    ------
    FilesError
        When the results were made by another version of the code, whose runs would differ.
    """
    results = open_results(path, allow_code=allow_code)
    if results.version != code_version():
        raise FilesError(
            _("{path} was made by weishang {version}, this is {here}: their runs would not fit "
                "together; use that version, or run anew in another folder").format(
                path=path, version=results.version, here=code_version()))
    results.refuse_missing_code()
    return _run_into(results.design, Path(path), thorough=True, executor=executor,
                     workers=workers, timeout=timeout, progress=progress)


def _run_into(
    design: Design, folder: Path, *, thorough: bool, executor: Executor | None,
    workers: int | None, timeout: float, progress: Progress | None, more_seeds: bool = False,
) -> Results:
    for point in range(len(design.points)):
        design.scenario(point)  # a point that makes no sense is found before the first run
    with files(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with lock(folder):
            _claim(folder, design, more_seeds)
            with Journal(folder, write=True) as journal:
                lived = _fill(folder, design, journal, thorough, progress,
                              lambda: Engine(design, executor=executor, workers=workers,
                                             timeout=timeout))
        return Results(folder, lived, design=design)


def _fill(
    folder: Path, design: Design, journal: Journal, thorough: bool, progress: Progress | None,
    engine: Callable[[], Engine],
) -> int:
    """Run what is missing and publish the tables; return how many runs were lived."""
    keys = set(journal.ledger.done)
    if thorough or not _is_published(folder, design, journal):
        keys -= set(journal.damaged())
    have = {run_number(design, key) for key in keys}
    todo = [run for run in range(len(design)) if run not in have]
    lived = 0

    def keep(run: int, packed: bytes | None, reason: str) -> None:
        nonlocal lived
        lived += 1
        if packed is None:
            journal.fail(design.of_run(run), reason)
        else:
            journal.add(design.of_run(run), packed)

    def tell(done: float, planned: int) -> None:
        if progress is not None:
            progress(len(have) + done, len(design))

    try:
        with stoppable():
            if todo:
                with engine() as engine_:
                    engine_.live(todo, keep, tell)
                journal.sync()
            if todo or not _is_published(folder, design, journal, thorough):
                _publish_all(folder, design, journal)
    except KeyboardInterrupt as stop:
        journal.sync()
        done = len(journal.ledger.done)
        if done <= QUICK_RUNS:
            _publish_all(folder, design, journal)
        code = stop.exit_code if isinstance(stop, Stopped) else 130
        raise Stopped(
            _(
                "stopped: {done:,} of {all:,} runs are kept; go on with: weishang resume "
                "{folder}").format(
                done=done, all=len(design), folder=folder), code) from None
    except OSError:
        raise
    except Exception:
        journal.sync()
        raise
    return lived


def _claim(folder: Path, design: Design, more_seeds: bool) -> None:
    """Make the folder that of this design, or refuse when it is that of another."""
    data = design.as_data()
    plain = {"layout": LAYOUT, "version": code_version(), "design": data}
    path = folder / "design.json"
    if path.exists():
        there = read_json(path)
        same = canonical(there.get("design")) == canonical(data)
        grown = more_seeds and not same and _is_grown(there["design"], data)
        if not same and not grown:
            raise FilesError(
                _("{folder} holds other runs (another scenario, other seeds or other settings); "
                    "choose another folder with --out").format(folder=folder))
        if there.get("version") != code_version():
            raise FilesError(
                _("{folder} was made by weishang {version}, this is {here}; choose another "
                    "folder with --out").format(
                    folder=folder, version=there.get("version"), here=code_version()))
        for left in folder.rglob(".tmp-*"):
            left.unlink()
        if grown:
            write(folder, "design.json", _json(plain))
        return
    others = [entry.name for entry in folder.iterdir() if entry.name != "lock"]
    if others:
        raise FilesError(
            _("{folder} is not empty and is no results folder (it holds {other}); choose "
                "another folder with --out").format(folder=folder, other=sorted(others)[0]))
    (folder / "scenarios").mkdir()
    for name, scenario in zip(design.names, design.scenarios, strict=True):
        write(folder, f"scenarios/{name}.yaml", _yaml(scenario))
        for file in getattr(scenario._compose, "files", ()):
            (folder / "scenarios" / file.kept).parent.mkdir(parents=True, exist_ok=True)
            write(folder, f"scenarios/{file.kept}", file.text)
    write(folder, "design.json", _json(plain))


def _is_grown(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Return whether a design differs from the older one in further seeds only."""
    return (set(old["seeds"]) < set(new["seeds"])
            and canonical(old | {"seeds": []}) == canonical(new | {"seeds": []}))


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    return json.loads(canonical(value))


def _yaml(scenario: Any) -> str:
    """Return a scenario as the text of a file that says all that was said for it."""
    import io

    from ruamel.yaml import YAML

    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    text = io.StringIO()
    said = _plain(scenario.given)
    files = getattr(scenario._compose, "files", ())
    if files:
        said["rules"]["files"] = [file.kept for file in files]
    writer.dump(said, text)
    return text.getvalue()


def _is_published(
    folder: Path, design: Design, journal: Journal, thorough: bool = False
) -> bool:
    """Return whether all runs are done and the published files are those of the ledger."""
    if len(journal.ledger.done) < len(design):
        return False
    published = journal.ledger.files
    for name in ("manifest.json", *(f"{table}.parquet" for table in TABLES)):
        if name not in published or (
                name != "manifest.json" and published[name]["runs"] != len(design)):
            return False
    for name, entry in published.items():
        path = folder / name
        if not path.exists() or path.stat().st_size != entry["bytes"]:
            return False
        if thorough and file_digest(path) != entry["sha256"]:
            return False
    return True


def _publish_all(folder: Path, design: Design, journal: Journal) -> None:
    """Merge the finished runs into the tables, sorted by the design, and write the manifest."""
    source = Runs(design, Lazy(journal, design), {})
    runs = source.done

    def one(number: int) -> tuple[bytes, dict[str, Any]]:
        return source.packed(runs[number]), source.who(runs[number])

    for table in TABLES:
        rows = 0

        def merge(path: Path, table: str = table) -> None:
            nonlocal rows
            rows = write_parquet(path, table, len(runs), one)

        publish(folder, f"{table}.parquet", merge, journal, runs=len(runs))
        if table in ("weekly", "tiers") and rows <= ROWS_IN_CSV:
            parquet = folder / f"{table}.parquet"
            publish(folder, f"{table}.csv",
                     lambda path, parquet=parquet: write_csv(path, parquet), journal,  # type: ignore[misc]
                     runs=len(runs))
    write_manifest(folder, design, journal)

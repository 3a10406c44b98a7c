"""The results folder: nothing is lost, nothing is there twice.

``design.json`` says what is to be run, ``runs.journal`` and ``ledger.jsonl`` hold the finished
runs, and the four tables are merged from them at the end, sorted by the design, so that their bytes
do not depend on the engine, on the order of finishing, or on interruptions.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.runs.design import Design, canonical
from sim.runs.errors import FilesError, Stopped
from sim.runs.journal import Journal, file_digest
from sim.runs.many import TIMEOUT, Engine, Progress
from sim.runs.publishing import files, is_locked, lock, publish, stoppable, write
from sim.runs.result import TABLES
from sim.runs.results import IDENTIFYING, Runs
from sim.runs.tables import ROWS_IN_CSV, frame, write_csv, write_parquet
from sim.runs.version import code_version, library_versions

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Results", "default_folder", "open_results", "resume", "run_into"]

LAYOUT = 1
"""Version of the folder's layout."""
QUICK_RUNS = 200
"""Finished runs up to which tables are published even when the runs were stopped."""


class Results(Runs):
    """A results folder, read lazily: a table and a column are read when they are asked for.

    Attributes
    ----------
    path
        The folder.
    version
        The code version that made it.
    lived
        Runs lived by the call that returned this; 0 when nothing was to do.
    """

    def __init__(self, path: Path, lived: int = 0) -> None:
        data = _read_json(path / "design.json")
        self.version = str(data["version"])
        if data["layout"] != LAYOUT:
            raise FilesError(
                f"{path} has layout {data['layout']} (weishang {self.version}); this weishang "
                f"({code_version()}) reads layout {LAYOUT}")
        self.path = path
        self.lived = lived
        self._journal = Journal(path)
        super().__init__(Design.from_data(data["design"]), _Lazy(self._journal),
                         self._journal.ledger.failed)

    @property
    def done(self) -> list[int]:
        """Numbers of the finished runs, ascending."""
        return sorted(self._journal.ledger.done)

    def packed(self, run: int) -> bytes:
        """Return the packed tables of a finished run.

        Raises
        ------
        FilesError
            When they are damaged.
        """
        try:
            return super().packed(run)
        except (ValueError, OSError):
            raise FilesError(
                f"run {run} in {self.path} is damaged; mend it: weishang resume {self.path}"
            ) from None

    def table(
        self, name: str, columns: Sequence[str] | None = None, *,
        scenario: str | int | None = None, seed: int | None = None,
    ) -> pd.DataFrame:
        """Return one table, all of it or the columns and runs asked for (see `Runs.table`)."""
        path = self.path / f"{name}.parquet"
        known = self._journal.ledger.files.get(path.name)
        if scenario is not None or known is None or known.get("runs") != len(self.done) \
                or not path.exists():
            return super().table(name, columns, scenario=scenario, seed=seed)
        import pyarrow.parquet as pq

        if columns is not None:
            there = pq.read_schema(path).names
            first = [*self.design.keys, "scenario", "seed", *IDENTIFYING[name]]
            columns = [column for column in dict.fromkeys([*first, *columns]) if column in there]
        filters = None if seed is None else [("seed", "==", seed)]
        try:
            return frame(pq.read_table(path, columns=columns, filters=filters))
        except (OSError, ValueError) as error:
            raise FilesError(f"{path} is damaged ({error}); mend it: weishang resume {self.path}"
                             ) from None

    @property
    def busy(self) -> bool:
        """Whether another process is writing here."""
        return is_locked(self.path)

    @property
    def figures(self) -> Path:
        """Folder of the pictures."""
        return self.path / "figures"

    def publish(self, name: str, write: Callable[[Path], object]) -> Path:
        """Publish a file of the folder: ``write(path)`` writes it under a temporary name.

        Raises
        ------
        FilesError
            When it cannot be written.
        """
        with files(self.path), lock(self.path), Journal(self.path, write=True) as journal:
            publish(self.path, name, write, journal)
            _write_manifest(self.path, self.design, journal)
        return self.path / name

    def damage(self) -> list[str]:
        """Return what is damaged or missing, each in one sentence; checks every checksum."""
        found = [f"run {run} ({self.design.describe(run)}): its bytes are not those written"
                 for run in self._journal.damaged()]
        for name, entry in sorted(self._journal.ledger.files.items()):
            path = self.path / name
            if not path.exists():
                found.append(f"{name}: missing")
            elif file_digest(path) != entry["sha256"]:
                found.append(f"{name}: its bytes are not those written")
        for name in ("manifest.json", *(f"{table}.parquet" for table in TABLES)):
            if self.complete and name not in self._journal.ledger.files:
                found.append(f"{name}: not published")
        return found


class _Lazy(Mapping[int, bytes]):
    """Finished runs by number, read from the journal when they are asked for."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def __getitem__(self, run: int) -> bytes:
        return self._journal.read(run)

    def __iter__(self) -> Iterator[int]:
        return iter(self._journal.ledger.done)

    def __len__(self) -> int:
        return len(self._journal.ledger.done)


# -- reading ------------------------------------------------------------------------------------


def open_results(path: str | os.PathLike[str]) -> Results:
    """Open a results folder, finished or not; nothing is read but what it says of itself.

    Raises
    ------
    FilesError
        When there is no results folder, or it was written by a version that this one cannot read.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise FilesError(f"there is no results folder {folder}")
    if not (folder / "design.json").exists():
        raise FilesError(f"{folder} is no results folder: it has no design.json")
    with files(folder):
        return Results(folder)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_bytes())
        if not isinstance(data, dict):
            raise ValueError("no object")
        return data
    except (ValueError, RecursionError) as error:
        raise FilesError(f"{path} is damaged ({error})") from None


# -- writing ------------------------------------------------------------------------------------


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
) -> Results:
    """Run scenarios with seeds into a results folder; what is there already is not run again.

    Parameters are those of `sim.run_many`, and

    Parameters
    ----------
    out
        The folder; by default one under ``results/`` named after scenario, seeds and version.
    names
        File names of the scenarios, without ending.

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
                     timeout=timeout, progress=progress)


def resume(
    path: str | os.PathLike[str],
    *,
    executor: Executor | None = None,
    workers: int | None = None,
    timeout: float = TIMEOUT,
    progress: Progress | None = None,
) -> Results:
    """Go on with a results folder: run what is missing, damaged or failed, and mend its files.

    Raises
    ------
    FilesError
        When the results were made by another version of the code, whose runs would differ.
    """
    results = open_results(path)
    if results.version != code_version():
        raise FilesError(
            f"{path} was made by weishang {results.version}, this is {code_version()}: their runs "
            "would not fit together; use that version, or run anew in another folder")
    return _run_into(results.design, Path(path), thorough=True, executor=executor,
                     workers=workers, timeout=timeout, progress=progress)


def _run_into(
    design: Design, folder: Path, *, thorough: bool, executor: Executor | None,
    workers: int | None, timeout: float, progress: Progress | None,
) -> Results:
    for point in range(len(design.points)):
        design.scenario(point)  # a point that makes no sense is found before the first run
    with files(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with lock(folder):
            _claim(folder, design)
            with Journal(folder, write=True) as journal:
                lived = _fill(folder, design, journal, thorough, progress,
                              lambda: Engine(design, executor=executor, workers=workers,
                                             timeout=timeout))
        return Results(folder, lived)


def _fill(
    folder: Path, design: Design, journal: Journal, thorough: bool, progress: Progress | None,
    engine: Callable[[], Engine],
) -> int:
    """Run what is missing and publish the tables; return how many runs were lived."""
    have = set(journal.ledger.done)
    if thorough or not _is_published(folder, design, journal):
        have -= set(journal.damaged())
    todo = [run for run in range(len(design)) if run not in have]
    lived = 0

    def keep(run: int, packed: bytes | None, reason: str) -> None:
        nonlocal lived
        lived += 1
        if packed is None:
            journal.fail(run, reason)
        else:
            journal.add(run, packed)

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
            f"stopped: {done:,} of {len(design):,} runs are kept; go on with: "
            f"weishang resume {folder}", code) from None
    except OSError:
        raise
    except Exception:
        journal.sync()
        raise
    return lived


def _claim(folder: Path, design: Design) -> None:
    """Make the folder that of this design, or refuse when it is that of another."""
    plain = {"layout": LAYOUT, "version": code_version(), "design": design.as_data()}
    path = folder / "design.json"
    if path.exists():
        there = _read_json(path)
        if canonical(there.get("design")) != canonical(plain["design"]):
            raise FilesError(
                f"{folder} holds other runs (another scenario, other seeds or other settings); "
                "choose another folder with --out")
        if there.get("version") != code_version():
            raise FilesError(
                f"{folder} was made by weishang {there.get('version')}, this is {code_version()}; "
                "choose another folder with --out")
        for left in folder.rglob(".tmp-*"):
            left.unlink()
        return
    others = [entry.name for entry in folder.iterdir() if entry.name != "lock"]
    if others:
        raise FilesError(
            f"{folder} is not empty and is no results folder (it holds {sorted(others)[0]}); "
            "choose another folder with --out")
    (folder / "scenarios").mkdir()
    for name, scenario in zip(design.names, design.scenarios, strict=True):
        write(folder, f"scenarios/{name}.yaml", _yaml(scenario))
    text = json.dumps(plain, ensure_ascii=False, indent=1, default=_plain) + "\n"
    write(folder, "design.json", text)


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
    writer.dump(_plain(scenario.given), text)
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
    runs = sorted(journal.ledger.done)
    source = Runs(design, _Lazy(journal), {})

    def one(number: int) -> tuple[bytes, dict[str, Any]]:
        return journal.read(runs[number]), source.who(runs[number])

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
    _write_manifest(folder, design, journal)


def _write_manifest(folder: Path, design: Design, journal: Journal) -> None:
    ledger = journal.ledger
    done = len(ledger.done)
    manifest = {
        "layout": LAYOUT,
        "version": code_version(),
        "libraries": library_versions(),
        "scenarios": dict(zip(design.names, design.digests, strict=True)),
        "varied": list(design.keys),
        "seeds": list(design.seeds),
        "runs": {"planned": len(design), "done": done,
                 "failed": [{"run": design.describe(run), "seed": design.of_run(run)[1],
                             "reason": reason} for run, reason in ledger.failed.items()]},
        "complete": done == len(design),
        "files": {name: {"bytes": entry["bytes"], "sha256": entry["sha256"]}
                  for name, entry in sorted(ledger.files.items()) if name != "manifest.json"},
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    publish(folder, "manifest.json", lambda path: path.write_text(text, "utf-8"), journal)

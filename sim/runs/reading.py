"""Reading a results folder: table by table, column by column, finished or not."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.runs.design import Design
from sim.runs.errors import FilesError
from sim.runs.journal import Journal, Key, file_digest
from sim.runs.publishing import files, is_locked, lock, publish
from sim.runs.result import TABLES
from sim.runs.results import IDENTIFYING, Runs
from sim.runs.tables import frame
from sim.runs.version import code_version, library_versions
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LAYOUT", "Lazy", "Results", "open_results", "read_json", "run_number",
           "write_manifest"]

LAYOUT = 1
"""Version of the folder's layout."""

class Results(Runs):
    """A results folder, read lazily: a table and a column are read when they are asked for.

    Attributes
    ----------
    path
        The folder.
    version
        The code version that made it.
    lived
        Runs lived by the call that returned this; 0 when all were there.
    custom_rules
        Whether custom rules took part.
    """

    def __init__(
        self, path: Path, lived: int = 0, *, design: Design | None = None,
        allow_code: bool = False,
    ) -> None:
        data = read_json(path / "design.json")
        self.version = str(data["version"])
        if data["layout"] != LAYOUT:
            raise FilesError(
                _("{path} has layout {layout} (weishang {version}); this weishang ({here}) "
                    "reads layout {known}").format(
                    path=path, layout=data["layout"], version=self.version, here=code_version(),
                    known=LAYOUT))
        self.path = path
        self.lived = lived
        self.custom_rules = any(entry["own_rules"] for entry in data["design"]["scenarios"])
        self._journal = Journal(path)
        if design is None:
            design = Design.from_data(data["design"], self._code if allow_code else None)
        failed = {run_number(design, key): why for key, why in self._journal.ledger.failed.items()}
        super().__init__(design, Lazy(self._journal, design), failed)

    def _code(self, entry: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the custom rules of a scenario, if they are still those that ran."""
        from sim.scenario.custom_rules import RuleFile

        found = []
        for known in entry["rule_files"]:
            file = RuleFile.read(self.path / "scenarios" / known["file"])
            if file.sha256 != known["sha256"]:
                raise FilesError(_(
                    "{path} is not the code that made these results: its SHA-256 begins with "
                    "{found}, that of the code that ran with {known}").format(
                        path=file.path, found=file.sha256[:12], known=known["sha256"][:12]))
            found.append(file)
        return tuple(found)

    def refuse_missing_code(self) -> None:
        """Raise `UsageError` where custom rules took part and their code is not loaded."""
        for scenario in self.design.scenarios:
            scenario.composition()

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
                _("the run {run} in {folder} is damaged; mend it: weishang resume {folder}").format(
                    run=self.design.describe(run), folder=self.path)) from None

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
            raise FilesError(_(
                    "{path} is damaged ({error}); mend it: weishang resume {folder}").format(
                    path=path, error=error, folder=self.path)
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
            write_manifest(self.path, self.design, journal)
        return self.path / name

    def damage(self) -> list[str]:
        """Return what is damaged or missing, each in one sentence; checks every checksum."""
        bad = [run_number(self.design, key) for key in self._journal.damaged()]
        found = [f"run {self.design.describe(run)}: its bytes are not those written"
                 for run in bad]
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


class Lazy(Mapping[int, bytes]):
    """Finished runs by number, read from the journal when they are asked for."""

    def __init__(self, journal: Journal, design: Design) -> None:
        self._journal = journal
        self._keys = {run_number(design, key): key for key in journal.ledger.done}

    def __getitem__(self, run: int) -> bytes:
        return self._journal.read(self._keys[run])

    def __iter__(self) -> Iterator[int]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def run_number(design: Design, key: Key) -> int:
    """Return the number of a run that the ledger names."""
    run = design.run_of(*key)
    if run is None:
        raise FilesError(_("the ledger names a run that the design does not have: it is damaged"))
    return run


def open_results(path: str | os.PathLike[str], *, allow_code: bool = False) -> Results:
    """Open a results folder, finished or not; nothing is read but what it says of itself.

    Custom rules that took part are executed only where `allow_code` says so; without them the
    tables can be read, but its scenarios cannot be run again.

    Raises
    ------
    FilesError
        When there is no results folder, or it was written by a version that this one cannot read.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise FilesError(_("there is no results folder {folder}").format(folder=folder))
    if not (folder / "design.json").exists():
        raise FilesError(_("{folder} is no results folder: it has no design.json").format(
                folder=folder))
    with files(folder):
        return Results(folder, allow_code=allow_code)


def read_json(path: Path) -> dict[str, Any]:
    """Return the object that a JSON file holds."""
    try:
        data = json.loads(path.read_bytes())
        if not isinstance(data, dict):
            raise ValueError("no object")
        return data
    except (ValueError, RecursionError) as error:
        raise FilesError(_("{path} is damaged ({error})").format(path=path, error=error)) from None


def write_manifest(folder: Path, design: Design, journal: Journal) -> None:
    """Publish what is there: versions, seeds, what is complete, checksums."""
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
                 "failed": [{"run": design.describe(run_number(design, key)), "seed": key[1],
                             "reason": reason} for key, reason in ledger.failed.items()]},
        "complete": done == len(design),
        "files": {name: {"bytes": entry["bytes"], "sha256": entry["sha256"]}
                  for name, entry in sorted(ledger.files.items()) if name != "manifest.json"},
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    publish(folder, "manifest.json", lambda path: path.write_text(text, "utf-8"), journal)

"""Reading a results folder: table by table, column by column, finished or not."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import typed
from sim.runs.design import Design, canonical
from sim.runs.errors import FilesError
from sim.runs.journal import Journal, Key, file_digest
from sim.runs.publishing import files, is_locked, lock, publish, publish_text
from sim.runs.results import IDENTIFYING, Runs
from sim.runs.tables import frame
from sim.runs.version import code_version, library_versions
from sim.scenario.writing import yaml_text
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd

    from sim.kernel.plain import Data, SomeData
    from sim.scenario.rule_code import RuleFile
    from sim.scenario.schema import Scenario

__all__ = [
    "LAYOUT", "Lazy", "NoDesignError", "Results", "design_text", "open_results", "read_design",
    "read_json", "run_number", "scenario_yaml", "texts_of", "write_manifest", "wrong_with",
]

WRITER_SECONDS = 60.0
"""Seconds that a picture waits while others are recorded."""

LAYOUT = 2
"""Version of the layout of a results folder."""


class NoDesignError(FilesError):
    """A folder has no readable design."""


class Results(Runs):
    """A results folder, read lazily: tables and columns are read when they are asked for.

    Attributes
    ----------
    path
        The folder.
    version
        The code version that made the results.
    lived
        Number of runs made by the call that returned this; 0 if all were finished before.
    removed
        Published files that this call removed because they were damaged or missing; their makers
        (`plot`, `report` or a study) have to write them again.
    custom_rules
        Whether custom rules took part.
    """

    def __init__(
        self, path: Path, lived: int = 0, *, design: Design | None = None,
        allow_code: bool = False,
    ) -> None:
        self._journal = Journal(path)
        said = read_design(path, self._journal)
        self.version = str(said["version"])
        self.path = path
        self.lived = lived
        self.removed: list[str] = []
        self.taken = 0
        self.custom_rules = any(entry["own_rules"] for entry in said["design"]["scenarios"])
        if design is None:
            design = Design.from_data(said["design"], self._code if allow_code else None)
        self._journal.of(design.identity(self.version))
        failed = {run_number(design, key): why for key, why in self._journal.failed.items()}
        super().__init__(design, Lazy(self._journal, design), failed)

    def _code(self, entry: SomeData) -> tuple[RuleFile, ...]:
        """Return the custom rules of a scenario; refuse files that have changed since the runs."""
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
        """Raise `UsageError` if custom rules took part and their code is not loaded."""
        for scenario in self.design.scenarios:
            scenario.composition()

    def packed(self, run: int) -> bytes:
        """Return the packed tables of a finished run.

        Raises
        ------
        FilesError
            When its bytes are damaged.
        """
        try:
            return super().packed(run)
        except (ValueError, OSError):
            raise FilesError(
                _("the run {run} in {folder} is damaged; mend it: weishang resume {folder}").format(
                    run=self.design.describe(run), folder=typed(self.path))) from None

    def table(
        self, name: str, columns: Sequence[str] | None = None, *,
        scenario: str | int | None = None, seed: int | None = None,
    ) -> pd.DataFrame:
        """Return one table, or the columns and runs of it that are asked for; see `Runs.table`."""
        path = self.path / f"{name}.parquet"
        known = self._journal.files.get(path.name)
        if scenario is not None or known is None or known.get("runs") != len(self.done) \
                or not path.exists():
            return super().table(name, columns, scenario=scenario, seed=seed)
        import pyarrow.parquet as pq

        try:
            # Opened here because Arrow takes some names for addresses and cannot read others at all.
            with path.open("rb") as file:
                if columns is not None:
                    there = pq.read_schema(file).names
                    first = [*self.design.keys, "scenario", "seed", *IDENTIFYING[name]]
                    columns = [one for one in dict.fromkeys([*first, *columns]) if one in there]
                    file.seek(0)
                if seed is None:  # reading a whole file imports less
                    return frame(pq.ParquetFile(file).read(columns=columns))
                return frame(pq.read_table(file, columns=columns, filters=[("seed", "==", seed)]))
        except (OSError, ValueError) as error:
            raise FilesError(_(
                    "{path} is damaged ({error}); mend it: weishang resume {folder}").format(
                    path=path, error=error, folder=typed(self.path))
                             ) from None

    @property
    def busy(self) -> bool:
        """Whether another process is writing to the folder."""
        return is_locked(self.path)

    @property
    def figures(self) -> Path:
        """Folder of the pictures."""
        return self.path / "figures"

    def publish(
        self, name: str, write: Callable[[Path], object], about: list[str] | None = None,
    ) -> Path:
        """Publish a file in the folder: ``write(path)`` writes it under a temporary name.

        `about` says what the file shows, so that it can be made again; see the method `about`.

        Raises
        ------
        FilesError
            When the file cannot be written.
        """
        with files(self.path), lock(self.path, WRITER_SECONDS), \
                Journal(self.path, write=True) as journal:
            journal.of(self.design.identity(self.version))
            publish(self.path, name, write, journal, about=about)
            write_manifest(self.path, self.design, journal)
        return self.path / name

    def about(self, name: str) -> list[str] | None:
        """Return what a file showed when it was last published, even if it has been deleted since."""
        said: list[str] | None = self._journal.about.get(name)
        return said

    def seal(self, written: Sequence[Path]) -> None:
        """Record the checksums of files that were written into the folder directly.

        Raises
        ------
        FilesError
            When they cannot be recorded.
        """
        inside = [path.relative_to(self.path).as_posix() for path in written
                  if path.is_relative_to(self.path)]
        if not inside:
            return
        with files(self.path), lock(self.path, WRITER_SECONDS), \
                Journal(self.path, write=True) as journal:
            journal.of(self.design.identity(self.version))
            for name in inside:
                path = self.path / name
                journal.publish(name, path.stat().st_size, file_digest(path))
            write_manifest(self.path, self.design, journal)

    def damage(self) -> list[str]:
        """Check every checksum; return what is damaged or missing, one sentence each."""
        journal = self._journal
        found = []
        if not journal.path.exists():
            found.append(_("{name}: missing").format(name=journal.path.name))
        for start, end in journal.gaps:
            if end == journal.end and self.busy:
                continue  # another process is about to write the rest
            found.append(_("{name}: bytes {start} to {end} are no whole record").format(
                name=journal.path.name, start=start, end=end))
        if journal.foreign:
            found.append(_("{name}: {count} runs of another design").format(
                name=journal.path.name, count=journal.foreign))
        found += [_("run {run}: its bytes are not those written").format(
            run=self.design.describe(run_number(self.design, key))) for key in journal.damaged()]
        if journal.design() is None and journal.path.exists():
            found.append(_("{name}: its design is damaged or missing").format(
                name=journal.path.name))
        for name, entry in sorted(journal.files.items()):
            wrong = wrong_with(self.path / name, entry)
            if wrong:
                found.append(f"{name}: {wrong}")
        texts = (f"scenarios/{name}.yaml" for name in self.design.names)
        tables = [f"{table}.parquet" for table in self.design.tables]
        needed = ("design.json", *texts, *(("manifest.json", *tables) if self.complete else ()))
        return found + [_("{name}: not published").format(name=name) for name in needed
                        if name not in journal.files]


def wrong_with(path: Path, entry: Mapping[str, object]) -> str:
    """Return what is wrong with a published file, in words; empty if nothing is."""
    try:
        if file_digest(path) == entry["digest"]:
            return ""
        return _("its bytes are not those written")
    except FileNotFoundError:
        return _("missing")
    except OSError as error:
        return _("it cannot be read ({why})").format(why=error.strerror or error)


class Lazy(Mapping[int, bytes]):
    """Finished runs by number, read from the journal on demand."""

    def __init__(self, journal: Journal, design: Design) -> None:
        self._journal = journal
        self._keys = {run_number(design, key): key for key in journal.done}

    def __getitem__(self, run: int) -> bytes:
        return self._journal.read(self._keys[run])

    def __iter__(self) -> Iterator[int]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def run_number(design: Design, key: Key) -> int:
    """Return the number in this design of a run of the journal."""
    run = design.run_of(*key)
    assert run is not None  # the journal keeps runs of other designs apart
    return run


def open_results(path: str | os.PathLike[str], *, allow_code: bool = False) -> Results:
    """Open a results folder, finished or not; tables are read later, on demand.

    Custom rules that took part are executed only with `allow_code`; without them the tables can be read,
    but the scenarios cannot be run again.

    Raises
    ------
    FilesError
        When there is no results folder, or another version wrote it that this one cannot read.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise FilesError(_("there is no results folder {folder}").format(folder=folder))
    with files(folder):
        return Results(folder, allow_code=allow_code)


def design_text(design: Design, version: str) -> str:
    """Return the text of ``design.json``: the planned runs, with a checksum of the text itself."""
    said = {"layout": LAYOUT, "version": version, "design": design.as_data()}
    said = json.loads(canonical(said))
    return json.dumps(said | {"sha256": _self_check(said)}, ensure_ascii=False, indent=1) + "\n"


def _self_check(said: Mapping[str, object]) -> str:
    plain = {key: value for key, value in said.items() if key != "sha256"}
    return hashlib.sha256(canonical(plain).encode()).hexdigest()


def texts_of(design: Design, version: str) -> dict[str, str]:
    """Return the text files of a folder by name: the design, the scenarios and their custom rules."""
    texts = {"design.json": design_text(design, version)}
    if design.worlds is not None:
        texts["worlds.csv"] = design.worlds.table(design.seeds)
    for name, scenario in zip(design.names, design.scenarios, strict=True):
        texts[f"scenarios/{name}.yaml"] = scenario_yaml(scenario)
        for file in getattr(scenario._compose, "files", ()):
            texts |= {f"scenarios/{place}": text for place, text in file.texts.items()}
    return texts


def scenario_yaml(scenario: Scenario) -> str:
    """Return a scenario as the text of a file that states all settings given for it."""
    said = json.loads(canonical(scenario.given))
    files = getattr(scenario._compose, "files", ())
    if files:
        said["rules"]["files"] = [file.kept for file in files]
    return yaml_text(said)


def read_design(folder: Path, journal: Journal) -> Data:
    """Return the data of a folder's design, from the journal or else from ``design.json``.

    Raises
    ------
    FilesError
        When both are damaged, or the folder has another layout.
    """
    noted = journal.design()
    path = folder / "design.json"
    if noted is None and not path.exists():
        if journal.path.exists():
            raise NoDesignError(_(
                "{folder} was begun but its design was never written (the disk was full, or the "
                "process was killed): repeat the command that made it").format(folder=folder))
        raise NoDesignError(_("{folder} is no results folder: it has no design.json").format(
                folder=folder))
    said = read_json(path) if noted is None else json.loads(noted)
    if said.get("layout") != LAYOUT:
        raise FilesError(
            _("{path} has layout {layout} (weishang {version}); this weishang ({here}) "
                "reads layout {known}").format(
                path=folder, layout=said.get("layout"), version=said.get("version"),
                here=code_version(), known=LAYOUT))
    if said.get("sha256") != _self_check(said):
        raise NoDesignError(_(
            "{path} is damaged, and so is its copy in {journal}: repeat the command that made the "
            "folder, and what is whole is kept").format(path=path, journal=journal.path.name))
    return said


def read_json(path: Path) -> Data:
    """Return the object in a JSON file."""
    try:
        data = json.loads(path.read_bytes())
        if not isinstance(data, dict):
            raise ValueError("no object")
        return data
    except (ValueError, RecursionError) as error:
        raise NoDesignError(_("{path} is damaged ({error})").format(path=path, error=error)) from None


def write_manifest(folder: Path, design: Design, journal: Journal) -> None:
    """Publish ``manifest.json``: versions, seeds, completeness and checksums."""
    done = len(journal.done)
    manifest = {
        "layout": LAYOUT,
        "version": code_version(),
        "libraries": library_versions(),
        "scenarios": dict(zip(design.names, design.digests, strict=True)),
        "varied": list(design.keys),
        "seeds": list(design.seeds),
        "runs": {"planned": len(design), "done": done,
                 "failed": [{"run": design.describe(run_number(design, key)), "seed": key[1],
                             "reason": reason} for key, reason in journal.failed.items()]},
        "complete": done == len(design),
        "files": {name: {"bytes": entry["size"], "sha256": entry["digest"]}
                  for name, entry in sorted(journal.files.items()) if name != "manifest.json"},
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    publish_text(folder, "manifest.json", text, journal)

"""The journal of a results folder: one file to which records are appended, each with its checksums.

A record is a line of text, ``#weishang {JSON} CHECK``, followed by the bytes that it describes. The line
says what the bytes are (a finished run with its point, seed and identity; the design; the checksum of a
published file), their number and their SHA-256, and it ends with its own checksum. A flipped bit is
therefore found wherever it is and costs only its own record, and when a process dies, all earlier records
are whole. `docs/integrity.md` says why this is not a database.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

__all__ = ["Identity", "Journal", "Key", "file_digest", "sync_folder"]

Key = tuple[int, int]
"""A run of a folder: the number of its point in the design, and its seed."""
Identity = Callable[[int, int], str]
"""Returns the identity of a run from its point and seed; see `Design.identity`."""
Entry = dict[str, Any]
"""The content of a record's line, and the place in the file where its bytes begin (``at``)."""

NAME = "runs.journal"
MARK = b"#weishang "
MAX_LINE = 4096
PAYLOAD: dict[str, type] = {"bytes": int, "sha256": str}
SHAPES: dict[Any, dict[str, type]] = {
    "design": PAYLOAD, "run": PAYLOAD | {"point": int, "seed": int, "of": str},
    "file": PAYLOAD | {"file": str, "size": int, "digest": str}, "gone": PAYLOAD | {"file": str},
}
"""Keys in the line of each kind of record; failed runs also have the reason (``failed``)."""
SYNC_SECONDS = 0.5
"""Most seconds of finished runs that a power cut can cost (they are run again)."""


def sync_folder(folder: Path) -> None:
    """Make new names in a folder survive a power cut, on systems on which a folder can be opened."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _line(entry: Entry, payload: bytes) -> bytes:
    """Return the line of a record."""
    said = entry | {"bytes": len(payload), "sha256": hashlib.sha256(payload).hexdigest()}
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return b"".join((MARK, text, b" ", _check(text), b"\n"))


def _check(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest()[:16].encode()


def _entry(line: bytes) -> Entry | None:
    """Return the content of a record's line, or None if it is damaged or not such a line."""
    text, _space, check = line[len(MARK):-1].rpartition(b" ")
    if line[: len(MARK)] != MARK or line[-1:] != b"\n" or check != _check(text):
        return None
    entry = json.loads(text)
    shape = SHAPES.get(entry.get("kind")) if isinstance(entry, dict) else None
    if shape is None or any(type(entry.get(name)) is not kind for name, kind in shape.items()):
        return None
    return entry


class Journal:
    """The records of a folder; only the process that holds the lock opens it for writing.

    Attributes
    ----------
    files
        The last record of each published file.
    about
        What each file ever published shows, if its maker said so.
    gaps
        Ranges (from, to) of bytes without a whole record: damage or, at the end of the file, a record
        that was cut off while it was written.
    foreign
        Number of runs of other designs.
    end
        Length of the file in bytes.
    """

    def __init__(self, folder: Path, *, write: bool = False) -> None:
        self.path = folder / NAME
        self.files: dict[str, Entry] = {}
        self.about: dict[str, Any] = {}
        self.gaps: list[tuple[int, int]] = []
        self.foreign = 0
        self._runs: dict[Key, Entry] = {}
        self._all: dict[tuple[int, int, str], Entry] = {}
        self._design: Entry | None = None
        self._identity: Identity | None = None
        self._file: BinaryIO | None = None
        self._reader: BinaryIO | None = None
        self._waiting: list[tuple[Entry, bytes]] = []
        self._synced = time.monotonic()
        self.end = 0
        if self.path.exists():
            self._scan()
        if write:
            self.open()

    def _read_again(self) -> None:
        """Read a file that was rewritten, and go on appending to it."""
        self.files, self.gaps, self._all, self._design = {}, [], {}, None
        self._runs, self.foreign = {}, 0
        self._scan()
        self.open()
        if self._identity is not None:
            self.of(self._identity)

    # -- reading ----------------------------------------------------------------------------------

    def _scan(self) -> None:
        """Read all records; skip what is not a record up to the next one."""
        with self.path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            at = 0
            while at < size:
                file.seek(at)
                line = file.readline(MAX_LINE)
                entry = _entry(line)
                after = at + len(line) + entry["bytes"] if entry is not None else 0
                if entry is not None and after <= size:
                    self._note(entry, at + len(line))
                else:
                    after = _next_mark(file, at + 1, size)
                    start = self.gaps.pop()[0] if self.gaps and self.gaps[-1][1] == at else at
                    self.gaps.append((start, after))
                at = after
            self.end = size

    def _note(self, entry: Entry, at: int) -> None:
        """Register a record whose bytes begin at `at`."""
        entry["at"] = at
        kind = entry["kind"]
        if kind == "run":
            self._all[entry["point"], entry["seed"], entry["of"]] = entry
            self._bind(entry)
        elif kind == "design":
            self._design = entry
        elif kind == "file":
            self.files[entry["file"]] = entry
            self.about[entry["file"]] = entry.get("about")
        elif kind == "gone":
            self.files.pop(entry["file"], None)

    def of(self, identity: Identity) -> Self:
        """Count as runs only those of this identity; return the journal."""
        self._identity, self._runs, self.foreign = identity, {}, 0
        for entry in self._all.values():
            self._bind(entry)
        return self

    def _bind(self, entry: Entry) -> None:
        point, seed = entry["point"], entry["seed"]
        if self._identity is None or self._identity(point, seed) == entry["of"]:
            self._runs[point, seed] = entry
        else:
            self.foreign += 1

    @property
    def done(self) -> set[Key]:
        """Finished runs."""
        return {run for run, entry in self._runs.items() if "failed" not in entry}

    @property
    def failed(self) -> dict[Key, str]:
        """Failed runs, each with its reason."""
        return {run: str(entry["failed"]) for run, entry in sorted(self._runs.items())
                if "failed" in entry}

    @property
    def torn(self) -> bool:
        """Whether the file ends with something other than a record."""
        return bool(self.gaps) and self.gaps[-1][1] == self.end

    def design(self) -> bytes | None:
        """Return the last design that was written, or None if there is none or it is damaged."""
        if self._design is None:
            return None
        try:
            return self._bytes_of(self._design)
        except (ValueError, OSError):
            return None

    def read(self, run: Key) -> bytes:
        """Return a finished run, packed.

        Raises
        ------
        ValueError
            When its bytes are damaged.
        """
        return self._bytes_of(self._runs[run])

    def packed_of(self, identities: set[str]) -> Iterator[tuple[str, bytes]]:
        """Yield the undamaged finished runs of these identities, from all designs."""
        for entry in self._all.values():
            if entry["of"] in identities and "failed" not in entry:
                try:
                    yield entry["of"], self._bytes_of(entry)
                except (ValueError, OSError):
                    continue

    def _bytes_of(self, entry: Entry) -> bytes:
        if self._reader is None:
            self._reader = self.path.open("rb")
        self._reader.seek(entry["at"])
        payload = self._reader.read(entry["bytes"])
        if hashlib.sha256(payload).hexdigest() != entry["sha256"]:
            raise ValueError("the bytes of a record are damaged")
        return payload

    def damaged(self) -> Iterator[Key]:
        """Yield the finished runs whose bytes are damaged or missing."""
        for run in sorted(self.done):
            try:
                self.read(run)
            except (ValueError, OSError):
                yield run

    # -- writing ----------------------------------------------------------------------------------

    def open(self) -> None:
        """Open for appending; cut off an incomplete record that a dead process left at the end."""
        new = not self.path.exists()
        self._file = self.path.open("ab")
        if self.torn:
            self.end = self.gaps.pop()[0]
            self._file.truncate(self.end)
        if new:
            sync_folder(self.path.parent)

    def begin(self, design: bytes) -> None:
        """Record the design; this comes before everything else."""
        self._waiting.append(({"kind": "design"}, design))
        self.sync()

    def add(self, run: Key, packed: bytes) -> None:
        """Append a finished run."""
        self._waiting.append((self._head(run), packed))
        if time.monotonic() - self._synced > SYNC_SECONDS:
            self.sync()

    def fail(self, run: Key, reason: str) -> None:
        """Record that a run cannot be finished, and why."""
        self._waiting.append((self._head(run) | {"failed": reason[:500]}, b""))
        self.sync()

    def _head(self, run: Key) -> Entry:
        assert self._identity is not None
        return {"kind": "run", "point": run[0], "seed": run[1], "of": self._identity(*run)}

    def publish(
        self, name: str, size: int, digest: str, runs: int | None = None,
        about: list[str] | None = None,
    ) -> None:
        """Record the checksum of a published file, its number of runs, and what it shows."""
        # Lines are limited: a long `about` is left out, and the file is made again with the defaults.
        short = about is not None and len(json.dumps(about)) < MAX_LINE // 2
        said = {"about": about} if short else {}
        self._waiting.append((
            {"kind": "file", "file": name, "size": size, "digest": digest, "runs": runs, **said},
            b""))
        self.sync()

    def forget(self, name: str) -> None:
        """Record that a file is no longer published."""
        self._waiting.append(({"kind": "gone", "file": name}, b""))
        self.sync()

    def sync(self) -> None:
        """Sync waiting records to disk; only then do they count."""
        assert self._file is not None
        if self._waiting:
            # If a stop interrupted the last sync, records that were not registered are written again.
            self._file.flush()
            self._file.truncate(self.end)
            records = [(_line(entry, payload), payload) for entry, payload in self._waiting]
            self._file.writelines(part for record in records for part in record)
            self._file.flush()
            os.fsync(self._file.fileno())
            for line, payload in records:
                entry = _entry(line)
                assert entry is not None
                self._note(entry, self.end + len(line))
                self.end += len(line) + len(payload)
            self._waiting = []
        self._synced = time.monotonic()

    def mend(self, design: bytes) -> None:
        """Rewrite the file with the whole records of this design only, if it holds others."""
        bad = set(self.damaged())
        if not self.gaps and not self.foreign and not bad and self.design() == design:
            return
        keep = [entry for run, entry in self._runs.items() if run not in bad]
        fresh = self.path.with_name(f".tmp-{NAME}")
        with fresh.open("wb") as file:
            file.writelines((_line({"kind": "design"}, design), design))
            for entry in (*keep, *self.files.values()):
                payload = self._bytes_of(entry)
                said = {key: value for key, value in entry.items() if key != "at"}
                file.writelines((_line(said, payload), payload))
            file.flush()
            os.fsync(file.fileno())
        self.close()
        fresh.replace(self.path)
        sync_folder(self.path.parent)
        self._read_again()

    def close(self) -> None:
        """Close the files; records that were not synced are lost."""
        for file in (self._file, self._reader):
            if file is not None:
                with contextlib.suppress(OSError):  # the disk may be full
                    file.close()
        self._file = self._reader = None

    def __del__(self) -> None:
        # Nobody closes results that are only read.
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _next_mark(file: BinaryIO, at: int, size: int) -> int:
    """Return where the next record may begin, or the end of the file."""
    file.seek(at)
    before = b""
    while block := file.read(1 << 20):
        found = (before + block).find(MARK)
        if found >= 0:
            return at - len(before) + found
        at += len(block)
        before = block[-len(MARK) + 1:]
    return size

"""The journal: finished runs, appended as they come, and the ledger of their checksums.

Two files that only ever grow: ``runs.journal`` holds packed runs one after the other, and
``ledger.jsonl`` has one line for each (where it lies, how long it is, its SHA-256), written after
the bytes it speaks of are on the disk. What the ledger does not name does not exist, so whatever
moment a process dies at, the finished runs before it are whole. Ten thousand runs are two files.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

__all__ = ["Journal", "Key", "Ledger", "file_digest", "sync_folder"]

Key = tuple[int, int]
"""A run of a folder: the number of its point in the design, and its seed."""

SYNC_SECONDS = 0.5
"""Seconds of finished runs that a power cut may cost at most (they are run again)."""


def sync_folder(folder: Path) -> None:
    """Make new names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Ledger:
    """What the ledger says: the last word on each run and on each published file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.runs: dict[Key, dict[str, Any]] = {}
        self.files: dict[str, dict[str, Any]] = {}
        self.whole = 0
        """Bytes of whole lines; what follows is the torn end of a write that was cut off."""
        if path.exists():
            self._read(path.read_bytes())

    def _read(self, text: bytes) -> None:
        for line in text.splitlines(keepends=True):
            try:
                entry = json.loads(line)
            except ValueError:
                entry = None
            if not line.endswith(b"\n"):
                break
            self.whole += len(line)
            if isinstance(entry, dict):  # a damaged line speaks of nothing; its run is lived again
                self.note(entry)

    def note(self, entry: dict[str, Any]) -> None:
        """Take in one line."""
        if "seed" in entry:
            self.runs[int(entry["point"]), int(entry["seed"])] = entry
        elif "file" in entry:
            self.files[str(entry["file"])] = entry

    @property
    def done(self) -> set[Key]:
        """Finished runs."""
        return {run for run, entry in self.runs.items() if "sha256" in entry}

    @property
    def failed(self) -> dict[Key, str]:
        """Failed runs with the reason."""
        return {run: str(entry["failed"]) for run, entry in sorted(self.runs.items())
                if "failed" in entry}


class Journal:
    """Finished runs of a folder; opened for writing by the one process that holds the lock."""

    def __init__(self, folder: Path, *, write: bool = False) -> None:
        self.path = folder / "runs.journal"
        self.ledger = Ledger(folder / "ledger.jsonl")
        self._data: BinaryIO | None = None
        self._lines: BinaryIO | None = None
        self._reader: BinaryIO | None = None
        self._waiting: list[dict[str, Any]] = []
        self._synced = time.monotonic()
        self._end = 0
        if write:
            self._open()

    def _open(self) -> None:
        """Open for appending, the torn ends of an earlier death cut off."""
        new = not self.path.exists()
        self._data = self.path.open("ab")
        self._lines = self.ledger.path.open("ab")
        known = max((entry["at"] + entry["bytes"] for entry in self.ledger.runs.values()
                     if "sha256" in entry), default=0)
        size = self._data.seek(0, os.SEEK_END)
        self._end = min(size, known)
        if size > self._end:
            self._data.truncate(self._end)
        if self._lines.seek(0, os.SEEK_END) > self.ledger.whole:
            self._lines.truncate(self.ledger.whole)
        if new:
            sync_folder(self.path.parent)

    def add(self, run: Key, packed: bytes) -> None:
        """Append a finished run."""
        assert self._data is not None
        self._data.write(packed)
        self._waiting.append({
            "point": run[0], "seed": run[1], "at": self._end, "bytes": len(packed),
            "sha256": hashlib.sha256(packed).hexdigest(),
        })
        self._end += len(packed)
        if time.monotonic() - self._synced > SYNC_SECONDS:
            self.sync()

    def fail(self, run: Key, reason: str) -> None:
        """Note that a run cannot be finished, and why."""
        self._waiting.append({"point": run[0], "seed": run[1], "failed": reason})
        self.sync()

    def publish(self, name: str, size: int, digest: str, runs: int | None = None) -> None:
        """Note the checksum of a published file, and of how many runs it was made."""
        self._waiting.append({"file": name, "bytes": size, "sha256": digest, "runs": runs})
        self.sync()

    def sync(self) -> None:
        """Bring runs to the disk, then the lines that speak of them."""
        assert self._data is not None
        assert self._lines is not None
        if self._waiting:
            self._data.flush()
            os.fsync(self._data.fileno())
            lines = (json.dumps(entry, ensure_ascii=False) + "\n" for entry in self._waiting)
            self._lines.write("".join(lines).encode())
            self._lines.flush()
            os.fsync(self._lines.fileno())
            for entry in self._waiting:
                self.ledger.note(entry)
            self._waiting = []
        self._synced = time.monotonic()

    def read(self, run: Key) -> bytes:
        """Return a finished run.

        Raises
        ------
        ValueError
            When its bytes are not those that were written.
        """
        entry = self.ledger.runs[run]
        if self._reader is None:
            self._reader = self.path.open("rb")
        self._reader.seek(entry["at"])
        packed = self._reader.read(entry["bytes"])
        if hashlib.sha256(packed).hexdigest() != entry["sha256"]:
            raise ValueError(f"the run of point {run[0]} with seed {run[1]} is damaged")
        return packed

    def damaged(self) -> Iterator[Key]:
        """Yield the finished runs whose bytes are damaged or missing."""
        for run in sorted(self.ledger.done):
            try:
                self.read(run)
            except (ValueError, OSError):
                yield run

    def close(self) -> None:
        """Close the files; what was not brought to the disk is given up."""
        for file in (self._data, self._lines, self._reader):
            if file is not None:
                with contextlib.suppress(OSError):  # on a full disk the buffer cannot be written
                    file.close()
        self._data = self._lines = self._reader = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

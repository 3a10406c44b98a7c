"""Writing files completely or not at all, by one process at a time, with clear errors.

Every published file is written under a temporary name, synced to disk and renamed; the journal records
its SHA-256.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from sim.errors import typed
from sim.runs.errors import FilesError, Stopped
from sim.runs.journal import Journal, file_digest, sync_folder
from sim.texts import _

__all__ = ["files", "is_locked", "lock", "publish", "publish_text", "stop_if_asked", "stoppable"]


def publish(
    folder: Path, name: str, write: Callable[[Path], object], journal: Journal,
    runs: int | None = None, about: list[str] | None = None,
) -> None:
    """Write a file under a temporary name, sync it to disk, rename it and record its checksum.

    Parameters
    ----------
    write
        Writes the file to the path that it is given.
    runs
        Number of runs in the file, if that matters.
    about
        What the file shows, so that it can be made again.

    Raises
    ------
    FilesError
        When another program has the old file open (Windows).
    """
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".tmp-{target.name}")
    try:
        write(temporary)
        with temporary.open("r+b") as file:  # Windows syncs only files that are open for writing
            os.fsync(file.fileno())
        size, digest = temporary.stat().st_size, file_digest(temporary)
        _replace(temporary, target, folder)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    sync_folder(target.parent)
    journal.publish(name, size, digest, runs, about)


def _replace(temporary: Path, target: Path, folder: Path) -> None:
    """Rename a file over another; Windows refuses while a program such as Excel has the other open."""
    try:
        temporary.replace(target)
    except PermissionError:
        raise FilesError(_(
            "{file} cannot be replaced; close the program that has it open, then go on with: "
            "weishang resume {folder}").format(file=target, folder=typed(folder))) from None


def publish_text(folder: Path, name: str, text: str, journal: Journal) -> None:
    """Publish a text with the same bytes on every system."""
    publish(folder, name, lambda path: path.write_bytes(text.encode()), journal)


@contextlib.contextmanager
def files(folder: Path) -> Iterator[None]:
    """Turn an error of the file system into a `FilesError` of one sentence."""
    try:
        yield
    except OSError as error:
        number = error.errno
        if number is None:
            said = re.search(r"[Ee]rrno (\d+)", str(error))
            number = int(said[1]) if said else 0
        why = {
            errno.ENOSPC: _("the disk is full"),
            errno.EDQUOT: _("the disk quota is used up"),
            errno.EIO: _("the disk reports an error"),
            errno.EROFS: _("the file system is read-only"),
            errno.EACCES: _("there is no permission to write there"),
            errno.EPERM: _("there is no permission to write there"),
            errno.ENOTDIR: _("a part of the path is a file, not a folder"),
            errno.EEXIST: _("there is a file of that name"),
            errno.ENAMETOOLONG: _("the name is too long"),
        }.get(number, str(error))
        with contextlib.suppress(OSError):
            with Journal(folder) as journal:
                done = len(journal.done)
            if done:
                why += _("; {done} finished runs are kept, go on with: weishang resume {folder}"
                         ).format(done=f"{done:,}", folder=typed(folder))
        raise FilesError(_("cannot write {folder}: {why}").format(folder=folder, why=why)) from None


LOCK_SECONDS = 0.5
"""Seconds that a writer waits for processes that only check the lock."""


@contextlib.contextmanager
def lock(folder: Path, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Hold the lock of a folder; it is released when its holder ends, however that happens.

    Raises
    ------
    FilesError
        When another process still holds the lock after `seconds`.
    """
    import filelock

    file = folder / "lock"
    # Created here, so that members of a group can share a folder, and an error of the disk is reported.
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o666))
    try:
        with filelock.FileLock(file, timeout=seconds):
            yield
    except filelock.Timeout:
        raise FilesError(_("another process is writing to {folder}").format(
            folder=folder)) from None


def is_locked(folder: Path) -> bool:
    """Return whether a process holds the lock of a folder."""
    import filelock

    file = folder / "lock"
    if not os.access(file, os.W_OK):
        return False
    try:
        with filelock.FileLock(file, timeout=0):
            return False
    except (filelock.Timeout, OSError) as error:
        return isinstance(error, filelock.Timeout)


_asked: list[BaseException] = []
"""Requests to stop that arrived within `stoppable`."""


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Let a request to terminate the process stop the runs as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: object) -> None:
        asked = (KeyboardInterrupt() if number == signal.SIGINT
                 else Stopped(_("terminated"), 143))
        _asked.append(asked)
        raise asked

    # A process that the shell put into the background ignores Ctrl-C, and must go on ignoring it.
    # Closing the terminal (HUP) stops the runs as well; Windows has no such signal.
    numbers = [signal.SIGTERM, signal.SIGINT, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {number: signal.signal(number, stop) for number in numbers
              if signal.getsignal(number) is not signal.SIG_IGN}
    _asked.clear()
    try:
        yield
    finally:
        _asked.clear()
        for number, handler in before.items():
            signal.signal(number, handler)


def stop_if_asked() -> None:
    """Raise a requested stop again, in case code outside Python has lost the exception."""
    if _asked:
        raise _asked[0]

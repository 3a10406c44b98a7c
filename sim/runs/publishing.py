"""Writing files so that they are whole or not there, alone, and with clear words on failure.

Every published file is written under a temporary name, brought to the disk and renamed; its
SHA-256 goes into the ledger.
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
    """Write a file under a temporary name, bring it to the disk, rename it, note its checksum."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".tmp-{target.name}")
    try:
        write(temporary)
        with temporary.open("r+b") as file:  # Windows brings only what may be written to the disk
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
    """Rename a file over another; Windows refuses while a program such as Excel has that open."""
    try:
        temporary.replace(target)
    except PermissionError:
        raise FilesError(_(
            "{file} cannot be replaced; close the program that has it open, then go on with: "
            "weishang resume {folder}").format(file=target, folder=typed(folder))) from None


def publish_text(folder: Path, name: str, text: str, journal: Journal) -> None:
    """Publish a text, the same bytes on every system."""
    publish(folder, name, lambda path: path.write_bytes(text.encode()), journal)


@contextlib.contextmanager
def files(folder: Path) -> Iterator[None]:
    """Turn what the file system refuses into one sentence."""
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
"""How long a writer waits for others that only look whether somebody writes."""


@contextlib.contextmanager
def lock(folder: Path, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Hold the folder alone; the lock is free as soon as its holder is gone."""
    import filelock

    file = folder / "lock"
    # Made here, so that the members of a group may share a folder, and a disk that refuses says so.
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o666))
    try:
        with filelock.FileLock(file, timeout=seconds):
            yield
    except filelock.Timeout:
        raise FilesError(_("another process is writing to {folder}").format(
            folder=folder)) from None


def is_locked(folder: Path) -> bool:
    """Return whether a process holds the folder."""
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
"""The stops that were asked for while code ran that can be stopped."""


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Let a request to terminate stop the runs as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: object) -> None:
        asked = (KeyboardInterrupt() if number == signal.SIGINT
                 else Stopped(_("terminated"), 143))
        _asked.append(asked)
        raise asked

    # What a shell put into the background ignores Ctrl-C, and goes on doing so.
    # A terminal that is closed (HUP) stops the runs as well; Windows has no such signal.
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
    """Raise the stop that was asked for: code that is not Python may have lost it."""
    if _asked:
        raise _asked[0]

"""Machine code kept on disk, so that the next process need not compile.

The cache is advice, never a condition: what cannot be read is compiled, what cannot be written
is not kept. It is pickled, and unpickling runs code, so nothing is read from a folder or a file
that others could have written.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import pickle
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sim.kernel.digest import NoDigestError, digest_of

__all__ = ["SUFFIX", "Cache", "cache_folder"]

SUFFIX = ".kernel"
CHECK = 32
"""Bytes of the digest at the head of each file."""
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


@functools.cache
def cache_folder() -> Path | None:
    """Return the folder of compiled code, or None where no private folder can be had.

    It is in the user's cache, else in the temporary folder.
    """
    for folder in _candidates():
        if _private(folder):
            return folder
    return None


def _candidates() -> Iterator[Path]:
    import platformdirs

    with contextlib.suppress(RuntimeError):  # a user without a home
        yield Path(platformdirs.user_cache_dir("weishang", appauthor=False)) / "kernels"
    user = os.getuid() if hasattr(os, "getuid") else "user"
    with contextlib.suppress(OSError):  # no temporary folder can be written to
        yield Path(tempfile.gettempdir()) / f"weishang-{user}"


def _private(folder: Path) -> bool:
    """Say whether this folder, made if need be, is this user's own and can be written to."""
    if not folder.is_absolute():
        return False  # "~/.cache", where older platformdirs found no home
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()  # a link could be pointed elsewhere later
        return stat.S_ISDIR(found.st_mode) and _ours(found) and os.access(folder, os.W_OK)
    except OSError:
        return False


def _ours(found: os.stat_result) -> bool:
    """Say whether a file or folder belongs to this user, and nobody else may write to it.

    Windows has access lists instead; the folders used there are the user's own.
    """
    if not hasattr(os, "geteuid"):
        return True
    return found.st_uid == os.geteuid() and not found.st_mode & OTHERS_WRITE


class Cache:
    """Keeps one kernel's machine code, one file for each signature; numba calls it."""

    cache_path = None

    def __init__(
        self, name: str, digest: Callable[[], str], *, part: bool = False, borrows: bool = False
    ) -> None:
        # Most parts are never compiled here, and their digests not needed.
        self._name, self._digest, self._part, self._borrows = name, digest, part, borrows

    def load_overload(self, signature: Any, context: Any) -> Any:
        """Return the compiled function for these argument types, or None."""
        context.refresh()
        data = _read(self._file(signature, context.codegen()))
        if data is None:
            return None
        try:
            from numba.core.compiler import CompileResult

            return CompileResult._rebuild(context, *pickle.loads(data))
        except Exception:
            # Whole and ours, but of no use in this process: whatever the reason, compile.
            return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Keep a compiled function, unless it holds addresses of this process.

        Raises
        ------
        TypeError
            Where a function that borrows its arrays returns one.
        """
        if self._borrows and "array" in repr(_types(compiled.signature.return_type)).lower():
            raise TypeError(f"{self._name} borrows its arrays and returns {compiled.signature.return_type}")
        if compiled.library.has_dynamic_globals or compiled.lifted:
            return
        from numba.core.serialize import dumps

        path = self._file(signature, compiled.codegen)
        if path is not None:
            _write(path, dumps(compiled._reduce()))

    def _file(self, signature: Any, codegen: Any) -> Path | None:
        folder = cache_folder()
        if folder is None:
            return None
        try:
            digest = self._digest()
        except NoDigestError:
            return None  # the code lives as long as this process
        key = digest_of(digest, self._part, codegen.magic_tuple(), _types(signature))
        return folder / f"{self._name}-{key}{SUFFIX}"


def _types(kind: Any) -> Any:
    """Return argument types as text; numba's names of named tuples leave out the fields' names."""
    if isinstance(kind, (tuple, list)):
        return [_types(one) for one in kind]
    if hasattr(kind, "instance_class"):
        return [kind.instance_class, [_types(one) for one in kind]]
    if hasattr(kind, "types"):
        return [str(type(kind)), [_types(one) for one in kind]]
    return repr(kind)


def _read(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            if not _ours(os.fstat(file.fileno())):
                return None
            check, data = file.read(CHECK), file.read()
    except OSError:
        return None
    return data if hashlib.blake2b(data, digest_size=CHECK).digest() == check else None


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; on a full or read-only disk, not at all."""
    with contextlib.suppress(OSError):
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with open(handle, "wb") as file:
                file.write(hashlib.blake2b(data, digest_size=CHECK).digest() + data)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise

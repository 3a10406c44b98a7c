"""Machine code kept on disk, so that the next process need not compile.

The cache is optional: code that cannot be read is compiled, and code that cannot be written is not kept.
Its files are pickles, and unpickling runs code, so nothing is read from a folder or a file that others could
have written.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import pickle
import stat
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sim.kernel.digest import NoDigestError, digest_of

__all__ = ["SUFFIX", "Cache", "cache_folder"]

SUFFIX = ".kernel"
CHECK = 32
"""Bytes of the digest at the head of each file."""
FORMAT = 2
"""What is in a file; the loader of another format would run what is no code."""
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
        self, name: str, digest: Callable[[], str], *, part: bool = False, borrows: bool = False,
        shipped: bool = False,
    ) -> None:
        # Most parts are never compiled here, and their digests not needed.
        self._name, self._digest, self._part, self._borrows = name, digest, part, borrows
        self._shipped = shipped

    def load_overload(self, signature: Any, context: Any) -> Any:
        """Return the compiled function for these argument types, or None."""
        data = _read(self._file(signature, context.codegen()))
        if data is None:
            return None
        if not self._shipped:
            context.refresh()  # defines what code may call; ours calls nothing but the runtime
        try:
            return (_rebuilt if self._part else _loop)(context, *pickle.loads(data))
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
            _write(path, dumps(compiled._reduce() if self._part else _loop_parts(compiled)))

    def _file(self, signature: Any, codegen: Any) -> Path | None:
        folder = cache_folder()
        if folder is None:
            return None
        try:
            digest = self._digest()
        except NoDigestError:
            return None  # the code lives as long as this process
        key = digest_of(FORMAT, digest, self._part, codegen.magic_tuple(), _types(signature))
        return folder / f"{self._name}-{key}{SUFFIX}"


def _rebuilt(context: Any, *parts: Any) -> Any:
    """Return a part as numba itself reads it: with what builds it into other functions."""
    from numba.core.compiler import CompileResult

    return CompileResult._rebuild(context, *parts)


def _loop_parts(compiled: Any) -> tuple[Any, ...]:
    """Return what a loop needs to run.

    Only Python calls it, so that what would build it into other functions is left out, and the text
    of its types: they took half of the time of reading it.
    """
    (name, _kind, (code, _linking)), description, environment, signature, *_, init, environments = (
        compiled._reduce())
    module = compiled.library._final_module
    names = [value.name for values in (module.functions, module.global_variables)
             for value in values if not value.is_declaration]
    return name, code, names, description, environment, signature, init, environments


def _loop(
    context: Any, name: str, code: bytes, names: Sequence[str], description: Any, environment: Any,
    signature: Any, init: Sequence[Callable[[], None]], environments: Sequence[Any],
) -> Any:
    """Return a loop made of its parts; see `_loop_parts`. Numba's own way is `CompileResult._rebuild`."""
    from numba.core.compiler import CompileResult
    from numba.core.runtime import rtsys

    if description.llvm_cpython_wrapper_name not in names:
        raise ValueError(f"{name} cannot be called")  # numba would call address 0
    rtsys.initialize(context)
    for start in init:
        start()
    library = context.codegen().create_library(name)
    library.enable_object_caching()
    library._set_compiled_object(code)
    library._finalize_final_module()
    library.codegen._engine._defined_symbols.update(names)
    entry = context.get_executable(library, description, environment)
    for one in environments:
        library.codegen.set_env(one.env_name, one)
    unused: dict[str, Any] = dict.fromkeys(CompileResult._fields)
    return CompileResult(**unused | {
        "target_context": context, "typing_context": context.typing_context, "library": library,
        "environment": environment, "entry_point": entry, "fndesc": description, "signature": signature,
        "objectmode": False, "lifted": (), "reload_init": init, "referenced_envs": environments,
    })


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

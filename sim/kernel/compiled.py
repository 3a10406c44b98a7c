"""Loops over persons, compiled by numba at their first call and kept on disk.

Traps this module takes care of (measured): numba's disk cache ignores changes in other files, so
the cache folder is keyed by a digest of the whole package; divisions carry a zero test unless
``error_model="numpy"``; importing numba costs half a second, so a process that never runs a week
must not import it.
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
import tempfile
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sim.kernel as kernel

__all__ = ["Kernel", "cache_folder", "compiled"]


@functools.cache
def cache_folder() -> Path:
    """Folder of the compiled code of exactly this source of the package."""
    digest = hashlib.blake2b(digest_size=8)
    package = Path(__file__).resolve().parent.parent
    for layer in ("kernel", "market", "mechanisms"):
        for source in sorted((package / layer).rglob("*.py")):
            digest.update(source.read_bytes())
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(base) / "weishang" / f"compiled-{sys.version_info[1]}-{digest.hexdigest()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    return Path(tempfile.gettempdir()) / f"weishang-{os.getuid()}-{digest.hexdigest()}"


class Kernel:
    """A function over arrays: Python until its first call, machine code from then on.

    Another kernel or ``np`` named in its body is replaced by the real thing at that moment.
    ``python`` is the function as it was written.
    """

    def __init__(self, function: types.FunctionType) -> None:
        functools.update_wrapper(self, function)
        self.python = function
        self._machine: Callable[..., Any] | None = None

    def __call__(self, *args: Any) -> Any:
        return (self._machine or self.machine())(*args)

    def machine(self) -> Callable[..., Any]:
        """Return the numba dispatcher of this function."""
        if self._machine is None:
            import numba

            scope = dict(self.python.__globals__)
            for name in self.python.__code__.co_names:
                value = scope.get(name)
                if isinstance(value, Kernel):
                    scope[name] = value.machine()
                elif name == "np":
                    scope[name] = kernel.np.load()  # type: ignore[attr-defined]
            function = types.FunctionType(self.python.__code__, scope, self.python.__name__)
            function.__module__ = self.python.__module__
            function.__qualname__ = self.python.__qualname__
            before = numba.config.CACHE_DIR  # type: ignore[attr-defined]
            numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]
            try:
                self._machine = numba.njit(nogil=True, cache=True, error_model="numpy")(function)
            finally:
                numba.config.CACHE_DIR = before  # type: ignore[attr-defined]
        assert self._machine is not None
        return self._machine


def compiled(function: Callable[..., Any]) -> Kernel:
    """Decorate a loop over columns so that its first call compiles it."""
    assert isinstance(function, types.FunctionType)
    return Kernel(function)

"""Loops over persons, compiled by numba at their first call and kept on disk.

Traps this module takes care of (measured): numba's disk cache ignores changes in other files, so
the cache folder of a kernel is keyed by a digest of the files of all kernels it calls; divisions
carry a zero test unless
``error_model="numpy"``; importing numba costs half a second, so a process that never runs a week
must not import it.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import os
import sys
import tempfile
import threading
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["Kernel", "cache_folder", "compiled"]


_one_at_a_time = threading.RLock()
"""Threads may come to a kernel at once; numba itself compiles for one of them at a time."""


@functools.cache
def cache_folder() -> Path:
    """Folder of the compiled code: in the user's cache, else in the temporary folder."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(base) / "weishang" / "compiled"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    return Path(tempfile.gettempdir()) / f"weishang-{os.getuid()}"


@functools.cache
def _source(module: str) -> bytes:
    return Path(str(sys.modules[module].__file__)).read_bytes()


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
        """Run the machine code, compiled at the first call."""
        try:
            return (self._machine or self.machine())(*args)
        except SystemError as error:
            # A stop that arrives while machine code hands over its result comes wrapped up.
            inner: BaseException | None = error
            while isinstance(inner, SystemError):
                inner = inner.__cause__
            if isinstance(inner, KeyboardInterrupt):
                raise inner from None
            raise

    def _calls(self) -> dict[str, Kernel]:
        scope = self.python.__globals__
        names = self.python.__code__.co_names
        return {name: scope[name] for name in names if isinstance(scope.get(name), Kernel)}

    def _modules(self) -> set[str]:
        modules = {self.python.__module__}
        for called in self._calls().values():
            modules |= called._modules()
        return modules

    def digest(self) -> str:
        """Return a digest of all source that this kernel is compiled from."""
        digest = hashlib.blake2b(f"{sys.version_info[:2]}".encode(), digest_size=8)
        for module in sorted({__name__, *self._modules()}):
            if module in sys.modules and getattr(sys.modules[module], "__file__", None):
                digest.update(_source(module))
        return digest.hexdigest()

    def machine(self) -> Callable[..., Any]:
        """Return the numba dispatcher of this function."""
        with _one_at_a_time:
            return self._machine or self._make()

    def _make(self) -> Callable[..., Any]:
        import numba

        scope = dict(self.python.__globals__)
        for name, called in self._calls().items():
            scope[name] = called.machine()
        if "np" in scope:
            scope["np"] = importlib.import_module("numpy")
        function = types.FunctionType(self.python.__code__, scope, self.python.__name__)
        function.__module__ = self.python.__module__
        function.__qualname__ = self.python.__qualname__
        before = numba.config.CACHE_DIR  # type: ignore[attr-defined]
        numba.config.CACHE_DIR = str(cache_folder() / self.digest())  # type: ignore[attr-defined]
        try:
            made = numba.njit(nogil=True, cache=True, error_model="numpy")(function)
        finally:
            numba.config.CACHE_DIR = before  # type: ignore[attr-defined]
        self._machine = made
        return made


def compiled(function: Callable[..., Any]) -> Kernel:
    """Decorate a loop over columns so that its first call compiles it."""
    assert isinstance(function, types.FunctionType)
    return Kernel(function)

"""Loops over persons, compiled by numba at their first call and kept on disk.

Traps this module takes care of (measured): numba's own disk cache misses changes in other files
and fails on a truncated file, so there is one of ours (`sim.kernel.cache`); divisions carry a zero
test unless ``error_model="numpy"``; importing numba costs half a second, so a process that never
runs a week must not import it.
"""

from __future__ import annotations

import enum
import functools
import importlib
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

from sim.kernel.cache import Cache, cache_folder
from sim.kernel.digest import digest_of, names_in

__all__ = ["Kernel", "borrowing", "cache_folder", "compiled"]


_one_at_a_time = threading.RLock()
"""Threads may come to a kernel at once; numba itself compiles for one of them at a time."""


OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
PART: dict[str, Any] = {"no_cpython_wrapper": True}
"""What holds in addition where loops call a function: numba makes no way in from Python, which
takes half as long to compile as the function."""
BORROWED: dict[str, Any] = {"_nrt": False}
"""What holds where a function only borrows its arrays: no reference is counted. Numba counts those to
each column of each named tuple where it is handed over, by atomic additions, and does not see that they
cancel out where a branch reads it last: two thirds of the time of choosing, for one."""


class Kernel:
    """A function over arrays: Python until its first call, machine code from then on.

    Another kernel or ``np`` named in its body is replaced by the real thing at that moment.
    ``python`` is the function as it was written; ``borrows`` says that it was decorated with `borrowing`.
    """

    def __init__(self, function: types.FunctionType, *, borrows: bool = False) -> None:
        functools.update_wrapper(self, function)
        self.python = function
        self.borrows = borrows
        self._machine: Callable[..., Any] | None = None
        self._part: Callable[..., Any] | None = None

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
        names = names_in(self.python.__code__)
        return {name: scope[name] for name in names if isinstance(scope.get(name), Kernel)}

    def digest(self) -> str:
        """Return a digest of all that the machine code depends on but the machine."""
        import llvmlite
        import numba
        import numpy

        tools = (sys.version_info[:3], numba.__version__, llvmlite.__version__, numpy.__version__)
        options = (sorted(kind.items()) for kind in (OPTIONS, PART, BORROWED))
        return digest_of(tools, *options, self)

    def machine(self) -> Callable[..., Any]:
        """Return the numba dispatcher of this function, as Python calls it."""
        with _one_at_a_time:
            self._machine = self._machine or self._make()
            return self._machine

    def part(self) -> Callable[..., Any]:
        """Return the numba dispatcher of this function, as loops call it."""
        with _one_at_a_time:
            self._part = self._part or self._make(**PART)
            return self._part

    def _make(self, **options: Any) -> Callable[..., Any]:
        numba, python = _numba(), self.python
        scope = dict(python.__globals__)
        if self.borrows:
            options |= BORROWED
        for name, called in self._calls().items():
            if self.borrows and not called.borrows:
                raise TypeError(
                    f"{python.__qualname__} borrows its arrays and calls {name}, which may make some")
            scope[name] = called.part()
        for name in names_in(python.__code__):
            value = scope.get(name)
            if isinstance(value, enum.EnumType) and issubclass(value, enum.IntEnum):
                scope[name] = _numbers(value)
        if "np" in scope:
            scope["np"] = importlib.import_module("numpy")
        function = types.FunctionType(
            python.__code__, scope, python.__name__, python.__defaults__, python.__closure__)
        function.__module__ = python.__module__
        function.__qualname__ = python.__qualname__
        made: Any = numba.njit(**OPTIONS, **options)(function)
        if not numba.config.DISABLE_JIT:
            made._cache = Cache(python.__name__, self.digest, part="no_cpython_wrapper" in options,
                                borrows=self.borrows, shipped=python.__module__.startswith("sim."))
        return made


@functools.cache
def _numba() -> Any:
    """Return numba, which would import scipy's matrices at its first compiling, a third of a second:
    our loops multiply none, and those of others import them when they do.
    """
    import numba

    library = "scipy.linalg.cython_blas"
    if library not in sys.modules and "numba.np.arraymath" not in sys.modules:
        sys.modules[library] = None  # type: ignore[assignment]  # what cannot be imported
        try:
            matrices: Any = importlib.import_module("numba.np.arraymath")
            matrices._HAVE_BLAS = True
        finally:
            del sys.modules[library]
    return numba


def _numbers(kind: type[enum.IntEnum]) -> types.ModuleType:
    """Return the members as plain numbers of a module.

    Before 0.68 numba takes no member of an enumeration as the place in an array.
    """
    numbers = types.ModuleType(kind.__name__)
    vars(numbers).update({item.name: int(item) for item in kind})
    return numbers


def compiled(function: Callable[..., Any]) -> Kernel:
    """Decorate a loop over columns so that its first call compiles it."""
    assert isinstance(function, types.FunctionType)
    return Kernel(function)


def borrowing(function: Callable[..., Any]) -> Kernel:
    """Decorate a compiled function that makes no array and returns none: it is faster, since it need not
    count who refers to its arrays.

    Compiling raises TypeError where the function returns an array or calls one that may make some, and
    numba's TypingError where it makes one itself.
    """
    assert isinstance(function, types.FunctionType)
    return Kernel(function, borrows=True)

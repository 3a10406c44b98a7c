"""A digest of everything that a compiled function depends on.

Machine code is kept on disk and reused only under the same digest. It covers the bytecode of the
function and of every kernel it calls, and the values of the globals they name: numba builds these in as
constants, wherever they are defined. Comments, line numbers and unused code do not count, so editing
them does not compile anything again.
"""

from __future__ import annotations

import enum
import hashlib
import inspect
import sys
import types
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sim.kernel import np

__all__ = ["NoDigestError", "digest_of", "names_in"]

KINDS = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS | inspect.CO_GENERATOR
"""The flags of code that count: numba changes others while a profiler looks on."""
Seen = set[int | tuple[int, frozenset[str]]]


class NoDigestError(TypeError):
    """A function depends on a value that cannot be hashed."""


def digest_of(*values: Any) -> str:
    """Return a digest of functions and values; raise NoDigestError if that is not possible."""
    found = hashlib.blake2b(digest_size=16)
    for piece in _pieces(values, frozenset(), set()):
        # The length comes first, so that ("ab", "c") differs from ("a", "bc").
        found.update(len(piece).to_bytes(8, "little"))
        found.update(piece)
    return found.hexdigest()


def names_in(code: types.CodeType) -> frozenset[str]:
    """Return the names of globals and attributes that a function or its inner functions use."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= names_in(constant)
    return frozenset(names)


def _pieces(value: Any, names: frozenset[str], seen: Seen) -> Iterator[bytes]:
    """Yield the bytes that identify a value.

    ``names`` are the names in the code that uses the value: of a module, only these attributes count.
    ``seen`` has the functions, and the modules with their used names, that are hashed already.
    """
    yield type(value).__qualname__.encode()
    if isinstance(value, enum.Enum):
        yield from _all((type(value).__module__, value.name, value.value), names, seen)
    elif value is None or value is ... or isinstance(value, (bool, int, float, complex, str)):
        yield repr(value).encode()
    elif isinstance(value, bytes):
        yield value
    elif isinstance(value, types.CodeType):
        yield from _code(value, names, seen)
    elif isinstance(value, types.FunctionType):
        yield from _function(value, seen)
    elif isinstance(value, types.ModuleType):
        yield from _module(value, names, seen)
    elif isinstance(value, type):
        yield from _class(value, names, seen)
    elif isinstance(value, (tuple, list)):
        if hasattr(value, "_fields"):
            yield from _class(type(value), names, seen)
        yield from _all(value, names, seen)
    elif isinstance(value, (set, frozenset)):
        yield from sorted(digest_of(item).encode() for item in value)
    elif isinstance(value, dict):
        yield from _all((*value.keys(), *value.values()), names, seen)
    else:
        yield from _other(value, names, seen)


def _all(values: Iterable[Any], names: frozenset[str], seen: Seen) -> Iterator[bytes]:
    items = list(values)
    yield str(len(items)).encode()
    for item in items:
        yield from _pieces(item, names, seen)


def _code(code: types.CodeType, names: frozenset[str], seen: Seen) -> Iterator[bytes]:
    yield code.co_code
    yield getattr(code, "co_exceptiontable", b"")
    yield repr((
        code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags & KINDS,
        code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)).encode()
    yield from _all(code.co_consts, names, seen)


def _function(function: types.FunctionType, seen: Seen) -> Iterator[bytes]:
    yield f"{function.__module__}.{function.__qualname__}".encode()
    if id(function) in seen:
        return
    seen.add(id(function))
    names = names_in(function.__code__)
    yield from _code(function.__code__, names, seen)
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    yield from _all((function.__defaults__, function.__kwdefaults__, cells), names, seen)
    scope = function.__globals__
    for name in sorted(names & scope.keys()):
        yield name.encode()
        yield from _pieces(scope[name], names, seen)


def _module(module: types.ModuleType, names: frozenset[str], seen: Seen) -> Iterator[bytes]:
    yield module.__name__.encode()
    if (id(module), names) in seen:
        return
    seen.add((id(module), names))
    for name in sorted(names & vars(module).keys()):
        yield name.encode()
        yield from _attribute(vars(module)[name], names, seen)


def _attribute(value: Any, names: frozenset[str], seen: Seen) -> Iterator[bytes]:
    """Yield the value of a module's attribute; functions of libraries count by their names.

    Numba has its own code for ``np.sqrt`` and does not compile the function in numpy's module.
    """
    if isinstance(value, types.FunctionType):
        yield f"{value.__module__}.{value.__qualname__}".encode()
    else:
        yield from _pieces(value, names, seen)


def _class(kind: type, names: frozenset[str], seen: Seen) -> Iterator[bytes]:
    yield f"{kind.__module__}.{kind.__qualname__}".encode()
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        defaults = getattr(kind, "_field_defaults", {})
        yield from _all((tuple(kind._fields), defaults), names, seen)
    elif issubclass(kind, enum.Enum):
        yield from _all(((item.name, item.value) for item in kind), names, seen)


def _other(value: Any, names: frozenset[str], seen: Seen) -> Iterator[bytes]:
    import numpy

    from sim.kernel.compiled import Kernel

    if isinstance(value, Kernel):
        if type(value) is not Kernel:
            yield _source(type(value).__module__)  # writes its machine code itself
        yield str(value.borrows).encode()
        yield from _function(value.python, seen)
    elif isinstance(value, type(np)):
        yield from _module(numpy, names, seen)
    elif isinstance(value, numpy.ndarray | numpy.generic):
        if value.dtype.hasobject:
            raise NoDigestError("an array of objects")
        yield from _all((str(value.dtype), value.shape, value.flags.f_contiguous), names, seen)
        yield value.tobytes()
    elif isinstance(value, numpy.dtype):
        yield repr(value).encode()
    elif isinstance(value, (types.BuiltinFunctionType, numpy.ufunc)) or (
            callable(value) and str(getattr(value, "__module__", "")).startswith("numpy")):
        yield f"{getattr(value, '__module__', '')}.{value.__name__}".encode()
    elif isinstance(getattr(value, "py_func", None), types.FunctionType):
        yield from _function(value.py_func, seen)  # compiled by numba without our help
    elif type(value).__module__.startswith("numba.core.types"):
        yield repr(value).encode()
    else:
        raise NoDigestError(f"{type(value).__qualname__}: its value is not known")


def _source(module: str) -> bytes:
    return Path(str(sys.modules[module].__file__)).read_bytes()

"""Compiling ahead: worker processes compile the loops of a scenario before its first week.

A loop can be compiled as soon as the types of its arguments are known. ``loops.json`` lists them for
each shipped regime; ``python -m tests.loops`` writes it, and a test compares it with what runs call. The
list is a hint: a loop that it lacks is compiled at its first call.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import platform
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import as_completed
from pathlib import Path
from typing import Any

from sim.kernel import np
from sim.kernel.cache import cache_folder
from sim.kernel.digest import digest_of
from sim.kernel.machine import cores
from sim.runs.version import code_version, library_versions
from sim.runs.workers import WorkerLostError, Workers

__all__ = ["LOOPS", "compile_ahead", "example", "kind_of", "lacking", "listed"]

LOOPS = Path(__file__).with_name("loops.json")
MOST = 8
"""Most processes: more would compile the same small functions again and again."""

Loop = tuple[str, Any]
"""The place of a loop (``module:name``) and the kinds of its arguments; see `kind_of`."""


def lacking(regimes: Iterable[str]) -> list[Loop]:
    """Return the loops of these regimes that are still to be compiled on this machine.

    There are none without a folder for the compiled code.
    """
    folder = cache_folder()
    if folder is None:
        return []
    loops = [loop for regime in regimes if not _mark(folder, regime).exists()
             for loop in listed(regime)]
    return list({json.dumps(loop): loop for loop in loops}.values())


def compile_ahead(regimes: Iterable[str], progress: Callable[[float, int], None]) -> None:
    """Compile the loops that these regimes lack; `progress` is called with their number done and in all.

    If processes cannot be started, or one dies, the first run compiles the rest.
    """
    regimes = tuple(regimes)
    loops, folder = lacking(regimes), cache_folder()
    if not loops or folder is None:
        return
    progress(0, len(loops))
    workers = Workers(min(cores(), len(loops), MOST), modules=("sim.life", "numba"))
    try:
        waiting = [workers.submit(compile_loop, *loop) for loop in loops]
        for done, future in enumerate(as_completed(waiting), 1):
            with contextlib.suppress(RuntimeError):  # the list is older than the loop
                future.result()
            progress(done, len(loops))
        for regime in regimes:
            _mark(folder, regime).touch(mode=0o600)
    except (OSError, WorkerLostError):
        return
    finally:
        workers.kill()


def compile_loop(place: str, kinds: Sequence[object]) -> None:
    """Compile one loop for arguments of these kinds, and store the code on disk."""
    import numba

    kernel: Any = _named(place)
    kernel.machine().compile(tuple(numba.typeof(example(kind)) for kind in kinds))


def listed(regime: str) -> list[Loop]:
    """Return the loops that runs of a regime call, in the order of their first calls."""
    return [(place, kinds) for place, kinds, regimes in _read() if regime in regimes]


def kind_of(value: object) -> Any:
    """Return numba's type of an argument in a form that JSON can hold; `example` reverses it."""
    if isinstance(value, np.ndarray):
        order = "C" if value.flags.c_contiguous else "F" if value.flags.f_contiguous else "A"
        return f"{value.dtype} {value.ndim}{order}{'' if value.flags.writeable else ' locked'}"
    if isinstance(value, tuple):
        parts = [kind_of(part) for part in value]
        kind = type(value)
        return parts if kind is tuple else {f"{kind.__module__}:{kind.__qualname__}": parts}
    return type(value).__name__


def example(kind: Any) -> Any:
    """Return an argument of a kind that `kind_of` returned."""
    if isinstance(kind, list):
        return tuple(example(part) for part in kind)
    if isinstance(kind, dict):
        ((place, parts),) = kind.items()
        return _named(place)._make(example(part) for part in parts)
    name, *more = kind.split()
    if not more:
        return _NUMBERS[name]() if name in _NUMBERS else getattr(np, name)()
    count, order = int(more[0][0]), more[0][1]
    values = np.zeros((2,) * count, name, order="F" if order == "F" else "C")
    if order == "A":
        values = np.zeros((4,) * count, name)[(slice(None, None, 2),) * count]
    values.flags.writeable = more[1:] != ["locked"]
    return values


_NUMBERS: dict[str, Any] = {"int": int, "float": float, "bool": bool, "NoneType": type(None)}


@functools.cache
def _read() -> Any:
    return json.loads(LOOPS.read_text("utf-8"))


def _mark(folder: Path, regime: str) -> Path:
    """Return the file whose existence says that the loops of a regime are compiled.

    Its name depends on the code and on the versions of the libraries.
    """
    known = digest_of(code_version(), library_versions(), platform.machine(), regime)
    return folder / f"{regime}-{known}.ready"


def _named(place: str) -> Any:
    module, _, name = place.partition(":")
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found

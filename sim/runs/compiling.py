"""Compiling ahead: the loops of a scenario in worker processes side by side, before its first week.

A loop can be compiled as soon as the types of its arguments are known. ``loops.json`` lists them for
each shipped regime, made by ``python -m tests.loops`` and held by a test against what runs call. The
list is advice: a loop that it lacks is compiled when it is first called.
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
"""Processes beyond these would compile the same small functions again and again."""

Loop = tuple[str, Any]
"""The place of a loop (``module:name``) and the kinds of its arguments; see `kind_of`."""


def lacking(regimes: Iterable[str]) -> list[Loop]:
    """Return the loops to be compiled before these regimes are lived on this machine: none where
    that was done, or where there is no folder to keep them in.
    """
    folder = cache_folder()
    if folder is None:
        return []
    loops = [loop for regime in regimes if not _mark(folder, regime).exists()
             for loop in listed(regime)]
    return list({json.dumps(loop): loop for loop in loops}.values())


def compile_ahead(regimes: Iterable[str], progress: Callable[[float, int], None]) -> None:
    """Compile the loops that these regimes lack; `progress` is called with those done and all.

    Where processes cannot be had, or one dies, the first run compiles what is not there yet.
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
            with contextlib.suppress(RuntimeError):  # a list that is older than the loop
                future.result()
            progress(done, len(loops))
        for regime in regimes:
            _mark(folder, regime).touch(mode=0o600)
    except (OSError, WorkerLostError):
        return
    finally:
        workers.kill()


def compile_loop(place: str, kinds: Sequence[Any]) -> None:
    """Compile one loop for arguments of these kinds, and keep the code on disk."""
    import numba

    kernel: Any = _named(place)
    kernel.machine().compile(tuple(numba.typeof(example(kind)) for kind in kinds))


def listed(regime: str) -> list[Loop]:
    """Return the loops that runs of a regime call, in the order of their first calls."""
    return [(place, kinds) for place, kinds, regimes in _read() if regime in regimes]


def kind_of(value: Any) -> Any:
    """Return what numba makes of an argument, as JSON can hold it."""
    if isinstance(value, np.ndarray):
        order = "C" if value.flags.c_contiguous else "F" if value.flags.f_contiguous else "A"
        return f"{value.dtype} {value.ndim}{order}{'' if value.flags.writeable else ' locked'}"
    if isinstance(value, tuple):
        parts = [kind_of(part) for part in value]
        kind = type(value)
        return parts if kind is tuple else {f"{kind.__module__}:{kind.__qualname__}": parts}
    return type(value).__name__


def example(kind: Any) -> Any:
    """Return a value of a kind."""
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
    """Return the file that says that the loops of a regime were compiled, with this code and these
    libraries.
    """
    known = digest_of(code_version(), library_versions(), platform.machine(), regime)
    return folder / f"{regime}-{known}.ready"


def _named(place: str) -> Any:
    module, _, name = place.partition(":")
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found

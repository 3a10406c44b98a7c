"""The list of loops that are compiled ahead (``sim/runs/loops.json``): ``python -m tests.loops``.

It holds what runs of the shipped regimes call from Python, with the kinds of arguments.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sim.kernel.compiled import Kernel
from sim.market.network import kept
from sim.regimes import REGIMES
from sim.runs.compiling import LOOPS, kind_of
from sim.runs.task import live
from sim.scenario.load import load

SIZE = {"persons": 6000, "weeks": 60}


@contextmanager
def noted() -> Iterator[dict[str, tuple[str, Any]]]:
    """Yield the loops that are called meanwhile, by their text, in the order of their first calls."""
    found: dict[str, tuple[str, Any]] = {}
    call: Any = Kernel.__call__

    def noting(kernel: Kernel, *args: Any) -> Any:
        python = kernel.python
        loop = (f"{python.__module__}:{python.__qualname__}", [kind_of(arg) for arg in args])
        found.setdefault(json.dumps(loop), loop)
        return call(kernel, *args)

    Kernel.__call__ = noting  # type: ignore[assignment,method-assign]
    try:
        yield found
    finally:
        Kernel.__call__ = call  # type: ignore[method-assign]


def called(regime: str, **changes: Any) -> dict[str, tuple[str, Any]]:
    """Return the loops that a run of a shipped scenario calls."""
    kept._kept.clear()  # nobody builds a network that is there
    with noted() as found:
        live(load(regime, SIZE | changes), 1)
    return found


def current() -> list[Any]:
    """Return the list as it should be: place, kinds of arguments, regimes."""
    loops: dict[str, Any] = {}
    for regime in REGIMES:
        for text, (place, kinds) in called(regime).items():
            loops.setdefault(text, [place, kinds, []])[2].append(regime)
    return list(loops.values())


if __name__ == "__main__":
    LOOPS.write_text("[\n" + ",\n".join(json.dumps(loop) for loop in current()) + "\n]\n", "utf-8")
    print(f"{LOOPS.name}: {len(json.loads(LOOPS.read_text('utf-8')))} loops")

"""Progress in a notebook that somebody watches; none in scripts, and none in notebooks run by a program."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

from sim.texts import _
from sim.texts.numbers import duration

__all__ = ["Watched", "watched"]

PATIENCE = 1.0
"""Seconds before the line appears; runs that are done sooner need none."""
PAUSE = 0.3
"""Seconds between two updates of the line."""
WATCHERS = ("JPY_SESSION_NAME", "VSCODE_PID", "COLAB_RELEASE_TAG")
"""Environment variables of a kernel that Jupyter, VS Code and Colab set, and nbclient does not."""


def watched() -> Watched | None:
    """Return what shows progress under the running cell, or None if nobody watches.

    ``WEISHANG_PROGRESS=1`` and ``=0`` decide it explicitly.
    """
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if getattr(shell, "kernel", None) is None:
        return None
    asked = os.environ.get("WEISHANG_PROGRESS")
    if asked == "0" or (asked is None and not any(name in os.environ for name in WATCHERS)):
        return None
    return Watched(_shown)


def _shown(text: str) -> Callable[[str], None]:
    """Show a line under the cell; return the function that changes it."""
    from IPython.display import HTML, display

    handle: Any = display(HTML(text), display_id=True)
    return lambda said: handle.update(HTML(said))


class Watched:
    """Called with the runs done and planned; the line disappears after the last run."""

    def __init__(self, show: Callable[[str], Callable[[str], None]]) -> None:
        self.show = show
        self.change: Callable[[str], None] | None = None
        self.start = self.told = time.monotonic()

    def __call__(self, done: float, planned: int) -> None:
        """Show how far the runs are."""
        now = time.monotonic()
        if done >= planned:
            if self.change is not None:
                self.change("")
            return
        if now - self.start < PATIENCE or now - self.told < PAUSE:
            return
        self.told = now
        left = (now - self.start) * (planned - done) / done if done > 0 else float("nan")
        line = _("{share}% of {planned} runs").format(
            share=int(100 * done / planned), planned=f"{planned:,}")
        line += _(", about {left} left").format(left=duration(left))
        if self.change is None:
            self.change = self.show(line)
        else:
            self.change(line)

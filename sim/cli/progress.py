"""Progress on standard error: a bar with the time left, or one line for every tenth."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self

from sim.texts import _

__all__ = ["Progress", "duration"]


class Progress:
    """Called with (runs done, runs planned); a part of a run counts as a fraction."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.bar: Any = None
        self.told = 0
        self.start = time.monotonic()
        self.first: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.bar is not None:
            self.bar.close()

    def restart(self) -> None:
        """Begin again: more runs turned out to be needed."""
        self.told, self.first = 0, None

    def __call__(self, done: float, planned: int) -> None:
        """Show how far the runs are."""
        if self.quiet or planned <= 0:
            return
        if self.first is None:
            self.first, self.start = done, time.monotonic()
        if sys.stderr.isatty():
            self._draw(done, planned)
        else:
            self._tell(done, planned)

    def _draw(self, done: float, planned: int) -> None:
        if self.bar is None:
            from tqdm import tqdm

            self.bar = tqdm(
                total=planned, initial=done, file=sys.stderr, leave=False, dynamic_ncols=True,
                bar_format="{l_bar}{bar}| {n:.1f}/{total:.0f} [{elapsed}<{remaining}]",
                desc=_("runs"))
        self.bar.n, self.bar.total = done, planned
        self.bar.refresh()

    def _tell(self, done: float, planned: int) -> None:
        tenth = int(10 * done / planned + 1e-9)
        if tenth <= self.told:
            return
        self.told = tenth
        share = done - (self.first or 0.0)
        passed = time.monotonic() - self.start
        left = passed * (planned - done) / share if share > 0 else 0.0
        text = _("{share}% of the run, about {left} left") if planned == 1 else _(
            "{share}% of {planned} runs, about {left} left")
        print(text.format(share=10 * tenth, planned=f"{planned:,}", left=duration(left)),
              file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """Return a length of time in the unit that suits it."""
    if seconds != seconds:
        return "-"
    if seconds < 100:
        return f"{seconds:.0f} s" if seconds >= 1 else f"{seconds:.1f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"

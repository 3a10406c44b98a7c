"""Progress on standard error: a bar with the time left, or one line for every tenth."""

from __future__ import annotations

import math
import statistics
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from sim.texts import _
from sim.texts.numbers import duration

__all__ = ["Compiling", "Progress"]


class Progress:
    """Called with (runs done, runs planned); a part of a run counts as a fraction."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.bar: Any = None
        self.told = 0
        self.start = time.monotonic()
        self.first: float | None = None
        self.failed = 0
        self.measure: Any = None
        """Name of the quantity whose running median is shown, once it is known."""
        self.values: list[float] = []
        self.before: Callable[[], None] | None = None
        """Message for the start of the runs, after all checks that may refuse them."""

    def begin(self) -> None:
        """Print the first message, once."""
        said, self.before = self.before, None
        if said is not None:
            said()

    def saw(self, packed: bytes | None) -> None:
        """Record a finished run, or a failed one (None)."""
        if packed is None:
            self.failed += 1
        elif self.measure is not None and not self.quiet:
            from sim.runs.tables import frame, unpack

            table, first = ("resellers", "person") if self.measure.of_resellers else (
                "weekly", "week")
            columns = [first, *self.measure.figure.columns()]
            value = self.measure.of(frame(unpack(packed, table, list(dict.fromkeys(columns)))))
            if not math.isnan(value):
                self.values.append(value)

    def _so_far(self) -> str:
        """Return failures so far and the running median, as the end of a line."""
        text = ""
        if self.failed:
            text += _("; {count} failed").format(count=self.failed)
        if self.values:
            from sim.texts.numbers import said

            text += _("; median of {what} so far: {value}").format(
                what=_(self.measure.label),
                value=said(statistics.median(self.values), self.measure.unit))
        return text

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.bar is not None:
            self.bar.close()

    def restart(self) -> None:
        """Begin again, because more runs are needed."""
        self.told, self.first = 0, None

    def skip(self, runs: int) -> None:
        """Leave out of the estimate of time what took none: runs that a folder already had."""
        if self.first is not None:
            self.first += runs
            if self.bar is not None:
                self.bar.initial += runs

    def __call__(self, done: float, planned: int) -> None:
        """Show the progress of the runs."""
        self.begin()
        if self.quiet or planned <= 0:
            return
        if self.first is None:
            self.first, self.start = done, time.monotonic()
        if sys.stderr.isatty():
            self._draw(done, planned)
        else:
            self._tell(done, planned)

    def _what(self) -> str:
        return _("runs")

    def _text(self, planned: int) -> str:
        return _("{share}% of the run") if planned == 1 else _("{share}% of {planned} runs")

    def _draw(self, done: float, planned: int) -> None:
        if self.bar is None:
            from tqdm import tqdm

            self.bar = tqdm(
                total=planned, initial=done, file=sys.stderr, leave=False, dynamic_ncols=True,
                bar_format="{l_bar}{bar}| {n:.1f}/{total:.0f} [{elapsed}<{remaining}]{postfix}",
                desc=self._what())
        self.bar.n, self.bar.total = done, planned
        self.bar.set_postfix_str(self._so_far().removeprefix("; "), refresh=False)
        self.bar.refresh()

    def _tell(self, done: float, planned: int) -> None:
        tenth = int(10 * done / planned + 1e-9)
        lived = done - (self.first or 0.0)
        if tenth <= self.told or (lived <= 0 and done < planned):
            return
        self.told = tenth
        line = self._text(planned).format(share=10 * tenth, planned=f"{planned:,}")
        if done < planned:
            left = (time.monotonic() - self.start) * (planned - done) / lived
            line += _(", about {left} left").format(left=duration(max(1.0, left)))
        print(line + self._so_far(), file=sys.stderr, flush=True)


class Compiling(Progress):
    """Called with (loops compiled, loops to compile)."""

    def _what(self) -> str:
        return _("compiling")

    def _text(self, planned: int) -> str:
        return _("{share}% of {planned} loops are compiled")

"""Drawing in a second process, which imports matplotlib while the simulation is still running.

Importing matplotlib and drawing take longer than a small run, so both happen in parallel. The process
is spawned, because a process with threads must not be forked, and Windows cannot fork.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from sim.runs.workers import WorkerLostError, Workers
from sim.texts import language, use_language

__all__ = ["Drawer"]

MODULES = (
    "sim.views", "pandas", "pyarrow.parquet", "matplotlib.backends.backend_svg", "sim.scenario.load",
    "sim.runs.reading", "sim.views.plots",
)


class Drawer:
    """A process that draws the figures of a results folder; it ends with its ``with`` block."""

    def __init__(self) -> None:
        self._workers = Workers(1, modules=MODULES)
        self._workers.submit(_get_ready, language())

    def __enter__(self) -> Drawer:
        return self

    def __exit__(self, *error: object) -> None:
        self._workers.kill()

    def start(self, folder: Path, figures: Sequence[str]) -> Callable[[], str | None]:
        """Begin to draw these figures of the results in `folder`.

        Returns a function that waits for the end and returns the characters that no font could draw,
        or None when drawing failed. The caller then draws the figures itself, which shows the error.
        """
        drawn = self._workers.submit(_draw_all, str(folder), tuple(figures), language())

        def finished() -> str | None:
            try:
                return str(drawn.result())
            except (OSError, RuntimeError, WorkerLostError):
                return None

        return finished


def _get_ready(lang: str) -> None:
    """Draw a dummy picture, because matplotlib loads its fonts with the first text."""
    from io import BytesIO

    from matplotlib.figure import Figure

    from sim.views.style import style

    with style(lang):
        seen = Figure(layout="constrained")
        seen.subplots().set_title("0")
        for kind in ("png", "svg"):
            seen.savefig(BytesIO(), format=kind)


def _draw_all(folder: str, figures: Sequence[str], lang: str) -> str:
    from sim.runs.reading import open_results
    from sim.views.plots import save_figures
    from sim.views.style import lacking

    use_language(lang)
    results = open_results(folder)
    save_figures(results, results.figures, only=tuple(figures))
    return lacking()

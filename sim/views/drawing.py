"""Drawing beside the work: another process imports what drawing needs while the runs are lived.

Importing matplotlib and drawing take longer than a small run, so both happen beside it. Nothing is
forked: a process with threads must not be, and macOS and Windows start processes anew.
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
    """A process that draws the figures of a folder of results; leave its ``with`` to end it."""

    def __init__(self) -> None:
        self._workers = Workers(1, modules=MODULES)
        self._workers.submit(_get_ready, language())

    def __enter__(self) -> Drawer:
        return self

    def __exit__(self, *error: object) -> None:
        self._workers.kill()

    def start(self, folder: Path, figures: Sequence[str]) -> Callable[[], str | None]:
        """Begin to draw these figures of the results in `folder`.

        What is returned waits for the end and returns the signs that no font could draw, or
        nothing when there are no figures. Whoever asked draws them otherwise, and sees for
        themselves what is in the way.
        """
        drawn = self._workers.submit(_draw_all, str(folder), tuple(figures), language())

        def finished() -> str | None:
            try:
                return str(drawn.result())
            except (OSError, RuntimeError, WorkerLostError):
                return None

        return finished


def _get_ready(lang: str) -> None:
    """Draw something that nobody sees: fonts are found and read at the first text."""
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

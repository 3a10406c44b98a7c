"""Progress under the cell of a notebook: shown to who watches, silent for programs and scripts."""

from __future__ import annotations

import sys
import types

import pytest

from sim.runs import watching
from sim.runs.watching import Watched, watched


class Kernel:
    """A shell with a kernel, as notebooks have it."""

    kernel = object()


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*watching.WATCHERS, "WEISHANG_PROGRESS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=Kernel))


def test_only_who_watches_sees_progress(notebook: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert watched() is None, "nbclient leaves nothing in the environment"
    monkeypatch.setenv("JPY_SESSION_NAME", "one.ipynb")
    assert watched() is not None
    monkeypatch.setenv("WEISHANG_PROGRESS", "0")
    assert watched() is None
    monkeypatch.delenv("JPY_SESSION_NAME")
    monkeypatch.setenv("WEISHANG_PROGRESS", "1")
    assert watched() is not None
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: None))
    assert watched() is None, "a script"


def test_a_line_appears_moves_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    clock = [0.0]
    monkeypatch.setattr(watching.time, "monotonic", lambda: clock[0])

    def show(text: str) -> object:
        told.append(text)
        return told.append

    line = Watched(show)  # type: ignore[arg-type]
    for seconds, done in ((0.5, 1), (2.0, 2), (2.1, 3), (3.0, 5), (9.0, 10)):
        clock[0] = seconds
        line(done, 10)
    assert told == ["20% of 10 runs, about 8 s left", "50% of 10 runs, about 3 s left", ""]


def test_what_is_done_at_once_shows_nothing() -> None:
    told: list[str] = []
    line = Watched(lambda text: told.append)  # type: ignore[arg-type,return-value]
    line(0.5, 2)
    line(2, 2)
    assert not told


def test_many_runs_are_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    import sim
    from tests.runs import worlds

    seen: list[tuple[float, int]] = []
    monkeypatch.setattr("sim.runs.many.watched", lambda: lambda *at: seen.append(at))
    sim.run_many(worlds.small(weeks=2), 2, workers=1)
    assert seen[-1] == (2, 2)
    seen.clear()
    sim.run_many(worlds.small(weeks=2), 2, workers=1, progress=lambda *_at: None)
    assert not seen, "whoever watches themselves is not shown it twice"

from pathlib import Path
from typing import Any

import pytest

from sim.runs.folder import run_into
from sim.runs.reading import Results
from sim.views.drawing import Drawer
from sim.views.plots import save_figures
from tests.scenarios import small

FIGURES = ("inventory", "churn")


def test_drawn_beside_the_work_or_here_the_files_are_the_same(tmp_path: Path) -> None:
    results = run_into(small(weeks=8, persons=300), [1], tmp_path / "results", workers=1)
    with Drawer() as drawer:
        assert drawer.start(results.path, FIGURES)() == ""
    beside = {path.name: path.read_bytes() for path in results.figures.iterdir()}
    here = save_figures(results, tmp_path / "here", only=FIGURES)
    assert beside == {path.name: path.read_bytes() for path in here}
    assert len(beside) == 2 * len(FIGURES)


def test_pictures_drawn_together_read_each_table_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    results = run_into(small(weeks=8, persons=300), [1], tmp_path / "results", workers=1)
    read: list[str] = []
    table = Results.table

    def counted(self: Results, name: str, *args: Any, **options: Any) -> Any:
        read.append(name)
        return table(self, name, *args, **options)

    monkeypatch.setattr(Results, "table", counted)
    save_figures(results, tmp_path / "figures", kinds=("png",))
    assert "weekly" in read
    assert len(read) == len(set(read)), read
    save_figures(results, tmp_path / "again", kinds=("png",), only=("inventory",))
    assert len(read) > len(set(read)), "another call reads anew: the folder may have changed"


def test_what_cannot_be_drawn_there_is_said(tmp_path: Path) -> None:
    with Drawer() as drawer:
        assert drawer.start(tmp_path / "nothing here", FIGURES)() is None


def test_leaving_without_a_picture_ends_the_process() -> None:
    with Drawer() as drawer:
        pass
    assert all(process.poll() is not None for process in drawer._workers._all)

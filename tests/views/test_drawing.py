from pathlib import Path

from sim.runs.folder import run_into
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


def test_what_cannot_be_drawn_there_is_said(tmp_path: Path) -> None:
    with Drawer() as drawer:
        assert drawer.start(tmp_path / "nothing here", FIGURES)() is None


def test_leaving_without_a_picture_ends_the_process() -> None:
    with Drawer() as drawer:
        pass
    assert all(process.poll() is not None for process in drawer._workers._all)

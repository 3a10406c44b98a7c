"""Every notebook runs from its first cell to its last."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


DRAWING = {"plot", "phase_map"}
"""Calls that make a picture unless they are given Axes to draw on."""


def pictures_wanted(code: str) -> int:
    """Return how many pictures a cell makes; a call in a loop over a written list makes several."""

    def count(node: ast.AST) -> int:
        here = sum(map(count, ast.iter_child_nodes(node)))
        if isinstance(node, ast.For) and isinstance(node.iter, (ast.Tuple, ast.List)):
            return here * len(node.iter.elts)
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            return here + (name in DRAWING and all(word.arg != "ax" for word in node.keywords))
        return here

    return count(ast.parse(code))


def test_eighteen_pictures_are_asked_for():
    cells = [cell for path in NOTEBOOKS for cell in nbformat.read(path, as_version=4).cells]
    assert sum(pictures_wanted(cell.source) for cell in cells if cell.cell_type == "code") == 18


def test_notebooks_know_only_what_is_public():
    """They import sim, and call what it names; nothing from below it."""
    for path in NOTEBOOKS:
        for cell in nbformat.read(path, as_version=4).cells:
            for node in ast.walk(ast.parse(cell.source if cell.cell_type == "code" else "")):
                modules = [name.name for name in node.names] if isinstance(node, ast.Import) else \
                    [node.module] if isinstance(node, ast.ImportFrom) else []
                assert not [name for name in modules if name.startswith("sim.")], path.stem


def test_there_are_notebooks():
    assert len(NOTEBOOKS) >= 7


FRESH = """%reset -f
%matplotlib inline
import os
from matplotlib import pyplot
pyplot.close("all")
pyplot.rcdefaults()
os.chdir({folder!r})
%reset -f"""
"""Run before each notebook: none sees names or pictures of the one before."""


@pytest.fixture(scope="module")
def kernel():
    """A process that runs notebooks; starting it and importing sim takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
        patch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel()
    yield manager
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path, tmp_path, kernel):
    notebook = nbformat.read(path, as_version=4)
    assert notebook.cells[0].cell_type == "markdown"
    assert "?" in notebook.cells[0].source.splitlines()[0], "a notebook starts from a question"
    assert not any(cell.get("outputs") for cell in notebook.cells), "outputs are not kept"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(FRESH.format(folder=str(tmp_path))))
    client = NotebookClient(notebook, km=kernel, timeout=300)
    try:
        client.execute()
    finally:
        client.kc.stop_channels()
    assert not notebook.cells.pop(0).outputs
    for cell in notebook.cells:
        if cell.cell_type == "code":
            shown_here = sum("image/png" in output.get("data", {}) for output in cell.outputs)
            assert shown_here == pictures_wanted(cell.source), cell.source
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert any("image/png" in output.get("data", {}) for output in shown)
    said = [output["text"] for output in shown if output.get("name") == "stderr"]
    assert not said, "no noise"

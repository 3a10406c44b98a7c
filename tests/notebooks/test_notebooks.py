"""Every notebook runs from its first cell to its last."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import nbformat
import pytest
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


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    notebook = nbformat.read(path, as_version=4)
    assert notebook.cells[0].cell_type == "markdown"
    assert "?" in notebook.cells[0].source.splitlines()[0], "a notebook starts from a question"
    assert not any(cell.get("outputs") for cell in notebook.cells), "outputs are not kept"
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": tmp_path}},
    ).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            shown_here = sum("image/png" in output.get("data", {}) for output in cell.outputs)
            assert shown_here == pictures_wanted(cell.source), cell.source
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert any("image/png" in output.get("data", {}) for output in shown)
    said = [output["text"] for output in shown if output.get("name") == "stderr"]
    assert not said, "no noise"

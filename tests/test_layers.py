"""Imports run one way, and what knows nothing of the domain stays so."""

from __future__ import annotations

import ast
import functools
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "sim"

# From the bottom up; what stands in one row may not import its neighbours of that row.
LAYERS = (
    {"errors", "texts", "faces"},
    {"kernel"},
    {"market"},
    {"mechanisms"},
    {"regimes"},
    {"scenario"},
    {"life"},
    {"agentset"},
    {"agents"},
    {"model"},
    {"runs"},
    {"studies"},
    {"views"},
    {"cli", "face"},
    {"__main__"},
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
# A result that draws itself in a notebook asks the layer above when it is called, in one place.
FACES = {("faces.py", "views")}
DOMAIN = ("kernel", "market", "mechanisms", "regimes")
FORBIDDEN = {"mesa", "matplotlib", "pandas", "click", "tqdm", "pyarrow", "jinja2", "ruamel"}

# The one place where the domain reads a file: a network given as an edge list.
READERS = {"market/network/tie_files.py": {"pyarrow"}}

FILES = sorted(PACKAGE.rglob("*.py"))


@functools.cache
def tree_of(file: Path) -> ast.Module:
    """Return a file's syntax tree, parsed once for all tests."""
    return ast.parse(file.read_text("utf-8"))


@functools.cache
def nodes_of(file: Path) -> tuple[ast.AST, ...]:
    """Return every node of a file."""
    return tuple(ast.walk(tree_of(file)))


def part(file: Path) -> str:
    """Return the layer that a file belongs to ('' for the package's own face)."""
    relative = file.relative_to(PACKAGE)
    if relative.name == "__init__.py" and len(relative.parts) == 1:
        return ""
    return relative.parts[0].removesuffix(".py")


def imports(file: Path) -> Iterator[str]:
    """Yield the full names that a file imports anywhere, but for type checkers."""
    skipped: set[ast.AST] = set()
    for node in nodes_of(file):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            skipped.update(child for part in node.body for child in ast.walk(part))
    for node in nodes_of(file):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_run_one_way(file: Path) -> None:
    own = part(file)
    if not own:
        assert not [name for name in imports(file) if name.startswith("sim.")]
        return
    assert own in LEVEL, f"'{own}' has no place in the layers"
    for name in imports(file):
        if not name.startswith("sim."):
            continue
        other = name.split(".")[1]
        face = (file.relative_to(PACKAGE).as_posix(), other) in FACES
        if other in LEVEL and other != own and not face:
            assert LEVEL[other] < LEVEL[own], f"{own} imports {name}"


@pytest.mark.parametrize("file", [file for file in FILES if part(file) in DOMAIN],
                         ids=lambda file: str(file.relative_to(PACKAGE)))
def test_the_domain_does_not_plot_print_or_read_files(file: Path) -> None:
    allowed = READERS.get(file.relative_to(PACKAGE).as_posix(), set())
    for name in imports(file):
        assert name.split(".")[0] not in FORBIDDEN - allowed, f"{file.name} imports {name}"
    for node in nodes_of(file):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print", f"{file.name} prints"


def test_the_kernel_knows_nothing_of_the_domain() -> None:
    for file in (PACKAGE / "kernel").rglob("*.py"):
        text = file.read_text("utf-8").lower()
        for word in ("consumer", "brand", "wechat", "upline", "pyramid", "prosumer"):
            assert word not in text, f"{file.name} speaks of '{word}'"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_files_are_short_and_say_what_they_are(file: Path) -> None:
    text = file.read_text("utf-8")
    assert len(text.splitlines()) <= 450
    assert ast.get_docstring(tree_of(file)), "a module begins with its docstring"


@pytest.mark.parametrize("folder", sorted(p.parent for p in PACKAGE.rglob("__init__.py")),
                         ids=lambda folder: folder.name)
def test_every_package_can_be_listed(folder: Path) -> None:
    name = ".".join(folder.relative_to(PACKAGE.parent).parts)
    package = importlib.import_module(name)
    for public in getattr(package, "__all__", ()):
        assert hasattr(package, public), f"{name}.__all__ names {public}"


def test_importing_sim_costs_next_to_nothing() -> None:
    import subprocess
    import sys

    code = "import sim, sys; print([m for m in sys.modules if m.split('.')[0] in " \
           "('numpy', 'numba', 'mesa', 'pandas', 'pydantic', 'matplotlib')])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        cwd=PACKAGE.parent)
    assert done.stdout.strip() == "[]"


def test_weeks_are_lived_without_mesa_and_pictures() -> None:
    """Importing Mesa takes longer than a small run; the Mesa model comes when it is asked for."""
    import subprocess
    import sys

    code = "import sim, sys; sim.run_many([sim.load(name, {'persons': 300, 'weeks': 2}) " \
           "for name in sim.REGIMES], 1); print([m for m in sys.modules if m in " \
           "('mesa', 'scipy.spatial', 'networkx', 'matplotlib')])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        cwd=PACKAGE.parent)
    assert done.stdout.strip() == "[]"


MAX_ARGUMENTS = 14
"""Columns travel in named tuples; options that belong together, as one record (sim/cli/groups.py)."""


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_functions_take_few_arguments(file: Path) -> None:
    for node in nodes_of(file):
        if isinstance(node, ast.FunctionDef):
            count = len(node.args.posonlyargs) + len(node.args.args)
            if "compiled" in map(ast.unparse, node.decorator_list):
                count += len(node.args.kwonlyargs)
            assert count <= MAX_ARGUMENTS, f"{node.name} takes {count} arguments"

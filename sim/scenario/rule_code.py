"""The code of custom rules: a Python file and the files beside it that it imports.

These files are hashed, stored in results folders and sent to workers together, so that the stored
code is the code that ran. Their modules get unique names in a process, so that two versions of a
file can coexist.
"""

from __future__ import annotations

import ast
import builtins
import functools
import hashlib
import importlib.abc
import importlib.util
import itertools
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, NamedTuple

from sim.errors import FilesError, ScenarioError
from sim.kernel.files import read_file
from sim.scenario.problems import clean
from sim.texts import _
from sim.texts.reasons import reason_of

__all__ = ["RuleError", "RuleFile", "line_of", "told"]

PREFIX = "weishang_rules_"
LARGEST = 1_000_000
"""Bytes of a file of rules."""


class RuleError(ScenarioError):
    """A rule file that cannot be used; the message names the rule and the remedy."""


@dataclass(frozen=True)
class RuleFile:
    """The code of custom rules.

    Attributes
    ----------
    path
        Where it came from.
    text
        What it holds.
    place
        Its path below the folder from which it imports; the file's name, unless it is a module of a
        package.
    beside
        What it imports from that folder, directly or indirectly: pairs of place and text.
    """

    path: str
    text: str
    place: str
    beside: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, path: str | Path) -> RuleFile:
        """Return the code of a file.

        Raises
        ------
        RuleError
            When it cannot be read as Python.
        """
        path = Path(path)
        if path.suffix != ".py":
            raise RuleError(_("{path}: no Python file (its name must end in .py)").format(path=path))
        folder, inside = _package_of(path)
        found: dict[str, str] = {}
        _collect(path, folder, inside, found)
        place = path.relative_to(folder).as_posix()
        text = found.pop(place)
        return cls(str(path), text, place, tuple(sorted(found.items())))

    @functools.cached_property
    def sha256(self) -> str:
        """Digest of all texts."""
        found = hashlib.sha256(self.text.encode())
        for name, text in self.beside:
            found.update(f"\0{name}\0{text}".encode())
        return found.hexdigest()

    @property
    def kept(self) -> str:
        """Where a results folder stores the code, below its scenarios."""
        return f"rules/{self.sha256[:12]}/{self.place}"

    @property
    def texts(self) -> dict[str, str]:
        """Everything that a results folder stores, by its place below the scenarios."""
        return {f"rules/{self.sha256[:12]}/{place}": text
                for place, text in ((self.place, self.text), *self.beside)}

    def module(self) -> ModuleType:
        """Return the module after executing its code, once per process and text."""
        code = f"{PREFIX}{self.sha256[:16]}"
        name = f"{code}.{_module_name(self.place)}"
        if name in sys.modules:
            return sys.modules[name]
        self._register(code)
        try:
            return importlib.import_module(name)
        except BaseException as error:
            for known in [known for known in sys.modules if f"{known}.".startswith(f"{code}.")]:
                del sys.modules[known]
            if not isinstance(error, Exception):
                raise
            path = self._blamed(error)
            raise RuleError(_("{path}:{line}: {error}").format(
                path=path, line=line_of(error, path), error=told(error))) from error

    def _blamed(self, error: Exception) -> str:
        """Return the file of this code in which an exception was raised."""
        folder = Path(self.path).parents[self.place.count("/")]
        ours = {self.path, *(str(folder / place) for place, _text in self.beside)}
        frames = traceback.extract_tb(error.__traceback__)
        within = [self.path, *(frame.filename for frame in frames), getattr(error, "filename", "")]
        return [name for name in within if name in ours][-1]

    def _register(self, code: str) -> None:
        """Register the modules of this code for import."""
        folder = Path(self.path).parents[self.place.count("/")]
        files = {code: _Source("", "", True)}
        for place, text in ((self.place, self.text), *self.beside):
            path = self.path if place == self.place else str(folder / place)
            name = f"{code}.{_module_name(place)}"
            files[name] = _Source(path, text, place.endswith("__init__.py"))
            while (name := name.rpartition(".")[0]) not in files:
                files[name] = _Source("", "", True)  # a folder without __init__.py
        _Kept.files |= files


class _Source(NamedTuple):
    """The text of a module."""

    path: str
    text: str
    is_package: bool


class _Kept(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports modules of custom rules from the text that was read, not from disk."""

    files: ClassVar[dict[str, _Source]] = {}

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> Any:
        """Return how to load a module of custom rules; nothing for others."""
        if name not in self.files:
            return None
        source = self.files[name]
        spec = importlib.util.spec_from_loader(
            name, self, origin=source.path, is_package=source.is_package)
        assert spec is not None
        spec.has_location = bool(source.path)
        return spec

    def get_source(self, name: str) -> str:
        """Return the text of a module."""
        return self.files[name].text

    def get_code(self, name: str) -> Any:
        """Return the compiled code of a module."""
        return compile(self.files[name].text, self.files[name].path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        """Execute a module whose imports find the files that were read from beside it."""
        code = module.__name__.partition(".")[0]
        known = {name.split(".")[1] for name in self.files if name.startswith(f"{code}.")}

        def importing(
            wanted: str, scope: Any = None, local: Any = None, chosen: Any = (), level: int = 0,
        ) -> Any:
            first = wanted.partition(".")[0]
            if level or first not in known:
                return builtins.__import__(wanted, scope, local, chosen, level)
            found = builtins.__import__(f"{code}.{wanted}", scope, local, chosen, 0)
            return found if chosen else sys.modules[f"{code}.{first}"]

        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": importing}
        exec(self.get_code(module.__name__), module.__dict__)


sys.meta_path.append(_Kept())


# -- what a file imports from beside it ---------------------------------------------------------------


def _package_of(path: Path) -> tuple[Path, str]:
    """Return the folder from which a file imports, and the only package there that counts.

    For a module of a package, that is the folder that holds the package; for a single file, its own
    folder and everything in it.
    """
    folder, inside = path.parent, ""
    if folder.name in ("site-packages", "dist-packages"):
        return folder, path.stem
    while (folder / "__init__.py").is_file():
        folder, inside = folder.parent, folder.name
    return folder, inside


def _collect(path: Path, folder: Path, inside: str, found: dict[str, str]) -> None:
    """Add a file and what it imports from `folder` to the texts `found`."""
    name = path.relative_to(folder).as_posix()
    if name in found:
        return
    try:
        text = found[name] = read_file(path, LARGEST).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise RuleError(_("{path}: not written in UTF-8").format(path=path)) from None
    except OSError as error:
        raise FilesError(f"{path}: {reason_of(error)}") from None
    for parent in itertools.takewhile(lambda parent: parent != folder, path.parents):
        if (parent / "__init__.py").is_file():
            _collect(parent / "__init__.py", folder, inside, found)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return  # reported with its line when the code is executed
    for module in _imported(tree, _module_name(name).split(".")[:-1]):
        if inside in ("", module[0]) and module[0] != "sim":
            for other in _files(folder, module):
                _collect(other, folder, inside, found)


def _imported(tree: ast.AST, package: list[str]) -> Iterator[list[str]]:
    """Yield the names of modules that may be imported anywhere in a module of `package`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            module = [*start, *(node.module.split(".") if node.module else ())]
            yield from ([*module, alias.name] for alias in node.names)


def _files(folder: Path, module: list[str]) -> Iterator[Path]:
    """Yield the files of a module and of the packages around it, if they exist."""
    for depth in range(1, len(module) + 1):
        place = folder.joinpath(*module[:depth])
        for path in (place / "__init__.py", place.with_name(f"{place.name}.py")):
            if path.is_file():
                yield path
                break


def _module_name(place: str) -> str:
    """Return the name of a module by its path below the folder."""
    return place.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def line_of(error: Exception, path: str) -> int:
    """Return the line of a file in which an exception was raised."""
    line = getattr(error, "lineno", None) or 1
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return int(line)


def told(error: Exception) -> str:
    """Return the message of an exception on one line."""
    return clean(f"{type(error).__name__}: {error}".splitlines()[0])

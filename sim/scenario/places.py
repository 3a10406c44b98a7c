"""Where scenario files are: the shipped ones, and the project around a file."""

from __future__ import annotations

from pathlib import Path

from sim.errors import UsageError
from sim.scenario.problems import shown
from sim.texts import _

__all__ = ["named_file", "project_of", "shipped", "shipped_path"]


def _folder() -> Path:
    """Return where the shipped scenarios are: in a checkout, else in the installed package."""
    package = Path(__file__).parents[1]
    checkout = package.parent / "scenarios"
    return checkout if (checkout / "pyramid.yaml").exists() else package / "shipped"


LONGEST_PATH = 200
PROJECT = (".git", "pyproject.toml")
"""What marks the top folder of a project."""


def project_of(folder: Path) -> Path:
    """Return the top of the tree from which a file in `folder` may name others.

    It is the nearest folder above with a mark of a project, else the current folder where the file
    lies in it, else the file's own folder.
    """
    own, here = folder.resolve(), Path.cwd().resolve()
    for above in (own, *own.parents):
        if any((above / mark).exists() for mark in PROJECT):
            return above
    return here if own.is_relative_to(here) and here != Path(here.anchor) else own


def named_file(name: str, folder: Path) -> Path:
    """Return the path that a file in `folder` names, which must stay in the tree of its project.

    Raises
    ------
    UsageError
        When it leads out.
    """
    try:
        path = folder / name
        inside = path.resolve().is_relative_to(project_of(folder))
    except (OSError, ValueError, RuntimeError):
        inside = False
    if not inside or Path(name).is_absolute() or len(name) > LONGEST_PATH:
        raise UsageError(_(
            "{found} leads out of the folder of the project; allowed: files in it; start weishang "
            "in the folder that holds both files").format(found=shown(name)))
    return path


def shipped() -> list[str]:
    """Return the names of the shipped scenarios, such as ``pyramid`` and ``limits/bass``."""
    folder = _folder()
    return sorted(
        path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.yaml")
        if path.relative_to(folder).parts[0] != "studies")


def shipped_path(name: str) -> Path | None:
    """Return the file of a shipped scenario, or None when there is none of this name."""
    return _folder() / f"{name}.yaml" if name in shipped() else None

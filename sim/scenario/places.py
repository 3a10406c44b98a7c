"""Where scenario files are: the shipped ones, and the project around a file."""

from __future__ import annotations

from pathlib import Path

from sim.errors import UsageError
from sim.scenario.problems import clean, did_you_mean, nearest, shown
from sim.texts import _

__all__ = ["named_file", "project_of", "shipped", "shipped_path", "what_was_meant"]


def _folder() -> Path:
    """Return where the shipped scenarios are: in a checkout, else in the installed package."""
    package = Path(__file__).parents[1]
    checkout = package.parent / "scenarios"
    return checkout if (checkout / "pyramid.yaml").exists() else package / "shipped"


MAX_PATH = 200
PROJECT = (".git", "pyproject.toml")
"""What marks the top folder of a project."""


def project_of(folder: Path) -> Path:
    """Return the top of the tree from which a file in `folder` may name others.

    It is the nearest parent folder that marks a project, else the current folder if the file lies
    in it, else the file's own folder.
    """
    own, here = folder.resolve(), Path.cwd().resolve()
    for above in (own, *own.parents):
        if any((above / mark).exists() for mark in PROJECT):
            return above
    return here if own.is_relative_to(here) and here != Path(here.anchor) else own


def named_file(name: str, folder: Path) -> Path:
    """Return the path that a file in `folder` names, which must lie inside its project.

    Raises
    ------
    UsageError
        When the path leads out of the project.
    """
    try:
        path = folder / name
        inside = path.resolve().is_relative_to(project_of(folder))
    except (OSError, ValueError, RuntimeError):
        inside = False
    if not inside or Path(name).is_absolute() or len(name) > MAX_PATH:
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


def what_was_meant(name: str) -> str:
    """Return the hint for a missing scenario: a file with a similar name, else the shipped scenarios."""
    path, options = Path(name), shipped()
    if len(name) < 1000 and path.suffix not in (".yaml", ".yml") and \
            path.with_name(path.name + ".yaml").is_file():
        return _("did you mean '{name}'?").format(name=clean(f"{name}.yaml"))
    stem = name.removesuffix(".yaml").removesuffix(".yml")
    beside = [str(other) for other in path.parent.glob("*.y*ml")] \
        if len(name) < 1000 and "\0" not in name and path.parent.is_dir() else []
    # The ending, which all names share, would make them all similar.
    near = nearest(stem, [other.rpartition(".")[0] for other in beside])
    return did_you_mean(f"{near}.yaml", beside if near else ()) or did_you_mean(stem, options) or _(
        "shipped: {names}").format(names=", ".join(option for option in options if "/" not in option))

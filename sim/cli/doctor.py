"""The command doctor: what works and what is missing on this machine."""

from __future__ import annotations

import contextlib
import importlib.metadata
import platform
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

import sim
from sim.cli.options import answer, answer_json, command, json_option
from sim.errors import pip_install
from sim.kernel.machine import cores, free_memory, size
from sim.texts import _, language
from sim.texts.reasons import reason_of

if TYPE_CHECKING:
    from packaging.requirements import Requirement

__all__ = ["doctor"]

DISTRIBUTION = "weishang"
DEVELOPERS = "dev"
"""The extra that users do not need."""
LITTLE_MEMORY, LITTLE_DISK = 5e8, 2e8


@command("doctor", examples=("weishang doctor", "weishang doctor --json"))
@json_option
def doctor(as_json: bool) -> int:
    """Look at this machine: versions, cores, memory, fonts, write access, compiled code.

    Ends with 1 when something that a run needs is missing.
    """
    found = [
        ("weishang", True, sim.__version__),
        ("Python", sys.version_info >= (3, 11), platform.python_version()),
        *_needed(),
        ("cores", True, str(cores())),
        _memory(),
        _folder(Path.cwd()),
        _disk(Path.cwd()),
        _compiled(),
        _fonts(),
        (_("language"), True, language()),
    ]
    extras = [(need.name, _version(need.name), extra) for need, extra in _requirements()
              if extra not in ("", DEVELOPERS)]
    wrong = [name for name, ok, _value in found if not ok]
    if as_json:
        answer_json({
            "ok": not wrong,
            "checks": [{"what": name, "ok": ok, "found": value} for name, ok, value in found],
            "optional": [{"package": name, "found": version, "extra": extra}
                         for name, version, extra in extras],
        })
        return 1 if wrong else 0
    for name, ok, value in found:
        verdict = click.style(f"{_('ok') if ok else _('missing'):>8}",
                              fg="green" if ok else "red")
        answer(f"{verdict}  {name}: {value}")
    for name, version, extra in extras:
        answer(f"{_('ok') if version else '-':>8}  {name}: " + (version or _(
            "not installed; for more commands: {command}").format(
                command=pip_install(f"weishang[{extra}]"))))
    answer(_("All that a run needs is there.") if not wrong else _("Mend first: {names}.").format(
        names=", ".join(wrong)))
    return 1 if wrong else 0


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _requirements() -> list[tuple[Requirement, str]]:
    """Return the requirements of this package on this machine, each with its extra or ""."""
    from packaging.requirements import Requirement

    try:
        texts = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        return []
    found = []
    for need in map(Requirement, texts):
        extras = ["", *(importlib.metadata.metadata(DISTRIBUTION).get_all("Provides-Extra") or [])]
        for extra in extras:
            if need.marker is None or need.marker.evaluate({"extra": extra}):
                found.append((need, extra))
                break
    return found


def _needed() -> list[tuple[str, bool, str]]:
    needs = [need for need, extra in _requirements() if not extra]
    if not needs:
        return [(_("packages"), True, _("not known: weishang runs from a folder, uninstalled"))]
    return [_package(need) for need in needs]


def _package(need: Requirement) -> tuple[str, bool, str]:
    version = _version(need.name)
    if not version:
        return need.name, False, _("not installed; {command}").format(
            command=pip_install(str(need)))
    if not need.specifier.contains(version, prereleases=True):
        return need.name, False, _("{version} is installed; {command}").format(
            version=version, command=pip_install(str(need)))
    return need.name, True, version


def _memory() -> tuple[str, bool, str]:
    free = free_memory()
    return _("free memory"), free > LITTLE_MEMORY, size(free) if free < 1e18 else _("not known")


def _folder(folder: Path) -> tuple[str, bool, str]:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return _("write access"), True, str(folder)
    except OSError as error:
        return _("write access"), False, f"{folder}: {reason_of(error)}"


def _disk(folder: Path) -> tuple[str, bool, str]:
    free = shutil.disk_usage(folder).free
    return _("free disk"), free > LITTLE_DISK, size(free)


def _compiled() -> tuple[str, bool, str]:
    from sim.kernel.cache import SUFFIX, cache_folder

    folder = cache_folder()
    if folder is None:
        return _("compiled code"), True, _(
            "no private folder to keep it in; each process compiles for about half a minute")
    count = sum(1 for _path in folder.glob(f"*{SUFFIX}"))
    text = _("{count} compiled parts in {folder}") if count else _(
        "none yet in {folder}; the first run compiles for about half a minute")
    return _("compiled code"), True, text.format(count=count, folder=_short(folder))


def _short(folder: Path) -> str:
    """Return a path as users know it, with ``~`` for their home."""
    with contextlib.suppress(RuntimeError, ValueError):  # no home, or a folder elsewhere
        return str(Path("~") / folder.relative_to(Path.home()))
    return str(folder)


def _fonts() -> tuple[str, bool, str]:
    folder = Path(sim.__file__).parent / "views" / "fonts"
    fonts = sorted(path.name for path in folder.glob("*.[ot]tf")) if folder.is_dir() else []
    return _("Chinese font"), bool(fonts), ", ".join(fonts) or _("not shipped with this package")

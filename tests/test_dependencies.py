"""What the package needs is declared once, locked as declared, and known to doctor."""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import json
import re
import sys
import tomllib
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from sim.cli.app import outcome
from tests.test_layers import FILES, imports

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
RUN = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
EXTRAS = {extra: [Requirement(text) for text in texts]
          for extra, texts in PROJECT["project"]["optional-dependencies"].items()}
BUILD = [Requirement(text) for text in PROJECT["dependency-groups"]["build"]]
MODULES = {"ruamel": "ruamel-yaml", "fontTools": "fonttools", "vl_convert": "vl-convert-python",
           "dask": "distributed", "sklearn": "scikit-learn", "mpl_toolkits": "matplotlib"}
"""Modules that are named otherwise than what installs them."""
MACHINES = [
    {"python_full_version": f"{python}.1", "python_version": python, "sys_platform": system,
     "platform_system": {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}[system],
     "os_name": "nt" if system == "win32" else "posix", "platform_machine": "x86_64",
     "implementation_name": "cpython", "platform_python_implementation": "CPython"}
    for python, system in product(("3.11", "3.12", "3.13", "3.14"), ("linux", "darwin", "win32"))]


def locked(name: str) -> list[Requirement]:
    """Return the exact versions of a lock; every line of it is understood, or this fails."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.M)
    entry = re.compile(r"([^\\\n]+?) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)")
    assert not entry.sub("", text).strip(), "more than exact versions and their hashes"
    return [Requirement(found) for found, _hashes in entry.findall(text)]


def pins(name: str, machine: dict[str, str]) -> dict[str, str]:
    """Return the version of each package that a lock installs on a machine."""
    found: dict[str, str] = {}
    for need in locked(name):
        if need.marker is None or Marker(str(need.marker)).evaluate(dict(machine)):
            assert need.name not in found, f"two versions of {need.name}"
            found[need.name] = next(iter(need.specifier)).version
    return found


def unfit(needs: list[Requirement], found: dict[str, str]) -> list[str]:
    return [str(need) for need in needs if need.name != "weishang" and not (
        (version := found.get(canonicalize_name(need.name))) and need.specifier.contains(version))]


@pytest.mark.parametrize(
    "machine", MACHINES, ids=lambda one: f"{one['python_version']}-{one['sys_platform']}")
def test_the_lock_fits_what_is_declared_on_every_machine(machine: dict[str, str]) -> None:
    run, dev = pins("run", machine), pins("dev", machine)
    assert not unfit([*RUN, *BUILD], run), "run: make lock"
    assert not unfit([*RUN, *BUILD, *(one for needs in EXTRAS.values() for one in needs)], dev), \
        "run: make lock"
    assert run.items() <= dev.items(), "what runs is what was tested"


@pytest.mark.parametrize("name", ["run", "dev"])
def test_the_lock_is_of_exact_versions(name: str) -> None:
    for need in locked(name):
        (one,) = need.specifier
        assert one.operator == "=="
        assert not need.url


def test_what_a_lock_does_not_fit_is_noticed() -> None:
    found = pins("run", MACHINES[0])
    assert unfit([Requirement("numpy>=99")], found) == ["numpy>=99"]
    assert unfit([Requirement("never-heard-of")], found)
    assert not unfit([Requirement("ruamel.yaml")], found), "dots and hyphens are the same"


def test_the_build_backend_is_locked_as_declared() -> None:
    declared = {Requirement(text) for text in PROJECT["build-system"]["requires"]}
    assert declared <= set(BUILD)


def test_every_dependency_has_a_lower_bound() -> None:
    stubs = {"pandas-stubs", "types-tqdm"}
    for need in [*RUN, *BUILD, *(one for needs in EXTRAS.values() for one in needs)]:
        if need.name not in stubs | {"weishang"}:
            assert any(one.operator == ">=" for one in need.specifier), need


def test_everything_imported_is_declared_and_everything_declared_is_used() -> None:
    declared = {canonicalize_name(need.name) for need in RUN}
    optional = {canonicalize_name(need.name) for extra, needs in EXTRAS.items() if extra != "dev"
                for need in needs}
    used = set()
    for file in FILES:
        for name in imports(file):
            top = name.partition(".")[0]
            if top not in sys.stdlib_module_names and top not in ("sim", "__future__"):
                used.add(MODULES.get(top, canonicalize_name(top)))
    halves = {"llvmlite", "pydantic-core"}
    # A notebook brings it; it is imported only where a kernel has done so already.
    host = {"ipython"}
    assert used - declared - optional == halves | host, "the other halves of numba and pydantic, and the host"
    assert used >= declared | optional


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    """Let doctor see pyproject.toml as it is, and versions as a test wants them."""
    texts = list(PROJECT["project"]["dependencies"])
    for extra, needs in PROJECT["project"]["optional-dependencies"].items():
        texts += [f"{text}; extra == '{extra}'" for text in needs]
    versions: dict[str, str | None] = {}
    real = importlib.metadata.version

    def version(name: str) -> str:
        found = versions.get(name, "")
        if found is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return found or real(name)

    monkeypatch.setattr(importlib.metadata, "requires", lambda name: texts)
    monkeypatch.setattr(importlib.metadata, "version", version)
    return versions


def doctor() -> tuple[int, dict[str, Any]]:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = outcome(["doctor", "--json"])
    return code, json.loads(said.getvalue())


def test_doctor_knows_every_dependency(installed: dict[str, str | None]) -> None:
    code, answer = doctor()
    assert (code, answer["ok"]) == (0, True)
    seen = {check["what"] for check in answer["checks"]}
    assert {need.name for need in RUN} <= seen
    assert [(row["package"], row["extra"]) for row in answer["optional"]] == [
        (need.name, extra) for extra, needs in EXTRAS.items() if extra != "dev" for need in needs]


@pytest.mark.parametrize("name", [need.name for need in RUN])
@pytest.mark.parametrize("version", [None, "0.0.1"])
def test_doctor_misses_each(
    installed: dict[str, str | None], name: str, version: str | None,
) -> None:
    installed[name] = version
    code, answer = doctor()
    assert code == 1
    (wrong,) = [check for check in answer["checks"] if not check["ok"]]
    assert wrong["what"] == name
    assert "pip install" in wrong["found"]


def test_doctor_runs_from_a_folder_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> Any:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", unknown)
    code, answer = doctor()
    assert code == 0
    assert answer["optional"] == []

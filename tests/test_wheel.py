"""The wheel works without the repository's folder and without extras."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.sheets import workbook
from tests.test_dependencies import EXTRAS, RUN

ROOT = Path(__file__).parents[1]
SENSITIVITY = ("sensitivity", "pyramid", "--vary", "recruiting.approaches=1:3", "--samples", "2",
               "--measure", "cumulative(sell_in)", "--persons", "300", "--weeks", "6",
               "--seeds", "1")
SMALL = ("--persons", "300", "--weeks", "6", "--seeds", "1")
ON_A_CLUSTER = ("run", "pyramid", *SMALL, "--out", "far", "--cluster", "local", "--workers", "1")
OPTIONAL = sorted({*EXTRAS} - {"dev"})
pytestmark = pytest.mark.slow


def needed(needs: list[Requirement]) -> Iterator[importlib.metadata.Distribution]:
    """Yield what these requirements install, with all that it needs in turn."""
    seen: set[str] = set()
    waiting = [(need.name, need.extras) for need in needs]
    while waiting:
        name, extras = waiting.pop()
        key = f"{name.lower().replace('_', '-')}{sorted(extras)}"
        if key in seen:
            continue
        seen.add(key)
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # asked for on other systems only
        yield found
        for need in map(Requirement, found.requires or ()):
            if need.marker is None or any(
                    need.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                waiting.append((need.name, need.extras))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
                   cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


class Installed:
    """An environment with the wheel and what it declares, and nothing else; made offline."""

    def __init__(self, folder: Path, wheel: Path, needs: list[Requirement]) -> None:
        self.folder = folder
        venv.create(folder / "venv", with_pip=False)
        self.bin = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        site = next((folder / "venv").rglob("site-packages"))
        for found in needed(needs):
            for top in {Path(file).parts[0] for file in found.files or () if ".." not in str(file)}:
                source, target = Path(str(found.locate_file(top))), site / top
                if source.exists() and not target.exists() and top != "__pycache__":
                    target.symlink_to(source)
        subprocess.run(
            [sys.executable, "-m", "pip", "--python", str(self.bin / "python"), "install", "--quiet",
             "--no-deps", "--no-index", "--disable-pip-version-check", str(wheel)], check=True)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command, outside the repository's folder and path."""
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.Popen(
            [str(self.bin / "weishang"), *arguments], cwd=self.folder, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env=environment | {"LANGUAGE": "en"})

    def weishang(self, *arguments: str, code: int = 0) -> str:
        """Return what a command says; it ends with the expected code and without a traceback."""
        with self.start(*arguments) as running:
            out, err = running.communicate(timeout=300)
        assert running.returncode == code, out + err
        assert "Traceback" not in err
        return out + err


def swept(folder: Path) -> tuple[str, ...]:
    """Return a sweep over the points of a spreadsheet, written here."""
    (folder / "points.xlsx").write_bytes(workbook([("offer.quality",), (0.2,), (0.8,)]))
    (folder / "study.yaml").write_text("scenario: pyramid\nsampling: table\ntable: points.xlsx\n")
    return ("sweep", "study.yaml", *SMALL, "--out", "swept")


def test_without_extras(tmp_path: Path, wheel: Path) -> None:
    installed = Installed(tmp_path, wheel, RUN)
    installed.weishang("run", "pyramid", *SMALL, "--out", "mine")
    assert list((tmp_path / "mine" / "figures").glob("*.png"))
    installed.weishang("check", "pyramid")
    installed.weishang("report", "mine")
    assert (tmp_path / "mine" / "report.html").stat().st_size > 100_000
    said = installed.weishang("doctor")
    for extra in OPTIONAL:
        assert f"weishang[{extra}]" in said
    assert "weishang[studies]" in installed.weishang(*SENSITIVITY, code=3)
    assert "weishang[dashboard]" in installed.weishang("dashboard", "pyramid", code=2)
    assert "weishang[excel]" in installed.weishang(*swept(tmp_path), code=3)
    assert "weishang[cluster]" in installed.weishang(*ON_A_CLUSTER, code=3)


@pytest.mark.parametrize("extra", OPTIONAL)
def test_with_one_extra(extra: str, tmp_path: Path, wheel: Path) -> None:
    """What the extra is for works, and nothing of it needs another one."""
    installed = Installed(tmp_path, wheel, [*RUN, *EXTRAS[extra]])
    said = installed.weishang("doctor")
    assert {other for other in OPTIONAL if f"weishang[{other}]" in said} == {*OPTIONAL} - {extra}
    if extra == "dashboard":
        with installed.start("dashboard", "pyramid", "--persons", "300", "--no-browser") as running:
            assert running.stderr is not None
            said = running.stderr.readline()
            address = re.search(r"live view at (http://\S+?);", said)
            assert address, said
            with urllib.request.urlopen(address[1], timeout=60) as page:
                assert b"<html" in page.read()
            running.terminate()
            assert running.wait(60) == 0
    else:
        use = {"studies": SENSITIVITY, "excel": swept(tmp_path), "cluster": ON_A_CLUSTER}
        installed.weishang(*use[extra])

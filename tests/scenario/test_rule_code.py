"""The whole code of custom rules is part of a run: the file and what it imports from beside it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.errors import FilesError, UsageError
from sim.runs.design import Design
from sim.runs.folder import open_results, resume, run_into
from sim.runs.reproducing import reproduce
from sim.scenario.load import load
from sim.scenario.rule_code import RuleError, RuleFile

RULE = """
import math
from typing import ClassVar
{imports}
OWN = 0.25


def step_of(world):
    world.persons.trust[:] = {value}


class Trusting(sim.Mechanism):
    phase: ClassVar = "share"
    place: ClassVar = "after word_of_mouth"
    writes: ClassVar = ("persons.trust",)

    def step(self, world):
        step_of(world)
"""
SCENARIO = "title: Mine\nextends: pyramid\npersons: 200\nweeks: 2\nrules: {files: [FILE]}\n"

KINDS = {
    "a module": ("import helper", "helper.SHARE", {"helper.py": "SHARE = 0.25\n"}),
    "a name of a module": ("from helper import SHARE as S", "S", {"helper.py": "SHARE = 0.25\n"}),
    "another file's import": ("import helper", "helper.SHARE", {
        "helper.py": "from constants import SHARE\n", "constants.py": "SHARE = 0.25\n"}),
    "a package": ("import tools.numbers", "tools.numbers.SHARE", {
        "tools/__init__.py": "", "tools/numbers.py": "SHARE = 0.25\n"}),
    "a module of a package": ("from tools import numbers", "numbers.SHARE", {
        "tools/__init__.py": "", "tools/numbers.py": "from .deep import SHARE\n",
        "tools/deep.py": "SHARE = 0.25\n"}),
    "a folder without __init__": ("from tools.numbers import SHARE", "SHARE", {
        "tools/numbers.py": "SHARE = 0.25\n"}),
    "an import in a function": ("", "__import__('math').floor(helper().SHARE * 4) / 4", {
        "helper.py": "SHARE = 0.25\n"}),
    "a relative import": ("from .helper import SHARE", "SHARE", {"helper.py": "SHARE = 0.25\n"}),
    "two files that know each other": ("import helper", "helper.share()", {
        "helper.py": "import other\n\ndef share():\n    return other.SHARE\n",
        "other.py": "import helper\nSHARE = 0.25\n"}),
    "a file named like a library": ("import colorsys", "colorsys.SHARE", {
        "colorsys.py": "SHARE = 0.25\n"}),
}


def written(folder: Path, kind: str) -> Path:
    imports, value, beside = KINDS[kind]
    folder.mkdir(parents=True)
    for name, text in beside.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    text = RULE.format(imports=f"import sim\n{imports}", value=value)
    if kind == "an import in a function":
        text += "\n\ndef helper():\n    import helper\n    return helper\n"
    (folder / "mine.py").write_text(text)
    (folder / "mine.yaml").write_text(SCENARIO.replace("FILE", "mine.py"))
    return folder / "mine.yaml"


def trust(scenario: Any) -> float:
    model = sim.MicroCommerce(scenario, rng=1)
    model.step()
    return round(float(model.world.persons.trust[0]), 2)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_imported_from_beside_runs_is_kept_and_counts(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path / "mine", kind)
    first = load(path, allow_code=True)
    assert trust(first) == 0.25
    made = run_into(first, [1, 2], tmp_path / "r", workers=2)
    assert made.complete, made.failed
    kept = {place.read_text() for place in (tmp_path / "r/scenarios/rules").rglob("*.py")}
    assert kept == {place.read_text() for place in (tmp_path / "mine").rglob("*.py")}
    assert reproduce(tmp_path / "r", allow_code=True, workers=1).same == 2
    for name in KINDS[kind][2]:
        file = tmp_path / "mine" / name
        before = file.read_text()
        file.write_text(before.replace("0.25", "0.75") + "\n")
        again = load(path, allow_code=True)
        assert Design.of(again).digests != Design.of(first).digests, name
        with pytest.raises(FilesError, match="holds other runs"):
            run_into(again, [1, 2], tmp_path / "r", workers=1)
        if "0.25" in before:
            assert trust(again) == 0.75
            assert trust(first) == 0.25, "two versions live side by side"
        file.write_text(before)
    assert run_into(load(path, allow_code=True), [1, 2], tmp_path / "r").lived == 0
    assert resume(tmp_path / "r", allow_code=True).lived == 0
    assert open_results(tmp_path / "r").damage() == []


def test_a_constant_above_the_class_counts(tmp_path: Path) -> None:
    path = written(tmp_path / "mine", "a module")
    first = Design.of(load(path, allow_code=True))
    code = tmp_path / "mine" / "mine.py"
    code.write_text(code.read_text().replace("OWN = 0.25", "OWN = 0.26"))
    assert Design.of(load(path, allow_code=True)).digests != first.digests


def test_a_module_of_a_package_brings_its_package(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "__init__.py").write_text("LOUD = 2\n")
    (pack / "helper.py").write_text("SHARE = 0.25\n")
    (pack / "mine.py").write_text(RULE.format(
        imports="import sim\nfrom . import LOUD\nfrom pack.helper import SHARE as S", value="S"))
    (tmp_path / "mine.yaml").write_text(SCENARIO.replace("FILE", "pack/mine.py"))
    file = RuleFile.read(pack / "mine.py")
    assert [place for place, _text in file.beside] == ["pack/__init__.py", "pack/helper.py"]
    scenario = load(tmp_path / "mine.yaml", allow_code=True)
    assert trust(scenario) == 0.25
    run_into(scenario, 1, tmp_path / "r", workers=1)
    assert reproduce(tmp_path / "r", allow_code=True, workers=1).same == 1


def test_what_lies_beside_and_is_not_imported_does_not_count(tmp_path: Path) -> None:
    path = written(tmp_path / "mine", "a module")
    first = Design.of(load(path, allow_code=True))
    (tmp_path / "mine" / "unused.py").write_text("x = 1\n")
    assert Design.of(load(path, allow_code=True)).digests == first.digests
    assert not any(name in sys.modules for name in ("helper", "tools", "unused"))


def test_a_mistake_beside_is_told_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path / "mine", "a module")
    (tmp_path / "mine" / "helper.py").write_text("SHARE = 1 / 0\n")
    with pytest.raises(RuleError, match=r"helper\.py:1: ZeroDivisionError"):
        load(path, allow_code=True)
    (tmp_path / "mine" / "helper.py").write_text("SHARE = 0.25\n")
    assert trust(load(path, allow_code=True)) == 0.25


def test_a_damaged_helper_of_a_folder_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "mine", "a module")
    run_into(load(path, allow_code=True), 1, tmp_path / "r", workers=1)
    [kept] = (tmp_path / "r/scenarios/rules").rglob("helper.py")
    for harm in ("SHARE = 0.5\n", None):
        kept.unlink() if harm is None else kept.write_text(harm)
        assert any("helper.py" in said for said in open_results(tmp_path / "r").damage())
        with pytest.raises(FilesError, match="not the code that made these results"):
            resume(tmp_path / "r", allow_code=True)


def composed(path: Path, name: str) -> Any:
    """Return a scenario with the rule of a file that Python code imported."""
    sys.modules.pop(name, None)
    sys.path.insert(0, str(path.parent))
    try:
        module = __import__(name)
    finally:
        sys.path.remove(str(path.parent))
    scenario = sim.load("pyramid", {"persons": 200, "weeks": 2})
    return scenario.with_rules(scenario.composition().inserting(module.Trusting(), after="word_of_mouth"))


@pytest.mark.parametrize("file", ["own_rules.py", "own_helper.py"])
def test_a_rule_that_python_composed_counts_with_its_file(file: str, tmp_path: Path) -> None:
    (tmp_path / "own_helper.py").write_text("SHARE = 0.25\n")
    path = tmp_path / "own_rules.py"
    path.write_text(RULE.format(imports="import sim\nimport own_helper", value="own_helper.SHARE"))
    first = Design.of(composed(path, "own_rules")).digests
    assert Design.of(composed(path, "own_rules")).digests == first
    (tmp_path / file).write_text((tmp_path / file).read_text().replace("0.25", "0.5"))
    assert Design.of(composed(path, "own_rules")).digests != first


def typed(share: float) -> Any:
    """Return a rule as a notebook makes it: without a file."""
    scope: dict[str, Any] = {"__name__": "nowhere", "sim": sim, "TYPED": share}
    exec(compile(RULE.format(imports="", value="TYPED"), "<typed>", "exec", dont_inherit=True), scope)
    return scope["Trusting"]


def test_a_rule_without_a_file_counts_with_what_it_names() -> None:
    def digests(share: float) -> Any:
        scenario = sim.load("pyramid", {"persons": 200, "weeks": 2})
        return Design.of(scenario.with_rules(
            scenario.composition().inserting(typed(share), after="word_of_mouth"))).digests

    assert digests(0.25) == digests(0.25) != digests(0.5)


def test_rules_of_a_package_count_with_their_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack, about = tmp_path / "lib" / "offering", tmp_path / "lib" / "offering-1.0.dist-info"
    pack.mkdir(parents=True)
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: offering\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[weishang.rules]\noffering = offering.rules\n")
    (pack / "__init__.py").write_text("")
    (pack / "numbers.py").write_text("SHARE = 0.25\n")
    (pack / "rules.py").write_text(RULE.format(
        imports="import sim\nfrom offering.numbers import SHARE as S", value="S"))
    monkeypatch.syspath_prepend(str(tmp_path / "lib"))
    (tmp_path / "mine.yaml").write_text(SCENARIO.replace(
        "{files: [FILE]}", "{packages: [offering]}"))
    scenario = load(tmp_path / "mine.yaml")
    run_into(scenario, 1, tmp_path / "r", workers=1)
    assert resume(tmp_path / "r", allow_code=True).lived == 0
    first = Design.of(scenario).digests
    (pack / "numbers.py").write_text("SHARE = 0.5\n")
    assert Design.of(load(tmp_path / "mine.yaml")).digests != first
    with pytest.raises(UsageError, match=r"'offering' of version 1\.0\+"):
        resume(tmp_path / "r", allow_code=True)

"""Custom rules from files: the worked example, and errors that name rule and remedy."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from sim.errors import FilesError, ScenarioError, UsageError
from sim.runs.design import Design
from sim.runs.folder import default_folder, open_results, run_into
from sim.runs.reproducing import reproduce
from sim.runs.run import run
from sim.scenario.load import load
from sim.studies.plans import Plan, varied

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "coupons.yaml"
HEAD = "from typing import ClassVar\nimport sim\n"


def test_the_worked_example_sells_more() -> None:
    with_coupons = load(EXAMPLE, {"coupons.push": 8.0}, allow_code=True)
    without = load(EXAMPLE, {"coupons.share": 0.0}, allow_code=True)
    assert "coupons" in [rule.name() for rule in with_coupons.plan()]
    sold = [run(scenario, 1).weekly["purchases_seller"].sum() + run(scenario, 1).weekly[
        "lost_sales"].sum() for scenario in (with_coupons, without)]
    assert sold[0] > sold[1]


def test_a_share_of_nothing_changes_nothing() -> None:
    idle = run(load(EXAMPLE, {"coupons.share": 0.0}, allow_code=True), 1).weekly
    plain = run(load("pyramid", {"persons": 2000, "weeks": 20,
                                 "title": "Pyramid with coupons"}), 1).weekly
    assert idle.equals(plain)


def test_it_travels_to_other_processes() -> None:
    scenario = load(EXAMPLE, allow_code=True)
    again = pickle.loads(pickle.dumps(scenario))
    assert again.composition().names == scenario.composition().names
    assert again.coupons.share == 0.2


def test_its_settings_are_checked_like_any_other() -> None:
    with pytest.raises(ScenarioError, match=r"did you mean 'coupons\.share'"):
        load(EXAMPLE, {"coupons.shar": 1}, allow_code=True)
    with pytest.raises(ScenarioError, match="from 0 to 1"):
        load(EXAMPLE, {"coupons.share": 3}, allow_code=True)


def test_code_needs_leave() -> None:
    with pytest.raises(ScenarioError, match="--allow-code"):
        load(EXAMPLE)


@pytest.mark.parametrize(("code", "message"), [
    ("x = 1\n", "no rule in it"),
    ("x = = 1\n", r"rule\.py:1: SyntaxError"),
    ("\nboom()\n", r"rule\.py:2: NameError"),
    (HEAD + "class Mine(sim.Mechanism):\n    phase: ClassVar = 'sell'\n"
            "    place: ClassVar = 'after selling'\n", "rule Mine has no step"),
    (HEAD + "class Mine(sim.Mechanism):\n    phase: ClassVar = 'sell'\n"
            "    def step(self, world): pass\n", "rule Mine does not say where it belongs"),
    (HEAD + "class Mine(sim.Mechanism):\n    phase: ClassVar = 'sell'\n"
            "    place: ClassVar = 'after seling'\n    def step(self, world): pass\n",
     "did you mean 'selling'"),
    (HEAD + "class Mine(sim.Mechanism):\n    phase: ClassVar = 'sales'\n"
            "    place: ClassVar = 'after selling'\n    def step(self, world): pass\n",
     "phase 'sales'"),
    ("def compose(regime): return None\n", "must return the changed regime"),
    ("def compose(regime): return regime.without('nothing')\n", "compose"),
])
def test_errors_name_the_rule_and_the_remedy(code: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "rule.py").write_text(code)
    path = tmp_path / "mine.yaml"
    path.write_text("rules: {files: [rule.py]}\n")
    with pytest.raises(ScenarioError, match=message):
        load(path, allow_code=True)


def test_code_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "rule.py").write_text("x = 1\n")
    (inner / "mine.yaml").write_text("rules: {files: [../rule.py]}\n")
    with pytest.raises(ScenarioError, match="leads out of the folder of the project"):
        load(inner / "mine.yaml", allow_code=True)


# -- commands and folders -----------------------------------------------------------------------

SMALL = {"persons": 300, "weeks": 4}


def test_a_folder_keeps_the_code_and_asks_before_it_runs_again(tmp_path: Path) -> None:
    made = run_into(load(EXAMPLE, SMALL, allow_code=True), [1, 2], tmp_path / "r", workers=1)
    assert made.result().scenario.coupons.share == 0.2
    [kept] = (tmp_path / "r" / "scenarios" / "rules").rglob("coupons.py")
    assert kept.read_text() == EXAMPLE.with_name("coupons.py").read_text()
    closed = open_results(tmp_path / "r")
    assert closed.custom_rules
    assert len(closed.weekly) == 2 * 4
    assert "coupons" in closed.result().scenario.order()
    with pytest.raises(UsageError, match=r"coupons\.py.*allow_code=True"):
        run(closed.result().scenario, 1)
    with pytest.raises(UsageError, match="allow_code"):
        reproduce(tmp_path / "r")
    assert reproduce(tmp_path / "r", allow_code=True, workers=1).same == 2
    again = load(tmp_path / "r" / "scenarios" / "pyramid-with-coupons.yaml", allow_code=True)
    assert again.plan() == load(EXAMPLE, SMALL, allow_code=True).plan()
    kept.write_text(kept.read_text() + "\n# changed\n")
    with pytest.raises(FilesError, match="not the code that made these results"):
        open_results(tmp_path / "r", allow_code=True)


def test_a_rule_that_was_edited_is_read_again(tmp_path: Path) -> None:
    for name in ("coupons.py", "coupons.yaml"):
        (tmp_path / name).write_text(EXAMPLE.with_name(name).read_text())
    first = load(tmp_path / "coupons.yaml", SMALL, allow_code=True)
    code = (tmp_path / "coupons.py").read_text()
    (tmp_path / "coupons.py").write_text(code.replace('"share", 0, 1,', '"share", 0, 0.5,'))
    with pytest.raises(ScenarioError, match=r"from 0 to 0\.5"):
        load(tmp_path / "coupons.yaml", {"coupons.share": 0.9}, allow_code=True)
    assert first.changed({"coupons.share": 0.9}).coupons.share == 0.9
    assert default_folder(Design.of(first)) != default_folder(
        Design.of(load(tmp_path / "coupons.yaml", SMALL, allow_code=True)))


def test_its_parameters_are_swept(tmp_path: Path) -> None:
    factors = varied(str(EXAMPLE), ["coupons.share=0%:50%:2"], allow_code=True)
    design = Plan((load(EXAMPLE, SMALL, allow_code=True),), ("c",), factors).design()
    assert [design.scenario(point).coupons.share for point in range(2)] == [0.0, 0.5]
    made = run_into(design, out=tmp_path / "s", workers=1)
    assert set(made.weekly["coupons.share"]) == {0.0, 0.5}
    assert reproduce(tmp_path / "s", allow_code=True, workers=1).same == 2
    assert set(open_results(tmp_path / "s").weekly["coupons.share"]) == {0.0, 0.5}


def test_an_event_reaches_its_parameters() -> None:
    scenario = load(EXAMPLE, {**SMALL, "events": [{"week": 2, "set": {"coupons.share": "50%"}}]},
                    allow_code=True)
    assert [scenario.at(week).rule("coupons").share for week in (1, 2)] == [0.2, 0.5]

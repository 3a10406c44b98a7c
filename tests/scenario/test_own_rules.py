"""Rules of one's own from files: the worked example, and errors that name rule and remedy."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.runs.run import run
from sim.scenario.load import load

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
    with pytest.raises(ScenarioError, match="leads out of the folder"):
        load(inner / "mine.yaml", allow_code=True)

"""Study files: every mistake at its line, and told from scenarios."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.studies.study_file import is_study, read_plan


def problems(folder: Path, text: str) -> list[str]:
    path = folder / "study.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_plan(path)
    return [text.splitlines()[0].replace(f"{folder}/", "") for text in caught.value.problems]


def test_every_mistake_is_told_at_its_line(tmp_path: Path) -> None:
    found = problems(tmp_path, """scenario: pyramid
levers:
  controls.stock_presure: [0, 0.4]
  offer.list_price: {from: 300 CNY, to: 100 CNY}
uncertainties: {offer.quality: [0, 3]}
seeds: many
samplng: lhs
measures: [cumulative(sell_trough)]
""")
    assert [text.split(": ")[0] for text in found] == [
        "study.yaml:3:3", "study.yaml:4:3", "study.yaml:5:17", "study.yaml:6:8", "study.yaml:7:1",
        "study.yaml:8:12"]
    assert "did you mean 'controls.stock_pressure'?" in found[0]
    assert "'from' must be below 'to'" in found[1]


def test_a_bad_cell_of_a_table_is_blamed_on_the_table(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text(
        "offer.list_price,controls.feedback\n100,0.5\n200,1.5\n", encoding="utf-8")
    [found] = problems(tmp_path, "scenario: pyramid\nsampling: table\ntable: points.csv\n")
    assert found.startswith("points.csv:3:5: controls.feedback: found 1.5")


def test_a_study_is_told_from_a_scenario(tmp_path: Path) -> None:
    study, plan = tmp_path / "study.yaml", tmp_path / "plan.yaml"
    study.write_text("scenario: pyramid\nlevers: {offer.quality: [0.1, 0.9]}\n", encoding="utf-8")
    plan.write_text("extends: pyramid\n", encoding="utf-8")
    assert is_study(study)
    assert not is_study(plan)
    assert not is_study("pyramid")


def test_events_are_varied_by_their_id(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text("scenario: transition\nlevers:\n  转型.week: [20, 80]\n"
                    "  转型.set.reseller_conversion.buy_back: [0, 30%]\n", encoding="utf-8")
    design = read_plan(path).design()
    later = design.scenario(3)
    assert [event.week for event in later.events] == [80, 80], "what is tied moves along"
    assert later.events[0].set["reseller_conversion.buy_back"] == 0.3

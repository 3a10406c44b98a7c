"""What is told of a sensitivity and before a pilot."""

from __future__ import annotations

import pandas as pd
import pytest

from sim.cli.app import outcome
from sim.errors import FailedError
from sim.studies.gaps import refuse_all_failed
from sim.studies.measures import measure
from sim.studies.sensitivity import Sensitivity
from sim.texts import speaking


@pytest.mark.parametrize(("change", "en", "zh"), [
    (11.5, "raising it over its range adds 12 units on average", "从下限调到上限，平均增加 12 件"),
    (-11.5, "raising it over its range takes away 12 units on average", "从下限调到上限，平均减少 12 件"),
    (3.0, "moves it by 12 units on average over its range, up here and down there", "有升有降"),
])
def test_a_setting_is_told_with_its_direction(change: float, en: str, zh: str) -> None:
    table = pd.DataFrame({"setting": ["a"], "mean_effect": [12.0], "mean_effect_half_width": [1.0],
                          "spread": [2.0], "mean_change": [change]})
    found = Sensitivity(measure("sell_through"), "morris", table, 0.1, 9)
    with speaking("en"):
        assert en in found.verdicts()[1]
    with speaking("zh"):
        assert zh in found.verdicts()[1]


def test_a_pilot_without_room_for_the_resellers_says_how_many_persons(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from pathlib import Path

    monkeypatch.chdir(str(tmp_path))
    Path("today.yaml").write_text("""
extends: pyramid
persons: 30000
tiers: [{name: shop, price: 90, first_order: 20}]
start: {left: 0, tiers: [{name: shop, resellers: 2600, inventory: 40000}]}
""")
    assert outcome(["pilot", "today.yaml", "today.yaml", "--worlds", "4", "--dry-run"]) == 2
    assert "has no room for the 2,600 resellers with whom the plan starts; write --pilot-persons 6000" in \
        capsys.readouterr().err
    assert outcome(["pilot", "today.yaml", "today.yaml", "--worlds", "4", "--dry-run",
                    "--pilot-persons", "6000"]) == 0


def test_the_reason_why_all_runs_failed_bears_no_name_of_ours() -> None:
    with pytest.raises(FailedError) as failed:
        refuse_all_failed(["UsageError: start: too many"] * 3, 0)
    assert "UsageError" not in str(failed.value)
    assert "start: too many" in str(failed.value)

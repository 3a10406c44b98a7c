"""What a scenario says that its reader may not see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.errors import ScenarioError
from sim.scenario.load import load
from sim.scenario.notices import notices, set_again


def read(folder: Path, text: str, **overrides: Any) -> Any:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, overrides)


def test_the_shipped_pyramid_needs_no_notice() -> None:
    assert notices(load("pyramid")) == []


def test_a_quota_that_is_not_given_follows_the_first_order(tmp_path: Path) -> None:
    plan = read(tmp_path, """
extends: pyramid
tiers:
  - {name: 总代, price: 60, first_order: 2000}
  - {name: 特约, price: 110, first_order: 20}
  - {name: 个人, price: 130, first_order: 3}
""")
    assert [tier.quota for tier in plan.tiers] == [140, 10, 3]
    [told] = notices(plan)
    assert "(总代 140, 特约 10, 个人 3)" in told
    [told] = notices(plan.changed({"tiers.0.quota": 0, "tiers.1.quota": 1, "tiers.2.quota": 1}))
    assert told.startswith("tiers.0.quota: 0 for '总代'")
    assert notices(plan.changed({"controls.stock_pressure": 0})) == []


def test_few_founders_are_said_and_a_number_is_taken(tmp_path: Path) -> None:
    [told] = notices(load("pyramid", {"persons": 3000}))
    assert told.startswith("recruiting.founders: 2 of 3,000 persons (0.08%); with so few")
    plan = read(tmp_path, "extends: pyramid\npersons: 5000\nrecruiting: {founders: 20 人}\n")
    assert plan.recruiting.founders * plan.persons == pytest.approx(20)
    assert plan.changed({"persons": 8000}).recruiting.founders * 8000 == pytest.approx(20)
    assert notices(plan) == []
    with pytest.raises(ScenarioError, match="allowed"):
        read(tmp_path, "extends: pyramid\nrecruiting: {founders: 2 周}\n")


def test_an_event_after_the_end_of_a_shorter_run_is_said() -> None:
    plan = load("transition", {"weeks": "40"}, texts=True)
    assert plan.weeks == 40
    assert [told.split(" begins")[0] for told in notices(plan)[:2]] == [
        "event '转型'", "event '开放'"]


def test_a_setting_that_an_event_sets_again_is_said() -> None:
    plan = load("transition")
    [told] = set_again(plan, ["controls.stock_pressure", "offer.quality"])
    assert told.startswith("controls.stock_pressure holds only in weeks 1 to 51")
    assert told.endswith("开放.set.controls.stock_pressure")
    assert set_again(plan, ["转型.week"]) == []


def test_what_a_child_leaves_out_is_said(tmp_path: Path) -> None:
    plan = read(tmp_path, "extends: transition\nevents: {drop: 转型, add: ["
                          "{id: 转型, week: 9, set: {regime: prosumer}}]}\n")
    assert not [told for told in notices(plan) if "leaves out" in told], "it is there again"
    plan = read(tmp_path, "extends: crackdown\nevents: null\n")
    assert "leaves out what its parent has: events: " in notices(plan)[0]

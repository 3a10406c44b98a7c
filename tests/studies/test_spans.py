"""Studies that look at the first weeks of a plan."""

from __future__ import annotations

import pytest

from sim.errors import ScenarioError
from sim.scenario.load import load
from sim.studies.spans import over


def test_checks_of_later_weeks_go_and_others_stay() -> None:
    plan = load("pyramid", {"persons": 300, "weeks": 40}).changed({
        "expect": ["sell_in > 0 at week 3", "joins >= 0 at week 30", "trust_mean > 0 at end"]})
    with pytest.raises(ScenarioError, match="a week outside the run"):
        plan.changed({"weeks": 16})
    short = over(plan, 16, persons=200)
    assert (short.weeks, short.persons) == (16, 200)
    assert [str(check) for check in short.expect] == ["sell_in > 0 at week 3", "trust_mean > 0 at end"]
    assert over(plan, 40).expect == plan.expect

"""One row an effect, each with a measure that separates it from its neighbours."""

from __future__ import annotations

import pytest

from sim.market.outputs import weekly_outputs
from sim.mechanisms.effects import EFFECTS
from sim.scenario.expect import Figure
from sim.scenario.load import load
from sim.studies.ablation import CASES, SMALL, Case, ablate, switches


def test_every_effect_has_a_row() -> None:
    assert {case.id for case in CASES} == set(EFFECTS) == set(switches())


def test_no_two_rows_can_have_the_same_number() -> None:
    """Two effects are measured alike only in other scenarios, or with other settings."""
    off = switches()
    asked = [(case.base, case.measure, repr(sorted(off[case.id].items()))) for case in CASES]
    assert len(set(asked)) == len(CASES)
    assert len({case.id for case in CASES if case.measure == "quality_true at end"}) == 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.id} {case.scenario}")
def test_a_row_can_be_measured(case: Case) -> None:
    columns = {column.name: column.unit for column in weekly_outputs()}
    Figure.parse(case.measure, columns)
    load(case.scenario, case.settings).changed(switches()[case.id])


def test_a_change_is_told_as_a_share_of_its_measure() -> None:
    found = ablate(["A11", "A10"], seeds=4, first_seed=11, persons=600, workers=1)
    assert found["id"].tolist() == ["A10", "A10", "A11"]
    assert found["scenario"].nunique() == 3
    last = found.iloc[-1]
    assert last["without"] == 0.0
    assert last["share"] == 1.0
    assert (found["small"] == (found["share"] < SMALL)).all()

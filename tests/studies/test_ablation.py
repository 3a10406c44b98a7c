"""One row per effect, each with a measure that separates it from its neighbours."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim.market.outputs import weekly_outputs
from sim.mechanisms.effects import EFFECTS
from sim.runs.worlds import Worlds
from sim.scenario.expect import Figure
from sim.scenario.load import load
from sim.studies import ablation
from sim.studies.ablation import CASES, PAIRS, SMALL, Case, PairCase, ablate, switches


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
    found = ablate(["A11", "A10"], seeds=2, first_seed=11, persons=600, workers=1)
    assert found["id"].tolist() == ["A10", "A10", "A11"]
    assert found["scenario"].nunique() == 3
    last = found.iloc[-1]
    assert last["without"] == 0.0
    assert last["share"] == 1.0
    assert (found["small"] == (found["share"] < SMALL)).all()


def test_over_worlds_each_pair_shares_its_world() -> None:
    worlds = Worlds(("people.category_share",), ((0.0,), (0.2,)), "by hand")
    found = ablate(["B5"], seeds=2, first_seed=0, persons=600, worlds=worlds, workers=1).iloc[0]
    # Where nobody has money, nothing changes when sellers fall silent: the expected sign is not there.
    assert found["holding"] == 0.5
    assert found["without"] == 0.0


def test_pairs_are_effects_and_can_be_measured() -> None:
    columns = {column.name: column.unit for column in weekly_outputs()}
    off = switches()
    for pair in PAIRS:
        Figure.parse(pair.measure, columns)
        assert pair.first != pair.second
        load(pair.scenario, pair.settings).changed({**off[pair.first], **off[pair.second]})


def test_together_is_what_both_change_beyond_the_sum_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recomputed by hand from runs of the four markets."""
    case = PairCase("B5", "A17", "asks and talk", "prosumer", "sum(sell_through)", {"weeks": 30})
    monkeypatch.setattr(ablation, "PAIRS", (case,))
    row = ablation.ablate_pairs(seeds=4, first_seed=3, persons=600, workers=1).iloc[0]
    off = switches()
    base = load("prosumer", {"weeks": 30, "persons": 600})
    sold = {name: np.array([float(sim.run(base.changed(settings), seed=seed).weekly["sell_through"].sum())
                            for seed in range(3, 7)])
            for name, settings in (("both", {}), ("first", off["B5"]), ("second", off["A17"]),
                                   ("none", {**off["B5"], **off["A17"]}))}
    together = sold["none"] - sold["first"] - sold["second"] + sold["both"]
    assert row["together"] == pytest.approx(together.mean())
    assert row["without_first"] == pytest.approx((sold["first"] - sold["both"]).mean())
    assert row["without_both"] == pytest.approx((sold["none"] - sold["both"]).mean())
    assert row["with"] == pytest.approx(sold["both"].mean())

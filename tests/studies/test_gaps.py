"""Numbers that are not there: each study says where, and nothing is concluded from nothing."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from sim.errors import FailedError
from sim.studies.compare import compare
from sim.studies.gaps import refuse_all_failed, told_gaps
from sim.studies.optimise import optimise
from sim.studies.pilot import pilot
from sim.studies.plans import Factor, Plan
from sim.studies.searching import Lab
from sim.studies.sensitivity import sensitivity
from sim.studies.sweep import sweep
from sim.studies.tipping import tipping
from tests.runs.worlds import Failing, small, with_rule

NEVER = "first week loss_share > 100%"
PRICE = Factor("offer.list_price", (), 100.0, 90_000.0)


def scenario(**settings: Any) -> Any:
    """Return a market of which some points sell nothing at all."""
    return small(persons=200, weeks=12, **settings)


def test_a_search_names_the_points_without_a_number() -> None:
    founders = Factor("recruiting.founders", (), 0.0, 0.008)
    found = optimise(scenario(), [founders], "mean(loss_share)", budget=8, seeds=range(2), workers=1)
    assert found.searched["mean(loss_share)"].isna().any()
    assert any("no number at" in sentence and "recruiting.founders=0" in sentence
               for sentence in found.verdicts()), found.verdicts()
    assert "nan" not in " ".join(found.verdicts())


def test_a_search_without_any_number_fails() -> None:
    with pytest.raises(FailedError, match="no point has a number"):
        optimise(scenario(), [PRICE], NEVER, budget=4, seeds=range(2), workers=1)


def test_sensitivity_names_the_points() -> None:
    with pytest.raises(FailedError, match=r"no number at \d of \d points \(offer\.list_price="):
        sensitivity(scenario(), [PRICE], NEVER, samples=2, seeds=range(2), workers=1)


def test_a_sweep_names_the_points() -> None:
    plan = Plan((scenario(),), ("small",), (Factor("recruiting.founders", (0.0, 0.02)),), (0, 1))
    found = sweep(plan, measures=["mean(loss_share)"], workers=1).verdicts()
    assert "no number at 1 of 2 points (recruiting.founders=0%)" in found[0]


def test_tipping_counts_no_number_as_neither() -> None:
    founders = Factor("recruiting.founders", (), 0.0, 0.008)
    found = tipping(scenario(), [founders], "mean(loss_share) < 2", seeds=range(2), workers=1)
    assert 0 not in set(found.table["value"])
    assert (found.table["share"] == 1).all()
    assert any("recruiting.founders=0" in sentence for sentence in found.verdicts())
    with pytest.raises(FailedError, match="no number at 5 of 5 points"):
        tipping(scenario(recruiting={"founders": 0}), [PRICE], "mean(loss_share) > 1",
                seeds=range(2), workers=1)


def test_a_pilot_leaves_worlds_without_a_number_out() -> None:
    plans = [scenario(title="A"), scenario(title="B", offer={"quality": 0.9})]
    quality = Factor("people.credulity", (), 0.2, 0.8)
    with pytest.raises(FailedError, match="no world has a number"):
        pilot(plans, [quality], NEVER, persons=100, weeks=6, worlds=2, workers=1)
    found = pilot(plans, [quality], "cumulative(sell_in)", pilot_of="mean(loss_share)", persons=100,
                  weeks=6, worlds=2, workers=1)
    assert len(found.table) == 2
    assert math.isfinite(found.worth.mean)


def test_a_run_that_fails_is_a_gap_not_the_end() -> None:
    with Lab(with_rule(Failing(seed=1)), [], (0, 1), [], workers=1) as lab:
        assert lab.live([()]).done == [0]
        assert "1 runs failed" in lab.gaps()[0]
        assert "planted failure" in lab.gaps()[0]


@pytest.mark.parametrize("out", [True, False])
def test_when_everything_fails_the_cause_is_one_sentence(tmp_path: Path, out: bool) -> None:
    broken = with_rule(Failing(seed=1), weeks=3)
    folder = tmp_path / "r" if out else None
    cause = r"^every run failed \(2\): ValueError: planted failure .*"
    with pytest.raises(FailedError, match=cause):
        compare(broken, broken, seeds=[1], out=folder, workers=1)
    plan = Plan((broken,), ("broken",), (Factor("offer.quality", (0.2, 0.4)),), (1,))
    with pytest.raises(FailedError, match=cause):
        sweep(plan, out=tmp_path / "s" if out else None, workers=1)
    with pytest.raises(FailedError, match="planted failure"):
        optimise(broken, [Factor("offer.quality", (), 0.2, 0.4)], "sell_in at end", seeds=[1],
                 budget=4, workers=1)


def test_nothing_compared_is_not_identical() -> None:
    found = compare(scenario(), scenario(), seeds=2, measures=[NEVER], workers=1)
    assert found.verdicts() == [f"{NEVER}: no pair of runs has this number on both sides."]


def test_the_most_common_cause_is_told() -> None:
    refuse_all_failed(["a"], 1)
    refuse_all_failed([], 0)
    with pytest.raises(FailedError, match=r"every run failed, 2 of 3 with: b$"):
        refuse_all_failed(["a", "b", "b"], 0)


def test_few_points_are_named() -> None:
    nan = math.nan
    told = told_gaps("M", [("a=1", [nan]), ("a=2", [1.0]), ("a=3", [nan]), ("a=4", [nan]),
                           ("a=5", [nan]), ("a=6", [nan, 2.0])])
    assert told == [
        "M: no number at 4 of 6 points (a=1; a=3; a=4; and 1 more).",
        "M: at 1 of 6 points only some seeds have a number, and the mean is of those (a=6).",
    ]

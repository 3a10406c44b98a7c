"""Searches within conditions: what is found meets them, every number is recomputed from the runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.errors import UsageError
from sim.runs.folder import open_results
from sim.studies.conditions import condition, low_end, paired_tails, worst_tenth
from tests.runs import worlds

OF = "trust_mean at end"
TURN = {"id": "turn", "week": 3, "set": {"offer.list_price": 120.0}}
QUICK: dict[str, Any] = {"seeds": 2, "budget": 8, "workers": 1}


@pytest.fixture(autouse=True)
def _english() -> None:
    sim.texts.use_language("en")


def small(**settings: Any) -> Any:
    return worlds.small(recruiting={"founders": 0.03}, weeks=6, **settings)


def test_the_best_meets_what_has_to_be_met(tmp_path: Path) -> None:
    asked = {"people.trust": (0.3, 0.7)}
    free = sim.optimise(small(), asked, OF, **QUICK)
    found = sim.optimise(small(), asked, OF, satisfy=[f"{OF} <= 45%"], out=tmp_path / "r", **QUICK)
    results = open_results(tmp_path / "r")
    by_hand = {}
    for run in results.done:
        by_hand.setdefault(results.who(run)["people.trust"], []).append(
            results.result_of(run).weekly["trust_mean"].iloc[-1])
    for row in found.searched.to_dict("records"):
        values = by_hand[row["people.trust"]]
        assert row[OF] == pytest.approx(np.mean(values))
        assert row["met"] == np.mean([value <= 0.45 for value in values])
    allowed = {trust: np.mean(values) for trust, values in by_hand.items() if max(values) <= 0.45}
    assert found.settings["people.trust"] == max(allowed, key=lambda trust: allowed[trust])
    assert free.settings["people.trust"] > found.settings["people.trust"]
    assert found.feasible
    told = found.verdicts()
    assert told[0].startswith("Best found that meets the conditions: people.trust=")
    assert found.met is not None
    assert f"The conditions are met in {100 * found.met.mean:.0f}% of 10 fresh seeds" in " ".join(told)
    assert "met" not in free.searched
    assert found.best[OF] == pytest.approx(allowed[found.settings["people.trust"]])


def test_where_nothing_meets_it_the_nearest_is_said() -> None:
    found = sim.optimise(small(), {"people.trust": (0.3, 0.7)}, OF, satisfy=[f"{OF} < 10%"], **QUICK)
    assert not found.feasible
    nearest = found.searched.loc[found.searched[OF].idxmin(), "people.trust"]
    assert found.settings["people.trust"] == nearest
    assert found.verdicts()[0].startswith("No point tried meets the conditions in 90% of the seeds; nearest")
    assert "The conditions are met in 0% of 10 fresh seeds" in " ".join(found.verdicts())


def test_a_scenario_that_misses_the_conditions_is_no_candidate() -> None:
    found = sim.optimise(small(people={"trust": 0.65}), {"people.trust": (0.3, 0.7)}, OF,
                         satisfy=[f"{OF} <= 45%"], **QUICK)
    assert found.met_before is not None
    assert found.met_before.mean == 0.0
    assert found.against.difference.direction < 0
    assert found.verdicts()[0].startswith("Best found that meets the conditions")
    assert "Nothing better" not in " ".join(found.verdicts())


def test_settings_of_events_are_levers_together_with_others(tmp_path: Path) -> None:
    found = sim.optimise(
        small(events=[TURN]), {"turn.week": (2, 5), "turn.set.offer.list_price": (80.0, 390.0)},
        "cumulative(revenue_brand)", out=tmp_path / "r", **QUICK)
    assert set(found.settings) == {"turn.week", "turn.set.offer.list_price"}
    weeks = set(found.searched["turn.week"])
    assert weeks <= {2, 3, 4, 5}
    assert len(weeks) > 1
    results = open_results(tmp_path / "r")
    assert results.complete
    best = found.searched["cumulative(revenue_brand)"].idxmax()
    held = [results.result_of(run).weekly for run in results.done if all(
        results.who(run)[key] == found.searched[key][best] for key in found.settings)]
    assert found.best["cumulative(revenue_brand)"] == pytest.approx(
        np.mean([weekly["revenue_brand"].sum() for weekly in held]))
    for weekly in held:
        changed = weekly.loc[weekly["price_list"].diff() != 0, "week"].iloc[-1]
        assert changed == found.settings["turn.week"]


def test_the_worst_tenth_may_be_made_best(tmp_path: Path) -> None:
    found = sim.optimise(small(), {"people.trust": (0.3, 0.7)}, OF, worst=True, out=tmp_path / "r", **QUICK)
    results = open_results(tmp_path / "r")
    row = found.best
    values = [results.result_of(run).weekly["trust_mean"].iloc[-1] for run in results.done
              if results.who(run)["people.trust"] == row["people.trust"]]
    assert row[OF] == min(values) < max(values)
    fresh = [sim.run(small(), seed=seed).weekly["trust_mean"].iloc[-1] for seed in range(2, 42)]
    assert found.against.baseline == pytest.approx(np.sort(fresh)[:4].mean())
    assert found.against.pairs == 40
    assert "mean of the worst tenth of the seeds" in found.verdicts()[1]


def test_worlds_are_met_by_the_search(tmp_path: Path) -> None:
    drawn = sim.runs.worlds.Worlds(("people.weekly_need",), ((0.1,), (0.5,)), insist=True)
    sim.optimise(small(), {"people.trust": (0.3, 0.7)}, OF, worlds=drawn, out=tmp_path / "r", **QUICK)
    design = open_results(tmp_path / "r").design
    assert [design.scenario(0, seed).people.weekly_need for seed in (0, 1)] == [0.1, 0.5]


def test_the_worst_tenth_is_the_mean_of_the_worst() -> None:
    values = [*range(30), np.nan]
    assert worst_tenth(values) == 1.0
    assert worst_tenth(values, highest=False) == 28.0
    assert worst_tenth([3.0, 1.0]) == 1.0
    gap = paired_tails(range(40), [value + 2.0 for value in range(40)])
    assert (gap.baseline, gap.other, gap.difference.mean) == (1.5, 3.5, 2.0)
    assert gap.difference.low == gap.difference.high == 2.0
    assert np.isnan(paired_tails([1.0, 2.0], [2.0, 3.0]).difference.low)


def test_how_far_a_run_is_from_a_condition() -> None:
    runs = sim.run_many([small()], seeds=[0], workers=1)
    trust = float(runs.result_of(0).weekly["trust_mean"].iloc[-1])
    assert condition(f"{OF} < 99%").shortfall(runs, 0) == 0.0
    assert condition(f"{OF} < 10%").shortfall(runs, 0) == pytest.approx((trust - 0.1) / trust)
    assert condition(f"{OF} == 10%").shortfall(runs, 0) == 1.0
    share = condition("share(resellers.profit < 100000) <= 20%")
    assert share.shortfall(runs, 0) == pytest.approx(0.8)
    assert not share.holds(runs, 0)


def test_a_share_of_seeds_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="above 0 and at most 1"):
        sim.optimise(small(), {"people.trust": (0.3, 0.7)}, OF, surely=0.0, **QUICK)


def test_a_quantile_may_be_made_best(tmp_path: Path) -> None:
    found = sim.optimise(small(), {"people.trust": (0.3, 0.7)}, OF, worst=0.25, out=tmp_path / "r", **QUICK)
    results = open_results(tmp_path / "r")
    by_hand: dict[float, list[float]] = {}
    for run in results.done:
        by_hand.setdefault(results.who(run)["people.trust"], []).append(
            results.result_of(run).weekly["trust_mean"].iloc[-1])
    for row in found.searched.to_dict("records"):
        assert row[OF] == pytest.approx(np.quantile(by_hand[row["people.trust"]], 0.25))
    assert "worse in 25% of the seeds" in found.verdicts()[1]
    with pytest.raises(UsageError, match="above 0 and below 1"):
        sim.optimise(small(), {"people.trust": (0.3, 0.7)}, OF, worst=1.5, **QUICK)


def test_what_is_bad_depends_on_the_direction() -> None:
    values = list(range(101))
    assert low_end(values, True, 0.1) == 10.0
    assert low_end(values, False, 0.1) == 90.0
    assert low_end(values, True, True) == worst_tenth(values)
    apart = paired_tails(values, [value + 5 for value in values], worst=0.1)
    assert (apart.baseline, apart.other, apart.difference.mean) == (10.0, 15.0, 5.0)

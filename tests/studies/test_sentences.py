"""What studies say is consistent: units, tipping points, nothing called best that is worse, progress."""

from __future__ import annotations

import pandas as pd
import pytest

from sim.runs.statistics import paired
from sim.studies.measures import measure
from sim.studies.optimise import Optimum
from sim.studies.plans import Factor
from sim.studies.searching import Tally
from sim.studies.sensitivity import Sensitivity
from sim.studies.tipping import Tipping
from sim.texts import use_language


@pytest.fixture(autouse=True)
def _english() -> None:
    use_language("en")


def test_a_tipping_point_does_not_contradict_itself() -> None:
    table = pd.DataFrame({
        "value": [0, 0.09375, 0.125, 0.1562, 0.1719, 0.25, 0.5],
        "share": [0.0, 0.1, 0.3, 0.4, 0.6, 0.6, 1.0]})
    found = Tipping("x", "loss_share at end > 70%", table, 0.1562, 0.1719, (0.09375,) * 5, 4, 70)
    (low, few), (high, many) = found.spread()
    assert low <= found.low < found.high <= high
    assert (low, few, high, many) == (0.09375, 0.1, 0.5, 1.0)
    told = " ".join(found.verdicts())
    assert "10% of the seeds at 0.09375 and for 100% at 0.5" in told
    falling = Tipping("x", "c", table.assign(share=1 - table["share"]), 0.1562, 0.1719, (), 0, 70)
    assert falling.spread() == ((0.09375, 0.9), (0.5, 0.0))


@pytest.mark.parametrize(("now", "begins"), [
    ([9.0, 9.5, 9.2], "Best found: a=1."), ([1.0, 1.5, 1.2], "Nothing better than the scenario as"),
    ([5.1, 4.9, 5.0], "The best point tried is a=1, but no gain can be told."),
])
def test_nothing_is_called_best_that_is_worse(now: list[float], begins: str) -> None:
    found = Optimum(measure("cumulative(sell_in)"), True, {"a": 1},
                    paired(pd.Series([5.0, 5.2, 4.9] * 4), pd.Series(now * 4)), pd.DataFrame(), 6)
    first = found.verdicts()[0]
    assert first.startswith(begins)
    assert ("Best found" in first) == (begins.startswith("Best"))


def test_sensitivity_says_money_in_yuan() -> None:
    table = pd.DataFrame({"setting": ["a"], "mean_effect": [1_234_500.0],
                          "mean_effect_half_width": [10.0], "spread": [2_000.0]})
    of = measure("cumulative(profit_brand) / 2")
    first, told, *_more = Sensitivity(of, "morris", table, 0.1, 10).verdicts()
    assert first == "cumulative(profit_brand) / 2: a moves it most."
    assert told == "a: moves it by 12,300 yuan on average over its range (spread 20 yuan)."


@pytest.mark.parametrize("factor", [
    Factor("a", (), 0.0, 10.0), Factor("a", (), 2, 9), Factor("a", (), 1.0, 100.0, True)])
def test_the_search_begins_where_the_scenario_is(factor: Factor) -> None:
    for value in (factor.low, factor.high, 3 if factor.whole else 3.0):
        assert factor.at(factor.share_of(value)) == pytest.approx(value)


def test_progress_of_a_study_in_rounds_ends_once() -> None:
    told: list[float] = []
    tally = Tally(lambda done, planned: told.append(done / planned), 10)
    for size in (4, 3, 8):
        for done in range(1, size + 1):
            tally(done, size)
        tally.round_done(size)
    assert max(told) < 1, "not before nothing is left"
    tally.finish()
    assert told[-1] == 1

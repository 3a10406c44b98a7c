"""What studies say is consistent: units, tipping points, nothing called best that is worse, progress."""

from __future__ import annotations

import math
import re

import pandas as pd
import pytest

from sim.runs.statistics import interval, paired
from sim.studies.measures import measure, said
from sim.studies.optimise import Optimum
from sim.studies.pilot import Pilot
from sim.studies.plans import Factor
from sim.studies.searching import Tally
from sim.studies.sensitivity import Sensitivity
from sim.studies.tipping import Tipping
from sim.texts import speaking, use_language


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


@pytest.mark.parametrize(("before", "now", "words"), [
    ([5.0, 5.2], [9.0, 9.5], "2 of the 4 fresh seeds that an interval needs"),
    ([5.0] * 6, [5.0] * 6, "5.00 units there and in the scenario as it is, on each of 6 fresh seeds"),
])
def test_no_gain_is_told_from_few_seeds_or_none(before: list[float], now: list[float], words: str) -> None:
    found = Optimum(measure("cumulative(sell_in)"), True, {"a": 1}, paired(before, now), pd.DataFrame(), 6)
    told = found.verdicts()
    assert words in told[1].replace(" 5 units", " 5.00 units")
    assert "no gain can be told" in told[0]
    assert "none" not in told[1]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("gaps", [[-90_000.0, -110_000.0] * 6, [90_000.0, 110_000.0] * 6, [0.0] * 12,
                                  [-100_000.0, 101_000.0] * 6])
def test_what_a_pilot_costs_is_said_without_a_sign(gaps: list[float], lang: str) -> None:
    worth = interval(gaps)
    table = pd.DataFrame({"A": 500_000.0, "with_pilot": [500_000.0 + gap for gap in gaps]})
    table["with_knowledge"] = table.max(axis=1)
    with speaking(lang):
        told = Pilot(measure("cumulative(profit_brand)"), table, "A", worth, worth, 0.5).verdicts()[1]
        if worth.direction:
            ends = sorted((abs(worth.low), abs(worth.high)))
            found = re.findall(r"[\d,.]+ (?:yuan|元)", told)
            assert found == [said(one, "fen") for one in (abs(worth.mean), *ends)]
            assert not re.search(r"[-−]\d", told)
            assert (("costs" in told) or ("损失" in told)) == (worth.direction < 0)
        elif worth.low == worth.high:
            assert ("changes nothing" in told) or ("改变不了" in told)
        else:
            assert ("can be told" in told) or ("看不出" in told)


def test_a_condition_that_never_tips_is_not_said_to_hold_between_equal_shares() -> None:
    table = pd.DataFrame({"value": [0.0, 0.5, 1.0], "share": [1.0, 1.0, 1.0]})
    told = Tipping("x", "c", table, math.nan, math.nan, (), 0, 70).verdicts()
    assert told == [
        "'c' does not tip over x from 0 to 1: it holds for 100% of the seeds at every value tried."]
    told = Tipping("x", "c", table.assign(share=[0.6, 0.9, 1.0]), math.nan, math.nan, (), 0, 70).verdicts()
    assert "for 60% to 100% of the seeds" in told[0]


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

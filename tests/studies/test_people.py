"""Measures over the resellers' table: medians, quantiles, and shares by bracket."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from sim.errors import UsageError
from sim.runs.many import run_many
from sim.studies.measures import measure, table_of
from sim.studies.optimise import optimise
from sim.studies.plans import Factor
from tests.runs.worlds import small

TABLE = pd.DataFrame({"profit": [-300, -100, 0, 50_000, 900_000], "recruits": [0, 0, 1, 2, 7]})


@pytest.mark.parametrize(("text", "number", "unit"), [
    ("median(resellers.profit)", 0, "fen"),
    ("quantile(resellers.profit, 75%)", 50_000, "fen"),
    ("quantile( resellers.profit , 0.25 )", -100, "fen"),
    ("share(resellers.profit < 0)", 0.4, "share"),
    ("share(0 < resellers.profit <= 500 CNY)", 0.2, "share"),
    ("share(resellers.profit > 0.5万元)", 0.2, "share"),
    ("mean(resellers.recruits)", 2, "persons"), ("max(resellers.recruits)", 7, "persons"),
])
def test_what_a_person_would_count(text: str, number: float, unit: str) -> None:
    read = measure(text)
    assert read.of(TABLE) == pytest.approx(number)
    assert read.unit == unit
    assert math.isnan(read.of(TABLE.iloc[:0]))


def test_who_left_within_a_year_of_those_who_were_watched_for_one() -> None:
    table = pd.DataFrame({
        "joined_week": [-30, 0, 4, 10, 20, 60, 70],
        "left_week": pd.array([5, 52, 57, 20, pd.NA, 90, pd.NA], "Int64")})
    # The last that happened was in week 90: 0, 4, 10 and 20 were watched for a year; 0 and 10 left within it.
    assert measure("left_within(52)").of(table) == pytest.approx(2 / 4)
    assert measure("left_within( 9 weeks )").of(table) == 0.0
    assert measure("left_within(30)").of(table) == pytest.approx(2 / 5)
    assert math.isnan(measure("left_within(90)").of(table.iloc[:2]))
    assert (measure("left_within(52)").unit, measure("left_within(52)").bounds) == ("share", (0.0, 1.0))


@pytest.mark.parametrize(("text", "said"), [
    ("median(resellers.proffit)", "did you mean 'profit'"),
    ("quantile(resellers.profit)", "a level such as 90% belongs to quantile"),
    ("median(resellers.profit, 90%)", "a level such as 90% belongs to quantile"),
    ("quantile(resellers.profit, 120%)", "from 0% to 100%"),
    ("share(resellers.profit)", "compares with nothing"),
    ("mode(resellers.profit)", "cannot be understood"),
    ("share(resellers.profit < lots)", "lots"),
])
def test_mistakes_are_one_sentence(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as refusal:
        measure(text)
    assert "\n" not in str(refusal.value)


def test_beside_weekly_measures_and_in_a_search() -> None:
    runs = run_many(small(recruiting={"founders": 0.05}), 2, workers=1)
    read = [measure("share(resellers.profit < 0)"), measure("resellers_active at end")]
    table = table_of(runs, read)
    for place, run in enumerate(runs.done):
        profit = runs.table_of_run(run, "resellers")["profit"]
        assert table[read[0].text][place] == pytest.approx((profit < 0).mean())
    found = optimise(small(weeks=4, recruiting={"founders": 0.05}), [Factor("offer.quality", (), 0.2, 0.9)],
                     read[0].text, seeds=range(2), budget=4, workers=1)
    assert "share(resellers.profit < 0)" in found.verdicts()[1]

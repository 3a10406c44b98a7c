"""Comparisons: identical plans, real differences, and a wanted precision."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from sim.errors import UsageError
from sim.runs.folder import open_results
from sim.studies.compare import compare, comparison_of
from sim.studies.measures import measure, measures, said, table_of
from tests.runs.worlds import small

MEASURES = ["quality_perceived at end", "cumulative(sell_through)"]


def test_a_plan_against_itself_reads_identical() -> None:
    found = compare(small(), small(), seeds=3, workers=1)
    assert found.verdicts() == ["Small (2) and Small: identical in every measure."]
    assert found.table["identical"].all()
    assert (found.table["direction"] == 0).all()


def test_a_better_product_is_seen_in_pairs() -> None:
    good = small(title="Good", offer={"quality": 0.9})
    found = compare(small(), good, seeds=6, measures=MEASURES, workers=1)
    row = found.table.set_index("measure").loc[MEASURES[0]]
    assert row["direction"] == 1
    assert row["low"] > 0
    assert row["pairs"] == 6
    assert row["difference"] == pytest.approx(row["scenario_mean"] - row["baseline_mean"])
    assert "higher with Good" in found.verdicts()[0]
    assert set(found.runs.weekly["scenario"]) == {"Small", "Good"}


def test_too_few_pairs_have_no_interval() -> None:
    good = small(title="Good", offer={"quality": 0.9})
    found = compare(small(), good, seeds=1, measures=MEASURES[:1], workers=1)
    assert "1 of the 4 pairs that an interval needs" in found.verdicts()[0]
    assert math.isnan(found.table["low"][0])


def test_precision_runs_on_until_it_is_reached_in_one_folder(tmp_path: Path) -> None:
    good = small(title="Good", offer={"quality": 0.7})
    rounds = []
    found = compare(
        small(), good, seeds=2, precision="2%@quality_perceived at end", out=tmp_path / "r",
        measures=MEASURES, workers=1, most_seeds=200,
        round_done=lambda _found, count: rounds.append(count))
    pair = found.pair(found.of[0], "Good")
    assert rounds
    assert pair.difference.half_width <= 0.02 * pair.baseline
    results = open_results(tmp_path / "r")
    assert len(results.design.seeds) == rounds[-1]
    assert not results.damage()
    again = compare(
        small(), good, seeds=2, precision="2%@quality_perceived at end", out=tmp_path / "r",
        measures=MEASURES, workers=1)
    assert again.runs.lived == 0
    assert again.verdicts() == found.verdicts()
    assert comparison_of(results, MEASURES).table.equals(
        found.table)


@pytest.mark.parametrize(("asked", "said_"), [
    ({"measures": ["sell_inn"]}, "did you mean 'sell_in'"),
    ({"measures": ["sell_in", "sell_in"]}, "twice"),
    ({"measures": ["sell_in at week 99"]}, "week"),
    ({"measures": ["3"]}, "reads no column"),
    ({"precision": "lots"}, "write a precision"),
    ({"precision": "2%@nothing"}, "unknown column"),
    ({"method": "guess"}, "'t' or 'bootstrap'"),
    ({"confidence": 2.0}, "confidence"),
])
def test_mistakes_are_one_sentence(asked: dict[str, object], said_: str) -> None:
    with pytest.raises(UsageError, match=said_):
        compare(small(), small(), seeds=1, workers=1, **asked)  # type: ignore[arg-type]


def test_fewer_than_two_plans_are_refused() -> None:
    with pytest.raises(UsageError, match="at least two"):
        compare(small(), seeds=1)


def test_measures_read_what_a_person_would_read() -> None:
    found = compare(small(), small(title="B"), seeds=1, workers=1)
    weekly = found.runs.result(0, 0).weekly
    for text, value in (
        ("cumulative(produced)", weekly["produced"].sum()),
        ("produced at week 3", weekly["produced"][2]),
        ("max(inventory_factory)", weekly["inventory_factory"].max()),
        ("mean(trust_mean from week 2 to 5)", weekly["trust_mean"][1:5].mean()),
        ("awareness at end", weekly["awareness"].iloc[-1]),
        ("first week awareness > 0", weekly["week"][weekly["awareness"] > 0].min()),
    ):
        one = measure(text)
        table = table_of(found.runs, [one])
        assert table[text][0] == pytest.approx(value)


def test_numbers_are_said_with_their_unit() -> None:
    assert said(1234567, "fen") == "12,300 yuan"
    assert said(50, "fen") == "0.5 yuan"
    assert said(0.256, "share") == "25.6%"
    assert said(1234.0, "units") == "1,230 units"
    assert said(math.nan, "units") == "none"
    assert measure("first week awareness > 0.5").unit == "week"
    assert measure("sell_in - sell_through at end").unit == "units"
    assert measure("sell_in / sell_through").unit == ""
    assert len(measures()) == 13


def test_a_direction_survives_that_many_are_looked_at() -> None:
    from sim.studies.ablation import _agrees

    good = small(title="Good", offer={"quality": 0.9})
    found = compare(small(), good, seeds=6, measures=MEASURES, workers=1)
    one = found.of[0]
    assert found.direction(one, "Good") == 1
    found.corrected[one.text, "Good"] = 0.2
    assert found.direction(one, "Good") == 0
    assert "no direction can be told from 6 pairs when 2 differences are looked at" in found.verdicts()[0]
    assert (_agrees(1, 1, 0.01), _agrees(1, -1, 0.01), _agrees(1, 1, 0.2), _agrees(1, 0, 0.01)) == (
        "yes", "no", "unclear", "unclear")

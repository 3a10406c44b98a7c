"""A table of months adds up what weeks say, and everything that has a date says it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.errors import UsageError
from sim.runs.months import SHOWN, middle_months
from sim.runs.summary import summarise
from sim.views.months import month_rows
from sim.views.report import _when

DATED: dict[str, Any] = {
    "persons": 400, "weeks": 20, "recruiting.founders": 0.02, "calendar": {"first_week": "2025-01-06"},
    "events": [
        {"id": "sale", "at": "2025-03-08", "set": {"offer.list_price": 90.0}, "for": 3,
         "note": {"en": "sale", "zh": "大促"}},
        {"id": "law", "week": 12, "set": {"controls.stock_pressure": 0.0},
         "note": {"en": "law", "zh": "新规"}}],
    "expect": ["joins >= 0 at 2025-04-15", "exits >= 0 at end"]}


@pytest.fixture(scope="module")
def run() -> Any:
    return sim.run(sim.load("pyramid", DATED), seed=4)


def test_months_add_up_to_the_run_and_say_their_weeks(run: Any) -> None:
    months, weekly = run.monthly, run.weekly
    # The middle of week 4 (27 January) is the 30th, that of week 5 lies in February.
    assert months["month"].tolist() == ["2025-01", "2025-02", "2025-03", "2025-04", "2025-05"]
    assert months["weeks"].tolist() == [4, 4, 4, 4, 4]
    for name in ("sell_in", "joins", "profit_brand", "entry_payments"):
        assert int(months[name].sum()) == int(weekly[name].sum()), name
    assert months["sell_in"].tolist()[1] == int(weekly["sell_in"].iloc[4:8].sum())
    assert months["resellers_active"].tolist() == weekly["resellers_active"].iloc[3::4].tolist()
    assert months["inventory_channel"].tolist() == weekly["inventory_channel"].iloc[3::4].tolist()
    assert float(months["trust_mean"].iloc[2]) == pytest.approx(float(weekly["trust_mean"].iloc[8:12].mean()))


def test_months_are_those_of_a_history(run: Any, tmp_path: Any) -> None:
    from sim.scenario.history_files import read_history

    (tmp_path / "h.csv").write_text("month,joins\n2025-02,4\n2025-03,5\n", encoding="utf-8")
    found = read_history(tmp_path / "h.csv", run.scenario).observations
    spans = {name: (first, last) for name, first, last in run.scenario.calendar.months(20)}
    assert [(one.first, one.last) for one in found] == [spans["2025-02"], spans["2025-03"]]


def test_a_table_of_months_has_medians_of_the_runs(run: Any) -> None:
    other = sim.run(run.scenario, seed=5)
    table = middle_months([run.monthly, other.monthly])
    assert table["sell_in"].tolist() == pytest.approx(
        np.median([run.monthly["sell_in"], other.monthly["sell_in"]], axis=0).tolist())
    summary = summarise([run, other], run.scenario, "x")
    assert summary.months is not None
    assert summary.months.equals(table)
    for lang in ("en", "zh"):
        heads, rows = month_rows(table, lang)
        assert len(heads) == len(SHOWN) + 1
        assert all(len(row) == len(heads) for row in rows)
    assert not any(row[0].endswith("*") for row in rows)


def test_without_a_calendar_there_are_no_months() -> None:
    result = sim.run(sim.load("pyramid", {"persons": 200, "weeks": 3}), seed=1)
    with pytest.raises(UsageError, match="months need a calendar"):
        _ = result.monthly
    assert summarise([result], result.scenario, "x").months is None
    assert result.scenario.calendar.months(3) == []


def test_checks_and_events_say_the_date_that_they_were_given(run: Any) -> None:
    scenario = run.scenario
    assert [str(check) for check in scenario.expect] == ["joins >= 0 at week 15", "exits >= 0 at end"]
    assert [check.text for check in summarise([run], scenario, "x").checks] == DATED["expect"]
    assert _when(scenario.events[0], scenario, "en") == "2025-03-08 – 2025-03-23"
    assert _when(scenario.events[1], scenario, "en") == "from 2025-03-24 on"
    # A scenario that was written and read again says the same, and means the same.
    again = type(scenario).of(scenario.model_dump(mode="json"))
    assert [check.said for check in again.expect] == DATED["expect"]
    assert [str(check) for check in again.expect] == [str(check) for check in scenario.expect]
    plain = sim.load("pyramid", {"persons": 200, "weeks": 30, "events": DATED["events"][1:]})
    assert _when(plain.events[0], plain, "en") == "from 12 on"


def test_the_page_has_a_table_of_months(run: Any, tmp_path: Any) -> None:
    from sim.views.report import _context

    for lang, title in (("en", "Month by month"), ("zh", "逐月数字")):
        found = [table for table in _context(run, lang)["tables"] if table["title"] == title]
        assert len(found) == 1
        assert [row["cells"][0] for row in found[0]["rows"]] == run.monthly["month"].tolist()

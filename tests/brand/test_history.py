"""A history is read as a brand keeps it; a month is the weeks whose middle lies in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import sim
from sim.errors import UsageError
from sim.scenario.history_files import read_history
from sim.studies.measures import measure
from tests.brand.books import SCENARIO, write_csv


def scenario(**changes: Any) -> Any:
    return sim.load("pyramid", {**SCENARIO, "weeks": 26, **changes})


def read(tmp_path: Path, rows: list[list[str]], encoding: str = "gbk", **changes: Any) -> Any:
    return read_history(write_csv(tmp_path / "history.csv", rows, encoding), scenario(**changes))


def test_a_month_is_the_weeks_whose_middle_lies_in_it(tmp_path: Path) -> None:
    found = read(tmp_path, [["月份", "出货量", "代理数", "市场价"], ["2025年1月", "1.2万", "120", "160"],
                            ["2025/2", "8,000", "", "150.5"]])
    ship, later, active, price, _last = found.observations
    # Week 1 begins on 6 January 2025: four middles in January (9, 16, 23, 30), four in February.
    assert (ship.first, ship.last, later.first, later.last) == (1, 4, 5, 8)
    assert ship.value == pytest.approx(12_000 * 28 / 31)
    assert later.value == pytest.approx(8_000)
    assert (active.how, active.value, active.last) == ("end", 120.0, 4)
    assert (price.how, price.value) == ("mean", 16_000.0)  # yuan in the file, fen in the tables
    assert any("1 empty cell" in note for note in found.notes)
    for one in found.observations:
        measure(one.measure, 26)


def test_tiers_are_read_of_the_table_of_tiers(tmp_path: Path) -> None:
    found = read(tmp_path, [["month", "sell_in@总代", "resellers_active@agent"], ["2025-01", "500", "30"]])
    assert [one.series for one in found.observations] == ["sell_in@chief", "resellers_active@agent"]
    result = sim.run(scenario(weeks=8), seed=1)
    tiers = result.tiers[result.tiers["tier"] == 0]
    one = measure("sum(shipments@0 from week 1 to 4)", 8)
    assert one.table == "tiers"
    assert one.of(result.tiers) == float(tiers["shipments"].head(4).sum())


def test_joins_of_the_first_month_count_those_who_were_there(tmp_path: Path) -> None:
    found = read(tmp_path, [["month", "joins"], ["2025-01", "31"]],
                 start={"tiers": [{"name": "agent", "resellers": 40}]})
    assert found.observations[0].value == pytest.approx(31 * 28 / 31 + 40)


def test_weeks_by_number_or_date_and_errors(tmp_path: Path) -> None:
    found = read(tmp_path, [["week", "sell_through", "sell_through error"], ["3", "12", "2"],
                            ["2025-01-27", "14", ""]])
    assert [(one.first, one.value, one.error) for one in found.observations] == [
        (3, 12.0, 2.0), (4, 14.0, None)]


def test_incomplete_and_early_months_are_left_out_and_said(tmp_path: Path) -> None:
    found = read(tmp_path, [["month", "joins"], ["2025-01", "5"], ["2025-02*", "3"]])
    assert len(found.observations) == 1
    assert any("incomplete" in note for note in found.notes)
    found = read(tmp_path, [["month", "joins"], ["2025-01", "5"], ["2025-02", "3"]],
                 calendar={"first_week": "2025-01-20"})
    assert [one.said for one in found.observations] == ["2025-02"]
    assert any("begins before week 1" in note for note in found.notes)


def test_every_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, [["month", "sell_in", "joins"], ["2024-11", "5", "1"], ["2025-13", "5", "1"],
                        ["2025-01", "five", "-1"], ["2025-01", "5", "1"]])
    told = str(caught.value)
    for words in ("row 2, column 'month': '2024-11' is before week 1", "row 3, column 'month': '2025-13' is "
                  "not a month", "row 4, column 'sell_in': 'five' is not a number",
                  "row 4, column 'joins': '-1' is below 0", "row 5, column 'month': '2025-01' is in row 4"):
        assert words in told, (words, told)


@pytest.mark.parametrize(("heading", "words"), [
    ("sell_inn", "did you mean 'sell_in'"), ("sell_in@gold", "no tier 'gold'"),
    ("orders", "write orders@TIER")])
def test_an_unknown_column_is_told_with_the_nearest(tmp_path: Path, heading: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read(tmp_path, [["month", heading], ["2025-01", "5"]])


def test_a_stock_above_all_that_was_shipped_contradicts_the_rest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"row 2, column 'inventory_channel': '2025-01': 9,000 units .* more "
                                         "than the"):
        read(tmp_path, [["month", "sell_in", "inventory_channel"], ["2025-01", "500", "9,000"]])


def test_dates_need_a_calendar(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="calendar"):
        read(tmp_path, [["month", "joins"], ["2025-01", "5"]], calendar=None)


def test_a_second_mark_before_the_headings_is_not_part_of_them(tmp_path: Path) -> None:
    # Excel writes one, and who joins files writes another one.
    found = read(tmp_path, [["\ufeff\ufeff月份", "渠道进货", "在册代理"], ["2025-01", "1.2万", "10"]],
                 encoding="utf-8")
    assert [one.value for one in found.observations][-1] == 10.0

"""A roster is read as offices keep it, and every mistake is told with its place, all at once."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from sim.errors import UsageError
from sim.market.roster import thinned
from sim.scenario.cells import day_of, month_of, number_of
from sim.scenario.roster_files import read_roster
from sim.texts.bilingual import Bilingual
from tests.brand.books import SCENARIO, TIERS, roster_rows, write_csv

NAMES = tuple(Bilingual(tier["name"]) for tier in SCENARIO["tiers"])
FIRST = "2025-01-06"


@pytest.mark.parametrize(("said", "number"), [
    ("1200", 1200), ("1,200", 1200), ("0.12万", 1200), ("1.2万件", 12000), ("¥198", 198), ("198元", 198),
    ("１２", 12), ("35%", 0.35), ("12 000", 12000), ("1,2", None), ("abc", None), ("", None), ("-3", -3)])
def test_numbers_are_read_as_people_write_them(said: str, number: float | None) -> None:
    assert number_of(said) == number


@pytest.mark.parametrize("said", ["2024-03-05", "2024/3/5", "2024.3.5", "2024年3月5日", "20240305",
                                  "2024-03-05 00:00:00"])
def test_dates_are_read_as_people_write_them(said: str) -> None:
    day = day_of(said)
    assert day is not None
    assert day.isoformat() == "2024-03-05"


def test_months_too() -> None:
    assert {str(month_of(said)) for said in ("2024-03", "2024年3月", "202403", "2024/3", "2024-03-01")} \
        == {"2024-03-01"}
    assert month_of("2024-13") is None
    assert day_of("2024-02-30") is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_any_encoding_of_an_office_gives_the_same_roster(tmp_path: Path, encoding: str) -> None:
    rows = roster_rows(60)
    roster = read_roster(write_csv(tmp_path / "agents.csv", rows, encoding), NAMES, FIRST)
    assert len(roster) == 60
    assert int(roster.inventory.sum()) == sum(int(number_of(row[3]) or 0) for row in rows[1:])
    # Uplines come first, and are of a higher tier here.
    below = roster.upline >= 0
    assert (roster.upline[below] < np.flatnonzero(below)).all()
    assert (roster.tier[roster.upline[below]] < roster.tier[below]).all()
    assert (roster.age >= 0).all()


def test_a_workbook_and_a_parquet_table_say_the_same(tmp_path: Path) -> None:
    import pandas as pd
    from openpyxl import Workbook

    rows = roster_rows(40)
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "agents.xlsx")
    pd.DataFrame(rows[1:], columns=rows[0]).to_parquet(tmp_path / "agents.parquet")
    write_csv(tmp_path / "agents.csv", rows)
    found = [read_roster(tmp_path / f"agents.{kind}", NAMES, FIRST) for kind in ("csv", "xlsx", "parquet")]
    for one in found[1:]:
        assert (one.inventory == found[0].inventory).all()
        assert (one.upline == found[0].upline).all()
        assert (one.age == found[0].age).all()


def test_every_mistake_is_told_with_row_and_column(tmp_path: Path) -> None:
    rows = [
        ["编号", "上级", "级别", "库存", "加入日期"],
        ["A1", "", "总代", "10", "2024-01-01"],
        ["A2", "A9", "特约", "5", ""],
        ["A3", "A1", "金牌", "5", ""],
        ["A1", "A1", "特约", "5", ""],
        ["A5", "A1", "特约", "-5", ""],
        ["A6", "A1", "特约", "many", ""],
        ["A7", "A1", "特约", "1", "31.12.2024"],
        ["A8", "A1", "特约", "1", "2025-06-01"],
        ["B1", "B2", "特约", "1", ""],
        ["B2", "B1", "特约", "1", ""],
        ["13812345678", "A1", "特约", "1", ""],
    ]
    with pytest.raises(UsageError) as caught:
        read_roster(write_csv(tmp_path / "agents.csv", rows), NAMES, FIRST)
    told = str(caught.value).splitlines()
    assert len(told) == 9
    for row, words in ((3, "A9"), (4, "金牌"), (5, "row 2"), (6, "below 0"), (7, "not a number"),
                       (8, "no date"), (9, "after 2025-01-06"), (10, "circle"), (12, "telephone")):
        assert any(f"row {row}, " in line and words in line for line in told), (row, words, told)
    assert "13812345678" not in str(caught.value)


@pytest.mark.parametrize("heading", ["姓名", "手机号", "微信号", "Name", "phone", "身份证号"])
def test_columns_that_say_who_people_are_are_refused(tmp_path: Path, heading: str) -> None:
    rows = [["id", "tier", "inventory", heading], ["1", "总代", "1", "secret"]]
    with pytest.raises(UsageError, match=heading) as caught:
        read_roster(write_csv(tmp_path / "agents.csv", rows), NAMES, FIRST)
    assert "secret" not in str(caught.value)


def test_a_column_that_is_missing_is_named_in_both_languages(tmp_path: Path) -> None:
    rows = [["id", "tier"], ["1", "总代"]]
    with pytest.raises(UsageError, match=r"'inventory' \(库存\)"):
        read_roster(write_csv(tmp_path / "agents.csv", rows), NAMES, FIRST)


def test_a_hundred_thousand_rows_load_in_seconds(tmp_path: Path) -> None:
    rows = [["id", "upline", "tier", "inventory"]]
    rows += [[str(number), str(number // 7) if number else "", TIERS[min(3, number // 20_000)], "12"]
             for number in range(100_000)]
    path = write_csv(tmp_path / "agents.csv", rows)
    begun = time.process_time()
    roster = read_roster(path, NAMES, "")
    assert len(roster) == 100_000
    assert time.process_time() - begun < 15  # two seconds on a quiet machine


def test_a_thinned_roster_keeps_tiers_stock_and_lines(tmp_path: Path) -> None:
    roster = read_roster(write_csv(tmp_path / "agents.csv", roster_rows(400)), NAMES, FIRST)
    thin = thinned(roster, 10)
    assert [int((thin.tier == rung).sum()) for rung in range(4)] == [10, 10, 10, 10]
    for rung in range(4):
        assert abs(10 * int(thin.inventory[thin.tier == rung].sum())
                   - int(roster.inventory[roster.tier == rung].sum())) <= 5
    below = thin.upline >= 0
    assert below.sum() > 20
    assert (thin.upline[below] < np.flatnonzero(below)).all()


def test_a_title_above_the_headings_is_passed_over(tmp_path: Path) -> None:
    from openpyxl import Workbook

    rows = roster_rows(20)
    book = Workbook()
    for row in (["代理名册（内部）"], [], *rows):
        book.active.append(row)
    book.save(tmp_path / "agents.xlsx")
    write_csv(tmp_path / "agents.csv", [["代理名册（内部）"], *rows], "gbk")
    for name in ("agents.xlsx", "agents.csv"):
        assert len(read_roster(tmp_path / name, NAMES, FIRST)) == 20
    # The number of a row is that in the file.
    rows[3][3] = "-1"
    with pytest.raises(UsageError, match="row 5, column '库存': '-1' is below 0"):
        read_roster(write_csv(tmp_path / "wrong.csv", [["代理名册"], *rows], "gbk"), NAMES, FIRST)


def test_a_telephone_number_is_not_echoed_wherever_it_stands(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "agents.csv", [
        ["id", "upline", "tier", "inventory"], ["1", "13812345678", "agent", "3"],
        ["+8613912345678", "", "agent", "3"]])
    with pytest.raises(UsageError) as caught:
        read_roster(path, NAMES, FIRST)
    assert str(caught.value).count("is a telephone number") == 2
    assert "12345678" not in str(caught.value)

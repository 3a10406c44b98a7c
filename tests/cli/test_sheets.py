"""Tables for others: xlsx, csv, md, json, pdf; in yuan, with headings in the language chosen."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.cli.app import outcome
from sim.texts import use_language
from sim.texts.wrapping import wrapped

SMALL = ("--persons", "300", "--weeks", "8", "--workers", "1")
EVERY = [part for kind in ("xlsx", "csv", "md", "json", "pdf") for part in ("--format", kind)]


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANGUAGE", "en")
    yield
    use_language("en")


def test_a_comparison_goes_into_every_kind_of_file(capsys: pytest.CaptureFixture[str]) -> None:
    from openpyxl import load_workbook

    Path("good.yaml").write_text("extends: pyramid\ntitle: =1+1\n")
    assert outcome(["compare", "pyramid", "good.yaml", "--seeds", "3", *SMALL, "--out", "r",
                    "--lang", "zh", *EVERY]) == 0
    assert capsys.readouterr().out.count("表：") == 5
    rows = list(csv.DictReader(Path("r/table.csv").read_text("utf-8-sig").splitlines()))
    assert {"指标", "单位", "区间下限", "结论"} <= set(rows[0])
    profit = next(row for row in rows if row["指标"] == "品牌利润")
    assert profit["单位"] == "元"
    plain = json.loads(Path("r/table.json").read_text("utf-8"))[0]["rows"]
    same = next(row for row in plain if row["指标"] == "品牌利润")
    assert same["差异"] == pytest.approx(float(profit["差异"]))
    sheet = load_workbook("r/table.xlsx").worksheets[0]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row), "no formula"
    head = next(row for row in cells if row[0] == "指标")
    shown = next(row for row in cells if row[0] == "品牌利润")
    assert shown[2] == pytest.approx(float(profit[str(head[2])]))
    assert "| 指标 | A | B |" in Path("r/table.md").read_text("utf-8")
    assert Path("r/table.pdf").read_bytes().startswith(b"%PDF")
    assert outcome(["verify", "r"]) == 0, "the files have their checksums"


def test_money_is_in_yuan_and_agrees_with_the_weekly_table() -> None:
    from sim.runs.folder import open_results

    assert outcome(["run", "pyramid", *SMALL, "--out", "r", "--figures", "none", "--format", "csv",
                    "--quiet"]) == 0
    rows = {row["measure"]: row for row in csv.DictReader(
        Path("r/table.csv").read_text("utf-8-sig").splitlines())}
    weekly = open_results("r").weekly
    assert float(rows["profit of the brand"]["value"]) == pytest.approx(
        weekly["profit_brand"].sum() / 100)
    assert rows["profit of the brand"]["unit"] == "yuan"
    # Where the unit says %, the number is one.
    assert rows["trust in the channel"]["unit"] == "%"
    assert float(rows["trust in the channel"]["value"]) == pytest.approx(
        100 * weekly["trust_mean"].iloc[-1])
    assert "." not in rows["units sold to consumers"]["value"]


def test_a_workbook_has_a_page_a_plan_and_formats_that_fit() -> None:
    from openpyxl import load_workbook

    for name, price in (("甲/乙", 150), ("丙", 180)):
        Path(f"{price}.yaml").write_text(
            f"extends: pyramid\ntitle: {name}\noffer: {{list_price: {price}}}\n", encoding="utf-8")
    assert outcome(["compare", "pyramid", "150.yaml", "180.yaml", "--seeds", "3", *SMALL, "--out", "r",
                    "--lang", "zh", "--format", "xlsx", "-q"]) == 0
    book = load_workbook("r/table.xlsx")
    assert book.sheetnames == ["1 甲 乙", "2 丙"]
    for row in book.worksheets[0].iter_rows(min_row=7):
        numbers = [cell for cell in row[2:7] if isinstance(cell.value, (int, float))]
        assert all((cell.number_format == "0.0%") == (row[1].value == "%") for cell in numbers)
        assert not any(cell.number_format.endswith(".##") for cell in numbers), "4. is no number"
    # Varied settings have formats of their own, whatever the measure beside them is in.
    assert outcome(["sweep", "pyramid", "--vary", "offer.list_price=150,180.5", *SMALL, "--measure",
                    "trust_mean at end", "--out", "s", "--format", "xlsx", "--format", "csv", "-q"]) == 0
    row = next(row for row in load_workbook("s/table.xlsx").worksheets[0].iter_rows()
               if row[2].value == 180.5)
    assert row[2].number_format == "General"
    assert row[4].number_format == "0.0%"
    assert "180.5" in Path("s/table.csv").read_text("utf-8-sig")


def test_one_page_for_a_board_and_tables_of_a_sweep(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["sweep", "pyramid", "--vary", "controls.stock_pressure=0,1", *SMALL, "--out",
                    "s", "--format", "csv"]) == 0
    rows = list(csv.DictReader(Path("s/table.csv").read_text("utf-8-sig").splitlines()))
    assert {row["controls.stock_pressure"] for row in rows} == {"0.0", "1.0"} or {
        row["controls.stock_pressure"] for row in rows} == {"0", "1"}
    capsys.readouterr()
    assert outcome(["run", "pyramid", *SMALL, "--out", "r", "--figures", "none", "-q"]) == 0
    capsys.readouterr()
    assert outcome(["report", "r", "--one-page", "--format", "md", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert Path(found["report"]).read_bytes().startswith(b"%PDF")
    assert found["tables"] == ["r/table.md"]


def test_no_line_begins_with_a_closing_sign_or_a_dot() -> None:
    for width in range(12, 60):
        lines = wrapped("最接近：转型.week=54, 开放.over=39（4 周平均）。[sell_in, joins]。", width)
        for line in lines:
            assert line[0] not in "，。：）.,]="
            assert line[-1] not in "（["
        if width > 20:
            assert any("放.over=39" in line for line in lines)

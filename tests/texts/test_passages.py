"""Each passage of the essays points at an effect, a scenario, a picture and a measure that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.market.outputs import WEEKLY
from sim.mechanisms.effects import EFFECTS
from sim.scenario.expect import Figure
from sim.scenario.load import load, shipped
from sim.views.plots import PANELS

PAGE = (Path(__file__).parents[2] / "docs" / "passages.md").read_text("utf-8")
ROWS = [tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in PAGE.splitlines() if re.match(r"\| .*\| [AB]\d", line)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[1]} {row[0][:12]}")
def test_a_passage_leads_somewhere(row: tuple[str, ...]) -> None:
    quote, effect, scenario, picture, measure = row
    assert re.search(r"[\u4e00-\u9fff]{3}", quote), "quote the essay"
    assert effect in EFFECTS
    assert scenario in shipped()
    assert picture in PANELS
    found = load(scenario)
    columns = {column.name: column.unit for column in (*WEEKLY, *found.rule_outputs())}
    Figure.parse(measure, columns, found.weeks)


def test_every_effect_has_a_passage() -> None:
    assert {row[1] for row in ROWS} == set(EFFECTS)


def test_all_rows_are_read() -> None:
    assert len(ROWS) == sum(line.startswith("| ") for line in PAGE.splitlines()) - 2

"""The worked case of docs/my_brand.md: what its page says of files and settings is so."""

from __future__ import annotations

import importlib.util
import random
import re
import shutil
from pathlib import Path
from types import ModuleType

import pytest

import sim
from sim.scenario.notices import notices
from sim.scenario.overlays import overlaid
from sim.scenario.roster_files import roster_of

CASE = Path(__file__).parents[2] / "docs" / "my_brand"
PAGE = CASE.with_suffix(".md").read_text("utf-8")


@pytest.fixture(scope="module")
def making() -> ModuleType:
    """Return the module that makes the files of the case."""
    spec = importlib.util.spec_from_file_location("making", CASE / "making.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def folder(tmp_path: Path, making: ModuleType) -> Path:
    """Return a folder with the scenario, the plan and the roster of the case."""
    for name in ("brand.yaml", "turn.yaml"):
        shutil.copy(CASE / name, tmp_path / name)
    making.write(tmp_path / "agents.csv", making.roster(random.Random(making.SEED)))
    return tmp_path


def test_a_roster_of_3000_lines_saved_by_a_chinese_excel_is_read_without_a_word(folder: Path) -> None:
    scenario = sim.load(folder / "brand.yaml")
    roster = roster_of(scenario)
    assert roster is not None
    assert len(roster) == 3000
    assert roster.notes == ()
    assert not [told for told in notices(scenario) if "agents.csv" in told]
    assert 5 < int(roster.inventory.sum()) / 3000 < 200


def test_the_case_begins_with_3000_agents_in_real_units(folder: Path) -> None:
    first = sim.run(sim.load(folder / "brand.yaml", {"weeks": 1}), seed=1).weekly.iloc[0]
    assert first["resellers_active"] + first["exits"] == pytest.approx(3000, abs=100)
    assert first["date"] == "2024-01-01"


def test_the_plan_of_the_case_holds_after_its_history(folder: Path, making: ModuleType) -> None:
    base = sim.load(folder / "brand.yaml", {"weeks": making.LAST + 52})
    turned = overlaid(base, folder / "turn.yaml", making.LAST + 1)
    assert turned.at(making.LAST).controls.stock_pressure == base.controls.stock_pressure
    assert turned.at(making.LAST + 1).controls.stock_pressure == 0.0


def test_the_page_names_the_hidden_truth(making: ModuleType) -> None:
    for name, value in making.HIDDEN.items():
        assert re.search(rf"\| `{re.escape(name)}` \| {value:g} \|", PAGE), name

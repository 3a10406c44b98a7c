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


def commands(page: str) -> list[list[str]]:
    """Return the commands of each step of a page, without their options of language."""
    rows = re.findall(r"^\| (\d+)\. .+? \| (.+) \|$", page, re.M)
    return [[re.sub(r" --lang \w+", "", one) for one in re.findall(r"`(.+?)`", said)]
            for _number, said in rows]


def test_both_pages_have_the_same_ten_commands() -> None:
    chinese = CASE.with_name("my_brand.zh.md").read_text("utf-8")
    assert len(commands(PAGE)) == 10
    assert commands(PAGE) == commands(chinese)


def test_every_command_of_the_page_is_one() -> None:
    import click

    from sim.cli.app import Commands

    for step in commands(PAGE):
        for one in step:
            program, name, *arguments = one.split()
            assert program == "weishang"
            command = Commands().get_command(click.Context(Commands()), name)
            assert command is not None, one
            known = {option for parameter in command.params for option in parameter.opts}
            assert {word for word in arguments if word.startswith("--")} <= known, one


def test_the_published_case_is_what_its_page_says() -> None:
    from sim.scenario.history_files import read_history

    page = CASE.with_name("my_brand_published.md").read_text("utf-8")
    scenario = sim.load(CASE / "lularoe.yaml")
    found = read_history(CASE / "lularoe.csv", scenario).observations
    assert [(one.said, one.value, one.error) for one in found] == [
        ("2016-12", 60_000.0, 10_000.0), ("2017-09", 80_000.0, 10_000.0)]
    for one in found:
        assert f"{one.value:,.0f}, error {one.error:,.0f}" in page
    assert int(scenario.start.tiers[0].resellers) == 6000
    assert scenario.persons * scenario.scale == 20_000_000
    assert scenario.tiers[0].first_order == 350
    assert scenario.events[0].at == "2017-07-01"
    # What is called held out is no target of the commands on the page.
    commands = re.search(r"```sh\n(.+?)```", page, re.S)
    assert commands is not None
    assert "150000" not in commands[1].partition("weishang forecast")[0]

"""What people write although it is not quite the form: dotted keys, signs of word processors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.errors import ScenarioError
from sim.scenario.load import load


def read(tmp_path: Path, text: str) -> Any:
    path = tmp_path / "plan.yaml"
    path.write_bytes(text.encode())
    return load(path)


def test_dotted_keys_name_settings_at_the_top_of_a_file(tmp_path: Path) -> None:
    found = read(tmp_path, "extends: pyramid\noffer: {quality: 0.4}\noffer.list_price: ￥200\n"
                           "controls.feedback: 40 %\n")
    assert (found.offer.quality, found.offer.list_price, found.controls.feedback) == (0.4, 200, 0.4)


@pytest.mark.parametrize("text", [
    "people.income.mean: 800\n", "people: {income: {mean: 800}}\n",
    "people.income: {mean: 800}\n",
])
def test_one_number_of_a_distribution_leaves_the_others(tmp_path: Path, text: str) -> None:
    before, found = load("pyramid").people.income, read(tmp_path, f"extends: pyramid\n{text}")
    assert found.people.income.mean == 800
    assert (found.people.income.dist, found.people.income.cv) == (before.dist, before.cv)


@pytest.mark.parametrize(("text", "said"), [
    ("offer: {quality: 0.4}\noffer.quality: 0.5\n", "plan.yaml:3:1.*is there twice, first in line 2"),
    ("weeks: 5\nweeks.first: 5\n", "plan.yaml:3:1.*'weeks' has a value in line 2"),
    ("offer.qualty: 0.5\n", "did you mean"),
    ("people.income.middle: 5\n", "middle"),
])
def test_mistakes_in_dotted_keys_are_told_at_their_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        read(tmp_path, f"extends: pyramid\n{text}")


@pytest.mark.parametrize("text", [
    "persons:\u00a0500\n", "persons:\u3000500\n", "persons: 5e2\n", "persons: 500\u202f人\n",
    "\ufeffpersons: 500\r\n",
])
def test_spaces_and_numbers_as_other_programs_write_them(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, f"{text}extends: pyramid\n").persons == 500

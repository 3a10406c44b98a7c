"""A scenario that Python made is written to a file that reads as the same scenario."""

from __future__ import annotations

from pathlib import Path

import pytest

import sim
from sim.errors import UsageError
from tests.scenarios import small

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@pytest.mark.parametrize("made", [
    lambda: sim.load("pyramid"),
    lambda: sim.load("transition", {"persons": 300}),
    lambda: sim.Scenario(regime="prosumer", persons=300, offer={"list_price": 99}),
    lambda: small().changed({"offer.quality": "60%", "title": "夏天"}),
], ids=["loaded", "events", "made", "changed"])
def test_what_was_saved_is_the_same_scenario(made: object, tmp_path: Path) -> None:
    scenario = made()  # type: ignore[operator]
    path = scenario.save(tmp_path / "mine.yaml")
    assert sim.load(path) == scenario


def test_custom_rules_are_saved_beside_it(tmp_path: Path) -> None:
    scenario = sim.load(EXAMPLES / "income_tax.yaml", {"persons": 200, "weeks": 4}, allow_code=True)
    path = scenario.save(tmp_path / "mine.yaml")
    assert (tmp_path / "income_tax.py").read_text() == (EXAMPLES / "income_tax.py").read_text()
    again = sim.load(path, allow_code=True)
    assert sim.run(again, 1).weekly["tax"].tolist() == sim.run(scenario, 1).weekly["tax"].tolist()


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    sim.load("pyramid").save(tmp_path / "mine.yaml")
    with pytest.raises(UsageError, match=r"mine\.yaml is there already"):
        sim.load("prosumer").save(tmp_path / "mine.yaml")
    sim.load("prosumer").save(tmp_path / "mine.yaml", overwrite=True)
    assert sim.load(tmp_path / "mine.yaml").regime == "prosumer"


def test_what_a_file_cannot_hold_is_refused(tmp_path: Path) -> None:
    scenario = small()
    composed = scenario.with_rules(scenario.composition().without("training"))
    with pytest.raises(UsageError, match="composed in Python"):
        composed.save(tmp_path / "mine.yaml")
    with pytest.raises(UsageError, match=r"ends in \.yaml"):
        scenario.save(tmp_path / "mine.txt")
    assert not list(tmp_path.iterdir())

"""A rule is code, an effect is a row of the essays with a title: code and texts keep to that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.mechanisms.effects import EFFECTS, in_order
from sim.scenario.manual import effects, week_plan
from sim.scenario.schema import Scenario, mechanism_sections
from tests.texts.collecting import texts

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"\b[AB]\d{1,2}\b")


def test_effects_are_the_rows_that_rules_carry_in_order() -> None:
    carried = {effect for rule in mechanism_sections().values() for effect in rule.off}
    assert carried == set(EFFECTS)
    assert list(EFFECTS) == sorted(EFFECTS, key=in_order)
    assert len(set(EFFECTS.values())) == len(EFFECTS)


def test_the_manual_shows_every_effect_by_its_title() -> None:
    assert {row["id"]: row["title"] for row in effects()} == EFFECTS
    shown = {effect for name in ("pyramid", "prosumer")
             for row in week_plan(Scenario.of({"regime": name})) for effect in row["effects"]}
    assert shown <= set(EFFECTS)


@pytest.mark.parametrize("rule", mechanism_sections().values(), ids=lambda rule: rule.name())
def test_a_rule_speaks_of_effects_there_are(rule: type) -> None:
    assert set(ROW.findall(rule.__doc__ or "")) <= set(EFFECTS)


def test_no_text_calls_a_rule_or_an_effect_a_mechanism() -> None:
    found = [text for text in texts() if re.search(r"\bmechanisms?\b", text)
             and "sim.Mechanism" not in text]
    assert not found, "say rule (code) or effect (a row of the essays)"
    for path in (ROOT / "README.md", *(p for p in (ROOT / "docs").glob("*.md") if p.name != "evidence.md")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            plain = re.sub(r"`[^`]*`|\([^)]*\)|mechanisms/|sim\.mechanisms", "", line)
            assert not re.search(r"\bmechanisms?\b", plain), f"{path.name}:{number}: {line}"

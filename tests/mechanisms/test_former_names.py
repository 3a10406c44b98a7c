"""Scenario files and code that use former names of rules and parameters go on working."""

from __future__ import annotations

import importlib
import warnings
from pathlib import Path
from typing import Any, ClassVar

import pytest

import sim
from sim.cli.app import outcome
from sim.errors import ScenarioError
from sim.mechanisms.base import Mechanism
from sim.mechanisms.former_names import PARAMETERS, RULES, RenamedWarning
from sim.mechanisms.leaving import Leaving
from sim.mechanisms.selling import Selling
from sim.regimes import PYRAMID
from sim.scenario.schema import Scenario, mechanism_sections

NEW = """
extends: pyramid
weeks: 60
legacy_channel: {customers: 40%, distinctness: 0.3}
recruiting: {trust_weight: 2}
events: [{week: 5, set: {legacy_channel.price: 70, leaving.binding_weight: 1}}]
sources: {legacy_channel.customers: a survey, leaving.idle_weight: a study}
"""
OLD = """
extends: pyramid
weeks: 60
connecting: {customers: 40%, distinct: 0.3}
recruiting: {trust: 2}
events: [{week: 5, set: {connecting.price: 70, leaving.binding: 1}}]
sources: {connecting.customers: a survey, leaving.idle: a study}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "plan.yaml"
    path.write_text(text)
    return path


def test_todays_names_exist_and_former_ones_do_not() -> None:
    rules = mechanism_sections()
    assert set(RULES.values()) <= set(rules)
    assert not set(RULES) & set(rules)
    for rule, names in PARAMETERS.items():
        fields = rules[rule].model_fields
        assert set(names.values()) <= set(fields)
        assert not set(names) & set(fields)


def test_a_file_with_former_names_is_the_same_scenario(tmp_path: Path) -> None:
    with pytest.warns(RenamedWarning) as told:
        old = sim.load(written(tmp_path, OLD))
    assert old == sim.load(written(tmp_path, NEW))
    assert {"legacy_channel.customers", "leaving.idle_weight"} < set(old.sources)
    texts = {str(one.message) for one in told}
    assert "'connecting' is now called 'legacy_channel'; the former name still works" in texts
    assert "'recruiting.trust' is now called 'recruiting.trust_weight'; the former name still works" in texts


def test_both_names_in_one_file_are_one_section(tmp_path: Path) -> None:
    with pytest.warns(RenamedWarning):
        both = sim.load(written(
            tmp_path, "extends: pyramid\nsharing: {talk: 0.1}\nword_of_mouth: {fans: 0.2}\n"))
    assert (both.word_of_mouth.talk, both.word_of_mouth.fans) == (0.1, 0.2)


@pytest.mark.parametrize(("former", "today", "value"), [
    ("sharing.talk", "word_of_mouth.talk", 0.1), ("leaving.contagion", "leaving.contagion_weight", 0.5),
    ("supplying.sharing", "supply_chain.information_sharing", 0.5),
    ("gathering.enabled", "brand_communities.enabled", False),
])
def test_overrides_and_attributes(former: str, today: str, value: Any) -> None:
    expected = sim.load("pyramid", {today: value})
    with pytest.warns(RenamedWarning):
        assert sim.load("pyramid", {former: value}) == expected
    section, name = former.split(".")
    with pytest.warns(RenamedWarning):
        assert Scenario.of({section: {name: value}}) == Scenario.of(
            {today.split(".")[0]: {today.split(".")[1]: value}})
    with pytest.warns(RenamedWarning):
        assert getattr(getattr(expected, section), name) == value
    with pytest.warns(RenamedWarning):
        changed = expected.changed({"events": [{"week": 3, "set": {former: value}}]})
    assert set(changed.events[0].set) == {today}
    with pytest.warns(RenamedWarning):
        again = changed.changed({f"events.0.set.{former}": value})
    assert set(again.events[0].set) == {today}


def test_a_week_of_former_names() -> None:
    with pytest.warns(RenamedWarning):
        scenario = sim.load("pyramid", {"rules.week": ["using", "leaving"]})
    assert scenario.composition().names == ("consumption", "leaving")


def test_rules_in_python() -> None:
    with pytest.warns(RenamedWarning):
        assert PYRAMID.without("sharing").names == PYRAMID.without("word_of_mouth").names
    with pytest.warns(RenamedWarning):
        module = importlib.import_module("sim.mechanisms.connecting")
    from sim.mechanisms.legacy_channel import LegacyChannel

    assert module.Connecting is LegacyChannel
    with pytest.warns(RenamedWarning):
        assert Leaving.model_validate({"contagion": 0.5}) == Leaving.model_validate(
            {"contagion_weight": 0.5})
    with pytest.warns(RenamedWarning):
        assert sim.load("pyramid").settings().rule("using").name() == "consumption"


class Leavers(Leaving):
    """A custom rule that derives from a shipped one, and uses a former name for its own."""

    idle: float = sim.parameter(0.3, "share", 0, 1, "a parameter of its own")


def test_a_rule_that_derives_from_a_renamed_one_knows_both() -> None:
    rule = Leavers.model_validate({"contagion_weight": 0.5, "idle": 0.7})
    assert rule.idle == 0.7
    with pytest.warns(RenamedWarning):
        assert rule.contagion == 0.5  # type: ignore[attr-defined]


class Sharing(Mechanism):
    """A custom rule whose name is a former one of a shipped rule."""

    phase: ClassVar = "sell"
    writes: ClassVar = ("persons.trust",)
    amount: float = sim.parameter(0.3, "share", 0, 1, "a parameter of its own")

    def step(self, world: Any) -> None:
        """Do nothing."""


def test_a_custom_rule_may_have_a_former_name() -> None:
    scenario = sim.load("pyramid").with_rules(PYRAMID.inserting(Sharing, after="selling"))
    changed = scenario.changed({"sharing.amount": 0.5})
    assert (changed.sharing.amount, changed.word_of_mouth.talk) == (0.5, scenario.word_of_mouth.talk)
    assert Selling.name() == "selling"


def test_the_command_line_says_it_once_and_kindly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert outcome(["check", str(written(tmp_path, OLD))]) == 0
    told = capsys.readouterr().err.splitlines()
    wanted = "note: 'connecting' is now called 'legacy_channel'; the former name still works"
    assert told.count(wanted) == 1


def test_a_wrong_name_in_a_renamed_section_gets_todays_name(tmp_path: Path) -> None:
    with pytest.warns(RenamedWarning), pytest.raises(ScenarioError, match="did you mean 'price'"):
        sim.load(written(tmp_path, "connecting: {pric: 3}\n"))

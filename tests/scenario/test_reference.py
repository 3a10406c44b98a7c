"""The reference in docs/ and the JSON Schema say what the declarations say."""

from __future__ import annotations

from typing import Any

import pytest

from sim.scenario.converting import plain_of
from sim.scenario.document import Node, parse
from sim.scenario.json_schema import json_schema
from sim.scenario.load import shipped, shipped_path
from sim.scenario.manual import settings
from sim.scenario.problems import Problems, Source
from sim.scenario.schema import Scenario
from tests.scenario.reference import FILES, reference


@pytest.mark.parametrize("language", FILES)
def test_the_reference_is_in_step(language: str) -> None:
    assert FILES[language].read_text(encoding="utf-8") == reference(language), (
        "run: python -m tests.scenario.reference")


def test_every_setting_says_what_it_means() -> None:
    for row in settings():
        assert row["meaning"] or row["name"].startswith(("sources", "events", "expect")), row
        if row["kind"] in ("number", "whole number"):
            assert row["unit"], row
            assert row["low"] is not None or row["name"].startswith("people."), row


@pytest.mark.parametrize("name", shipped())
def test_shipped_files_fit_the_schema_for_editors(name: str) -> None:
    jsonschema: Any = pytest.importorskip("jsonschema")
    text = shipped_path(name).read_text(encoding="utf-8")  # type: ignore[union-attr]
    node = parse(Source(name, tuple(text.split("\n"))), Problems())
    assert isinstance(node, Node)
    validator = jsonschema.Draft202012Validator(json_schema(Scenario))
    assert [error.message for error in validator.iter_errors(plain_of(node))] == []


def test_the_schema_refuses_what_the_check_refuses() -> None:
    jsonschema: Any = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(json_schema(Scenario))
    for wrong in ({"controls": {"feedbak": 1}}, {"weeks": "ten"}, {"regime": "pyramyd"},
                  {"tiers": [{"name": "a"}]}, {"controls": {"feedback": 2}}):
        assert list(validator.iter_errors(wrong)), wrong

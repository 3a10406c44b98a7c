"""A slice of the fuzzing; `python tests/scenario/fuzz.py` does ten thousand and more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenario.fuzz import fields, mutated


def test_mutants_are_loaded_or_refused_in_words(tmp_path: Path) -> None:
    found = mutated(250, 7, tmp_path)
    assert found["refused"] > 100
    assert found["loaded"] > 5


def test_no_numeric_setting_takes_what_is_no_number(tmp_path: Path) -> None:
    assert fields(tmp_path, [".nan", '"12"'])["refused"] > 200


@pytest.mark.slow
def test_ten_thousand_mutants(tmp_path: Path) -> None:
    mutated(10_000, 1, tmp_path)
    fields(tmp_path)

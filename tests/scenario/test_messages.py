"""Every kind of mistake gets its own clear answer, at its place, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.scenario.mistakes import DOCUMENT, MISTAKES, answer, document


@pytest.mark.parametrize("kind", MISTAKES)
def test_each_mistake_is_refused_where_it_stands(kind: str, tmp_path: Path) -> None:
    said = answer(MISTAKES[kind], tmp_path)
    first = said.splitlines()[0]
    assert re.match(r"mine\.yaml:\d+:\d+: ", first), said
    assert "^" in said
    assert "Traceback" not in said
    assert len(first) < 400


@pytest.mark.parametrize("kind", MISTAKES)
def test_each_mistake_is_explained_in_chinese(kind: str, tmp_path: Path) -> None:
    said = answer(MISTAKES[kind], tmp_path, "zh")
    assert re.search(r"[\u4e00-\u9fff]{2}", said.splitlines()[0]), said


def test_answers_differ_from_kind_to_kind(tmp_path: Path) -> None:
    answers = [answer(text, tmp_path).splitlines()[0] for text in MISTAKES.values()]
    assert len(set(answers)) == len(answers) >= 30


def test_the_document_shows_what_the_program_says(tmp_path: Path) -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(tmp_path), (
        "run: python -m tests.scenario.mistakes")

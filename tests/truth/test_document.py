"""docs/model.md says what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.studies.document import BLOCK, BLOCKS, filled

DOCUMENT = Path(__file__).parents[2] / "docs" / "model.md"


def test_the_document_is_up_to_date() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert filled(text) == text, "run: python -m sim.studies.document docs/model.md"


def test_every_block_is_there_once() -> None:
    found = [match[2] for match in BLOCK.finditer(DOCUMENT.read_text("utf-8"))]
    assert sorted(found) == sorted(BLOCKS)


@pytest.mark.parametrize("chapter", [
    "Purpose and patterns", "Entities, state variables and scales",
    "Process overview and scheduling", "Design concepts", "Initialisation", "Input data",
    "Submodels"])
def test_the_seven_chapters_of_odd_are_there(chapter: str) -> None:
    assert f". {chapter}\n" in DOCUMENT.read_text("utf-8")


def test_a_stale_block_is_renewed() -> None:
    stale = "<!-- from the code: regimes -->\nold\n<!-- end -->"
    assert "old" not in filled(stale)
    with pytest.raises(KeyError):
        filled("<!-- from the code: nonsense -->\n<!-- end -->")

"""docs/model.md and docs/architecture.md say what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.studies.document import BLOCK, BLOCKS, filled

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENT = DOCS / "model.md"
DOCUMENTS = (DOCUMENT, DOCS / "architecture.md")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_the_document_is_up_to_date(document: Path) -> None:
    text = document.read_text("utf-8")
    assert filled(text) == text, f"run: python -m sim.studies.document docs/{document.name}"


def test_every_block_is_there_once() -> None:
    found = [match[2] for document in DOCUMENTS
             for match in BLOCK.finditer(document.read_text("utf-8"))]
    assert sorted(found) == sorted(BLOCKS)


def test_owners_are_those_that_rules_declare() -> None:
    rows = {line.split("|")[1].strip(): line for line in BLOCKS["owners"]().splitlines()}
    _, _, writers, readers, _ = rows["`brand.preorders`"].split("|")
    assert "`selling`" in writers
    assert "`supply_chain`" in readers


def test_the_files_that_the_architecture_names_exist() -> None:
    text = (DOCS / "architecture.md").read_text("utf-8")
    files = re.findall(r"`((?:sim|tests|docs|benchmarks)/[\w/.]+\.\w+)`", text)
    assert len(files) > 15
    assert [name for name in files if not (DOCS.parent / name).exists()] == []


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

"""One word for one thing: the catalogues and the texts of pictures keep to the list of terms."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from babel.messages.pofile import read_po

from sim.texts import CATALOGUES
from sim.texts.terms import TERMS
from tests.texts.terms_page import PAGE, page

NEVER_ENGLISH = ("passing the parcel", "lives from entry", "own rules", "live a run", "nothing was to do",
                 "entry payments", "not in profit, of all", "lives from")
"""Phrases that nobody says."""


def chinese() -> Iterator[tuple[str, str]]:
    """Yield every Chinese text of the program with its English."""
    with open(CATALOGUES / "zh_CN" / "LC_MESSAGES" / "weishang.po", "rb") as file:
        for message in read_po(file, locale="zh_CN"):
            if message.id and isinstance(message.id, str):
                yield message.id, str(message.string)
    from sim.views import texts
    from sim.views.report import texts as report

    for module in (texts, report):
        for table in vars(module).values():
            if isinstance(table, dict):
                yield from (pair for pair in table.values()
                            if isinstance(pair, tuple) and len(pair) == 2
                            and all(isinstance(part, str) for part in pair))


@pytest.mark.parametrize("term", [term for term in TERMS if term.never], ids=lambda term: term.en)
def test_no_text_has_another_word(term: object) -> None:
    wrong = [said for _english, said in chinese()
             for word in term.never if word in said]  # type: ignore[attr-defined]
    assert not wrong


def test_enough_texts_are_held_to_it() -> None:
    assert len(list(chinese())) > 1200
    assert len(TERMS) >= 40


def test_english_says_what_english_says() -> None:
    assert not [english for english, _said in chinese()
                for phrase in NEVER_ENGLISH if phrase in english.lower()]


def test_a_term_that_stands_alone_has_its_word() -> None:
    words = {term.en: term.zh for term in TERMS}
    alone = {english: said for english, said in chinese() if english in words}
    assert alone
    assert not {said for english, said in alone.items() if words[english] not in said}


def test_chinese_texts_hold_no_english_sentence() -> None:
    wrong = [said for english, said in chinese()
             if re.search(r"(?<![\w.`'/-])[a-z]{3,} [a-z]{3,} [a-z]{3,}(?![\w(])", said)
             and not re.search(r"[\u4e00-\u9fff]", said)]
    assert not wrong


def test_the_page_is_made_of_the_list() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.texts.terms_page"

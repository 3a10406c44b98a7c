"""Nothing is missing in Chinese, and what is shown fits the catalogue."""

from __future__ import annotations

import io
import re

import pytest

from sim.texts import CATALOGUES, _, use_language
from tests.texts.collecting import texts

FOLDER = CATALOGUES / "zh_CN" / "LC_MESSAGES"
FIELD = re.compile(r"\{\w+[^{}]*\}")


@pytest.fixture(autouse=True)
def _english_again() -> object:
    yield
    use_language("en")


def test_every_text_is_translated() -> None:
    use_language("zh")
    silent = ("CNY", "path", "O2O", "id")
    same = [text for text in texts()
            if _(text) == text and re.search("[a-z]{2}", text) and text not in silent]
    assert not same, "run: python -m tests.texts.collecting, and translate"


def test_fields_survive_translation() -> None:
    use_language("zh")
    wrong = [text for text in texts() if set(FIELD.findall(text)) != set(FIELD.findall(_(text)))]
    assert not wrong


def test_the_compiled_catalogue_is_that_of_the_source() -> None:
    mofile = pytest.importorskip("babel.messages.mofile")
    pofile = pytest.importorskip("babel.messages.pofile")
    with open(FOLDER / "weishang.po", "rb") as file:
        catalogue = pofile.read_po(file, locale="zh_CN")
    compiled = io.BytesIO()
    mofile.write_mo(compiled, catalogue)
    assert compiled.getvalue() == (FOLDER / "weishang.mo").read_bytes()

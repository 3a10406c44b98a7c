"""Nothing is missing in Chinese, and what is shown fits the catalogue."""

from __future__ import annotations

import gettext
import io
import re
from typing import IO

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

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
    assert not same, (
        f"run: python -m tests.texts.collecting, translate in {FOLDER / 'weishang.po'}, and run it "
        f"again: {same}")


def test_fields_survive_translation() -> None:
    use_language("zh")
    wrong = [text for text in texts() if set(FIELD.findall(text)) != set(FIELD.findall(_(text)))]
    assert not wrong


def said(file: IO[bytes]) -> tuple[dict[object, str], list[int]]:
    """Return what a compiled catalogue says: its texts, and the number of the plural form of each n.

    Bytes are not compared: the tool that compiles writes its version and an order of its own.
    """
    catalogue = gettext.GNUTranslations(file)
    texts: dict[object, str] = dict(catalogue._catalog)  # type: ignore[attr-defined]
    texts.pop("", None)
    return texts, [catalogue.plural(number) for number in range(200)]  # type: ignore[attr-defined]


def test_the_compiled_catalogue_is_that_of_the_source() -> None:
    with open(FOLDER / "weishang.po", "rb") as file:
        catalogue = read_po(file, locale="zh_CN")
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    with open(FOLDER / "weishang.mo", "rb") as file:
        shipped = said(file)
    assert said(io.BytesIO(compiled.getvalue())) == shipped


@pytest.mark.parametrize("change", ["text", "new", "gone", "plural"])
def test_a_catalogue_that_says_something_else_is_noticed(change: str) -> None:
    with open(FOLDER / "weishang.po", "rb") as file:
        catalogue = read_po(file, locale="zh_CN")
    some = next(message for message in catalogue if message.id and message.string)
    if change == "text":
        some.string += "。"
    elif change == "new":
        catalogue.add("never said", "从未说过")
    elif change == "gone":
        catalogue.delete(some.id)
    else:
        catalogue._num_plurals, catalogue._plural_expr = 2, "(n != 1)"
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    with open(FOLDER / "weishang.mo", "rb") as file:
        assert said(io.BytesIO(compiled.getvalue())) != said(file)


IN_CHINESE = {
    "date", "does", "first", "gaps", "high", "hint", "kind", "last", "low", "one", "other", "param_type",
    "part", "rules", "span", "then", "unit", "what",
}
"""Fields that are filled with Chinese words, which stand beside others without a space."""


def test_what_may_be_a_number_or_a_name_does_not_run_into_chinese_words() -> None:
    from sim.views.texts import TEXTS

    close = re.compile(r"(?<![“（])\{(\w+)\}(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])\{(\w+)\}")
    use_language("zh")
    told = [*(_(text) for text in texts()), *(zh for _en, zh in TEXTS.values())]
    assert len(told) > 1000
    for text in told:
        for found in close.finditer(text):
            assert (found[1] or found[2]) in IN_CHINESE, text

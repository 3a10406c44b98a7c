"""Texts that users write in one language or in both, such as titles and names of tiers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.texts import LANGUAGES, _, language

__all__ = ["Bilingual", "is_bilingual", "text_of"]

MAX_LENGTH = 200


class Bilingual(str):
    """A text that may be given in both languages: ``Pyramid`` or ``{en: Pyramid, zh: 层级压货}``.

    As a plain `str` it is the English text, or the only one, whatever the language in use: tables,
    file names and digests depend on it. `text_of` returns the text to show.
    """

    words: dict[str, str]

    def __new__(cls, text: str | Mapping[str, str] = "") -> Bilingual:
        """Return the text; a map gives it by language."""
        words = {str(lang): str(said) for lang, said in text.items()} \
            if isinstance(text, Mapping) else dict(getattr(text, "words", {}))
        plain = text if isinstance(text, str) else words.get("en") or next(iter(words.values()), "")
        made = super().__new__(cls, plain)
        made.words = words
        return made

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> Any:
        """Return how pydantic checks and writes such a text."""
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            _checked, serialization=core_schema.plain_serializer_function_ser_schema(_written))


def is_bilingual(value: object) -> bool:
    """Return whether a map gives one text by language, and is therefore one value."""
    return isinstance(value, Mapping) and bool(value) and set(value) <= set(LANGUAGES)


def text_of(value: object, lang: str | None = None) -> str:
    """Return a text in a language, by default the one in use; in the other where it is alone."""
    words = getattr(value, "words", value)
    if isinstance(words, Mapping) and words:
        return str(words.get(lang or language()) or next(iter(words.values())))
    return "" if value is None else str(value)


def _checked(value: object) -> Bilingual:
    if not isinstance(value, (str, Mapping)) or (
            isinstance(value, Mapping) and not is_bilingual(value)):
        raise ValueError(_("write a text, or one text a language: en and zh"))
    texts = list(value.values()) if isinstance(value, Mapping) else [value]
    if any(not isinstance(text, str) for text in texts):
        raise ValueError(_("write a text, or one text a language: en and zh"))
    if any(len(text) > MAX_LENGTH for text in texts):
        raise ValueError(_("longer than {limit} characters").format(limit=MAX_LENGTH))
    return Bilingual(value)


def _written(value: Any) -> Any:
    return dict(value.words) if getattr(value, "words", None) else str(value)

"""Texts in English and Chinese, from gettext catalogues.

``_("Text")`` returns the text in the language in use; ``mark("Text")`` only marks a text that is
translated later, when it is shown. The language is the user's locale unless `use_language` says
otherwise. Only texts depend on it, never a number.
"""

from __future__ import annotations

import functools
import gettext
import locale
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = [
    "CATALOGUES", "DOMAIN", "LANGUAGES", "_", "language", "mark", "speaking", "use_language",
]

DOMAIN = "weishang"
CATALOGUES = Path(__file__).with_name("locale")
LANGUAGES = {"en": "en", "zh": "zh_CN"}
"""Languages by the name that ``--lang`` takes, with the name of their catalogue."""

_in_use: list[str] = []


def language() -> str:
    """Return the language in use: ``en`` or ``zh``."""
    if not _in_use:
        _in_use.append(_of_locale())
    return _in_use[-1]


def use_language(name: str | None) -> None:
    """Show texts in this language; ``None`` stands for the user's locale."""
    _in_use[:] = [name if name in LANGUAGES else _of_locale()]


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Show texts in this language inside a ``with`` block."""
    before = list(_in_use)
    use_language(name)
    try:
        yield
    finally:
        _in_use[:] = before


def _of_locale() -> str:
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        # LANGUAGE may be a list, in order of preference.
        for value in os.environ.get(variable, "").lower().split(":"):
            if value:
                if value.startswith(("zh", "en")):
                    return value[:2]
                if variable != "LANGUAGE":
                    return "en"
    # Windows has no such variables, but names such as "Chinese (Simplified)_China".
    system = (locale.getlocale()[0] or "").lower()
    return "zh" if system.startswith(("zh", "chinese")) else "en"


@functools.cache
def _catalogue(name: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, CATALOGUES, [LANGUAGES[name]], fallback=True)


def _(text: str) -> str:
    """Return `text` in the language in use."""
    return _catalogue(language()).gettext(text) if text else text


def mark(text: str) -> str:
    """Mark `text` for the catalogues and return it as it is."""
    return text

"""The answer of a study, kept in its folder in both languages; pages begin with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol

from sim.texts import LANGUAGES, speaking

if TYPE_CHECKING:
    from sim.kernel.plain import Data
    from sim.runs.reading import Results

__all__ = ["ANSWER", "Answered", "answer_of", "keep_answer"]

ANSWER = "answer.json"


class Answered(Protocol):
    """A study with an answer in sentences; some have a ``headline()``, too."""

    def verdicts(self) -> list[str]:
        """Return the answer in plain sentences."""
        ...


def keep_answer(results: Results | None, found: Answered) -> None:
    """Write the headline and the sentences of a study to its folder, unless they exist.

    Parameters
    ----------
    results
        The folder, or None.
    found
        The study, with ``verdicts()``; its ``headline()``, or the first sentence, heads the page.
    """
    if results is None:
        return
    said: Data = {}
    for lang in LANGUAGES:
        with speaking(lang):
            sentences = found.verdicts()
            said[lang] = {"headline": found.headline() if hasattr(found, "headline") else sentences[0],
                          "sentences": sentences}
    text = (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()
    path = results.path / ANSWER
    if not path.exists() or path.read_bytes() != text:
        results.publish(ANSWER, lambda temporary: temporary.write_bytes(text))


def answer_of(results: object, lang: str) -> Data | None:
    """Return headline and sentences of the study in a folder; None if it holds no study."""
    path = getattr(results, "path", None)
    if path is None or not (path / ANSWER).exists():
        return None
    found: Data = json.loads((path / ANSWER).read_text(encoding="utf-8"))
    return found.get(lang)

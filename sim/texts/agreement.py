"""English sentences about one of a kind: "1 person sells", not "1 persons sell"."""

from __future__ import annotations

import re

__all__ = ["agreed"]

_ALONE = r"(?<![\d.,:=#–-])(?<!week )(?<!seed )1"
_NOUNS = ("persons", "units", "weeks", "points", "runs", "seeds", "settings", "pairs", "cells", "levels",
          "resellers", "figures", "months", "plans", "futures", "worlds", "steps", "events", "times",
          "differences", "columns", "measures", "people", "records", "rows", "files",
          "values")
_SINGULAR = {"people": "person"}
_VERBS = {"are": "is", "were": "was", "have": "has", "lie": "lies", "sell": "sells", "follow": "follows",
          "agree": "agrees", "say": "says", "come": "comes", "know": "knows", "do": "does"}
_ONE = re.compile(
    rf"({_ALONE})( (?:{'|'.join(_NOUNS)})\b)?( still\b)?( (?:{'|'.join(_VERBS)})\b)?( customers\b)?")


def agreed(text: str) -> str:
    """Return a sentence in which one person *is* and one unit *lies*.

    Sentences are written in the plural, and corrected here if the number turns out to be one.
    """
    def mended(found: re.Match[str]) -> str:
        alone, noun, still, verb, what = (part or "" for part in found.groups())
        if noun:
            noun = " " + _SINGULAR.get(noun.strip(), noun.strip().removesuffix("s"))
        if verb:
            verb = " " + _VERBS[verb.strip()]
        return alone + noun + still + verb + (" a customer" if what and verb else what)

    return _ONE.sub(mended, text)

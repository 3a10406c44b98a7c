"""Seeds as users give them: one, many, or a text such as ``10:20``."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

from sim.errors import UsageError
from sim.texts import _

__all__ = ["MAX_SEEDS", "seed_of", "seeds_of"]

MAX_SEEDS = 1_000_000
_WIDE = str.maketrans("０１２３４５６７８９，：　、", "0123456789,: ,")
"""Punctuation of a Chinese keyboard, with its ASCII equivalents."""


def seed_of(given: Any) -> int:
    """Return a seed: a whole number from 0 to 2^63 - 1.

    Raises
    ------
    UsageError
        For anything else.
    """
    try:
        seed = -1 if isinstance(given, bool) else operator.index(given)
    except TypeError:
        seed = -1
    if not 0 <= seed < 2**63:
        raise UsageError(_(
            "a seed is a whole number from 0 to 9223372036854775807, not {found}").format(
                found=repr(given)[:50]))
    return seed


def seeds_of(given: str | int | Iterable[int]) -> list[int]:
    """Return the seeds that ``30`` (0 to 29), ``1,2,5`` or ``10:20`` (10 to 20) stand for.

    Raises
    ------
    UsageError
        For anything else, for no seed at all, and for a seed given twice.
    """
    if isinstance(given, str):
        return _distinct(_of_text(given))
    if isinstance(given, Iterable):
        return _distinct([seed_of(seed) for seed in given])
    count = seed_of(given)
    if count > MAX_SEEDS:
        raise UsageError(_("{count} seeds are too many; the most is {limit}").format(
            count=f"{count:,}", limit=f"{MAX_SEEDS:,}"))
    return _distinct(range(count))


def _of_text(text: str) -> Iterable[int]:
    words = text.translate(_WIDE).replace(" ", "")
    try:
        if "," in words:
            return [_whole(word) for word in words.split(",")]
        if ":" in words:
            first, last = (_whole(word) for word in words.split(":"))
            found = range(first, last + 1)
        else:
            found = range(_whole(words))
        if len(found) > MAX_SEEDS:
            raise ValueError
    except (ValueError, OverflowError):
        raise UsageError(
            _("seeds are 30 (that many, from 0), 1,2,5 (a list) or 10:20 (from, to), "
              "not '{found}'").format(found=text[:50])) from None
    return found


def _whole(word: str) -> int:
    if not word.isascii() or not word.isdigit() or int(word) >= 2**63:
        raise ValueError
    return int(word)


def _distinct(seeds: Iterable[int]) -> list[int]:
    chosen = list(seeds)
    if not chosen or len(set(chosen)) != len(chosen):
        raise UsageError(_("at least one seed is needed, and none twice"))
    return chosen

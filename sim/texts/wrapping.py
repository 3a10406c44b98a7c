"""Wrapping text to the width of a screen or a column; Chinese characters take two places.

No line ends inside a number, between a number and its unit, or before a mark that may not begin a line.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["close_up", "held", "released", "width_of", "wrapped"]

NO_BEGINNING = "，。；：、）》”！？%.,;]="
"""Marks that may not begin a line in Chinese typesetting."""
NO_END = "（《“[."
"""Marks that may not end a line."""
_UNITS = "%|万|亿|元|件|人|周|年|次|项|对|名|种|个|million|billion|thousand|yuan|points"
_WHOLE = re.compile(rf"(?<=[0-9]) (?=(?:{_UNITS}))|(?<=million) (?=\w)|(?<=thousand) (?=\w)")
"""Spaces between a number and its unit, at which no line may end."""
_KEPT = "\u00a0"
_JOINTS = "._/-"
"""Marks after which a long name may be broken."""
_OPEN, _SHUT, _SIGN = "（《“「", "，。；：、！？）》”」", "\u4e00-\u9fff"
_APART = re.compile(
    rf"(?<=[{_SIGN}{_SHUT}]) (?=[{_SIGN}{_OPEN}])|(?<=[{_OPEN}{_SHUT}]) (?! )|(?<=[^ ]) (?=[{_OPEN}{_SHUT}])")
"""Spaces that Chinese text does not have: between two characters, or next to a punctuation mark."""
_NAME = re.compile(rf"[a-z_]+\.[{_SIGN}]+(?:\.[a-z_0-9]+)+")
"""The setting of an event, such as events.转型.set.offer.list_price: one word."""


def width_of(text: str) -> int:
    """Return how many columns of a terminal a text takes; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def close_up(text: str) -> str:
    """Return a Chinese text without spaces between words and next to punctuation."""
    return _APART.sub("", text)


def held(text: str) -> str:
    """Return a text in which numbers and their units cannot be separated; `released` undoes it."""
    return _WHOLE.sub(_KEPT, text)


def released(text: str) -> str:
    """Return a text from `held` with its spaces restored."""
    return text.replace(_KEPT, " ")


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a text; long words and Chinese text are broken at the end of the column."""
    lines: list[str] = [""]
    for word in _words(held(text)):
        if width_of(lines[-1]) + width_of(word.rstrip()) > width and lines[-1].strip():
            lines.append("")
        lines[-1] += word if lines[-1] else word.lstrip()
        while width_of(lines[-1].rstrip()) > width:
            cut = _cut(lines[-1], width)
            lines[-1:] = [lines[-1][:cut], lines[-1][cut:]]
    return [released(line.rstrip()) for line in lines]


def _cut(line: str, width: int) -> int:
    """Return where to break a line that is too wide: after a mark in a name, if possible."""
    last = next(at for at in range(len(line), 0, -1) if width_of(line[:at]) <= width)
    joints = [at for at in range(last, last // 3, -1) if line[at - 1] in _JOINTS
              and not line[at - 2 : at - 1].isdigit()]
    return joints[0] if joints else last


def _words(text: str) -> list[str]:
    words: list[str] = []
    for piece in text.replace("\n", " ").split(" "):
        inside = {at for name in _NAME.finditer(piece) for at in range(name.start() + 1, name.end())}
        for at, letter in enumerate(piece):
            if at in inside:
                words[-1] += letter
                continue
            before = words[-1][-1] if words and not words[-1].endswith(" ") else ""
            glued = before and (letter in NO_BEGINNING or before in NO_END or _KEPT in (letter, before)
                                or (letter in "万亿" and before.isdigit())
                                or (letter in "元件人" and before in "万亿")
                                or before + letter in ("个百", "百分", "分点"))
            if not glued and (width_of(letter) == 2 or not before or width_of(before) == 2):
                words.append(letter)
            else:
                words[-1] += letter
        if words:
            words[-1] += " "
    return words

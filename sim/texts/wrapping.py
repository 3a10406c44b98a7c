"""Lines of text as wide as a screen or a column; Chinese letters take two places.

No line ends inside a number, between a number and its unit, or before a mark that begins no line.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["close_up", "held", "released", "width_of", "wrapped"]

NO_BEGINNING = "，。；：、）》”！？%.,;]="
"""Marks that begin no line, as Chinese is set."""
NO_END = "（《“[."
"""Marks that end none."""
_UNITS = "%|万|亿|元|件|人|周|年|次|项|对|名|种|个|million|billion|thousand|yuan|points"
_WHOLE = re.compile(rf"(?<=[0-9]) (?=(?:{_UNITS}))|(?<=million) (?=\w)|(?<=thousand) (?=\w)")
"""Spaces between a number and what belongs to it, where no line ends."""
_KEPT = "\u00a0"
_JOINTS = "._/-"
"""Marks after which a long name may be cut."""
_OPEN, _SHUT, _SIGN = "（《“「", "，。；：、！？）》”」", "\u4e00-\u9fff"
_APART = re.compile(
    rf"(?<=[{_SIGN}{_SHUT}]) (?=[{_SIGN}{_OPEN}])|(?<=[{_OPEN}{_SHUT}]) (?! )|(?<=[^ ]) (?=[{_OPEN}{_SHUT}])")
"""A space that no Chinese text has: between two of its signs, or beside one of its marks."""


def width_of(text: str) -> int:
    """Return how many columns of a terminal a text takes; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def close_up(text: str) -> str:
    """Return a Chinese text without spaces between its words, and beside its marks."""
    return _APART.sub("", text)


def held(text: str) -> str:
    """Return a text in which numbers and their units hang together."""
    return _WHOLE.sub(_KEPT, text)


def released(text: str) -> str:
    """Return a text that `held` made, with its spaces."""
    return text.replace(_KEPT, " ")


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a text; long words and Chinese are cut where the column ends."""
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
    """Return where a line is cut that is too wide: after a joint of a name, else where it must be."""
    last = next(at for at in range(len(line), 0, -1) if width_of(line[:at]) <= width)
    joints = [at for at in range(last, last // 3, -1) if line[at - 1] in _JOINTS
              and not line[at - 2 : at - 1].isdigit()]
    return joints[0] if joints else last


def _words(text: str) -> list[str]:
    words: list[str] = []
    for piece in text.replace("\n", " ").split(" "):
        for letter in piece:
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

"""Plain tables for a terminal; Chinese characters take two columns."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Collection, Sequence

from sim.scenario.problems import width_of

__all__ = ["paragraph", "screen_width", "table", "wrapped"]


def screen_width() -> int:
    """Return the columns to fill: those of the terminal, between 60 and 120."""
    return max(60, min(120, shutil.get_terminal_size((100, 24)).columns))


def _padded(text: str, width: int, right: bool) -> str:
    filling = " " * max(0, width - width_of(text))
    return filling + text if right else text + filling


NO_BEGINNING = "，。；：、）》”！？%.,;]="
"""Marks that begin no line, as Chinese is set."""
NO_END = "（《“[."
"""Marks that end none."""
_WHOLE = re.compile(r"(?<=[0-9]) (?=%|万|亿|元|件|人|周|年|次|million|billion|thousand)")
"""Spaces between a number and what belongs to it, where no line ends."""
_KEPT = "\u00a0"


def _held(text: str) -> str:
    return _WHOLE.sub(_KEPT, text)


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a text; long words and Chinese are cut where the column ends."""
    lines: list[str] = [""]
    for word in _words(_held(text)):
        if width_of(lines[-1]) + width_of(word.rstrip()) > width and lines[-1].strip():
            lines.append("")
        lines[-1] += word if lines[-1] else word.lstrip()
        while width_of(lines[-1].rstrip()) > width:
            cut = next(at for at in range(len(lines[-1]), 0, -1)
                       if width_of(lines[-1][:at]) <= width)
            lines[-1:] = [lines[-1][:cut], lines[-1][cut:]]
    return [line.rstrip().replace(_KEPT, " ") for line in lines]


def _words(text: str) -> list[str]:
    words: list[str] = []
    for piece in text.replace("\n", " ").split(" "):
        for letter in piece:
            glued = words and not words[-1].endswith(" ") and (
                letter in NO_BEGINNING or words[-1][-1] in NO_END or words[-1][-1] == _KEPT
                or (letter in "万亿" and words[-1][-1].isdigit()))
            if not glued and (width_of(letter) == 2 or not words or words[-1].endswith(" ") or
                              width_of(words[-1][-1]) == 2):
                words.append(letter)
            else:
                words[-1] += letter
        if words:
            words[-1] += " "
    return words


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, width: int | None = None,
    flexible: int = -1, right: Collection[int] = (),
) -> str:
    """Return a table that fits the screen; the `flexible` column wraps, `right` ones are aligned so.
    """
    room = width or screen_width()
    columns = [
        max(width_of(str(row[at])) for row in [head, *rows]) for at in range(len(head))
    ]
    flexible %= len(head)
    fixed = [at for at in range(len(head)) if at != flexible]
    widths = list(columns)
    spare = room - 2 * len(fixed)
    kept = max(16, min(24, columns[flexible])) if flexible == len(head) - 1 else 18
    while fixed and sum(widths[at] for at in fixed) > spare - kept and \
            max(widths[at] for at in fixed) > 12:
        widths[max(fixed, key=lambda at: widths[at])] -= 1
    left = max(16, spare - sum(widths[at] for at in fixed))
    widths[flexible] = left if flexible == len(head) - 1 else min(columns[flexible], left)
    lines = []
    for number, row in enumerate([head, *rows]):
        cells = [wrapped(str(cell), wide) for cell, wide in zip(row, widths, strict=True)]
        for at in range(max(len(cell) for cell in cells)):
            lines.append("  ".join(
                _padded(cell[at] if at < len(cell) else "", wide, column in right)
                for column, (cell, wide) in enumerate(zip(cells, widths, strict=True))).rstrip())
        if number == 0:
            lines.append("  ".join("-" * min(wide, columns[at])
                                   for at, wide in enumerate(widths)))
    return "\n".join(lines)


def paragraph(text: str, indent: str = "") -> str:
    """Return a text wrapped to the screen."""
    if any(width_of(letter) == 2 for letter in text):
        return "\n".join(indent + line for line in wrapped(text, screen_width() - len(indent)))
    return textwrap.fill(
        _held(text), screen_width(), initial_indent=indent, subsequent_indent=indent,
        break_on_hyphens=False).replace(_KEPT, " ")

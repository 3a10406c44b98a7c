"""Plain tables for a terminal; Chinese characters take two columns."""

from __future__ import annotations

import operator
import shutil
import textwrap
from collections.abc import Collection, Sequence

from sim.texts.wrapping import close_up, held, released, width_of, wrapped

__all__ = ["paragraph", "screen_width", "table"]


def screen_width() -> int:
    """Return the width of the terminal in columns, between 60 and 120."""
    return max(60, min(120, shutil.get_terminal_size((100, 24)).columns))


def _padded(text: str, width: int, right: bool) -> str:
    filling = " " * max(0, width - width_of(text))
    return filling + text if right else text + filling


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, width: int | None = None,
    flexible: int = -1, right: Collection[int] = (), figures: bool = False,
) -> str:
    """Return a table that fits the screen; the `flexible` column wraps, `right` columns align right.

    In a table of `figures` the headings wrap before the `flexible` column does, and no figure does.
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
    if figures:
        data = [max([0, *(width_of(str(row[at])) for row in rows)]) for at in range(len(head))]
        words = [max(width_of(word) if word.isascii() else 8 for word in str(cell).split()) for cell in head]
        widths = list(columns)
        # Headings wrap between words first, then labels; headings within words where that is not enough.
        labels = [min(wide, 18) if at == flexible else wide for at, wide in enumerate(data)]
        for figure, floors in ((data, words), (labels, words), (labels, [8] * len(head))):
            least = [max(pair) for pair in zip(figure, floors, strict=True)]
            while sum(widths) + 2 * len(head) - 2 > room and any(map(operator.gt, widths, least)):
                widths[max(range(len(head)), key=lambda at: widths[at] - least[at])] -= 1
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
        lines = wrapped(close_up(text), screen_width() - width_of(indent))
        return "\n".join(indent + line for line in lines)
    return released(textwrap.fill(
        held(text), screen_width(), initial_indent=indent, subsequent_indent=indent,
        break_on_hyphens=False))

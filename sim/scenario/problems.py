"""Problems in scenario files: where they are, what is wrong, and how they are shown.

Text from a file is stripped of control and bidirectional characters, and cut at 200 characters,
before it is shown.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sim.errors import ScenarioError
from sim.texts import _
from sim.texts.wrapping import width_of

__all__ = [
    "MAX_PROBLEMS", "Place", "Problems", "Source", "about_hidden", "clean", "did_you_mean", "hidden",
    "nearest", "shown", "width_of",
]

MAX_PROBLEMS = 20
"""Largest number of problems that are reported at once."""

MAX_ECHO = 200
EXCERPT = 96


def clean(text: object, longest: int = MAX_ECHO) -> str:
    """Return `text` without control and bidirectional characters, cut at `longest`."""
    letters = "".join(
        letter for letter in str(text)[: 4 * longest]
        if unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
    )
    return letters if len(letters) <= longest else letters[: longest - 1] + "…"


_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
    "\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]")


def hidden(value: object) -> str:
    """Return the first control character of a text, or of plain data; empty without one.

    Such characters colour or clear a terminal, or reverse the reading order. The joiners inside an
    emoji do not count.
    """
    if isinstance(value, Mapping):
        return next(filter(None, (hidden(part) for pair in value.items() for part in pair)), "")
    if isinstance(value, (list, tuple)):
        return next(filter(None, map(hidden, value)), "")
    found = _HIDDEN.search(value) if isinstance(value, str) else None
    return found[0] if found else ""


def about_hidden(letter: str) -> str:
    """Return the message about a hidden control character."""
    return _("a control character (number {number}); remove it").format(number=ord(letter))


def shown(value: object) -> str:
    """Return a value as it is quoted in a message."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, (int, float)):
        return clean(value, 40)
    if isinstance(value, dict):
        return _("a map")
    if isinstance(value, (list, tuple)):
        return _("a list")
    return f"'{clean(value, 60)}'"


def nearest(name: object, known: Iterable[str]) -> str | None:
    """Return the known name that `name` probably stands for."""
    wanted, names = str(name)[:80].lower(), list(known)
    begun = [known for known in names if len(wanted) > 3 and known.lower().startswith(f"{wanted}_")]
    if begun:
        return begun[0]
    found = difflib.get_close_matches(wanted, [known.lower() for known in names], 1, 0.6)
    if found:
        return next(known for known in names if known.lower() == found[0])
    # The same words in another order: active_resellers.
    return next((known for known in names if "_" in known and _words(known) == _words(wanted)), None)


def _words(name: str) -> list[str]:
    return sorted(name.lower().split("_"))


@dataclass(frozen=True)
class Source:
    """Where a text comes from: a file or the command line."""

    name: str
    lines: tuple[str, ...] = ()
    numbered: bool = True
    """Whether lines have numbers that mean something to a reader."""


@dataclass(frozen=True)
class Place:
    """A stretch of one line; line and column count from 0."""

    source: Source
    line: int = 0
    column: int = 0
    width: int = 1

    def __str__(self) -> str:
        if not self.source.numbered:
            return self.source.name
        return f"{self.source.name}:{self.line + 1}:{self.column + 1}"

    def excerpt(self) -> str:
        """Return the line with a caret under the place; empty when there is no such line."""
        if self.line >= len(self.source.lines):
            return ""
        line = self.source.lines[self.line]
        start = max(0, self.column - EXCERPT // 2) if len(line) > EXCERPT else 0
        before = _visible(line[start : self.column])
        at = _visible(line[self.column : min(self.column + self.width, start + EXCERPT)])
        after = _visible(line[self.column + self.width : start + EXCERPT])
        margin = f"{self.line + 1:>5} | " if self.source.numbered else "      | "
        carets = "^" * max(1, width_of(at))
        return f"{margin}{before}{at}{after}\n      | {' ' * width_of(before)}{carets}"


def _visible(text: str) -> str:
    return clean(text.replace("\t", " "), EXCERPT)


@dataclass
class Problems:
    """The problems found so far; each place is reported once."""

    found: list[tuple[Place, str]] = field(default_factory=list)
    more: int = 0
    spoilt: set[Place] = field(default_factory=set)
    """Entries of lists in which something is wrong; what else they lack may follow from that."""

    def add(self, place: Place, key: str, what: str, hint: str | None = None) -> None:
        """Record a problem; `hint` is the nearest valid name, or what to do."""
        text = f"{clean(key, 80)}: {what}" if key else what
        if hint:
            text += _("; ") + hint
        if any(text == other and place == where for where, other in self.found):
            return
        if len(self.found) < MAX_PROBLEMS:
            self.found.append((place, text))
        else:
            self.more += 1

    def __len__(self) -> int:
        return len(self.found) + self.more

    @property
    def full(self) -> bool:
        """Whether enough problems were found to stop looking for more."""
        return len(self.found) >= MAX_PROBLEMS

    def texts(self) -> list[str]:
        """Return the problems as they are shown, by file and line."""
        names = list(dict.fromkeys(place.source.name for place, _text in self.found))
        ordered = sorted(
            self.found, key=lambda problem: (
                names.index(problem[0].source.name), problem[0].line, problem[0].column))
        return [
            f"{place}: {text}" + (f"\n{excerpt}" if (excerpt := place.excerpt()) else "")
            for place, text in ordered
        ]

    def raise_if_any(self, name: str) -> None:
        """Raise `ScenarioError` when anything is wrong with the scenario `name`."""
        if not len(self):
            return
        count = len(self.found)
        if self.more:
            summary = _("{name}: more than {count} problems, the first {count} are shown")
        elif count == 1:
            summary = _("{name}: 1 problem")
        else:
            summary = _("{name}: {count} problems")
        raise ScenarioError(summary.format(name=clean(name), count=count), self.texts())


def did_you_mean(name: object, known: Iterable[str]) -> str | None:
    """Return the hint that names the nearest valid name, or None when nothing is near."""
    best = nearest(name, known)
    return _("did you mean '{name}'?").format(name=best) if best else None

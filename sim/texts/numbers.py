"""Numbers as people write them: yuan instead of fen, percentages, 万 and 亿 in Chinese."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from sim.texts import _, language, mark
from sim.texts.agreement import agreed
from sim.texts.wrapping import close_up

__all__ = ["Scale", "begun", "counted", "duration", "labelled", "said", "said_gap", "scale_of", "tidy"]

_ZH = ((1e8, "亿"), (1e4, "万"))
_COUNTED = {"fen": mark("yuan"), "units": mark("units"), "persons": mark("persons")}
"""Units whose numbers may be large, with the word for one of them."""


@dataclass(frozen=True)
class Scale:
    """How the numbers of one row are written: divided by `size`, followed by `word`."""

    size: float = 1.0
    word: str = ""
    digits: int | None = None
    """Decimals; by default as many as make three figures."""

    def figure(self, value: float, *, plus: bool = False) -> str:
        """Return a number without its unit."""
        if not math.isfinite(value):
            return "-"
        scaled = value / self.size
        text = f"{scaled:,.{self.digits}f}" if self.digits is not None else _three_figures(scaled)
        if text.strip("-0.,") == "":
            text = text.lstrip("-")
        return f"+{text}" if plus and scaled > 0 and text.strip("0.,") else text

    def said(self, value: float) -> str:
        """Return a number with its unit."""
        text = self.figure(value)
        if not self.word or text == "-":
            return text
        return f"{text}%" if self.word == "%" else agreed(f"{text} {self.word}")


def scale_of(values: Iterable[float], unit: str) -> Scale:
    """Return a common scale in which all of these values are readable."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    if unit == "share":
        return Scale(0.01, "%", 1)
    if unit == "week":
        return Scale(1.0, _("weeks"), 1)
    counted_unit, slash, other = unit.partition("/")
    base = 100.0 if counted_unit == "fen" else 1.0
    word = _(_COUNTED.get(counted_unit, counted_unit)) if counted_unit else ""
    ending = f"/{_(other)}" if slash else ""
    if not word:
        return Scale()
    if language() == "zh":
        step, name = next(((step, name) for step, name in _ZH if largest / base >= step), (1.0, ""))
        return Scale(base * step, f"{name}{word}{ending}")
    if largest / base >= 1e6:
        return Scale(base * 1e6, _("million {unit}").format(unit=word) + ending)
    return Scale(base, word + ending)


def labelled(label: str, scale: Scale, unit: str) -> str:
    """Return the label of a row with the unit of its numbers, unless the label already has it."""
    if not scale.word or (unit in ("units", "persons") and scale.size == 1.0):
        return label
    return _("{label} ({unit})").format(label=label, unit=scale.word)


def said(value: float, unit: str) -> str:
    """Return a number with its unit as a person would write it."""
    if not math.isfinite(value):
        return _("none")
    if unit == "week":
        return _("week {number}").format(number=f"{value:.0f}")
    scale = scale_of([value], unit)
    return scale.said(value if unit == "share" else _rounded(value / scale.size) * scale.size)


def said_gap(value: float, unit: str) -> str:
    """Return a difference as a person would write it, with percentage points for shares."""
    if unit == "share":
        number = f"{100 * value:.{1 if abs(value) >= 0.01 else 2}f}"
        return _("{number} points").format(number=number)
    if unit == "week":
        return _("{number} weeks").format(number=f"{value:.1f}")
    return said(value, unit)


def counted(value: float) -> str:
    """Return a number of persons or units without the word for them: 5,842, or 6.42 万."""
    if not math.isfinite(value):
        return "-"
    if language() == "zh":
        for step, name in _ZH:
            if abs(value) >= step:
                return f"{_three_figures(value / step)} {name}"
    return f"{value:,.0f}"


def tidy(text: str) -> str:
    """Return a Chinese sentence without spaces between words, or an English one with verbs in agreement."""
    return close_up(agreed(text))


def begun(text: str) -> str:
    """Return a tidy sentence that begins with a capital, unless it begins with the name of a setting."""
    text = tidy(text)
    first = text.partition(" ")[0]
    return text if any(sign in first for sign in "._=") else text[:1].upper() + text[1:]


def _rounded(value: float) -> float:
    """Return a number rounded to three significant figures."""
    return float(f"{value:.3g}") if abs(value) >= 100 else value


def _three_figures(value: float) -> str:
    """Return a number with three figures, or with all before its point."""
    size = abs(value)
    if size >= 100 or value == 0:
        return f"{value:,.0f}"
    digits = 2 - math.floor(math.log10(size))
    text = f"{value:.{min(digits, 6)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def duration(seconds: float) -> str:
    """Return a length of time in the unit that suits it."""
    if seconds != seconds:
        return "-"
    if seconds < 100:
        return f"{seconds:.0f} s" if seconds >= 1 else f"{seconds:.1f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"

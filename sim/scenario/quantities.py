"""Numbers with units, in English and Chinese: ``80%``, ``¥128``, ``24个月``, ``1.5万件``.

A bare number is in the documented unit of its parameter; a unit that does not fit is an error.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from sim.scenario.problems import clean, did_you_mean
from sim.texts import _

__all__ = ["QuantityError", "quantity", "unit_words"]

# Words for a unit, each with its factor to the unit that settings are in. A year is 52 weeks, and
# a month is a twelfth of it.
_WORDS: dict[str, tuple[tuple[str, str], ...]] = {
    "CNY": (("CNY", "1"), ("RMB", "1"), ("yuan", "1"), ("元", "1"),
            ("块", "1"), ("块钱", "1"), ("元钱", "1"), ("人民币", "1"), ("fen", "0.01"),
            ("分", "0.01"), ("角", "0.1"), ("毛", "0.1")),
    "weeks": (("weeks", "1"), ("week", "1"), ("周", "1"), ("个周", "1"), ("星期", "1"),
              ("个星期", "1"), ("礼拜", "1"), ("days", "1/7"), ("day", "1/7"), ("天", "1/7"),
              ("日", "1/7"), ("months", "52/12"), ("month", "52/12"), ("月", "52/12"),
              ("个月", "52/12"), ("years", "52"), ("year", "52"), ("年", "52")),
    "months": (("months", "1"), ("month", "1"), ("月", "1"), ("个月", "1"), ("years", "12"),
               ("year", "12"), ("年", "12")),
    "units": (("units", "1"), ("unit", "1"), ("件", "1"), ("盒", "1"), ("支", "1"), ("片", "1"),
              ("个", "1"), ("瓶", "1"), ("套", "1"), ("箱", "1")),
    "persons": (("persons", "1"), ("person", "1"), ("people", "1"), ("人", "1"), ("个人", "1"),
                ("名", "1"), ("位", "1")),
    "contacts": (("contacts", "1"), ("contact", "1"), ("人", "1"), ("位", "1"), ("好友", "1")),
    "sellers": (("sellers", "1"), ("seller", "1")),
    "leavers": (("leavers", "1"), ("leaver", "1")),
    "share": (("%", "0.01"), ("share", "1")),
}
_SINGULAR = {
    "week": "weeks", "month": "months", "person": "persons", "unit": "units",
    "contact": "contacts", "seller": "sellers", "leaver": "leavers",
}
_FRACTIONS = ("share", "chance", "hazard", "probability", "utility", "times", "ratio")
"""First words of units for which a percentage makes sense."""
_SCALES = {"万": 10_000, "亿": 100_000_000, "千": 1_000}
_NUMBER = re.compile(
    r"(?P<number>[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?)"
    r"\s*(?P<scale>[万亿千])?\s*(?P<unit>.*)")
_WIDE = {0xFF01 + place: 0x21 + place for place in range(94)}
"""Digits and punctuation of a Chinese keyboard, with their ASCII equivalents."""
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2009\u202f\u2007\u3000"), " ")
"""Spaces that word processors put between a number and its unit."""
_GROUPED = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:[\u00a0\u2009\u202f][0-9]{3})+(?![0-9])")
_YUAN = re.compile(r"([-+]?)\s*(?:[¥￥]|RMB|CNY)\s*(?=[0-9.])")
_COINS = re.compile(r"^([-+]?[0-9]+)[块元]([0-9])[毛角]?$")
"""``12块5`` and ``12元5角``: yuan, and tenths of one."""
_PIECES = re.compile(r"(?<=[0-9])[,，_' ]\s*(?=[0-9]{3}(?![0-9]))")
"""Separators of thousands."""
_NUMERALS = re.compile(r"(?:百分之)?[零〇一二两三四五六七八九十百千万半]+")
_DATE = re.compile(r"[0-9]{4}[-/.年][0-9]{1,2}([-/.月][0-9]{1,2}日?|月)?")
_TENTHS = ("成", "折")
_PER = re.compile(r"\s*(?:/|每| per | an? )\s*")


class QuantityError(ValueError):
    """A text that is not a number with a suitable unit; the message says what is allowed."""


def unit_words(unit: str) -> list[str]:
    """Return the words for this unit that may follow a number, the unit itself first."""
    top, _per, bottom = unit.partition(" a ")
    tops = _words_of(top)
    if not bottom:
        return list(tops)
    percent = ["%"] if "%" in tops else []
    return [
        *(f"{above}/{below}" for above in tops for below in _words_of(bottom)), *percent, unit]


def _words_of(unit: str) -> dict[str, Fraction]:
    name = _SINGULAR.get(unit, unit)
    words = {word: Fraction(factor) for word, factor in _WORDS.get(name, ((name, "1"),))}
    if name.startswith(_FRACTIONS):
        words["%"] = Fraction("0.01")
    return words


def quantity(text: str, unit: str) -> Decimal:
    """Return the number in `text`, converted to `unit`.

    Raises
    ------
    QuantityError
        When the text does not begin with a number, or its unit does not fit.
    """
    text = text.translate(_WIDE)
    text = _GROUPED.sub(lambda group: re.sub(r"\s", "", group[0]), text)
    text = text.translate(_SPACES).strip()
    text = _COINS.sub(r"\1.\2元", text)
    if _YUAN.match(text):
        text = _YUAN.sub(r"\1", text, count=1)
        head, per, bottom = text.partition("/")
        text = f"{head.strip()} CNY{per}{bottom}" if "元" not in head else text
    found = _NUMBER.fullmatch(text)
    if found is None or len(text) > 60:
        spelt = _NUMERALS.match(text)
        known = spelt is not None and (
            text[spelt.end():].strip() in ("", *_TENTHS, *unit_words(unit)))
        raise QuantityError(_("write the number in digits") if known else "")
    if unit == "weeks" and _DATE.fullmatch(text):
        raise QuantityError(_("a date; with a calendar it is given as `at`"))
    number = Decimal(found["number"]) * _SCALES.get(found["scale"] or "", 1)
    words = found["unit"].strip()
    if re.match(r"[,，_']?\s*[0-9]", words):
        raise QuantityError(_in_one_piece(text))
    if not words or words == unit:
        return number
    exact = Fraction(number) * _factor(words, unit)
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def _in_one_piece(text: str) -> str:
    """Return the correct spelling of a number that was split by spaces."""
    whole = _PIECES.sub("", text)
    if whole != text and (found := _NUMBER.fullmatch(whole)) and not re.match(r"\W*[0-9]", found["unit"]):
        return _("write thousands in one piece: {number}").format(number=clean(whole, 40))
    return _("write one number, with a point before decimals")


def _factor(words: str, unit: str) -> Fraction:
    """Return the factor that converts the unit named by `words` to `unit`."""
    top, _per, bottom = unit.partition(" a ")
    parts = _PER.split(words)
    above = _words_of(top)
    if len(parts) == 1 + bool(bottom):
        factor = above.get(parts[0])
        below = _words_of(bottom).get(parts[1]) if bottom else Fraction(1)
        if factor is not None and below is not None:
            return factor / below
    if words == "%" and words in above:
        # A weekly share needs no "/week": `5%` and `5%/week` mean the same.
        return above[words]
    allowed = unit_words(unit)
    if words in _TENTHS and "%" in above:
        raise QuantityError(_("write tenths as a percentage, such as 60%"))
    if not unit:
        raise QuantityError(_("the unit '{found}' does not fit; this has no unit").format(
            found=clean(words, 40)))
    raise QuantityError(
        _("the unit '{found}' does not fit; this is in {unit}").format(
            found=clean(words, 40), unit=_(unit))
        + (_("; ") + hint if (hint := did_you_mean(words, allowed)) else ""))

"""Reality checks: conditions on the weekly table that a run must meet.

``sell_in >= sell_through at week 40``, ``max(inventory_channel) > 1000``,
``trust_mean at end < 50%``,
``mean(joins from week 1 to 10) > 2 * mean(joins from week 90 to 104)``.

A bare column is its value at the end of the run, or at the week given. With ``from week a to b`` the
comparison must hold in each of these weeks. A function covers the whole run, or the weeks given.
``at`` or ``from`` at the end applies to every column and function without a time of its own.

Columns, functions and times may be called by their Chinese names, in the punctuation of a Chinese
keyboard: ``累计（回购款）≤ 200万元``, ``在册代理 第40周 ＞ 300``.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.scenario.history_columns import CALLED
from sim.scenario.problems import clean, did_you_mean
from sim.scenario.quantities import QuantityError, quantity
from sim.scenario.run_table import Columns, RunTable
from sim.texts import _

__all__ = ["Expectation", "ExpectationError", "Figure"]

_TIMES = ("at", "at_end", "span")
_YUAN_BEFORE = re.compile(r"[¥￥]([0-9]+(?:\.[0-9]+)?(?:万|亿|千)?)(?![0-9元])")
"""An amount as on a price tag; its sign is moved behind it, so that positions in the text stay the same."""
FUNCTIONS = ("max", "min", "mean", "sum", "cumulative")
_FUNCTIONS_CALLED = {"最高": "max", "最大": "max", "最低": "min", "最小": "min", "平均": "mean",
                     "合计": "sum", "累计": "cumulative"}
_COLUMNS_CALLED = {name: column for column, names in CALLED.items() for name in names}
_OF_THE_RUN = {"品牌利润": "cumulative", "品牌收入": "cumulative", "最低实付价": "min"}
"""Columns that are also names of key figures: alone, they mean that figure of the whole run."""
_WIDE = str.maketrans("（）＜＞＝！＋－×＊／÷％＠．０１２３４５６７８９", "()<>=!+-**//%@.0123456789")
"""Punctuation of a Chinese keyboard, with its ASCII equivalents; positions in the text stay the same."""

_GRAMMAR = r"""
    start: sum COMPARE sum
    figure: sum | "first" "week" sum COMPARE sum -> first_week
    ?sum: product | sum "+" product -> add | sum "-" product -> subtract
    ?product: atom | product "*" atom -> multiply | product "/" atom -> divide
    ?atom: NUMBER UNIT? when? -> number
        | NAME when? -> column
        | NAME "(" NAME when? ")" when? -> function
        | "-" atom -> negative
        | "(" sum ")"
    when: "at" "week" INT -> at
        | "第" INT "周" -> at
        | "at" END -> at_end
        | END -> at_end
        | "from" "week" INT "to" "week"? INT -> span
        | "第" INT "到" INT "周" -> span
    COMPARE: ">=" | "<=" | "==" | "!=" | ">" | "<" | "≥" | "≤" | "≠"
    NUMBER: /[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]{1,2})?/
    UNIT.2: /(万|亿|千)\s*(元|件|人)?/ | "%" | "CNY" | "元" | "yuan" | "fen" | "件" | "人"
        | "units" | "persons"
    NAME: /(?!(at|from|to)\b)[a-z][a-z_0-9]*|(?!期末|第[0-9])[\u4e00-\u9fff]+/
    INT: /[0-9]{1,6}/
    END: "end" | "期末"
    %ignore /\s+/
"""

Parsed = Any
"""A tree or a token of lark, which has no types."""

Weeks = tuple[int, int] | None
"""First and last week, both included; week -1 is the end."""


class ExpectationError(ValueError):
    """A text that is not a reality check; `column` is the position of the mistake, counted from 0."""

    def __init__(self, message: str, column: int = 0) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True)
class Expectation:
    """A parsed reality check."""

    text: str
    tree: Parsed

    @classmethod
    def parse(cls, text: str, columns: Mapping[str, str], weeks: int | None = None) -> Expectation:
        """Return the check that `text` says, about `columns` (name to unit) of the weekly table.

        Raises
        ------
        ExpectationError
            For a sentence outside the grammar, an unknown column or function, or a week that the
            run does not have.
        """
        tree = _parse(text, "start", _("write such as: sell_in >= sell_through at week 40"))
        _check(tree, columns, weeks)
        return cls(text, tree)

    def holds(self, weekly: Columns) -> bool:
        """Return whether the check holds in the weekly table of one run, sorted by week."""
        return all(_COMPARE[self.sign](a, b) for a, b in self.compared(weekly))

    def has_numbers(self, weekly: Columns) -> bool:
        """Return whether every number that the check compares exists.

        A price needs a sale and a share needs a whole.
        """
        return not any(math.isnan(number) for pair in self.compared(weekly) for number in pair)

    def bare_money(self, columns: Mapping[str, str]) -> str:
        """Return a number without a unit that is compared with money, and so counts as fen."""
        return _bare_money(self.tree, columns)

    @functools.cached_property
    def _time(self) -> Weeks:
        return _default(self.tree, self.text)

    @property
    def sign(self) -> str:
        """The comparison operator: ``<=``, ``>``, ..."""
        return plain(str(self.tree.children[1]))

    def compared(self, weekly: Columns) -> Sequence[tuple[float, float]]:
        """Return the pairs of numbers that are compared, one for each week that is checked."""
        left, _compare, right = self.tree.children
        table = _Table(weekly, self._time)
        return _pairs(table.value(left), table.value(right))


@dataclass(frozen=True)
class Figure:
    """One number read from a weekly table, in the language of reality checks.

    ``cumulative(sell_through)``, ``inventory_channel at week 40``, ``max(loss_share)``,
    ``mean(trust_mean from week 50 to 104)``, ``first week trust_mean < 30%``.
    """

    text: str
    tree: Parsed

    @classmethod
    def parse(cls, text: str, columns: Mapping[str, str], weeks: int | None = None) -> Figure:
        """Return the figure that `text` says, about `columns` of the weekly table.

        Raises
        ------
        ExpectationError
            For a text outside the grammar, an unknown column or function, or a week that the run
            does not have.
        """
        tree = _parse(text, "figure", _("write such as: cumulative(sell_through)"))
        _check(tree, columns, weeks)
        if tree.data == "figure" and _is_series(tree):
            raise ExpectationError(
                _("several weeks are many numbers; write such as: mean(joins from week 1 to 10)"))
        return cls(text, tree)

    def bare_money(self, columns: Mapping[str, str]) -> str:
        """Return a number without a unit that a ``first week`` figure compares with money."""
        return _bare_money(self.tree, columns) if self.tree.data == "first_week" else ""

    def columns(self) -> list[str]:
        """Return the columns that the figure is read from."""
        return list(self._columns)

    @functools.cached_property
    def _columns(self) -> list[str]:
        return sorted({
            str(node.children[1 if node.data == "function" else 0])
            for node in self.tree.iter_subtrees() if node.data in ("column", "function")
        })

    @functools.cached_property
    def _time(self) -> Weeks:
        return _default(self.tree, self.text)

    def unit(self, columns: Mapping[str, str]) -> str:
        """Return the unit of the number: that of a column, ``fen/units`` for a quotient, or ""."""
        return "week" if self.tree.data == "first_week" else _unit(self.tree.children[0], columns)

    def value(self, weekly: Columns) -> float:
        """Return the number in a weekly table of one run; NaN where there is none."""
        if self.tree.data == "first_week":
            left, compare, right = self.tree.children
            weekly = RunTable.of(weekly)
            weeks = weekly["week"]
            table = _Table(weekly, (int(weeks[0]), int(weeks[-1])))
            pairs = _pairs(table.value(left), table.value(right))
            if len(pairs) == 1:
                pairs = list(pairs) * len(weeks)
            return next((
                float(week) for week, (a, b) in zip(weeks, pairs, strict=True)
                if _COMPARE[plain(compare)](a, b)), math.nan)
        return float(_Table(weekly, self._time).value(self.tree.children[0]))


def _unit(node: Parsed, columns: Mapping[str, str]) -> str:
    if node.data == "number":
        word = "".join(str(token) for token in node.children[1:] if not hasattr(token, "data"))
        kind = _kind_of(word)
        return "" if not word or (kind == "units" and "件" not in word and word != "units") else {
            "CNY": "fen"}.get(kind, kind)
    if node.data in ("column", "function"):
        return columns[str(node.children[1 if node.data == "function" else 0])]
    units = [_unit(child, columns) for child in node.children]
    if node.data == "negative":
        return units[0]
    left, right = units
    if node.data in ("add", "subtract"):
        return left if left == right or not right else "" if left else right
    if node.data == "multiply":
        return left if right in ("", "share") else right if left in ("", "share") else ""
    if right in ("", "share"):
        return left
    return f"{left}/{right}" if left in ("fen", "units") and left != right else ""


def _bare_money(tree: Parsed, columns: Mapping[str, str]) -> str:
    left, _compare, right = tree.children
    for one, other in ((left, right), (right, left)):
        while one.data == "negative":
            one = one.children[0]
        if one.data == "number" and len([1 for token in one.children if not hasattr(token, "data")]) == 1 \
                and float(one.children[0]) and _unit(other, columns) == "fen":
            return str(one.children[0])
    return ""


def _is_series(node: Parsed) -> bool:
    """Return whether ``from week a to b`` applies to a bare column, not to a function."""
    if node.data == "span":
        return True
    if node.data == "function":
        return False
    return any(_is_series(child) for child in node.children if hasattr(child, "data"))


def _parse(text: str, start: str, example: str) -> Parsed:
    from lark.exceptions import UnexpectedCharacters, UnexpectedInput

    try:
        return _named(_parser().parse(
            _YUAN_BEFORE.sub(r"\1元", text.translate(_WIDE)), start=start))
    except UnexpectedInput as error:
        column = max(0, (getattr(error, "column", 1) or 1) - 1)
        ended = getattr(getattr(error, "token", None), "type", "") == "$END"
        if not ended and (isinstance(error, UnexpectedCharacters) or column < len(text)):
            what = _("cannot be understood from '{rest}' on").format(rest=clean(text[column:], 30))
        else:
            column, what = len(text), _("stops too early")
        raise ExpectationError(what + _("; ") + example, max(0, column)) from None


def _named(tree: Parsed) -> Parsed:
    """Return the tree with Chinese names of columns and functions replaced by the English ones."""
    from lark import Token

    def own(token: Parsed, called: Mapping[str, str]) -> Any:
        return Token.new_borrow_pos("NAME", called[token], token) if token in called else token

    for node in tree.iter_subtrees():
        if node.data == "function":
            function, column, *rest = node.children
            node.children = [own(function, _FUNCTIONS_CALLED), own(column, _COLUMNS_CALLED), *rest]
        elif node.data == "column":
            column, *rest = node.children
            node.children = [own(column, _COLUMNS_CALLED), *rest]
            if column in _OF_THE_RUN and not rest:
                node.data = Token("RULE", "function")
                node.children.insert(0, own(column, _OF_THE_RUN))
    return tree


def plain(text: str) -> str:
    """Return a sentence with Chinese punctuation replaced by ASCII."""
    return text.translate(_WIDE).replace("≥", ">=").replace("≤", "<=").replace("≠", "!=")


_COMPARE = {
    ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b,
    "<": lambda a, b: a < b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
}
_ARITHMETIC = {
    "add": lambda a, b: a + b, "subtract": lambda a, b: a - b, "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b if b else math.nan,
}


@functools.cache
def _parser() -> Any:
    from lark import Lark

    return Lark(
        _GRAMMAR, parser="lalr", propagate_positions=True, start=["start", "figure"])


def _default(tree: Parsed, text: str) -> Weeks:
    """Return the time at the end of a check, which applies to figures without a time of their own."""
    end = len(text.rstrip())
    return next(
        (_weeks(node) for node in tree.iter_subtrees()
         if node.data in _TIMES and node.meta.end_pos == end), None)


def _weeks(when: Parsed) -> Weeks:
    if when.data == "at_end":
        return -1, -1
    numbers = [int(token) for token in when.children]
    return (numbers[0], numbers[-1])


def _check(tree: Parsed, columns: Mapping[str, str], weeks: int | None) -> None:
    for node in tree.iter_subtrees_topdown():
        names = [token for token in node.children if getattr(token, "type", "") == "NAME"]
        if node.data == "function":
            function = names.pop(0)
            if str(function) not in FUNCTIONS:
                _refuse(_("unknown function '{name}'"), function, (
                    FUNCTIONS if function.isascii() else _FUNCTIONS_CALLED))
        for name in names:
            if str(name) not in columns:
                _refuse(_("unknown column '{name}'"), name, (
                    columns if name.isascii() else
                    [called for called, column in _COLUMNS_CALLED.items() if column in columns]))
        if node.data in ("at", "span"):
            first, last = int(node.children[0]), int(node.children[-1])
            if first < 1 or last < first or (weeks is not None and last > weeks):
                raise ExpectationError(
                    _("a week outside the run, which has weeks 1 to {weeks}").format(
                        weeks=weeks or "..."), node.children[0].start_pos)
        if node.data == "number" and len(node.children) > 1:
            _figure(node)


def _refuse(text: str, token: Parsed, known: Any) -> None:
    hint = did_you_mean(token, known) or (
        _("allowed: {names}").format(names=", ".join(known)) if len(known) <= 12 else
        _("`weishang describe outputs` lists them"))
    raise ExpectationError(text.format(name=clean(token, 40)) + _("; ") + hint, token.start_pos)


def _figure(node: Parsed) -> float:
    """Return a number of a check: a share as a fraction, money in fen."""
    number, *unit = (str(token) for token in node.children if not hasattr(token, "data"))
    if not unit:
        return float(number)
    word = unit[0].replace(" ", "")
    kind = _kind_of(word)
    try:
        return float(quantity(number + word, kind) * (100 if kind == "CNY" else 1))
    except QuantityError as error:
        raise ExpectationError(str(error), node.children[0].start_pos) from None


def _kind_of(word: str) -> str:
    """Return the unit that a word after a number means; a bare 万 takes the unit of its column."""
    if word == "%":
        return "share"
    if word.endswith(("元", "CNY", "fen", "yuan")):
        return "CNY"
    return "persons" if word.endswith(("人", "persons")) else "units"


def _pairs(left: object, right: object) -> Sequence[tuple[float, float]]:
    """Return the pairs to compare; a single figure is paired with each value of a series."""
    lefts = left if isinstance(left, list) else None
    rights = right if isinstance(right, list) else None
    count = len(lefts or rights or [0])
    return list(zip(lefts or [left] * count, rights or [right] * count, strict=True))


class _Table:
    """Reads figures out of a weekly table."""

    def __init__(self, weekly: Columns, default: Weeks) -> None:
        self.weekly, self.default = RunTable.of(weekly), default
        self.weeks = self.weekly["week"]

    def series(self, name: str, weeks: Weeks) -> list[float]:
        values = self.weekly[name]
        if weeks is None:
            return values.tolist()
        first, last = weeks if weeks[0] != -1 else (self.weeks[-1], self.weeks[-1])
        return values[(self.weeks >= first) & (self.weeks <= last)].tolist()

    def value(self, node: Parsed) -> Any:
        """Return a figure, or the figures of several weeks."""
        kind = node.data
        if kind == "number":
            return _figure(node)
        if kind == "negative":
            return _each(lambda a, _b: -a, self.value(node.children[0]), 0.0)
        if kind in _ARITHMETIC:
            return _each(_ARITHMETIC[kind], *(self.value(child) for child in node.children))
        if kind == "column":
            when = _weeks(node.children[1]) if len(node.children) > 1 else self.default or (-1, -1)
            values = self.series(str(node.children[0]), when)
            return values[0] if len(values) == 1 else values
        return self.function(node)

    def function(self, node: Parsed) -> float:
        name, column, *when = node.children
        weeks = _weeks(when[0]) if when else self.default
        if str(name) == "cumulative" and weeks is not None and weeks[0] == weeks[1]:
            weeks = (int(self.weeks[0]), int(self.weeks[-1]) if weeks[0] == -1 else weeks[1])
        values = [value for value in self.series(str(column), weeks) if not math.isnan(value)]
        if str(name) in ("sum", "cumulative"):
            return math.fsum(values)
        if not values:
            return math.nan
        if str(name) == "mean":
            return math.fsum(values) / len(values)
        return max(values) if str(name) == "max" else min(values)


def _each(function: Any, left: Any, right: Any) -> Any:
    pairs = _pairs(left, right)
    values = [function(a, b) for a, b in pairs]
    return values if isinstance(left, list) or isinstance(right, list) else values[0]

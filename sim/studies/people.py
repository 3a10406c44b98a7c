"""Measures over the resellers' table: one number about those who ever joined.

``median(resellers.profit)``, ``quantile(resellers.profit, 90%)``, ``share(resellers.profit < 0)``,
``share(0 < resellers.profit <= 5000 CNY)``: these make an income disclosure a target.
``left_within(52)``: the share who left within a year of joining, as in studies of retention.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.market.outputs import RESELLERS
from sim.scenario.expect import ExpectationError, Figure
from sim.scenario.problems import did_you_mean
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LeftWithin", "OfResellers", "of_resellers"]

COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq}
FUNCTIONS = ("median", "mean", "sum", "min", "max", "quantile", "share")
_SIGN = r"(<=|>=|==|<|>)"
_CALL = re.compile(r"\s*(\w+)\s*\((.*resellers\s*\..*)\)\s*")
_WITHIN = re.compile(r"\s*left_within\s*\(\s*(\d{1,4})(?:\s*weeks?)?\s*\)\s*")
_QUANTILE = re.compile(r"\s*resellers\s*\.\s*(\w+)\s*(?:,\s*([0-9.]+)\s*(%?)\s*)?")
_BRACKET = re.compile(
    rf"\s*(?:([^<>=]+?)\s*{_SIGN}\s*)?resellers\s*\.\s*(\w+)\s*(?:{_SIGN}\s*([^<>=]+?)\s*)?")


@dataclass(frozen=True)
class OfResellers:
    """A number over all who ever joined; NaN if nobody did.

    Attributes
    ----------
    limits
        For a share: comparisons of the column with a number on the right.
    level
        For a quantile: from 0 to 1.
    """

    function: str
    column: str
    limits: tuple[tuple[str, float], ...] = ()
    level: float = 0.5

    @property
    def unit(self) -> str:
        """Return the unit of the number."""
        if self.function == "share":
            return "share"
        return next(column.unit for column in RESELLERS if column.name == self.column)

    def columns(self) -> list[str]:
        """Return the columns of the resellers' table that it is read from."""
        return [self.column]

    def value(self, resellers: pd.DataFrame) -> float:
        """Return the number in the resellers' table of one run."""
        values = resellers[self.column].to_numpy(dtype=float, na_value=math.nan)
        values = values[values == values]
        if not len(values):
            return math.nan
        if self.function == "share":
            held = values == values
            for sign, number in self.limits:
                held &= COMPARE[sign](values, number)
            return float(held.mean())
        if self.function in ("median", "quantile"):
            import numpy as np

            return float(np.quantile(values, self.level))
        return float(getattr(values, self.function)())


@dataclass(frozen=True)
class LeftWithin(OfResellers):
    """Share who left within some weeks of joining, among those observed for that long.

    Observed are resellers who joined after the run began, and at least that many weeks before the last
    join or exit.
    """

    weeks: int = 52

    def columns(self) -> list[str]:
        """Return the columns of the resellers' table that it is read from."""
        return ["joined_week", "left_week"]

    def value(self, resellers: pd.DataFrame) -> float:
        """Return the share in the resellers' table of one run; NaN if nobody was observed that long."""
        joined = resellers["joined_week"].to_numpy(dtype=float, na_value=math.nan)
        left = resellers["left_week"].to_numpy(dtype=float, na_value=math.inf)
        ends = [float(week) for week in (*joined, *left) if week < math.inf]
        watched = (joined >= 0) & (joined <= max(ends, default=0.0) - self.weeks)
        if not watched.any():
            return math.nan
        return float((left[watched] - joined[watched] <= self.weeks).mean())


def of_resellers(text: str) -> OfResellers | None:
    """Return the measure over the resellers' table that `text` describes, or None for other texts.

    Raises
    ------
    UsageError
        When it is about resellers and cannot be understood.
    """
    within = _WITHIN.fullmatch(text)
    if within is not None:
        return LeftWithin("share", "left_week", weeks=int(within[1]))
    call = _CALL.fullmatch(text)
    if call is None:
        return None
    function, inside = call[1], call[2]
    form = (_BRACKET if function == "share" else _QUANTILE).fullmatch(inside)
    if function not in FUNCTIONS or form is None:
        raise UsageError(_(
            "measure '{text}' cannot be understood; write such as median(resellers.profit), "
            "quantile(resellers.profit, 90%) or share(0 < resellers.profit <= 5000 CNY)").format(
                text=text[:200]))
    column = form[3] if function == "share" else form[1]
    names = [one.name for one in RESELLERS]
    if column not in names:
        raise UsageError(_("measure '{text}': unknown column '{name}'; {hint}").format(
            text=text[:200], name=column[:40], hint=did_you_mean(column, names) or
            _("there are: {names}").format(names=", ".join(names))))
    if function == "share":
        turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}
        limits = [(turned[form[2]], _number(form[1], text))] if form[2] else []
        limits += [(form[4], _number(form[5], text))] if form[4] else []
        if not limits:
            raise UsageError(_("measure '{text}' compares with nothing; write such as "
                               "share(resellers.profit < 0)").format(text=text[:200]))
        return OfResellers(function, column, tuple(limits))
    level = 0.5
    if (form[2] is None) == (function == "quantile"):
        raise UsageError(_("measure '{text}': a level such as 90% belongs to quantile, and to nothing "
                           "else").format(text=text[:200]))
    if form[2] is not None:
        try:
            level = float(form[2]) / (100 if form[3] else 1)
        except ValueError:
            level = math.nan
        if not 0 <= level <= 1:
            raise UsageError(_("measure '{text}': a quantile is from 0% to 100%").format(
                text=text[:200]))
    return OfResellers(function, column, (), level)


def _number(text: str, whole: str) -> float:
    """Return a number with its unit: money in fen, shares bare."""
    try:
        return float(Figure.parse(text, {}).value({"week": [1]}))
    except (ExpectationError, KeyError) as error:
        raise UsageError(_("measure '{text}': {what}").format(text=whole[:200], what=error)) from None

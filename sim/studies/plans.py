"""Study files and ``--vary``: which settings are varied, over what, and by which sampling.

A study is a YAML file::

    scenario: pyramid                       # or a list of scenarios
    set: {persons: 5000}                    # override each of them
    levers:                                 # what a decision maker chooses
      controls.stock_pressure: [0, 0.4, 0.8]
      offer.list_price: {from: 100 CNY, to: 390 CNY, points: 4}
    uncertainties:                          # what nobody chooses
      people.credulity: {from: 0.2, to: 0.8}
    seeds: 10
    sampling: lhs                           # grid | lhs | sobol | table
    samples: 64
    measures: [cumulative(sell_through), first week loss_share > 70%]

Lists and ranges with ``points`` are crossed. Ranges without are sampled together, and every sample is
run with every combination of the crossed ones. The distinction between levers and uncertainties is for
the reader, and for studies that search over levers only.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import ScenarioError, UsageError
from sim.runs.design import MAX_RUNS, Design, Point
from sim.runs.worlds import Worlds
from sim.scenario.load import load
from sim.scenario.problems import clean
from sim.scenario.schema import get
from sim.texts import _

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["Factor", "Plan", "Values", "distinct", "factor_of", "varied"]

IN_FACTOR = ("from", "to", "points", "scale")


@dataclass(frozen=True)
class Factor:
    """A varied setting: over `values`, or between `low` and `high`."""

    key: str
    values: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    lever: bool = True

    @property
    def whole(self) -> bool:
        """Whether the setting is a whole number."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def at(self, share: float) -> Any:
        """Return the value this share of the way from low to high; whole numbers are rounded."""
        if self.log:
            return self._typed(self.low * (self.high / self.low) ** share)
        if self.whole:
            return min(self.high, math.floor(self.low + share * (self.high - self.low + 1)))
        return self._typed(self.low + share * (self.high - self.low))

    def share_of(self, value: Any) -> float:
        """Return the position of a value between low (0) and high (1); the inverse of `at`."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        if self.whole:
            return float((value - self.low + 0.5) / (self.high - self.low + 1))
        return float((value - self.low) / (self.high - self.low))

    def grid(self, points: int) -> tuple[Any, ...]:
        """Return this many values from low to high, both included."""
        if points == 1:
            return (self._typed((self.low + self.high) / 2),)
        shares = [place / (points - 1) for place in range(points)]
        found = [self.low * (self.high / self.low) ** share if self.log
                 else self.low + share * (self.high - self.low) for share in shares]
        return tuple(dict.fromkeys(self._typed(value) for value in found))

    def _typed(self, value: float) -> float:
        # Ten digits: tables show 0.3, not 0.30000000000000004.
        return round(value) if self.whole else float(f"{value:.10g}")


@dataclass(frozen=True)
class Plan:
    """A study: scenarios, what is varied, seeds, sampling, measures."""

    scenarios: tuple[Any, ...]
    names: tuple[str, ...]
    factors: tuple[Factor, ...]
    seeds: tuple[int, ...] = (0,)
    sampling: str = "grid"
    samples: int = 64
    measures: tuple[str, ...] | None = None
    rows: tuple[tuple[Any, ...], ...] = field(default=(), repr=False)
    """Points given one by one (``sampling: table``)."""

    worlds: Worlds | None = None
    """Plausible worlds for the seeds."""

    def design(self) -> Design:
        """Return the runs of the study.

        Raises
        ------
        UsageError
            When nothing is varied, or there are more than a million runs.
        """
        if not self.factors:
            raise UsageError(_("nothing is varied; write --vary controls.stock_pressure=0:1:5"))
        crossed = [factor for factor in self.factors if factor.values]
        sampled = [factor for factor in self.factors if not factor.values]
        if self.sampling == "table":
            values = list(self.rows)
        else:
            count = len(self.scenarios) * len(self.seeds) * (self.samples if sampled else 1) \
                * math.prod(len(factor.values) for factor in crossed)
            if count > MAX_RUNS:
                raise UsageError(_("{count} runs are too many; the most is {most}").format(
                    count=f"{count:,}", most=f"{MAX_RUNS:,}"))
            values = []
            shares = self._sample(len(sampled)) if sampled else [()]
            for choice in itertools.product(*(factor.values for factor in crossed)):
                for share in shares:
                    chosen = dict(zip((factor.key for factor in crossed), choice, strict=True))
                    chosen |= {factor.key: factor.at(part)
                               for factor, part in zip(sampled, share, strict=True)}
                    values.append(tuple(chosen[factor.key] for factor in self.factors))
        points = [Point(base, row) for base in range(len(self.scenarios))
                  for row in dict.fromkeys(values)]
        study = {"sampling": self.sampling, "measures": list(self.measures or ())}
        return Design.of(
            list(self.scenarios), self.seeds, names=self.names, points=points,
            keys=[factor.key for factor in self.factors], study=study, worlds=self.worlds)

    def _sample(self, dimensions: int) -> list[tuple[float, ...]]:
        """Return the samples as shares of the ranges; the same every time."""
        import numpy as np
        from scipy.stats import qmc

        if self.sampling == "grid":
            raise UsageError(_("a grid needs values or points for every varied setting; or write "
                               "sampling: lhs"))
        if self.sampling == "sobol":
            engine = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(0))
            found = engine.random_base2(math.ceil(math.log2(self.samples)))[: self.samples]
        else:
            found = qmc.LatinHypercube(dimensions, rng=np.random.default_rng(0)).random(
                self.samples)
        return [tuple(float(part) for part in row) for row in found]


class Values:
    """Reads values of settings as written in scenario files, including units."""

    def __init__(self, scenario: Scenario | str | Path, allow_code: bool = False) -> None:
        self.scenario = load(scenario, allow_code=allow_code) \
            if isinstance(scenario, (str, Path)) else scenario

    def value(self, key: str, said: object) -> Any:
        """Return the plain value of the text `said` for the setting `key`.

        Raises
        ------
        ScenarioError
            When the setting does not exist or the value is not allowed.
        """
        found = self.scenario.changed({key: said}, texts=isinstance(said, str))
        value = get(found, key)
        if not isinstance(value, (int, float, str, bool)):
            raise UsageError(_("{key} is no single value and cannot be varied").format(key=key))
        return value


def factor_of(
    read: Values, key: str, said: object, lever: bool = True, points: int | None = None
) -> Factor:
    """Return the factor given by a list of values, or by a map from, to, points.

    Raises
    ------
    UsageError
        When it cannot be understood, or the scenario has no such setting or value.
    """
    if isinstance(said, list):
        if not said:
            raise UsageError(_("{key}: there are no values").format(key=key))
        values = tuple(read.value(key, one) for one in said)
        if len(set(values)) < len(values):
            raise UsageError(_("{key}: a value appears twice").format(key=key))
        return Factor(key, values, lever=lever)
    if not isinstance(said, Mapping) or not {"from", "to"} <= set(said) <= set(IN_FACTOR):
        raise UsageError(
            _("{key}: write a list of values, or {{from: ..., to: ..., points: ...}}").format(
                key=key))
    low, high = read.value(key, said["from"]), read.value(key, said["to"])
    for end in (low, high):
        if isinstance(end, (bool, str)):
            raise UsageError(_("{key} is not a number; write a list of values").format(key=key))
    if not low < high:
        raise UsageError(_("{key}: 'from' must be below 'to'").format(key=key))
    scale = said.get("scale", "linear")
    if scale not in ("linear", "log") or (scale == "log" and low <= 0):
        raise UsageError(_("{key}: scale is linear or log, and log needs 'from' above 0").format(
            key=key))
    factor = Factor(key, (), low, high, scale == "log", lever)
    points = said.get("points", points)
    if points is None:
        return factor
    if isinstance(points, bool) or not isinstance(points, int) or not 2 <= points <= 10_000:
        raise UsageError(_("{key}: points is a whole number from 2 to 10,000").format(key=key))
    return Factor(key, factor.grid(points), low, high, factor.log, lever)


_WIDE = str.maketrans("：，、＝～０１２３４５６７８９", ":,,=~0123456789")
"""Punctuation of a Chinese keyboard, with its ASCII equivalents."""
_RANGE = re.compile(r"(?<=[0-9%％元周万块年月件人])\s*(?:~|-|–|—|\.\.|到|至|to)\s*(?=[¥￥0-9])")
_A_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]")


def varied(
    scenario: Scenario | str | Path, texts: Sequence[str], *, allow_code: bool = False
) -> tuple[Factor, ...]:
    """Return the factors of ``--vary key=a:b:n``, ``key=a:b`` and ``key=a,b,c`` in a scenario.

    Raises
    ------
    UsageError
        When it cannot be understood, or the scenario has no such setting or value.
    """
    read = Values(scenario, allow_code)
    factors = []
    for given in texts:
        text = given.translate(_WIDE)
        key, equals, rest = (part.strip() for part in text.partition("="))
        parts = [part.strip() for part in rest.split(":")]
        if not equals or not key or not rest or len(parts) > 3 or not all(parts):
            raise UsageError(_("write --vary key=from:to:points or key=a,b,c, not '{text}'").format(
                text=given[:80]))
        if len(parts) == 1 and _RANGE.search(rest) and not _A_DATE.search(rest):
            raise UsageError(_("write a range as --vary {range}, not '{text}'").format(
                range=f"{key}={_RANGE.sub(':', rest)}", text=given[:80]))
        said: Any
        if len(parts) == 1:
            said = [part.strip() for part in rest.split(",")]
        else:
            said = {"from": parts[0], "to": parts[1]}
            if len(parts) == 3:
                if not parts[2].isascii() or not parts[2].isdigit():
                    raise UsageError(_("{key}: points is a whole number from 2 to 10,000").format(
                        key=key))
                said["points"] = int(parts[2])
        try:
            factors.append(factor_of(read, key, said, True, None))
        except ScenarioError as error:
            raise _at_vary(error, given) from None
    distinct(factors)
    return tuple(factors)


def _at_vary(error: ScenarioError, text: str) -> UsageError:
    """Return the error of an entry of ``--vary``, which was read as an override of the file."""
    where, _colon, what = error.problems[0].splitlines()[0].partition(": ") if error.problems else ("",) * 3
    return UsageError(f"--vary: {what}\n      | {clean(text, 100)}") if where == "--set" else error


def distinct(factors: Sequence[Factor]) -> None:
    """Refuse settings that are varied twice."""
    keys = [factor.key for factor in factors]
    if len(set(keys)) < len(keys):
        raise UsageError(_("a setting is varied twice"))

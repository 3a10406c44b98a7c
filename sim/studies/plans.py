"""Study files and ``--vary``: which settings are varied, over what, and by which sampling.

A study is a YAML file::

    scenario: pyramid                       # or a list of scenarios
    set: {persons: 5000}                    # laid on each of them
    levers:                                 # what a decision maker chooses
      controls.stock_pressure: [0, 0.4, 0.8]
      offer.list_price: {from: 100 CNY, to: 390 CNY, points: 4}
    uncertainties:                          # what nobody chooses
      people.credulity: {from: 0.2, to: 0.8}
    seeds: 10
    sampling: lhs                           # grid | lhs | sobol | table
    samples: 64
    measures: [cumulative(sell_through), first week loss_share > 70%]

Lists and ranges with ``points`` are crossed; ranges without are sampled together, and every sample
is run with every combination of the crossed ones. The difference between levers and uncertainties
is for the reader and for the studies that search over levers alone.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import FilesError, ScenarioError, UsageError
from sim.runs.design import Design, Point
from sim.scenario.load import load
from sim.scenario.schema import get
from sim.texts import _

__all__ = ["Factor", "Plan", "factor_of", "read_plan", "varied"]

SAMPLINGS = ("grid", "lhs", "sobol", "table")
MOST_RUNS = 1_000_000
KNOWN = ("title", "scenario", "scenarios", "set", "levers", "uncertainties", "seeds", "sampling",
         "samples", "table", "measures")
IN_FACTOR = ("from", "to", "points", "scale")


@dataclass(frozen=True)
class Factor:
    """A setting that is varied: over `values`, or between `low` and `high`."""

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

    def grid(self, points: int) -> tuple[Any, ...]:
        """Return this many values from low to high, both included."""
        if points == 1:
            return (self._typed((self.low + self.high) / 2),)
        shares = [place / (points - 1) for place in range(points)]
        found = [self.low * (self.high / self.low) ** share if self.log
                 else self.low + share * (self.high - self.low) for share in shares]
        return tuple(dict.fromkeys(self._typed(value) for value in found))

    def _typed(self, value: float) -> Any:
        # Ten figures: a reader finds 0.3 in the tables, not 0.30000000000000004.
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
            if count > MOST_RUNS:
                raise UsageError(_("{count} runs are too many; the most is {most}").format(
                    count=f"{count:,}", most=f"{MOST_RUNS:,}"))
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
            keys=[factor.key for factor in self.factors], study=study)

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


class _Values:
    """Reads values of settings as scenario files spell them, units and all."""

    def __init__(self, scenario: Any, allow_code: bool = False) -> None:
        self.scenario = load(scenario, allow_code=allow_code) \
            if isinstance(scenario, (str, Path)) else scenario

    def value(self, key: str, said: Any) -> Any:
        """Return the plain value that `said` means for the setting `key`.

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


def _factor(read: _Values, key: str, said: Any, lever: bool, points: int | None) -> Factor:
    if isinstance(said, list):
        if not said:
            raise UsageError(_("{key}: there are no values").format(key=key))
        values = tuple(read.value(key, one) for one in said)
        if len(set(values)) < len(values):
            raise UsageError(_("{key}: a value is there twice").format(key=key))
        return Factor(key, values, lever=lever)
    if not isinstance(said, Mapping) or not {"from", "to"} <= set(said) <= set(IN_FACTOR):
        raise UsageError(
            _("{key}: write a list of values, or {{from: ..., to: ..., points: ...}}").format(
                key=key))
    low, high = read.value(key, said["from"]), read.value(key, said["to"])
    for end in (low, high):
        if isinstance(end, (bool, str)):
            raise UsageError(_("{key} is no number; write a list of values").format(key=key))
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
    if isinstance(points, bool) or not isinstance(points, int) or not 1 <= points <= 10_000:
        raise UsageError(_("{key}: points is a whole number from 1 to 10,000").format(key=key))
    return Factor(key, factor.grid(points), low, high, factor.log, lever)


def factor_of(scenario: Any, key: str, said: Any) -> Factor:
    """Return the factor that a study file spells as `said` for the setting `key`."""
    return _factor(_Values(scenario), key, said, True, None)


def varied(
    scenario: Any, texts: Sequence[str], *, allow_code: bool = False
) -> tuple[Factor, ...]:
    """Return what ``--vary key=a:b:n``, ``key=a:b`` and ``key=a,b,c`` vary in a scenario.

    Raises
    ------
    UsageError
        When it cannot be understood, or the scenario has no such setting or value.
    """
    read = _Values(scenario, allow_code)
    factors = []
    for text in texts:
        key, equals, rest = (part.strip() for part in text.partition("="))
        parts = [part.strip() for part in rest.split(":")]
        if not equals or not key or not rest or len(parts) > 3 or not all(parts):
            raise UsageError(_("write --vary key=from:to:points or key=a,b,c, not '{text}'").format(
                text=text[:80]))
        said: Any
        if len(parts) == 1:
            said = [part.strip() for part in rest.split(",")]
        else:
            said = {"from": parts[0], "to": parts[1]}
            if len(parts) == 3:
                if not parts[2].isascii() or not parts[2].isdigit():
                    raise UsageError(_("{key}: points is a whole number from 1 to 10,000").format(
                        key=key))
                said["points"] = int(parts[2])
        factors.append(_factor(read, key, said, True, None))
    _distinct(factors)
    return tuple(factors)


def _distinct(factors: Sequence[Factor]) -> None:
    keys = [factor.key for factor in factors]
    if len(set(keys)) < len(keys):
        raise UsageError(_("a setting is varied twice"))


def read_plan(
    path: str | Path, overrides: Mapping[str, Any] | None = None, *, allow_code: bool = False
) -> Plan:
    """Return the study of a file, `overrides` (texts by dotted names) laid on its scenarios.

    Raises
    ------
    ScenarioError, UsageError
        With what is wrong, and where.
    FilesError
        When the file cannot be read.
    """
    from sim.scenario.document import parse, read_source
    from sim.scenario.problems import Problems, did_you_mean

    file, problems = Path(path), Problems()
    if not file.is_file():
        raise UsageError(_("{path}: there is no such study file; to vary settings of a scenario "
                           "write --vary key=from:to:points").format(path=str(path)[:200]))
    source = read_source(file, str(path), problems)
    root = parse(source, problems) if source is not None else None
    problems.raise_if_any(str(path))
    assert root is not None
    if not isinstance(root.value, dict):
        raise UsageError(_("{path}: a study is a map of names and values").format(path=path))
    for name, node in root.value.items():
        if name not in KNOWN:
            problems.add(node.named, name, _("unknown setting"), did_you_mean(name, KNOWN))
    problems.raise_if_any(str(path))
    said = {name: _plain(node) for name, node in root.value.items()}
    try:
        return _plan(said, file.parent, dict(overrides or {}), allow_code)
    except ScenarioError:
        raise
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def _plain(node: Any) -> Any:
    if isinstance(node.value, dict):
        return {key: _plain(inner) for key, inner in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(inner) for inner in node.value]
    return node.value


def _plan(
    said: dict[str, Any], folder: Path, overrides: dict[str, Any], allow_code: bool
) -> Plan:
    names = said.get("scenarios", said.get("scenario"))
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise UsageError(_("a study names its scenario, such as scenario: pyramid"))
    beside = [str(folder / name) if (folder / name).is_file() else name for name in names]
    settings = said.get("set") or {}
    if not isinstance(settings, dict):
        raise UsageError(_("'set' is a map of dotted names and values"))
    scenarios = [load(name, settings, allow_code=allow_code) for name in beside]
    if overrides:
        scenarios = [scenario.changed(overrides, texts=True) for scenario in scenarios]
    sampling = said.get("sampling", "grid")
    if sampling not in SAMPLINGS:
        raise UsageError(_("sampling is one of: {names}").format(names=", ".join(SAMPLINGS)))
    read, factors = _Values(beside[0], allow_code), []
    for section in ("levers", "uncertainties"):
        group = said.get(section) or {}
        if not isinstance(group, dict):
            raise UsageError(_("'{name}' is a map of settings and their values").format(
                name=section))
        for key, value in group.items():
            points = 5 if sampling == "grid" else None
            factors.append(_factor(read, key, value, section == "levers", points))
    rows: tuple[tuple[Any, ...], ...] = ()
    if sampling == "table":
        if factors or not isinstance(said.get("table"), str):
            raise UsageError(_("sampling: table needs 'table: FILE.csv' and no levers"))
        factors, rows = _table(read, folder / said["table"])
    _distinct(factors)
    samples = said.get("samples", 64)
    if isinstance(samples, bool) or not isinstance(samples, int) or not 1 <= samples <= MOST_RUNS:
        raise UsageError(_("samples is a whole number from 1 to 1,000,000"))
    measures = said.get("measures")
    if measures is not None and (
            not isinstance(measures, list) or not all(isinstance(m, str) for m in measures)):
        raise UsageError(_("measures is a list such as [cumulative(sell_through)]"))
    return Plan(
        tuple(scenarios), tuple(Path(name).stem for name in names), tuple(factors),
        _seeds(said.get("seeds", 1)), sampling, samples,
        tuple(measures) if measures is not None else None, rows)


def _seeds(said: Any) -> tuple[int, ...]:
    """Return the seeds of a study: how many (from 0), a list, or ``10:20``."""
    if isinstance(said, str) and said.count(":") == 1:
        first, last = said.split(":")
        if first.isdigit() and last.isdigit() and int(first) <= int(last) < 2**63:
            return tuple(range(int(first), int(last) + 1))
    if isinstance(said, int) and not isinstance(said, bool) and 1 <= said <= MOST_RUNS:
        return tuple(range(said))
    if isinstance(said, list) and said and all(
            isinstance(seed, int) and not isinstance(seed, bool) for seed in said):
        return tuple(said)
    raise UsageError(_("seeds is a number such as 30, a list, or '10:20'"))


def _table(read: _Values, path: Path) -> tuple[list[Factor], tuple[tuple[Any, ...], ...]]:
    """Return the varied settings and points of a CSV file whose header names the settings."""
    import csv

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [line for line in csv.reader(file) if any(cell.strip() for cell in line)]
    except OSError as error:
        raise FilesError(f"{path}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path.name}: {error}") from None
    if len(lines) < 2 or any(len(line) != len(lines[0]) for line in lines):
        raise UsageError(
            _("{name}: a table of points has a line with names of settings, and lines with as many "
              "values").format(name=path.name))
    keys = [cell.strip() for cell in lines[0]]
    known: dict[tuple[str, str], Any] = {}
    for line in lines[1:]:
        for key, cell in zip(keys, line, strict=True):
            if (key, cell) not in known:
                known[key, cell] = read.value(key, cell.strip())
    rows = tuple(tuple(known[key, cell] for key, cell in zip(keys, line, strict=True))
                 for line in lines[1:])
    return [Factor(key, (None,)) for key in keys], rows

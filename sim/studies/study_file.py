"""Reading study files, with every mistake reported with its line.

See `sim.studies.plans` for their format.
"""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import FilesError, ScenarioError, UsageError
from sim.kernel.files import read_file
from sim.kernel.sheets import SHEETS, rows_of_sheet
from sim.runs.design import MAX_RUNS
from sim.scenario.data import OF_STUDIES
from sim.scenario.document import Node, parse, read_source
from sim.scenario.load import load, shipped_path
from sim.scenario.places import named_file
from sim.scenario.problems import Place, Problems, Source, clean, did_you_mean
from sim.studies.measures import measures as read_measures
from sim.studies.plans import Factor, Plan, Values, distinct, factor_of
from sim.texts import _
from sim.texts.agreement import agreed
from sim.texts.reasons import reason_of

if TYPE_CHECKING:
    from sim.kernel.plain import Data

__all__ = ["is_study", "read_plan"]

SAMPLINGS = ("grid", "lhs", "sobol", "table")
KNOWN = ("title", "scenario", "scenarios", "set", "levers", "uncertainties", "seeds", "sampling",
         "samples", "table", "measures")
LARGEST_TABLE = 200_000_000
"""Largest size of a table of points, bytes."""
CALLED = {"vary": "levers", "varied": "levers", "parameters": "levers", "factors": "levers",
          "measure": "measures", "replicates": "seeds", "points": "samples"}
"""Names of these keys in other tools and on the command line."""


def is_study(path: str | Path) -> bool:
    """Return whether a file is a study rather than a scenario, by its keys."""
    file = Path(path)
    if file.suffix not in (".yaml", ".yml") or not file.is_file():
        return False
    problems = Problems()
    source = read_source(file, str(path), problems)
    root = parse(source, problems) if source is not None else None
    return root is not None and isinstance(root.value, dict) and bool(
        OF_STUDIES & set(root.value)) and "extends" not in root.value


def read_plan(
    path: str | Path, overrides: Mapping[str, object] | None = None, *, allow_code: bool = False
) -> Plan:
    """Return the study of a file; `overrides` (texts by dotted names) change its scenarios.

    Raises
    ------
    ScenarioError, UsageError
        With everything that is wrong, and where.
    FilesError
        When the file cannot be read.
    """
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
    if not OF_STUDIES & set(root.value) or "extends" in root.value:
        raise UsageError(_("{path}: this is a scenario; to vary its settings write "
                           "--vary controls.stock_pressure=0:1:5").format(path=clean(str(path))))
    reading = _Study(root, file.parent, problems, allow_code)
    plan = reading.plan(dict(overrides or {}))
    problems.raise_if_any(str(path))
    assert plan is not None
    return plan


def _plain(node: Any) -> Any:
    if isinstance(node.value, dict):
        return {key: _plain(inner) for key, inner in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(inner) for inner in node.value]
    return node.value


def _reason(error: UsageError) -> str:
    """Return the reason in one line, without the position in a text that the user did not write."""
    if isinstance(error, ScenarioError) and error.problems:
        first = error.problems[0].splitlines()[0]
        where, _colon, what = first.partition(": ")
        return what if where in ("--set", _("override")) else first
    return str(error).splitlines()[0]


class _Study:
    """A study while it is read from a file."""

    def __init__(
        self, root: Node, folder: Path, problems: Problems, allow_code: bool
    ) -> None:
        self.root, self.folder, self.problems = root, folder, problems
        self.allow_code = allow_code

    @contextlib.contextmanager
    def noting(self, place: Place) -> Iterator[None]:
        """Record an error at a place, and go on."""
        try:
            yield
        except UsageError as error:
            self.problems.add(place, "", clean(_reason(error), 600))

    def said(self, name: str, default: object = None) -> Any:
        node = self.root.value.get(name)
        return default if node is None else _plain(node)

    def place(self, name: str) -> Place:
        node = self.root.value.get(name)
        return node.place if node is not None else self.root.place

    def plan(self, overrides: Data) -> Plan | None:
        """Return the plan; None if nothing can be read without its scenario."""
        for name, node in self.root.value.items():
            if name not in KNOWN:
                self.problems.add(
                    node.named, name, _("unknown setting"), did_you_mean(CALLED.get(name, name), KNOWN))
        loaded = self.scenarios(overrides) or self.stand_in()
        if loaded is None:
            return None
        names, scenarios = loaded
        tabled = "table" in self.root.value
        sampling = self.said("sampling", "table" if tabled else "grid")
        if tabled and sampling in SAMPLINGS and sampling != "table":
            self.problems.add(self.root.value["table"].named, "table", _(
                "is read where sampling is table, and not where it is {sampling}").format(sampling=sampling))
        if sampling not in SAMPLINGS:
            self.problems.add(self.place("sampling"), "sampling", _("sampling is one of: {names}")
                              .format(names=", ".join(SAMPLINGS)), did_you_mean(sampling, SAMPLINGS))
        read = Values(names[0], self.allow_code)
        factors = self.factors(read, sampling)
        rows: tuple[tuple[Any, ...], ...] = ()
        if sampling == "table":
            with self.noting(self.place("table")):
                if factors or not isinstance(self.said("table"), str):
                    raise UsageError(
                        _("sampling: table needs 'table: FILE.csv' (or .xlsx) and no levers"))
                factors, rows = self.table(read, named_file(self.said("table"), self.folder))
        with self.noting(self.place("levers")):
            distinct(factors)
        samples = self.said("samples", 64)
        if isinstance(samples, bool) or not isinstance(samples, int) or \
                not 1 <= samples <= MAX_RUNS:
            self.problems.add(self.place("samples"), "samples", _(
                "samples is a whole number from 1 to 1,000,000"))
        measures = self.said("measures")
        if measures is not None and (
                not isinstance(measures, list) or not all(isinstance(m, str) for m in measures)):
            self.problems.add(self.place("measures"), "measures", _(
                "measures is a list such as [cumulative(sell_through)]"))
            measures = None
        for number, text in enumerate(measures or ()):
            with self.noting(self.root.value["measures"].value[number].place):
                read_measures([text], min(scenario.weeks for scenario in scenarios))
        seeds: tuple[int, ...] = ()
        with self.noting(self.place("seeds")):
            seeds = _seeds(self.said("seeds", 1))
        if len(self.problems):
            return None
        return Plan(
            tuple(scenarios), tuple(Path(name).stem for name in names), tuple(factors), seeds,
            sampling, samples, tuple(measures) if measures is not None else None, rows)

    def scenarios(self, overrides: Data) -> tuple[list[str], list[Any]] | None:
        """Return the names and scenarios of the study."""
        key = "scenarios" if "scenarios" in self.root.value else "scenario"
        names = self.said(key)
        names = [names] if isinstance(names, str) else names
        if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
            self.problems.add(self.place(key), key, _(
                "a study names its scenario, such as scenario: pyramid"))
            return None
        beside = []
        for name in names:
            with self.noting(self.place(key)):
                beside.append(name if shipped_path(name) is not None else self.beside(name))
        if len(beside) < len(names):
            return None
        settings = self.said("set") or {}
        if not isinstance(settings, dict):
            self.problems.add(self.place("set"), "set", _(
                "'set' is a map of dotted names and values"))
            return None
        found = []
        before = len(self.problems)
        for name in beside:
            with self.noting(self.place(key)):
                load(name, allow_code=self.allow_code)
        if len(self.problems) > before:
            return None
        for path, value in list(settings.items()):
            with self.noting(self.root.value["set"].value[path].place):
                load(beside[0], {path: value}, allow_code=self.allow_code)
        if len(self.problems) > before:
            return None
        for name in beside:
            with self.noting(self.place("set")):
                plan = load(name, settings, allow_code=self.allow_code)
                found.append(plan.changed(overrides, texts=True) if overrides else plan)
        return (beside, found) if len(found) == len(beside) else None

    def stand_in(self) -> tuple[list[str], list[Any]] | None:
        """Return the usual scenario if the named one does not exist, so that other mistakes are found.

        None if it exists and is itself invalid.
        """
        names = self.said("scenarios" if "scenarios" in self.root.value else "scenario")
        for name in [names] if isinstance(names, str) else names if isinstance(names, list) else []:
            if isinstance(name, str) and shipped_path(name) is None and not Path(self.beside(name)).exists():
                return ["pyramid"], [load("pyramid")]
        return None

    def beside(self, name: str) -> str:
        """Return the path of a scenario, relative to the study or else to the working directory."""
        path = named_file(name, self.folder)
        return str(path if path.is_file() else named_file(name, Path()))

    def factors(self, read: Values, sampling: object) -> list[Factor]:
        """Return the varied settings."""
        factors: list[Factor] = []
        for section in ("levers", "uncertainties"):
            group = self.root.value.get(section)
            if group is None or group.value is None:
                continue
            if not isinstance(group.value, dict):
                self.problems.add(group.place, section, _(
                    "'{name}' is a map of settings and their values").format(name=section))
                continue
            for key, node in group.value.items():
                with self.noting(node.named):
                    factors.append(factor_of(read, key, _plain(node), section == "levers",
                                             5 if sampling == "grid" else None))
        return factors

    def table(self, read: Values, path: Path) -> tuple[list[Factor], tuple[tuple[Any, ...], ...]]:
        """Return the settings and points of a table whose first line names the settings.

        It is a CSV file, or the first sheet of a spreadsheet.
        """
        text, lines = _lines_of_sheet(path) if path.suffix.lower() in SHEETS else _lines_of_csv(path)
        if len(lines) < 2:
            raise UsageError(
                _("{name}: a table of points has a line with names of settings, and lines with as "
                  "many values").format(name=path.name))
        source = Source(str(path), tuple(text.splitlines()))
        keys = [cell.strip() for cell in lines[0][1]]
        for number, line in lines[1:]:
            if len(line) != len(keys):
                self.problems.add(Place(source, number, 0, max(1, len(source.lines[number]))), "", agreed(
                    _("{count} values, where the first line names {settings} settings").format(
                        count=len(line), settings=len(keys))))
        lines = [lines[0], *(one for one in lines[1:] if len(one[1]) == len(keys))]
        known: dict[tuple[str, str], Any] = {}
        for number, line in lines[1:]:
            for key, cell in zip(keys, line, strict=True):
                if (key, cell) not in known:
                    column = max(0, source.lines[number].find(cell))
                    known[key, cell] = None
                    with self.noting(Place(source, number, column, max(1, len(cell)))):
                        known[key, cell] = read.value(key, cell.strip())
        rows = tuple(tuple(known[key, cell] for key, cell in zip(keys, line, strict=True))
                     for _number, line in lines[1:])
        return [Factor(key, (None,)) for key in keys], rows


Lines = list[tuple[int, list[str]]]
"""The cells of each non-empty line, with its number counted from 0."""


def _lines_of_sheet(path: Path) -> tuple[str, Lines]:
    """Return the first sheet of a spreadsheet, as the text of a CSV file and as cells."""
    rows = rows_of_sheet(path)
    last = rows[-1][0] if rows else 0
    texts = dict.fromkeys(range(1, last + 1), "") | {number: ",".join(row) for number, row in rows}
    return "\n".join(texts.values()), [(number - 1, row) for number, row in rows]


def _lines_of_csv(path: Path) -> tuple[str, Lines]:
    """Return a CSV file as text and as cells; in some countries Excel separates them by semicolons."""
    try:
        data = read_file(path, LARGEST_TABLE)
    except OSError as error:
        raise FilesError(f"{path}: {reason_of(error)}") from None
    text = _decoded(data)
    lines = text.splitlines()
    heading = lines[0] if lines else ""
    separator = next((sign for sign in "\t;" if sign in heading), ",")
    try:
        return text, [(number, line) for number, line in enumerate(
            csv.reader(lines, delimiter=separator)) if any(cell.strip() for cell in line)]
    except csv.Error as error:
        raise UsageError(f"{path.name}: {error}") from None


def _decoded(data: bytes) -> str:
    """Return the text of a file in UTF-8, or as Excel writes it on Chinese Windows.

    Some bytes are valid in both: 元 in the latter is a Komi letter in the former.
    """
    with contextlib.suppress(UnicodeDecodeError):
        text = data.decode("utf-8-sig")
        beyond = [sign for sign in text if ord(sign) > 127]
        if not beyond or not all("\u0250" <= sign <= "\u07ff" for sign in beyond):
            return text
    return data.decode("gb18030", "replace")


def _seeds(said: object) -> tuple[int, ...]:
    """Return the seeds of a study, given as their number (from 0), a list, or ``10:20``."""
    if isinstance(said, str) and said.count(":") == 1:
        first, last = said.split(":")
        if first.isascii() and first.isdigit() and last.isascii() and last.isdigit() \
                and int(first) <= int(last) < min(2**63, int(first) + MAX_RUNS):
            return tuple(range(int(first), int(last) + 1))
    if isinstance(said, int) and not isinstance(said, bool) and 1 <= said <= MAX_RUNS:
        return tuple(range(said))
    if isinstance(said, list) and said and all(
            isinstance(seed, int) and not isinstance(seed, bool) for seed in said):
        return tuple(said)
    raise UsageError(_("seeds is a number such as 30, a list, or '10:20'"))

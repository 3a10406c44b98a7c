"""Records of options that belong together; a command takes each record as one argument.

    @overrides_option
    @weeks_option
    @persons_option
    @allow_code_option
    @gathers(changes=Changes)
    def check(scenario: str, *, changes: Changes) -> int: ...
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.cli.options import load_scenarios, tell_notices, worlds_of
from sim.errors import UsageError
from sim.texts import _

if TYPE_CHECKING:
    from sim.runs.design import Design
    from sim.runs.estimate import Estimate

__all__ = ["Aim", "Changes", "Intervals", "Pilot", "Place", "Talk", "Worlds", "gathers"]

Function = Callable[..., Any]


def gathers(**records: type) -> Callable[[Function], Function]:
    """Give a command records in place of the options that their fields name.

    This decorator comes last, next to the function.
    """

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def gathered(*arguments: object, **options: object) -> Any:
            made = {name: record(**{field.name: options.pop(field.name) for field in fields(record)})
                    for name, record in records.items()}
            return function(*arguments, **options, **made)

        return gathered

    return decorate


@dataclass(frozen=True)
class Changes:
    """Changes of scenarios on the command line: --set, --weeks, --persons; and --allow-code."""

    overrides: tuple[tuple[str, str], ...]
    weeks: str | None
    persons: str | None
    allow_code: bool = False

    @property
    def keys(self) -> list[str]:
        """The settings named by --set."""
        return [key for key, _value in self.overrides]

    @property
    def settings(self) -> dict[str, str]:
        """All changed settings by dotted name."""
        given = (("weeks", self.weeks), ("persons", self.persons))
        return dict(self.overrides) | {key: value for key, value in given if value is not None}

    def load(self, names: Iterable[str]) -> list[Any]:
        """Return the scenarios with these names or paths, with the changes applied."""
        return load_scenarios(names, self.settings.items(), allow_code=self.allow_code)

    def load_told(
        self, names: Iterable[str], varied: Iterable[str] = (), *, quiet: bool = False
    ) -> list[Any]:
        """Return the scenarios as `load` does, and print their notices."""
        names = list(names)
        loaded = self.load(names)
        tell_notices(names, loaded, [*varied, *self.keys], quiet=quiet)
        return loaded


@dataclass(frozen=True)
class Worlds:
    """Plausible worlds for the seeds: --worlds, --worlds-from."""

    worlds: int | None
    worlds_from: Path | None

    @property
    def asked(self) -> bool:
        """Whether worlds were asked for at all."""
        return self.worlds is not None or self.worlds_from is not None

    def draw(self, seeds: list[int] | None) -> tuple[Any, list[int] | None]:
        """Return the worlds, if any were asked for, and the seeds, by default one per world."""
        return worlds_of(self.worlds, self.worlds_from, seeds)


@dataclass(frozen=True)
class Place:
    """Where runs are executed: --workers, --cluster, --timeout."""

    workers: int | None
    cluster: str | None
    timeout: float = 3600.0

    def admit(self, design: Design, *, figures: bool = True) -> Estimate:
        """Return the estimate of a design's time, memory and disk.

        Raises
        ------
        UsageError
            When the design does not fit the machine's memory, as the runs themselves would.
        """
        from sim.runs.estimate import admit, estimate_design

        admit(design, workers=self.workers, remote=bool(self.cluster))
        return estimate_design(design, workers=self.workers, figures=figures)


@dataclass(frozen=True)
class Talk:
    """How a command prints: --json, --quiet."""

    as_json: bool
    quiet: bool

    @property
    def silent(self) -> bool:
        """Neither progress nor messages."""
        return self.quiet or self.as_json


@dataclass(frozen=True)
class Intervals:
    """How intervals are made, and how narrow: --method, --confidence, --precision, --most-seeds."""

    method: str
    confidence: float
    precision: str | None
    most_seeds: int


@dataclass(frozen=True)
class Aim:
    """The aim of a search: --measure, --lowest, --satisfy, --surely, --worst-tenth, --quantile."""

    measure: str
    lowest: bool
    satisfy: tuple[str, ...]
    surely: float
    worst: bool
    quantile: float | None

    @property
    def by(self) -> bool | float:
        """The seeds by which a point is judged: all (False), the worst tenth (True), or a quantile."""
        if self.worst and self.quantile is not None:
            raise UsageError(_("a point is judged by its worst tenth or by a quantile, not by both"))
        return self.worst if self.quantile is None else self.quantile


@dataclass(frozen=True)
class Pilot:
    """How plans are tried and judged: --pilot-persons, --pilot-weeks, --pilot-measure, --measure."""

    measure: str
    pilot_measure: str | None
    lowest: bool
    pilot_persons: int
    pilot_weeks: int

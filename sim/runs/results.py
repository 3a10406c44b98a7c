"""Tables of many runs, in memory or in a folder, read table by table and column by column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.runs.design import Design
from sim.runs.errors import DesignError
from sim.runs.result import OPTIONAL, TABLES, Result
from sim.scenario.run_table import RunTable
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["IDENTIFYING", "Reading", "Runs"]

IDENTIFYING = {
    "weekly": ("week",), "tiers": ("week", "tier"), "cohorts": ("week", "cohort"),
    "resellers": ("person",), "persons": ("person",), "purchases": ("week", "person"),
}
"""Columns that identify a row of a table within a run."""


class Reading(NamedTuple):
    """The seed of a run, and those of its tables from which key figures are computed."""

    seed: int
    weekly: RunTable
    resellers: RunTable


class Runs:
    """The results of many runs: four tidy tables over all of them.

    The tables begin with one column for each varied setting, followed by ``scenario``, ``seed`` and, for
    tables over time, ``week``. Rows are in the order of the design, not of finishing. Iterating yields one
    `Result` per run.

    Attributes
    ----------
    design
        The planned runs.
    failed
        The reason why a run failed, by its number.
    """

    def __init__(self, design: Design, packed: Mapping[int, bytes], failed: dict[int, str]) -> None:
        self.design = design
        self.failed = failed
        self._packed = packed

    # -- progress -----------------------------------------------------------------------------

    @property
    def done(self) -> list[int]:
        """Numbers of the finished runs, ascending."""
        return sorted(self._packed)

    @property
    def planned(self) -> int:
        """Number of runs of the design."""
        return len(self.design)

    @property
    def complete(self) -> bool:
        """Whether every run of the design is finished."""
        return len(self.done) == self.planned

    @property
    def note(self) -> str:
        """How many runs are finished, such as "412 of 1,000 runs"; empty if all are."""
        return "" if self.complete else f"{len(self.done):,} of {self.planned:,} runs"

    def __len__(self) -> int:
        return len(self.done)

    def __repr__(self) -> str:
        names = ", ".join(self.design.labels)
        return f"<{self.note or f'{self.planned:,} runs'} of {names}>"

    # -- tables -------------------------------------------------------------------------------

    def table(
        self, name: str, columns: Sequence[str] | None = None, *,
        scenario: str | int | None = None, seed: int | None = None,
    ) -> pd.DataFrame:
        """Return one table, or the columns and runs of it that are asked for.

        Parameters
        ----------
        name
            ``weekly``, ``tiers``, ``cohorts`` or ``resellers``; with the outputs of that name, also
            ``persons`` and ``purchases``.
        columns
            Columns beside those that identify a row, which are always included; all by default.
        scenario, seed
            Only the runs of this scenario (label or number) and of this seed.
        """
        from sim.runs.tables import frame, join

        if columns is not None:
            columns = [*IDENTIFYING[name],
                       *(column for column in columns if column not in IDENTIFYING[name])]
        return frame(join(
            ((self.packed(run), self.who(run)) for run in self._chosen(scenario, seed)),
            name, columns,
        ))

    @property
    def weekly(self) -> pd.DataFrame:
        """One row per run and week."""
        return self.table("weekly")

    @property
    def tiers(self) -> pd.DataFrame:
        """One row per run, week and tier."""
        return self.table("tiers")

    @property
    def cohorts(self) -> pd.DataFrame:
        """One row per run, week and cohort of joiners."""
        return self.table("cohorts")

    @property
    def resellers(self) -> pd.DataFrame:
        """One row per run and person who ever joined."""
        return self.table("resellers")

    @property
    def persons(self) -> pd.DataFrame:
        """One row per run and person at its end, if the scenario asks for it (`outputs.persons`)."""
        return self.table("persons")

    @property
    def purchases(self) -> pd.DataFrame:
        """One row per run and purchase, if the scenario asks for it (`outputs.purchases`)."""
        return self.table("purchases")

    # -- runs ---------------------------------------------------------------------------------

    def who(self, run: int) -> dict[str, Any]:
        """Return the columns that identify a run: varied settings, scenario, seed."""
        point, seed = self.design.of_run(run)
        return {**self.design.values(point), "scenario": self.design.label(point), "seed": seed}

    def packed(self, run: int) -> bytes:
        """Return the packed tables of a finished run."""
        return self._packed[run]

    def table_of_run(
        self, run: int, name: str, columns: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Return a table of one run, without the columns that identify the run."""
        from sim.runs.tables import frame, unpack

        if columns is not None:
            columns = list(dict.fromkeys([*IDENTIFYING[name], *columns]))
        return frame(unpack(self.packed(run), name, columns))

    def result(self, scenario: str | int = 0, seed: int | None = None) -> Result:
        """Return the run of a scenario (label or number) and a seed; by default, its first finished run."""
        for run in self._chosen(scenario, seed):
            return self.result_of(run)
        raise DesignError(_("no finished run of scenario {scenario!r} with seed {seed}").format(
                scenario=scenario, seed=seed))

    def result_of(self, run: int) -> Result:
        """Return the run with this number."""
        from sim.runs.tables import frame, join, unpack

        point, seed = self.design.of_run(run)
        who = {"scenario": self.design.label(point), "seed": seed}
        packed = self.packed(run)
        return Result(
            scenario=self.design.scenario(point, seed), seed=seed,
            **{name: frame(join([(packed, who)], name)) for name in TABLES},
            **{name: frame(join([(packed, who)], name)) for name in OPTIONAL
               if unpack(packed, name).column_names},
        )

    def readings(self, scenario: str | int | None = None) -> Iterator[Reading]:
        """Yield the tables that key figures need, for each finished run of a scenario (label or number)."""
        from sim.runs.tables import floats, unpack

        for run in self._chosen(scenario, None):
            packed = self.packed(run)
            weekly, resellers = (RunTable(floats(unpack(packed, name))) for name in ("weekly", "resellers"))
            yield Reading(self.design.of_run(run)[1], weekly, resellers)

    def __iter__(self) -> Iterator[Result]:
        return (self.result_of(run) for run in self.done)

    def _chosen(self, scenario: str | int | None, seed: int | None) -> list[int]:
        if isinstance(scenario, str) and scenario not in self.design.labels:
            if scenario not in self.design.names:
                raise DesignError(
                    _("no scenario {scenario!r}; there are: {names}").format(
                        scenario=scenario, names=", ".join(self.design.labels)))
            scenario = self.design.names.index(scenario)
        chosen = []
        for run in self.done:
            point, with_seed = self.design.of_run(run)
            base = self.design.points[point].base
            if scenario is not None and scenario not in (base, self.design.labels[base]):
                continue
            if seed is None or seed == with_seed:
                chosen.append(run)
        return chosen

    def _repr_html_(self) -> str:
        from sim.faces import html

        return html(self, "result")

    def plot(self, what: str, **options: Any) -> Axes:
        """Draw one picture over all runs (``inventory``, ``churn``, ...); return its Axes."""
        from sim.faces import plot

        return plot(self, what, **options)

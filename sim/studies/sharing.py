"""Common parts of ladders and loops: parts that divide a difference, and their sentences."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.kernel import np
from sim.runs.results import Runs
from sim.runs.statistics import Interval, false_alarms
from sim.runs.tables import for_spreadsheets
from sim.studies.games import Game, chance
from sim.studies.gaps import refuse_all_failed
from sim.studies.measures import Measure, said_gap, table_of
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd

    from sim.kernel.plain import SomeData
    from sim.runs.reading import Results

__all__ = ["Part", "Sharing", "believed", "keep_table", "share_told", "signed",
           "values_of"]


@dataclass(frozen=True)
class Part:
    """One part of a difference: a group of settings, or a loop, with its settings."""

    name: str
    title: str
    settings: SomeData


@dataclass
class Sharing(ABC):
    """A difference divided among parts, seed by seed.

    Attributes
    ----------
    runs
        All runs; the first two scenarios are those without and with all parts.
    of
        The measure.
    parts
        The parts.
    game
        The results of each set of parts.
    seeds
        Seeds for which every scenario has a number.
    dropped
        Seeds left out.
    """

    runs: Runs
    of: Measure
    parts: tuple[Part, ...]
    game: Game
    seeds: tuple[int, ...]
    dropped: int

    def titled(self, place: int) -> str:
        """Return the title of a part."""
        return _(self.parts[place].title)

    def told(self, values: np.ndarray) -> Interval:
        """Return mean and interval over the seeds; unknown if nothing was run."""
        return Interval(math.nan, math.nan, math.nan, 0) if values is None else self.game.told(values)

    def change(self, found: Interval) -> str:
        """Return a change with its sign and interval."""
        if found.mean == found.low == found.high == 0.0:
            return _("no change")
        mean = signed(found.mean, self.of.unit)
        if not math.isfinite(found.low):
            return mean
        if found.low == found.high:
            return _("{mean} for every seed").format(mean=mean)
        return _("{mean} ({low} to {high})").format(
            mean=mean, low=signed(found.low, self.of.unit), high=signed(found.high, self.of.unit))

    def left_out(self) -> list[str]:
        """Return how many seeds are left out, if any, as a sentence."""
        if not self.dropped:
            return []
        return [_("{count} of {all} seeds are left out: a run failed or has no such number.").format(
            count=self.dropped, all=self.dropped + len(self.seeds))]

    @abstractmethod
    def verdicts(self) -> list[str]:
        """Return the answer in plain sentences."""

    def _repr_html_(self) -> str:
        from sim.faces import html

        return html(self, "comparison")

    def __repr__(self) -> str:
        return "\n".join(self.verdicts())


def signed(value: float, unit: str) -> str:
    """Return a difference with its sign."""
    number = said_gap(abs(value), unit)
    return f"-{number}" if value < 0 else f"+{number}"


def believed(columns: Sequence[Sequence[Any]]) -> list[bool]:
    """Return which findings are significant, given their number.

    A finding is one or several differences over the seeds, all of which must be significant.
    """
    chances = [max(chance(values) for values in found) for found in columns]
    return [bool(value <= 0.05) for value in false_alarms(chances)]


def values_of(runs: Runs, of: Measure, masks: Sequence[int]) -> tuple[dict[int, Any], tuple[int, ...], int]:
    """Return each coalition's measure over the complete seeds, these seeds, and the number of others.

    Raises
    ------
    UsageError
        When no seed has a number for every coalition.
    """
    refuse_all_failed(runs.failed.values(), len(runs.done))
    table = table_of(runs, [of])
    sides = table.pivot(index="seed", columns="scenario", values=of.text)
    sides = sides.reindex(index=list(runs.design.seeds), columns=list(runs.design.labels)).astype(float)
    whole = sides.dropna()
    if whole.empty:
        raise UsageError(_("'{measure}' has no number in some run of every seed; take another measure, or go "
                           "on with weishang resume").format(measure=of.text))
    values = {mask: whole[label].to_numpy() for mask, label in zip(
        masks, runs.design.labels, strict=True)}
    return values, tuple(int(seed) for seed in whole.index), len(sides) - len(whole)


def share_told(holds: Any, confidence: float = 0.95) -> Interval:
    """Return a share of yes with its interval (Clopper and Pearson 1934)."""
    from scipy import stats

    count, yes = len(holds), int(np.sum(holds))
    if not count:
        return Interval(math.nan, math.nan, math.nan, 0)
    found = stats.binomtest(yes, count).proportion_ci(confidence, method="exact")
    return Interval(yes / count, float(found.low), float(found.high), count)


def keep_table(results: Results, name: str, table: pd.DataFrame) -> None:
    """Write a table to a results folder, for spreadsheets, unless it exists."""
    text = for_spreadsheets(table).encode("utf-8-sig")
    path = results.path / name
    if not path.exists() or path.read_bytes() != text:
        results.publish(name, lambda temporary: temporary.write_bytes(text))

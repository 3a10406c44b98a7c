"""Reading a history: the monthly or weekly series that a brand kept."""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import UsageError
from sim.market.outputs import TIERS, WEEKLY
from sim.market.roster import rung_of
from sim.scenario.cells import (
    Grid,
    TableProblems,
    day_of,
    month_of,
    named_columns,
    number_of,
    plain,
    read_grid,
)
from sim.scenario.history_columns import CALLED, OF_TIERS, TIMES, how_read
from sim.scenario.problems import clean, did_you_mean, shown
from sim.texts import _
from sim.texts.bilingual import Bilingual, text_of

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["History", "Observation", "read_history"]

FEN = {column.name for column in (*WEEKLY, *TIERS) if column.unit == "fen"}
NAMES = {column.name for column in WEEKLY}
TIER_NAMES = {column.name for column in TIERS}
PARTIAL = re.compile(r"\*|半|partial|half|部分|未完", re.IGNORECASE)
"""Marks of an incomplete month."""
SHARES = {column.name for column in (*WEEKLY, *TIERS) if column.unit == "share"}


@dataclass(frozen=True)
class Observation:
    """One number that was observed.

    Attributes
    ----------
    series
        Name of the series: a weekly column, or ``COLUMN@TIER`` with the name of the tier.
    column, rung
        Column of the weekly table, or of the tiers table for a rung.
    first, last
        First and last of the weeks that it covers.
    how
        ``sum``, ``end`` or ``mean`` over these weeks.
    value
        In the units of the tables (money in fen), for whole weeks.
    error
        Its standard error; None where the file gives none.
    said
        The month or week as the file writes it.
    """

    series: str
    column: str
    rung: int | None
    first: int
    last: int
    how: str
    value: float
    error: float | None
    said: str

    @property
    def measure(self) -> str:
        """The measure of a run that the observation is compared with."""
        name = self.column if self.rung is None else f"{self.column}@{self.rung}"
        if self.how == "end":
            return f"{name} at week {self.last}"
        return f"{self.how}({name} from week {self.first} to {self.last})"


@dataclass(frozen=True)
class History:
    """The observations of a file, with notes about the file."""

    observations: tuple[Observation, ...]
    notes: tuple[str, ...] = ()

    @property
    def last(self) -> int:
        """The last week with an observation."""
        return max(one.last for one in self.observations)

    @property
    def series(self) -> list[str]:
        """Names of the series, in the order of the file."""
        return list(dict.fromkeys(one.series for one in self.observations))

    def until(self, week: int) -> History:
        """Return the history up to a week."""
        return History(tuple(one for one in self.observations if one.last <= week))


def read_history(path: str | Path, scenario: Scenario) -> History:
    """Return the history in a file: CSV, Excel or Parquet, headings in English or Chinese.

    Raises
    ------
    FilesError
        When the file cannot be read.
    UsageError
        With every problem of the table, each with row and column.
    """
    grid = read_grid(Path(path))
    return _Reading(grid, TableProblems(grid.name), scenario).history()


@dataclass(frozen=True)
class _Series:
    place: int
    heading: str
    column: str
    rung: int | None
    error: bool

    @property
    def name(self) -> str:
        return self.heading


class _Reading:
    """Turns the cells of one history into observations."""

    def __init__(self, grid: Grid, problems: TableProblems, scenario: Scenario) -> None:
        self.grid, self.problems, self.scenario = grid, problems, scenario
        self.calendar = scenario.calendar
        self.tiers: Sequence[Bilingual] = [tier.name for tier in scenario.tiers]
        self.notes: list[str] = []
        self.rows: dict[str, int] = {}
        self.gaps = 0

    def history(self) -> History:
        times, _others = named_columns(self.grid.head, TIMES)
        if not times:
            self.problems.add(None, "", _(
                "there is no column 'month' (月份) or 'week' (周); there are: {found}").format(
                    found=clean(", ".join(self.grid.head) or "-", 120)))
        self.problems.refuse()
        when = "month" if "month" in times else "week"
        series = self._series(set(times.values()))
        errors = {(one.column, one.rung): one.place for one in series if one.error}
        known = [one for one in series if not one.error]
        if not known:
            self.problems.add(None, "", _("holds no series; its columns are those of the weekly table, "
                                          "such as sell_in, joins, exits"))
        self.problems.refuse()
        found: list[Observation] = []
        seen: dict[tuple[int, int], int] = {}
        for number, cells in self.grid.rows:
            said = cells[times[when]]
            weeks = self._weeks(number, said, when, self.grid.head[times[when]])
            self.rows[said] = number
            if weeks is None:
                continue
            if weeks[:2] in seen:
                self.problems.add(number, self.grid.head[times[when]], _(
                    "{said} is in row {other}, too").format(said=shown(said), other=seen[weeks[:2]]))
                continue
            seen[weeks[:2]] = number
            for one in known:
                place = errors.get((one.column, one.rung))
                made = self._observation(number, cells, one, place, weeks, said)
                if made is not None:
                    found.append(made)
        self._contradictions(found, {one.name: self.grid.head[one.place] for one in known})
        self.problems.refuse()
        if not found:
            raise UsageError(_("{name} holds no figure").format(name=self.grid.name))
        if self.gaps:
            self.notes.append(_("{name}: {count} empty cells are gaps").format(
                name=self.grid.name, count=self.gaps))
        order = [one.heading for one in known]
        return History(tuple(sorted(found, key=lambda one: (order.index(one.series), one.last))),
                       tuple(self.notes))

    # -- columns --------------------------------------------------------------------------------

    def _series(self, taken: set[int]) -> list[_Series]:
        known = {plain(said): column for column, others in CALLED.items() for said in (column, *others)}
        known |= {plain(name): name for name in NAMES | TIER_NAMES}
        series = []
        for place, heading in enumerate(self.grid.head):
            if place in taken or not heading:
                continue
            bare = re.sub(r"[(（\[].*$", "", heading)
            error = bool(re.search(r"(\s+error|误差)$", bare.strip()))
            bare = re.sub(r"(\s+error|误差)$", "", bare.strip())
            name, _at, tier = bare.partition("@")
            column = known.get(plain(name))
            if column is None:
                near = did_you_mean(name.strip(), sorted(NAMES | set(known)))
                self.problems.add(None, heading, _("is not a column of the weekly table") + (
                    _("; ") + near if near else ""))
                continue
            rung = None
            if tier:
                rung = rung_of(tier, self.tiers)
                column = OF_TIERS.get(column, column)
                if rung is None:
                    self.problems.add(None, heading, _("there is no tier {name}; the tiers are: {names}")
                                      .format(name=shown(tier), names=", ".join(
                                          text_of(one) for one in self.tiers) or "-"))
                    continue
            if column not in (NAMES if rung is None else TIER_NAMES):
                whole = next((whole for whole, part in OF_TIERS.items() if part == column), "")
                if whole and not name.isascii():
                    whole = CALLED[whole][0]
                self.problems.add(None, heading, (
                    _("is a column of tiers; write {whole} for all tiers, {name}@TIER for one") if whole
                    else _("is a column of tiers; write {name}@TIER")).format(name=name, whole=whole)
                    if rung is None else _("is not a column of the table of tiers"))
                continue
            label = column if rung is None else f"{_of_market(column)}@{text_of(self.tiers[rung])}"
            series.append(_Series(place, label, column, rung, error))
        return series

    # -- rows -----------------------------------------------------------------------------------

    def _weeks(self, number: int, said: str, when: str, heading: str) -> tuple[int, int, float] | None:
        """Return the first and last week of a row, and the factor that scales its sums to whole weeks."""
        if PARTIAL.search(said):
            self.notes.append(_("{name}: {said} is marked as incomplete and left out").format(
                name=self.grid.name, said=shown(said)))
            return None
        if when == "week":
            day = day_of(said)
            value = number_of(said) if day is None else None
            if day is not None:
                if not self._dated(number, heading):
                    return None
                week = self.calendar.week_of(day.isoformat())
            elif value is not None and value == int(value):
                week = int(value)
            else:
                self.problems.add(number, heading, _(
                    "{found} is neither a week nor its first day; write such as 12 or 2025-03-24").format(
                        found=shown(said)))
                return None
            if week < 1:
                self._early(number, heading, said)
                return None
            return week, week, 1.0
        month = month_of(said)
        if month is None:
            self.problems.add(number, heading, _("{found} is not a month; write such as 2025-03").format(
                found=shown(said)))
            return None
        return self._of_month(number, heading, said, month) if self._dated(number, heading) else None

    def _dated(self, number: int, heading: str) -> bool:
        if not self.calendar.first_week and not any("calendar" in what for _row, what in self.problems.found):
            self.problems.add(number, heading, _("dates need a calendar; write such as calendar: {first}")
                              .format(first="{first_week: 2025-01-06}"))
        return bool(self.calendar.first_week)

    def _of_month(
        self, number: int, heading: str, said: str, month: datetime.date
    ) -> tuple[int, int, float] | None:
        """Return the weeks whose middle lies in a month, and the factor for its sums."""
        begin = self.calendar.date_of_week(1)
        assert begin is not None  # months are refused without a calendar
        after = (month.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)
        middle = datetime.timedelta(days=3)
        first = max(1, -(-(month - begin - middle).days // 7) + 1)
        last = -(-(after - begin - middle).days // 7)
        if after <= begin:
            self._early(number, heading, said)
            return None
        if (begin - month).days > 7:
            self.notes.append(_("{name}: {said} begins before week 1 ({first}) and is left out").format(
                name=self.grid.name, said=shown(said), first=begin.isoformat()))
            return None
        return first, last, 7.0 * (last - first + 1) / (after - month).days

    def _early(self, number: int, heading: str, said: str) -> None:
        begin = self.calendar.date_of_week(1)
        self.problems.add(number, heading, _(
            "{said} is before week 1{date}; a history begins where the run does: leave the row out, or "
            "begin the run earlier").format(
                said=shown(said), date=f" ({begin.isoformat()})" if begin else ""))

    def _observation(
        self, number: int, cells: tuple[str, ...], one: _Series, place: int | None,
        weeks: tuple[int, int, float], said: str
    ) -> Observation | None:
        heading = self.grid.head[one.place]
        if not cells[one.place]:
            self.gaps += 1
            return None
        value = self._number(number, heading, cells[one.place], one.column)
        error = self._number(number, self.grid.head[place], cells[place], one.column) \
            if place is not None and cells[place] else None
        if value is None:
            return None
        first, last, factor = weeks
        how = how_read(one.column)
        if how == "sum":
            value *= factor
            error = error * factor if error is not None else None
            if one.column == "joins" and first == 1:
                value += self._there(one.rung)
        return Observation(one.name, one.column, one.rung, first, last, how, value, error, said)

    def _there(self, rung: int | None) -> int:
        """Return how many resellers sell before week 1, since the joins of week 1 include them."""
        from sim.scenario.market_start import roster_for

        if not self.scenario.start.sells:
            return 0
        roster = roster_for(self.scenario, 0)
        mine = int((roster.sells if rung is None else roster.sells & (roster.tier == rung)).sum())
        return mine * int(self.scenario.scale)

    def _number(self, number: int, heading: str, said: str, column: str) -> float | None:
        value = number_of(said)
        if value is None:
            self.problems.add(number, heading, _(
                "{found} is not a number; write such as 1200, 1,200 or 0.12万; leave a gap empty").format(
                    found=shown(said)))
            return None
        if value < 0 and not column.startswith("profit"):
            self.problems.add(number, heading, _("{found} is below 0; allowed: 0 or more").format(
                found=shown(said)))
            return None
        if column in SHARES and value > 1:
            self.problems.add(number, heading, _("{found} is above 1; write a share such as 35%").format(
                found=shown(said)))
            return None
        return 100.0 * value if column in FEN else value

    # -- together -------------------------------------------------------------------------------

    def _contradictions(self, found: Sequence[Observation], headings: dict[str, str]) -> None:
        """Record a channel inventory that exceeds everything ever shipped to the channel."""
        shipped = sorted((one for one in found if one.series == "sell_in"), key=lambda one: one.first)
        whole = shipped and shipped[0].first == 1 and all(
            before.last + 1 == after.first for before, after in itertools.pairwise(shipped))
        if not whole:
            return
        from sim.scenario.market_start import roster_for

        start = self.scenario.start
        before = int(roster_for(self.scenario, 0).inventory.sum()) * self.scenario.scale \
            if start.sells else 0
        for one in found:
            if one.series != "inventory_channel" or one.last > shipped[-1].last:
                continue
            ever = before + sum(ship.value for ship in shipped if ship.last <= one.last)
            if one.value > 1.1 * ever + 1:
                self.problems.add(self.rows[one.said], headings["inventory_channel"], _(
                    "{said}: {stock} units in the channel are more than the {ever} that it had at the start "
                    "and was shipped since").format(
                        said=shown(one.said), stock=f"{one.value:,.0f}", ever=f"{ever:,.0f}"))


def _of_market(column: str) -> str:
    return next((name for name, other in OF_TIERS.items() if other == column), column)

"""Reading a roster: a brand's own table of its resellers."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import UsageError
from sim.kernel import np
from sim.market.roster import UNKNOWN, WEEKS_A_MONTH, Roster, rung_of, sorted_roster
from sim.scenario.cells import (
    Grid,
    TableProblems,
    day_of,
    flag_of,
    month_of,
    named_columns,
    number_of,
    plain,
    read_grid,
)
from sim.scenario.problems import clean, did_you_mean, shown
from sim.texts import _
from sim.texts.bilingual import Bilingual, text_of

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["COLUMNS", "NEEDED", "read_roster", "roster_of"]

COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("编号", "代理编号", "代理id", "会员编号", "会员号", "授权号", "reseller", "reseller id"),
    "upline": ("上级", "上级编号", "上级代理", "上级代理编号", "推荐人", "推荐人编号", "上家", "sponsor"),
    "tier": ("级别", "等级", "层级", "代理级别", "代理等级", "level", "rank"),
    "inventory": ("库存", "库存数量", "现有库存", "存货", "stock", "units"),
    "joined": ("加入日期", "加入时间", "入会日期", "授权日期", "注册日期", "加盟日期", "date joined"),
    "sales": ("月销量", "近期销量", "近一月销量", "上月销量", "units sold last month"),
    "cash": ("现金", "资金", "流动资金", "账户余额"),
    "dropship": ("代发", "一件代发", "dropshipping"),
    "left": ("离开日期", "退出日期", "退出时间", "流失日期", "退代日期", "离开时间", "date left"),
}
"""Columns of a roster, with their other names."""
NEEDED = ("id", "tier", "inventory")
PRIVATE = {
    plain(name) for name in (
        "name", "full name", "phone", "telephone", "mobile", "wechat", "e-mail", "email", "address",
        "id card", "id number", "姓名", "名字", "昵称", "代理姓名", "手机", "手机号", "手机号码", "电话",
        "联系方式", "联系电话", "微信", "微信号", "身份证", "身份证号", "地址", "收货地址", "邮箱")}
"""Headings of columns that identify people."""
PHONE = re.compile(r"(\+?86)?1[3-9]\d{9}")
MAX_UNITS = 10**9
MAX_WEEKS = 2000
"""Largest number of weeks since joining in a roster."""


def roster_of(scenario: Scenario) -> Roster | None:
    """Return the roster that a scenario names, or None.

    Raises
    ------
    UsageError
        With every problem of the table.
    """
    path = scenario.start.roster
    if path is None:
        return None
    first = scenario.calendar.date_of_week(1)
    return read_roster(path, tuple(tier.name for tier in scenario.tiers),
                       first.isoformat() if first is not None else "")


def read_roster(path: str | Path, tiers: Sequence[Bilingual], first_week: str) -> Roster:
    """Return the roster of a file; `tiers` are the names of the ladder, top first.

    Parameters
    ----------
    first_week
        Date of the first day of week 1, from which dates of joining are counted; empty without a calendar.

    Raises
    ------
    FilesError
        When the file cannot be read.
    UsageError
        With every problem of the table, each with row and column.
    """
    file = Path(path)
    try:
        found = file.stat()
    except OSError:
        return _read(str(path), tuple(tiers), first_week, None)
    return _read(str(path), tuple(tiers), first_week, (found.st_mtime_ns, found.st_size))


@functools.lru_cache(maxsize=8)
def _read(path: str, tiers: tuple[Bilingual, ...], first_week: str, _stamp: object) -> Roster:
    grid = read_grid(Path(path))
    reading = _Reading(grid, TableProblems(grid.name), tiers, day_of(first_week) if first_week else None)
    return reading.roster()


@dataclass
class _Reading:
    """Turns the cells of one roster into columns."""

    grid: Grid
    problems: TableProblems
    tiers: tuple[Bilingual, ...]
    today: datetime.date | None
    asked_for_calendar: bool = False

    def roster(self) -> Roster:
        self.columns, others = named_columns(self.grid.head, COLUMNS)
        self._refuse_people(others)
        for name in NEEDED:
            if name not in self.columns:
                self.problems.add(None, "", _(
                    "there is no column '{name}' ({other}); there are: {found}").format(
                        name=name, other=COLUMNS[name][0],
                        found=clean(", ".join(self.grid.head) or "-", 120)))
        if any(name not in self.columns for name in NEEDED):
            self.problems.refuse()
        if not self.grid.rows:
            raise UsageError(_("{name} holds no reseller").format(name=self.grid.name))
        ids = self._ids()
        rungs = [self._tier(number, cells) for number, cells in self.grid.rows]
        inventory = [self._number(number, cells, "inventory", whole=True) for number, cells in self.grid.rows]
        ages = [self._since(number, cells, "joined") for number, cells in self.grid.rows]
        left = [self._left(number, cells, age) for (number, cells), age in zip(
            self.grid.rows, ages, strict=True)]
        sales = [self._number(number, cells, "sales") for number, cells in self.grid.rows]
        cash = [self._number(number, cells, "cash") for number, cells in self.grid.rows]
        ships = [self._flag(number, cells) for number, cells in self.grid.rows]
        uplines = self._uplines(ids, rungs)
        self.problems.refuse()
        notes = [_("{name}: column '{column}' is not used").format(
            name=self.grid.name, column=clean(other, 40)) for other in others]
        return sorted_roster(Roster(
            np.array(uplines, np.int64), np.array(rungs, np.int64),
            np.array([0 if units is None else round(units) for units in inventory], np.int64),
            np.array(ages, np.int64),
            np.array([np.nan if units is None else units / WEEKS_A_MONTH for units in sales]),
            np.array([UNKNOWN if yuan is None else round(100 * yuan) for yuan in cash], np.int64),
            np.array(ships, bool), np.array(left, np.int64), tuple(notes)))

    def _cell(self, cells: tuple[str, ...], column: str) -> str:
        place = self.columns.get(column)
        return "" if place is None else cells[place]

    def _said(self, column: str) -> str:
        """Return the heading of a column in the file."""
        return self.grid.head[self.columns[column]]

    def _refuse_people(self, others: list[str]) -> None:
        for heading in others:
            if plain(re.sub(r"[(（].*$", "", heading)) in PRIVATE:
                self.problems.add(None, heading, _(
                    "says who people are, which no run needs; delete the column, and call resellers by "
                    "numbers"))

    def _ids(self) -> dict[str, int]:
        """Return the row of each reseller by id."""
        seen: dict[str, int] = {}
        rows: dict[str, int] = {}
        for place, (number, cells) in enumerate(self.grid.rows):
            name = self._cell(cells, "id")
            if not name:
                self.problems.add(number, self._said("id"), _("is empty; every reseller has an id"))
            elif PHONE.fullmatch(plain(name)):
                # The message leaves out the number itself: it is personal data.
                self.problems.add(number, self._said("id"), _(
                    "is a telephone number; call resellers by other numbers"))
            elif name in seen:
                self.problems.add(number, self._said("id"), _(
                    "{name} is in row {other}, too; an id belongs to one reseller").format(
                        name=shown(name), other=rows[name]))
            else:
                seen[name], rows[name] = place, number
        return seen

    def _tier(self, number: int, cells: tuple[str, ...]) -> int:
        said = self._cell(cells, "tier")
        rung = rung_of(said, self.tiers)
        if rung is None:
            names = [text_of(tier) for tier in self.tiers]
            self.problems.add(number, self._said("tier"), _(
                "there is no tier {name}; the tiers are: {names}").format(
                    name=shown(said), names=", ".join(names) or "-") + (
                        _("; ") + near if (near := did_you_mean(said, names)) else ""))
            return 0
        return rung

    def _number(
        self, number: int, cells: tuple[str, ...], column: str, whole: bool = False
    ) -> float | None:
        said = self._cell(cells, column)
        if not said:
            return None
        value = number_of(said)
        if value is None:
            self.problems.add(number, self._said(column), _(
                "{found} is not a number; write such as 1200, 1,200 or 0.12万").format(found=shown(said)))
        elif value < 0:
            self.problems.add(number, self._said(column), _(
                "{found} is below 0; allowed: 0 or more").format(found=shown(said)))
        elif value > MAX_UNITS * (1000 if column == "cash" else 1):
            self.problems.add(number, self._said(column), _("{found} is more than {most}").format(
                found=shown(said), most=f"{MAX_UNITS:,}"))
        elif whole and value != int(value):
            self.problems.add(number, self._said(column), _(
                "{found} is not a whole number of units").format(found=shown(said)))
        else:
            return value
        return None

    def _left(self, number: int, cells: tuple[str, ...], age: int) -> int:
        """Return the weeks since a reseller left; unknown for those who still sell."""
        weeks = self._since(number, cells, "left")
        if 0 <= age < weeks:
            self.problems.add(number, self._said("left"), _(
                "{found} is before {other}, the day of joining").format(
                    found=shown(self._cell(cells, "left")), other=shown(self._cell(cells, "joined"))))
        return weeks

    def _since(self, number: int, cells: tuple[str, ...], column: str) -> int:
        """Return the weeks since the date in a column."""
        said = self._cell(cells, column)
        if not said:
            return UNKNOWN
        day = day_of(said) or month_of(said)
        if day is None:
            self.problems.add(number, self._said(column), _(
                "{found} is no date; write such as 2024-03-05, 2024/3/5 or 2024年3月").format(
                    found=shown(said)))
        elif self.today is None:
            if not self.asked_for_calendar:
                self.asked_for_calendar = True
                self.problems.add(number, self._said(column), _(
                    "dates need a calendar; write such as calendar: {first}").format(
                        first="{first_week: 2025-01-06}"))
        elif day >= self.today + datetime.timedelta(days=7):
            self.problems.add(number, self._said(column), _(
                "{found} is after {first}, where the run begins; the roster says who sold by then").format(
                    found=shown(said), first=self.today.isoformat()))
        else:
            weeks = max(0, (self.today - day).days // 7)
            if weeks <= MAX_WEEKS:
                return weeks
            self.problems.add(number, self._said(column), _(
                "{found} is more than {most} weeks ago").format(found=shown(said), most=MAX_WEEKS))
        return UNKNOWN

    def _flag(self, number: int, cells: tuple[str, ...]) -> bool:
        said = self._cell(cells, "dropship")
        flag = flag_of(said)
        if flag is None:
            self.problems.add(number, self._said("dropship"), _(
                "{found} is neither yes nor no (是 or 否)").format(found=shown(said)))
        return bool(flag)

    def _uplines(self, ids: dict[str, int], rungs: list[int]) -> list[int]:
        """Return the row of each reseller's upline; -1 for the brand."""
        uplines = []
        for number, cells in self.grid.rows:
            said = self._cell(cells, "upline")
            place = ids.get(said, -1) if said else -1
            if said and place < 0 and PHONE.fullmatch(plain(said)):
                self.problems.add(number, self._said("upline"), _(
                    "is a telephone number; call resellers by other numbers"))
            elif said and place < 0 and plain(said) not in BRAND:
                self.problems.add(number, self._said("upline"), _(
                    "{name} is no id of this roster; leave the cell empty where the brand itself "
                    "recruited").format(name=shown(said)) + (
                        _("; ") + near if len(ids) <= 5000 and (near := did_you_mean(said, ids)) else ""))
            uplines.append(place)
        for circle in _circles(uplines):
            number, cells = self.grid.rows[circle[0]]
            self.problems.add(number, self._said("upline"), _(
                "is in a circle: {names}; somebody of these is above themselves").format(
                    names=clean(" → ".join(
                        self._cell(self.grid.rows[row][1], "id") for row in [*circle, circle[0]]), 120)))
        return uplines


BRAND = ("brand", "none", "公司", "总部", "品牌", "品牌方", "厂家", "无", "-", "/", "0")
"""Entries for the brand itself in the column of the upline."""


def _circles(uplines: Sequence[int]) -> list[list[int]]:
    """Return the rows of each cycle among the uplines."""
    state = bytearray(len(uplines))  # 0 not seen, 1 on the way, 2 done
    found = []
    for start in range(len(uplines)):
        way = []
        row = start
        while row >= 0 and state[row] == 0:
            state[row] = 1
            way.append(row)
            row = uplines[row]
        if row >= 0 and state[row] == 1:
            found.append(way[way.index(row):])
        for done in way:
            state[done] = 2
    return found

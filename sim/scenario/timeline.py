"""The timeline of a scenario: events, when they hold, and the calendar that dates count by.

An event holds from its week on, or ``for`` a number of weeks, and may recur ``every`` so many weeks.
It sets settings to values or multiplies them (``scale``), at once or linearly ``over`` weeks.
"""

from __future__ import annotations

import copy
import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from pydantic import Field, create_model, field_validator, model_validator
from pydantic_core import core_schema

from sim.kernel.settings import Settings, parameter
from sim.scenario.data import id_of
from sim.scenario.problems import clean
from sim.texts import _
from sim.texts.bilingual import Bilingual, text_of

__all__ = ["Calendar", "Check", "Event", "Moved", "TimelineError", "dated", "in_weeks", "moved_in"]

DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
MONTH = re.compile(r"(\d{4})-(\d{1,2})")
ID = re.compile(r"[^\W\d][\w-]*")


class TimelineError(ValueError):
    """An event whose week is missing or wrong; `index` and `key` locate it."""

    def __init__(self, message: str, index: int, key: str) -> None:
        super().__init__(message)
        self.index, self.key = index, key


def date_of(text: str) -> datetime.date:
    """Return the date of a text such as ``2025-11-11``; for a month, its first day.

    Raises
    ------
    ValueError
        When the text is not a date.
    """
    found = DATE.fullmatch(text.strip())
    try:
        if found:
            return datetime.date(*(int(part) for part in found.groups()))
        if month := MONTH.fullmatch(text.strip()):
            return datetime.date(int(month[1]), int(month[2]), 1)
    except ValueError:
        pass
    raise ValueError(_("found '{text}'; write a date such as 2025-11-11").format(text=clean(text, 40)))


class Calendar(Settings):
    """The date on which week 1 begins, so that dates can stand for weeks."""

    first_week: str = Field("", description=(
        "date of the first day of week 1, such as 2025-01-06, or its month, such as 2025-01"))

    @field_validator("first_week")
    @classmethod
    def _is_date(cls, text: str) -> str:
        if text:
            date_of(text)
        return text

    def week_of(self, date: str) -> int:
        """Return the week that holds a date; it may lie before or after the run."""
        days = (date_of(date) - date_of(self.first_week)).days
        return days // 7 + 1

    def date_of_week(self, week: int) -> datetime.date | None:
        """Return the first day of a week, or None without a calendar."""
        if not self.first_week:
            return None
        return date_of(self.first_week) + datetime.timedelta(weeks=week - 1)

    def months(self, last: int) -> list[tuple[str, int, int]]:
        """Return the months of the weeks up to `last`, such as ``2025-01``, with first and last week of each.

        A week belongs to the month that holds its middle day. Without a calendar there are none.
        """
        found: list[tuple[str, int, int]] = []
        for week in range(1, last + 1):
            day = self.date_of_week(week)
            if day is None:
                break
            middle = day + datetime.timedelta(days=3)
            name = f"{middle.year}-{middle.month:02}"
            if found and found[-1][0] == name:
                found[-1] = (name, found[-1][1], week)
            else:
                found.append((name, week, week))
        return found

    def said(self, week: int, *, last: bool = False) -> str:
        """Return the first or the last day of a week as text; without a calendar, the week number."""
        day = self.date_of_week(week)
        return str(week) if day is None else (day + datetime.timedelta(days=6 * last)).isoformat()

    def begins(self, event: Event) -> str:
        """Return when an event first begins: the date it was given, or the date of its week."""
        return event.at if DATE.fullmatch(event.at.strip()) else self.said(event.week)


# `for` is a keyword of Python and cannot be declared in the body of a class.
_FOR: Any = {"for": (int, parameter(
    0, "weeks", 0, 10_000, "weeks after which it ends and what it changed goes back; 0: it stays"))}
_Lasting: Any = create_model("_Lasting", __base__=Settings, **_FOR)


class Event(_Lasting):
    """Something that changes settings during a run."""

    id: str = Field("", max_length=60, description=(
        "short name, by which files that extend this one and --set, --vary find the event"))
    week: int = parameter(None, "weeks", 1, 100_000, "first week in which the settings hold")
    at: str = Field("", description="the date of that week instead, such as 2025-11-11")
    tied_to: str = Field("", description="id of the event in whose week it begins, instead")
    delay: int = parameter(0, "weeks", 0, 10_000, "weeks after the event that it is tied to")
    every: int = parameter(
        0, "weeks", 0, 10_000, "weeks after which it comes again, with `for`; 0: it comes once")
    set: dict[str, Any] = Field(
        default_factory=dict, description="dotted names of settings and their new values")
    scale: dict[str, float] = Field(
        default_factory=dict, description="dotted names of settings and factors on their values",
        json_schema_extra={"unit": "times"})
    over: int = parameter(0, "weeks", 0, 10_000, "weeks over which numbers move linearly")
    note: Bilingual = Field(Bilingual(), description="what happens, shown on pictures")

    def said(self, lang: str | None = None) -> str:
        """Return the note of the event in a language, or else its id."""
        return text_of(self.note, lang) or self.id

    @field_validator("id")
    @classmethod
    def _is_name(cls, text: str) -> str:
        if text and not ID.fullmatch(text):
            raise ValueError(_("an id is a word of letters, digits, '_' or '-', not '{text}'")
                             .format(text=clean(text, 40)))
        return text

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.set and not self.scale:
            raise ValueError(_("an event changes something: give `set` or `scale`"))
        both = sorted(set(self.set) & set(self.scale))
        if both:
            raise ValueError(_("'{name}' is both set and scaled").format(name=clean(both[0], 80)))
        if self.every and not self.lasts:
            raise ValueError(_("an event that comes again says for how long: give `for`"))
        if self.every and self.lasts + self.over > self.every:
            raise ValueError(_(
                "it lasts {lasts} weeks and comes again after {every}; it must have ended by then")
                .format(lasts=self.lasts + self.over, every=self.every))
        if any(not 0 <= factor <= 1e6 for factor in self.scale.values()):
            raise ValueError(_("a factor is a number from 0 to 1000000"))
        return self

    @property
    def lasts(self) -> int:
        """Weeks until it ends; 0 for an event that stays."""
        return int(getattr(self, "for"))

    def starts(self, weeks: int) -> Iterator[int]:
        """Yield the weeks of a run in which it begins."""
        yield from range(self.week, weeks + 1, self.every or weeks + 1)

    def spans(self, weeks: int) -> Iterator[tuple[int, int | None]]:
        """Yield first and last week of each time it holds; None for the end of the run."""
        for start in self.starts(weeks):
            yield start, start + self.lasts - 1 if self.lasts else None

    def _since(self, week: int) -> int:
        """Return the weeks since it last began; negative before its first begin."""
        since = week - self.week
        return since % self.every if self.every and since >= 0 else since

    def moves_in(self, week: int) -> bool:
        """Return whether it moves a setting in `week`."""
        since = self._since(week)
        return 0 <= since <= self.over or (
            self.lasts > 0 and self.lasts <= since <= self.lasts + self.over)

    def share_in(self, week: int) -> Moved | None:
        """Return how far it has moved settings in `week`, or None when it is not in force."""
        since = self._since(week)
        if since < 0:
            return None
        share = min(1.0, since / self.over) if self.over else 1.0
        if not self.lasts or since < self.lasts:
            return Moved(week - since, share, True)
        after = since - self.lasts
        if after >= self.over:
            return None
        return Moved(week - since, min(share, 1.0 - after / self.over), False)


class Check(str):
    """A reality check with the id by which extending files refer to it."""

    id: str
    said: str
    """The check as it was written, with its dates."""

    def __new__(cls, text: str, name: str = "", said: str = "") -> Check:
        """Return the check."""
        made = super().__new__(cls, text)
        made.id = name or getattr(text, "id", "")
        made.said = said or getattr(text, "said", "") or str(text)
        return made

    def __getnewargs__(self) -> Any:
        """Return the arguments of `__new__` for pickle."""
        return str(self), self.id, self.said

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> Any:
        """Return how pydantic validates and serialises it."""
        return core_schema.no_info_plain_validator_function(
            _check_of, serialization=core_schema.plain_serializer_function_ser_schema(
                lambda check: {"id": check.id, "check": check.said} if check.id else check.said))


def _check_of(value: object) -> Check:
    if isinstance(value, Mapping) and set(value) <= {"id", "check"} and all(
            isinstance(part, str) for part in value.values()) and "check" in value:
        return Check(value["check"], value.get("id", ""))
    if not isinstance(value, str):
        raise ValueError(_("write a check, or {form}").format(form="{id: ..., check: ...}"))
    return Check(value)


@dataclass(frozen=True)
class Moved:
    """The week since which an event holds, how far numbers have moved, and whether it still lasts."""

    start: int
    share: float
    lasting: bool


def moved_in(events: tuple[Event, ...], week: int) -> list[tuple[Event, Moved]]:
    """Return the events that hold in `week`, in the order in which they began."""
    found = [(event, moved) for event in events
             if (moved := event.share_in(week)) is not None]
    return sorted(found, key=lambda pair: pair[1].start)


def in_weeks(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a scenario with the week of every event filled in, and dates in checks as weeks.

    Raises
    ------
    TimelineError
        For an event that gives no week or gives it twice, or that names an unknown event or a date
        outside the calendar.
    """
    result = dict(data)
    given = result.get("calendar")
    first = given.get("first_week") if isinstance(given, Mapping) else None
    calendar = Calendar(first_week=first) if isinstance(first, str) and _is_date(first) \
        else Calendar(first_week="")
    events = result.get("events")
    if isinstance(events, (list, tuple)) and all(isinstance(one, Mapping) for one in events):
        result["events"] = [
            {**event, "week": _week(index, events, calendar, ())}
            for index, event in enumerate(copy.deepcopy(list(events)))]
    if calendar.first_week and isinstance(result.get("expect"), (list, tuple)):
        result["expect"] = [_dated(check, calendar.first_week) for check in result["expect"]]
    return result


def _dated(check: object, first_week: str) -> Any:
    if isinstance(check, Mapping) and set(check) <= {"id", "check"} and all(
            type(part) is str for part in check.values()) and "check" in check:
        return Check(dated(check["check"], first_week), check.get("id", ""), check["check"])
    return Check(dated(check, first_week), "", check) if type(check) is str else check


def dated(check: str, first_week: str) -> str:
    """Return a check with its dates as weeks: ``at 2025-11-11`` becomes ``at week 45``."""
    if not first_week or not DATE.search(check):
        return check
    calendar = Calendar(first_week=first_week)

    def week(found: re.Match[str]) -> str:
        try:
            return f"week {calendar.week_of(found[0])}"
        except ValueError:
            return found[0]

    return DATE.sub(week, check)


def _is_date(text: str) -> bool:
    try:
        date_of(text)
    except ValueError:
        return False
    return True


def _week(
    index: int, events: Any, calendar: Calendar, through: tuple[int, ...]
) -> Any:
    """Return the week in which an event begins, however it is given."""
    event = events[index]
    found: list[Any] = []
    if event.get("week") is not None:
        found.append(event["week"])
    if event.get("at"):
        if not calendar.first_week:
            raise TimelineError(_(
                "a date needs a calendar; write such as calendar: {first}").format(
                    first="{first_week: 2025-01-06}"), index, "at")
        try:
            week = calendar.week_of(str(event["at"]))
        except ValueError as error:
            raise TimelineError(str(error), index, "at") from None
        if week < 1:
            raise TimelineError(_("{date} is before week 1, which begins on {first}").format(
                date=clean(event["at"], 40), first=calendar.first_week), index, "at")
        found.append(week)
    if event.get("tied_to"):
        names = [id_of(other) for other in events]
        name = str(event["tied_to"])
        if name not in names or index in through:
            what = _("there is no event '{name}'; there are: {names}").format(
                name=clean(name, 60), names=clean(", ".join(filter(None, names)) or "-")) \
                if name not in names else _("events are tied to each other in a circle")
            raise TimelineError(what, index, "tied_to")
        begun = _week(names.index(name), events, calendar, (*through, index))
        delay = event.get("delay") or 0
        if isinstance(begun, int) and isinstance(delay, int):
            found.append(begun + delay)
    if not found:
        raise TimelineError(_("an event says when: give `week`, `at` or `tied_to`"), index, "week")
    if len(set(found)) > 1:
        raise TimelineError(
            _("an event says its week once: by `week`, `at` or `tied_to`"), index, "week")
    return found[0]

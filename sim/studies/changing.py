"""The way from one scenario to another: which settings differ, and which of them belong together.

Settings that an event changes belong to their groups as well: a plan that switches to 2.0 by an event is
divided like one that is 2.0 from the start.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.kernel.settings import Settings
from sim.scenario.data import get, regime_settings
from sim.scenario.parameters import Shape
from sim.scenario.resolved import differences, leaves
from sim.scenario.schema import merge
from sim.texts import _, mark
from sim.texts.bilingual import text_of

if TYPE_CHECKING:
    from sim.kernel.plain import SomeData, Values
    from sim.scenario.schema import Scenario

__all__ = ["GROUPS", "Change", "Changes", "Group", "changes_between"]

APART = ("title", "regime", "seed", "sources", "expect", "dropped", "outputs", "rules")
"""Fields that do not change the market: a scenario's names, checks and outputs."""


@dataclass(frozen=True)
class Group:
    """Settings that belong together: dotted names, or whole sections."""

    name: str
    title: str
    settings: tuple[str, ...]


GROUPS: tuple[Group, ...] = (
    Group("market", mark("the market"), ("persons", "people", "network")),
    Group("product", mark("the product"), ("offer", "product_range", "brand_equity")),
    Group("price", mark("the list price"), ("offer.list_price", "offer.reference_price")),
    Group("ladder", mark("the ladder"), ("tiers", "tier_promotion")),
    Group("recruiting", mark("recruiting and its rewards"), (
        "recruiting", "sponsor_bonuses", "effort_split", "fake_performance")),
    Group("pressure", mark("stock pressure"), (
        "controls.stock_pressure", "ordering", "forecasting", "training", "anchored_ordering",
        "moving_average")),
    Group("approaching", mark("approaching friends"), ("prospecting", "selling")),
    Group("openness", mark("open information"), (
        "controls.information_asymmetry", "word_of_mouth", "brand_awareness", "purchase_choice",
        "belief_updating")),
    Group("rewards", mark("prosumers with reward rights"), ("referral",)),
    Group("feedback", mark("feedback of demand"), (
        "controls", "customer_data", "product_development", "brand_communities", "loyalty_stages",
        "product_experience", "personal_experience", "surveys", "user_circles")),
    Group("service", mark("service"), ("customer_service",)),
    Group("supply", mark("production and supply"), (
        "production", "supply_chain", "brand_funding", "user_sourcing")),
    Group("leaving", mark("leaving and old stock"), (
        "leaving", "liquidation", "pricing", "reseller_conversion", "diversion")),
    Group("legacy", mark("the legacy channel"), ("legacy_channel",)),
    Group("channels", mark("own traffic and the channels together"), (
        "own_traffic", "channel_coordination")),
    Group("rivals", mark("rival brands"), ("rival_brands",)),
    Group("pilot", mark("the pilot"), ("piloting",)),
    Group("timeline", mark("the timeline"), ("events", "weeks", "calendar")),
)
"""Settings that belong together, in the order in which a brand changes them on its way from 1.0 to 2.0."""


@dataclass(frozen=True)
class Change:
    """One group of the settings that differ, with their new values; None: the default."""

    name: str
    title: str
    settings: SomeData


@dataclass(frozen=True)
class Piece:
    """One setting that a new event sets or scales; `event` is the event without its settings."""

    event: SomeData
    word: str
    path: str


@dataclass(frozen=True)
class Changes:
    """How one scenario becomes another.

    Attributes
    ----------
    first, last
        The two scenarios.
    each
        The groups of settings that differ.
    """

    first: Scenario
    last: Scenario
    each: tuple[Change, ...]
    _beneath: SomeData = field(repr=False, default_factory=dict)
    _pieces: Mapping[str, Piece] = field(repr=False, default_factory=dict)

    def scenario(self, mask: int, title: object) -> Any:
        """Return the first scenario with the groups of a bit mask changed; all groups give the last one."""
        if mask == 2 ** len(self.each) - 1:
            return self.last
        if not mask:
            return self.first
        settings: Values = {}
        for place, change in enumerate(self.each):
            if mask >> place & 1:
                settings |= change.settings
        return self._made(settings, title)

    def _made(self, settings: SomeData, title: Any) -> Scenario:
        """Return the first scenario with these settings, those of new events gathered into events."""
        plain = {path: value for path, value in settings.items() if path not in self._pieces}
        if len(plain) < len(settings):
            events = plain.get("events", self.first.given.get("events", ()))
            plain["events"] = [*events, *_gathered(self._pieces, settings)]
        return self.first.changed({**self._explicit(plain), "title": title})

    def _explicit(self, settings: Mapping[str, object]) -> Values:
        """Return the settings, with defaults written out where the first scenario's regime differs."""
        shapes = leaves(type(self.first))
        found = {}
        for path, value in settings.items():
            if value is None and path in self._beneath:
                shape = shapes[path]
                value = shape.default if shape.control is None else \
                    self._followed(shape, settings)
            found[path] = value
        return found

    def _followed(self, shape: Shape, settings: Mapping[str, object]) -> float:
        """Return the value of a setting that follows a control, given these settings."""
        assert shape.control is not None
        control, at_zero, at_one = shape.control
        name = f"controls.{control}"
        controls = self.first.changed({
            key: value for key, value in settings.items() if key.startswith("controls.")}).controls \
            if any(key.startswith("controls.") for key in settings) else self.first.controls
        held = getattr(controls.following(controls), name.partition(".")[2])
        return float(at_zero + (at_one - at_zero) * held)


def changes_between(first: Scenario, last: Scenario, order: Sequence[str] | None = None) -> Changes:
    """Return the groups of settings in which two scenarios differ.

    `order` names groups that come first, in this order.

    Raises
    ------
    UsageError
        When nothing differs, when the two have different rules, for an unknown group, and when the
        settings do not lead from one to the other.
    """
    if first.order() != last.order():
        raise UsageError(_(
            "'{first}' and '{last}' have different rules of the week, which no setting turns into each "
            "other").format(first=text_of(first.title), last=text_of(last.title)))
    wanted = dict(_differing(first, last))
    if not wanted:
        raise UsageError(_("'{first}' and '{last}' have the same settings: there is nothing to change")
                         .format(first=text_of(first.title), last=text_of(last.title)))
    apart, pieces = _timeline(first, last) if "events" in wanted else ({}, {})
    if pieces:
        found = _grouped(first, last, wanted, apart, pieces, order)
        if _same_weeks(found):
            return found
    found = _grouped(first, last, wanted, {}, {}, order)
    _check(found)
    return found


def _grouped(
    first: Scenario, last: Scenario, wanted: Mapping[str, object], apart: Mapping[str, object],
    pieces: Mapping[str, Piece], order: Sequence[str] | None,
) -> Changes:
    """Return the settings in their groups; `apart` stands for the events."""
    groups: dict[str, Values] = {}
    titles = {group.name: group.title for group in GROUPS}
    for path, value in ({**{path: value for path, value in wanted.items() if path != "events"}, **apart}
                        if pieces else wanted).items():
        about = pieces[path].path if path in pieces else path
        groups.setdefault(_group_of(about), {})[path] = value
    known = [group.name for group in GROUPS]
    names = sorted(groups, key=lambda name: (
        known.index(name) if name in known else len(known), name))
    names = [*_chosen(order or (), names), *names]
    return Changes(first, last, tuple(
        Change(name, titles.get(name, name), groups[name]) for name in dict.fromkeys(names)),
        _flat(regime_settings(first.given)), pieces)


def _timeline(first: Scenario, last: Scenario) -> tuple[Values, dict[str, Piece]]:
    """Return what new events of the last scenario set, by dotted names, and where each belongs.

    ``events`` stands for the events of the first scenario that the last one drops or changes.
    """
    before, after = _events(first), _events(last)
    values: Values = {}
    pieces: dict[str, Piece] = {}
    kept = [after[name] for name in before if name in after]
    if len(kept) < len(before) or kept != list(before.values()):
        values["events"] = kept
    base = last.changed({"events": []})
    for name, event in after.items():
        if name in before:
            continue
        alone = {word: value for word, value in event.items() if word not in ("set", "scale")}
        for word in ("set", "scale"):
            for path, value in event.get(word, {}).items():
                if word == "set" and path == "regime":
                    # The settings that it changes at once, besides those that move over weeks.
                    at_once = {key: what for key, what in alone.items() if key != "over"}
                    other = base.changed({"regime": value})
                    for inner, _value in _differing(base, other):
                        if inner not in event["set"]:
                            key = f"{name}.set.{inner}"
                            values[key], pieces[key] = get(other, inner), Piece(at_once, "set", inner)
                else:
                    key = f"{name}.{word}.{path}"
                    values[key], pieces[key] = value, Piece(alone, word, path)
    return values, pieces


def _events(scenario: Scenario) -> dict[str, Values]:
    """Return the events that a scenario gave, by id or place, each with its week."""
    found = {}
    for place, (event, given) in enumerate(zip(
            scenario.events, scenario.given.get("events", ()), strict=True)):
        alone = {word: value for word, value in given.items() if word not in ("tied_to", "delay", "at")}
        found[event.id or f"events.{place}"] = {**alone, "week": event.week}
    return found


def _gathered(pieces: Mapping[str, Piece], settings: Mapping[str, object]) -> list[Values]:
    """Return the new events that these settings make, in their order."""
    found: dict[tuple[str, bool], Values] = {}
    for key, piece in pieces.items():
        if key in settings:
            name = piece.event.get("id", key.partition(".set.")[0]), "over" in piece.event
            event = found.setdefault(name, {**piece.event})
            event[piece.word] = {**event.get(piece.word, {}), piece.path: settings[key]}
    named: set[str] = set()
    for event in found.values():
        if event.get("id") in named:
            del event["id"]
        named.add(event.get("id", ""))
    return list(found.values())


def _same_weeks(found: Changes) -> bool:
    """Return whether all groups together give the settings of the last scenario in every week."""
    def held(scenario: Scenario, week: int) -> Any:
        return dataclasses.replace(scenario.at(week), regime="")

    try:
        made, last = found._made(_all(found), found.last.title), found.last
    except ValueError:
        return False
    return not _unlike(made, last, "events") and all(
        held(made, week) == held(last, week) for week in range(1, last.weeks + 1)
        if week == 1 or made.changes_in(week) or last.changes_in(week))


def _all(changes: Changes) -> Values:
    return {path: value for change in changes.each for path, value in change.settings.items()}


def _unlike(made: Scenario, last: Scenario, *besides: str) -> list[str]:
    """Return the settings in which a constructed scenario differs from the last one."""
    return [name for name, _one, _other in differences(made, last)
            if name.partition(".")[0] not in (*APART, *besides)]


def _chosen(order: Sequence[str], names: Sequence[str]) -> list[str]:
    for name in order:
        if name not in names:
            raise UsageError(_("'{name}' is not a group in which the two differ; these are: {names}").format(
                name=name[:60], names=", ".join(names)))
    if len(set(order)) < len(order):
        raise UsageError(_("a group is named twice"))
    return list(order)


def _differing(first: Scenario, last: Scenario) -> Iterator[tuple[str, Any]]:
    """Yield the settings that differ, with their values in the last scenario; None: the default."""
    said = _flat(merge(regime_settings(last.given), last.given))

    def walk(one: Any, other: Any, path: str) -> Iterator[tuple[str, Any]]:
        for name in type(one).model_fields:
            if not path and name in APART:
                continue
            here, there = getattr(one, name), getattr(other, name)
            full = f"{path}.{name}" if path else name
            if isinstance(here, Settings) and "dist" not in type(here).model_fields and full not in said:
                yield from walk(here, there, full)
            elif here != there:
                yield full, said.get(full)

    yield from walk(first, last, "")


def _flat(said: Mapping[str, object], path: str = "") -> Values:
    """Return the settings of a scenario by dotted names; a distribution, list or event is one value."""
    found: Values = {}
    for name, value in said.items():
        full = f"{path}.{name}" if path else name
        if isinstance(value, Mapping) and not path and name not in APART:
            found |= _flat(value, full)
        else:
            found[full] = value
    return found


def _group_of(path: str) -> str:
    """Return the group that names this setting most specifically, else its section."""
    best, length = path.partition(".")[0], 0
    for group in GROUPS:
        for setting in group.settings:
            if (path == setting or path.startswith(f"{setting}.")) and len(setting) > length:
                best, length = group.name, len(setting)
    return best


def _check(changes: Changes) -> None:
    """Refuse a change if the settings of all groups do not produce the last scenario."""
    left = _unlike(changes._made(_all(changes), changes.last.title), changes.last)
    if left:
        raise UsageError(_("'{first}' does not become '{last}' by its settings: {names} would differ").format(
            first=text_of(changes.first.title), last=text_of(changes.last.title),
            names=", ".join(left[:5])))

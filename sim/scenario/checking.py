"""Checks of a scenario that involve more than one setting: events, sources, reality checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import ValidationError

from sim.errors import UsageError
from sim.market.settings import BOUNDS
from sim.scenario import schema
from sim.scenario.converting import allowed, convert, elsewhere, plain_of, unknown
from sim.scenario.data import OF_EVENTS, id_of, today
from sim.scenario.document import Node
from sim.scenario.expect import Expectation, ExpectationError
from sim.scenario.parameters import Shape, find, leaves
from sim.scenario.problems import Place, Problems, clean, did_you_mean, nearest, shown
from sim.scenario.roster_files import roster_of
from sim.scenario.timeline import dated
from sim.texts import _

if TYPE_CHECKING:
    from sim.kernel.plain import Data
    from sim.kernel.settings import Settings
    from sim.scenario.schema import Scenario

__all__ = [
    "check_events", "check_expect", "check_roster", "check_sources", "check_timeline", "check_traits",
    "names_of_events", "no_rung", "rung_called", "unknown_path",
]

FIXED = ("title", "weeks", "persons", "seed", "people", "network", "calendar", "start", "scale", "events",
         "expect", "outputs", "dropped", "sources", "rules", "extends")
"""Settings that are read once, before the first week; no event can change them."""

MOVING = ("people.need_scale",)
"""Exceptions: settings of these sections that are read every week."""


def no_rung(place: Place, key: str, count: int, problems: Problems) -> None:
    """Record that a list has no entry of this number."""
    if not count:
        problems.add(place, key, _("there are 0 entries: the list is empty"))
        return
    problems.add(place, key, _("there is one entry, number 0") if count == 1 else _(
        "there are {count} entries, numbered from 0").format(count=count))


def names_of_events(events: Node | None) -> list[str]:
    """Return the ids of the events of a document."""
    if events is None or not isinstance(events.value, list):
        return []
    return [name for event in events.value if (name := id_of(plain_of(event)))]


OF_EVENTS_PATHS = ("week", "for", "every", "over", "delay", "set", "scale")
"""Keys that may follow the id of an event in a dotted name."""


def rung_called(merged: Node, key: str) -> str:
    """Return the correct form of ``tiers.NAME.price`` if a tier has that name, else ""."""
    section, _dot, rest = key.partition(".")
    name, _dot, last = rest.rpartition(".")
    tiers = merged.value.get("tiers")
    for rung, node in enumerate(tiers.value if section == "tiers" and tiers is not None else ()):
        given = plain_of(node)
        named = given.get("name") if isinstance(given, dict) else None
        if name and name in (named.values() if isinstance(named, dict) else (named,)):
            return _("did you mean '{name}'?").format(name=f"tiers.{rung}.{last}")
    return ""


def unknown_path(
    node: Node, path: str, model: type[Settings], problems: Problems, ids: Sequence[str] = (),
    meant: str = "",
) -> None:
    """Record a dotted name that does not exist, with the one that is probably meant."""
    if meant:
        problems.add(node.named, path, _("unknown setting"), meant)
        return
    parts = path.split(".")
    if parts[0] == "expect" and len(parts) > 1:
        problems.add(node.named, path, _("unknown setting"), _("a check is one text: {example}").format(
            example="expect.0='sell_in >= sell_through at week 40'"))
        return
    if parts[0] == "events" and len(parts) > 2 and not parts[1].isdigit() and ids:
        parts = parts[1:]
        path = ".".join(parts)
    near = nearest(parts[0], ids)
    if near and near != parts[0]:
        problems.add(node.named, path, _("unknown setting"), _("did you mean '{name}'?").format(
            name=".".join([near, *parts[1:]])))
        return
    own = parts[0] if parts[0] in ids else ""
    if own:
        parts = ["events", "0", *parts[1:]]
    for depth in range(len(parts)):
        prefix = ".".join(parts[:depth])
        at = find(model, prefix) if prefix else Shape(
            "section", model, models=(model,))
        if at is None or at.child(parts[depth]) is not None:
            continue
        known = at.names()
        best = nearest(parts[depth], known)
        hint = elsewhere(path, model) if len(parts) == 1 else None
        if hint is None and best:
            rest = [best, *parts[depth + 1 :]]
            hint = _("did you mean '{name}'?").format(
                name=".".join([own, *parts[2:depth], *rest] if own else [*parts[:depth], *rest]))
        elif hint is None and len(parts) == 1:
            hint = did_you_mean(path, leaves(model))
        if hint is None and ids and len(parts) > 1 and parts[1] in OF_EVENTS_PATHS:
            hint = _("the events here: {names}").format(names=", ".join(ids[:12]))
        if hint is None and known and len(known) <= 12:
            hint = _("known here: {names}").format(names=", ".join(known))
        problems.add(node.named, path, _("unknown setting"), hint)
        return
    unknown(node, path, path, (), problems)


def check_events(merged: Node, model: type[schema.Scenario], problems: Problems) -> None:
    """Check every event: its weeks, the names it sets and their values."""
    events, weeks = merged.value.get("events"), merged.value.get("weeks")
    last = weeks.value if weeks is not None else model.made({}).weeks
    data = plain_of(merged)
    for index, event in enumerate(events.value if events is not None else ()):
        for name in OF_EVENTS:
            _rename(event.value.get(name), model)
        week, changes = event.value.get("week"), event.value.get("set")
        if week is not None and isinstance(week.value, int) and week.value > last and (
                weeks is None or weeks.place.source.numbered):
            problems.add(week.place, f"events.{index}.week", _(
                "week {week} is after the end of the run, which has {weeks} weeks").format(
                    week=week.value, weeks=last))
        for path, node in list(changes.value.items()) if changes is not None else ():
            made = _event_value(
                path, node, data, f"events.{index}.set.{path}", model, problems)
            if made is not None:
                changes.value[path] = made
        factors = event.value.get("scale")
        for path, node in list(factors.value.items()) if factors is not None else ():
            check_scaled(path, node, f"events.{index}.scale.{path}", model, problems)


def _rename(settings: Node | None, model: type[Settings]) -> None:
    """Replace former names of rules and parameters among the dotted names of a map."""
    if settings is not None and isinstance(settings.value, dict):
        settings.value = {today(path, model.model_fields): node
                          for path, node in settings.value.items()}


def check_scaled(path: str, node: Node, key: str, model: type[Settings], problems: Problems) -> None:
    """Check the name of a setting that an event multiplies."""
    shape = find(model, path)
    if shape is None:
        unknown_path(node, path, model, problems)
    elif path in schema.SCALED:
        return
    elif _is_fixed(path):
        problems.add(node.named, key, _(
            "is fixed before the first week; an event cannot change it"))
    elif not shape.number or shape.kind != "value":
        problems.add(node.named, key, _("is not a number that can be scaled"))


def _is_fixed(path: str) -> bool:
    return path.split(".")[0] in FIXED and path not in MOVING


def check_timeline(scenario: Scenario, merged: Node, problems: Problems) -> None:
    """Check that the settings fit together after each event."""
    events = merged.value.get("events")
    for index, event in sorted(enumerate(scenario.events), key=lambda pair: pair[1].week):
        try:
            scenario.at(event.week)
            scenario.at(event.week + event.over)
        except ValidationError as error:
            one = error.errors(include_url=False, include_input=False)[0]
            node = events.value[index] if events is not None else merged
            path = ".".join(str(part) for part in one["loc"])
            blamed = next(
                (child for name in ("set", "scale") if name in node.value
                 for setting, child in node.value[name].value.items()
                 if setting == path or setting.split(".")[0] == str(one["loc"][0])), node)
            cause = one.get("ctx", {}).get("error")
            shape = find(type(scenario), path)
            what = clean(cause) if cause is not None else _("would be {value}; {allowed}").format(
                value=shown(error.errors()[0]["input"]), allowed=allowed(shape)) \
                if shape is not None else clean(one["msg"])
            problems.add(blamed.named, f"events.{index}.set", what)
            return


def _event_value(
    path: str, node: Node, data: Data, key: str, model: type[Settings], problems: Problems
) -> Node | None:
    """Return the checked value that an event sets, or None after recording its problem."""
    shape = find(model, path)
    section = path.split(".")[0]
    if shape is None:
        unknown_path(node, path, model, problems)
        return None
    if _is_fixed(path):
        problems.add(node.named, key, _(
            "is fixed before the first week; an event cannot change it"))
        return None
    parts = path.split(".")
    listed = data.get(section, schema.regime_settings(data).get(section))
    if isinstance(listed, (list, tuple)):
        if len(parts) > 1 and int(parts[1]) >= len(listed):
            no_rung(node.named, key, len(listed), problems)
            return None
        if len(parts) == 1 and isinstance(node.value, list) and \
                len(node.value) != len(listed):
            problems.add(node.named, key, _(
                "{found} entries; an event may change the {count} entries, not their number")
                .format(found=len(node.value), count=len(listed)))
            return None
    return convert(node, shape, key, problems)


def check_roster(scenario: Scenario, merged: Node, problems: Problems) -> None:
    """Read the roster that a scenario names and record its problems."""
    if scenario.start.roster is None:
        return
    try:
        roster_of(scenario)
    except UsageError as error:
        node = merged.value["start"].value["roster"]
        for sentence in str(error).splitlines():
            problems.add(node.place, "start.roster", sentence)


def check_sources(merged: Node, model: type[Settings], problems: Problems) -> None:
    """Check that every source belongs to a setting that exists."""
    sources = merged.value.get("sources")
    _rename(sources, model)
    for path, node in sources.value.items() if sources is not None else ():
        if find(model, path) is None:
            unknown_path(node, path, model, problems)


def check_traits(merged: Node, problems: Problems) -> None:
    """Check that the traits of persons lie within their bounds, beyond which draws would be cut off."""
    people = merged.value.get("people")
    for trait, (low, high) in BOUNDS.items():
        node = people.value.get(trait) if people is not None and isinstance(people.value, dict) else None
        given = node.value if node is not None else None
        if node is None or given is None:
            continue
        key = f"people.{trait}"
        parts = {key: node} if not isinstance(given, dict) else {
            f"{key}.{name}": given[name] for name in ("value", "mean", "low", "high") if name in given}
        for name, part in parts.items():
            if isinstance(part.value, (int, float)) and not low <= part.value <= high:
                inner = find(schema.Scenario, key)
                assert inner is not None
                problems.add(part.place, name, _("found {found}").format(found=shown(plain_of(part))),
                             allowed(replace(inner, kind="value", annotation=float, low=low, high=high)))
        lowest, highest = (parts.get(f"{key}.{end}") for end in ("low", "high"))
        if lowest is not None and highest is not None and lowest.value > highest.value:
            problems.add(highest.place, f"{key}.high", _("found {found}").format(
                found=shown(highest.value)),
                _("not below `low`, which is {low}").format(low=shown(lowest.value)))


def check_expect(merged: Node, problems: Problems) -> None:
    """Check every reality check."""
    expect, weeks = merged.value.get("expect"), merged.value.get("weeks")
    if expect is None:
        return
    from sim.market.outputs import weekly_outputs

    columns = {column.name: column.unit for column in weekly_outputs()}
    last = weeks.value if weeks is not None else None
    first = plain_of(merged).get("calendar", {}).get("first_week", "")
    for index, node in enumerate(expect.value):
        try:
            said = plain_of(node)
            text = str(said.get("check", "")) if isinstance(said, dict) else str(said)
            Expectation.parse(dated(text, first), columns, last)
        except ExpectationError as error:
            place = node.place
            at = Place(place.source, place.line, place.column + error.column, max(
                1, place.width - error.column))
            problems.add(at, f"expect.{index}", str(error))

"""Checks of a scenario that need more of it than one setting: events, sources, reality checks."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from sim.scenario import schema
from sim.scenario.converting import convert, elsewhere, plain_of, unknown
from sim.scenario.document import Node
from sim.scenario.expect import Expectation, ExpectationError
from sim.scenario.parameters import Shape, find, leaves
from sim.scenario.problems import Place, Problems, clean, did_you_mean, nearest
from sim.texts import _

__all__ = [
    "check_events", "check_expect", "check_sources", "check_timeline", "no_rung", "unknown_path",
]

FIXED = ("title", "weeks", "persons", "seed", "people", "network", "events", "expect", "sources",
         "rules", "extends")
"""Settings that are read once, before the first week: no event can move them."""


def no_rung(place: Place, key: str, count: int, problems: Problems) -> None:
    """Note the number of an entry that a list does not have."""
    problems.add(place, key, _("there are {count} entries, numbered from 0").format(
        count=count))


def unknown_path(node: Node, path: str, model: Any, problems: Problems) -> None:
    """Note a dotted name that leads nowhere, with the nearest one that does."""
    parts = path.split(".")
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
                name=".".join([*parts[:depth], *rest]))
        elif hint is None and len(parts) == 1:
            hint = did_you_mean(path, leaves(model))
        if hint is None and known and len(known) <= 12:
            hint = _("known here: {names}").format(names=", ".join(known))
        problems.add(node.named, path, _("unknown setting"), hint)
        return
    unknown(node, path, path, (), problems)


def check_events(merged: Node, model: Any, problems: Problems) -> None:
    """Check every event: its weeks, the names it sets and their values."""
    events, weeks = merged.value.get("events"), merged.value.get("weeks")
    last = weeks.value if weeks is not None else model.made({}).weeks
    data = plain_of(merged)
    for index, event in enumerate(events.value if events is not None else ()):
        week, changes = event.value.get("week"), event.value.get("set")
        if week is not None and week.value > last:
            problems.add(week.place, f"events.{index}.week", _(
                "week {week} is after the end of the run, which has {weeks} weeks").format(
                    week=week.value, weeks=last))
        for path, node in list(changes.value.items()) if changes is not None else ():
            made = _event_value(
                path, node, data, f"events.{index}.set.{path}", model, problems)
            if made is not None:
                changes.value[path] = made


def check_timeline(merged: Node, model: Any, problems: Problems) -> None:
    """Check that the settings fit together after each event."""
    events = merged.value.get("events")
    if events is None:
        return
    data = {name: value for name, value in plain_of(merged).items() if name != "events"}
    for index, event in sorted(
            enumerate(events.value), key=lambda pair: pair[1].value["week"].value):
        changes = event.value["set"].value
        for path, node in changes.items():
            schema.put_setting(data, path, plain_of(node))
        try:
            model.made(data)
        except ValidationError as error:
            one = error.errors(include_url=False, include_input=False)[0]
            blamed = next(
                (node for path, node in changes.items()
                 if path.split(".")[0] == str(one["loc"][0])), event)
            problems.add(blamed.named, f"events.{index}.set", clean(
                str(one.get("ctx", {}).get("error", one["msg"]))))
            return


def _event_value(
    path: str, node: Node, data: dict[str, Any], key: str, model: Any, problems: Problems
) -> Node | None:
    """Return the checked value that an event sets, or None with its problem noted."""
    shape = find(model, path)
    section = path.split(".")[0]
    if shape is None:
        unknown_path(node, path, model, problems)
        return None
    if section in FIXED:
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


def check_sources(merged: Node, model: Any, problems: Problems) -> None:
    """Check that every source is of a setting that exists."""
    sources = merged.value.get("sources")
    for path, node in sources.value.items() if sources is not None else ():
        if find(model, path) is None:
            unknown_path(node, path, model, problems)


def check_expect(merged: Node, problems: Problems) -> None:
    """Check every reality check."""
    expect, weeks = merged.value.get("expect"), merged.value.get("weeks")
    if expect is None:
        return
    from sim.market.observing import weekly_outputs

    columns = {column.name: column.unit for column in weekly_outputs()}
    last = weeks.value if weeks is not None else None
    for index, node in enumerate(expect.value):
        try:
            Expectation.parse(str(node.value), columns, last)
        except ExpectationError as error:
            place = node.place
            at = Place(place.source, place.line, place.column + error.column, max(
                1, place.width - error.column))
            problems.add(at, f"expect.{index}", str(error))

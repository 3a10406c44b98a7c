"""Resolved scenarios: every setting with its value at the start of the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.kernel.settings import Settings
from sim.scenario.parameters import Shape, walk
from sim.texts.bilingual import Bilingual, text_of

if TYPE_CHECKING:
    from sim.kernel.plain import Values
    from sim.kernel.settings import Settings
    from sim.scenario.schema import Scenario
    from sim.scenario.timeline import Event

__all__ = ["changes", "differences", "differences_given", "leaves", "resolved", "said",
           "shape_in", "source_of", "unsourced"]

_NOT_SETTINGS = ("events", "expect", "sources", "rules")


def resolved(scenario: Scenario) -> Values:
    """Return every setting by dotted name, with values that follow a control filled in."""
    controls = scenario.controls.following(scenario.controls)
    flat: Values = {}

    def add(path: str, value: object) -> None:
        if isinstance(value, Settings) and "dist" not in type(value).model_fields:
            value = value.following(controls)
            for name in type(value).model_fields:
                add(f"{path}.{name}" if path else name, getattr(value, name))
        elif isinstance(value, tuple) and value and isinstance(value[0], Settings):
            for index, item in enumerate(value):
                add(f"{path}.{index}", item)
        else:
            flat[path] = value.model_dump() if isinstance(value, Settings) else value

    for name in type(scenario).model_fields:
        if name not in _NOT_SETTINGS:
            add(name, getattr(scenario, name))
    for index, event in enumerate(scenario.events):
        flat |= _event(event, f"events.{event.id or index}")
    for index, check in enumerate(scenario.expect):
        flat[f"expect.{check.id or index}"] = str(check)
    flat["rules.order"] = list(scenario.order())
    return flat


def _event(event: Event, path: str) -> Values:
    """Return the settings of an event, with its week in place of the date or event it was given by."""
    flat: Values = {f"{path}.week": event.week}
    for name, info in type(event).model_fields.items():
        value = getattr(event, name)
        if name in ("set", "scale"):
            flat |= {f"{path}.{name}.{setting}": moved for setting, moved in value.items()}
        elif name not in ("id", "week", "at", "tied_to", "delay") and \
                value != info.get_default(call_default_factory=True):
            flat[f"{path}.{name}"] = value
    return flat


def differences(a: Scenario, b: Scenario) -> list[tuple[str, Any, Any]]:
    """Return the settings that two scenarios resolve to differently: (name, in a, in b)."""
    left, right = resolved(a), resolved(b)
    names = list(dict.fromkeys([*left, *right]))
    return [
        (name, left.get(name), right.get(name)) for name in names
        if left.get(name) != right.get(name)
    ]


def differences_given(a: Scenario, b: Scenario) -> list[tuple[str, Any, Any]]:
    """Return the differences without those that follow from another difference.

    A setting that follows a control is left out when the control differs, and a ladder counts as one.
    """
    free = {path for scenario in (a, b) for path, shape in leaves(type(scenario)).items()
            if shape.control and _given(scenario, path)}
    follow = {path for path, shape in leaves(type(a)).items() if shape.control} - free
    found: list[tuple[str, Any, Any]] = []
    for name, one, other in differences(a, b):
        if name in ("title", "dropped") or name in follow or (name == "rules.order" and a.regime != b.regime):
            continue
        if name.startswith("tiers.") and len(a.tiers) != len(b.tiers):
            row = ("tiers", [text_of(tier.name) for tier in a.tiers],
                   [text_of(tier.name) for tier in b.tiers])
            if row not in found:
                found.append(row)
            continue
        found.append((name, one, other))
    return found


def _given(scenario: Scenario, path: str) -> bool:
    section, _dot, name = path.partition(".")
    return name in getattr(getattr(scenario, section, None), "model_fields_set", ())


def changes(scenario: Scenario) -> list[tuple[str, Any, Any]]:
    """Return the settings that differ from the defaults of the package: (name, default, value)."""
    return differences(type(scenario).of({"regime": scenario.regime}), scenario)


_CHOSEN = ("title", "regime", "weeks", "persons", "scale", "seed", "dropped", "calendar", "outputs",
           "controls", "events", "expect", "rules")
"""Settings that somebody decides, and that therefore need no source."""


def source_of(scenario: Scenario, name: str) -> str:
    """Return the source that a scenario gives for a setting or for the section around it."""
    parts = name.split(".")
    return next((text_of(scenario.sources[path]) for depth in range(len(parts), 0, -1)
                 if (path := ".".join(parts[:depth])) in scenario.sources), "")


def unsourced(scenario: Scenario) -> list[str]:
    """Return the settings that differ from the defaults and have no source."""
    found: dict[str, None] = {}
    for name, _default, _value in changes(scenario):
        section, _dot, rest = name.partition(".")
        if section not in _CHOSEN and not source_of(scenario, name) and not rest.endswith(".name"):
            found[section if section in ("start", "tiers") else name] = None
    return list(found)


def said(value: object, shape: Shape | None = None) -> str:
    """Return a value as a scenario file would write it, shares as percentages."""
    if value is None:
        return "-"
    if isinstance(value, Bilingual):
        return text_of(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        inner = ", ".join(f"{name}: {said(item)}" for name, item in value.items())
        return "{" + inner + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(said(item) for item in value) + "]"
    if isinstance(value, (int, float)) and shape is not None and shape.unit == "share":
        return f"{value * 100:.6g}%"
    if isinstance(value, float):
        return f"{value:.10g}"
    if shape is not None and shape.unit == "CNY":
        return f"{value}"
    return str(value)


def shape_in(shapes: Mapping[str, Shape], name: str) -> Shape | None:
    """Return the shape of a setting by its resolved name, also in an entry of a list or an event."""
    if name.startswith("events."):
        _event, inside, setting = name.partition(".set.")
        name = setting if inside else ".".join(["events", "0", *name.split(".")[2:]])
    return shapes.get(name) or shapes.get(
        ".".join("0" if part.isdigit() else part for part in name.split(".")))


def leaves(model: type[Settings]) -> dict[str, Shape]:
    """Return every setting of a scenario type by dotted name (lists by their entry ``0``)."""
    return {shape.path: shape for shape in walk(model)}

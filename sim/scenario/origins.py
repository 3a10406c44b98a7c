"""Where each value of a scenario comes from: file and line, command line, regime, control, default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.scenario.converting import plain_of
from sim.scenario.data import regime_settings
from sim.scenario.document import Node
from sim.scenario.load import Reading
from sim.scenario.problems import Problems
from sim.scenario.resolved import leaves, resolved
from sim.texts import _

__all__ = ["origins"]


def origins(
    name: str, overrides: Mapping[str, str] | None = None, *, allow_code: bool = False
) -> list[tuple[str, Any, str]]:
    """Return every setting of a scenario file: dotted name, value, and where the value was given.

    Raises
    ------
    ScenarioError
        With every problem of the file.
    """
    reading = Reading(name, Problems(), allow_code)
    scenario = reading.scenario(dict(overrides or {}), True)
    merged = reading.laying.merged
    events = merged.value.get("events")
    ids = [str(entry.value["id"].value) if "id" in entry.value else str(number)
           for number, entry in enumerate(events.value if events is not None else ())]
    said = _places(merged, ids)
    regime = _flat(regime_settings(plain_of(merged)))
    shapes = leaves(type(scenario))
    found = []
    for path, value in resolved(scenario).items():
        shape = shapes.get(path)
        if path in said:
            where = said[path]
        elif path.split(".")[0] in ("events", "expect"):
            parts = path.split(".")
            where = said.get(".".join(parts[:2])) or said.get(parts[0], "")
        elif path in regime or path.split(".")[0] in regime:
            where = _("regime {name}").format(name=scenario.regime)
        elif path.startswith("tiers.") and path.endswith(".quota"):
            where = _("follows the first order")
        elif shape is not None and shape.control:
            where = _("follows controls.{name}").format(name=shape.control[0])
        elif path == "rules.order":
            where = _("regime {name}").format(name=scenario.regime)
        else:
            where = _("default")
        found.append((path, value, where))
    return found


def _places(merged: Node, ids: list[str]) -> dict[str, str]:
    """Return the place of each value of a document, by the name that `resolved` gives it."""
    found: dict[str, str] = {}

    def walk(node: Node, path: str) -> None:
        found[path] = str(node.place)
        if isinstance(node.value, dict):
            for name, inner in node.value.items():
                walk(inner, f"{path}.{name}" if path else str(name))
        elif isinstance(node.value, list):
            for number, inner in enumerate(node.value):
                name = ids[number] if path == "events" else str(number)
                walk(inner, f"{path}.{name}")

    walk(merged, "")
    return found


def _flat(settings: object, path: str = "") -> set[str]:
    """Return the dotted names of nested settings."""
    if isinstance(settings, Mapping):
        return {name for key, value in settings.items()
                for name in _flat(value, f"{path}.{key}" if path else str(key))}
    if isinstance(settings, (list, tuple)):
        return {path} | {name for number, value in enumerate(settings)
                         for name in _flat(value, f"{path}.{number}")}
    return {path}

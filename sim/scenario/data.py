"""Scenarios as plain data: merged, changed and read by dotted names.

An entry of the timeline is named by its number or its id, and a setting in it by its own dotted name:
``events.0.set.offer.list_price``, ``转型.week``, ``转型.set.reseller_conversion.buy_back``.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.mechanisms.former_names import current_path
from sim.regimes import REGIMES
from sim.texts.bilingual import is_bilingual

if TYPE_CHECKING:
    from sim.kernel.plain import Data, SomeData
    from sim.scenario.timeline import Event

__all__ = ["COUNTED", "OF_STUDIES", "between", "canonical_path", "counted", "get", "is_number", "is_whole",
           "merge", "put", "put_setting", "regime_settings", "steps", "today"]

OF_EVENTS = ("set", "scale")
"""Maps of an event, whose keys are dotted names themselves."""
OF_STUDIES = {"scenario", "scenarios", "levers", "uncertainties", "sampling", "samples", "table"}
"""Keys of study files that no scenario has."""

COUNTED = ("recruiting.founders", "referral.founders")
"""Shares of the persons that may be given as a number of persons: ``20 persons``."""


def counted(data: Mapping[str, object]) -> Data:
    """Return the data of a scenario with numbers of persons turned into shares of its population."""
    result = dict(data)
    persons = data.get("persons", 20_000)
    for path in COUNTED:
        section, name = path.split(".")
        given = result.get(section)
        value = given.get(name) if isinstance(given, Mapping) else None
        if isinstance(value, str) and isinstance(persons, int) and \
                (found := re.fullmatch(r"(\d+) persons", value)):
            assert isinstance(given, Mapping)
            result[section] = {**given, name: min(1.0, int(found[1]) / persons)}
    return result


def is_number(value: object) -> bool:
    """Return whether a value is a number; flags are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def between(old: float, new: float, share: float) -> float:
    """Return `old` moved towards `new` by `share` of the difference; whole where both are whole."""
    moved = old + (new - old) * share
    return round(moved) if isinstance(new, int) and isinstance(old, int) else moved


def is_whole(value: object) -> bool:
    """Return whether a map counts as a single value, such as a distribution or a bilingual text."""
    return isinstance(value, Mapping) and ("dist" in value or is_bilingual(value))


def merge(base: Mapping[str, object], over: Mapping[str, object]) -> Data:
    """Return `base` overridden by `over`: maps merge deeply, other values replace, None removes."""
    result = dict(base)
    for name, value in over.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping) and not is_whole(value):
            below = result.get(name)
            under = below if isinstance(below, Mapping) and not is_whole(below) else {}
            result[name] = merge(under, value)
        else:
            result[name] = copy.deepcopy(value)
    return result


def id_of(event: Event) -> str:
    """Return the id of an event, given as a record or a map; empty when it has none."""
    found = event.get("id") if isinstance(event, Mapping) else getattr(event, "id", "")
    return str(found or "")


def canonical_path(path: str, events: Sequence[Any]) -> str:
    """Return a dotted name with the id of an event replaced by ``events.NUMBER``."""
    first, *rest = path.split(".")
    if first == "events" and rest and not rest[0].isdigit():
        first, *rest = rest
    for number, event in enumerate(events):
        if first and id_of(event) == first:
            return ".".join(["events", str(number), *rest])
    return path


def today(path: str, known: Container[str]) -> str:
    """Return a dotted name with former names of rules and parameters replaced by current ones."""
    parts = steps(path)
    if parts[0] == "events":
        return ".".join([*parts[:3], *(current_path(part, known) for part in parts[3:])])
    return current_path(path, known)


def steps(path: str) -> list[str]:
    """Return the keys that a dotted name goes through."""
    parts = path.split(".")
    if parts[0] == "events" and len(parts) > 3 and parts[2] in OF_EVENTS:
        return [*parts[:3], ".".join(parts[3:])]
    return parts


def put(data: Data, path: str, value: object) -> None:
    """Set a dotted name in nested maps and lists, in place; None removes."""
    *parents, last = steps(path)
    at: Any = data
    for part in parents:
        at = at[int(part)] if isinstance(at, list) else at.setdefault(part, {})
    if isinstance(at, list):
        at[int(last)] = value
    elif value is None:
        at.pop(last, None)
    else:
        at[last] = value


def regime_settings(data: Mapping[str, object]) -> SomeData:
    """Return the settings that come with the regime that `data` names."""
    name = data.get("regime", "pyramid")
    return REGIMES[name].settings if isinstance(name, str) and name in REGIMES else {}


def put_setting(data: Data, path: str, value: object) -> None:
    """Set a dotted name in the data of a scenario, in place.

    A list that comes with the regime is copied first, so that ``tiers.0.price`` finds its rung.
    """
    path = canonical_path(path, data.get("events") or ())
    section = path.split(".")[0]
    if "." in path and section not in data:
        known = regime_settings(data).get(section)
        if isinstance(known, (list, tuple)):
            data[section] = copy.deepcopy(list(known))
    put(data, path, value)


def get(data: object, path: str) -> Any:
    """Return the value at a dotted name of nested records, maps and lists."""
    events = data.get("events") if isinstance(data, Mapping) else getattr(data, "events", ())
    for part in steps(canonical_path(path, events or ())):
        if isinstance(data, (list, tuple)):
            data = data[int(part)]
        elif isinstance(data, Mapping):
            data = data[part]
        else:
            data = getattr(data, part)
    return data

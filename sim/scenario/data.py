"""What a scenario says as plain data: laid on each other, changed and read by dotted names."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from sim.regimes import REGIMES

__all__ = ["get", "merge", "put", "put_setting", "regime_settings"]


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `over` laid on it: maps merge deeply, the rest replaces, None removes.

    A distribution (a map with ``dist``) is one value: it replaces.
    """
    result = dict(base)
    for name, value in over.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping) and "dist" not in value:
            below = result.get(name)
            under = below if isinstance(below, Mapping) and "dist" not in below else {}
            result[name] = merge(under, value)
        else:
            result[name] = copy.deepcopy(value)
    return result


def put(data: dict[str, Any], path: str, value: Any) -> None:
    """Set ``a.b.c`` in nested maps (and ``tiers.0.price`` in lists) in place."""
    *parents, last = path.split(".")
    at: Any = data
    for part in parents:
        at = at[int(part)] if isinstance(at, list) else at.setdefault(part, {})
    if isinstance(at, list):
        at[int(last)] = value
    elif value is None:
        at.pop(last, None)
    else:
        at[last] = value


def regime_settings(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings that come with the regime that `data` names."""
    name = data.get("regime", "pyramid")
    return REGIMES[name].settings if isinstance(name, str) and name in REGIMES else {}


def put_setting(data: dict[str, Any], path: str, value: Any) -> None:
    """Set a dotted name in what a scenario gave, in place.

    A list that comes with the regime is copied first, so that ``tiers.0.price`` finds its rung.
    """
    section = path.split(".")[0]
    if "." in path and section not in data:
        known = regime_settings(data).get(section)
        if isinstance(known, (list, tuple)):
            data[section] = copy.deepcopy(list(known))
    put(data, path, value)


def get(data: Any, path: str) -> Any:
    """Return the value at ``a.b.c`` of nested records, maps and lists."""
    for part in path.split("."):
        if isinstance(data, (list, tuple)):
            data = data[int(part)]
        elif isinstance(data, Mapping):
            data = data[part]
        else:
            data = getattr(data, part)
    return data

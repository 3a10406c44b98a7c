"""Plain Python data as nodes, so that one checker sees files, the command line and Python alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from sim.scenario.document import Node
from sim.scenario.problems import Place, Problems, Source
from sim.texts import _

if TYPE_CHECKING:
    from sim.kernel.plain import Values

__all__ = ["Whole", "nearest_node", "nest", "node", "node_of", "spread"]


def node(value: object, place: Place, key: Place) -> Node:
    """Return plain data as nodes that all have the same place."""
    value = _plain(value)
    if isinstance(value, Mapping):
        return Node({str(name): node(item, place, key) for name, item in value.items()},
                    place, key)
    if isinstance(value, (list, tuple)):
        return Node([node(item, place, key) for item in value], place, key)
    return Node(value, place, key)


def node_of(data: object, name: str, path: str = "") -> Node:
    """Return plain data as nodes, each at its own place, which spells its dotted name."""
    value = _plain(data)
    source = Source(name, (f"{path}: {value!r}"[:2_000],) if path else (), numbered=False)
    at = Place(source, 0, len(path) + 2 if path else 0, max(1, len(repr(value))))
    key = Place(source, 0, 0, max(1, len(path)))
    if isinstance(value, Mapping):
        return Node({str(name_): node_of(item, name, f"{path}.{name_}" if path else str(name_))
                     for name_, item in value.items()}, at, key)
    if isinstance(value, (list, tuple)):
        return Node([node_of(item, name, f"{path}.{index}")
                     for index, item in enumerate(value)], at, key)
    return Node(value, at, key)


def _plain(value: object) -> Any:
    """Return a record, an array or a scalar of numpy as plain data."""
    if isinstance(value, BaseModel):
        # None means that the value follows a control.
        return value.model_dump(exclude_none=True)
    if isinstance(value, (str, Mapping, list, tuple)):
        return value
    if hasattr(value, "tolist"):  # scalars and arrays of numpy
        return value.tolist()
    return value


def spread(overrides: Mapping[str, object]) -> Values:
    """Return overrides in which every record replaces its section instead of merging with it."""
    result: Values = {}
    for name, value in dict(overrides).items():
        if isinstance(value, BaseModel) and "dist" not in type(value).model_fields:
            result[str(name)] = Whole(_plain(value))
        else:
            result[str(name)] = value
    return result


def nest(root: Node, problems: Problems) -> None:
    """Move the values of dotted keys at the top of a file into their sections: ``offer.quality: 0.4``."""
    for name in [name for name in root.value if all(name.split(".")) and "." in name]:
        given = root.value.pop(name)
        at = root
        *sections, last = name.split(".")
        for section in sections:
            at = at.value.setdefault(section, Node({}, given.place, given.key))
            if not isinstance(at.value, dict):
                problems.add(given.named, name, _(
                    "'{section}' has a value in line {line}, so it has no settings of its own").format(
                        section=section, line=at.named.line + 1))
                break
        else:
            if last in at.value:
                problems.add(given.named, name, _("'{key}' appears twice; it is first in line {line}").format(
                    key=name, line=at.value[last].named.line + 1))
            at.value.setdefault(last, given)


class Whole(dict[str, Any]):
    """A map that replaces the map it overrides instead of merging with it."""


def nearest_node(root: Node, loc: tuple[Any, ...]) -> tuple[Node, str]:
    """Return the node that a problem is about, or the innermost enclosing one that the file has."""
    at, path = root, []
    for part in loc:
        if isinstance(at.value, dict) and str(part) in at.value:
            at = at.value[str(part)]
        elif isinstance(at.value, list) and isinstance(part, int) and part < len(at.value):
            at = at.value[part]
        else:
            continue
        path.append(str(part))
    return at, ".".join(path)

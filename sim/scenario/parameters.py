"""The settings that a scenario may give, with unit, bounds, default, meaning and source.

They are read from the declarations of the settings. The scenario check, ``weishang describe``,
the JSON Schema and the reference in docs/ all use this module.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from sim.kernel.settings import Settings
from sim.scenario.data import steps, today

if TYPE_CHECKING:
    from sim.kernel.plain import Data

__all__ = ["Shape", "find", "leaves", "shape_of", "shapes", "walk"]


@dataclass(frozen=True)
class Shape:
    """The values that are allowed at one place of a scenario.

    `kind` is ``section`` (a map of known keys), ``list``, ``map`` (any keys), ``distribution``
    (a number or a map with ``dist``) or ``value``.
    """

    kind: str
    annotation: Any
    info: FieldInfo | None = None
    path: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    models: tuple[type[Settings], ...] = ()
    """The section's type, or the families of a distribution."""

    item: Shape | None = field(default=None, repr=False)
    """Shape of the entries of a list or a map."""

    @property
    def meaning(self) -> str:
        """What the setting means."""
        return (self.info.description or "") if self.info else ""

    @property
    def _extra(self) -> Data:
        extra = self.info.json_schema_extra if self.info else None
        return extra if isinstance(extra, dict) else {}

    @property
    def source(self) -> str:
        """Where the default comes from."""
        return str(self._extra.get("source", ""))

    @property
    def control(self) -> tuple[str, float, float] | None:
        """The control that the value follows unless it is set: name, value at 0, value at 1."""
        control = self._extra.get("control")
        return tuple(control) if control else None

    @property
    def prior(self) -> Data | None:
        """The plausible range before data are seen: low, high, source, and log for a logarithmic scale."""
        return self._extra.get("prior")

    @property
    def required(self) -> bool:
        """Whether there is no default."""
        return bool(self.info and self.info.is_required())

    @property
    def default(self) -> Any:
        """The default; None where the value follows a control or must be given."""
        if self.info is None or self.info.is_required() or self.info.default_factory_takes_validated_data:
            return None
        return self.info.get_default(call_default_factory=True)

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are allowed."""
        return int in options_of(self.annotation) and float not in options_of(self.annotation)

    @property
    def number(self) -> bool:
        """Whether a number is allowed."""
        return self.kind == "distribution" or bool({int, float} & set(options_of(self.annotation)))

    @functools.cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """The validator of this value alone, with its bounds."""
        config = Settings.model_config
        annotation = self.annotation
        if self.info is not None and self.info.metadata:
            annotation = Annotated[(annotation, *self.info.metadata)]
        if any(isinstance(part, type) and issubclass(part, Settings)
               for part in options_of(self.annotation)):
            return TypeAdapter(annotation)
        return TypeAdapter(annotation, config=config)

    def child(self, name: str) -> Shape | None:
        """Return the shape one level further down, or None when there is no such place."""
        if self.kind == "section":
            return shapes(self.models[0], self.path).get(name)
        if self.kind == "list":
            return self.item if name.isdigit() else None
        if self.kind == "map":
            return self.item
        if self.kind == "distribution":
            for model in self.models:
                if name in model.model_fields:
                    return self.part(model, name)
        return None

    def part(self, model: type[Settings], name: str) -> Shape:
        """Return the shape of one number of a distribution, in the unit of the distribution."""
        shape = shape_of(model.model_fields[name].annotation, model.model_fields[name],
                         _join(self.path, name))
        unit = "share" if name == "cv" else self.unit
        return Shape(**{**_parts(shape), "unit": unit}) if name != "dist" else shape

    def names(self) -> list[str]:
        """Return the keys that are allowed here."""
        if self.kind == "section":
            return list(self.models[0].model_fields)
        if self.kind == "distribution":
            return list(dict.fromkeys(
                name for model in self.models for name in model.model_fields))
        return []


def _parts(shape: Shape) -> Data:
    return {name: getattr(shape, name) for name in shape.__dataclass_fields__}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def options_of(annotation: object) -> tuple[Any, ...]:
    """Return the members of a union (also inside Annotated), or the annotation alone."""
    if get_origin(annotation) is Annotated:
        return options_of(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(part for option in get_args(annotation) for part in options_of(option))
    return (annotation,)


def shape_of(annotation: Any, info: FieldInfo | None, path: str) -> Shape:
    """Return the shape that a type annotation and its field describe."""
    extra = info.json_schema_extra if info is not None else None
    unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
    low = high = None
    for bound in info.metadata if info is not None else ():
        low = getattr(bound, "ge", getattr(bound, "gt", low))
        high = getattr(bound, "le", getattr(bound, "lt", high))
    common = {"annotation": annotation, "info": info, "path": path, "unit": unit,
              "low": low, "high": high}
    options = options_of(annotation)
    models = tuple(
        part for part in options if isinstance(part, type) and issubclass(part, Settings))
    if models and all("dist" in model.model_fields for model in models):
        return Shape("distribution", models=models, **common)
    if len(models) == 1:
        return Shape("section", models=models, **common)
    for part in options:
        origin, arguments = get_origin(part), get_args(part)
        if origin in (tuple, list) and arguments:
            item = shape_of(arguments[0], None, _join(path, "0"))
            return Shape("list", item=item, **common)
        if origin is dict:
            item = replace(shape_of(arguments[1], None, _join(path, "*")), unit=unit)
            return Shape("map", item=item, **common)
    choices = tuple(
        str(choice) for part in options if get_origin(part) is Literal for choice in get_args(part))
    return Shape("value", choices=choices, **common)


def shapes(model: type[Settings], path: str = "") -> dict[str, Shape]:
    """Return the shapes of a section (a type of settings), by key."""
    return _shapes(model, path)


@functools.cache
def _shapes(model: type[Settings], path: str) -> dict[str, Shape]:
    return {
        name: shape_of(info.annotation, info, _join(path, name))
        for name, info in model.model_fields.items()
    }


def find(model: type[Settings], path: str) -> Shape | None:
    """Return the shape at a dotted name of a scenario, or None when there is no such setting."""
    at: Shape | None = Shape("section", model, models=(model,))
    for part in steps(today(path, model.model_fields)):
        if at is not None and at.kind == "map" and at.path == "events.0.set":
            # A value that an event sets has the shape of the setting itself.
            at = find(model, part)
        else:
            at = at.child(part) if at is not None else None
    return at


def walk(model: type[Settings], path: str = "") -> Iterator[Shape]:
    """Yield every setting of a section and of the sections inside it."""
    for shape in shapes(model, path).values():
        if shape.kind == "section":
            yield from walk(shape.models[0], shape.path)
        elif shape.kind == "list" and shape.item is not None and shape.item.kind == "section":
            yield from walk(shape.item.models[0], shape.item.path)
        else:
            yield shape


def leaves(model: type[Settings]) -> list[str]:
    """Return the dotted names of all settings of a section and of the sections inside it."""
    return [shape.path for shape in walk(model)]

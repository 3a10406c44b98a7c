"""JSON Schema of scenario files, for completion and checks in editors.

A file may leave out whatever its parent gives, so keys are required only in the entries of lists.
Every number may carry its unit, and null restores a default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.scenario.data import COUNTED
from sim.scenario.inheriting import LISTS
from sim.scenario.parameters import Shape, options_of, shapes
from sim.scenario.quantities import unit_words
from sim.scenario.timeline import Check
from sim.texts import LANGUAGES, _
from sim.texts.bilingual import Bilingual

if TYPE_CHECKING:
    from sim.kernel.plain import Data
    from sim.kernel.settings import Settings

__all__ = ["json_schema"]


def json_schema(model: type[Settings]) -> Data:
    """Return the schema of files that describe `model`, in the current language."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": _("weishang scenario"),
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "extends": {
                "type": ["string", "null"],
                "description": _("name of a shipped scenario, or a relative path: one parent"),
            },
            **{name: _nullable(_inherited(_schema(shape)) if name in LISTS else _schema(shape))
               for name, shape in shapes(model).items()},
        },
    }


def _inherited(schema: Data) -> Data:
    """Return the schema of a list that adds to the parent's, or of a map with drop, add or replace."""
    described = {key: schema.pop(key) for key in ("description",) if key in schema}
    names = {"type": "string"}
    return {**described, "anyOf": [schema, {
        "type": "object", "additionalProperties": False,
        "properties": {"add": schema, "replace": schema,
                       "drop": {"anyOf": [names, {"type": "array", "items": names}]}}}]}


def _nullable(schema: Data) -> Data:
    described: Data = {
        key: schema.pop(key) for key in ("description", "default") if key in schema}
    return {**described, "anyOf": [schema, {"type": "null"}]}


def _schema(shape: Shape) -> Data:
    made = _bare(shape)
    text = _(shape.meaning)
    if shape.unit and text:
        text += f" [{_(shape.unit)}]"
    if text:
        made["description"] = text
    default = shape.default
    if isinstance(default, (bool, int, float, str)):
        made["default"] = default
    return made


def _bare(shape: Shape) -> Data:
    if shape.kind == "section":
        return _section(shape, required=False)
    if shape.kind == "list":
        assert shape.item is not None
        item = _section(shape.item, required=True) if shape.item.kind == "section" \
            else _bare(shape.item)
        return {"type": "array", "items": item}
    if shape.kind == "map":
        return {"type": "object"}
    if shape.kind == "distribution":
        families = [
            {
                "type": "object", "additionalProperties": False,
                "required": [name for name, info in model.model_fields.items()
                             if info.is_required()],
                "properties": {name: _schema(shape.part(model, name))
                               for name in model.model_fields},
            }
            for model in shape.models
        ]
        return {"anyOf": [_number(shape), *families]}
    if shape.choices:
        return {"enum": list(shape.choices)}
    if shape.number:
        return _number(shape)
    for kind, keys in ((Bilingual, tuple(LANGUAGES)), (Check, ("id", "check"))):
        if kind in options_of(shape.annotation):
            return {"anyOf": [{"type": "string"}, {
                "type": "object", "additionalProperties": False,
                "properties": {key: {"type": "string"} for key in keys}}]}
    return {"type": "boolean" if shape.annotation is bool else "string"}


def _section(shape: Shape, *, required: bool) -> Data:
    inner = shapes(shape.models[0], shape.path)
    made: Data = {
        "type": "object", "additionalProperties": False,
        "properties": {
            name: _schema(child) if required else _nullable(_schema(child))
            for name, child in inner.items()
        },
    }
    if required:
        made["required"] = [name for name, child in inner.items() if child.required]
    return made


def _number(shape: Shape) -> Data:
    number: Data = {"type": "integer" if shape.whole else "number"}
    if shape.low is not None:
        number["minimum"] = shape.low
    if shape.high is not None:
        number["maximum"] = shape.high
    money = "[¥￥]?\\s*" if shape.unit.startswith("CNY") else ""
    if shape.path in COUNTED:
        return {"anyOf": [number, {"type": "string"}]}
    words = "|".join(_escaped(word) for word in unit_words(shape.unit) if word)
    pattern = rf"^[-+]?{money}[0-9.]+([eE][-+]?[0-9]+)?\s*[万亿千]?\s*" \
        + (f"({words})?$" if words else "$")
    return {"anyOf": [number, {"type": "string", "pattern": pattern}]}


def _escaped(word: str) -> str:
    return "".join(f"\\{letter}" if letter in "/.|+*()[]" else letter for letter in word)

"""Converts the nodes of a file to the plain data of a scenario and records every problem."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sim.mechanisms.base import rules_of
from sim.mechanisms.former_names import current_name, current_parameter
from sim.scenario.data import COUNTED
from sim.scenario.document import Huge, Node, Quoted
from sim.scenario.parameters import Shape, leaves
from sim.scenario.problems import Problems, clean, did_you_mean, shown
from sim.scenario.quantities import QuantityError, quantity
from sim.texts import _
from sim.texts.bilingual import Bilingual

if TYPE_CHECKING:
    from sim.kernel.settings import Settings

__all__ = ["SILENT", "allowed", "convert", "elsewhere", "plain_of", "unknown"]

_NOTHING = object()
SILENT = ("", "flag", "kind", "path", "regime", "seed", "text")
"""Units that messages leave out, since they tell a reader nothing."""

MAX_ITEMS = 2_000

_THOUSANDS = re.compile(r"\d{3}(\D.*)?")
"""A key that begins with three digits, which is what 2,000 becomes inside braces."""


def plain_of(node: Node) -> Any:
    """Return the plain data of a node, without places."""
    if isinstance(node.value, dict):
        return {name: plain_of(child) for name, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain_of(child) for child in node.value]
    if isinstance(node.value, Bilingual) and node.value.words:
        return dict(node.value.words)
    if name := getattr(node.value, "id", ""):
        return {"id": name, "check": str(node.value)}
    return str(node.value) if isinstance(node.value, str) else node.value


def convert(node: Node, shape: Shape, path: str, problems: Problems) -> Node | None:
    """Return the node with values in their documented units, or None when it cannot be used.

    A null is kept, because it restores the default when one file overrides another.
    """
    if problems.full:
        return None
    if node.value is None:
        return node
    if shape.kind == "distribution":
        if isinstance(node.value, dict):
            return _distribution(node, shape, path, problems)
        return _leaf(node, shape, path, problems)
    if shape.kind == "section":
        return _section(node, shape, shape.names(), path, problems)
    if shape.kind == "map":
        return _map(node, shape, path, problems)
    if shape.kind == "list":
        return _list(node, shape, path, problems)
    return _leaf(node, shape, path, problems)


def _with(node: Node, value: object) -> Node:
    return Node(value, node.place, node.key)


def _section(
    node: Node, shape: Shape, known: list[str], path: str, problems: Problems
) -> Node | None:
    if not isinstance(node.value, dict):
        problems.add(node.place, path or _("the file"), _(
            "found {found}; this is a section with keys such as {names}").format(
                found=shown(plain_of(node)), names=", ".join(known[:4])))
        return None
    result: dict[str, Node] = {}
    for said, child in node.value.items():
        name = _renamed(shape, known, said)
        inner = shape.child(name) if name in known else None
        full = f"{path}.{name}" if path else name
        if inner is None:
            unknown(child, full, name, known, problems,
                    hint=None if path else elsewhere(name, shape.models[0]))
            continue
        made = convert(child, inner, full, problems)
        if made is not None:
            both = name in result and isinstance(made.value, dict)
            result[name] = _with(made, {**result[name].value, **made.value}) if both else made
    return _with(node, result)


def _renamed(shape: Shape, known: list[str], name: str) -> str:
    """Return the current name of a key, which may be a former name of a rule or of its parameter."""
    if not shape.path:
        return current_name(name, known)
    rules = rules_of(shape.models[0])
    return current_parameter(rules, name, known) if rules else name


def unknown(
    node: Node, path: str, name: str, known: Iterable[str], problems: Problems,
    hint: str | None = None,
) -> None:
    """Record an unknown key; without a `hint`, suggest the nearest known one."""
    known = list(known)
    if node.value is None and _THOUSANDS.fullmatch(name):
        hint = _("inside {{ }} a comma ends a value; write 2000 or '2,000'").format()
    hint = hint or did_you_mean(name, known)
    if hint is None and len(known) <= 12:
        hint = _("known here: {names}").format(names=", ".join(known))
    problems.add(node.named, path, _("unknown setting"), hint or _(
        "`weishang describe` lists them"))


def elsewhere(name: str, model: type[Settings]) -> str | None:
    """Return a hint for a setting that was named without its section."""
    full = [leaf for leaf in leaves(model) if leaf.rpartition(".")[2] == name]
    return _("did you mean '{name}'?").format(name="', '".join(full[:3])) if full else None


def _map(node: Node, shape: Shape, path: str, problems: Problems) -> Node | None:
    if not isinstance(node.value, dict):
        problems.add(node.place, path, _("found {found}; this is a map of key: value").format(
            found=shown(plain_of(node))))
        return None
    assert shape.item is not None
    if shape.item.annotation is Any:
        return node
    result = {}
    for name, child in node.value.items():
        made = convert(child, shape.item, f"{path}.{name}", problems)
        if made is not None:
            result[name] = made
    return _with(node, result)


def _list(node: Node, shape: Shape, path: str, problems: Problems) -> Node | None:
    if not isinstance(node.value, list):
        hint = _("start each entry with '- '") if isinstance(node.value, dict) else None
        problems.add(node.place, path, _("found {found}; this is a list").format(
            found=shown(plain_of(node))), hint)
        return None
    if len(node.value) > MAX_ITEMS:
        problems.add(node.place, path, _("more than {limit} entries").format(limit=MAX_ITEMS))
        return None
    assert shape.item is not None
    result = []
    for index, child in enumerate(node.value):
        place = f"{path}.{index}"
        if child.value is None:
            problems.add(child.place, place, _("an empty entry in a list"))
            continue
        before = len(problems)
        made = convert(child, shape.item, place, problems)
        if len(problems) > before:
            problems.spoilt.add(child.place)
        if made is None:
            continue
        result.append(_entry(made, child, shape.item, place, problems)
                      if shape.item.kind == "section" else made)
    return _with(node, result)


def _entry(made: Node, said: Node, shape: Shape, path: str, problems: Problems) -> Node:
    """Return a record in a list, once every key without a default is given.

    The record overrides no other entry, so a null means the default.
    """
    missing = [
        name for name in shape.names()
        if (name not in said.value or said.value[name].value is None)
        and (inner := shape.child(name)) is not None and inner.required]
    if missing:
        problems.add(said.place, path, _("{names} missing").format(names=", ".join(missing)))
    return _with(made, {
        name: node for name, node in made.value.items() if node.value is not None})


def _distribution(node: Node, shape: Shape, path: str, problems: Problems) -> Node | None:
    families = {str(model.model_fields["dist"].annotation.__args__[0]): model  # type: ignore[union-attr]
                for model in shape.models}
    name = node.value.get("dist")
    if name is None:
        problems.add(node.place, path, _("a distribution needs `dist`, one of: {names}").format(
            names=", ".join(families)))
        return None
    if name.value not in families:
        problems.add(name.place, f"{path}.dist", _("found {found}; allowed: {names}").format(
            found=shown(plain_of(name)), names=", ".join(families)),
            did_you_mean(name.value, families))
        return None
    model = families[name.value]
    result: dict[str, Node] = {"dist": _with(name, str(name.value))}
    before = len(problems)
    for key, child in node.value.items():
        if key == "dist":
            continue
        full = f"{path}.{key}"
        if key not in model.model_fields:
            unknown(child, full, key, model.model_fields, problems)
            continue
        made = _leaf(child, shape.part(model, key), full, problems)
        if made is not None:
            result[key] = made
    missing = [key for key, info in model.model_fields.items()
               if info.is_required() and key not in node.value]
    if missing:
        problems.add(node.place, path, _("`{dist}` needs {names}").format(
            dist=name.value, names=", ".join(missing)))
    return _with(node, result) if len(problems) == before else None


def _leaf(node: Node, shape: Shape, path: str, problems: Problems) -> Node | None:
    """Return a single value, checked against the declaration of its parameter."""
    value, said = node.value, None
    text = next((kind for kind in _types(shape) if isinstance(kind, type)
                 and issubclass(kind, str) and kind is not str), None)
    if isinstance(value, dict) and text is not None:
        value = plain_of(node)
    elif isinstance(value, (dict, list)):
        value = _NOTHING
    elif isinstance(value, Huge):
        said = _("a number with too many digits")
    elif isinstance(value, str):
        if shape.number and str not in _types(shape):
            value, said = _number(value, shape)
        else:
            value = str(value)
    elif isinstance(value, float) and shape.whole and value.is_integer():
        value = int(value)  # 1e3 persons
    elif isinstance(value, int) and not isinstance(value, bool) and _is_text(shape):
        said = _("found the number {found}; a text is wanted, put it in quotes").format(
            found=shown(value))
    if isinstance(value, str) and shape.path in COUNTED:
        return _with(node, value)
    if said is None and value is not _NOTHING:
        try:
            made = shape.adapter.validate_python(value)
            return _with(node, value if text is None else made)
        except ValidationError as error:
            said = said or _own_words(error)
            if said:
                problems.add(node.place, path, said)
                return None
        except (OverflowError, ValueError):
            said = _("a number with too many digits")
    found = said or _("found {found}").format(found=shown(plain_of(node)))
    hint = did_you_mean(node.value, shape.choices) if shape.choices else None
    problems.add(node.place, path, found + _("; ") + allowed(shape), hint)
    return None


def _own_words(error: ValidationError) -> str | None:
    """Return the message of one of our own validators; pydantic's messages are for programmers."""
    first = error.errors(include_url=False, include_input=False)[0]
    cause = first.get("ctx", {}).get("error") if first["type"] == "value_error" else None
    return clean(cause) if cause is not None else None


def _is_text(shape: Shape) -> bool:
    return not shape.number and not shape.choices and any(
        isinstance(kind, type) and issubclass(kind, str) for kind in _types(shape))


def _types(shape: Shape) -> tuple[Any, ...]:
    from sim.scenario.parameters import options_of

    return options_of(shape.annotation)


def _number(text: str, shape: Shape) -> tuple[Any, str | None]:
    """Return the number that a text with a unit means, or what is wrong with it."""
    if isinstance(text, Quoted):
        try:
            float(text)
        except ValueError:
            pass
        else:
            return _NOTHING, _("found the text {found}; write the number without quotes").format(
                found=shown(text))
    if shape.path in COUNTED:
        try:
            people = quantity(text, "persons")
        except QuantityError:
            people = None
        if people is not None and people == people.to_integral_value() >= 0 and \
                not text.strip()[-1].isdigit():
            return f"{int(people)} persons", None
    try:
        number: Decimal = quantity(text, shape.unit)
    except QuantityError as error:
        return _NOTHING, _("found {found}{why}").format(
            found=shown(text), why=f": {error}" if str(error) else "")
    if shape.whole:
        if number != number.to_integral_value():
            said = _("found {found}, which is {number} {unit}").format(
                found=shown(text), number=f"{number:.3g}", unit=_(shape.unit))
            return _NOTHING, said + _whole_steps(number, shape)
        return int(number), None
    return float(number), None


def _whole_steps(number: Decimal, shape: Shape) -> str:
    """Return how to write a time that is not a whole number of weeks; empty for other units."""
    if shape.unit != "weeks" or number < 0:
        return ""
    near = max(1, round(number))
    said = _("; ") + _("the model steps by the week: write a whole number, such as {near}").format(near=near)
    if shape.path == "events.0.for":
        part = float(number) / near
        said += _("; ") + _(
            "a factor k that holds for {share} of that time is 1 + (k - 1) x {part} over all of it"
        ).format(share=f"{100 * part:.3g}%", part=f"{part:.2g}") if part < 1 else ""
    return said


def allowed(shape: Shape) -> str:
    """Return in words which values are allowed here."""
    if shape.choices:
        return _("allowed: {names}").format(names=", ".join(shape.choices))
    types = _types(shape)
    if bool in types:
        return _("allowed: true or false")
    if shape.number:
        kind = _("a whole number") if shape.whole else _("a number")
        if shape.kind == "distribution":
            kind = _("a number or a distribution")
        low, high = shape.low, shape.high
        if low is not None and high is not None:
            span = _(" from {low} to {high}").format(low=_figure(low), high=_figure(high))
        elif low is not None:
            span = _(" from {low}").format(low=_figure(low))
        elif high is not None:
            span = _(" up to {high}").format(high=_figure(high))
        else:
            span = ""
        unit = _(" ({unit})").format(unit=_(shape.unit)) if shape.unit not in SILENT else ""
        text = _("allowed: {kind}{span}{unit}").format(kind=kind, span=span, unit=unit)
        return text if shape.path not in COUNTED else _(
            "{span}, or a number of persons such as '{example}'").format(
                span=text, example=f"20 {_('persons')}")
    return _("allowed: a text")


def _figure(value: float) -> str:
    if isinstance(value, int) or (math.isfinite(value) and value == int(value)):
        return f"{int(value)}"
    return f"{value:g}"



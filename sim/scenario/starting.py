"""Commented scenario files to start from."""

from __future__ import annotations

from typing import Any

from sim.scenario.converting import allowed
from sim.scenario.parameters import Shape, shapes
from sim.scenario.resolved import resolved, said
from sim.texts import _

__all__ = ["starting_file"]

USUAL = {
    "": ("weeks", "persons", "seed"),
    "controls": ("stock_pressure", "information_asymmetry", "feedback"),
    "offer": ("list_price", "reference_price", "unit_cost", "quality", "overclaim"),
    "recruiting": ("approaches", "founders"),
    "network": ("kind", "contacts"),
}
"""Settings that most plans start with, by section."""


def starting_file(scenario: Any, parent: str, title: str, *, everything: bool = False) -> str:
    """Return the text of a file that extends `parent` and spells out its usual settings.

    What is spelt out has the parent's values, so that the file means the same until it is changed.
    With `everything`, all other settings follow as comments.
    """
    model, values = type(scenario), resolved(scenario)
    lines = [
        "# " + _("A scenario for weishang, started from '{parent}'.").format(parent=parent),
        "# " + _("Change what you like; what you delete is taken from '{parent}'.").format(
            parent=parent),
        "# " + _("A number may carry its unit: 80%, 128 CNY, 128 元, 10 weeks, 10 周, 5万."),
        "# " + _("weishang check FILE says what is wrong; weishang describe explains everything."),
        f"title: {_plain(title)}",
        f"extends: {_plain(parent)}",
        "",
    ]
    for name in USUAL[""]:
        lines.append(_line("", name, shapes(model)[name], values[name]))
    for section, names in USUAL.items():
        if section:
            shape = shapes(model)[section]
            lines += ["", f"{section}:{_remark(_(shape.meaning))}"]
            for name in names:
                inner = shapes(shape.models[0], section)[name]
                lines.append(_line("  ", name, inner, values[f"{section}.{name}"]))
    if scenario.tiers:
        lines += ["", "tiers:" + _remark(
            _("the ladder, top first; this list replaces the parent's"))]
        for tier in scenario.tiers:
            entry = ", ".join(
                f"{name}: {_plain(said(getattr(tier, name), shape))}"
                + (" CNY" if shape.unit == "CNY" else "")
                for name, shape in shapes(type(tier)).items()
                if getattr(tier, name) is not None)
            lines.append("  - {" + entry + "}")
    lines += [
        "",
        "# " + _("Take the '# ' away to use the timeline and reality checks:"),
        "# events:",
        f"#   - {{week: {max(2, scenario.weeks // 2)}, set: {{controls.information_asymmetry: 20%}}"
        f", over: 12 weeks, note: {_('opening up')}}}",
        "# expect:",
        f"#   - sell_in >= sell_through at week {max(1, scenario.weeks // 3)}",
        "# sources:",
        "#   offer.unit_cost: " + _("where the figure comes from"),
    ]
    if everything:
        lines += ["", "# " + _("Every other setting, with its value in '{parent}':").format(
            parent=parent)]
        for section, shape in shapes(model).items():
            if shape.kind != "section" or section == "rules":
                continue
            lines += ["#", f"# {section}:{_remark(_(shape.meaning))}"]
            for name, inner in shapes(shape.models[0], section).items():
                if name not in USUAL.get(section, ()):
                    lines.append("# " + _line("  ", name, inner, values[f"{section}.{name}"]))
    return "\n".join(lines) + "\n"


def _line(indent: str, name: str, shape: Shape, value: Any) -> str:
    text = said(value, shape)
    if value is None:
        text = "null"
    elif shape.unit == "CNY" and isinstance(value, (int, float)):
        text += " CNY"
    elif isinstance(value, str):
        text = _plain(text)
    meaning = _(shape.meaning)
    rule = allowed(shape)
    return f"{indent}{name}: {text}{_remark(f'{meaning}; {rule}' if meaning else rule)}"


def _remark(text: str) -> str:
    return "   # " + " ".join(text.split())


def _plain(text: str) -> str:
    """Return a text so that YAML reads it as it is."""
    safe = text and text == text.strip() and all(
        letter.isalnum() or letter in "_-./%" for letter in text) and not text[0].isdigit() \
        and text[0] not in "-.%" and text.lower() not in ("null", "true", "false")
    number = text.replace(".", "", 1).rstrip("%").isdigit()
    return text if safe or number else "'" + text.replace("'", "''") + "'"

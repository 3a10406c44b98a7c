"""Writing commented scenario files as a starting point."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sim.scenario.converting import allowed
from sim.scenario.parameters import Shape, shapes
from sim.scenario.resolved import leaves, resolved, said
from sim.texts import _
from sim.texts.bilingual import text_of

if TYPE_CHECKING:
    from sim.kernel.settings import Settings
    from sim.scenario.schema import Scenario
    from sim.scenario.timeline import Event

__all__ = ["starting_file"]

USUAL = {
    "": ("weeks", "persons", "seed"),
    "controls": ("stock_pressure", "information_asymmetry", "feedback"),
    "offer": ("list_price", "reference_price", "unit_cost", "quality", "overclaim"),
    "recruiting": ("approaches", "founders"),
    "network": ("kind", "contacts"),
}
"""Settings that most plans start with, by section."""


def starting_file(scenario: Scenario, parent: str, title: str, *, everything: bool = False) -> str:
    """Return the text of a file that extends `parent` and spells out its usual settings.

    The file gives the parent's values, so that it means the same as the parent until it is changed.
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
            _("the ladder, top first; this list takes the place of the parent's"))]
        lines += [f"  # {name}: " + _("{meaning}; {rule}").format(
            meaning=_(shape.meaning), rule=_(shape.unit))
            for name, shape in shapes(type(scenario.tiers[0])).items() if name != "name"]
        for tier in scenario.tiers:
            entry = ", ".join(
                f"{name}: {_plain(said(getattr(tier, name), shape))}"
                + (f" {_('CNY')}" if shape.unit == "CNY" else "")
                for name, shape in shapes(type(tier)).items()
                if getattr(tier, name) is not None)
            lines.append("  - {" + entry + "}")
    lines += [*_market(scenario), *_events(scenario), *_checks(scenario)]
    lines += [
        "",
        "# " + _("Take the '# ' away to use it:"),
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


def _market(scenario: Scenario) -> list[str]:
    """Return as a comment how to start with existing resellers."""
    if scenario.start.sells or not scenario.tiers:
        return []
    top, last = scenario.tiers[0], scenario.tiers[-1]
    return [
        "", "# " + _("A brand that sells already (take the '# ' away to use it): how many resellers, "
                     "and their units;"),
        "# " + _("instead of tiers, 'roster: FILE' has a row for each: weishang template roster FILE"),
        "# start:", "#   tiers:", *(
            f"#     - {{name: {_plain(text_of(tier.name))}, resellers: {count}, inventory: "
            f"{count * max(1, tier.first_order)}}}" for tier, count in (
                [(top, 20)] if top is last else [(top, 20), (last, 300)]))]


def _events(scenario: Scenario) -> list[str]:
    """Return the timeline, or an example as a comment where there is none."""
    if not scenario.events:
        return [
            "", "# " + _("The timeline (take the '# ' away to use it):"),
            "# events:",
            f"#   - {{id: opening, week: {max(2, scenario.weeks // 2)}, "
            f"set: {{controls.information_asymmetry: 20%}}, over: 12 weeks, "
            f"note: {_('opening up')}}}"]
    named = all(event.id for event in scenario.events)
    lines = ["", "# " + _("The timeline. An event with the id of one of the parent's is laid on it, "
                          "another one is added; {form} leaves one out.").format(
                              form="events: {drop: [ID], add: [...]}"),
             "events:"]
    if not named:
        lines.append("  replace:   # " + _("these take the place of the parent's"))
    indent = "  " if named else "    "
    for event in scenario.events:
        entry = _entry(event, type(scenario))
        lines.append(f"{indent}- {entry[0]}")
        lines += [f"{indent}  {line}" for line in entry[1:]]
    return lines


def _entry(event: Event, model: type[Settings]) -> list[str]:
    """Return the lines of an event, with its time as it was given."""
    known = leaves(model)
    begins = "tied_to" if event.tied_to else "at" if event.at else "week"
    lines = []
    for name, info in type(event).model_fields.items():
        value = getattr(event, name)
        if name in ("week", "at", "tied_to"):
            if name == begins:
                lines.append(f"{name}: {_plain(str(value))}")
        elif name in ("set", "scale"):
            if value:
                lines.append(f"{name}:")
                lines += [f"  {path}: {_spelt(said, known.get(path) if name == 'set' else None)}"
                          for path, said in value.items()]
        elif value != info.get_default(call_default_factory=True):
            words = getattr(value, "words", None)
            lines.append(f"{name}: {_both(words) if words else _plain(str(value))}")
    # The id goes first, regardless of the order of declaration.
    return sorted(lines, key=lambda line: not line.startswith("id:"))


def _both(words: dict[str, str]) -> str:
    return "{" + ", ".join(f"{lang}: {_plain(text)}" for lang, text in words.items()) + "}"


def _flow(value: object) -> str:
    """Return a map or list on one line. It is written as JSON, which is valid YAML."""
    return json.dumps(value, ensure_ascii=False, default=str)


def _spelt(value: object, shape: Shape | None) -> str:
    if isinstance(value, (dict, list, tuple)):
        return _flow(value)
    if value is None:
        return "null"
    if isinstance(value, str):
        return _plain(value)
    money = shape is not None and shape.unit == "CNY" and not isinstance(value, bool)
    return said(value, shape) + (f" {_('CNY')}" if money else "")


def _checks(scenario: Scenario) -> list[str]:
    """Return the reality checks, or an example as a comment where there is none."""
    if not scenario.expect:
        return ["", "# " + _("Reality checks (take the '# ' away to use them):"), "# expect:",
                f"#   - sell_in >= sell_through at week {max(1, scenario.weeks // 3)}"]
    return ["", "# " + _("Reality checks; those of the parent hold as well"), "expect:", *(
        "  - " + (_flow({"id": check.id, "check": str(check)}) if check.id else _quoted(check))
        for check in scenario.expect)]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _line(indent: str, name: str, shape: Shape, value: object) -> str:
    text = said(value, shape)
    if value is None:
        text = "null"
    elif shape.unit == "CNY" and isinstance(value, (int, float)):
        text += f" {_('CNY')}"
    elif isinstance(value, str):
        text = _plain(text)
    meaning = _(shape.meaning)
    rule = allowed(shape)
    both = _("{meaning}; {rule}").format(meaning=meaning, rule=rule)
    return f"{indent}{name}: {text}{_remark(both if meaning else rule)}"


def _remark(text: str) -> str:
    return "   # " + " ".join(text.split())


def _plain(text: str) -> str:
    """Return a text quoted where YAML would otherwise not read it as that text."""
    safe = text and text == text.strip() and all(
        letter.isalnum() or letter in "_-./%" for letter in text) and not text[0].isdigit() \
        and text[0] not in "-.%" and text.lower() not in ("null", "true", "false")
    number = text.replace(".", "", 1).rstrip("%").isdigit()
    return text if safe or number else _quoted(text)

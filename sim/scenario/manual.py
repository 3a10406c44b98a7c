"""The manual: settings, rules of the week and output columns as rows, read from declarations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sim.market.outputs import COHORTS, PURCHASES, RESELLERS, TIERS, WEEKLY
from sim.mechanisms.effects import EFFECTS, in_order
from sim.regimes import REGIMES
from sim.scenario.data import COUNTED, today
from sim.scenario.parameters import Shape, shapes, walk
from sim.scenario.schema import Scenario, mechanism_sections
from sim.texts import _

if TYPE_CHECKING:
    from sim.kernel.plain import Data
    from sim.kernel.settings import Settings

__all__ = ["columns", "effects", "rows_of", "settings", "source_in_words", "source_parts", "week_plan"]

OUTPUTS = {"weekly": WEEKLY, "tiers": TIERS, "cohorts": COHORTS, "resellers": RESELLERS,
           "purchases": PURCHASES}
"""The tables of a run with their columns (after ``scenario`` and ``seed``)."""


def carried() -> dict[str, list[str]]:
    """Return the effects that each setting switches off, by dotted name."""
    rows: dict[str, list[str]] = {}
    for rule in mechanism_sections().values():
        for row, off in rule.off.items():
            for path in off:
                rows.setdefault(path, []).append(row)
    return rows


def settings(topic: str | None = None, model: type[Settings] | None = None) -> list[Data]:
    """Return one row per setting: those of a section, the one with a dotted name, or all."""
    rows_by_setting, model = carried(), model or Scenario
    topic = topic and today(topic, model.model_fields)
    found = []
    wanted = topic and _without_numbers(topic)
    for shape in walk(model):
        path = _without_numbers(shape.path)
        if wanted is None or path == wanted or path.startswith(f"{wanted}."):
            found.append(_row(shape, rows_by_setting.get(shape.path, [])))
    return found


def _without_numbers(path: str) -> str:
    """Return a dotted name without the numbers of entries: ``tiers.0.price`` is ``tiers.price``."""
    return ".".join(part for part in path.split(".") if not part.isdigit())


def _row(shape: Shape, rows: list[str]) -> Data:
    default = shape.default
    if hasattr(default, "model_dump"):
        default = default.model_dump()
    kind = shape.kind
    if kind == "value":
        kind = "whole number" if shape.whole else "number" if shape.number else "choice" \
            if shape.choices else "flag" if shape.annotation is bool else "text"
    return {
        "name": shape.path, "meaning": shape.meaning, "kind": kind, "unit": shape.unit,
        "low": shape.low, "high": shape.high, "choices": list(shape.choices),
        "default": default, "required": shape.required,
        "control": list(shape.control) if shape.control else None,
        "source": shape.source, "prior": shape.prior, "effects": rows, "counted": shape.path in COUNTED,
    }


def sections(model: type[Settings] | None = None) -> dict[str, str]:
    """Return the sections of a scenario with what each one covers."""
    return {
        name: shape.meaning for name, shape in shapes(model or Scenario).items()
        if shape.kind in ("section", "list")
    }


def first_paragraph(documented: object) -> str:
    """Return the first paragraph of a docstring as one line, code in single backticks."""
    return " ".join((documented.__doc__ or "").split("\n\n")[0].replace("``", "`").split())


_QUOTED = re.compile(r"(?:([AB]\d+), )?essay ([AB]): ([^a-z]*)")
_CITED = re.compile(r"[A-Z][\w., -]* \d{4}(?:, section \d)?|[^a-z]*")
"""A source that is a citation or a name, which is the same in every language."""


def source_parts(source: str) -> list[str]:
    """Return the parts of a source that are sentences, to be translated."""
    return [part for part in source.split("; ")
            if not _QUOTED.fullmatch(part) and not _CITED.fullmatch(part)]


def source_in_words(source: str) -> str:
    """Return the source of a value in the current language."""
    told = []
    for part in source.split("; "):
        if found := _QUOTED.fullmatch(part):
            text = _("{row}, essay {which}: {said}") if found[1] else _("essay {which}: {said}")
            told.append(text.format(row=found[1], which=found[2], said=found[3]))
        else:
            told.append(part if _CITED.fullmatch(part) else _(part))
    return _("; ").join(told)


def week_plan(scenario: Scenario) -> list[Data]:
    """Return one row per rule of the week, in order: phase, name, what it does, what it reads and writes."""
    return [
        {
            "phase": rule.phase, "rule": rule.name(), "does": first_paragraph(rule),
            "reads": list(rule.reads), "writes": list(rule.writes),
            "effects": sorted(rule.off, key=in_order),
        }
        for rule in scenario.plan()
    ]


def effects() -> list[Data]:
    """Return one row for each effect and rule that carries it: title, settings that switch it off."""
    rows = [
        {"id": row, "title": EFFECTS.get(row, ""), "rule": rule.name(), "off": dict(off),
         "regimes": [name for name, regime in REGIMES.items() if rule.name() in regime.names]}
        for rule in mechanism_sections().values() for row, off in rule.off.items()
    ]
    return sorted(rows, key=lambda row: (in_order(str(row["id"])), str(row["rule"])))


def columns(table: str | None = None) -> list[dict[str, str]]:
    """Return one row per column of the tables of a run.

    Weekly columns of rules that few scenarios use come last in their table.
    """
    further = [column for rule in mechanism_sections().values() for column in rule.outputs]
    return [
        {"table": name, "name": column.name, "unit": column.unit, "meaning": column.meaning}
        for name, outputs in OUTPUTS.items() if table in (None, name)
        for column in (*outputs, *(further if name == "weekly" else ()))
    ]


def rows_of(topic: str) -> tuple[str, list[Data]]:
    """Return the kind and the rows of what `topic` names: settings, columns or nothing.

    Kind is ``settings``, ``columns`` or ``""``.
    """
    found = settings(topic)
    if found:
        return "settings", found
    named = [row for row in columns() if topic in (row["table"], row["name"])]
    return ("columns", named) if named else ("", [])

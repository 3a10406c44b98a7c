"""Scenarios made in Python, with the same checks and messages as for files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, Union

from sim.errors import UsageError
from sim.scenario import schema
from sim.scenario.document import Node
from sim.scenario.inheriting import Inheritance
from sim.scenario.load import Reading, load, refuse_no_map
from sim.scenario.nodes import node_of, spread
from sim.scenario.parameters import Shape
from sim.scenario.problems import Problems, about_hidden, hidden, shown
from sim.texts import _

if TYPE_CHECKING:
    from sim.kernel.settings import Settings
    from sim.scenario.schema import Scenario

__all__ = ["ScenarioLike", "checked", "scenario_of"]

Kind = TypeVar("Kind", bound="Settings")

ScenarioLike = Union["Scenario", str, Path]
"""A scenario as callers may give it: a record, or the name or path of a file."""


def scenario_of(given: object) -> Scenario:
    """Return the scenario that a caller gave as a record or as the name or path of a file.

    Raises
    ------
    UsageError
        For anything else.
    """
    if isinstance(given, (str, Path)):
        return load(given)
    if isinstance(given, schema.Scenario):
        return given
    raise UsageError(_(
        "a scenario is a record such as sim.load('pyramid'), a name or a path, not {found}").format(
            found=shown(given) if given is None else type(given).__name__))


def checked(
    kind: type[Kind], data: Mapping[str, object], overrides: Mapping[str, object] | None = None, *,
    like: object = None, texts: bool = False,
) -> Kind:
    """Return the scenario of type `kind` that plain `data` describes, with overrides applied.

    `like` is a scenario whose custom rules apply. Messages are the same as for a file.

    Raises
    ------
    ScenarioError
        With every problem of `data` and `overrides`, up to twenty.
    """
    name = _("the scenario")
    if not isinstance(data, Mapping):
        raise UsageError(_("{name}: found {found}; a scenario is a map of names and values").format(
            name=name, found=type(data).__name__))
    refuse_no_map(overrides)
    reading = Reading(name, Problems(), True, kind, like)
    if like is None and (sections := data.get("rules")) and not isinstance(sections, str):
        said = sections.model_dump() if hasattr(sections, "model_dump") else sections
        if isinstance(said, Mapping) and said.get("files"):
            raise UsageError(_(
                "rules.files is read from a scenario file: sim.load(path, allow_code=True); in "
                "Python, write scenario.with_rules(...)"))
    if letter := hidden(data):
        raise UsageError(f"{name}: {about_hidden(letter)}")
    merged = node_of(data, name)
    whole = Inheritance(reading.problems, Node({}, merged.place) if like is None else merged)
    if like is None:
        whole.lay(merged, Shape("section", kind, models=(kind,)))
    elif "sources" in merged.value:
        whole.note_sources(merged.value["sources"])
    made: Kind = reading.completed(whole, spread({} if overrides is None else overrides), texts)
    return made

"""Merging a file with its parent: events and checks merge by id, and outdated sources are dropped.

The entries of a list are added to those of the parent; an entry whose id the parent has overrides that
entry. A map gives more control: ``events: {drop: [转型], add: [...]}``, or ``events: {replace: [...]}``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.scenario.converting import convert, plain_of, unknown
from sim.scenario.data import get, is_whole
from sim.scenario.document import Node, Quoted
from sim.scenario.nodes import node as placed
from sim.scenario.parameters import Shape
from sim.scenario.problems import Place, Problems, clean, did_you_mean, shown
from sim.texts import _

if TYPE_CHECKING:
    from sim.kernel.plain import Data

__all__ = ["LISTS", "Inheritance", "laid", "name_of"]

LISTS = ("events", "expect")
"""Lists whose entries are added to those of the parent."""
KEYS = ("add", "drop", "replace")
IN_ENTRIES = ("id", "week", "at", "tied_to", "delay", "for", "every", "set", "scale", "ramp", "note", "check")
"""Keys of an event or a check; if one occurs outside a list, the message explains lists."""
WHEN = ("week", "at", "tied_to")
EVERYTHING = "all"


def laid(base: Node, over: Node) -> Node:
    """Return `base` overridden by `over`: maps merge deeply, other values replace, null removes."""
    result = dict(base.value) if isinstance(base.value, dict) else {}
    for name, node in over.value.items():
        below = result.get(name)
        if node.value is None:
            result.pop(name, None)
        elif isinstance(node.value, dict) and not is_whole(node.value):
            under = below if below is not None and isinstance(below.value, dict) and \
                not is_whole(below.value) else Node({}, node.place, node.key)
            result[name] = laid(under, node)
        else:
            result[name] = node
    return Node(result, over.place, over.key)


def name_of(node: Node) -> str:
    """Return the name of an event or a check: its id, else its note, text or week."""
    said = plain_of(node)
    if not isinstance(said, dict):
        return str(getattr(node.value, "id", "") or said)
    for key in ("id", "note", "check", *WHEN):
        if said.get(key):
            text = said[key]
            return str(next(iter(text.values())) if isinstance(text, dict) else
                       f"week {text}" if key == "week" else text)
    return "?"


def names_of(node: Node) -> list[str]:
    """Return every name by which an entry may be dropped."""
    said = plain_of(node)
    found = [name_of(node)]
    if isinstance(said, dict):
        note = said.get("note")
        found += list(note.values()) if isinstance(note, dict) else [note] if note else []
        found += [str(said["check"])] if said.get("check") else []
        found += [f"week {said['week']}"] if said.get("week") else []
    return found


def _id_of(node: Node) -> str:
    if not isinstance(node.value, dict):
        return str(getattr(node.value, "id", ""))
    said = node.value.get("id")
    return str(said.value) if said is not None else ""


@dataclass
class Inheritance:
    """What a scenario holds so far, merged from the topmost parent down to the command line."""

    problems: Problems
    merged: Node
    """The document so far."""

    dropped: list[str] = field(default_factory=list)
    gone: dict[str, Place] = field(default_factory=dict)
    """Where each event was dropped that is no longer there, by its id."""
    _sourced: Data = field(default_factory=dict)
    """The value of each setting when its source was given."""

    def lay(self, root: Node, shape: Shape) -> None:
        """Merge a file over what there is so far."""
        lists = {name: root.value.pop(name) for name in LISTS if name in root.value}
        self.complete_distributions(root, shape)
        made = convert(root, shape, "", self.problems)
        if made is not None:
            self.merged = laid(self.merged, made)
        for name, node in lists.items():
            inner = shape.child(name)
            assert inner is not None
            self.lay_list(name, node, inner)
        if made is not None and "sources" in made.value:
            self.note_sources(made.value["sources"])

    def complete_distributions(self, root: Node, shape: Shape) -> None:
        """Complete a distribution that gives only some numbers with the family and numbers it had."""
        for section, settings in root.value.items():
            known = shape.child(section)
            if known is None or not isinstance(settings.value, dict):
                continue
            for name, given in settings.value.items():
                inner = known.child(name)
                if inner is None or inner.kind != "distribution" or not given.value \
                        or not isinstance(given.value, dict) or "dist" in given.value:
                    continue
                before = self.merged.value.get(section)
                found = before.value.get(name) if before is not None else None
                found = found or placed(inner.default, given.place, given.named)
                if isinstance(found.value, dict):
                    given.value = {**found.value, **given.value}

    def note_sources(self, sources: Node) -> None:
        """Remember which values the sources of a file refer to."""
        if isinstance(sources.value, dict):
            for path in sources.value:
                self._sourced[path] = self._value(path)

    def _value(self, path: str) -> Any:
        try:
            return get(plain_of(self.merged), path)
        except (KeyError, IndexError, ValueError, TypeError, AttributeError):
            return None

    def drop_old_sources(self) -> None:
        """Remove the sources of values that were changed afterwards."""
        sources = self.merged.value.get("sources")
        if sources is not None and isinstance(sources.value, dict):
            for path, value in self._sourced.items():
                if self._value(path) != value:
                    sources.value.pop(path, None)

    def finish(self) -> None:
        """Record which entries were dropped and not added again."""
        self.drop_old_sources()
        there = {f"{name}: {known}" for name in LISTS if name in self.merged.value
                 for entry in self.merged.value[name].value for known in names_of(entry)}
        gone = [text for text in dict.fromkeys(self.dropped) if text not in there]
        place = Place(self.merged.place.source)
        before = self.merged.value.get("dropped")
        old = before.value if before is not None and isinstance(before.value, list) else []
        if gone:
            self.merged.value["dropped"] = Node(
                [*old, *(Node(text, place) for text in gone)], place)

    # -- lists ------------------------------------------------------------------------------

    def lay_list(self, name: str, said: Node, shape: Shape) -> None:
        """Merge the events or checks of a file with those of its parent."""
        below = self.merged.value.get(name)
        there: list[Node] = list(below.value) if below is not None else []
        if said.value is None:
            self._drop(name, there, said.place)
            self.merged.value.pop(name, None)
            return
        if there and isinstance(said.value, list) and not said.value:
            self.problems.add(said.place, name, _(
                "an empty list leaves what the parent has as it is ({names}); to leave that out, write "
                "`{name}: {{drop: all}}`").format(
                    names=clean(_(", ").join(map(name_of, there))), name=name))
        parts = {"add": said}
        # Keys that no entry has are misspelled forms of drop, add or replace.
        if isinstance(said.value, dict) and (
                set(said.value) & set(KEYS) or not set(said.value) & set(IN_ENTRIES)):
            parts = {}
            for key, node in said.value.items():
                if key in KEYS:
                    parts[key] = node
                else:
                    unknown(node, f"{name}.{key}", key, KEYS, self.problems)
        if "drop" in parts:
            there = self._without(name, there, parts["drop"])
        if "replace" in parts:
            self._drop(name, there, parts["replace"].place)
            there = []
        for key in ("replace", "add"):
            if key in parts:
                path = name if parts[key].place == said.place else f"{name}.{key}"
                made = convert(parts[key], shape, path, self.problems)
                if made is not None and isinstance(made.value, list):
                    if path == f"{name}.add":
                        self._refuse_known(path, there, made)
                    there = self._added(path, there, made)
        self.merged.value[name] = Node(there, said.place, said.key)

    def replace_list(self, name: str, said: Node, shape: Shape) -> None:
        """Replace the list by one from the command line or from Python code."""
        openly = isinstance(said.value, dict) and bool(set(said.value) & set(KEYS))
        self.lay_list(name, said if openly or said.value is None else Node(
            {"replace": said}, said.place, said.key), shape)

    def _drop(self, name: str, entries: list[Node], place: Place) -> None:
        self.dropped += [f"{name}: {name_of(entry)}" for entry in entries]
        if name == "events":
            self.gone |= {_id_of(entry): place for entry in entries}

    def untied(self, event: Node, tie: Node) -> bool:
        """Record that an event is tied to one that a child drops; return whether it is."""
        place = self.gone.get(str(plain_of(tie)))
        if place is None or place.source == tie.place.source:
            return False
        self.problems.add(place, "events", _(
            "'{event}' is tied to '{gone}', which is dropped here; drop it, too, or say when it begins: "
            "{{id: {event}, week: 20}}").format(
                event=clean(name_of(event), 60), gone=clean(plain_of(tie), 60)))
        return True

    def _without(self, name: str, there: list[Node], said: Node) -> list[Node]:
        wanted = said.value if isinstance(said.value, list) else [said]
        for node in wanted:
            text = str(node.value) if isinstance(node.value, (str, Quoted)) else ""
            gone = [entry for entry in there
                    if text == EVERYTHING or (text and text in names_of(entry))]
            if not gone and text != EVERYTHING:
                known = [name_of(entry) for entry in there]
                self.problems.add(
                    node.place, f"{name}.drop",
                    _("there is no such entry in the parent: {found}").format(
                        found=shown(plain_of(node))),
                    did_you_mean(text, known) or (_("known here: {names}").format(
                        names=clean(", ".join(known))) if known else None))
            self._drop(name, gone, node.place)
            there = [entry for entry in there if entry not in gone]
        return there

    def _refuse_known(self, path: str, there: list[Node], new: Node) -> None:
        """Record entries under `add` that exist already, since `add` never changes an entry."""
        known = {_id_of(entry) for entry in there} - {""}
        for number, entry in enumerate(new.value):
            if (name := _id_of(entry)) in known:
                self.problems.add(entry.place, f"{path}.{number}", _(
                    "'{name}' is there already; to change it, list it without `add`; to add another "
                    "one, give it another id").format(name=clean(name, 60)))

    def _added(self, path: str, there: list[Node], new: Node) -> list[Node]:
        result, own = list(there), set[str]()
        for number, entry in enumerate(new.value):
            name = _id_of(entry)
            if name and name in own:
                self.problems.add(entry.place, f"{path}.{number}", _(
                    "the id '{name}' is used twice").format(name=clean(name, 60)))
                continue
            own.add(name)
            place = next((at for at, other in enumerate(result)
                          if name and _id_of(other) == name), None)
            if place is not None:
                result[place] = _laid_entry(result[place], entry)
            elif isinstance(entry.value, dict) or str(entry.value) not in [
                    str(other.value) for other in there if not isinstance(other.value, dict)]:
                result.append(entry)
        return result


def _laid_entry(below: Node, over: Node) -> Node:
    """Return an entry merged over the one with its id; a new time replaces the old one."""
    if not isinstance(below.value, dict) or not isinstance(over.value, dict):
        return over
    kept = dict(below.value)
    if any(key in over.value for key in WHEN):
        kept = {key: node for key, node in kept.items() if key not in (*WHEN, "delay")}
    for one, other in (("set", "scale"), ("scale", "set")):
        for path in over.value[one].value if one in over.value else ():
            if other in kept and path in kept[other].value:
                rest = {key: node for key, node in kept[other].value.items() if key != path}
                kept[other] = Node(rest, kept[other].place, kept[other].key)
    return laid(Node(kept, below.place, below.key), over)

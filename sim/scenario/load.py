"""Reading scenario files and their parents, by name or path; all problems are reported at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.errors import ScenarioError, UsageError
from sim.scenario import schema
from sim.scenario.checking import (
    check_events,
    check_expect,
    check_roster,
    check_sources,
    check_timeline,
    check_traits,
    names_of_events,
    no_rung,
    rung_called,
    unknown_path,
)
from sim.scenario.converting import convert, plain_of
from sim.scenario.data import OF_STUDIES, canonical_path, steps, today
from sim.scenario.document import Node, parse, plain, read_source
from sim.scenario.inheriting import LISTS, WHEN, Inheritance, laid
from sim.scenario.nodes import Whole, nearest_node, nest
from sim.scenario.nodes import node as placed
from sim.scenario.parameters import Shape, find
from sim.scenario.places import named_file, shipped, shipped_path, what_was_meant
from sim.scenario.problems import (
    Place,
    Problems,
    Source,
    about_hidden,
    clean,
    did_you_mean,
    hidden,
    shown,
)
from sim.scenario.timeline import TimelineError
from sim.texts import _

__all__ = ["Reading", "load", "refuse_no_map", "shipped", "shipped_path"]

MAX_PARENTS = 8
FILES = ("network.path", "start.roster")
"""Settings that name a file."""

def load(
    scenario: str | Path, overrides: Mapping[str, object] | None = None, *,
    texts: bool = False, allow_code: bool = False,
) -> schema.Scenario:
    """Return the scenario in a file, given by its path or by the name of a shipped scenario.

    Parameters
    ----------
    scenario
        A path, or a shipped name such as ``pyramid``.
    overrides
        Settings that override the file, by dotted name: ``{"controls.stock_pressure": 0.4}``.
    texts
        Whether the values of `overrides` are texts, as on the command line.
    allow_code
        Whether ``rules.files`` may be executed.

    Raises
    ------
    ScenarioError
        With every problem of the file, its parents and the overrides, up to twenty.
    FilesError
        When the file cannot be read.
    """
    if not isinstance(scenario, (str, Path)):
        raise UsageError(_(
            "a scenario is given by its name or the path of its file, not by {found}").format(
                found=type(scenario).__name__))
    refuse_no_map(overrides)
    reading = Reading(str(scenario), Problems(), allow_code)
    return reading.scenario(dict(overrides or {}), texts)


def refuse_no_map(overrides: object) -> None:
    """Raise `UsageError` unless the settings to change are a map."""
    if overrides is not None and not hasattr(overrides, "keys"):  # accepts a row of a data frame
        raise UsageError(_("settings to change are a map, such as {{'weeks': 10}}, not {found}").format(
            found=type(overrides).__name__))


@dataclass
class Reading:
    """Turns the files of one scenario into a record."""

    name: str
    problems: Problems
    allow_code: bool
    type: Any = schema.Scenario
    like: Any = None
    """A scenario whose custom rules hold."""
    compose: Any = None
    labels: dict[str, Path] = field(default_factory=dict)
    parented: bool = False
    laying: Any = None

    def scenario(self, overrides: dict[str, Any], texts: bool) -> schema.Scenario:
        """Return the record of the file with overrides applied."""
        problems = self.problems
        files = self.chain()
        problems.raise_if_any(self.name)
        self.take_rules(files)
        shape = Shape("section", self.type, models=(self.type,))
        if not files[0].value and not self.parented and not overrides:
            problems.add(files[0].place, "", _(
                "says nothing; write at least `extends: pyramid`, or start from `weishang new`"))
            problems.raise_if_any(self.name)
        whole = Inheritance(problems, Node({}, files[0].place))
        for root in reversed(files):
            whole.lay(root, shape)
        return self.completed(whole, overrides, texts)

    def completed(self, whole: Inheritance, overrides: dict[str, Any], texts: bool) -> Any:
        """Return the record of a converted document with overrides applied."""
        problems = self.problems
        self.laying = whole
        for key, value in overrides.items():
            if letter := hidden((key, value)):
                problems.add(Place(Source(_("override"), numbered=False)), clean(key), about_hidden(letter))
            else:
                self.override(whole.merged, key, value, texts)
        whole.finish()
        merged = whole.merged
        self.check_paths(merged)
        check_events(merged, self.type, problems)
        check_expect(merged, problems)
        check_traits(merged, problems)
        check_sources(merged, self.type, problems)
        made = self.validated(merged)
        if made is not None and not len(problems):
            check_timeline(made, merged, problems)
            check_roster(made, merged, problems)
        problems.raise_if_any(self.name)
        return made

    # -- files ------------------------------------------------------------------------------

    def path_of(self, name: str) -> tuple[Path, str]:
        """Return the file that the caller means by a name or path, and its name in messages."""
        known = shipped_path(name)
        if known is not None:
            return known, f"{name}.yaml"
        path = Path(name)
        if "\0" not in name and len(name) < 1000 and path.is_file():
            return path, name
        if "\0" not in name and len(name) < 1000 and path.is_dir():
            raise ScenarioError(_("{name}: this is a folder, not a scenario file").format(
                name=clean(name)))
        if "\0" not in name and len(name) < 1000 and path.exists():
            raise ScenarioError(_("{name}: this is a pipe or a device, not a scenario file").format(
                name=clean(name)))
        raise ScenarioError(_("{name}: there is no such scenario; {hint}").format(
            name=clean(name), hint=what_was_meant(name)))

    def chain(self) -> list[Node]:
        """Return the documents from the file up through its parents."""
        path, label = self.path_of(self.name)
        documents: list[Node] = []
        seen: list[Path] = []
        while True:
            self.labels[label] = path
            seen.append(path.resolve())
            source = read_source(path, clean(label), self.problems)
            root = parse(source, self.problems) if source is not None else None
            if root is None:
                return documents
            if root.value is None:
                root = Node({}, root.place, root.key)
            if not isinstance(root.value, dict):
                self.problems.add(root.place, "", _(
                    "found {found}; a scenario is a map of 'key: value' lines").format(
                        found=shown(plain_of(root))))
                return documents
            nest(root, self.problems)
            if OF_STUDIES & set(root.value) and "extends" not in root.value:
                raise ScenarioError(_(
                    "{name}: this is a study, not a scenario; its runs: weishang sweep {name}").format(
                        name=clean(label)))
            documents.append(root)
            parent = root.value.pop("extends", None)
            if parent is None or parent.value is None:
                return documents
            self.parented = True
            found = self.parent(parent, path, label, seen)
            if found is None:
                return documents
            path, label = found

    def parent(
        self, node: Node, child: Path, label: str, seen: list[Path]
    ) -> tuple[Path, str] | None:
        """Return the file that `extends` names."""
        name = node.value
        if not isinstance(name, str):
            self.problems.add(node.place, "extends", _(
                "found {found}; allowed: the name of one shipped scenario or a relative path")
                .format(found=shown(plain_of(node))))
            return None
        known = shipped_path(name)
        if known is not None and known.resolve() != child.resolve():
            found = (known, f"{name}.yaml")
        else:
            path = self.beside(node, "extends", child)
            if path is None:
                return None
            if not path.is_file():
                beside = [other.name for other in child.parent.glob("*.y*ml")
                          if other.resolve() != child.resolve()]
                self.problems.add(
                    node.place, "extends", _("there is no scenario {found}").format(
                        found=shown(name)), did_you_mean(name, [*shipped(), *beside]))
                return None
            found = (path, str(Path(label).with_name(path.name)) if path.parent == child.parent
                     else os.path.normpath(path))
        if found[0].resolve() in seen:
            self.problems.add(node.place, "extends", _(
                "{found} extends itself, directly or through its parents").format(
                    found=shown(name)))
            return None
        if len(seen) > MAX_PARENTS:
            self.problems.add(node.place, "extends", _("more than {limit} parents").format(
                limit=MAX_PARENTS))
            return None
        return found

    def beside(self, node: Node, key: str, child: Path) -> Path | None:
        """Return the path that a file names, which must lie inside its project."""
        try:
            return named_file(str(node.value), child.parent)
        except UsageError as error:
            self.problems.add(node.place, key, str(error))
            return None

    # -- custom rules -------------------------------------------------------------------------

    def take_rules(self, documents: list[Node]) -> None:
        """Read the Python files that the scenario names, when that is allowed."""
        files, packages = _named(documents, "files"), _named(documents, "packages")
        if not files and not packages:
            return
        if files and not self.allow_code:
            self.problems.add(files[0].place, "rules.files", _(
                "this scenario contains Python code; run it with --allow-code only if you "
                "trust it"))
            self.problems.raise_if_any(self.name)
        from sim.scenario.custom_rules import Composer, RuleFile, no_package

        paths = []
        for node in files:
            path = self.beside(node, "rules.files", self.labels[node.place.source.name])
            if path is not None and not path.is_file():
                self.problems.add(node.place, "rules.files", _("there is no file {found}").format(
                    found=shown(node.value)))
            elif path is not None:
                paths.append(path)
        for node in packages:
            if why := no_package(str(node.value)):
                self.problems.add(node.place, "rules.packages", why)
        self.problems.raise_if_any(self.name)
        self.compose = Composer(
            tuple(RuleFile.read(path) for path in paths), tuple(str(n.value) for n in packages))
        self.compose.check()
        self.type = schema.composed_type(self.compose)

    # -- overrides ----------------------------------------------------------------------------

    def override(self, merged: Node, key: str, value: Any, texts: bool) -> None:
        """Apply one setting of the command line or the caller to the merged document."""
        line = f"{key}={value}" if texts else f"{key}: {value!r}"
        source = Source("--set" if texts else _("override"), (line,), numbered=False)
        at_key = Place(source, 0, 0, len(key))
        at_value = Place(source, 0, len(key) + (1 if texts else 2), max(1, len(str(value))))
        events = merged.value.get("events")
        said = key
        key = canonical_path(key, plain_of(events) if events is not None else ())
        key = today(key, self.type.model_fields)
        shape = find(self.type, key)
        if shape is None:
            unknown_path(Node(value, at_value, at_key), said, self.type, self.problems,
                         names_of_events(events), rung_called(merged, said))
            return
        node = self.read_value(value, at_value, at_key) if texts else placed(
            value, at_value, at_key)
        if node is not None and key in LISTS:
            self.laying.replace_list(key, node, shape)
            return
        if node is not None and self.of_distribution(merged, key, node, at_key):
            return
        made = convert(node, shape, said, self.problems) if node is not None else None
        if made is None:
            return
        *parents, last = steps(key)
        if parents and parents[0] in LISTS and parents[0] not in merged.value:
            no_rung(at_key, said, 0, self.problems)
            return
        if parents and parents[0] == "events" and last in WHEN:
            self.retime(merged, int(parents[1]), at_key, said)
        at = merged
        for step, part in enumerate(parents):
            if isinstance(at.value, list):
                if int(part) >= len(at.value):
                    no_rung(at_key, said, len(at.value), self.problems)
                    return
                at = at.value[int(part)]
            else:
                if part not in at.value or not isinstance(at.value[part].value, (dict, list)):
                    known = schema.regime_settings(plain_of(merged)) if step == 0 else {}
                    around = find(self.type, ".".join(parents[: step + 1]))
                    empty: Any = [] if around is not None and around.kind == "list" else {}
                    at.value[part] = placed(known.get(part, empty), at_value, at_key)
                at = at.value[part]
        if isinstance(at.value, list):
            if int(last) >= len(at.value):
                no_rung(at_key, said, len(at.value), self.problems)
            elif made.value is None:
                self.problems.add(at_value, said, _("an entry of a list cannot be empty"))
            else:
                at.value[int(last)] = made
        elif isinstance(at.value.get(last), Node) and isinstance(made.value, dict) \
                and not isinstance(value, Whole):
            at.value[last] = laid(at.value[last], made)
        elif made.value is None:
            at.value.pop(last, None)
        else:
            at.value[last] = made

    def of_distribution(self, merged: Node, key: str, node: Node, at_key: Place) -> bool:
        """Set one number of a distribution; return whether the key names such a number.

        The family and the other numbers stay those of the distribution so far, which may be a default.
        """
        parent, _dot, last = key.rpartition(".")
        shape = find(self.type, parent) if parent else None
        if shape is None or shape.kind != "distribution" or not parent.count("."):
            return False
        section, name = parent.split(".", 1)
        if section not in merged.value or not isinstance(merged.value[section].value, dict):
            merged.value[section] = Node({}, node.place, at_key)
        there = merged.value[section].value.get(name)
        if there is None:
            there = placed(shape.default, node.place, at_key)
        if not isinstance(there.value, dict) or last == "dist":
            there = Node({}, node.place, at_key)
        made = convert(Node({**there.value, last: node}, node.place, at_key), shape, parent,
                       self.problems)
        if made is not None:
            merged.value[section].value[name] = made
        return True

    def retime(self, merged: Node, number: int, at_key: Place, said: str) -> None:
        """Remove the old time of an event, whichever key gave it, before a new one is set."""
        entries = merged.value["events"].value
        if number < len(entries):
            entry = entries[number]
            entries[number] = Node({key: node for key, node in entry.value.items()
                                    if key not in (*WHEN, "delay")}, entry.place, entry.key)

    def read_value(self, text: str, place: Place, key: Place) -> Node | None:
        """Return what a value on the command line means: a scalar, or a map or list in brackets."""
        if not text.startswith(("{", "[", "'", '"')):
            return Node(plain(text), place, key)
        node = parse(Source("--set", (text,), numbered=False), self.problems)
        return Node(node.value, place, key) if node is not None else None

    # -- the whole ------------------------------------------------------------------------------

    def check_paths(self, merged: Node) -> None:
        """Check the files other than code that a scenario names."""
        for key in FILES:
            section, name = key.split(".")
            around = merged.value.get(section)
            node = around.value.get(name) if around is not None and isinstance(
                around.value, dict) else None
            if node is None or not isinstance(node.value, str):
                continue
            origin = self.labels.get(node.place.source.name)
            # A path on the command line is relative to the current folder.
            path = Path(node.value) if origin is None else self.beside(node, key, origin)
            if path is not None and (origin is not None or key != "network.path") \
                    and not path.is_file():
                self.problems.add(node.place, key, _("there is no file {found}").format(
                    found=shown(node.value)))
            elif path is not None:
                node.value = str(path.absolute())  # independent of the current folder

    def validated(self, merged: Node) -> schema.Scenario | None:
        """Return the record; record problems of settings that do not fit together where they stand."""
        try:
            if self.like is not None:
                return self.like.again(plain_of(merged))
            scenario = self.type.made(plain_of(merged))
        except ValidationError as error:
            self.blame(error, merged)
            return None
        except (ValueError, TypeError, OverflowError) as error:
            self.problems.add(merged.place, "", clean(error))
            return None
        scenario._compose = self.compose
        return scenario

    def blame(self, error: ValidationError, merged: Node, path: str = "") -> None:
        """Record problems of settings that do not fit together at their place in the document."""
        for one in error.errors(include_url=False, include_input=False):
            node, key = nearest_node(merged, one["loc"])
            cause = one.get("ctx", {}).get("error")
            if isinstance(cause, TimelineError) and "events" in merged.value:
                event = merged.value["events"].value[cause.index]
                if event.place in self.problems.spoilt:
                    continue
                node = event.value.get(cause.key, event)
                if cause.key != "tied_to" or not self.laying.untied(event, node):
                    self.problems.add(node.place, f"events.{cause.index}", str(cause))
                continue
            if (one["type"] != "value_error" and len(self.problems)) or node.place in self.problems.spoilt:
                continue  # may be missing only because its value was wrong and removed
            if one["type"] == "missing":
                what, key = _("is missing"), ".".join(str(part) for part in one["loc"])
            elif one["type"] in ("value_error", "assertion_error"):
                what = clean(str(one.get("ctx", {}).get("error", one["msg"])))
                place = getattr(one.get("ctx", {}).get("error"), "index", None)
                if place is not None and isinstance(node.value, list) and place < len(node.value):
                    node, key = node.value[place], f"{key}.{place}"
            else:
                what = clean(one["msg"])
            self.problems.add(
                node.place if isinstance(node.value, (dict, list)) and node.key is None
                else node.named, path or key, what)


def _named(documents: list[Node], key: str) -> list[Node]:
    """Return the entries of ``rules.KEY`` in the first of the documents that has it."""
    for root in documents:
        section = root.value.get("rules")
        entries = section.value.get(key) if section is not None and isinstance(
            section.value, dict) else None
        if entries is not None:
            return entries.value if isinstance(entries.value, list) else []
    return []

"""Reading YAML 1.2 from untrusted files into nodes that know their place in the file.

Size, line length and encoding are checked before parsing, depth while parsing. Anchors,
aliases, tags, directives and duplicate keys are refused: a scenario is plain data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import FilesError
from sim.scenario.problems import Place, Problems, Source, about_hidden, clean, hidden
from sim.texts import _
from sim.texts.reasons import reason_of

if TYPE_CHECKING:
    from sim.scenario.timeline import Event

__all__ = ["Node", "parse", "read_source"]

MAX_BYTES = 100_000
MAX_LINE = 2_000
DEEPEST = 12

_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_NO_BREAK = re.compile("[\u00a0\u2007\u202f]|(?<=:)\u3000")
"""Spaces that word processors and input methods write instead of the plain one."""
_WIDE_COLON = re.compile(r"^\s*(?:- )?[{]?\s*[\w.]+\s*(：)")
_WIDE = {"：": ":", "，": ",", "｛": "{", "｝": "}", "［": "[", "］": "]", "－": "-", "＃": "#"}


@dataclass
class Node:
    """A map (`value` is a dict of nodes), a list (of nodes) or a scalar, with its place in the file."""

    value: Any
    place: Place
    key: Place | None = None
    """Where the key stands that names this node."""

    @property
    def named(self) -> Place:
        """Place of the key, or of the value where there is no key."""
        return self.key or self.place


def read_source(path: Path, name: str, problems: Problems) -> Source | None:
    """Return the text of a file, or None after recording its problems.

    Raises
    ------
    FilesError
        When the file cannot be read at all.
    """
    nowhere = Place(Source(name))
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FilesError(f"{name}: {reason_of(error)}") from error
    if len(data) > MAX_BYTES:
        problems.add(nowhere, "", _(
            "larger than {limit} bytes; a scenario is a page or two").format(limit=MAX_BYTES))
        return None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        problems.add(nowhere, "", _("written in UTF-16; save it as UTF-8"))
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n")
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1)
        problems.add(
            Place(Source(name), line, column), "",
            _("not written in UTF-8 (perhaps GBK); save it as UTF-8"))
        return None
    text = _NO_BREAK.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    source = Source(name, tuple(text.split("\n")))
    return source if _lines_are_sane(source, problems) else None


def _lines_are_sane(source: Source, problems: Problems) -> bool:
    before = len(problems)
    for number, line in enumerate(source.lines):
        if problems.full:
            break
        if len(line) > MAX_LINE:
            problems.add(Place(source, number), "", _(
                "a line of more than {limit} characters").format(limit=MAX_LINE))
            continue
        body = line.split(" #")[0]
        indent = len(line) - len(line.lstrip(" \t\u3000"))
        for column in range(indent):
            if line[column] != " ":
                problems.add(
                    Place(source, number, column), "",
                    _("indented with a tab or a wide space; use plain spaces"))
                break
        if wide := _WIDE_COLON.match(body):
            problems.add(
                Place(source, number, wide.start(1)), "",
                _("full-width '{found}'; write '{wanted}' and a space").format(
                    found="：", wanted=":"))
        if letter := hidden(line):
            problems.add(Place(source, number, line.index(letter)), "", about_hidden(letter))
    return len(problems) == before


class _StopError(Exception):
    """The document cannot be read any further; the problem has been recorded."""


def parse(source: Source, problems: Problems) -> Node | None:
    """Return the document as nodes, or None after recording its problem."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    text = "\n".join(source.lines)
    try:
        builder = _Builder(source, problems)
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
        return builder.root or Node({}, Place(source))
    except _StopError:
        return None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(source, mark.line, mark.column) if mark else Place(source)
        problems.add(place, "", _explain(error, place))
    except (YAMLError, ValueError) as error:
        problems.add(Place(source), "", _("cannot be read as YAML: {what}").format(
            what=clean(error)))
    except RecursionError:
        problems.add(Place(source), "", _("nested too deeply"))
    return None


def _explain(error: Any, place: Place) -> str:
    """Return what a YAML syntax error means, for somebody who has never written YAML."""
    what = str(error.problem or error.context or "")
    lines = place.source.lines
    line = lines[place.line] if place.line < len(lines) else ""
    wide = next((letter for letter in _WIDE if letter in line), None)
    if wide:
        return _("full-width '{found}'; write '{wanted}' and a space").format(
            found=wide, wanted=_WIDE[wide])
    if "\\t" in what or "\t" in line[: place.column + 1]:
        return _("a tab; use plain spaces")
    if "mapping values are not allowed" in what:
        return _("a second ':' or a line that is indented too far; keys of one level start in "
                 "the same column, and a text with ': ' needs quotes")
    if "flow" in str(error.context):
        return _("a bracket is not closed, or a comma is missing between two entries")
    if "quoted scalar" in str(error.context):
        return _("a quotation mark is not closed")
    if "could not find expected ':'" in what or "simple key" in str(error.context):
        return _("a ':' is missing after the key")
    if "block" in str(error.context):
        return _("indented differently from the lines above; keys of one level start in the same "
                 "column")
    return _("cannot be read as YAML: {what}").format(what=clean(what))


class _Builder:
    """Builds nodes from the parser's events."""

    def __init__(self, source: Source, problems: Problems) -> None:
        self.source, self.problems = source, problems
        self.root: Node | None = None
        self.stack: list[Node] = []
        self.keys: list[Node | None] = []
        """For each open map, the key that waits for its value; None in lists."""
        self.documents = 0

    def place(self, event: Event) -> Place:
        start, end = event.start_mark, event.end_mark
        same = end.line == start.line and end.column > start.column
        width = end.column - start.column if same else 1
        return Place(self.source, start.line, start.column, width)

    def refuse(self, event: Event, what: str) -> None:
        self.problems.add(self.place(event), "", what)
        raise _StopError

    def take(self, event: Event) -> None:
        kind = type(event).__name__
        if kind == "DocumentStartEvent":
            self.documents += 1
            if self.documents > 1:
                self.refuse(event, _("a second document ('---'); one file is one scenario"))
            if getattr(event, "version", None) or getattr(event, "tags", None):
                self.refuse(event, _("a YAML directive ('%'); remove it"))
        elif kind == "AliasEvent":
            self.refuse(event, _("an alias ('*'); write the value out"))
        elif kind in ("MappingStartEvent", "SequenceStartEvent", "ScalarEvent"):
            if event.anchor:
                self.refuse(event, _("an anchor ('&'); use `extends` to share settings"))
            if event.tag and str(event.tag) not in ("None", ""):
                self.refuse(event, _("a tag ('!'); scenarios are plain data"))
            if kind == "ScalarEvent":
                if letter := hidden(event.value):  # written as an escape such as "\\e"
                    self.refuse(event, about_hidden(letter))
                self.put(Node(_scalar(event), self.place(event)), event)
            else:
                self.put(Node({} if kind[0] == "M" else [], self.place(event)), event, opens=True)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self.stack.pop()
            self.keys.pop()

    def put(self, node: Node, event: Event, *, opens: bool = False) -> None:
        if len(self.stack) >= DEEPEST:
            self.refuse(event, _("nested more than {limit} levels deep").format(limit=DEEPEST))
        if not self.stack:
            self.root = node
        elif isinstance(self.stack[-1].value, list):
            self.stack[-1].value.append(node)
        elif self.keys[-1] is None:
            self.name(node, event)
            return
        else:
            key, self.keys[-1] = self.keys[-1], None
            node.key = key.place
            self.stack[-1].value[key.value] = node
        if opens:
            self.stack.append(node)
            self.keys.append(None)

    def name(self, key: Node, event: Event) -> None:
        if isinstance(key.value, (dict, list)):
            self.refuse(event, _("a key must be a name, not a map or a list"))
        # Keys are texts: `1:` and `"1":` are the same name.
        key.value = str(event.value)
        if key.value == "<<":
            self.refuse(event, _("a merge key ('<<'); use `extends` to share settings"))
        if key.value in self.stack[-1].value:
            first = self.stack[-1].value[key.value].named
            self.refuse(event, _("'{key}' appears twice; it is first in line {line}").format(
                key=clean(key.value, 60), line=first.line + 1))
        self.keys[-1] = key


def _scalar(event: Event) -> Any:
    """Return the value of a scalar by the core schema of YAML 1.2."""
    text = event.value
    if event.style in ("'", '"', "|", ">"):
        return Quoted(text)
    return plain(text)


class Quoted(str):
    """A text in quotation marks, which is never read as a number."""

    __slots__ = ()


class Huge(str):
    """A number with more digits than any quantity needs, kept as text."""

    __slots__ = ()


def plain(text: str) -> Any:
    """Return the value of an unquoted scalar: null, a flag, a number or a text."""
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text):
        return True
    if _FALSE.fullmatch(text):
        return False
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) <= 40 else Huge(text)
    if _FLOAT.fullmatch(text):
        return float(text) if len(text) <= 60 else Huge(text)
    if _SPECIAL.fullmatch(text):
        return float(text.replace(".", "", 1))
    return text

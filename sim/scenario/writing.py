"""Writing a scenario made in Python to a file that every command reads."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.texts import _

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["plain", "save", "yaml_text"]


def plain(value: object) -> Any:
    """Return a record, a tuple or a numpy scalar as plain data."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"a {type(value).__name__} is no plain data")


def yaml_text(said: Mapping[str, object]) -> str:
    """Return plain data as the text of a scenario file."""
    from ruamel.yaml import YAML

    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    text = io.StringIO()
    writer.dump(said, text)
    return text.getvalue()


def save(scenario: Scenario, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Write a scenario to a file, and the code of its custom rules beside it.

    Raises
    ------
    UsageError
        When the file exists, or when Python code composed the rules, which no file can hold.
    """
    target = Path(path)
    if target.suffix.lower() not in (".yaml", ".yml"):
        raise UsageError(_("a scenario file ends in .yaml, not '{name}'").format(name=target.name))
    if scenario._composition is not None:
        raise UsageError(_(
            "the rules of this scenario were composed in Python, and a file cannot hold them: write "
            "them into a Python file and name it in `rules.files`"))
    said = json.loads(json.dumps(scenario.given, default=plain))
    texts = {}
    code = getattr(scenario._compose, "files", ())
    if code:
        said["rules"]["files"] = [Path(file.path).name for file in code]
        texts = {Path(file.path).name: file.text for file in code}
    for name, text in texts.items():
        beside = target.with_name(name)
        if beside.exists() and beside.read_text(encoding="utf-8") != text:
            raise UsageError(_("{path} is there already and holds something else").format(path=beside))
    if target.exists() and not overwrite:
        raise UsageError(_("{path} is there already; write save(..., overwrite=True)").format(
            path=target))
    for name, text in texts.items():
        target.with_name(name).write_text(text, encoding="utf-8", newline="\n")
    target.write_text(yaml_text(said), encoding="utf-8", newline="\n")
    return target

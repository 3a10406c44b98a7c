"""Documents with generated blocks: the model, and the architecture.

Blocks between ``<!-- from the code: NAME -->`` and ``<!-- end -->`` are generated; the rest is written
by hand. ``python -m sim.studies.document docs/model.md docs/architecture.md`` renews the blocks, and a
test fails if they do not match the code.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import FilesError

if TYPE_CHECKING:
    from sim.kernel.plain import Data, SomeData

__all__ = ["BLOCKS", "filled"]

BLOCK = re.compile(r"(<!-- from the code: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def filled(text: str) -> str:
    """Return the document with every block renewed.

    Raises
    ------
    KeyError
        For an unknown block.
    """
    return BLOCK.sub(lambda found: f"{found[1]}\n{BLOCKS[found[2]]()}\n\n{found[4]}", text)


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines)


def entities() -> str:
    """Return the state of persons, resellers and the brand, column by column."""
    from sim.market import persons, resellers
    from sim.market.brand import BrandState

    parts = []
    for title, table in (
        ("Person", persons.COLUMNS),
        ("Reseller (one row for each who ever joined)", resellers.COLUMNS),
    ):
        rows = [(f"`{c.name}`", c.unit, c.meaning + (" (within one week)" if c.passing else ""))
                for c in table]
        parts.append(f"**{title}**\n\n{_table(('column', 'unit', 'meaning'), rows)}")
    brand = [(f"`{name}`", meaning) for name, meaning in _documented(BrandState)]
    parts.append(f"**Brand**\n\n{_table(('quantity', 'meaning'), brand)}")
    return "\n\n".join(parts)


def _documented(kind: type) -> list[tuple[str, str]]:
    """Return the fields of a class that have a docstring below them."""
    body = ast.parse(inspect.cleandoc(inspect.getsource(kind))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = []
    for field, text in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) \
                and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            found.append((field.target.id, str(text.value.value)))
    return found


def week() -> str:
    """Return the plan of the week."""
    from sim.regimes import REGIMES

    names = {regime.names for regime in REGIMES.values()}
    assert len(names) == 1, "the document shows one week for all regimes"
    rules: Any = next(iter(REGIMES.values())).rules
    return _table(("", "part of the week", "rule", "reads", "writes"), [
        (place, rule.phase, f"`{rule.name()}`", *(
            ", ".join(f"`{name}`" for name in names) for names in (rule.reads, rule.writes)))
        for place, rule in enumerate(rules, start=1)
    ])


def owners() -> str:
    """Return which rules write and read each column, and each field of the brand and the market."""
    from sim.regimes import REGIMES

    rules: Any = next(iter(REGIMES.values())).rules
    names = sorted({name for rule in rules for name in (*rule.reads, *rule.writes)})
    return _table(("column", "written by", "read by others"), [
        (f"`{name}`", *(
            ", ".join(f"`{rule.name()}`" for rule in rules if name in getattr(rule, side))
            for side in ("writes", "reads")))
        for name in names
    ])


def _rule(rule: Any) -> str:
    text = inspect.cleandoc(rule.__doc__ or "")
    carried = ", ".join(sorted(rule.off))
    head = f"#### `{rule.name()}`" + (f" ({carried})" if carried else "")
    rows = []
    for name, field in rule.model_fields.items():
        extra = field.json_schema_extra or {}
        if name == "enabled":
            continue
        bounds = [next((getattr(m, side) for m in field.metadata if hasattr(m, side)), "")
                  for side in ("ge", "le")]
        default = field.get_default(call_default_factory=True)
        if extra.get("control"):
            control, low, high = extra["control"]
            default = f"{low} to {high} with `{control}`"
        rows.append((f"`{name}`", field.description, default, f"{bounds[0]}..{bounds[1]}",
                     extra.get("unit", ""), extra.get("source", "")))
    if not rows:
        return f"{head}\n\n{text}"
    return f"{head}\n\n{text}\n\n" + _table(
        ("parameter", "meaning", "default", "bounds", "unit", "source"), rows)


def rules() -> str:
    """Return every rule of the week with its formula, source and parameters."""
    from sim.regimes import PYRAMID

    return "\n\n".join(_rule(rule) for rule in PYRAMID.rules)


def further() -> str:
    """Return the rules that no regime uses."""
    from sim.regimes.further import FURTHER

    return "\n\n".join(_rule(rule) for rule in FURTHER)


def settings() -> str:
    """Return the parameters of the market itself."""
    from sim.scenario.manual import settings as rows

    sections = ("controls", "network", "people", "offer", "tiers", "production")
    return _table(("parameter", "meaning", "default", "bounds", "unit", "source"), [
        (f"`{row['name']}`", row["meaning"], "" if row["default"] is None else row["default"],
         "" if row["low"] is None and row["high"] is None else f"{row['low']}..{row['high']}",
         row["unit"] or "", row["source"] or "")
        for section in sections for row in rows(section) if "." in row["name"]
    ])


def regimes() -> str:
    """Return the settings in which the two regimes differ."""
    from sim.regimes import REGIMES

    return _table(("setting", *REGIMES), [
        (f"`{path}`", *(_flat(regime.settings).get(path, "") for regime in REGIMES.values()))
        for path in sorted({p for regime in REGIMES.values() for p in _flat(regime.settings)})
    ])


def _flat(settings: SomeData) -> Data:
    return {f"{section}.{name}": value for section, values in settings.items()
            for name, value in values.items()}


def outputs() -> str:
    """Return every column of the tables of a run."""
    from sim.market.outputs import COHORTS, RESELLERS, TIERS, WEEKLY

    return "\n\n".join(
        f"**{name}**\n\n" + _table(("column", "unit", "meaning"), [
            (f"`{column.name}`", column.unit, column.meaning) for column in table])
        for name, table in (("weekly", WEEKLY), ("tiers", TIERS), ("cohorts", COHORTS),
                            ("resellers", RESELLERS)))


def limits() -> str:
    """Return the closed forms."""
    from sim.scenario.load import load
    from sim.studies.limits import LIMITS

    return _table(("name", "what", "week", "source"), [
        (f"`{limit.name}`", scenario.title, ", ".join(f"`{name}`" for name in scenario.rules.week),
         limit.source)
        for limit in LIMITS.values() for scenario in [load(f"limits/{limit.name}")]
    ])


def facts() -> str:
    """Return the stylised facts, with the settings chosen to meet them."""
    from sim.studies.facts import FACTS

    return _table(("", "fact", "band", "source", "set to meet it"), [
        (fact.name, fact.statement, f"{fact.low:g}..{fact.high:g}", fact.source,
         fact.chosen or "nothing: a prediction") for fact in FACTS
    ])


BLOCKS: dict[str, Callable[[], str]] = {
    block.__name__: block for block in (
        entities, week, owners, rules, further, settings, regimes, outputs, limits, facts)
}
"""The function that writes each block."""


def main(*paths: Path) -> None:
    """Renew the blocks of documents in place.

    Raises
    ------
    FilesError
        When a file cannot be read or written.
    """
    for path in paths:
        try:
            path.write_bytes(filled(path.read_text("utf-8")).encode())
        except OSError as error:
            raise FilesError(f"{path}: {error.strerror or error}") from None


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

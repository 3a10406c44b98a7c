"""The reference of settings, outputs and effects in docs/, from the declarations.

    python -m tests.scenario.reference      # writes docs/reference.md and docs/reference.zh.md
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.scenario.manual import columns, effects, sections, settings, source_in_words
from sim.scenario.resolved import said
from sim.texts import _, use_language

DOCS = Path(__file__).parents[2] / "docs"
FILES = {"en": DOCS / "reference.md", "zh": DOCS / "reference.zh.md"}
TITLES = {
    "en": ("Reference", "Written by `python -m tests.scenario.reference`; a test keeps it in step.",
           "Settings", "Columns of the results", "Effects and what switches them off"),
    "zh": ("参考手册", "由 `python -m tests.scenario.reference` 生成；有测试保证其不过时。",
           "参数", "结果的各列", "效应及其关闭方法"),
}


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _row(*cells: Any) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _head(*names: str) -> list[str]:
    return [_row(*(_(name) for name in names)), _row(*("---" for _name in names))]


def _allowed(row: dict[str, Any]) -> str:
    if row["choices"]:
        return ", ".join(row["choices"])
    if row["low"] is None and row["high"] is None:
        return ""
    return " … ".join("" if bound is None else said(float(bound))
                      for bound in (row["low"], row["high"]))


def _default(row: dict[str, Any]) -> str:
    if row["required"]:
        return _("must be given")
    if row["control"]:
        name, low, high = row["control"]
        return f"{name}: {said(low)} … {said(high)}"
    return said(row["default"]) if row["default"] not in (None, "", ()) else ""


def reference(language: str) -> str:
    """Return the reference in one language."""
    use_language(language)
    try:
        title, note, first, second, third = TITLES[language]
        parts = [f"# {title}", "", note, "", f"## {first}"]
        rows = settings()
        alone = [row for row in rows if "." not in row["name"]]
        parts += ["", *_settings(alone)]
        for section, meaning in sections().items():
            mine = [row for row in rows if row["name"].startswith(f"{section}.")]
            if mine:
                parts += ["", f"### {section}", "", _(meaning), "", *_settings(mine)]
        parts += ["", f"## {second}", "", *_head("table", "column", "unit", "meaning")]
        parts += [_row(row["table"], f"`{row['name']}`", _(row["unit"]), _(row["meaning"]))
                  for row in columns()]
        parts += ["", f"## {third}", "", *_head("effect", "carried by", "switched off by")]
        parts += [_row(f"{row['id']} {_(row['title'])}", row["rule"], ", ".join(
            f"`{name}={said(value)}`" for name, value in row["off"].items()))
            for row in effects()]
        return "\n".join(parts) + "\n"
    finally:
        use_language("en")


def _settings(rows: list[dict[str, Any]]) -> list[str]:
    return [
        *_head("setting", "meaning", "unit", "allowed", "default", "source"),
        *(_row(f"`{row['name']}`", _(row["meaning"]), _(row["unit"]), _allowed(row),
               _default(row), source_in_words(row["source"])) for row in rows),
    ]


if __name__ == "__main__":
    for spoken, path in FILES.items():
        path.write_text(reference(spoken), encoding="utf-8")

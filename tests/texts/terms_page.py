"""docs/terms.md, made of the list of terms.

    python -m tests.texts.terms_page     # writes it again
"""

from __future__ import annotations

from pathlib import Path

from sim.texts.terms import TERMS

__all__ = ["PAGE", "page"]

PAGE = Path(__file__).parents[2] / "docs" / "terms.md"
HEAD = """# One word for one thing 术语表

Made from `sim/texts/terms.py` by `python -m tests.texts.terms_page`; tests hold both catalogues and
the texts of the pictures to it. `weishang describe WORD` searches it in both languages, and
`weishang describe glossary` prints it.

本表由 `sim/texts/terms.py` 生成；测试保证程序里的中英文都照此用词。`weishang describe 动销` 可查任何一个词。

| English | 中文 | meaning · 含义 | people also say 也叫 | never 不用 |
|---|---|---|---|---|
"""


def page() -> str:
    """Return the text of the page."""
    return HEAD + "".join(
        f"| {term.en} | {term.zh} | {term.meaning_en}<br>{term.meaning_zh} "
        f"| {', '.join(term.also)} | {', '.join(term.never)} |\n" for term in TERMS)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

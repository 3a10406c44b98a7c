"""The two READMEs say the same, and what they show exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.cli.app import COMMANDS

ROOT = Path(__file__).parents[2]
TEXTS = {name: (ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh.md")}


def of_both(pattern):
    return [re.findall(pattern, text, re.MULTILINE | re.DOTALL) for text in TEXTS.values()]


def test_same_sections():
    english, chinese = of_both(r"^(#+) ")
    assert english == chinese


def test_same_commands_and_code():
    english, chinese = of_both(r"```.*?```")
    assert english == [block.replace('lang="zh"', 'lang="en"') for block in chinese]


def test_same_names_in_passing():
    english, chinese = of_both(r"(?<!`)`([^`\n]+)`(?!`)")
    assert set(english) <= set(chinese)
    assert set(chinese) - set(english) <= {"--lang zh"}


def test_same_links_and_pictures():
    english, chinese = of_both(r"\]\(([^)]+)\)")
    turned = [link.replace("-zh.png", "-en.png") for link in chinese]
    assert english[0] == "README.zh.md"
    assert turned[0] == "README.md"
    assert english[1:] == turned[1:]


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_shown_exists(name):
    for link in re.findall(r"\]\(([^)]+)\)", TEXTS[name]):
        assert (ROOT / link).exists(), link
    for command in re.findall(r"^weishang (\w+)", TEXTS[name], re.MULTILINE):
        assert command in COMMANDS


def test_python_of_the_readme_runs():
    code = re.search(r"```python\n(.*?)```", TEXTS["README.md"], re.DOTALL)
    assert code is not None
    exec(compile(code[1], "README.md", "exec"), {})

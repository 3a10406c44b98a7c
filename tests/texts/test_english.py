"""English as a native engineer writes it: phrases that stumble do not come back.

Code (comments, docstrings, messages), documents and shipped scenarios are held to the list; each
phrase says what to write instead.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTEAD = {
    r"\bone's own\b": "custom rules, your own",
    r"\bliv(e|es|ing) (a|the) (run|week)\b": "run",
    r"\bLive this rule\b": "say what the rule does",
    r"\bnothing was to do\b|\bwere there already\b": "nothing to do; already exist",
    r"\b(is|are|was) there twice\b": "appears twice",
    r"\bahead of need\b": "prefetch",
    r"\bold channel\b": "legacy channel",
    r"\bfrom which on\b": "above which, beyond which, from ... on",
    r"\bruns? which are there already\b|\bthat is there already\b": "existing runs",
    r"\bbought of the brand\b|\bbuys? of (whom|people)\b": "buy from",
    r"\b(MOST|LEAST|LONGEST)_[A-Z]": "MAX_, MIN_",
    r"\bbr(ing|ings|ought) [a-z]+ ?along\b|\bbrings? along\b": "brings, contains",
    r"(?<!there )\bis no (rule|number|scenario|list|map)\b": "is not a ...",
    r"too small to hold is missing": "are left out",
}
FILES = [
    *sorted((ROOT / "sim").rglob("*.py")), *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "scenarios").rglob("*.yaml")), ROOT / "README.md",
]
KEYS = re.compile(r"luck\(f?\"[^\"]*\"")
"""Keys of luck keep their words: other words are other luck, and so other numbers."""


@pytest.mark.parametrize("phrase", INSTEAD)
def test_nobody_writes(phrase: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in FILES for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(phrase, KEYS.sub("", line))]
    assert not found, f"write: {INSTEAD[phrase]}\n" + "\n".join(found[:20])


def test_the_list_finds_what_it_is_about() -> None:
    for line in ("rules of one's own", "to live a run", "nothing was to do: these runs were there already",
                 "a measure is there twice", "MOST_SEEDS = 3", "is no rule: derive it from",
                 "weeks from which on", "runs which are there already", "buy of people", "bring code along",
                 "what blocks are too small to hold is missing"):
        assert any(re.search(phrase, line) for phrase in INSTEAD), line

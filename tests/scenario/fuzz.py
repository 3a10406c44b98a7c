"""Mutated scenarios: whatever a file says, the answer is a scenario or clear sentences.

    python tests/scenario/fuzz.py --count 10000 --seed 1

Each mutation of a shipped scenario must load, or be refused as a `ScenarioError` of at most twenty
problems whose texts are short and hold no control characters; nothing else may be raised.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

from sim.errors import ScenarioError
from sim.scenario.load import load, shipped, shipped_path
from sim.scenario.manual import settings

HOSTILE = [
    "nan", ".nan", ".inf", "-.inf", "-5", "true", "'12'", "100000000000000000000", "1e400", "null",
    "~", "", "[]", "{}", "[1, 2]", "{a: 1}", "１２", "12,000", "5万", "80%", "3 apples", "*x", "&x 1",
    "!!python/object:os.system x", "<<: {a: 1}", "\t", "：", "，", "\u202e", "\x1b[31m", "\x00",
    "0x10", "1_000", "'", '"', "[", "}", "- ", "? ", "| ", "> ", "%", "@", "`", "#", "𝟙", "\ufeff",
    "9" * 400, "a" * 3000, "[" * 50, "{a: " * 30, "yes", "no", "2020-01-01", "1:30", "=", "-", "0",
]
FIELD_VALUES = [".nan", ".inf", "-5", "true", '"12"', "100000000000000000000"]


def mutate(text: str, luck: random.Random) -> str:
    """Return `text` with one to four small damages."""
    for _ in range(luck.randint(1, 4)):
        lines = text.split("\n")
        at = luck.randrange(len(lines))
        line = lines[at]
        kind = luck.randrange(11)
        if kind == 0:
            del lines[at]
        elif kind == 1:
            lines.insert(at, line)
        elif kind == 2:
            head, colon, _tail = line.partition(": ")
            lines[at] = head + colon + luck.choice(HOSTILE) if colon else luck.choice(HOSTILE)
        elif kind == 3 and line:
            where = luck.randrange(len(line))
            lines[at] = line[:where] + luck.choice(HOSTILE) + line[where:]
        elif kind == 4 and line:
            where = luck.randrange(len(line))
            lines[at] = line[:where] + line[where + 1 :]
        elif kind == 5 and len(line) > 1:
            where = luck.randrange(len(line) - 1)
            lines[at] = line[:where] + line[where + 1] + line[where] + line[where + 2 :]
        elif kind == 6:
            lines[at] = " " * luck.randint(0, 5) + line.lstrip()
        elif kind == 7:
            lines[at] = line.replace(": ", luck.choice([":", "：", " : ", ":\t", " = "]), 1)
        elif kind == 8:
            row = luck.choice(settings())
            section, _dot, name = row["name"].partition(".")
            lines.append(f"{section}: {{{name}: {luck.choice(HOSTILE)}}}" if name else
                         f"{section}: {luck.choice(HOSTILE)}")
        elif kind == 9:
            other = luck.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        else:
            row = luck.choice(settings())
            value = luck.choice(HOSTILE)
            lines.append(f"events: [{{week: {luck.choice(['3', value])}, "
                         f"set: {{{row['name']}: {value}}}, over: {luck.choice(['0', value])}}}]")
        text = "\n".join(lines)
    return text


def judge(path: Path) -> str:
    """Return 'loaded' or 'refused'; raise AssertionError for anything that is neither, cleanly."""
    start = time.perf_counter()
    problems: tuple[str, ...] = ()
    verdict = "loaded"
    try:
        load(path)
    except ScenarioError as error:
        problems, verdict = error.problems, "refused"
    assert (verdict == "refused") == (1 <= len(problems) <= 20), len(problems)
    for problem in problems:
        first = problem.split("\n")[0]
        assert str(path) in first, first
        assert len(first) < 1500, first
        assert not any(
            unicodedata.category(letter) in ("Cc", "Cf")
            for letter in problem.replace("\n", "")), repr(problem)
    taken = time.perf_counter() - start
    assert taken < 5.0, f"took {taken:.1f} s"
    return verdict


def mutated(count: int, seed: int, folder: Path) -> Counter[str]:
    """Judge `count` mutations of the shipped scenarios."""
    luck = random.Random(seed)
    texts = [shipped_path(name).read_text(encoding="utf-8")  # type: ignore[union-attr]
             for name in shipped() if "/" not in name]
    path, found = folder / "mutant.yaml", Counter[str]()
    for number in range(count):
        text = mutate(luck.choice(texts), luck)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            found[judge(path)] += 1
        except Exception:
            print(f"seed {seed}, mutant {number}:\n{text}", file=sys.stderr)
            raise
    return found


def fields(folder: Path, values: list[str] = FIELD_VALUES) -> Counter[str]:
    """Judge every numeric setting with every value that no number may have."""
    path, found = folder / "field.yaml", Counter[str]()
    for row in settings():
        if row["kind"] not in ("number", "whole number", "distribution"):
            continue
        for value in values:
            path.write_text(_with(row["name"], value), encoding="utf-8")
            verdict = judge(path)
            allowed: Any = value == "-5" and (row["low"] is None or row["low"] <= -5)
            huge = value.startswith("1000") and (row["high"] is None or row["high"] >= 1e20)
            assert verdict == "refused" or allowed or huge, f"{row['name']}: {value} was accepted"
            found[verdict] += 1
    return found


def _with(name: str, value: str) -> str:
    section, _dot, rest = name.partition(".")
    if section == "tiers":
        entry = {"name": "a", "price": "30", "first_order": "5", rest.partition(".")[2]: value}
        return "tiers: [{" + ", ".join(f"{key}: {item}" for key, item in entry.items()) + "}]\n"
    if section == "events":
        entry = {"week": "3", "set": "{controls.feedback: 1}", rest.partition(".")[2]: value}
        return "events: [{" + ", ".join(f"{key}: {item}" for key, item in entry.items()) + "}]\n"
    return f"{section}: {{{rest}: {value}}}\n" if rest else f"{section}: {value}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print("mutated scenarios:", dict(mutated(chosen.count, chosen.seed, Path(folder))))
        print("numeric settings:", dict(fields(Path(folder))))


if __name__ == "__main__":
    main()

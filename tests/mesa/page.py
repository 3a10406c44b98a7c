"""docs/mesa.md from the register of expectations: ``python -m tests.mesa.page`` writes it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.mesa.register import EXPECTATIONS

PAGE = Path(__file__).parents[2] / "docs" / "mesa.md"
TEXT = Path(__file__).parent / "mesa.md"
"""The hand-written part of the page."""

GROUPS = {
    "agents": "agents", "agent sets": "sets of agents", "doing and grouping": "acting and grouping",
    "models": "models", "collecting": "collecting data", "batches": "mesa.batch_run",
    "spaces": "spaces and grids",
}
WORLDS = {"rows": "persons", "own": "your own agents"}


def page() -> str:
    """Return the text of the page."""
    return (TEXT.read_text(encoding="utf-8")
            .replace("{summary}", "\n".join(_summary()))
            .replace("{refused}", "\n".join(_table("refused", "What is said")))
            .replace("{differs}", "\n".join(_table("differs", "What is so instead")))
            .replace("{same}", "\n".join(_same())))


def _summary() -> list[str]:
    total = Counter(one.group for one in EXPECTATIONS)
    lines = ["| about | expectations | persons | your own agents |", "|---|--:|--:|--:|"]
    for group, name in GROUPS.items():
        counts = [
            f"{sum(one.here(world) for one in mine)} of {len(mine)}"
            if (mine := [one for one in EXPECTATIONS if one.group == group and world in one.worlds])
            else "-" for world in WORLDS]
        lines.append(f"| {name} | {total[group]} | {' | '.join(counts)} |")
    return [*lines, f"| all | {len(EXPECTATIONS)} | | |"]


def _table(which: str, heading: str) -> list[str]:
    lines = [f"| on plain Mesa | here | {heading} |", "|---|---|---|"]
    rows = dict.fromkeys(
        (one.title, WORLDS[world], said.split("|")[0])
        for one in EXPECTATIONS for world, said in getattr(one, which).items() if world in WORLDS)
    return [*lines, *(f"| {title} | {world} | {said} |" for title, world, said in rows)]


def _same() -> list[str]:
    lines: list[str] = []
    for group, name in GROUPS.items():
        same = [one for one in EXPECTATIONS if one.group == group
                and all(one.here(world) for world in one.worlds if world in WORLDS)]
        cases = Counter(one.holds for one in same)
        firsts = {one.holds: one for one in reversed(same)}
        lines += ["", f"**{name[0].upper()}{name[1:]}**", ""]
        lines += [
            "- " + one.title + (f", and {cases[one.holds] - 1} more" if cases[one.holds] > 1 else "")
            + (f" (from Mesa {one.since} on)" if one.since > "3.3" else "")
            for one in reversed(firsts.values())]
    return lines[1:]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

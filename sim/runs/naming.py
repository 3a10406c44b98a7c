"""Names of scenarios in tables and in paths; those of two scenarios are never the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["distinct", "slug", "told_apart"]

DEVICES = re.compile("con|prn|aux|nul|(com|lpt)[0-9¹²³]")
"""File names that Windows reserves for devices."""


def slug(text: str) -> str:
    """Return a title as a file name: letters (of any script) and digits joined by hyphens.

    Windows reserves some names for devices, whatever follows the first dot.
    """
    name = re.sub(r"[^\w.]+", "-", text).strip("-._").lower()[:60].rstrip("-._") or "scenario"
    return f"scenario-{name}" if DEVICES.fullmatch(name.split(".")[0]) else name


def told_apart(labels: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Return titles, with the names of their files where they would be the same."""
    unnamed = {label for label, name in zip(labels, names, strict=True)
               if name == slug(label) or name.startswith(f"{slug(label)}-")}
    return distinct([
        label if labels.count(label) == 1 or label in unnamed else
        f"{label}({name})" if label.endswith("）") else f"{label} ({name})"
        for label, name in zip(labels, names, strict=True)])


def distinct(labels: Sequence[str], form: str = " ({})") -> tuple[str, ...]:
    """Return labels with numbers appended to those that are equal."""
    seen: dict[str, int] = {}
    out: list[str] = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        new = label if seen[label] == 1 else label + form.format(seen[label])
        while new in out:
            seen[label] += 1
            new = label + form.format(seen[label])
        out.append(new)
    return tuple(out)

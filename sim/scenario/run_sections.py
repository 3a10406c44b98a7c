"""Sections of a scenario about the run itself: custom rules, the week, and what is kept."""

from __future__ import annotations

import functools

from pydantic import Field, field_validator

from sim.kernel.settings import Settings, parameter
from sim.mechanisms.base import Mechanism
from sim.mechanisms.former_names import current_name
from sim.regimes import REGIMES
from sim.regimes.further import FURTHER
from sim.texts import _

__all__ = ["EntryError", "Outputs", "Rules", "mechanism_sections"]


@functools.cache
def mechanism_sections() -> dict[str, type[Mechanism]]:
    """Return every shipped rule by the name of its section."""
    sections: dict[str, type[Mechanism]] = {}
    for regime in REGIMES.values():
        for rule in regime.rules:
            if isinstance(rule, type):
                sections.setdefault(rule.name(), rule)
    for rule in FURTHER:
        sections.setdefault(rule.name(), rule)
    return sections


class EntryError(ValueError):
    """An entry of a list that does not fit the others; `index` says which one."""

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.index = index


class Outputs(Settings):
    """Tables that a run keeps beside the usual ones."""

    persons: bool = parameter(
        False, "flag", None, None, "keep what every person is and has at the end of the run")
    purchases: bool = parameter(
        False, "flag", None, None, "keep a log of all purchases: who, when, from whom, for how much")


class Rules(Settings):
    """Custom rules, and the rules of the week."""

    files: tuple[str, ...] = Field(
        default=(), strict=False, max_length=20,
        description="Python files with rules, beside the scenario; only with --allow-code")
    packages: tuple[str, ...] = Field(
        default=(), strict=False, max_length=20,
        description="installed packages that offer rules, by the name of their entry point")
    week: tuple[str, ...] = Field(
        default=(), strict=False, max_length=100,
        description="shipped rules that make up the week, in order; empty: those of the regime")

    @field_validator("week")
    @classmethod
    def _known(cls, week: tuple[str, ...]) -> tuple[str, ...]:
        week = tuple(current_name(name) for name in week)
        for place, name in enumerate(week):
            if name not in mechanism_sections():
                raise EntryError(_("there is no rule '{name}'; there are: {names}").format(
                    name=name[:60], names=", ".join(sorted(mechanism_sections()))), place)
            if name in week[:place]:
                raise EntryError(_("rule '{name}' appears twice").format(name=name), place)
        return week

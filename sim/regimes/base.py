"""What a regime is, and how one is made from another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from sim.mechanisms.base import PHASES, Mechanism
from sim.mechanisms.former_names import current_name, current_settings

__all__ = ["Regime"]

Rule = type[Mechanism] | Mechanism


def rule_name(rule: Rule) -> str:
    """Return the name of a rule, given as a class or as an instance."""
    return (rule if isinstance(rule, type) else type(rule)).name()


@dataclass(frozen=True, repr=False)
class Regime:
    """An ordered composition of rules.

    A rule given as a class takes its parameters from the scenario's section of the same name; a
    rule given as an instance brings them along.
    """

    name: str
    rules: tuple[Rule, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings that make the regime what it is; a scenario may override each of them."""

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for rule in self.rules:
            kind = rule if isinstance(rule, type) else type(rule)
            if not issubclass(kind, Mechanism):
                raise TypeError(f"{kind.__name__} is no rule: derive it from sim.Mechanism")
            if kind.phase not in PHASES:
                raise ValueError(
                    f"rule '{kind.name()}' has phase {kind.phase!r}; set `phase` to one of: "
                    + ", ".join(PHASES)
                )
            if kind.name() in seen:
                raise ValueError(
                    f"rule '{kind.name()}' is there twice; use replacing(...) or another name")
            seen.add(kind.name())
        object.__setattr__(self, "settings", current_settings(self.settings, self.names))

    def __repr__(self) -> str:
        return f"<Regime '{self.name}': {len(self.rules)} rules>"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the rules in the order of the week."""
        return tuple(rule_name(rule) for rule in self.rules)

    def replacing(self, name: str, rule: Rule) -> Self:
        """Return this regime with the rule `name` replaced; the rest of the week stays."""
        place = self._place(name)
        return replace(self, rules=(*self.rules[:place], rule, *self.rules[place + 1 :]))

    def without(self, *names: str) -> Self:
        """Return this regime without the rules of these names."""
        gone = {self._place(name) for name in names}
        kept = tuple(rule for place, rule in enumerate(self.rules) if place not in gone)
        return replace(self, rules=kept)

    def inserting(self, rule: Rule, *, after: str | None = None, before: str | None = None) -> Self:
        """Return this regime with a further rule after or before the one named."""
        if (after is None) == (before is None):
            raise ValueError("say either after=... or before=...")
        place = self._place(after or before or "") + (1 if after else 0)
        return replace(self, rules=(*self.rules[:place], rule, *self.rules[place:]))

    def _place(self, name: str) -> int:
        name = current_name(name, self.names)
        if name not in self.names:
            raise KeyError(f"no rule '{name}' in {self.name}; there are: {', '.join(self.names)}")
        return self.names.index(name)

"""The scenario: one frozen record of everything that a run depends on, but the seed.

Precedence, lowest first: the package's defaults; the settings of the regime; the parent that the
file extends; the file; ``--set``; events from their week on. Maps merge deeply, lists replace, and
``null`` restores the default.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from pydantic import ConfigDict, Field, PrivateAttr, create_model, field_validator

from sim.kernel.settings import Settings, parameter
from sim.market.network import Network
from sim.market.settings import Controls, Offer, People, Production, RegimeName, Tier
from sim.mechanisms.base import Mechanism
from sim.regimes import REGIMES, Regime

__all__ = ["Event", "InForce", "Scenario", "merge"]


class Event(Settings):
    """Something that changes settings in mid-run."""

    week: int = Field(ge=1, le=100_000, description="week from which on the settings hold")
    set: dict[str, Any] = Field(description="dotted names of settings and their new values")
    over: int = Field(0, ge=0, le=10_000, description="weeks over which numbers move linearly")
    note: str = Field("", description="what happens, shown on pictures")


@dataclass(frozen=True)
class InForce:
    """Settings of one week, with everything that follows a control filled in."""

    regime: str
    controls: Controls
    people: People
    network: Network
    offer: Offer
    tiers: tuple[Tier, ...]
    production: Production
    rules: tuple[Mechanism, ...]

    def rule(self, name: str) -> Any:
        """Return the rule of this name, or ``None`` when it takes no part in the week."""
        for rule in self.rules:
            if rule.name() == name:
                return rule
        return None


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `over` laid on it: maps merge deeply, the rest replaces, None removes."""
    result = dict(base)
    for name, value in over.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping) and isinstance(result.get(name), Mapping):
            result[name] = merge(result[name], value)
        else:
            result[name] = copy.deepcopy(value)
    return result


def put(data: dict[str, Any], path: str, value: Any) -> None:
    """Set ``a.b.c`` in nested maps (and ``tiers.0.price`` in lists) in place."""
    *parents, last = path.split(".")
    at: Any = data
    for part in parents:
        if isinstance(at, list):
            at = at[int(part)]
        else:
            at = at.setdefault(part, {})
    if isinstance(at, list):
        at[int(last)] = value
    elif value is None:
        at.pop(last, None)
    else:
        at[last] = value


def get(data: Any, path: str) -> Any:
    """Return the value at ``a.b.c`` of nested records, maps and lists."""
    for part in path.split("."):
        if isinstance(data, (list, tuple)):
            data = data[int(part)]
        elif isinstance(data, Mapping):
            data = data[part]
        else:
            data = getattr(data, part)
    return data


class _Scenario(Settings):
    """Everything that a run depends on, but the seed."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    title: str = Field("", max_length=200, description="shown on every picture")
    regime: RegimeName = parameter(
        "pyramid", "regime", None, None, "which rules hold: pyramid (1.0) or prosumer (2.0)")
    weeks: int = parameter(104, "weeks", 1, 5200, "length of the run")
    persons: int = parameter(20_000, "persons", 1, 100_000_000, "size of the market")
    seed: int = parameter(1, "seed", 0, 2**63 - 1, "seed of the run when none is given")
    controls: Controls = Field(default_factory=Controls, description="the three main controls")
    network: Network = Field(default_factory=Network, description="who knows whom")
    people: People = Field(default_factory=People, description="traits of persons")
    offer: Offer = Field(default_factory=Offer, description="what the brand sells")
    tiers: tuple[Tier, ...] = Field(
        (), strict=False, max_length=12, description="the ladder, top first")
    production: Production = Field(
        default_factory=Production, description="how the brand makes the goods")
    events: tuple[Event, ...] = Field((), strict=False, description="the timeline")
    expect: tuple[str, ...] = Field((), strict=False, description="reality checks")
    sources: dict[str, str] = Field(
        default_factory=dict, description="where single settings come from")
    rules: dict[str, Any] = Field(
        default_factory=dict, description="files with rules of one's own")

    _given: dict[str, Any] = PrivateAttr(default_factory=dict)
    _composition: Regime | None = PrivateAttr(default=None)

    @field_validator("tiers")
    @classmethod
    def _monotone(cls, tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
        for above, below in zip(tiers, tiers[1:], strict=False):
            if above.price > below.price or above.first_order < below.first_order:
                raise ValueError(
                    f"tiers run from the top down: '{below.name}' may not be cheaper than "
                    f"'{above.name}' nor start with more units"
                )
        return tiers

    # -- making one -------------------------------------------------------------------------

    @classmethod
    def of(cls, data: Mapping[str, Any] | None = None) -> Self:
        """Return the scenario that `data` (maps, lists, numbers) describes.

        Raises
        ------
        pydantic.ValidationError
            For unknown names, wrong types and values out of bounds.
        """
        given = merge({}, data or {})
        name = given.get("regime", "pyramid")
        known = REGIMES[name].settings if isinstance(name, str) and name in REGIMES else {}
        scenario = cls.model_validate(merge(known, given))
        scenario._given = given
        return scenario

    def changed(self, overrides: Mapping[str, Any]) -> Self:
        """Return this scenario with settings changed, by dotted names."""
        data = copy.deepcopy(self._given)
        for path, value in overrides.items():
            put(data, path, value)
        scenario = type(self).of(data)
        scenario._composition = self._composition
        return scenario

    def with_rules(self, regime: Regime) -> Self:
        """Return this scenario lived under a composition of one's own."""
        scenario = type(self).of(self._given)
        scenario._composition = regime
        return scenario

    @property
    def given(self) -> dict[str, Any]:
        """What was said explicitly, without defaults."""
        return copy.deepcopy(self._given)

    # -- the week ---------------------------------------------------------------------------

    def composition(self) -> Regime:
        """Return the regime: which rules act, in which order."""
        return self._composition or REGIMES[self.regime]

    def plan(self) -> tuple[Mechanism, ...]:
        """Return the rules of the week with the parameters that hold at the start."""
        controls = self.controls.following(self.controls)
        rules = []
        for rule in self.composition().rules:
            settings = getattr(self, rule.name()) if isinstance(rule, type) else rule
            if settings.enabled:
                rules.append(settings.following(controls))
        return tuple(rules)

    def settings(self) -> InForce:
        """Return the settings in force, every value that follows a control filled in."""
        return InForce(
            regime=self.regime, controls=self.controls.following(self.controls),
            people=self.people, network=self.network, offer=self.offer, tiers=self.tiers,
            production=self.production, rules=self.plan(),
        )

    def at(self, week: int) -> InForce:
        """Return the settings in force in `week`, after the events up to it."""
        if not self.changes_in(week):
            begun = [event for event in self.events if event.week <= week]
            if not begun:
                return self.settings()
        return self._after_events(week).settings()

    def changes_in(self, week: int) -> bool:
        """Return whether any event moves a setting in `week`."""
        return any(event.week <= week <= event.week + event.over for event in self.events)

    def _after_events(self, week: int) -> Self:
        data = copy.deepcopy(self._given)
        for event in sorted(self.events, key=lambda event: event.week):
            if event.week > week:
                break
            before = type(self).of(data)
            share = 1.0 if event.over == 0 else min(1.0, (week - event.week) / event.over)
            for path, value in event.set.items():
                if share < 1.0 and isinstance(value, (int, float)) and not isinstance(value, bool):
                    old = _number(before, path)
                    if old is not None:
                        moved = old + (value - old) * share
                        value = round(moved) if isinstance(value, int) and isinstance(old, int) \
                            else moved
                put(data, path, copy.deepcopy(value))
        scenario = type(self).of(data)
        scenario._composition = self._composition
        return scenario


def _number(scenario: Any, path: str) -> float | None:
    """Return the number in force at a dotted name, filled in from its control."""
    section, _, rest = path.partition(".")
    holder = getattr(scenario, section)
    if rest and isinstance(holder, Settings):
        holder = holder.following(scenario.controls.following(scenario.controls))
    value = get(holder, rest) if rest else holder
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    return None


@functools.cache
def mechanism_sections() -> dict[str, type[Mechanism]]:
    """Return every shipped rule by the name of its section."""
    sections: dict[str, type[Mechanism]] = {}
    for regime in REGIMES.values():
        for rule in regime.rules:
            if isinstance(rule, type):
                sections.setdefault(rule.name(), rule)
    return sections


Scenario: Any = create_model(
    "Scenario",
    __base__=_Scenario,
    __doc__=_Scenario.__doc__,
    **{
        name: (rule, Field(default_factory=rule, description=(rule.__doc__ or "").split("\n")[0]))
        for name, rule in mechanism_sections().items()
    },  # type: ignore[call-overload]
)
"""A scenario: the market, and one section for each rule."""

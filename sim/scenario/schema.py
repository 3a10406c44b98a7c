"""The scenario: one frozen record of everything that a run depends on, but the seed.

Precedence, lowest first: the package's defaults; the settings of the regime; the parent that the
file extends; the file; ``--set``; events from their week on. Maps merge deeply, lists replace (but
events and checks of a file are added to its parent's), and ``null`` restores the default.
"""

from __future__ import annotations

import copy
import functools
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from pydantic import ConfigDict, Field, PrivateAttr, create_model, field_validator
from pydantic_core import core_schema

from sim.kernel import np
from sim.kernel.settings import Settings, parameter
from sim.market.network import Network
from sim.market.settings import Controls, Offer, People, Production, RegimeName, Tier
from sim.mechanisms.base import Mechanism
from sim.regimes import REGIMES, Regime
from sim.regimes.further import FURTHER
from sim.scenario.paths import (
    counted,
    get,
    merge,
    put,
    put_setting,
    regime_settings,
)
from sim.scenario.timeline import Calendar, Event, Moved, in_weeks, moved_in
from sim.texts import _
from sim.texts.bilingual import Bilingual

__all__ = ["Event", "InForce", "Rules", "Scenario", "get", "merge", "put", "put_setting",
           "regime_settings"]

Compose = Callable[[Regime], Regime]
"""Changes a regime: what a file with rules of one's own comes down to."""


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
        return self._by_name.get(name)

    @functools.cached_property
    def tier_prices(self) -> np.ndarray:
        """Unit price of each tier in fen, top first."""
        return np.array([round(tier.price * 100) for tier in self.tiers], np.int64)

    @functools.cached_property
    def _by_name(self) -> dict[str, Mechanism]:
        return {rule.name(): rule for rule in self.rules}


class EntryError(ValueError):
    """An entry of a list that does not fit the others; `index` says which one."""

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.index = index


class Check(str):
    """A reality check, and the id by which files that extend this one find it."""

    id: str

    def __new__(cls, text: str, name: str = "") -> Check:
        """Return the check."""
        made = super().__new__(cls, text)
        made.id = name or getattr(text, "id", "")
        return made

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Return how pydantic checks and writes it."""
        return core_schema.no_info_plain_validator_function(
            _check_of, serialization=core_schema.plain_serializer_function_ser_schema(
                lambda check: {"id": check.id, "check": str(check)} if check.id else str(check)))


def _check_of(value: Any) -> Check:
    if isinstance(value, Mapping) and set(value) <= {"id", "check"} and all(
            isinstance(part, str) for part in value.values()) and "check" in value:
        return Check(value["check"], value.get("id", ""))
    if not isinstance(value, str):
        raise ValueError(_("write a check, or {form}").format(form="{id: ..., check: ...}"))
    return Check(value)


class Rules(Settings):
    """Rules of one's own."""

    files: tuple[str, ...] = Field(
        default=(), strict=False, max_length=20,
        description="Python files with rules, beside the scenario; only with --allow-code")
    week: tuple[str, ...] = Field(
        default=(), strict=False, max_length=100,
        description="shipped rules that make up the week, in order; empty: those of the regime")

    @field_validator("week")
    @classmethod
    def _known(cls, week: tuple[str, ...]) -> tuple[str, ...]:
        for place, name in enumerate(week):
            if name not in mechanism_sections():
                raise EntryError(_("there is no rule '{name}'; there are: {names}").format(
                    name=name[:60], names=", ".join(sorted(mechanism_sections()))), place)
            if name in week[:place]:
                raise EntryError(_("rule '{name}' is there twice").format(name=name), place)
        return week


class _Scenario(Settings):
    """Everything that a run depends on, but the seed."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    title: Bilingual = Field(Bilingual(), description="shown on every picture")
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
    calendar: Calendar = Field(
        default_factory=lambda: Calendar(first_week=""), description="which date week 1 begins on")
    events: tuple[Event, ...] = Field((), strict=False, description="the timeline")
    expect: tuple[Check, ...] = Field((), strict=False, description="reality checks")
    dropped: tuple[str, ...] = Field(
        (), strict=False,
        description="events and checks of its parents that the file takes out; written on reading")
    sources: dict[str, str] = Field(
        default_factory=dict, description="where single settings come from")
    rules: Rules = Field(
        default_factory=lambda: Rules.model_validate({}), description="rules of one's own")

    _given: dict[str, Any] = PrivateAttr(default_factory=dict)
    _composition: Regime | None = PrivateAttr(default=None)
    _compose: Compose | None = PrivateAttr(default=None)
    """How files with rules of one's own change any regime; None without such files."""

    @field_validator("tiers")
    @classmethod
    def _monotone(cls, tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
        for rung, (above, below) in enumerate(itertools.pairwise(tiers), start=1):
            if above.price > below.price or above.first_order < below.first_order:
                raise EntryError(
                    _("tiers run from the top down: '{below}' may not be cheaper than '{above}' "
                      "nor start with more units").format(below=below.name, above=above.name),
                    rung)
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
        scenario = cls.model_validate(
            counted(in_weeks(merge(regime_settings(given), given))))
        scenario._given = given
        return scenario

    def changed(self, overrides: Mapping[str, Any]) -> Self:
        """Return this scenario with settings changed, by dotted names."""
        data = copy.deepcopy(self._given)
        for path, value in overrides.items():
            put_setting(data, path, value)
        return self._again(data)

    def with_rules(self, regime: Regime) -> Any:
        """Return this scenario lived under a composition of one's own.

        A rule given as a class gets a section of its own, named after it.
        """
        scenario = scenario_type(regime.rules).of(self._given)
        scenario._composition = regime
        return scenario

    def with_composer(self, compose: Compose) -> Any:
        """Return this scenario with `compose` applied to whatever regime holds in a week."""
        rules = tuple(
            rule for regime in REGIMES.values() for rule in compose(regime).rules)
        scenario = scenario_type(rules).of(self._given)
        scenario._compose = compose
        return scenario

    def _again(self, data: Mapping[str, Any]) -> Self:
        """Return a scenario of other data under the same rules."""
        scenario = type(self).of(data)
        scenario._composition, scenario._compose = self._composition, self._compose
        return scenario

    def __reduce__(self) -> Any:
        # Types made for rules of one's own exist in one process only; they are made again.
        return _restored, (self._given, self._composition, self._compose)

    @property
    def given(self) -> dict[str, Any]:
        """What was said explicitly, without defaults."""
        return copy.deepcopy(self._given)

    def _repr_html_(self) -> str:
        from sim.views.html import scenario_html

        return scenario_html(self)

    # -- the week ---------------------------------------------------------------------------

    def composition(self) -> Regime:
        """Return the regime: which rules act, in which order."""
        if self._composition is not None:
            return self._composition
        regime = REGIMES[self.regime]
        if self.rules.week:
            shipped = mechanism_sections()
            regime = replace(regime, rules=tuple(shipped[name] for name in self.rules.week))
        return self._compose(regime) if self._compose is not None else regime

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
        holding = moved_in(self.events, week)
        return self._after(holding).settings() if holding else self.settings()

    def changes_in(self, week: int) -> bool:
        """Return whether any event moves a setting in `week`."""
        return any(event.moves_in(week) for event in self.events)

    def _after(self, holding: list[tuple[Event, Moved]]) -> Self:
        """Return the scenario that events which hold make of this one."""
        data = copy.deepcopy(self._given)
        for event, moved in holding:
            before = type(self).of(data)
            for path, value in event.set.items():
                old = _number(before, path) if moved.share < 1.0 and is_number(value) else None
                if old is not None:
                    put_setting(data, path, _between(old, value, moved.share))
                elif moved.lasting or is_number(value):
                    put_setting(data, path, copy.deepcopy(value))
            for path, factor in event.scale.items():
                path = SCALED.get(path, path)
                old = _number(before, path)
                if old is None:
                    raise ValueError(_("{name} is no number that can be scaled").format(name=path))
                value = old * (1 + (factor - 1) * moved.share)
                put_setting(data, path, round(value) if isinstance(old, int) else value)
        return self._again(data)


SCALED: dict[str, str] = {}
"""Settings that an event scales by another one, since they are drawn once before the first week."""


def is_number(value: Any) -> bool:
    """Return whether a value is a number (and no flag)."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _between(old: float, new: float, share: float) -> float:
    moved = old + (new - old) * share
    return round(moved) if isinstance(new, int) and isinstance(old, int) else moved


def _number(scenario: Any, path: str) -> float | None:
    """Return the number in force at a dotted name, filled in from its control."""
    section, _, rest = path.partition(".")
    holder = getattr(scenario, section)
    if rest and isinstance(holder, Settings):
        holder = holder.following(scenario.controls.following(scenario.controls))
    value = get(holder, rest) if rest else holder
    return value if is_number(value) else None


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


def _with_sections(base: Any, sections: Mapping[str, type[Mechanism]]) -> Any:
    return create_model(
        "Scenario",
        __base__=base,
        __doc__=_Scenario.__doc__,
        **{
            name: (rule, Field(
                default_factory=rule,
                description=" ".join((rule.__doc__ or "").split("\n\n")[0].split())))
            for name, rule in sections.items()
        },  # type: ignore[call-overload]
    )


Scenario: Any = _with_sections(_Scenario, mechanism_sections())
"""A scenario: the market, and one section for each rule."""


@functools.cache
def scenario_type(rules: tuple[Any, ...]) -> Any:
    """Return the type of scenarios that have a section for each of `rules` given as a class."""
    shipped = mechanism_sections()
    classes: list[type[Mechanism]] = [rule for rule in rules if isinstance(rule, type)]
    own = {rule.name(): rule for rule in classes if shipped.get(rule.name()) is not rule}
    return _with_sections(Scenario, own) if own else Scenario


def _restored(given: Any, composition: Regime | None, compose: Compose | None) -> Any:
    """Return a scenario that was pickled."""
    scenario = Scenario.of() if composition is not None or compose is not None \
        else Scenario.of(given)
    scenario._given = given
    if composition is not None:
        return scenario.with_rules(composition)
    return scenario.with_composer(compose) if compose is not None else scenario

"""The scenario: one frozen record of everything that a run depends on, except the seed.

Precedence, lowest first: the package's defaults; the settings of the regime; the parent that the
file extends; the file; ``--set``; events from their week on. Maps merge deeply, lists replace (except
that events and checks of a file are added to its parent's), and ``null`` restores the default.
"""

from __future__ import annotations

import copy
import functools
import itertools
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    create_model,
    field_validator,
    model_validator,
)

from sim.errors import UsageError
from sim.kernel.settings import Settings, parameter
from sim.market.network import Network
from sim.market.outputs import Output
from sim.market.settings import Controls, Offer, People, Production, RegimeName, Tier
from sim.market.start import Start
from sim.mechanisms.base import Mechanism
from sim.mechanisms.former_names import current_name
from sim.regimes import REGIMES, Regime
from sim.scenario.data import between, counted, get, is_number, merge, put_setting, regime_settings
from sim.scenario.in_force import InForce
from sim.scenario.market_start import fitting
from sim.scenario.run_sections import EntryError, Outputs, Rules, mechanism_sections
from sim.scenario.timeline import Calendar, Check, Event, Moved, in_weeks, moved_in
from sim.texts import _
from sim.texts.bilingual import Bilingual, text_of

__all__ = ["Check", "Event", "InForce", "Rules", "Scenario", "merge", "put_setting",
           "regime_settings"]

Compose = Callable[[Regime], Regime]
"""A function that changes a regime, as files of custom rules do."""


_Metaclass: Any = type(BaseModel)


class _CheckedCall(_Metaclass):
    """Checks ``Scenario(...)`` in the same way as a scenario file."""

    def __call__(cls, **data: object) -> Any:  # noqa: N805 (of a metaclass)
        return cls.of(data)


_Checked: Any = _CheckedCall


class _Scenario(Settings, metaclass=_Checked):
    """Everything that a run depends on, except the seed."""

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
    start: Start = Field(
        default_factory=lambda: Start(), description="the market before week 1, where it is running already")
    scale: int = parameter(
        1, "persons", 1, 1_000_000,
        "real persons that one person of the market stands for: tables and totals are in real units")
    calendar: Calendar = Field(
        default_factory=lambda: Calendar(first_week=""), description="which date week 1 begins on")
    events: tuple[Event, ...] = Field((), strict=False, description="the timeline")
    expect: tuple[Check, ...] = Field((), strict=False, description="reality checks")
    dropped: tuple[str, ...] = Field(
        (), strict=False,
        description="events and checks of its parents that the file takes out; written on reading")
    sources: dict[str, Bilingual] = Field(
        default_factory=dict, description="where single settings come from")
    outputs: Outputs = Field(
        default_factory=Outputs, description="tables that a run keeps beside the usual ones")
    rules: Rules = Field(
        default_factory=lambda: Rules.model_validate({}),
        description="custom rules, and the rules of the week")

    _given: dict[str, Any] = PrivateAttr(default_factory=dict)
    _composition: Regime | None = PrivateAttr(default=None)
    _compose: Compose | None = PrivateAttr(default=None)
    """How files of custom rules change any regime; None without such files."""

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

    @field_validator("start")
    @classmethod
    def _start_fits(cls, start: Start, info: ValidationInfo) -> Start:
        fitting(start, info.data.get("tiers", ()))
        return start

    @model_validator(mode="wrap")
    @classmethod
    def _remember(
        cls, data: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> Any:
        """Merge the given data over the settings of the regime, and remember what was given."""
        if isinstance(data, _Scenario):
            return handler(data)
        said = merge({}, data)
        base = (info.context or {}).get("base")
        whole = merge(regime_settings(said) if base is None else base, said)
        made = handler(counted(in_weeks(whole)))
        made._given = said
        return made

    # -- making one -------------------------------------------------------------------------

    @classmethod
    def of(cls, data: Mapping[str, object] | None = None) -> Self:
        """Return the scenario that `data` (maps, lists, numbers, texts with units) describes.

        ``Scenario(persons=500, weeks=5)`` is the same.

        Raises
        ------
        ScenarioError
            With every problem of `data`, in the same words as for a scenario file.
        """
        from sim.scenario.records import checked

        return checked(cls, data or {})

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """Return the scenario that `obj` describes; see `of`."""
        return obj if isinstance(obj, cls) else cls.of(obj)

    @classmethod
    def made(cls, data: Mapping[str, object], base: Mapping[str, object] | None = None) -> Self:
        """Return the scenario of data that has been checked.

        `base` are the settings below those of `data`; by default, those of the regime.

        Raises
        ------
        pydantic.ValidationError
            When settings contradict each other.
        """
        made: Self = cls.__pydantic_validator__.validate_python(dict(data), context={"base": base})
        return made

    def changed(self, overrides: Mapping[str, object], *, texts: bool = False) -> Self:
        """Return this scenario with settings changed, by dotted names.

        Maps merge with what the scenario says, records replace it, ``None`` restores the default.
        With `texts`, values are read as the command line reads them.

        Raises
        ------
        ScenarioError
            With every problem of `overrides`, in the same words as for a scenario file.
        """
        from sim.scenario.records import checked

        return checked(type(self), self._given, overrides, like=self, texts=texts)

    def model_copy(self, *, update: Mapping[str, object] | None = None, deep: bool = False) -> Self:
        """Return this scenario with settings changed; see `changed`."""
        return self.changed(update or {})

    def with_rules(self, regime: Regime) -> Scenario:
        """Return this scenario with a composition of rules made in Python.

        The scenario's own settings override those of `regime`. A rule given as a class gets a
        section of its own, named after it.
        """
        if not isinstance(regime, Regime):
            raise UsageError(_(
                "with_rules takes a regime, such as sim.REGIMES['pyramid'].without('training'), "
                "not {found}").format(found=type(regime).__name__))
        said = merge({}, self._given)
        if regime.name in REGIMES:
            said["regime"] = regime.name
        scenario = scenario_type(regime.rules).made(said, regime.settings)
        scenario._composition = regime
        return scenario

    def with_composer(self, compose: Compose) -> Scenario:
        """Return this scenario with `compose` applied to the regime in force in each week."""
        scenario = composed_type(compose).made(self._given)
        scenario._compose = compose
        return scenario

    def again(self, data: Mapping[str, object]) -> Self:
        """Return a scenario of other checked data with the same rules."""
        base = self._composition.settings if self._composition is not None else None
        scenario = type(self).made(data, base)
        scenario._composition, scenario._compose = self._composition, self._compose
        return scenario

    def __reduce__(self) -> tuple[object, ...]:
        # Types made for custom rules exist in one process only, so unpickling makes them again.
        return restored, (self._given, self._composition, self._compose)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Scenario)
            and all(getattr(other, name, None) == getattr(self, name)
                    for name in type(self).model_fields)
            and type(other).model_fields.keys() == type(self).model_fields.keys()
            and other._composition == self._composition and other._compose == self._compose
        )

    # Not iterable, since mesa.batch_run would take each setting for a separate scenario.
    __iter__ = None  # type: ignore[assignment]

    def __hash__(self) -> int:
        return hash((self.title, self.regime, self.weeks, self.persons, self.seed, self.controls))

    def __setattr__(self, name: str, value: object) -> None:
        if name in type(self).model_fields:
            raise UsageError(_(
                "a scenario does not change; write scenario.changed({{'{name}': ...}}), which "
                "returns another one").format(name=name))
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        """Return a section by its former name."""
        today = current_name(name, type(self).model_fields)
        if today != name:
            return getattr(self, today)
        return super().__getattr__(name)  # type: ignore[misc]

    def __repr__(self) -> str:
        title = f" '{text_of(self.title)}'" if self.title else ""
        return f"<Scenario{title}: {self.regime}, {self.persons:,} persons, {self.weeks} weeks>"

    __str__ = __repr__

    @property
    def given(self) -> dict[str, Any]:
        """The settings that were given explicitly, without defaults."""
        return copy.deepcopy(self._given)

    def _repr_html_(self) -> str:
        from sim.faces import html

        return html(self, "scenario")

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write the scenario into a file that every command reads; return its path.

        The code of its custom rules is written beside it.

        Raises
        ------
        UsageError
            When the file exists, or when Python code composed the rules.
        """
        from sim.scenario.writing import save

        return save(cast("Scenario", self), path, overwrite=overwrite)

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

    @property
    def real_persons(self) -> int:
        """Persons of the real market: `persons` times `scale`."""
        return self.persons * self.scale

    def order(self) -> tuple[str, ...]:
        """Return the names of the rules of the week, even when the code of some is missing."""
        known: tuple[str, ...] | None = getattr(self._compose, "order", None)
        return self.composition().names if known is None else known

    def rule_outputs(self) -> tuple[Output, ...]:
        """Return the weekly columns that the rules of any week add to the results."""
        if self._compose is not None and self._composition is None:
            regimes = [self._compose(regime) for regime in REGIMES.values()]
        else:
            regimes = [self.composition()]
        return tuple(dict.fromkeys(
            output for regime in regimes for rule in regime.rules if self._ever_on(rule)
            for output in rule.outputs))

    def _ever_on(self, rule: Any) -> bool:
        """Return whether a rule takes part at the start or may be switched on by an event."""
        section = rule if isinstance(rule, Mechanism) else getattr(self, rule.name(), None)
        return not isinstance(section, Mechanism) or not section.dial or section.takes_part or any(
            path.split(".")[0] == rule.name() for event in self.events for path in event.set)

    def plan(self) -> tuple[Mechanism, ...]:
        """Return the rules of the week with their parameters at the start."""
        controls = self.controls.following(self.controls)
        rules = []
        for rule in self.composition().rules:
            settings = getattr(self, rule.name()) if isinstance(rule, type) else rule
            if settings.takes_part:
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
        """Return this scenario after the events in force."""
        data = copy.deepcopy(self._given)
        for event, moved in holding:
            before = self.again(data)
            for path, value in event.set.items():
                old = _number(before, path) if moved.share < 1.0 and is_number(value) else None
                if old is not None:
                    put_setting(data, path, between(old, value, moved.share))
                elif moved.lasting or is_number(value):
                    put_setting(data, path, copy.deepcopy(value))
            for path, factor in event.scale.items():
                path = SCALED.get(path, path)
                old = _number(before, path)
                if old is None:
                    raise ValueError(_("{name} is not a number that can be scaled").format(name=path))
                value = old * (1 + (factor - 1) * moved.share)
                put_setting(data, path, round(value) if isinstance(old, int) else value)
        return self.again(data)


SCALED = {"people.weekly_need": "people.need_scale"}
"""Settings that are drawn once before week 1, with the setting by which an event can scale them."""


def _number(scenario: _Scenario, path: str) -> float | None:
    """Return the number in force at a dotted name, filled in from its control."""
    section, _, rest = path.partition(".")
    holder = getattr(scenario, section)
    if rest and isinstance(holder, Settings):
        holder = holder.following(scenario.controls.following(scenario.controls))
    value = get(holder, rest) if rest else holder
    return value if is_number(value) else None


def _with_sections(base: object, sections: Mapping[str, type[Mechanism]]) -> Any:
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


if TYPE_CHECKING:
    class Scenario(_Scenario):
        """A scenario: the market, and one section for each rule."""

        def __getattr__(self, name: str) -> Any:
            """Return the section of a rule."""
else:
    Scenario = _with_sections(_Scenario, mechanism_sections())


@functools.cache
def scenario_type(rules: tuple[Any, ...]) -> Any:
    """Return the type of scenarios that have a section for each of `rules` given as a class."""
    shipped = mechanism_sections()
    classes: list[type[Mechanism]] = [rule for rule in rules if isinstance(rule, type)]
    own = {rule.name(): rule for rule in classes if shipped.get(rule.name()) is not rule}
    return _with_sections(Scenario, own) if own else Scenario


@functools.lru_cache(maxsize=64)
def composed_type(compose: Compose) -> Any:
    """Return the type of scenarios whose rules `compose` changes in every regime."""
    closed = getattr(compose, "sections", None)
    if closed is not None:  # the code is missing: its sections are kept as given
        sections: dict[str, Any] = {
            name: (dict[str, Any], Field(default_factory=dict, description=_("a custom rule")))
            for name in closed}
        return create_model("Scenario", __base__=Scenario, **sections)
    return scenario_type(tuple(
        rule for regime in REGIMES.values() for rule in compose(regime).rules))


def restored(given: Any, composition: Regime | None, compose: Compose | None) -> Scenario:
    """Return a scenario that is unpickled."""
    if composition is not None:
        scenario = scenario_type(composition.rules).made(given, composition.settings)
    else:
        scenario = (composed_type(compose) if compose is not None else Scenario).made(given)
    scenario._composition, scenario._compose = composition, compose
    return scenario

"""The base class of all rules."""

from __future__ import annotations

import functools
import re
import sys
from abc import abstractmethod
from collections import namedtuple
from collections.abc import Mapping
from operator import attrgetter
from typing import Any, ClassVar, Self

from pydantic import model_validator

from sim.kernel.columns import Column
from sim.kernel.settings import Prior, Settings, parameter
from sim.market.outputs import Output, add_outputs
from sim.market.world import World
from sim.mechanisms.former_names import current_parameter

__all__ = ["PHASES", "Mechanism", "Prior", "World", "parameter", "rules_of"]

PHASES = (
    "inform", "need and choose", "sell", "experience", "share", "learn", "forecast and order",
    "produce and ship", "recruit", "review and leave",
)
"""The parts of a week, in order. Events come before them; afterwards the books are checked and
the week is observed."""


@functools.cache
def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def rules_of(kind: type) -> list[str]:
    """Return the names of a rule and of the rules that it derives from; none for other classes."""
    return [base.name() for base in kind.__mro__
            if issubclass(base, Mechanism) and base is not Mechanism]


class Mechanism(Settings):
    """A frozen, typed record: its fields are its parameters, its `step` is its rule.

    Subclasses say in `phase` when in the week they act, in `reads` and `writes` which columns they
    use and may change (``persons.trust``, ``resellers.price``, ``brand.quality``,
    ``market.street_price``, ``ties.wear``; a table's name alone stands for all of it), and in
    `off` which effects of the essays they implement, each with the settings that switch it off.
    """

    phase: ClassVar[str] = ""
    reads: ClassVar[tuple[str, ...]] = ()
    writes: ClassVar[tuple[str, ...]] = ()
    off: ClassVar[dict[str, dict[str, Any]]] = {}
    columns: ClassVar[tuple[tuple[str, Column], ...]] = ()
    """Columns the rule brings, as (table, column)."""
    dial: ClassVar[str] = ""
    """The parameter at which the rule is switched on: at 0, its default, the rule takes no part in
    the week and adds no columns. Empty for rules that take part by default."""
    outputs: ClassVar[tuple[Output, ...]] = ()
    """Weekly columns the rule adds to the results: ``world.count(name, amount)`` adds to them,
    ``world.report(name, value)`` sets them."""

    enabled: bool = parameter(
        True, "flag", None, None, "whether the rule takes part in the week")

    @property
    def takes_part(self) -> bool:
        """Whether the rule takes part in the week with these parameters."""
        return self.enabled and (not self.dial or getattr(self, self.dial) > 0)

    @classmethod
    def name(cls) -> str:
        """Return the rule's name, which is also the name of its section in a scenario file."""
        return _snake_case(cls.__name__)

    @model_validator(mode="before")
    @classmethod
    def _rename(cls, given: Any) -> Any:
        """Accept former names of parameters."""
        if not isinstance(given, dict):
            return given
        rules = rules_of(cls)
        return {current_parameter(rules, name, cls.model_fields): value
                for name, value in given.items()}

    def __getattr__(self, name: str) -> Any:
        """Return a parameter by its former name."""
        today = current_parameter(rules_of(type(self)), name)
        if today == name:
            raise AttributeError(f"the rule '{self.name()}' has no '{name}'")
        return getattr(self, today)

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        """Define the named tuple that hands this rule's numbers to compiled loops."""
        super().__pydantic_init_subclass__(**options)
        if not cls.__module__.startswith("sim."):
            cls.model_rebuild(raise_errors=False)  # an unknown type of a parameter is named when it is used
        add_outputs(cls.outputs)
        kinds: dict[str, Any] = {
            name: field.annotation for name, field in cls.model_fields.items()
            if name != "enabled" and field.annotation in (bool, int, float)}
        cls._kinds, names = tuple(kinds.values()), tuple(kinds)
        cls._record = namedtuple(f"{cls.__name__}Parameters", names)  # type: ignore[misc]
        cls._numbers = attrgetter("enabled", *names)
        # The compiler's cache looks a named tuple up by module and name.
        cls._record.__module__ = cls.__module__
        if cls.__module__ in sys.modules:
            setattr(sys.modules[cls.__module__], cls._record.__name__, cls._record)

    _kinds: ClassVar[tuple[type, ...]]
    _record: ClassVar[Any]
    _numbers: ClassVar[Any]

    @functools.cached_property
    def parameters(self) -> Any:
        """Return this rule's numbers as the named tuple that compiled loops take."""
        _enabled, *numbers = type(self)._numbers(self)
        return self._record(*(
            kind(number) for kind, number in zip(self._kinds, numbers, strict=True)))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return this rule with changed parameters, without what was computed from the old ones."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("parameters", None)
        return copied

    def begin(self, world: World) -> None:
        """Prepare the world when the rule enters a run; most rules need nothing."""

    def end(self, world: World) -> None:
        """Undo lasting effects when the rule leaves a run; most rules have none."""

    @abstractmethod
    def step(self, world: World) -> None:
        """Act in one week."""

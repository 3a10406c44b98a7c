"""What a rule of the week is."""

from __future__ import annotations

import functools
import re
from abc import abstractmethod
from typing import Any, ClassVar

from sim.kernel.columns import Column
from sim.kernel.settings import Settings, parameter
from sim.market.world import World

__all__ = ["PHASES", "Mechanism", "World", "parameter"]

PHASES = (
    "inform", "need and choose", "sell", "experience", "share", "learn", "forecast and order",
    "produce and ship", "recruit", "review and leave",
)
"""The parts of a week, in order; before them come the events, after them the books are checked
and the week is observed."""


@functools.cache
def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Mechanism(Settings):
    """A frozen, typed record: its fields are its parameters, its `step` is its rule.

    Subclasses say in `phase` when in the week they act, in `writes` which columns they may change
    (``persons.trust``, ``resellers.price``, ``brand``), and in `off` which rows of the model's
    list of mechanisms they carry, each with the settings that switch that row off.
    """

    phase: ClassVar[str] = ""
    writes: ClassVar[tuple[str, ...]] = ()
    off: ClassVar[dict[str, dict[str, Any]]] = {}
    columns: ClassVar[tuple[tuple[str, Column], ...]] = ()
    """Columns the rule brings along, as (table, column)."""

    enabled: bool = parameter(
        True, "flag", None, None, "whether the rule takes part in the week")

    @classmethod
    def name(cls) -> str:
        """Return the name of the rule, which is that of its section in a scenario file."""
        return _snake_case(cls.__name__)

    def begin(self, world: World) -> None:
        """Prepare the world when the rule enters a run; most rules need nothing."""

    @abstractmethod
    def step(self, world: World) -> None:
        """Live this rule's part of one week."""

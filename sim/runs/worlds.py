"""Plausible worlds: uncertain settings, with one set of values for each seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.regimes import REGIMES
from sim.texts import _

if TYPE_CHECKING:
    from sim.kernel.plain import Data, SomeData, Values
    from sim.scenario.schema import Scenario

__all__ = ["Worlds", "stated"]


@dataclass(frozen=True)
class Worlds:
    """An ensemble of n worlds: seed s runs in world s modulo n.

    Plans that share a seed therefore share its world as well as its luck, and more seeds bring more
    worlds.

    Attributes
    ----------
    keys
        Dotted names of the settings.
    rows
        The values of these settings, one row per world; all worlds are equally plausible.
    source
        Where the worlds come from.
    insist
        Whether worlds override what a scenario itself states.
    """

    keys: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    source: str = ""
    insist: bool = False

    def __post_init__(self) -> None:
        if not self.keys or not self.rows:
            raise UsageError(_("there is no world to draw from"))

    def number(self, seed: int) -> int:
        """Return the number of a seed's world, counted from 0."""
        return seed % len(self.rows)

    def of(self, seed: int) -> Values:
        """Return the settings of the world of a seed."""
        return dict(zip(self.keys, self.rows[self.number(seed)], strict=True))

    def changed(self, scenario: Scenario, seed: int, chosen: Mapping[str, object]) -> Scenario:
        """Return the scenario in the world of a seed; what it states or `chosen` sets does not change."""
        own = frozenset() if self.insist else stated(scenario)
        world = {key: value for key, value in self.of(seed).items()
                 if key not in own and key not in chosen}
        return scenario.changed({**world, **chosen})

    def table(self, seeds: Iterable[int]) -> str:
        """Return seeds and their worlds as CSV text."""
        lines = [",".join(("seed", "world", *self.keys))]
        lines += [",".join(map(str, (seed, self.number(seed), *self.of(seed).values())))
                  for seed in seeds]
        return "\n".join([*lines, ""])

    def as_data(self) -> Data:
        """Return the worlds as plain data."""
        return {"keys": list(self.keys), "rows": [list(row) for row in self.rows],
                "source": self.source, "insist": self.insist}

    @classmethod
    def from_data(cls, data: SomeData | None) -> Worlds | None:
        """Return the worlds that `as_data` wrote, or None if there are none."""
        if data is None:
            return None
        return cls(tuple(data["keys"]), tuple(map(tuple, data["rows"])), data["source"],
                   data["insist"])


def stated(scenario: Scenario) -> frozenset[str]:
    """Return the dotted names of the settings that a scenario itself or its regime states.

    The regime counts because it is a choice: 2.0 asks less and pays nobody for recruits, in every world.
    """
    found: set[str] = set()

    def walk(said: Mapping[str, object], before: str) -> None:
        for name, value in said.items():
            found.add(before + name)
            if isinstance(value, Mapping):
                walk(value, f"{before}{name}.")

    walk(REGIMES[scenario.regime].settings, "")
    walk(scenario._given, "")
    return frozenset(found)

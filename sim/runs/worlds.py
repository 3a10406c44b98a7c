"""Plausible worlds: settings that nobody knows for sure, one set of them for each seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.regimes import REGIMES
from sim.texts import _

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["Worlds", "stated"]


@dataclass(frozen=True)
class Worlds:
    """An ensemble of settings: seed s lives in world s (in world s - n from the n-th seed on).

    So plans that share a seed share its world as well as its luck, and further seeds bring further
    worlds.

    Attributes
    ----------
    keys
        Dotted names of the settings.
    rows
        One set of their values a world, all equally plausible.
    source
        Where they come from.
    insist
        Whether worlds hold even against what a scenario states itself.
    """

    keys: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    source: str = ""
    insist: bool = False

    def __post_init__(self) -> None:
        if not self.keys or not self.rows:
            raise UsageError(_("there is no world to draw from"))

    def number(self, seed: int) -> int:
        """Return which world a seed lives in, from 0 on."""
        return seed % len(self.rows)

    def of(self, seed: int) -> dict[str, Any]:
        """Return the settings of the world of a seed."""
        return dict(zip(self.keys, self.rows[self.number(seed)], strict=True))

    def changed(self, scenario: Scenario, seed: int, chosen: Mapping[str, Any]) -> Scenario:
        """Return the scenario in the world of a seed; what it states or `chosen` sets stays so."""
        own = frozenset() if self.insist else stated(scenario)
        world = {key: value for key, value in self.of(seed).items()
                 if key not in own and key not in chosen}
        return scenario.changed({**world, **chosen})

    def table(self, seeds: Iterable[int]) -> str:
        """Return seeds and their worlds as a table for spreadsheets."""
        lines = [",".join(("seed", "world", *self.keys))]
        lines += [",".join(map(str, (seed, self.number(seed), *self.of(seed).values())))
                  for seed in seeds]
        return "\n".join([*lines, ""])

    def as_data(self) -> dict[str, Any]:
        """Return the worlds as plain data."""
        return {"keys": list(self.keys), "rows": [list(row) for row in self.rows],
                "source": self.source, "insist": self.insist}

    @classmethod
    def from_data(cls, data: Mapping[str, Any] | None) -> Worlds | None:
        """Return the worlds that `as_data` wrote, or nothing where there are none."""
        if data is None:
            return None
        return cls(tuple(data["keys"]), tuple(map(tuple, data["rows"])), data["source"],
                   data["insist"])


def stated(scenario: Scenario) -> frozenset[str]:
    """Return the dotted names of what a scenario says itself, and its regime for it.

    A regime is a statement, too: 2.0 asks less and pays nobody for recruits, in every world.
    """
    found: set[str] = set()

    def walk(said: Mapping[str, Any], before: str) -> None:
        for name, value in said.items():
            found.add(before + name)
            if isinstance(value, Mapping):
                walk(value, f"{before}{name}.")

    walk(REGIMES[scenario.regime].settings, "")
    walk(scenario._given, "")
    return frozenset(found)

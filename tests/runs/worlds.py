"""Small scenarios and rules for tests of many runs; a module, so that workers can import it."""

from __future__ import annotations

import os
import signal
import time
from typing import Any, ClassVar

from sim.mechanisms.base import Mechanism
from sim.regimes import REGIMES
from sim.scenario.schema import Scenario

TIERS = [
    {"name": "top", "price": 85.0, "first_order": 200},
    {"name": "bottom", "price": 150.0, "first_order": 5},
]


def small(**settings: Any) -> Any:
    """Return a scenario that runs in a tenth of a second."""
    return Scenario.of({"title": "Small", "persons": 400, "weeks": 12, "tiers": TIERS, **settings})


class Killing(Mechanism):
    """Kills the process that lives the runs of one seed."""

    phase: ClassVar[str] = "inform"
    seed: int = 1
    parent: int = 0
    """Never this one."""

    def step(self, world: Any) -> None:
        if world.seed == self.seed and os.getpid() != self.parent:
            os.kill(os.getpid(), signal.SIGKILL)


class Failing(Mechanism):
    """Raises in the runs of one seed."""

    phase: ClassVar[str] = "inform"
    seed: int = 1

    def step(self, world: Any) -> None:
        if world.seed == self.seed:
            raise ValueError("planted failure\nwith a second line")


class Hanging(Mechanism):
    """Never ends the runs of one seed."""

    phase: ClassVar[str] = "inform"
    seed: int = 1

    def step(self, world: Any) -> None:
        while world.seed == self.seed:
            time.sleep(0.05)


def with_rule(rule: Mechanism, **settings: Any) -> Any:
    """Return a small scenario with one more rule."""
    first = REGIMES["pyramid"].names[0]
    return small(**settings).with_rules(REGIMES["pyramid"].inserting(rule, before=first))

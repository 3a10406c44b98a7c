"""Training: repeated hype lifts optimism and effort; missing sales let the air out."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Training"]


class Training(Mechanism):
    """Training raises optimism towards one; time and weeks without a sale lower it.

    Effort follows optimism. Optimism inflates forecasts (orders) and recruiting.
    """

    phase: ClassVar = "inform"
    reads: ClassVar = ("resellers.active", "resellers.weeks_since_sale")
    writes: ClassVar = ("resellers.optimism", "resellers.effort")
    off: ClassVar = {"A3": {"training.intensity": 0.0}}

    intensity: float = parameter(
        None, "share a week", 0, 1, "share of the missing optimism that a week of training adds",
        control=("stock_pressure", 0.0, 0.22), source="essay A: 两天一培训")
    decay: float = parameter(0.08, "share a week", 0, 1, "share of the optimism that fades a week")
    deflation: float = parameter(
        0.15, "share a week", 0, 1,
        "share of the optimism that each week without a sale after `patience` takes")
    patience: int = parameter(
        4, "weeks", 0, 520, "weeks without a sale before optimism and effort suffer")
    effort: float = parameter(
        0.2, "times the normal", 0, 10, "effort that full optimism adds to normal effort")
    fatigue: float = parameter(
        0.03, "share a week", 0, 1,
        "share of their effort that resellers lose with each week without a sale after `patience`, "
        "down to a fifth")

    def step(self, world: World) -> None:
        """Lift or lower the optimism of each active reseller, and the effort with it."""
        _train(world.resellers.view(Trainees), self.parameters)


class Trainees(NamedTuple):
    """Columns of resellers that training reads or changes."""

    active: np.ndarray
    optimism: np.ndarray
    effort: np.ndarray
    weeks_since_sale: np.ndarray


MIN_EFFORT = 0.2
"""Least share of the effort that remains, however long nothing is sold."""


@borrowing
def _train(trainees, rule):
    """Update optimism and effort of all active resellers."""
    for row in range(trainees.active.size):
        if not trainees.active[row]:
            continue
        optimism = np.float64(trainees.optimism[row])
        optimism += rule.intensity * (1.0 - optimism) - rule.decay * optimism
        idle = trainees.weeks_since_sale[row] - rule.patience
        if idle > 0:
            optimism -= rule.deflation * optimism
        optimism = min(max(optimism, 0.0), 1.0)
        trainees.optimism[row] = optimism
        left = max(MIN_EFFORT, 1.0 - rule.fatigue * max(idle, 0))
        trainees.effort[row] = (1.0 + rule.effort * optimism) * left

"""Training: repeated hype lifts optimism and effort; missing sales let the air out."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Training"]


class Training(Mechanism):
    """Optimism rises towards one with each training, decays, and deflates on weeks without a sale.

    Effort follows optimism. Optimism inflates forecasts (orders) and recruiting.
    """

    phase: ClassVar = "inform"
    writes: ClassVar = ("resellers.optimism", "resellers.effort")
    off: ClassVar = {"A3": {"training.intensity": 0.0}}

    intensity: float = parameter(
        None, "share a week", 0, 1, "share of the missing optimism that a week of training adds",
        control=("stock_pressure", 0.0, 0.22), source="essay A: 两天一培训")
    decay: float = parameter(0.08, "share a week", 0, 1, "share of the optimism that fades a week")
    deflation: float = parameter(
        0.15, "share a week", 0, 1,
        "share of the optimism that a further week without a sale takes, from the fifth on")
    patience: int = parameter(4, "weeks", 0, 520, "weeks without a sale that do not yet discourage")
    effort: float = parameter(
        1.0, "times the normal", 0, 10, "effort that full optimism adds to the normal one")
    fatigue: float = parameter(
        0.03, "share a week", 0, 1, "share of its effort a reseller drops a week without a sale")

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        resellers = world.resellers
        _train(
            resellers.active, resellers.optimism, resellers.effort, resellers.weeks_since_sale,
            self.intensity, self.decay, self.deflation, self.patience, self.effort, self.fatigue,
        )


@compiled
def _train(
    active, optimism, effort, since, intensity, decay, deflation, patience, lift, fatigue
):
    for row in range(active.size):
        if not active[row]:
            continue
        mood = np.float64(optimism[row])
        mood += intensity * (1.0 - mood) - decay * mood
        idle = since[row] - patience
        if idle > 0:
            mood -= deflation * mood
        mood = min(max(mood, 0.0), 1.0)
        optimism[row] = mood
        tired = max(0.2, 1.0 - fatigue * max(idle, 0))
        effort[row] = (1.0 + lift * mood) * tired

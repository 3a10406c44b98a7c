"""Rules that no regime uses: a scenario names them in ``rules.week`` and composes its own week."""

from __future__ import annotations

from sim.mechanisms.adopting import Adopting
from sim.mechanisms.anchoring import Anchoring
from sim.mechanisms.base import Mechanism
from sim.mechanisms.lapsing import Lapsing
from sim.mechanisms.moving_average import MovingAverage
from sim.mechanisms.staffing import Staffing
from sim.mechanisms.streaming import Streaming

__all__ = ["FURTHER"]

FURTHER: tuple[type[Mechanism], ...] = (
    Staffing, Adopting, Streaming, Lapsing, MovingAverage, Anchoring,
)

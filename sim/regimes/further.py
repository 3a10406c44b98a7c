"""Rules that no regime uses: a scenario names them in ``rules.week`` and composes its own week."""

from __future__ import annotations

from sim.mechanisms.adoption import Adoption
from sim.mechanisms.anchored_ordering import AnchoredOrdering
from sim.mechanisms.base import Mechanism
from sim.mechanisms.customer_attrition import CustomerAttrition
from sim.mechanisms.demand_process import DemandProcess
from sim.mechanisms.fixed_sellers import FixedSellers
from sim.mechanisms.moving_average import MovingAverage

__all__ = ["FURTHER"]

FURTHER: tuple[type[Mechanism], ...] = (
    FixedSellers, Adoption, DemandProcess, CustomerAttrition, MovingAverage, AnchoredOrdering,
)

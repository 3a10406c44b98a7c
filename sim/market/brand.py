"""The brand: what it makes, knows, promises and owns."""

from __future__ import annotations

from dataclasses import dataclass, field

from sim.market.settings import Offer, Production

__all__ = ["FORMS", "BrandState"]

FORMS = ("platform", "organisation", "media", "channel", "brand")
"""Five forms of a cell, following its customers' stages (essay A, 让组织细胞化)."""


@dataclass
class BrandState:
    """State of the one brand of a run. Money is in its account, goods in the factory's."""

    quality: float
    """True quality of the product sold now, share."""
    position: tuple[float, float]
    """Place of the product in taste space."""
    pipeline: list[int] = field(default_factory=lambda: [0] * 32)
    """Units in production by week of completion (ring buffer)."""
    in_production: int = 0
    """Units ordered from the factory and not finished."""
    forecast: float = 0.0
    """Expected weekly sell-in, units."""
    forecast_error: float = 0.0
    """Smoothed absolute error of the forecast divided by smoothed demand."""
    orders: int = 0
    """Units ordered from the brand this week."""
    backlog: int = 0
    """Units ordered from the brand and not shipped at the end of the week."""
    knowledge: float = 0.0
    """What the brand knows about its customers, share of what can be known."""
    data: dict[str, float] = field(
        default_factory=lambda: {
            "shared": 0.0, "crowd": 0.0, "experience": 0.0, "behaviour": 0.0, "profile": 0.0,
        }
    )
    """The five data stocks (essay A, 需求比特化)."""
    version: int = 1
    """Version of the product."""
    variety: float = 1.0
    """Variants of the product that are sold side by side."""
    reach: float = 1.0
    """Share of the market in which the brand is active; below one during a pilot."""
    preorders: int = 0
    """Units that consumers have ordered and wait for."""
    trials_due: int = 0
    """Units of the newest version that prosumers still wait to try."""
    end_demand: int = 0
    """Units that end consumers asked for this week, in all channels."""
    communities: int = 0
    """Cells: groups of customers organised around the brand."""
    members: int = 0
    """Members of the cells."""
    forms: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FORMS, 0))
    """Cells by organisational form."""

    direct_demand: int = 0
    """Units that consumers asked the brand itself for this week."""
    variety_cost: float = 0.0
    """Share by which each further variant raises the unit cost."""

    def unit_cost(self, offer: Offer) -> int:
        """Return what a unit costs to make, fen."""
        return round(offer.unit_cost * 100 * (1.0 + self.variety_cost * (self.variety - 1.0)))

    @classmethod
    def opening(cls, offer: Offer, production: Production) -> BrandState:
        """Return the brand before its first week."""
        return cls(quality=offer.quality, position=(offer.position_x, offer.position_y))

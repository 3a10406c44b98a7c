"""The brand: what it makes, knows, promises and owns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sim.kernel import np
from sim.kernel.columns import Record
from sim.kernel.compiled import borrowing
from sim.market.settings import Offer, Production

__all__ = [
    "CHANNEL", "FORMS", "MEDIA", "ORGANISATION", "ORGANISES", "OWN_BRAND", "PLATFORM", "SELLS", "SPEAKS",
    "VOUCHES", "BrandState", "DataStocks", "Product", "misfit",
]

FORMS = ("platform", "organisation", "media", "channel", "brand")
"""Five forms of a cell, following its customers' stages (essay A, 让组织细胞化)."""
PLATFORM, ORGANISATION, MEDIA, CHANNEL, OWN_BRAND = range(len(FORMS))
ORGANISES, SPEAKS, SELLS, VOUCHES = 1, 2, 4, 8
"""What cells can do (`persons.powers`): a cell keeps each power while it has the members for it."""

MAX_PRODUCTION_WEEKS = 32
"""Weeks that a batch may be in production, including the week of the order."""


class DataStocks(NamedTuple):
    """The five stocks of customer data, records per 1,000 persons (essay A, 需求比特化)."""

    shared: float = 0.0
    crowd: float = 0.0
    experience: float = 0.0
    behaviour: float = 0.0
    profile: float = 0.0


NO_DATA = DataStocks()


class Product(NamedTuple):
    """The product as a compiled loop sees it: quality, place in taste space, and how steeply its
    fit falls with the squared distance of a taste.
    """

    quality: float
    x: float
    y: float
    steepness: float


@borrowing
def misfit(product, taste_x, taste_y):
    """Return the logarithm of the product's fit to a taste: ``-steepness x squared distance``."""
    dx = np.float64(taste_x) - product.x
    dy = np.float64(taste_y) - product.y
    return -(dx * dx + dy * dy) * product.steepness


@dataclass
class BrandState(Record):
    """State of the one brand of a run. Money is in its account, goods in the factory's."""

    quality: float
    """True quality of the product sold now, share."""
    position: tuple[float, float]
    """Place of the product in taste space."""
    pipeline: tuple[int, ...] = (0,) * MAX_PRODUCTION_WEEKS
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
    """What the brand knows about its customers, as a share of what can be known."""
    data: DataStocks = NO_DATA
    """The five data stocks (essay A, 需求比特化)."""
    known: DataStocks = NO_DATA
    """How much the brand knows from each stock, shares; `knowledge` is that of the profile."""
    version: int = 1
    """Version of the product."""
    variety: float = 1.0
    """Variants of the product on sale."""
    reach: float = 1.0
    """Share of the market in which the brand is active; below one during a pilot."""
    preorders: int = 0
    """Units on pre-order."""
    trials_due: int = 0
    """Units of the newest version that prosumers still wait to try."""
    end_demand: int = 0
    """Units that end consumers asked for this week, in all channels."""
    communities: int = 0
    """Cells: groups of customers organised around the brand."""
    members: int = 0
    """Members of the cells."""
    organised: int = 0
    """Members who can create, in cells that organise themselves."""
    forms: tuple[int, ...] = (0,) * len(FORMS)
    """Cells by organisational form, in the order of `FORMS`."""

    direct_demand: int = 0
    """Units that consumers asked the brand itself for this week."""
    variety_cost: float = 0.0
    """Share by which each further variant raises the unit cost."""

    def unit_cost(self, offer: Offer) -> int:
        """Return what a unit costs to make, fen."""
        return round(offer.unit_cost * 100 * (1.0 + self.variety_cost * (self.variety - 1.0)))

    def begin(self, units: int, week: int) -> None:
        """Begin production of units to be finished in `week`."""
        slot = week % len(self.pipeline)
        pipeline = list(self.pipeline)
        pipeline[slot] += units
        self.pipeline = tuple(pipeline)
        self.in_production += units

    def finish(self, week: int) -> int:
        """Remove the units finished in `week` from production; return how many."""
        made = self.pipeline[week % len(self.pipeline)]
        self.begin(-made, week)
        return made

    def product(self, offer: Offer, *, variants: bool = True) -> Product:
        """Return the product on sale, or its base version without variants.

        Variants help as far as the brand knows which to offer to whom: as far as it knows the profile.
        """
        variety = 1.0 + (self.variety - 1.0) * self.knowledge if variants else 1.0
        radius = offer.taste_radius
        return Product(self.quality, *self.position, 1.0 / (radius * radius * variety))

    @classmethod
    def opening(cls, offer: Offer, production: Production) -> BrandState:
        """Return the brand before its first week."""
        return cls(quality=offer.quality, position=(offer.position_x, offer.position_y))

"""Product development: tastes drift, and the product follows them, or copies, or stays behind."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import unit
from sim.kernel.maths import FINE, fine, normal
from sim.market.persons import FAN
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["ProductDevelopment"]


class ProductDevelopment(Mechanism):
    """Each new version moves towards what contributors want, as far as the brand knows them.

    Tastes drift at random. A version aims at the mean taste of fans and cell members and misses it
    the less, the more the brand knows; without knowledge the brand copies, late, where the market
    was (A13). Contributors' ideas move quality towards their own skill, so a crowd that knows less
    than the firm does harm (A15). Knowledge also makes variants worth selling side by side.
    """

    phase: ClassVar = "learn"
    reads: ClassVar = (
        "persons.taste_x", "persons.taste_y", "persons.stage", "persons.cell", "brand.knowledge",
    )
    writes: ClassVar = (
        "brand.position", "brand.quality", "brand.version", "brand.variety", "brand.variety_cost",
    )
    off: ClassVar = {
        "A15": {"product_development.ideas": 0.0, "product_development.variants": 0.0,
                "product_development.preorders": False}}

    drift: float = parameter(
        0.02, "taste distance a week", 0, 5, "standard deviation of the weekly drift of tastes",
        source="essay A: 不断跟进时尚前沿")
    interval: float = parameter(
        None, "weeks", 1, 520, "weeks between two versions of the product",
        control=("feedback_product", 26.0, 8.0), source="essay A: 产品的迭代")
    delay: int = parameter(
        26, "weeks", 0, 520, "how late a copied product follows the market",
        source="essay A: 把竞争对手的产品加以复制和改进")
    error: float = parameter(
        0.4, "taste distance", 0, 5, "error of a version made without any knowledge")
    ideas: float = parameter(
        None, "share a version", 0, 1,
        "share of the gap to the contributors' skill that a version made with full knowledge closes",
        control=("feedback_product", 0.0, 0.25),
        source="user-designed goods sell 3-5 times (Nishikawa et al. 2013), n = 6 selected")
    skill: float = parameter(
        0.80, "share", 0, 1, "quality that contributors are able to lead the product to",
        source="user ideas are more novel, slightly less feasible (Poetz, Schreier 2012)")
    variants: float = parameter(
        None, "variants", 0, 100, "further variants that full knowledge makes worth selling",
        control=("feedback_product", 0.0, 1.5), source="essay A: 产品需要多元化")
    variant_cost: float = parameter(
        0.03, "share", 0, 10, "share by which each further variant raises the unit cost")
    preorders: bool = parameter(
        True, "flag", None, None, "whether consumers may order what is not made yet")

    def begin(self, world: World) -> None:
        """Remember where tastes and the market were."""
        world.own(Drift)

    def step(self, world: World) -> None:
        """Let tastes drift; when a version is due, make it."""
        brand, drift = world.brand, world.own(Drift)
        brand.variety_cost = self.variant_cost
        x, y = _noise(world.luck("taste drift"), self.drift)
        now = drift.trail[-1]
        drift.trail.append((now[0] + x, now[1] + y))
        del drift.trail[: -self.delay - 2]
        # Positions are told in the frame of tastes, so a drift moves the product the other way.
        brand.position = (brand.position[0] - x, brand.position[1] - y)
        # Progress counts parts of an interval, so that an event may shorten the one under way.
        drift.progress += 1.0 / self.interval
        if drift.progress >= 1.0:
            drift.progress = 0.0
            self._renew(world, drift.trail)

    def _renew(self, world: World, trail: list[tuple[float, float]]) -> None:
        """Replace the product by its next version."""
        brand = world.brand
        brand.version += 1
        known = brand.knowledge
        past = trail[max(0, len(trail) - 1 - self.delay)]
        copied = (past[0] - trail[-1][0], past[1] - trail[-1][1])
        wanted_x, wanted_y, contributors = _wanted(world.persons.view(Contributors))
        wanted = (wanted_x, wanted_y) if contributors else copied
        miss = _noise(world.luck("version error"), self.error)
        x, y = (
            known * wanted[axis] + (1.0 - known) * (copied[axis] + miss[axis]) for axis in AXES)
        brand.position = (x, y)
        quality = brand.quality + self.ideas * known * (self.skill - brand.quality)
        brand.quality = min(max(quality, 0.0), 1.0)
        aimed = 1.0 + math.floor(self.variants * known / VARIETY_STEP) * VARIETY_STEP
        if aimed > brand.variety:
            brand.variety += VARIETY_STEP
        elif aimed < brand.variety:
            brand.variety -= VARIETY_STEP


AXES = (0, 1)
"""The two axes of taste space."""
VARIETY_STEP = 0.5
"""Variants by which the range grows or shrinks with a version: whole ones come and go slowly."""


@dataclass
class Drift:
    """Where tastes have been, newest last, and how far the next version is."""

    trail: list[tuple[float, float]] = field(default_factory=lambda: [(0.0, 0.0)])
    progress: float = 0.0


def _noise(key: Any, sd: float) -> tuple[float, float]:
    """Return normal noise in both directions of taste space."""
    x, y = (sd * float(normal(unit(key, axis))) for axis in AXES)
    return x, y


class Contributors(NamedTuple):
    """Columns of persons that say who contributes, and what they like."""

    taste_x: np.ndarray
    taste_y: np.ndarray
    stage: np.ndarray
    cell: np.ndarray


@compiled
def _wanted(persons):
    """Return the mean taste of fans, geeks and cell members, and how many they are."""
    x = np.int64(0)
    y = np.int64(0)
    count = 0
    for person in range(persons.stage.size):
        if persons.stage[person] >= FAN or persons.cell[person] >= 0:
            x += fine(persons.taste_x[person])
            y += fine(persons.taste_y[person])
            count += 1
    if count == 0:
        return 0.0, 0.0, 0
    return x / FINE / count, y / FINE / count, count

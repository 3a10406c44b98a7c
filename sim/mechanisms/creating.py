"""Creating: tastes drift, and the product follows them, or copies, or stays behind."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import unit
from sim.kernel.maths import FINE, fine, normal
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Creating"]


class Creating(Mechanism):
    """Each new version moves towards what contributors want, as far as the brand knows them.

    Tastes drift at random. A version aims at the mean taste of fans and cell members, missing by an
    error that knowledge shrinks; without knowledge the brand copies, late, where the market was
    (A13). Contributors' ideas move quality towards what they are able to, so a crowd that knows
    less than the firm does harm (A15). Knowledge also pays for variants sold side by side.
    """

    phase: ClassVar = "learn"
    writes: ClassVar = ("brand",)
    off: ClassVar = {
        "A15": {"creating.ideas": 0.0, "creating.variants": 0.0, "creating.preorders": False}}

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
        0.90, "share", 0, 1, "quality that contributors are able to lead the product to",
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
        """Live this rule's part of one week."""
        brand, drift = world.brand, world.own(Drift)
        brand.variety_cost = self.variant_cost
        key = world.luck("taste drift")
        step = tuple(self.drift * float(normal(unit(key, axis))) for axis in (0, 1))
        trail = drift.trail
        trail.append((trail[-1][0] + step[0], trail[-1][1] + step[1]))
        del trail[: -self.delay - 2]
        # Positions are told in the frame of tastes, so a drift moves the product the other way.
        brand.position = (brand.position[0] - step[0], brand.position[1] - step[1])
        # The clock runs in parts of an interval, so that an event may shorten the one under way.
        drift.progress += 1.0 / self.interval
        if drift.progress < 1.0:
            return
        drift.progress = 0.0
        brand.version += 1
        known = brand.knowledge
        wanted_x, wanted_y, voices = _wanted(
            world.persons.taste_x, world.persons.taste_y, world.persons.stage, world.persons.cell)
        past = trail[max(0, len(trail) - 1 - self.delay)]
        copied = (past[0] - trail[-1][0], past[1] - trail[-1][1])
        wanted = (wanted_x, wanted_y) if voices else copied
        key = world.luck("version error")
        miss = [copied[axis] + self.error * float(normal(unit(key, axis))) for axis in (0, 1)]
        x, y = (known * wanted[axis] + (1.0 - known) * miss[axis] for axis in (0, 1))
        brand.position = (x, y)
        brand.quality += self.ideas * known * (self.skill - brand.quality)
        brand.quality = min(max(brand.quality, 0.0), 1.0)
        # Half steps: a range grows and shrinks by whole variants only slowly.
        aimed = 1.0 + math.floor(2.0 * self.variants * known) / 2.0
        brand.variety += 0.5 if aimed > brand.variety else (-0.5 if aimed < brand.variety else 0.0)


@dataclass
class Drift:
    """Where tastes have been, newest last, and how far the next version is."""

    trail: list[tuple[float, float]] = field(default_factory=lambda: [(0.0, 0.0)])
    progress: float = 0.0


@compiled
def _wanted(taste_x, taste_y, stage, cell):
    """Return the mean taste of fans, geeks and cell members, and how many they are."""
    x = np.int64(0)
    y = np.int64(0)
    count = 0
    for person in range(stage.size):
        if stage[person] >= 3 or cell[person] >= 0:
            x += fine(taste_x[person])
            y += fine(taste_y[person])
            count += 1
    if count == 0:
        return 0.0, 0.0, 0
    return x / FINE / count, y / FINE / count, count

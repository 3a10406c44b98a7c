"""Product development: tastes drift, and the product follows them, or copies, or stays behind."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing
from sim.kernel.luck import draw32, unit
from sim.kernel.maths import FINE, fine, normal, threshold
from sim.market.outputs import Output
from sim.market.persons import FAN, GEEK
from sim.mechanisms.base import Mechanism, Prior, World, parameter
from sim.mechanisms.loyalty_stages import creative_prosumers

__all__ = ["ProductDevelopment"]


class ProductDevelopment(Mechanism):
    """Each new version moves towards what contributors want, as far as the brand knows them.

    Tastes drift at random. A version aims at the mean taste of fans and cell members; the more shared
    data the brand has, the closer it comes. Without data the brand copies, late, where the market was
    (A13).

    Geeks and prosumers who can create bring one idea each to a version. They differ in skill, and each
    one's ideas vary. In a trial an idea looks better or worse than it is, and one that cannot be made
    may pass for a good one; experience data make trials sharper. Ideas that look better than the
    present product are made, as far as crowd-sourced data carry them. So quality goes where
    contributors can lead it: up fast where they know more than the firm, ever slower above the skill
    of most, and down where they know less and trials are blunt (A15).

    Behaviour data make it worth selling variants side by side, which cost more to make.
    """

    phase: ClassVar = "learn"
    reads: ClassVar = (
        "persons.taste_x", "persons.taste_y", "persons.stage", "persons.cell", "resellers.person",
        "resellers.active", "resellers.dropship", "brand.known",
    )
    writes: ClassVar = (
        "brand.position", "brand.quality", "brand.version", "brand.variety", "brand.variety_cost",
    )
    outputs: ClassVar = (
        Output("ideas", "ideas", "tried for this week's new version"),
        Output("ideas_taken", "ideas", "of these, taken into it"),
        Output("variants", "variants", "of the product, sold side by side"),
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
        0.4, "taste distance", 0, 5, "error of a version made without any shared data")
    ideas: float = parameter(
        None, "share a version", 0, 1,
        "share of what an idea is worth that a version makes real, with all crowd-sourced data",
        control=("feedback_product", 0.0, 0.35),
        source="user-designed goods sell 3-5 times (Nishikawa et al. 2013), n = 6 selected")
    skill: float = parameter(
        0.78, "share", 0, 1, "quality that the ideas of those who can create come to, in the mean",
        source="user ideas are more novel, slightly less feasible (Poetz, Schreier 2012): a guess",
        prior=Prior(0.4, 0.95, "from less than the firm to nearly perfect", fitted=True))
    skill_spread: float = parameter(
        0.08, "share", 0, 1, "standard deviation of skill, and of the ideas of one person",
        source="as much as one experience of the quality (`product_experience.noise`): a guess",
        prior=Prior(0.02, 0.3, "from all alike to three times that", log=True, fitted=True))
    infeasible: float = parameter(
        0.31, "share", 0, 1, "share of the ideas that cannot be made",
        source="slightly less feasible than the firm's (Poetz, Schreier 2012): how much is a guess",
        prior=Prior(0.05, 0.6, "from few to most", fitted=True))
    trial_error: float = parameter(
        0.18, "share", 0, 10, "error of a trial without any experience data",
        source="as wrong as two single experiences: a guess",
        prior=Prior(0.05, 0.8, "a factor of four either way", log=True, fitted=True))
    variants: float = parameter(
        None, "variants", 0, 100, "further variants that full data of behaviour make worth selling",
        control=("feedback_product", 0.0, 1.5), source="essay A: 产品需要多元化")
    variant_cost: float = parameter(
        0.03, "share", 0, 10, "share by which each further variant raises the unit cost")
    preorders: bool = parameter(
        True, "flag", None, None, "whether consumers may order what is not made yet")

    def begin(self, world: World) -> None:
        """Remember where tastes and the market were."""
        world.own(Drift)

    def step(self, world: World) -> None:
        """Let tastes drift; make a version when one is due."""
        brand, drift = world.brand, world.own(Drift)
        brand.variety_cost = self.variant_cost
        x, y = _noise(world.luck("taste drift"), self.drift)
        now = drift.trail[-1]
        drift.trail.append((now[0] + x, now[1] + y))
        del drift.trail[: -self.delay - 2]  # keep the last delay + 2 places
        # Positions are relative to tastes, so a drift moves the product the other way.
        brand.position = (brand.position[0] - x, brand.position[1] - y)
        # Progress is a share of the interval, so that an event may shorten the one under way.
        drift.progress += 1.0 / self.interval
        if drift.progress >= 1.0:
            drift.progress = 0.0
            self._renew(world, drift.trail)
        world.report("variants", brand.variety)

    def _renew(self, world: World, trail: list[tuple[float, float]]) -> None:
        """Replace the product by its next version."""
        brand = world.brand
        brand.version += 1
        known = brand.known.shared
        past = trail[max(0, len(trail) - 1 - self.delay)]
        copied = (past[0] - trail[-1][0], past[1] - trail[-1][1])
        wanted_x, wanted_y, contributors = _wanted(world.persons.view(Contributors))
        wanted = (wanted_x, wanted_y) if contributors else copied
        miss = _noise(world.luck("version error"), self.error)
        x, y = (
            known * wanted[axis] + (1.0 - known) * (copied[axis] + miss[axis]) for axis in AXES)
        brand.position = (x, y)
        self._improve(world)
        aimed = 1.0 + math.floor(self.variants * brand.known.behaviour / VARIETY_STEP) * VARIETY_STEP
        if aimed > brand.variety:
            brand.variety += VARIETY_STEP
        elif aimed < brand.variety:
            brand.variety -= VARIETY_STEP

    def _improve(self, world: World) -> None:
        """Try the ideas of those who can create, and build the better ones into the version."""
        brand = world.brand
        if not brand.known.crowd:
            return  # the brand hears no ideas
        brings = world.persons.stage == GEEK
        brings[creative_prosumers(world)] = True
        people = np.flatnonzero(brings)
        luck = Luck(
            world.fixed_luck("skill"), world.luck("idea"), world.luck("can be made"),
            world.luck("trial"), world.luck("trial finds out"))
        gain, taken = _try_ideas(people, brand.quality, brand.known.experience, self.parameters, luck)
        world.count("ideas", people.size)
        world.count("ideas_taken", taken)
        if people.size:
            quality = brand.quality + self.ideas * brand.known.crowd * (gain / people.size)
            brand.quality = min(max(quality, 0.0), 1.0)


AXES = (0, 1)
"""The two axes of taste space."""
VARIETY_STEP = 0.5
"""Variants by which one version widens or narrows the range at most."""


@dataclass
class Drift:
    """Where tastes have been, newest last, and how far the next version has progressed."""

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


class Luck(NamedTuple):
    """Keys of the draws for people and their ideas."""

    skill: np.uint64
    idea: np.uint64
    works: np.uint64
    trial: np.uint64
    found: np.uint64


@borrowing
def _try_ideas(people, quality, tested, rule, luck):
    """Return the total gain from ideas that look better than the product, and their number."""
    gain = 0.0
    taken = 0
    blunt = rule.trial_error * (1.0 - tested)
    for person in people:
        skill = rule.skill + rule.skill_spread * normal(unit(luck.skill, person))
        worth = min(max(skill + rule.skill_spread * normal(unit(luck.idea, person)), 0.0), 1.0)
        works = draw32(luck.works, person) >= threshold(rule.infeasible)
        if not works and draw32(luck.found, person) < threshold(tested):
            continue
        promise = worth + blunt * normal(unit(luck.trial, person)) - quality
        if promise > 0.0:
            taken += 1
            # An idea that cannot be made, and is made anyway, spoils as much as it promised.
            gain += worth - quality if works else -promise
    return gain, taken


@borrowing
def _wanted(persons):
    """Return the mean taste of fans, geeks and cell members, and their number."""
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

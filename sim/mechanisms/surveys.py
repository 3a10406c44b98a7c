"""Surveys: preset answers, and the false confidence that the brand takes from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32, draw64
from sim.kernel.maths import FINE, exp, fine, threshold
from sim.market.brand import misfit
from sim.market.outputs import Output
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["Surveys"]


class Surveys(Mechanism):
    """Before each new version the brand asks people to tick an answer, and most answers are its own.

    The answers offered lie around the brand's own idea (答案都是自己预设好的). People tick the nearest
    one; with chance 1 - `preset` they say what they really want. The version follows the mean answer,
    so preset answers confirm the brand and open ones correct it. No preset answer says no: the brand
    counts as buyers all who tick one, and the open answers close to its idea, and begins a batch for
    them. So false confidence becomes stock (这些都导致了最终的库存和价格战). The share who would really
    like the product is reported as well.
    """

    phase: ClassVar = "learn"
    reads: ClassVar = (
        "persons.taste_x", "persons.taste_y", "persons.weekly_need", "brand.version", "brand.quality",
        "brand.knowledge", "brand.variety",
    )
    writes: ClassVar = ("brand.position", "brand.pipeline", "brand.in_production")
    outputs: ClassVar = (
        Output("survey_confirmed", "share", "of those asked this week, who ticked the brand's own idea; "
               "empty without a survey"),
        Output("survey_true", "share", "of those asked this week, whom that idea fits by half or more; "
               "empty without a survey"),
        Output("survey_batch", "units", "begun on the strength of a survey"),
    )
    dial: ClassVar = "asked"
    off: ClassVar = {"A25": {"surveys.preset": 0.0}}

    asked: int = parameter(
        0, "persons", 0, 1_000_000, "persons who are asked before a new version; 0: there are no surveys",
        source="essay A: 即使做些市场调研")
    preset: float = parameter(
        1.0, "share", 0, 1, "chance that somebody has to tick one of the brand's answers",
        source="essay A: 让消费者去做选择题,答案都是自己预设好的")
    spread: float = parameter(
        0.25, "taste distance", 0, 5, "how far the other answers lie from the brand's own idea",
        source="half of the spread of tastes between communities: working assumption",
        prior=Prior(0.05, 1.0, "from one answer in other words to the whole market", log=True))
    confidence: float = parameter(
        0.02, "units a person", 0, 100,
        "units that are begun, per person of the market, when all confirm the idea",
        source="as much as there is at the start (`production.opening_stock`): working assumption",
        prior=Prior(0.002, 0.2, "a factor of ten either way", log=True))

    def step(self, world: World) -> None:
        """Ask if a new version is due this week; follow the answers and begin a batch."""
        own, brand = world.own(Asked), world.brand
        renewed = brand.version != own.version
        own.version = brand.version
        world.report("survey_confirmed", float("nan"))
        world.report("survey_true", float("nan"))
        if not renewed:
            return
        idea = brand.position
        luck = Luck(world.luck("whom a survey asks"), world.luck("answers a preset question"))
        x, y, ticked, fits, asked = _ask(
            world.persons.view(Respondents), world.product(), idea[0], idea[1], self.parameters, luck)
        if asked == 0:
            return
        brand.position = (x, y)
        batch = round(self.confidence * len(world.persons) * ticked / asked)
        brand.begin(batch, world.week + world.settings.production.lead_time)
        world.count("survey_batch", batch)
        world.report("survey_confirmed", ticked / asked)
        world.report("survey_true", fits / asked)


@dataclass
class Asked:
    """Version of the product sold last week."""

    version: int = 1


class Respondents(NamedTuple):
    """Columns of persons that an answer depends on."""

    taste_x: np.ndarray
    taste_y: np.ndarray
    weekly_need: np.ndarray


class Luck(NamedTuple):
    """Keys of the decisions taken here."""

    whom: np.uint64
    preset: np.uint64


LIKED = 0.5
"""Fit from which a person likes the product."""


@compiled
def _ask(persons, product, idea_x, idea_y, rule, luck):
    """Return the mean answer, and how many persons ticked the brand's idea, like it, and answered."""
    sum_x = sum_y = np.int64(0)
    ticked = fits = answered = 0
    size = persons.weekly_need.size
    for question in range(rule.asked):
        person = np.int64(draw64(luck.whom, question) % np.uint64(size))
        if persons.weekly_need[person] == 0.0:
            continue
        answered += 1
        x, y = np.float64(persons.taste_x[person]), np.float64(persons.taste_y[person])
        fits += exp(misfit(product, x, y)) >= LIKED
        if draw32(luck.preset, question) < threshold(rule.preset):
            # The idea itself or a step to the left, right, up or down: whichever is nearest. No answer
            # says no, so ticking any of them confirms.
            ticked += 1
            dx, dy = x - idea_x, y - idea_y
            step = rule.spread
            if max(abs(dx), abs(dy)) <= step / 2.0:
                x, y = idea_x, idea_y
            elif abs(dx) >= abs(dy):
                x, y = idea_x + (step if dx > 0.0 else -step), idea_y
            else:
                x, y = idea_x, idea_y + (step if dy > 0.0 else -step)
        else:
            ticked += max(abs(x - idea_x), abs(y - idea_y)) <= rule.spread / 2.0
        sum_x += fine(x)
        sum_y += fine(y)
    if answered == 0:
        return idea_x, idea_y, ticked, fits, answered
    return sum_x / FINE / answered, sum_y / FINE / answered, ticked, fits, answered

"""Experiencing: use confirms or disappoints what was expected."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import unit
from sim.kernel.maths import exps, normal
from sim.kernel.picking import rows_with
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Experiencing"]


class Experiencing(Mechanism):
    """Expectation disconfirmation: satisfaction follows performance and the gap to expectation.

    Losses weigh more than gains; belief moves to what was experienced by precision weighting; trust
    in the channel follows the disconfirmation. Oliver 1980; Churchill, Surprenant 1982.
    """

    phase: ClassVar = "experience"
    writes: ClassVar = (
        "persons.belief", "persons.evidence", "persons.satisfaction", "persons.trust")

    noise: float = parameter(
        0.15, "share", 0, 1, "standard deviation of one experience of the quality")
    performance: float = parameter(
        1.0, "satisfaction", 0, 10,
        "weight of experienced quality times fit, minus that of the comparable product")
    gain: float = parameter(
        0.6, "satisfaction", 0, 10, "weight of a positive disconfirmation")
    loss: float = parameter(
        1.2, "satisfaction", 0, 10, "weight of a negative disconfirmation",
        source="losses weigh about twice as much as gains (Kahneman, Tversky 1979)")
    learning: float = parameter(
        0.5, "share", 0, 1, "weight of the newest experience in satisfaction")
    trust_gain: float = parameter(
        0.10, "trust", 0, 10, "trust won by a positive disconfirmation of one")
    trust_loss: float = parameter(
        0.40, "trust", 0, 10, "trust burnt by a negative disconfirmation of one")
    memory: float = parameter(
        12.0, "experiences", 1, 1000, "largest evidence a belief rests on, so that it stays open")

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        persons, offer = world.persons, world.settings.offer
        world.threads.over(
            len(persons), _experience, persons.used, persons.belief, persons.evidence,
            persons.satisfaction, persons.trust, persons.taste_x, persons.taste_y,
            world.brand.quality, world.brand.position[0], world.brand.position[1],
            1.0 / (offer.taste_radius**2 * world.brand.variety), offer.reference_quality *
            offer.reference_fit, self.noise, self.performance,
            self.gain, self.loss, self.learning, self.trust_gain, self.trust_loss, float(self.memory),
            world.luck("experience"),
        )


@compiled
def _experience(
    low, high, used, belief, evidence, satisfaction, trust, taste_x, taste_y, quality, place_x,
    place_y, steepness, reference, noise, performance, gain, loss, learning, trust_gain,
    trust_loss, memory, key,
):
    users = rows_with(used, low, high)
    fit = np.empty(users.size)
    for index in range(users.size):
        dx = np.float64(taste_x[users[index]]) - place_x
        dy = np.float64(taste_y[users[index]]) - place_y
        fit[index] = -(dx * dx + dy * dy) * steepness
    exps(fit)
    for index in range(users.size):
        person = users[index]
        felt = quality + noise * normal(unit(key, person))
        expected = np.float64(belief[person])
        gap = felt - expected
        weight = loss if gap < 0.0 else gain
        verdict = 0.5 + performance * (felt * fit[index] - reference) + weight * gap
        verdict = min(max(verdict, 0.0), 1.0)
        before = np.float64(satisfaction[person])
        satisfaction[person] = before + learning * (verdict - before)
        moved = np.float64(trust[person]) + (trust_loss if gap < 0.0 else trust_gain) * gap
        trust[person] = min(max(moved, 0.0), 1.0)
        known = np.float64(evidence[person])
        belief[person] = (expected * known + felt) / (known + 1.0)
        evidence[person] = min(known + 1.0, memory)

"""Listening: what others report changes belief and trust."""

from __future__ import annotations

from typing import ClassVar

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import threshold
from sim.kernel.picking import rows_with
from sim.market.persons import FULL_REPORT
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["Listening"]


class Listening(Mechanism):
    """Belief moves to the mean of the reports by precision weighting; bad voices cost trust.

    Open information raises the weight of what others lived through (A10). Trust slowly heals
    towards what people grant strangers who sell nothing.
    """

    phase: ClassVar = "learn"
    writes: ClassVar = (
        "persons.belief", "persons.evidence", "persons.trust", "persons.dropped")

    weight: float = parameter(
        None, "experiences", 0, 100, "how many own experiences one voice is worth",
        control=("information_asymmetry", 0.4, 0.2), source="A10, essay A: 信息的开放对称和透明")
    trust_good: float = parameter(
        0.01, "trust a voice", 0, 1, "share of missing trust that a satisfied voice restores")
    trust_bad: float = parameter(
        0.04, "trust a voice", 0, 1, "share of the trust that a dissatisfied voice takes",
        source="bad reviews weigh more than good ones (Chevalier, Mayzlin 2006)")
    healing: float = parameter(
        0.002, "share a week", 0, 1, "share of the way back to `healed` that trust goes a week")
    healed: float = parameter(0.5, "share", 0, 1, "trust to which burnt trust slowly returns")
    win_back: float = parameter(
        0.02, "chance a voice", 0, 1, "chance that a satisfied voice wins back somebody who gave up the "
        "brand")
    memory: float = parameter(
        12.0, "experiences", 1, 1000, "largest evidence a belief rests on, so that it stays open")

    def step(self, world: World) -> None:
        """Live this rule's part of one week."""
        persons = world.persons
        world.threads.over(
            len(persons), _listen, persons.voices, persons.voice_sum, persons.voices_bad,
            persons.belief, persons.evidence, persons.trust, self.weight, self.trust_good,
            self.trust_bad, self.healing, self.healed, float(self.memory), persons.dropped,
            self.win_back, world.luck("win back"),
        )


@compiled
def _listen(
    low, high, voices, voice_sum, voices_bad, belief, evidence, trust, weight, trust_good,
    trust_bad, healing, healed, memory, dropped, win_back, key,
):
    told = rows_with(voices, low, high)
    levels = np.empty(told.size)
    for index in range(told.size):
        person = told[index]
        level = _heal(np.float64(trust[person]), healing, healed)
        heard = np.float64(voices[person])
        bad = np.float64(voices_bad[person])
        level += trust_good * (heard - bad) * (1.0 - level)
        level -= trust_bad * bad * level
        levels[index] = level
        if dropped[person] and draw32(key, person) < threshold(win_back * (heard - bad)):
            dropped[person] = 0
        known = np.float64(evidence[person])
        reported = weight * np.float64(voice_sum[person]) / FULL_REPORT
        total = known + weight * heard
        if total > 0.0:
            belief[person] = (np.float64(belief[person]) * known + reported) / total
            evidence[person] = min(total, memory)
    # All others in vectors, then those again who were told something.
    trusting = trust[low:high]
    for index in range(trusting.size):
        level = _heal(np.float64(trusting[index]), healing, healed)
        trusting[index] = min(max(level, 0.0), 1.0)
    for index in range(told.size):
        trust[told[index]] = min(max(levels[index], 0.0), 1.0)


@compiled
def _heal(level, healing, healed):
    return level + (healing * (healed - level) if level < healed else 0.0)

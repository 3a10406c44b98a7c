"""Belief updating: what others report changes belief and trust."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw32
from sim.kernel.maths import threshold
from sim.kernel.picking import rows_with
from sim.market.persons import FULL_REPORT
from sim.mechanisms.base import Mechanism, World, parameter

__all__ = ["BeliefUpdating"]


class BeliefUpdating(Mechanism):
    """Belief moves to the mean of the reports by precision weighting; bad voices cost trust.

    Open information raises the weight of what others experienced (A10). Trust slowly heals towards
    the trust that people have in strangers who sell nothing.
    """

    phase: ClassVar = "learn"
    reads: ClassVar = ("persons.voices", "persons.voice_sum", "persons.voices_bad")
    writes: ClassVar = (
        "persons.belief", "persons.evidence", "persons.trust", "persons.dropped")

    voice_weight: float = parameter(
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
        """Let listeners learn from this week's speakers, and let trust heal."""
        persons = world.persons
        world.threads.over(
            len(persons), _listen, persons.view(Listeners), self.parameters,
            world.luck("win back"))


class Listeners(NamedTuple):
    """Columns of persons that a report reads or changes."""

    voices: np.ndarray
    voice_sum: np.ndarray
    voices_bad: np.ndarray
    belief: np.ndarray
    evidence: np.ndarray
    trust: np.ndarray
    dropped: np.ndarray


@compiled
def _listen(low, high, persons, rule, luck):
    """Update belief and trust of the listeners low..high; the trust of all others heals."""
    told = rows_with(persons.voices, low, high)
    levels = np.empty(told.size)
    for index in range(told.size):
        person = told[index]
        level = _heal(np.float64(persons.trust[person]), rule.healing, rule.healed)
        heard = np.float64(persons.voices[person])
        bad = np.float64(persons.voices_bad[person])
        level += rule.trust_good * (heard - bad) * (1.0 - level)
        level -= rule.trust_bad * bad * level
        levels[index] = level
        if persons.dropped[person]:
            if draw32(luck, person) < threshold(rule.win_back * (heard - bad)):
                persons.dropped[person] = 0
        known = np.float64(persons.evidence[person])
        reported = rule.voice_weight * np.float64(persons.voice_sum[person]) / FULL_REPORT
        total = known + rule.voice_weight * heard
        if total > 0.0:
            persons.belief[person] = (np.float64(persons.belief[person]) * known + reported) / total
            persons.evidence[person] = min(total, rule.memory)
    # Heal everybody first, which vectorises; then go over the listeners again.
    trusting = persons.trust[low:high]
    for index in range(trusting.size):
        level = _heal(np.float64(trusting[index]), rule.healing, rule.healed)
        trusting[index] = min(max(level, 0.0), 1.0)
    for index in range(told.size):
        persons.trust[told[index]] = min(max(levels[index], 0.0), 1.0)


@borrowing
def _heal(level, healing, healed):
    return level + (healing * (healed - level) if level < healed else 0.0)

"""Product experience: use confirms or disappoints what was expected."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw32, unit
from sim.kernel.maths import exps, normal, threshold
from sim.kernel.picking import rows_with
from sim.market.brand import misfit
from sim.market.persons import NEUTRAL
from sim.mechanisms.base import Mechanism, Prior, World, parameter

__all__ = ["ProductExperience"]


class ProductExperience(Mechanism):
    """Expectation disconfirmation: satisfaction follows performance and the gap to expectation.

    Losses weigh more than gains; belief moves to the experience by precision weighting. Trust in the
    channel follows the gap, beyond a dead zone as wide as the noise of an experience (Oliver 1980;
    Churchill, Surprenant 1982). After each week of use a person may give up the brand, though not the
    category, the likelier the less satisfied; people differ in how easily they do (the dropout of
    BG/NBD: Fader, Hardie, Lee 2005). Members of a cell give up less easily (B7).
    """

    phase: ClassVar = "experience"
    reads: ClassVar = (
        "persons.used", "persons.cell", "persons.taste_x", "persons.taste_y", "brand.quality",
        "brand.position", "brand.knowledge", "brand.variety")
    writes: ClassVar = (
        "persons.belief", "persons.evidence", "persons.satisfaction", "persons.trust",
        "persons.dropped")

    noise: float = parameter(
        0.10, "share", 0, 1, "standard deviation of one experience of the quality")
    dead_zone: float = parameter(
        2.0, "times the noise", 0, 10, "gap between experience and expectation that moves no trust",
        source="zone of indifference (Woodruff, Cadotte, Jenkins 1983)")
    performance_weight: float = parameter(
        1.0, "satisfaction", 0, 10,
        "weight of experienced quality times fit, minus that of the comparable product")
    gain_weight: float = parameter(
        0.6, "satisfaction", 0, 10, "weight of a positive disconfirmation")
    loss_weight: float = parameter(
        1.2, "satisfaction", 0, 10, "weight of a negative disconfirmation",
        source="losses weigh about twice as much as gains (Kahneman, Tversky 1979)")
    smoothing: float = parameter(
        0.5, "share", 0, 1, "weight of the newest experience in satisfaction")
    trust_gain: float = parameter(
        0.3, "trust", 0, 10, "trust won by each step of a positive gap beyond the dead zone")
    trust_loss: float = parameter(
        1.2, "trust", 0, 10, "trust burnt by each step of a negative gap beyond the dead zone")
    dropout: float = parameter(
        0.65, "chance a use", 0, 1, "chance that somebody of middling satisfaction gives up the brand "
        "after a week of use; none when fully satisfied, twice this when not at all",
        source="mean dropout .246 a purchase (CDNOW: Fader, Hardie, Lee 2005)",
        prior=Prior(0.4, 0.9, ".25 either way", fitted=True))
    attachment: float = parameter(
        0.32, "share", 0, 1, "share of the chance to give up that belonging to a cell takes away",
        source="members of a brand community mean to stay (Algesheimer, Dholakia, Herrmann 2005); how much "
        "is a guess", prior=Prior(0.0, 0.6, "from none to more than half", fitted=True))
    memory: float = parameter(
        12.0, "experiences", 1, 1000, "largest evidence a belief rests on, so that it stays open")

    def step(self, world: World) -> None:
        """Let this week's users judge the product."""
        persons, offer = world.persons, world.settings.offer
        dropped = world.threads.over(
            len(persons), _experience, persons.view(Users), world.product(),
            offer.reference_quality * offer.reference_fit, self.parameters,
            Luck(world.luck("experience"), world.luck("give up the brand"),
                 world.fixed_luck("prone to give up")))
        world.count("dropouts", sum(dropped))


class Users(NamedTuple):
    """Columns of persons that an experience reads or changes."""

    used: np.ndarray
    cell: np.ndarray
    belief: np.ndarray
    evidence: np.ndarray
    satisfaction: np.ndarray
    trust: np.ndarray
    dropped: np.ndarray
    taste_x: np.ndarray
    taste_y: np.ndarray


class Luck(NamedTuple):
    """Keys of what is drawn here."""

    experience: np.uint64
    drop: np.uint64
    prone: np.uint64


@compiled
def _experience(low, high, persons, product, reference, rule, luck):
    """Update belief, satisfaction and trust of the users low..high; return how many gave up the brand."""
    users = rows_with(persons.used, low, high)
    fit = np.empty(users.size)
    for index in range(users.size):
        fit[index] = misfit(product, persons.taste_x[users[index]], persons.taste_y[users[index]])
    exps(fit)
    zone = rule.dead_zone * rule.noise
    lost = 0
    for index in range(users.size):
        person = users[index]
        felt = product.quality + rule.noise * normal(unit(luck.experience, person))
        expected = np.float64(persons.belief[person])
        gap = felt - expected
        weight = rule.loss_weight if gap < 0.0 else rule.gain_weight
        verdict = NEUTRAL + rule.performance_weight * (felt * fit[index] - reference) + weight * gap
        verdict = min(max(verdict, 0.0), 1.0)
        satisfied = np.float64(persons.satisfaction[person])
        satisfied += rule.smoothing * (verdict - satisfied)
        persons.satisfaction[person] = satisfied
        moved = np.float64(persons.trust[person])
        moved += rule.trust_gain * max(0.0, gap - zone) - rule.trust_loss * max(0.0, -gap - zone)
        persons.trust[person] = min(max(moved, 0.0), 1.0)
        known = np.float64(persons.evidence[person])
        persons.belief[person] = (expected * known + felt) / (known + 1.0)
        persons.evidence[person] = min(known + 1.0, rule.memory)
        # `dropout` is the mean chance at neutral satisfaction, which 1 - satisfaction halves.
        chance = 2.0 * rule.dropout * (1.0 - satisfied) * _proneness(unit(luck.prone, person))
        if persons.cell[person] >= 0:
            chance *= 1.0 - rule.attachment
        if draw32(luck.drop, person) < threshold(chance):
            lost += not persons.dropped[person]
            persons.dropped[person] = 1
    return lost


@borrowing
def _proneness(luck):
    """Return how easily a person gives up, relative to the mean: 3 u^2 has mean 1, most are below it."""
    return 3.0 * luck * luck

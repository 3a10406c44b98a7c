"""Diffusion: the share of persons who know the product after some weeks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.errors import UsageError
from sim.kernel import np
from sim.studies.limits.row import Row, lived, mean_row
from sim.texts import _

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = ["bass", "bass_finite", "bass_share", "broadcast", "contagion", "ring", "ring_weeks"]

YEAR = 52
"""Weeks in the year for which p and q are stated."""


def bass_share(p: float, q: float, years: float) -> float:
    """Return F(t) = (1 - e^-(p+q)t) / (1 + (q / p) e^-(p+q)t)."""
    decay = math.exp(-(p + q) * years)
    return (1 - decay) / (1 + q / p * decay)


def bass_finite(persons: int, external: float, contact: float, weeks: int) -> np.ndarray:
    """Return the mean share of adopters after each week, in a finite market and in discrete weeks.

    Mean and variance of the number of adopters N, week by week. With the hazard
    h(N) = 1 - (1 - external)(1 - contact)^N and f(N) = (M - N) h(N): mean' = mean + f + f'' var / 2
    and var' = (1 + f')^2 var + (M - mean) h (1 - h). Third moments, of order 1 / M^2 in the share, are
    neglected.
    """
    def growth(adopters: float) -> float:
        return (persons - adopters) * (1 - (1 - external) * (1 - contact) ** adopters)

    mean, variance, shares, step = 0.0, 0.0, [0.0], 1.0
    for _week in range(weeks):
        up, here, down = growth(mean + step), growth(mean), growth(mean - step)
        slope, bend = (up - down) / (2 * step), (up - 2 * here + down) / step**2
        hazard = here / (persons - mean) if persons > mean else 0.0
        noise = (persons - mean) * hazard * (1 - hazard)
        mean, variance = (
            mean + here + bend * variance / 2, (1 + slope) ** 2 * variance + noise)
        shares.append(mean / persons)
    return np.array(shares)


def _curves(scenario: Scenario, seeds: Sequence[int]) -> np.ndarray:
    """Return the share of adopters by seed and week."""
    return np.array([
        [float(model.world.persons.aware.mean()) for model in lived(scenario, seed)]
        for seed in seeds
    ])


def bass(scenario: Scenario, seeds: Sequence[int]) -> list[Row]:
    """Check F at 0.25, 1 and 1.5 times t*, and the time of the peak."""
    rule, persons = scenario.adoption, scenario.persons
    p, q = rule.external * YEAR, rule.weak * (persons - 1) * YEAR
    if not 0.0 < p < q or rule.first > 0.0 or scenario.network.kind != "complete":
        raise UsageError(
            _("Bass needs a complete network, adoption.first 0 and 0 < p < q, where p is 52 x "
                "adoption.external and q is 52 x (persons - 1) x adoption.weak"))
    peak = math.log(q / p) / (p + q)
    weeks = max(2, round(1.5 * peak * YEAR))
    curves = _curves(scenario.changed({"weeks": weeks}), seeds)
    finite = bass_finite(persons, rule.external, rule.weak, weeks)
    rows = []
    for part in (0.5, 1.0, 1.5):
        week = min(weeks, max(1, round(part * peak * YEAR)))
        expected = bass_share(p, q, week / YEAR)
        rows.append(mean_row(
            f"F(t) at {part:g} t* = {week / YEAR:.3f} years", expected, curves[:, week],
            bias=float(finite[week]) - expected, why="whole weeks and a finite market"))
    return rows


def ring_weeks(external: float, contact: float, weeks: int) -> np.ndarray:
    """Return the share of adopters on an endless ring after each whole week, exactly.

    Let S_k be the probability that k neighbours in a row have not adopted. One week turns S_k into
    (1-a)^k [S_k+2 + 2 (1-b)(S_k+1 - S_k+2) + (1-b)^2 (S_k - 2 S_k+1 + S_k+2)], because only the two
    people at the ends have neighbours outside the row. S_k = A B^(k-1) solves this, with B' = (1-a) B and
    A' = (1-a) A (1 - b (1 - B))^2.
    """
    single, ratio, shares = 1.0, 1.0, [0.0]
    for _week in range(weeks):
        single *= (1 - external) * (1 - contact * (1 - ratio)) ** 2
        ratio *= 1 - external
        shares.append(1 - single)
    return np.array(shares)


def ring(scenario: Scenario, seeds: Sequence[int]) -> list[Row]:
    """Check F on a ring against 1 - exp(-(p + q) t + q (1 - e^-pt) / p)."""
    rule, network = scenario.adoption, scenario.network
    p, q = rule.external * YEAR, 2 * rule.weak * YEAR
    plain = network.kind == "watts_strogatz" and network.contacts == 2 and not network.rewiring
    if p <= 0.0 or rule.first > 0.0 or not plain:
        raise UsageError(
            _("the ring needs network watts_strogatz with two contacts and no rewiring, "
                "adoption.first 0 and adoption.external above 0"))
    curves = _curves(scenario, seeds)
    exact = ring_weeks(rule.external, rule.weak, scenario.weeks)
    rows = []
    for week in sorted({max(1, scenario.weeks // 2), scenario.weeks}):
        years = week / YEAR
        expected = 1 - math.exp(-(p + q) * years + q * (1 - math.exp(-p * years)) / p)
        rows.append(mean_row(
            f"F(t) on a ring at {years:.3f} years", expected, curves[:, week],
            bias=float(exact[week]) - expected, why="whole weeks"))
    return rows


def contagion(scenario: Scenario, seeds: Sequence[int]) -> list[Row]:
    """Check one week of adoption, person by person, against 1 - (1-a)(1-b_w)^j (1-b_s)^m."""
    rule = scenario.adoption
    found = expected = variance = 0.0
    trials = 0
    for seed in seeds:
        models = lived(scenario.changed({"weeks": 1}), seed)
        world = next(models).world
        knew = world.persons.aware.astype(bool)
        start, contacts, close = world.graph.start, world.graph.contacts, world.graph.close
        # Count them from the graph itself, not from the columns of the rule.
        heard = np.concatenate([[0], np.cumsum(knew[contacts])])
        strong = heard[start[:-1] + close] - heard[start[:-1]]
        weak = heard[start[1:]] - heard[start[:-1] + close]
        chance = 1 - (1 - rule.external) * (1 - rule.weak) ** weak * (1 - rule.close) ** strong
        next(models)
        found += float((world.persons.aware.astype(bool) & ~knew).sum())
        expected += float(chance[~knew].sum())
        variance += float((chance * (1 - chance))[~knew].sum())
        trials += int((~knew).sum())
    if trials == 0:
        raise UsageError(_("adoption.first: somebody must be left who can adopt"))
    return [Row("share adopting in a week", expected / trials, found / trials,
                variance**0.5 / trials, trials)]


def broadcast(scenario: Scenario, seeds: Sequence[int]) -> list[Row]:
    """Check the shipped rule of awareness: a share 1 - e^-(p t) knows the product after t weeks."""
    expected = 1 - math.exp(-scenario.brand_awareness.advertising * scenario.weeks)
    share = float(_curves(scenario, seeds)[:, -1].mean())
    count = scenario.persons * len(seeds)
    return [Row(f"share who know the product after {scenario.weeks} weeks", expected, share,
                (expected * (1 - expected) / count) ** 0.5, count)]

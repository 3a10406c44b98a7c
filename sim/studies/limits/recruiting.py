"""Recruiting: the arithmetic of pyramids, with behaviour switched off."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sim.errors import UsageError
from sim.kernel import np
from sim.studies.limits.row import Row, lived, mean_row
from sim.texts import _

if TYPE_CHECKING:
    from sim.market.world import World
    from sim.scenario.schema import Scenario

__all__ = ["branching", "extinct_after", "offspring", "tree"]


def _last(scenario: Scenario, seed: int) -> World:
    for model in lived(scenario, seed):
        last = model
    return last.world


def tree(scenario: Scenario, seeds: Sequence[int]) -> list[Row]:
    """Check P(k recruits) = 2^-(k+1), and the expected recruits of the first N / e members.

    Discrete weeks do not matter: if each of N members recruits with the same chance r in a week, the
    expected numbers with k recruits go from N_k to N_k (1 - r) + N_(k-1) r, plus r N newcomers with
    none, and 2^-(k+1) is the fixed point for any r. The error is of the order of the share of the
    market that has joined: two sellers may meet the same person, who follows the earlier one.
    """
    shares: list[list[float]] = []
    early, expected_early, crowd = [], [], []
    for seed in seeds:
        world = _last(scenario, seed)
        resellers = world.resellers
        joined, count = resellers.joined_week.astype(int), len(resellers)
        founders = int((joined == 0).sum())
        if count < 10 * founders:
            raise UsageError(_(
                    "recruiting: too few joined for the arithmetic to show; take more weeks or "
                    "approaches"))
        recruits = np.bincount(resellers.sponsor[resellers.sponsor >= 0], minlength=count)
        shares.append([float((recruits == k).mean()) for k in range(4)])
        # Newcomers by week, and members when they joined: the weekly form of 1 / (i - 1).
        came = np.bincount(joined, minlength=world.week + 1)
        members = np.cumsum(came)
        hopes = np.zeros(world.week + 2)
        for week in range(world.week, 0, -1):
            hopes[week] = hopes[week + 1] + came[week] / members[week - 1]
        expectation = hopes[joined + 1]
        first = int(count / math.e)
        early.append(float((recruits[:first] - expectation[:first]).mean()))
        expected_early.append(float((expectation > 1.0).mean()))
        crowd.append(count / len(world.persons))
    why = "those who joined before the pyramid was large, and two sellers with one person"
    # Two sellers meet the same person with the chance approaches x members / market. The earlier one then
    # wins, which changes a share by at most this fraction of it.
    slip = scenario.recruiting.approaches * float(np.mean(crowd))
    return [
        *(mean_row(f"P({k} recruits)", 2.0 ** -(k + 1), [row[k] for row in shares],
                   rounding=slip * 2.0 ** -(k + 1), why=why) for k in range(4)),
        mean_row("recruits of the first N/e, above what their week of joining lets expect", 0.0,
                 early, rounding=slip, why=why),
        mean_row("share who may expect one recruit or more: 1/e", 1 / math.e, expected_early,
                 rounding=scenario.recruiting.approaches / math.e,
                 why="all who join in one week expect the same: steps of one week's growth"),
    ]


def offspring(scenario: Scenario) -> tuple[Callable[[float], float], float]:
    """Return the generating function of the recruits of one reseller, and their mean.

    A reseller draws `approaches` contacts with replacement, and each distinct one accepts with chance
    logistic(base). The number of distinct contacts follows from the occupancy problem.
    """
    rule, contacts = scenario.recruiting, round(scenario.network.contacts)
    asked = round(rule.approaches)
    chance = 1 / (1 + math.exp(-rule.base))
    distinct = {0: 1.0}
    for _ask in range(asked):
        following: dict[int, float] = {}
        for count, weight in distinct.items():
            again = count / contacts
            following[count] = following.get(count, 0.0) + weight * again
            following[count + 1] = following.get(count + 1, 0.0) + weight * (1 - again)
        distinct = following

    def generate(s: float) -> float:
        return sum(weight * (1 - chance + chance * s) ** n for n, weight in distinct.items())

    return generate, chance * sum(n * weight for n, weight in distinct.items())


def extinct_after(
    generate: Callable[[float], float], generations: int, losses: Sequence[float] = ()
) -> float:
    """Return the probability that a line has died out after this many generations.

    `losses` are the shares of the recruits of the first, second, ... generation who have already joined
    another line.
    """
    share = 0.0
    for generation in reversed(range(generations)):
        lost = losses[generation] if generation < len(losses) else 0.0
        share = generate(lost + (1 - lost) * share)
    return share


def branching(scenario: Scenario, seeds: Sequence[int]) -> list[Row]:
    """Check extinction against q = G(q) of Poisson recruits, and the mean size of all lines."""
    rule = scenario.recruiting
    if rule.approaches < 1 or rule.approaches != round(rule.approaches):
        raise UsageError(_("recruiting.approaches: must be a whole number for this closed form"))
    generate, mean = offspring(scenario)
    founders = max(1, round(rule.founders * scenario.persons))
    # If two sellers pick the same person in a week, one of them loses a recruit. Weeks are checked while
    # that costs less than one recruit in fifty.
    crowding = rule.approaches * founders / (2 * scenario.persons)
    losses = [crowding * max(mean, 1.0) ** k for k in range(scenario.weeks)]
    generations = max(2, sum(loss < 0.02 for loss in losses))
    died, sizes, trials = 0, [], 0
    for seed in seeds:
        world = _last(scenario.changed({"weeks": generations}), seed)
        resellers = world.resellers
        line = np.arange(len(resellers))
        for row in range(len(line)):
            if resellers.sponsor[row] >= 0:
                line[row] = line[resellers.sponsor[row]]
        founders = int((resellers.sponsor < 0).sum())
        alive = np.unique(line[resellers.active == 1]).size
        died += founders - alive
        trials += founders
        sizes.append(len(line) / founders)
    final = extinct_after(lambda s: math.exp(mean * (s - 1)), 100_000 if mean > 1 else 1)
    final = final if mean > 1 else 1.0
    share, real = died / trials, extinct_after(generate, generations, losses)
    rows = [Row(
        f"share of lines that die out, mean {mean:.4g}", final, share,
        (real * (1 - real) / trials) ** 0.5, trials, bias=real - final,
        why=f"binomial for Poisson recruits, {generations} generations for endless ones, "
            "two sellers with one person")]
    if mean < 1.0:
        total = sum(mean**k for k in range(generations + 1))
        rows.append(mean_row(
            "mean size of a line: 1 / (1 - m)", 1 / (1 - mean), sizes, bias=total - 1 / (1 - mean),
            why=f"{generations} generations for endless ones"))
    return rows

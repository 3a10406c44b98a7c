"""Repeat purchases of customers, exits of sellers, and clustering of circles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.errors import UsageError
from sim.kernel import np
from sim.kernel.distributions import Gamma
from sim.studies.limits.row import Row, lived, mean_row
from sim.texts import _

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

__all__ = [
    "bgnbd_mean", "clustering", "clustering_form", "constant_hazard", "repeat_buying",
    "weekly_mean",
]


def bgnbd_mean(r: float, alpha: float, a: float, b: float, weeks: float) -> float:
    """Return E[X(t)] of the BG/NBD, equation 9 of Fader, Hardie, Lee 2005."""
    from scipy.special import hyp2f1

    inside = (alpha / (alpha + weeks)) ** r
    inside *= hyp2f1(r, b, a + b - 1, weeks / (alpha + weeks))
    return float((a + b - 1) / (a - 1) * (1 - inside))


def weekly_mean(r: float, alpha: float, a: float, b: float, weeks: int) -> float:
    """Return the same for persons who buy at most once a week.

    Given the chance c = 1 - exp(-need) to buy in a week and p to lapse after it, the expected
    number is the sum of c (1 - c p)^t over t < weeks. Expanding in powers of p and c gives moments
    of the beta and gamma distributions; here they are integrated on quantiles instead.
    """
    from scipy.special import roots_genlaguerre, roots_jacobi

    nodes, weights = roots_jacobi(60, b - 1, a - 1)
    lapse, lapse_weight = (nodes + 1) / 2, weights / weights.sum()
    needs, need_weight = roots_genlaguerre(120, r - 1)
    chance = -np.expm1(-needs / alpha)[:, None]
    need_weight = need_weight / need_weight.sum()
    kept = 1 - chance * lapse[None, :]
    expected = (1 - kept**weeks) / lapse[None, :]
    return float(need_weight @ expected @ lapse_weight)


def repeat_buying(scenario: Scenario, seeds: Sequence[int]) -> list[Row]:
    """Check the share who never buy again, and the mean number of repeats."""
    need, rule = scenario.people.weekly_need, scenario.customer_attrition
    if not isinstance(need, Gamma) or scenario.people.never_need > 0:
        raise UsageError(_("people.weekly_need: this closed form needs gamma needs of everybody"))
    r = 1 / need.cv**2
    alpha = r / need.mean
    customer_attrition = "customer_attrition" in scenario.rules.week
    early = max(1, scenario.weeks * 3 // 4)
    none, mean = [], []
    for seed in seeds:
        for model in lived(scenario, seed):
            if model.week == early:
                none.append(np.asarray(model.world.persons.purchases[1:] == 0))
        mean.append(np.asarray(model.world.persons.purchases[1:], dtype=float))
    zero, bought = np.concatenate(none), np.concatenate(mean)
    count = zero.size
    share = float(zero.mean())
    expected = (alpha / (alpha + early)) ** r
    rows = [Row(
        f"share without a repeat after {early} ticks", expected, share,
        (expected * (1 - expected) / count) ** 0.5, count)]
    if customer_attrition:
        form = bgnbd_mean(r, alpha, rule.a, rule.b, scenario.weeks)
        real = weekly_mean(r, alpha, rule.a, rule.b, scenario.weeks)
    else:
        form = r / alpha * scenario.weeks
        real = scenario.weeks * (1 - (alpha / (alpha + 1)) ** r)
    rows.append(Row(
        f"mean repeats after {scenario.weeks} ticks", form, float(bought.mean()),
        float(bought.std(ddof=1)) / count**0.5, count, bias=real - form,
        why="at most one purchase a tick", freedom=count - 1))
    return rows


def constant_hazard(scenario: Scenario, seeds: Sequence[int]) -> list[Row]:
    """Check that a share (1 - h)^t of the sellers remains."""
    left, trials = 0, 0
    for seed in seeds:
        for model in lived(scenario, seed):
            last = model
        left += int(last.world.resellers.active.sum())
        trials += len(last.world.resellers)
    expected = (1 - scenario.leaving.base) ** scenario.weeks
    return [Row(f"share of sellers left after {scenario.weeks} weeks", expected, left / trials,
                (expected * (1 - expected) / trials) ** 0.5, trials)]


def clustering_form(contacts: int, rewiring: float) -> float:
    """Return 3 (k - 2) / (4 (k - 1)) (1 - p)^3."""
    return 3 * (contacts - 2) / (4 * (contacts - 1)) * (1 - rewiring) ** 3


def clustering(scenario: Scenario, seeds: Sequence[int]) -> list[Row]:
    """Check the clustering coefficient: links between k contacts over the k (k - 1) / 2 possible ones."""
    from scipy.sparse import csr_matrix

    network, persons = scenario.network, scenario.persons
    half = round(network.contacts / 2)
    contacts = 2 * half
    if network.kind != "watts_strogatz" or contacts < 4:
        raise UsageError(_(
                "network: this closed form needs watts_strogatz with 4 contacts or more"))
    found = []
    for seed in seeds:
        graph = next(lived(scenario, seed)).world.graph
        ones = np.ones(graph.contacts.size, dtype=np.int64)
        ties = csr_matrix((ones, graph.contacts.astype(np.int64), graph.start),
                          shape=(persons, persons))
        closed = int((ties @ ties).multiply(ties).sum())
        found.append(closed / (persons * contacts * (contacts - 1)))
    expected = clustering_form(contacts, network.rewiring)
    # Two contacts outside a lattice triangle are linked with chance k / N.
    bias = contacts / persons * (1 - expected) if network.rewiring > 0 else 0.0
    return [mean_row("clustering", expected, found, bias=bias, why="chance ties, k / N",
                     rounding=1e-12)]

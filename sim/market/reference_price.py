"""Reference price: what people without price knowledge believe a comparable product costs."""

from __future__ import annotations

from sim.kernel import np
from sim.kernel.compiled import borrowing
from sim.kernel.maths import exp, log

__all__ = ["believed_price", "list_lift", "plausibilities", "plausibility"]


@borrowing
def believed_price(person, asked, plausible, lift, persons, terms, rule):
    """Return what a person without price knowledge believes a comparable product costs, CNY.

    The believed price always rises by less than the asked price: the difference counts, and the larger
    it is, the less of it is believed. `plausible` is the plausibility of the asked price, `lift` what
    the list price makes of the usual one; both are computed for many at once.
    """
    usual = terms.reference_price
    # A list price below the asked price is not taken as a sign of quality.
    if asked > terms.list_price:
        lift = list_lift(asked, usual, rule)
    target = usual * lift + rule.assimilation * (1.0 - rule.list_weight) * plausible * (asked - usual)
    before = np.float64(persons.reference[person])
    if before == 0.0:
        before = usual
    believed = before + rule.adaptation * (target - before)
    persons.reference[person] = believed
    return believed


@borrowing
def list_lift(price, usual, rule):
    """Return the factor by which a list price raises what is believed usual; it never lowers it."""
    away = max(0.0, log(price / usual))
    return exp(rule.assimilation * rule.list_weight * away * plausibility(away, rule))


@borrowing
def plausibilities(prices, usual, rule):
    """Replace asked prices, CNY, by their plausibility, in a fraction of the time of single calls."""
    for index in range(prices.size):
        prices[index] = plausibility(log(max(prices[index], 0.01) / usual), rule)


@borrowing
def plausibility(away, rule):
    """Return the plausibility of a price at this log distance from the usual one."""
    near = away / rule.plausible_range
    return exp(-near * near)

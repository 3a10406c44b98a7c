"""Reference price: what people believe a comparable product costs who do not know it."""

from __future__ import annotations

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.maths import exp, log

__all__ = ["believed_price", "plausibility"]


@compiled
def believed_price(person, asked, persons, terms, rule):
    """Return what somebody who does not know it believes a comparable product costs, CNY.

    A list price can only lift it. Prices are plausible by the distance of their logarithms. The
    believed price rises by less than what is asked does, whatever is asked and listed: the asked
    price counts by its difference, of which less and less is believed.
    """
    usual = terms.reference_price
    # Nobody takes a list price for a sign of worth that is below what is asked.
    listed = max(0.0, log(max(terms.list_price, asked) / usual))
    lift = exp(rule.assimilation * rule.list_weight * listed * plausibility(listed, rule))
    heard = plausibility(log(max(asked, 0.01) / usual), rule)
    target = usual * lift + rule.assimilation * (1.0 - rule.list_weight) * heard * (asked - usual)
    before = np.float64(persons.reference[person])
    if before == 0.0:
        before = usual
    believed = before + rule.adaptation * (target - before)
    persons.reference[person] = believed
    return believed


@compiled
def plausibility(away, rule):
    """Return how far a price is believed that is so far from the usual one, by logarithms."""
    near = away / rule.plausible_range
    return exp(-near * near)

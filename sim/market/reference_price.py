"""Reference price: what people without price knowledge believe a comparable product costs."""

from __future__ import annotations

from sim.kernel import np
from sim.kernel.compiled import borrowing
from sim.kernel.maths import exp, log

__all__ = ["believed_price", "plausibility"]


@borrowing
def believed_price(person, asked, persons, terms, rule):
    """Return what a person without price knowledge believes a comparable product costs, CNY.

    A list price can only raise it. The plausibility of a price depends on the distance of logarithms.
    The believed price always rises by less than the asked price: the difference counts, and the larger
    it is, the less of it is believed.
    """
    usual = terms.reference_price
    # A list price below the asked price is not taken as a sign of quality.
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


@borrowing
def plausibility(away, rule):
    """Return the plausibility of a price at this log distance from the usual one."""
    near = away / rule.plausible_range
    return exp(-near * near)

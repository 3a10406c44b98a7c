"""Purchases: what a person's columns note of them."""

from __future__ import annotations

from sim.kernel.compiled import compiled

__all__ = ["note_purchase"]


@compiled
def note_purchase(person, persons, week):
    """Note a purchase of this week; return whether it is the person's first.

    `persons` has the columns purchases, first_purchase and last_purchase.
    """
    first = persons.purchases[person] == 0
    if first:
        persons.first_purchase[person] = week
    persons.purchases[person] += 1
    persons.last_purchase[person] = week
    return first

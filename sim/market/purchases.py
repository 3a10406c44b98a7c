"""Purchases, as a person's columns record them."""

from __future__ import annotations

from typing import NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing

__all__ = ["Purchases", "note_purchase"]


class Purchases(NamedTuple):
    """Columns of persons that say how often and when they bought the product."""

    purchases: np.ndarray
    first_purchase: np.ndarray
    last_purchase: np.ndarray


@borrowing
def note_purchase(person, persons, week):
    """Record a purchase in this week; return whether it is the person's first.

    `persons` has the columns purchases, first_purchase and last_purchase.
    """
    first = persons.purchases[person] == 0
    if first:
        persons.first_purchase[person] = week
    persons.purchases[person] += 1
    persons.last_purchase[person] = week
    return first

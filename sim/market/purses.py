"""Purses: the money that each person sets aside for the category, and what is left of it.

A share of the income is set aside every week, up to a few weeks' worth. The savings are booked only
when the purse is opened, so an idle purse costs no computation.
"""

from __future__ import annotations

from typing import NamedTuple

from sim.kernel import np
from sim.kernel.compiled import borrowing

__all__ = ["Allowance", "Purses", "asked_of", "available", "pay"]


class Purses(NamedTuple):
    """Columns of persons that hold their money for the category."""

    income: np.ndarray
    purse: np.ndarray
    purse_week: np.ndarray


class Allowance(NamedTuple):
    """Share of income that is set aside, for how many weeks, and which week it is."""

    share: float
    weeks: int
    week: int


@borrowing
def available(person, purses, allowance):
    """Return the fen that a person can spend on the category this week."""
    weekly = np.int64(100.0 * np.float64(purses.income[person]) * allowance.share)
    since = allowance.week - np.int64(purses.purse_week[person])
    return min(purses.purse[person] + weekly * since, weekly * allowance.weeks)


@borrowing
def asked_of(person, price, discounts):
    """Return the price of a unit for this person, fen: less their discount, but never below zero."""
    return max(np.int64(0), np.int64(price) - np.int64(discounts[person]))


@borrowing
def pay(person, fen, purses, allowance):
    """Take fen out of a person's purse, which must hold enough; return the fen set aside since last time.

    The result is negative if the share of income set aside has fallen since.
    """
    before = np.int64(purses.purse[person])
    there = available(person, purses, allowance)
    purses.purse[person] = there - fen
    purses.purse_week[person] = allowance.week
    return there - before

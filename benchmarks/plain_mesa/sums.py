"""Sums that several rules need."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterable

FIXED = 1048576.0


def narrow(x: float) -> float:
    """Return `x` as a 32-bit float holds it, as the columns of the shipped model do."""
    return ctypes.c_float(x).value


def poisson(mean: float, u: float) -> int:
    """Return the Poisson quantile of `u`."""
    term = total = math.exp(-mean)
    count = 0
    while u > total and (term > 1e-18 or count < mean):
        count += 1
        term *= mean / count
        total += term
    return count


def ration(available: int, wanted: list[int]) -> list[int]:
    """Split by largest remainders, ties by order."""
    total = sum(wanted)
    if total <= available:
        return list(wanted)
    given = [w * available // total for w in wanted]
    rest = sorted(range(len(wanted)), key=lambda i: -(wanted[i] * available % total))
    for i in rest[: available - sum(given)]:
        given[i] += 1
    return given


def sum_in_order(values: list[float]) -> float:
    """Add from left to right: from Python 3.12 on `sum` rounds only at the end."""
    total = 0.0
    for value in values:
        total += value
    return total


def distance(dx: float, dy: float) -> float:
    return math.sqrt(dx * dx + dy * dy)


def over(part: float, whole: float) -> float:
    """Return a quotient that may have nothing to be divided by."""
    return part / whole if whole else math.nan


def mean(shares: Iterable[float]) -> float:
    """Return a mean of shares summed as integers of 2^-20, as the shipped model sums them."""
    scaled = [int(share * FIXED) for share in shares]
    return sum(scaled) / FIXED / len(scaled) if scaled else math.nan

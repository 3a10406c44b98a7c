"""Picking a few rows out of many.

Where most rows have nothing to do, a loop that asks each of them with branches guesses wrong all
the time. A rule therefore marks rows in blocks, without branches, which runs in vectors; lists
those that are marked; and does its work for the list.
"""

from __future__ import annotations

from sim.kernel import np
from sim.kernel.compiled import compiled

__all__ = ["BLOCK", "pick"]

BLOCK = 1024
"""Rows that are marked before they are listed: their marks stay in the nearest cache."""


@compiled
def pick(flags, first, listed):
    """Write ``first + i`` of every flag i that is 1 (the others are 0) to `listed`; return how
    many. `listed` needs as much room as there are flags.
    """
    count = 0
    for index in range(flags.size):
        # Written in any case, and overwritten where it did not count: no branch to guess.
        listed[count] = first + index
        count += np.int64(flags[index])
    return count

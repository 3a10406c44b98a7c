"""Picking a few rows out of many.

If few rows need work, a loop that tests each row in a branch suffers from mispredictions. A rule therefore
marks rows in blocks without branches, which is vectorised, lists the marked rows, and does its work for the
list.
"""

from __future__ import annotations

from sim.kernel import np
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw64

__all__ = ["BLOCK", "in_order", "in_order_of_luck", "pick", "rows_with"]

BLOCK = 1024
"""Rows that are marked before they are listed, so few that their marks stay in the fastest cache."""


@borrowing
def pick(flags, first, listed):
    """Write ``first + i`` of every flag i that is 1 (the others are 0) to `listed`; return how
    many. `listed` needs as much room as there are flags.
    """
    count = 0
    # Eight at a time: mostly none of them is marked.
    whole = flags.size // 8 * 8
    eights = flags[:whole].view(np.uint64)
    for eight in range(eights.size):
        if eights[eight] != 0:
            for index in range(8 * eight, 8 * eight + 8):
                # Write in any case, without a branch; an entry that does not count is overwritten.
                listed[count] = first + index
                count += np.int64(flags[index])
    for index in range(whole, flags.size):
        listed[count] = first + index
        count += np.int64(flags[index])
    return count


@compiled
def rows_with(column, low, high):
    """Return the rows low..high in which a column is not zero, in order (uint32)."""
    listed = np.empty(high - low, np.uint32)
    flags = np.empty(BLOCK, np.uint8)
    count = 0
    for begin in range(low, high, BLOCK):
        values = column[begin : min(begin + BLOCK, high)]
        for index in range(values.size):
            flags[index] = values[index] != 0
        count += pick(flags[: values.size], begin, listed[count:])
    return listed[:count]


@compiled
def in_order(values):
    """Return the places of `values` in ascending order (a stable sort).

    It is a merge sort, as numpy's is; numpy's own takes five times as long to compile.
    """
    size = values.size
    order, merged = np.arange(size), np.empty(size, np.int64)
    length = 1
    while length < size:
        for begin in range(0, size, 2 * length):
            middle, end = min(begin + length, size), min(begin + 2 * length, size)
            left, right = begin, middle
            for place in range(begin, end):
                first = right == end or (
                    left < middle and values[order[left]] <= values[order[right]])
                if first:
                    merged[place] = order[left]
                    left += 1
                else:
                    merged[place] = order[right]
                    right += 1
        order, merged = merged, order
        length *= 2
    return order


def in_order_of_luck(rows: np.ndarray, key: np.uint64) -> np.ndarray:
    """Return `rows` in random order, by the luck of `key`."""
    return rows[np.argsort(_luck_of(rows, key), kind="stable")]


@compiled
def _luck_of(rows, key):
    luck = np.empty(rows.size, np.uint64)
    for index in range(rows.size):
        luck[index] = draw64(key, rows[index])
    return luck

"""Counting and finding the bits of 64-bit words."""

from __future__ import annotations

from sim.kernel import np
from sim.kernel.compiled import borrowing

__all__ = ["drop", "lowest", "ones"]


@borrowing
def ones(word):
    """Return how many bits of a 64-bit word are set (Warren 2002; one instruction, compiled)."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + (
        (word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@borrowing
def lowest(word):
    """Return the position of the lowest set bit, 0 to 63; 64 if none is set."""
    return ones(~word & (word - np.uint64(1)))


@borrowing
def drop(word, many):
    """Return the word without its `many` lowest set bits."""
    for _ in range(many):
        word &= word - np.uint64(1)
    return word

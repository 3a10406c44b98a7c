"""Bits of 64-bit words, against Python's whole numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.bits import drop, lowest, ones

WORDS = st.integers(0, 2**64 - 1) | st.sampled_from([0, 1, 2**63, 2**64 - 1])


@given(WORDS)
def test_counting_and_finding(word: int) -> None:
    assert ones(np.uint64(word)) == word.bit_count()
    assert lowest(np.uint64(word)) == ((word & -word).bit_length() - 1 if word else 64)


@given(WORDS, st.integers(0, 64))
def test_dropping_leaves_the_upper_bits(word: int, many: int) -> None:
    places = [place for place in range(64) if word >> place & 1]
    assert int(drop(np.uint64(word), min(many, len(places)))) == sum(
        1 << place for place in places[many:])


@pytest.mark.parametrize("place", [0, 31, 32, 63])
def test_one_bit(place: int) -> None:
    word = np.uint64(1 << place)
    assert (ones(word), lowest(word), drop(word, 1)) == (1, place, 0)

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel.ahead import fetch
from sim.kernel.compiled import compiled
from sim.kernel.picking import BLOCK, in_order, pick, rows_with


@given(st.lists(st.booleans(), max_size=3 * BLOCK), st.integers(0, 10_000))
def test_the_marked_rows_are_listed_in_order(marks: list[bool], first: int) -> None:
    flags = np.array(marks, np.uint8)
    listed = np.full(flags.size + 1, -7, np.int64)
    many = pick(flags, first, listed)
    assert listed[:many].tolist() == [first + row for row, marked in enumerate(marks) if marked]
    assert listed[-1] == -7, "more room was taken than there are flags"


@given(st.lists(st.integers(-3, 3) | st.integers(-(2**62), 2**62), max_size=70))
def test_places_in_order_are_those_of_a_stable_sort(values: list[int]) -> None:
    array = np.array(values, np.int64)
    assert in_order(array).tolist() == np.argsort(array, kind="stable").tolist()


@given(
    st.sets(st.integers(0, 2 * BLOCK - 1), max_size=20), st.integers(0, 2 * BLOCK),
    st.integers(0, 2 * BLOCK),
)
def test_few_rows_far_apart_are_found(marked: set[int], one: int, other: int) -> None:
    low, high = sorted((one, other))
    column = np.zeros(2 * BLOCK, np.int32)
    column[list(marked)] = 256  # its lowest byte is zero
    found = rows_with(column, low, high).tolist()
    assert found == [row for row in sorted(marked) if low <= row < high]


@compiled
def _sum_far(column, order):  # type: ignore[no-untyped-def]
    total = 0
    for index in range(order.size):
        fetch(column, order[min(index + 8, order.size - 1)])
        total += np.int64(column[order[index]])
    return total


def test_asking_memory_ahead_changes_nothing() -> None:
    column = np.arange(1000)
    order = np.random.default_rng(1).permutation(1000)
    for view in (column, column.astype(np.uint16)):
        before = view.copy()
        assert _sum_far(view, order) == _sum_far.python(view, order) == 499_500
        assert (view == before).all()

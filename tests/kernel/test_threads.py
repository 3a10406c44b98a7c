import pickle

import numpy as np
import pytest

from sim.kernel.compiled import compiled
from sim.kernel.luck import draw32
from sim.kernel.threads import WORTH_IT, Threads


@compiled
def _fill(low, high, out, key):  # type: ignore[no-untyped-def]
    total = 0
    for row in range(low, high):
        out[row] = draw32(key, row)
        total += out[row] & np.uint64(1)
    return total


@pytest.mark.parametrize("rows", [0, 1, 1000, WORTH_IT, WORTH_IT + 77])
def test_any_number_of_threads_does_the_same(rows: int) -> None:
    alone = np.zeros(rows, np.uint64)
    expected = sum(Threads(1).over(rows, _fill, alone, np.uint64(5)))
    for count in (2, 3):
        out = np.zeros(rows, np.uint64)
        assert sum(Threads(count).over(rows, _fill, out, np.uint64(5))) == expected
        assert (out == alone).all()


def test_results_come_in_the_order_of_the_rows() -> None:
    spans = Threads(2).over(WORTH_IT, lambda low, high: (low, high))
    assert len(spans) > 1
    assert [low for low, _ in spans] == [0, *(high for _, high in spans[:-1])]
    assert spans[-1][1] == WORTH_IT


def test_an_error_in_a_thread_is_heard() -> None:
    def fail(low: int, high: int) -> None:
        raise ZeroDivisionError(low)

    with pytest.raises(ZeroDivisionError):
        Threads(2).over(WORTH_IT, fail)


def test_threads_can_be_sent_to_another_process() -> None:
    threads = Threads(2)
    threads.over(WORTH_IT, lambda low, high: None)
    assert pickle.loads(pickle.dumps(threads)).count == 2

import enum
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
import pytest

from sim.kernel.cache import Cache
from sim.kernel.compiled import Kernel, borrowing, compiled

ROOT = Path(__file__).parents[2]


@compiled
def _double(values):  # type: ignore[no-untyped-def]
    """Double."""
    for row in range(values.size):
        values[row] *= 2.0


@compiled
def _ratio(one, other):  # type: ignore[no-untyped-def]
    return one / other


def test_a_kernel_is_python_until_it_is_called() -> None:
    assert isinstance(_double, Kernel)
    assert _double.__doc__ == "Double."
    values = np.ones(3)
    _double.python(values)
    _double(values)
    assert values.tolist() == [4.0, 4.0, 4.0]


def test_division_by_zero_is_a_number_and_no_error() -> None:
    assert _ratio(1.0, 0.0) == float("inf")


def test_the_kernel_package_does_not_import_numba() -> None:
    code = "import sim.scenario, sys; print('numba' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False"


class _Place(enum.IntEnum):
    FIRST = 0
    SECOND = 1


@compiled
def _count(totals, place):  # type: ignore[no-untyped-def]
    totals[_Place.SECOND] += 2
    if place == _Place.SECOND:
        totals[place] += 3


def test_a_place_in_an_array_has_a_name() -> None:
    totals = np.zeros(2, dtype=np.int64)
    _count(totals, _Place.SECOND.value)
    assert totals.tolist() == [0, 5]


def test_a_stop_inside_machine_code_arrives_as_what_it_is() -> None:
    def wrapped() -> None:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as stop:
            try:
                raise SystemError("inner") from stop
            except SystemError as inner:
                raise SystemError("returned a result with an exception set") from inner

    kernel = compiled(lambda: None)
    kernel._machine = wrapped
    with pytest.raises(KeyboardInterrupt):
        kernel()


def test_loops_import_no_matrices_and_those_of_others_find_them() -> None:
    code = (
        "import sys, numba, numpy as np\n"
        "from sim.kernel.luck import unit\n"
        "unit(np.uint64(1), 2)\n"
        "print('scipy.linalg' in sys.modules)\n"
        "print(numba.njit(lambda a: (np.dot(a, a)[0, 0], np.cov(a)[0, 0]))(2 * np.eye(2)))\n")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["False", "(4.0, 2.0)"]


class _Columns(NamedTuple):
    worth: np.ndarray
    member: np.ndarray
    known: np.ndarray
    bonus: np.ndarray


def _worth(columns, row):  # type: ignore[no-untyped-def]
    """Return a number whose last column only one branch reads: there numba's counting stays."""
    worth = columns.worth[row]
    if columns.member[row] >= 0.0:
        worth += 1.0
    if columns.known[row] > 0.0:
        worth += columns.bonus[row]
    return worth


_borrowed = borrowing(_worth)


@compiled
def _sum(columns):  # type: ignore[no-untyped-def]
    total = 0.0
    for row in range(columns.worth.size):
        total += _borrowed(columns, row)
    return total


@borrowing
def _returns_one(values):  # type: ignore[no-untyped-def]
    return values


@borrowing
def _returns_a_part(values):  # type: ignore[no-untyped-def]
    return 1, values[:1]


@borrowing
def _makes_one(values):  # type: ignore[no-untyped-def]
    made = np.empty(values.size)
    made[0] = values[0]
    return made[0]


@borrowing
def _calls_a_maker(columns):  # type: ignore[no-untyped-def]
    return _sum(columns)


def test_a_function_that_borrows_its_arrays_counts_no_references(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = _Columns(*(np.array(values) for values in (
        [1.0, 2.0, 3.0], [-1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [10.0, 20.0, 30.0])))
    before = [sys.getrefcount(column) for column in columns]
    assert _sum(columns) == 1.0 + (2.0 + 1.0 + 20.0) + (3.0 + 1.0 + 30.0)
    assert [sys.getrefcount(column) for column in columns] == before
    monkeypatch.setattr(Cache, "load_overload", lambda *_: None)  # what is read from there shows no code
    code = {}
    for borrows in (True, False):
        part: Any = Kernel(_worth, borrows=borrows).part()
        part.compile((numba.typeof(columns), numba.int64))
        code[borrows] = "".join(part.inspect_llvm().values())
    assert "define" in code[True]
    assert "NRT_incref" not in code[True]
    assert "NRT_incref" in code[False], "numba sees it by itself now: `borrowing` is of no use any more"


@pytest.mark.parametrize(("loop", "said"), [
    (_returns_one, "borrows its arrays and returns"), (_makes_one, "No implementation of function .*empty"),
    (_returns_a_part, "borrows its arrays and returns"),
    (_calls_a_maker, "borrows its arrays and calls _sum"),
])
def test_what_makes_or_returns_an_array_does_not_borrow(loop: Kernel, said: str) -> None:
    """Or memory would be freed while it is in use, or never."""
    with pytest.raises(Exception, match=said):
        loop(np.ones(3))

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from sim.kernel import maths
from sim.kernel.compiled import compiled
from sim.kernel.luck import key
from sim.kernel.maths import gamma


@given(st.floats(-30, 30))
def test_exp(x: float) -> None:
    assert maths.exp(x) == pytest.approx(math.exp(x), rel=2e-13)


@given(st.floats(-100, 100))
def test_exp_farther_out(x: float) -> None:
    assert maths.exp(x) == pytest.approx(math.exp(x), rel=1e-10)


def test_exp_at_the_ends() -> None:
    values = [maths.exp(x) for x in (-1e9, -700.0, -500.0, 0.0, 500.0, 700.0, 1e9)]
    assert values == sorted(values)
    assert 0.0 < values[0] < 1e-300
    assert 1e300 < values[-1] < float("inf")


@given(st.lists(st.floats(-1e9, 1e9), max_size=40))
def test_many_exponentials_are_those_taken_one_by_one(values: list[float]) -> None:
    column = np.array(values)
    maths.exps(column)
    assert column.tolist() == [maths.exp(x) for x in values]


@given(st.floats(1e-300, 1e300))
def test_log(x: float) -> None:
    assert maths.log(x) == pytest.approx(math.log(x), rel=1e-14, abs=1e-15)


@given(st.floats(-100, 100))
def test_logistic(x: float) -> None:
    assert maths.logistic(x) == pytest.approx(1 / (1 + math.exp(-x)), rel=1e-10)
    assert maths.logistic(x) + maths.logistic(-x) == pytest.approx(1.0, abs=1e-12)


@given(st.floats(1e-15, 1 - 1e-15))
def test_normal_quantile(u: float) -> None:
    assert maths.normal(u) == pytest.approx(stats.norm.ppf(u), rel=1e-12, abs=1e-13)


@given(st.floats(0.0, 200.0), st.floats(1e-9, 1 - 1e-9))
@example(42.0, 0.5)
def test_poisson_quantile(mean: float, u: float) -> None:
    """Exact but where `u` lies within rounding of a step of the distribution."""
    expected = int(stats.poisson.ppf(u, mean))
    edge = min(abs(stats.poisson.cdf(n, mean) - u) for n in (expected - 1, expected))
    if edge > (1e-12 if mean < 30 else 1e-5):
        assert maths.poisson(mean, u) == expected


@compiled
def _fill_gammas(out, shape, key):  # type: ignore[no-untyped-def]
    for person in range(out.size):
        out[person] = gamma(shape, key, person)


@pytest.mark.parametrize("shape", [0.3, 0.69, 1.0, 2.5, 40.0])
def test_gamma_has_its_distribution(shape: float) -> None:
    out = np.empty(20_000)
    _fill_gammas(out, shape, np.uint64(key(3, "gamma", 0)))
    # Fixed luck; a true sample falls below once in ten thousand.
    assert stats.kstest(out, stats.gamma(shape).cdf).pvalue > 1e-4


@pytest.mark.parametrize(("probability", "expected"), [
    (-1.0, 0), (0.0, 0), (0.5, 1 << 31), (1.0, 1 << 32), (2.0, 1 << 32)])
def test_threshold(probability: float, expected: int) -> None:
    assert int(maths.threshold(probability)) == expected


@given(st.floats(0, 1000), st.integers(0, (1 << 32) - 1))
def test_round_by_luck_is_the_number_below_or_above(x: float, bits: int) -> None:
    assert maths.round_by_luck(x, np.uint64(bits)) in (math.floor(x), math.floor(x) + 1)
    assert maths.round_by_luck(x, np.uint64((1 << 32) - 1)) == math.floor(x)


def test_round_by_luck_has_the_right_mean() -> None:
    bits = np.arange(0, 1 << 32, 1 << 22, dtype=np.uint64)
    assert np.mean([maths.round_by_luck(2.25, b) for b in bits]) == 2.25


@given(st.lists(st.floats(0.0, 1.0, exclude_min=True, exclude_max=True), max_size=40))
@example([1e-300, 1e-12, 0.074, 0.075, 0.5, 0.925, 0.926, 1.0 - 1e-12])
def test_many_normals_are_those_taken_one_by_one(units: list[float]) -> None:
    units = [u for u in units if u >= 2.3e-308]
    out = np.array([*units, 99.0])
    maths.normals(out[: len(units)])
    assert out.tolist() == [*(maths.normal(u) for u in units), 99.0]


@pytest.mark.parametrize("shape", [0.05, 0.6944, 1.0, 30.0])
def test_many_gammas_are_those_taken_one_by_one(shape: float) -> None:
    for first, count in ((0, 5000), (7, 1), (1 << 40, 300), (3, 0)):
        out = np.full(count + 1, 99.0)
        maths.gammas(shape, np.uint64(12345), first, out[:count])
        expected = [gamma(shape, np.uint64(12345), first + index) for index in range(count)]
        assert out.tolist() == [*expected, 99.0]


@given(st.floats(0.0, 1.0))
@example(0.0)
@example(1.0)
@example(0.5)
def test_below_is_the_threshold_but_for_one_number(probability: float) -> None:
    edge = int(maths.threshold(probability))
    if edge > 0:
        assert maths.below(np.uint64(edge - 1), probability)
    assert not maths.below(np.uint64(edge + 1), probability)
    assert not maths.below(np.uint64(0), -0.1)

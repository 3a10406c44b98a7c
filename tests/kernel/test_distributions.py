import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError
from scipy import stats

from sim.kernel.distributions import Distribution, draw
from sim.market.settings import People

READ = TypeAdapter(Distribution).validate_python
FAMILIES = {
    "uniform": ({"low": 2.0, "high": 6.0}, stats.uniform(2.0, 4.0)),
    "normal": ({"mean": 5.0, "sd": 2.0}, stats.norm(5.0, 2.0)),
    "lognormal": (
        {"mean": 10.0, "cv": 0.6},
        stats.lognorm(np.log(1.36) ** 0.5, scale=10 / 1.36**0.5)),
    "gamma": ({"mean": 0.25, "cv": 1.2}, stats.gamma(1 / 1.44, scale=0.25 * 1.44)),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_draws_follow_their_distribution(family: str) -> None:
    parameters, expected = FAMILIES[family]
    out = np.empty(20_000)
    draw(READ({"dist": family, **parameters}), out, -1e9, 1e9, 99)
    assert stats.kstest(out, expected.cdf).pvalue > 1e-4


def test_a_bare_number_is_a_constant_and_bounds_hold() -> None:
    out = np.empty(5)
    draw(7.0, out, 0.0, 100.0, 1)
    assert (out == 7.0).all()
    draw(READ({"dist": "constant", "value": 7.0}), out, 0.0, 5.0, 1)
    assert (out == 5.0).all()


@pytest.mark.parametrize("wrong", [
    {"dist": "lognormal", "mean": -1.0, "cv": 0.5}, {"dist": "gamma", "mean": 1.0, "cv": 0.0},
    {"dist": "cauchy"}, {"dist": "normal", "mean": 1.0}, "many", {"dist": "uniform", "low": 0.0,
                                                                  "high": 1.0, "mode": 0.5},
    float("nan"), {"dist": "constant", "value": float("inf")},
])
def test_wrong_ones_are_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        People(trust=wrong)  # type: ignore[arg-type]

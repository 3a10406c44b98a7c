import numpy as np
import pytest

from sim.mechanisms.streaming import Streaming
from sim.model import MicroCommerce
from sim.scenario.load import load


def demand(weeks: int, **changes: object) -> np.ndarray:
    model = MicroCommerce(load("limits/bullwhip", {
        "persons": 2000, "weeks": weeks, "staffing.lines": 400, "staffing.stock": 10**7,
        **{key.replace("__", "."): value for key, value in changes.items()}}), rng=2)
    found = []
    while model.running:
        model.step()
        found.append(model.world.resellers.wanted.copy())
    return np.array(found, float)


@pytest.mark.parametrize("rho", [-0.6, 0.0, 0.7])
def test_mean_deviation_and_correlation_are_those_stated(rho: float) -> None:
    found = demand(60, streaming__correlation=rho) - 1000.0
    assert Streaming.name() == "streaming"
    assert found.mean() == pytest.approx(0.0, abs=5 * 100 / 60**0.5 / 20 * 2.5)
    assert found.std() == pytest.approx(100.0, rel=0.04)
    assert (found[1:] * found[:-1]).mean() / found.var() == pytest.approx(rho, abs=0.04)


def test_a_jump_lasts() -> None:
    found = demand(6, streaming__sd=0, streaming__step_week=3, streaming__step_size=50)
    assert found[:, 0].tolist() == [1000, 1000, 1050, 1050, 1050, 1050]


@pytest.mark.parametrize(("wait", "due", "lost"), [(True, 970, 0), (False, 0, 970)])
def test_what_is_out_of_stock_waits_or_is_lost(wait: bool, due: int, lost: int) -> None:
    model = MicroCommerce(load("limits/bullwhip", {
        "staffing.lines": 1, "staffing.stock": 30, "streaming.sd": 0, "ordering.enabled": False,
        "streaming.backorders": wait}), rng=1)
    model.step()
    assert model.world.resellers.due.tolist() == [due]
    assert model.weekly[0]["lost_sales"] == lost
    assert model.weekly[0]["sell_through"] == model.weekly[0]["consumed"] == 30

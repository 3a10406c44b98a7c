"""Other engines behind the same face, and scenarios for other tools."""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import sim
from sim.errors import UsageError
from sim.runs.errors import EngineError
from sim.studies.engines import Model, explore
from tests.runs import worlds


class Parabola:
    """An engine that has nothing to do with ours."""

    inputs: Mapping[str, tuple[float, float]] = {"x": (-1.0, 3.0), "y": (0.0, 1.0)}
    outputs = ("height", "luck")

    def __call__(self, settings: Mapping[str, float], seed: int = 0) -> Mapping[str, float]:
        return {"height": (settings["x"] - 1.0) ** 2, "luck": float(seed)}


@pytest.fixture(autouse=True)
def _english() -> None:
    sim.texts.use_language("en")


def test_another_engine_is_explored_like_a_scenario() -> None:
    assert isinstance(Parabola(), Model)
    found = explore(Parabola(), samples=40, seeds=3)
    assert len(found.table) == 120
    assert found.table["x"].between(-1, 3).all()
    heights = found.points[found.points["measure"] == "height"]
    assert heights["mean"].to_numpy() == pytest.approx((heights["x"].to_numpy() - 1.0) ** 2)
    lowest = heights.sort_values("mean").iloc[0]
    first, second = found.verdicts()
    assert first.startswith("height: from ")
    assert f"(x={lowest['x']:.4g}, y={lowest['y']:.4g})" in first
    assert second == "luck: 1 at every point."


def test_a_scenario_is_a_function_for_other_tools() -> None:
    small = worlds.small(recruiting={"founders": 0.03}, weeks=4)
    model = sim.as_model(small, {"people.trust": (0.3, 0.7), "offer.list_price": (100, 200)},
                         ["trust_mean at end", "brand_profit"])
    assert isinstance(model, Model)
    by_hand = sim.run(small.changed({"people.trust": 0.5, "offer.list_price": 150.0}), seed=3)
    found = model({"people.trust": 0.5, "offer.list_price": 150.0}, seed=3)
    assert found["trust_mean at end"] == by_hand.weekly["trust_mean"].iloc[-1]
    assert found["brand_profit"] == by_hand.weekly["profit_brand"].sum()
    assert model.problem == {"num_vars": 2, "names": ["people.trust", "offer.list_price"],
                             "bounds": [[0.3, 0.7], [100.0, 200.0]]}
    rows = model.array([[0.5, 150.0]], seed=3)
    assert rows == pytest.approx(np.array([list(found.values())]))
    assert "trust in the channel" in sim.explore(model, samples=2, seeds=1).verdicts()[0]
    with pytest.raises(UsageError):
        sim.as_model(small, {"people.trust": [0.3, 0.7]}, ["brand_profit"])


def test_a_scenario_is_a_model_of_the_workbench(monkeypatch: pytest.MonkeyPatch) -> None:
    model = sim.as_model(worlds.small(weeks=2), {"people.trust": (0.3, 0.7)}, ["trust_mean at end"])
    monkeypatch.setitem(sys.modules, "ema_workbench", None)
    with pytest.raises(EngineError, match="ema-workbench"):
        model.ema()

    def workbench(name: str, function: Any) -> Any:
        return types.SimpleNamespace(name=name, function=function)

    monkeypatch.setitem(sys.modules, "ema_workbench", types.SimpleNamespace(
        Model=workbench, RealParameter=lambda *given: given, ScalarOutcome=lambda name: name))
    made = model.ema("brand")
    assert made.uncertainties == [("people_trust", 0.3, 0.7)]
    assert made.outcomes == ["trust_mean_at_end"]
    assert made.function(people_trust=0.5) == {
        "trust_mean_at_end": model({"people.trust": 0.5})["trust_mean at end"]}

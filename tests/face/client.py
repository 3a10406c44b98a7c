"""A client's script, which mypy --strict accepts: what sim offers is typed."""

from __future__ import annotations

from typing import ClassVar

import sim

scenario: sim.Scenario = sim.load("pyramid", {"persons": 300, "weeks": 3})
shorter = scenario.changed({"weeks": 2})
result: sim.Result = sim.run(scenario, seed=1)
units: float = float(result.weekly["sell_in"].sum())
found = sim.sweep(scenario, {"offer.quality": [0.2, 0.8]}, seeds=1, workers=1)
answer = sim.compare("pyramid", "prosumer", seeds=2)
model = sim.MicroCommerce(scenario, rng=1)
model.step()
week: int = model.week


class Quiet(sim.Mechanism):
    """A rule that does nothing."""

    phase: ClassVar[str] = "sell"
    outputs: ClassVar[tuple[sim.Output, ...]] = (sim.Output("quiet", "persons", "nobody"),)
    share: float = sim.parameter(0.1, "share", 0, 1, "a share of nothing")


regime: sim.Regime = sim.REGIMES["pyramid"].without("training")

"""mesa.batch_run over a model. Models are classes of this module: Mesa passes their names."""

from __future__ import annotations

import warnings
from typing import Any

import mesa
import pytest

import sim
from tests.mesa.worlds import World, expect
from tests.scenarios import small


class Stock(mesa.Model):
    """A plain model of three steps that collects its luck."""

    def __init__(self, rng: Any = None, heat: float = 0.0, colour: str = "red",
                 agents: bool = False) -> None:
        super().__init__(rng=rng)
        self.heat, self.colour = heat, colour
        self.draw = float(self.rng.random())
        if agents:
            mesa.Agent(self)
            mesa.Agent(self)
        self.datacollector = mesa.DataCollector(
            model_reporters={"heat_seen": "heat", "draw": "draw"},
            agent_reporters={"its_id": "unique_id"} if agents else None)

    def step(self) -> None:
        self.datacollector.collect(self)
        self.running = self.steps < 3


class Market(sim.MicroCommerce):
    """A market of three weeks with the same parameters."""

    def __init__(self, rng: Any = None, heat: float = 0.0, colour: str = "red",
                 agents: bool = False) -> None:
        super().__init__(small(persons=20, weeks=3), rng=rng)
        self.heat, self.colour = heat, colour
        self.draw = float(self.rng.random())
        self.datacollector = mesa.DataCollector(
            model_reporters={"heat_seen": "heat", "draw": "draw"},
            agent_reporters={"its_id": "unique_id"} if agents else None)

    def step(self) -> None:
        super().step()
        self.datacollector.collect(self)


def run(w: World, parameters: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `iterations` is deprecated from Mesa 3.4 on
        found: list[dict[str, Any]] = mesa.batch_run(
            Stock if w.name == "stock" else Market, parameters, display_progress=False,
            number_processes=1, **more)
    return found


HERE = ("stock", "own")


@expect("batch_run with one value runs once", worlds=HERE)
def _(w: World) -> None:
    assert len(run(w, {"heat": 1.0})) == 1


@expect("batch_run runs each of {0} values", 1, 2, 4, worlds=HERE)
def _(w: World, count: int) -> None:
    values = [float(n) for n in range(count)]
    assert [row["heat_seen"] for row in run(w, {"heat": values})] == values


@expect("batch_run crosses two parameters", worlds=HERE)
def _(w: World) -> None:
    found = run(w, {"heat": [1.0, 2.0], "colour": ["red", "blue", "green"]})
    assert len({(row["heat"], row["colour"]) for row in found}) == 6


@expect("a text is one value, not its letters", worlds=HERE)
def _(w: World) -> None:
    assert [row["colour"] for row in run(w, {"colour": "green"})] == ["green"]


@expect("parameters may be a {0}", range, tuple, set, worlds=HERE)
def _(w: World, kind: Any) -> None:
    assert len(run(w, {"heat": range(3) if kind is range else kind([0, 1, 2])})) == 3


@expect("an empty list of values is refused", worlds=HERE)
def _(w: World) -> None:
    with pytest.raises(ValueError, match="empty"):
        run(w, {"heat": []})


@expect("a parameter that the model does not take is refused", worlds=HERE)
def _(w: World) -> None:
    with pytest.raises(TypeError):
        run(w, {"cold": 3})


@expect("iterations={0} runs so many replications", 1, 2, 3, worlds=HERE)
def _(w: World, count: int) -> None:
    found = run(w, {"heat": 1.0}, iterations=count)
    assert [row["iteration"] for row in found] == list(range(count))


@expect("replications without a seed differ", worlds=HERE)
def _(w: World) -> None:
    assert len({row["draw"] for row in run(w, {}, iterations=3)}) == 3


@expect("a list of seeds runs each, and the same seed alike", worlds=HERE)
def _(w: World) -> None:
    one, two = (run(w, {"rng": [1, 2, 3]}) if mesa.__version__ < "3.4" else
                run(w, {}, rng=[1, 2, 3]) for _time in range(2))
    assert len({row["draw"] for row in one}) == 3
    assert [row["draw"] for row in one] == [row["draw"] for row in two]


@expect("each row names RunId, iteration, Step and the parameters", worlds=HERE)
def _(w: World) -> None:
    assert {"RunId", "iteration", "Step", "heat"} <= set(run(w, {"heat": 1.0})[0])


@expect("run ids differ", worlds=HERE)
def _(w: World) -> None:
    assert len({row["RunId"] for row in run(w, {"heat": [1.0, 2.0]}, iterations=2)}) == 4


@expect("data_collection_period={0} gives the steps {1}", (-1, 1), (1, 3), (2, 2), worlds=HERE)
def _(w: World, period: int, rows: int) -> None:
    assert len(run(w, {"heat": 1.0}, data_collection_period=period)) == rows


@expect("max_steps stops a model that would go on", worlds=HERE)
def _(w: World) -> None:
    assert run(w, {"heat": 1.0}, max_steps=1)[-1]["Step"] <= 1


@expect("agent reporters give a row an agent", worlds=HERE)
def _(w: World) -> None:
    found = run(w, {"agents": True})
    assert len(found) == (2 if w.name == "stock" else 21)
    assert {row["AgentID"] for row in found} == {row["its_id"] for row in found}


@expect("batch_run takes sim.MicroCommerce and its settings", worlds=("own",))
def _(w: World) -> None:
    found = mesa.batch_run(
        sim.MicroCommerce, {"scenario": small(persons=30, weeks=2),
                            "controls__stock_pressure": [0.0, 1.0]}, display_progress=False)
    assert len(found) == 2
    assert "sell_in" in found[0]

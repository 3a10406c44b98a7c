"""What a model is, and how it takes its time and its luck."""

from __future__ import annotations

import gc
import pickle
import weakref
from typing import Any

import mesa
import numpy as np
import pytest

import sim
from tests.mesa.worlds import COUNT, Trader, World, expect


@expect("a model is a mesa.Model")
def _(w: World) -> None:
    assert isinstance(w.model, mesa.Model)


@expect("a new model is running, at step 0")
def _(w: World) -> None:
    assert w.model.running is True
    assert w.model.steps == 0


@expect("step() counts {0} steps", 1, 2, 3)
def _(w: World, steps: int) -> None:
    for _step in range(steps):
        w.model.step()
    assert w.model.steps == steps


@expect("step() returns nothing")
def _(w: World) -> None:
    assert w.model.step() is None


@expect("run_model() runs until running is false")
def _(w: World) -> None:
    class Three(w.model_class):  # type: ignore[misc,name-defined]
        def step(self) -> None:
            super().step()
            self.running = self.steps < 3

    model = Three()
    model.run_model()
    assert model.steps == 3


@expect("a subclass's own step runs once a step")
def _(w: World) -> None:
    class Counted(w.model_class):  # type: ignore[misc,name-defined]
        calls = 0

        def step(self) -> None:
            self.calls += 1
            super().step()

    model = Counted()
    model.step()
    model.step()
    assert (model.calls, model.steps) == (2, 2)


@expect("a model takes attributes of your own")
def _(w: World) -> None:
    w.model.notes = ["first"]
    assert w.model.notes == ["first"]


@expect("model.agents holds all agents")
def _(w: World) -> None:
    assert {w.kind} <= {type(agent) for agent in w.model.agents}
    assert len(w.model.agents) >= COUNT


@expect("model.agents cannot be set")
def _(w: World) -> None:
    with pytest.raises(AttributeError, match=r"model\.agents"):
        w.model.agents = []


@expect("agent_types lists the kinds, each once")
def _(w: World) -> None:
    kinds = w.model.agent_types
    assert w.kind in kinds
    assert len(kinds) == len(set(kinds))


@expect("agents_by_type has one set per kind")
def _(w: World) -> None:
    assert set(w.model.agents_by_type) == set(w.model.agent_types)


@expect("the sets of agents_by_type make up model.agents")
def _(w: World) -> None:
    assert sum(len(group) for group in w.model.agents_by_type.values()) == len(w.model.agents)


@expect("agents_by_type of a kind that never was raises KeyError")
def _(w: World) -> None:
    class Never(mesa.Agent):
        pass

    with pytest.raises(KeyError):
        _ = w.model.agents_by_type[Never]


@expect("the sets of a model are live")
def _(w: World) -> None:
    everybody = w.model.agents
    before = len(everybody)
    Trader(w.model)
    assert len(everybody) == before + 1


@expect("register_agent takes an agent in once")
def _(w: World) -> None:
    new = Trader(w.model)
    before = len(w.model.agents)
    w.model.register_agent(new)
    assert len(w.model.agents) == before


@expect("deregister_agent takes an agent out")
def _(w: World) -> None:
    new = Trader(w.model)
    w.model.deregister_agent(new)
    assert new not in w.model.agents


@expect("deregister_agent of one who is not there raises KeyError")
def _(w: World) -> None:
    new = Trader(w.model)
    w.model.deregister_agent(new)
    with pytest.raises(KeyError):
        w.model.deregister_agent(new)


@expect("remove_all_agents() leaves no agent", differs={
    "own": "persons and brand stay: only the your own agents are removed",
    "rows": "persons and brand stay: only the your own agents are removed"})
def _(w: World) -> None:
    w.model.remove_all_agents()
    assert len(w.model.agents) == 0


@expect("remove_all_agents() removes all plain agents")
def _(w: World) -> None:
    Trader(w.model)
    w.model.remove_all_agents()
    assert not w.model.agents.select(agent_type=Trader)


@expect("a model that is dropped is collected with its agents", worlds=("rows", "own"))
def _(w: World) -> None:
    model = w.fresh()
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


# -- luck -------------------------------------------------------------------------------------


@expect("model.random and model.rng are generators")
def _(w: World) -> None:
    assert 0 <= w.model.random.random() < 1
    assert isinstance(w.model.rng, np.random.Generator)


@expect("the same seed draws alike from model.{0}", "random", "rng")
def _(w: World, which: str) -> None:
    assert getattr(w.fresh(3), which).random() == getattr(w.fresh(3), which).random()


@expect("another seed draws otherwise from model.{0}", "random", "rng")
def _(w: World, which: str) -> None:
    assert getattr(w.fresh(3), which).random() != getattr(w.fresh(4), which).random()


@expect("rng may be {0}", ("a SeedSequence",), ("a Generator",))
def _(w: World, what: str) -> None:
    made = {"a SeedSequence": lambda: np.random.SeedSequence(7),
            "a Generator": lambda: np.random.default_rng(7)}[what]
    assert w.fresh(made()).rng.random() == w.fresh(made()).rng.random()


@expect("rng may be a numpy integer", until={"stock": "3.5"})
def _(w: World) -> None:
    assert w.fresh(np.int64(7)).rng.random() == w.fresh(np.int64(7)).rng.random()


@expect("reset_rng({0}) starts model.rng again", 5, 9)
def _(w: World, seed: int) -> None:
    w.model.reset_rng(seed)
    first = w.model.rng.random()
    w.model.reset_rng(seed)
    assert w.model.rng.random() == first


@expect("reset_randomizer({0}) starts model.random again", 5, 9)
@pytest.mark.filterwarnings("ignore")
def _(w: World, seed: int) -> None:
    w.model.reset_randomizer(seed)
    first = w.model.random.random()
    w.model.reset_randomizer(seed)
    assert w.model.random.random() == first


@expect("seed and rng together are refused")
def _(w: World) -> None:
    kind: Any = mesa.Model if w.name == "stock" else sim.MicroCommerce
    with pytest.raises(ValueError, match="both"):
        kind(seed=4, rng=5)


@expect("a model can be pickled and runs on alike")
def _(w: World) -> None:
    w.model.step()
    twin = pickle.loads(pickle.dumps(w.model))
    w.model.step()
    twin.step()
    assert twin.steps == w.model.steps == 2
    assert twin.agents.get("unique_id") == w.model.agents.get("unique_id")


# -- time, since Mesa 3.5 ---------------------------------------------------------------------


@expect("model.time goes with the steps", since="3.5")
def _(w: World) -> None:
    w.model.step()
    w.model.step()
    assert w.model.time == 2.0


@expect("run_for({0}) makes that many steps", 1, 3, since="3.5")
def _(w: World, steps: int) -> None:
    w.model.run_for(steps)
    assert (w.model.steps, w.model.time) == (steps, float(steps))


@expect("run_until({0}) stops at that time", 1, 2, since="3.5")
def _(w: World, time: int) -> None:
    w.model.run_until(time)
    assert w.model.time == float(time)


@expect("schedule_event(at={0}) calls the function then", 1.5, 2.0, since="3.5")
def _(w: World, at: float) -> None:
    seen: list[float] = []

    def note() -> None:
        seen.append(w.model.time)

    w.model.schedule_event(note, at=at)
    w.model.run_for(3)
    assert seen == [at]

"""What an agent is."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import mesa
import pytest

from tests.mesa.worlds import COUNT, Trader, World, expect

STAYS = {"rows": "cannot be removed: persons stay for the whole run"}


@expect("an agent is a mesa.Agent")
def _(w: World) -> None:
    assert all(isinstance(agent, mesa.Agent) for agent in w.agents)


@expect("an agent knows its model")
def _(w: World) -> None:
    assert all(agent.model is w.model for agent in w.agents)


@expect("unique ids are whole numbers")
def _(w: World) -> None:
    assert all(isinstance(agent.unique_id, int) for agent in w.agents)


@expect("unique ids differ within a model")
def _(w: World) -> None:
    assert len({agent.unique_id for agent in w.model.agents}) == len(w.model.agents)


@expect("two models may use the same ids")
def _(w: World) -> None:
    other = w.fresh()
    assert [a.unique_id for a in w.agents] == [
        a.unique_id for a in other.agents_by_type[w.kind]]


@expect("an id stays the same after a step")
def _(w: World) -> None:
    before = [agent.unique_id for agent in w.agents]
    w.model.step()
    assert [agent.unique_id for agent in w.agents] == before


@expect("ids count from 1", differs={
    "own": "they have ids from 2**40 on, which no row ever reaches",
    "rows": "the brand has id 1, so persons count from 2"})
def _(w: World) -> None:
    assert [agent.unique_id for agent in w.agents] == list(range(1, COUNT + 1))


@expect("agents are created in the order of their ids")
def _(w: World) -> None:
    ids = [agent.unique_id for agent in w.agents]
    assert ids == sorted(ids)


@expect("an agent that is not in a space has pos None")
def _(w: World) -> None:
    assert w.first.pos is None


@expect("agent.random is the model's")
def _(w: World) -> None:
    assert w.first.random is w.model.random


@expect("agent.rng is the model's")
def _(w: World) -> None:
    assert w.first.rng is w.model.rng


@expect("agent.{0} does nothing unless it is written", "step", "advance")
def _(w: World, name: str) -> None:
    if hasattr(mesa.Agent, name):
        assert getattr(w.first, name)() is None


@expect("attribute {0} can be read and written", ("convinced", 7), ("satisfaction", 0.25))
def _(w: World, name: str, value: Any) -> None:
    setattr(w.first, name, value)
    assert getattr(w.first, name) == value


@expect("a missing attribute raises AttributeError")
def _(w: World) -> None:
    with pytest.raises(AttributeError):
        _ = w.first.no_such_thing


@expect("hasattr tells what is missing", ("convinced", True), ("no_such_thing", False))
def _(w: World, name: str, there: bool) -> None:
    assert hasattr(w.first, name) is there


@expect("a new attribute can be put on an agent", refused={
    "rows": "an agent is a row and keeps nothing beside it; a rule can bring a column along"})
def _(w: World) -> None:
    agent = w.first
    agent.mood = 3
    assert agent.mood == 3


@expect("an integer attribute can be given a fraction", refused={
    "rows": "'convinced' holds whole numbers, not 2.5"})
def _(w: World) -> None:
    agent = w.first
    agent.convinced = 2.5
    assert agent.convinced == 2.5


@expect("a numeric attribute can be given text", refused={
    "rows": "'convinced' holds whole numbers, not 'many'"})
def _(w: World) -> None:
    agent = w.first
    agent.convinced = "many"
    assert agent.convinced == "many"


@expect("an agent equals itself and no other")
def _(w: World) -> None:
    one, two = list(w.agents)[:2]
    assert one == one
    assert one != two


@expect("agents of two models are never equal")
def _(w: World) -> None:
    other = w.fresh()
    assert w.first != next(iter(other.agents_by_type[w.kind]))


@expect("an agent can be a key of a dictionary")
def _(w: World) -> None:
    found = {agent: agent.unique_id for agent in w.agents}
    assert found[w.first] == w.first.unique_id
    assert len(found) == COUNT


@expect("an agent can be in a Python set")
def _(w: World) -> None:
    assert w.first in set(w.agents)


@expect("looked at twice, an agent is the same object", differs={
    "rows": "two views of a row are equal, not identical: compare with ==, not with is"})
def _(w: World) -> None:
    assert w.first is w.first


@expect("an agent can be pickled with its model")
def _(w: World) -> None:
    back = pickle.loads(pickle.dumps(w.first))
    assert back.unique_id == w.first.unique_id
    assert back.convinced == w.first.convinced


@expect("a shallow copy of an agent has its id")
def _(w: World) -> None:
    assert copy.copy(w.first).unique_id == w.first.unique_id


@expect("remove() takes the agent out of model.agents", refused=STAYS)
def _(w: World) -> None:
    agent = w.first
    agent.remove()
    assert agent not in w.model.agents


@expect("remove() takes the agent out of agents_by_type", refused=STAYS)
def _(w: World) -> None:
    w.first.remove()
    assert len(w.agents) == COUNT - 1


@expect("removing an agent twice does no harm", refused=STAYS)
def _(w: World) -> None:
    agent = w.first
    agent.remove()
    agent.remove()
    assert len(w.agents) == COUNT - 1


@expect("an id is not given again after a removal", refused=STAYS)
def _(w: World) -> None:
    last = list(w.agents)[-1]
    gone = last.unique_id
    last.remove()
    assert Trader(w.model).unique_id > gone


@expect("agents may remove themselves while all act", refused=STAYS)
def _(w: World) -> None:
    w.agents.do(lambda agent: agent.remove() if agent.convinced % 2 else None)
    assert all(agent.convinced % 2 == 0 for agent in w.agents)
    assert len(w.agents) == COUNT // 2


@expect("a new agent is in model.agents at once")
def _(w: World) -> None:
    new = Trader(w.model)
    assert new in w.model.agents
    assert new in list(w.model.agents)


@expect("a new agent is in agents_by_type at once")
def _(w: World) -> None:
    new = Trader(w.model)
    assert new in w.model.agents_by_type[Trader]


@expect("two kinds of agents are kept apart")
def _(w: World) -> None:
    class Rival(mesa.Agent):
        pass

    Rival(w.model)
    assert len(w.model.agents_by_type[Rival]) == 1
    assert len(w.agents) == COUNT


@expect("a subclass of a kind is a kind of its own")
def _(w: World) -> None:
    class Loud(Trader):
        pass

    loud = Loud(w.model)
    assert loud in w.model.agents_by_type[Loud]
    assert loud not in w.model.agents_by_type[w.kind]


@expect("create_agents makes {0} agents", 1, 2, 5)
def _(w: World, count: int) -> None:
    before = len(w.model.agents)
    made = Trader.create_agents(w.model, count)
    assert len(made) == count
    assert len(w.model.agents) == before + count


@expect("create_agents hands each agent its own item of a {0}", list, tuple)
def _(w: World, kind: Any) -> None:
    made = Trader.create_agents(w.model, 3, kind([4, 5, 6]))
    assert [agent.convinced for agent in made] == [4, 5, 6]


@expect("create_agents hands each agent its own item of a keyword's list")
def _(w: World) -> None:
    made = Trader.create_agents(w.model, 3, convinced=[7, 8, 9])
    assert [agent.convinced for agent in made] == [7, 8, 9]


@expect("create_agents gives one value to all")
def _(w: World) -> None:
    made = Trader.create_agents(w.model, 3, satisfaction=0.75)
    assert {agent.satisfaction for agent in made} == {0.75}


@expect("a list of another length is one value for all")
def _(w: World) -> None:
    made: Any = Trader.create_agents(w.model, 3, convinced=[1, 2])
    assert [agent.convinced for agent in made] == [[1, 2]] * 3


@expect("new agents of the kind can be made with create_agents", refused={
    "rows": "a Consumer cannot be created: the scenario's `persons` says how many there are"})
def _(w: World) -> None:
    made = w.kind.create_agents(w.model, 2)
    assert len(w.agents) == COUNT + 2
    assert len(made) == 2


@expect("an own __str__ is used")
def _(w: World) -> None:
    class Named(Trader):
        def __str__(self) -> str:
            return f"trader {self.convinced}"

    assert str(Named(w.model, 3)) == "trader 3"


@expect("an own remove() may do more", worlds=("stock", "own"))
def _(w: World) -> None:
    left: list[int] = []

    class Leaver(Trader):
        def remove(self) -> None:
            left.append(self.unique_id)
            super().remove()

    leaver = Leaver(w.model)
    leaver.remove()
    assert left == [leaver.unique_id]
    assert leaver not in w.model.agents

"""What a set of agents does."""

from __future__ import annotations

import contextlib
import copy
import pickle
import re
import statistics
from typing import Any

import mesa
import numpy as np
import pytest

from tests.mesa.worlds import COUNT, Trader, World, expect

FUNCTIONS = (sum, min, max, len, np.mean, np.sum, np.std, np.median, statistics.fmean, sorted)


def plain(w: World) -> list[Any]:
    return list(w.agents)


def numbers(w: World) -> list[int]:
    return [agent.convinced for agent in w.agents]


# -- the collection ---------------------------------------------------------------------------


@expect("len() counts the agents")
def _(w: World) -> None:
    assert len(w.agents) == COUNT == len(plain(w))


@expect("an agent is in its set")
def _(w: World) -> None:
    assert all(agent in w.agents for agent in plain(w))


@expect("{0} is not in the set", ("another model's agent",), ("a number",), ("None",))
def _(w: World, what: str) -> None:
    other = next(iter(w.fresh().agents_by_type[w.kind]))
    thing: Any = {"another model's agent": other, "a number": 3, "None": None}[what]
    if what == "another model's agent" or w.name != "stock":
        assert thing not in w.agents
    else:
        # Mesa 3.3 cannot ask a weak set about what has no weak reference.
        with contextlib.suppress(TypeError):
            assert thing not in w.agents


@expect("a set can be iterated twice")
def _(w: World) -> None:
    assert plain(w) == plain(w)


@expect("a set is true unless it is empty")
def _(w: World) -> None:
    assert w.agents
    assert not w.agents.select(lambda agent: False)


@expect("item {0} is that of the list", 0, 1, -1, COUNT - 1)
def _(w: World, item: int) -> None:
    assert w.agents[item] == plain(w)[item]


@expect("slice {0}:{1}:{2} is that of the list", (0, 3, 1), (2, None, 2), (None, None, -1), (5, 2, 1))
def _(w: World, start: Any, stop: Any, step: Any) -> None:
    assert w.agents[start:stop:step] == plain(w)[start:stop:step]


@expect("an item beyond the end raises IndexError", COUNT, -COUNT - 1)
def _(w: World, item: int) -> None:
    with pytest.raises(IndexError):
        _ = w.agents[item]


@expect("reversed() runs from the end")
def _(w: World) -> None:
    assert list(reversed(w.agents)) == plain(w)[::-1]


@expect("index() finds the place of an agent", until={"stock": "3.5"})
def _(w: World) -> None:
    assert w.agents.index(plain(w)[3]) == 3


@expect("count() counts an agent once", until={"stock": "3.5"})
def _(w: World) -> None:
    assert w.agents.count(w.first) == 1


@expect("to_list() is the list of the agents", since="3.5")
def _(w: World) -> None:
    assert w.agents.to_list() == plain(w)


@expect("a set says what it holds in a short text", differs={
    "stock": "Mesa prints the address of the object"})
def _(w: World) -> None:
    # As a number of its own: an address holds these digits now and then.
    assert re.search(rf"\b{COUNT}\b", repr(w.agents))


@expect("a copy is a set of its own", copy.copy)
def _(w: World, how: Any) -> None:
    twin = how(w.agents.select(at_most=5))
    twin.discard(plain(w)[0])
    assert len(twin) == 4
    assert len(w.agents) == COUNT


@expect("a selected set keeps its agents when it is pickled")
def _(w: World) -> None:
    chosen = w.agents.select(lambda agent: agent.convinced > 6)
    kept = w.model  # noqa: F841 (a stock set holds its agents weakly)
    state = pickle.loads(pickle.dumps((w.model, chosen)))
    assert [agent.convinced for agent in state[1]] == [agent.convinced for agent in chosen]


@expect("add() puts an agent into a set, once", 1, 2)
def _(w: World, times: int) -> None:
    chosen = w.agents.select(at_most=2)
    for _repeat in range(times):
        chosen.add(plain(w)[5])
    assert list(chosen) == [plain(w)[0], plain(w)[1], plain(w)[5]]


@expect("discard() takes an agent out and is content without it", True, False)
def _(w: World, there: bool) -> None:
    chosen = w.agents.select(at_most=3)
    chosen.discard(plain(w)[1 if there else 7])
    assert len(chosen) == (2 if there else 3)


@expect("remove() takes an agent out of a selected set")
def _(w: World) -> None:
    chosen = w.agents.select(at_most=3)
    chosen.remove(plain(w)[1])
    assert list(chosen) == [plain(w)[0], plain(w)[2]]


@expect("remove() raises KeyError for one who is not in the set")
def _(w: World) -> None:
    with pytest.raises(KeyError):
        w.agents.select(at_most=3).remove(plain(w)[7])


@expect("changing a selected set does not change the model")
def _(w: World) -> None:
    w.agents.select().discard(w.first)
    assert len(w.agents) == COUNT


@expect("pop() takes one agent out")
def _(w: World) -> None:
    chosen = w.agents.select(at_most=3)
    taken = chosen.pop()
    assert taken not in chosen
    assert len(chosen) == 2


@expect("clear() empties a selected set")
def _(w: World) -> None:
    chosen = w.agents.select(at_most=3)
    chosen.clear()
    assert len(chosen) == 0


@expect("an agent of your own can be added to a set")
def _(w: World) -> None:
    chosen = w.agents.select(at_most=2)
    chosen.add(Trader(w.model))
    assert len(chosen) == 3


@expect("isdisjoint() tells whether two sets share agents", (True,), (False,))
def _(w: World, apart: bool) -> None:
    low = w.agents.select(lambda agent: agent.convinced < 6)
    high = w.agents.select(lambda agent: agent.convinced >= (6 if apart else 5))
    assert low.isdisjoint(high) is apart


# -- select -----------------------------------------------------------------------------------


@expect("select() without arguments is the whole set")
def _(w: World) -> None:
    assert list(w.agents.select()) == plain(w)


@expect("select() makes a new set")
def _(w: World) -> None:
    assert w.agents.select() is not w.agents


@expect("select(convinced {0}) keeps those for whom it holds, in order", "> 5", "== 0", "% 2 == 0", "< 0")
def _(w: World, condition: str) -> None:
    wanted = eval(f"lambda agent: agent.convinced {condition}")
    assert list(w.agents.select(wanted)) == [agent for agent in plain(w) if wanted(agent)]


@expect("at_most={0} keeps the first so many", 0, 1, 5, COUNT, 100)
def _(w: World, at_most: int) -> None:
    assert list(w.agents.select(at_most=at_most)) == plain(w)[:at_most]


@expect("at_most={0} keeps that share, rounded down", 0.0, 0.1, 0.5, 0.99, 1.0)
def _(w: World, share: float) -> None:
    assert list(w.agents.select(at_most=share)) == plain(w)[: int(COUNT * share)]


@expect("at_most={0} limits those whom the function keeps", 1, 3, 0.25)
def _(w: World, at_most: Any) -> None:
    limit = int(COUNT * at_most) if isinstance(at_most, float) else at_most
    kept = [agent for agent in plain(w) if agent.convinced > 5][:limit]
    assert list(w.agents.select(lambda agent: agent.convinced > 5, at_most=at_most)) == kept


@expect("agent_type keeps agents of the class")
def _(w: World) -> None:
    assert list(w.model.agents.select(agent_type=w.kind)) == plain(w)


@expect("agent_type keeps subclasses too")
def _(w: World) -> None:
    assert list(w.agents.select(agent_type=mesa.Agent)) == plain(w)


@expect("agent_type and a function both count")
def _(w: World) -> None:
    chosen = w.model.agents.select(lambda agent: agent.convinced > 5, agent_type=w.kind)
    assert len(chosen) == sum(number > 5 for number in numbers(w))


@expect("select(inplace=True) changes the set itself")
def _(w: World) -> None:
    chosen = w.agents.select()
    assert chosen.select(lambda agent: agent.convinced > 5, inplace=True) is chosen
    assert len(chosen) == sum(number > 5 for number in numbers(w))


@expect("a selection of a selection is a selection")
def _(w: World) -> None:
    chosen = w.agents.select(lambda a: a.convinced > 2).select(lambda a: a.convinced < 6)
    assert sorted(agent.convinced for agent in chosen) == [3, 4, 5]


@expect("a selected set does not grow with the model")
def _(w: World) -> None:
    chosen = w.model.agents.select()
    before = len(chosen)
    Trader(w.model)
    assert len(chosen) == before


# -- sort and shuffle -------------------------------------------------------------------------


@expect("sort(by {0}, ascending={1}) is Python's", ("convinced", True), ("convinced", False),
        ("satisfaction", True), ("satisfaction", False), ("unique_id", True), ("unique_id", False))
def _(w: World, name: str, ascending: bool) -> None:
    wanted = sorted(plain(w), key=lambda agent: getattr(agent, name), reverse=not ascending)
    assert list(w.agents.sort(name, ascending=ascending)) == wanted


@expect("sort takes a function, ascending={0}", True, False)
def _(w: World, ascending: bool) -> None:
    found = w.agents.sort(lambda agent: -agent.convinced, ascending=ascending)
    assert [agent.convinced for agent in found] == sorted(numbers(w), reverse=ascending)


@expect("sort runs from the highest unless it is told")
def _(w: World) -> None:
    assert w.agents.sort("convinced")[0].convinced == max(numbers(w))


@expect("sort(inplace=True) changes the set itself")
def _(w: World) -> None:
    chosen = w.agents.select()
    assert chosen.sort("convinced", ascending=True, inplace=True) is chosen
    assert [agent.convinced for agent in chosen] == sorted(numbers(w))


@expect("sort leaves the order of the set it is asked of")
def _(w: World) -> None:
    before = plain(w)
    w.agents.sort("convinced")
    assert plain(w) == before


@expect("sort by a missing attribute raises AttributeError")
def _(w: World) -> None:
    with pytest.raises(AttributeError):
        w.agents.sort("no_such_thing")


@expect("shuffle() keeps all agents")
def _(w: World) -> None:
    assert set(w.agents.shuffle()) == set(plain(w))


@expect("shuffle() changes the order")
def _(w: World) -> None:
    assert list(w.agents.shuffle()) != plain(w)


@expect("shuffle(inplace=True) changes the set itself")
def _(w: World) -> None:
    chosen = w.agents.select()
    assert chosen.shuffle(inplace=True) is chosen
    assert len(chosen) == COUNT


@expect("the same seed shuffles alike, another one does not", (5, 5, True), (5, 6, False))
def _(w: World, one: int, two: int, same: bool) -> None:
    orders = [[agent.unique_id for agent in w.fresh(seed).agents_by_type[w.kind].shuffle()]
              for seed in (one, two)]
    assert (orders[0] == orders[1]) is same


# -- get, set, agg ----------------------------------------------------------------------------


@expect("get({0}) is the list of the values", "convinced", "satisfaction", "unique_id")
def _(w: World, name: str) -> None:
    found = w.agents.get(name)
    assert isinstance(found, list)
    assert found == [getattr(agent, name) for agent in plain(w)]


@expect("get() of several names is a list of lists", (["convinced"],), (["convinced", "satisfaction"],))
def _(w: World, names: list[str]) -> None:
    assert w.agents.get(names) == [[getattr(a, name) for name in names] for a in plain(w)]


@expect("get() hands out Python's own numbers", ("convinced", int), ("satisfaction", float))
def _(w: World, name: str, kind: type) -> None:
    assert all(type(value) is kind for value in w.agents.get(name))


@expect("get() of a missing attribute raises AttributeError", "no_such_thing", ["convinced", "nothing"])
def _(w: World, names: Any) -> None:
    with pytest.raises(AttributeError):
        w.agents.get(names)


@expect("get(handle_missing='default') gives {0}", (None,), (0,), ("none",))
def _(w: World, value: Any) -> None:
    assert w.agents.get(
        "no_such_thing", handle_missing="default", default_value=value) == [value] * COUNT


@expect("handle_missing takes 'error' or 'default' only")
def _(w: World) -> None:
    with pytest.raises(ValueError, match="handle_missing"):
        w.agents.get("convinced", handle_missing="skip")


@expect("get() of an empty set is an empty list")
def _(w: World) -> None:
    assert w.agents.select(lambda agent: False).get("convinced") == []


@expect("set({0}, {1}) sets it for all", ("convinced", 3), ("satisfaction", 0.5), ("convinced", 0))
def _(w: World, name: str, value: Any) -> None:
    w.agents.set(name, value)
    assert set(w.agents.get(name)) == {value}


@expect("set() hands back the set")
def _(w: World) -> None:
    agents = w.agents
    assert agents.set("convinced", 1) is agents


@expect("set() on a selection leaves the others alone")
def _(w: World) -> None:
    before = numbers(w)
    w.agents.select(at_most=4).set("convinced", 50)
    assert numbers(w) == [50] * 4 + before[4:]


@expect("set() of a new attribute puts it on all agents", refused={
    "rows": "an agent is a row and keeps nothing beside it"})
def _(w: World) -> None:
    w.agents.set("mood", 2)
    assert w.agents.get("mood") == [2] * COUNT


@expect("set() with a list gives every agent the list", differs={
    "rows": "a list or array with one value per person is dealt out: one value each"})
def _(w: World) -> None:
    values = list(range(COUNT))
    w.agents.set("convinced", values)
    assert isinstance(w.first.convinced, list)


@expect("agg(convinced, {0}) is the function of the list", *FUNCTIONS)
def _(w: World, function: Any) -> None:
    found, wanted = w.agents.agg("convinced", function), function(numbers(w))
    assert list(found) == wanted if isinstance(wanted, list) else found == pytest.approx(wanted)


@expect("agg() with a list of functions is the list of their values")
def _(w: World) -> None:
    assert w.agents.agg("convinced", [min, max, sum]) == [
        min(numbers(w)), max(numbers(w)), sum(numbers(w))]


@expect("agg() takes a function of your own")
def _(w: World) -> None:
    assert w.agents.agg("convinced", lambda values: sum(values) + 1) == sum(numbers(w)) + 1


@expect("agg() of an empty set with sum is 0")
def _(w: World) -> None:
    assert w.agents.select(lambda agent: False).agg("convinced", sum) == 0


@expect("agg() of an empty set with {0} raises ValueError", min, max)
def _(w: World, function: Any) -> None:
    with pytest.raises(ValueError, match="empty"):
        w.agents.select(lambda agent: False).agg("convinced", function)


@expect("agg() of a missing attribute raises AttributeError")
def _(w: World) -> None:
    with pytest.raises(AttributeError):
        w.agents.agg("no_such_thing", sum)

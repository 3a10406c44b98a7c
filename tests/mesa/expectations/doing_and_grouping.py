"""Letting agents act, and groups of agents."""

from __future__ import annotations

import operator
from typing import Any

import mesa
import pytest

from tests.mesa.expectations.agent_sets import numbers, plain
from tests.mesa.worlds import COUNT, Trader, World, expect

OPERATORS = {"|": operator.or_, "&": operator.and_, "-": operator.sub, "^": operator.xor}
RELATIONS = {"<=": operator.le, "<": operator.lt, ">=": operator.ge, "==": operator.eq}


def add(agent: Any, amount: int = 1) -> int:
    agent.convinced += amount
    return int(agent.convinced)


@expect("do(function) lets every agent act once, in order")
def _(w: World) -> None:
    seen: list[Any] = []
    w.agents.do(seen.append)
    assert seen == plain(w)


@expect("do() hands back the set")
def _(w: World) -> None:
    agents = w.agents
    assert agents.do(add) is agents


@expect("{0}(function) changes the agents", "do", "shuffle_do", "map")
def _(w: World, how: str) -> None:
    before = numbers(w)
    getattr(w.agents, how)(add)
    assert numbers(w) == [number + 1 for number in before]


@expect("{0} hands arguments on", "do", "shuffle_do", "map")
def _(w: World, how: str) -> None:
    before = numbers(w)
    getattr(w.agents, how)(add, 5)
    assert numbers(w) == [number + 5 for number in before]


@expect("{0} hands keywords on", "do", "shuffle_do", "map")
def _(w: World, how: str) -> None:
    before = numbers(w)
    getattr(w.agents, how)(add, amount=4)
    assert numbers(w) == [number + 4 for number in before]


@expect("{0} calls a method by its name", "do", "shuffle_do", "map")
def _(w: World, how: str) -> None:
    getattr(w.agents, how)("step")


@expect("{0} of a method that is missing raises AttributeError", "do", "shuffle_do", "map")
def _(w: World, how: str) -> None:
    with pytest.raises(AttributeError):
        getattr(w.agents, how)("no_such_method")


@expect("an error of one agent comes through {0}", "do", "shuffle_do", "map")
def _(w: World, how: str) -> None:
    def fails(agent: Any) -> None:
        raise ZeroDivisionError("of mine")

    with pytest.raises(ZeroDivisionError, match="of mine"):
        getattr(w.agents, how)(fails)


@expect("map() is the list of what the calls return")
def _(w: World) -> None:
    assert w.agents.map(lambda agent: agent.convinced * 2) == [2 * n for n in numbers(w)]


@expect("map() of a method with an argument", True, False)
def _(w: World, same: bool) -> None:
    other = w.first if same else next(iter(w.fresh().agents_by_type[w.kind]))
    assert w.agents.map("__eq__", other).count(True) == (1 if same else 0)


@expect("shuffle_do visits all agents once")
def _(w: World) -> None:
    seen: list[Any] = []
    w.agents.shuffle_do(seen.append)
    assert len(seen) == COUNT
    assert set(seen) == set(plain(w))


@expect("shuffle_do does not change the order of the set")
def _(w: World) -> None:
    before = plain(w)
    w.agents.shuffle_do(add)
    assert plain(w) == before


@expect("shuffle_do is in another order each time")
def _(w: World) -> None:
    orders: list[list[Any]] = [[], []]
    for order in orders:
        w.agents.shuffle_do(order.append)
    assert orders[0] != orders[1]


@expect("the same seed gives shuffle_do the same order")
def _(w: World) -> None:
    orders: list[list[int]] = [[], []]
    for order in orders:
        agents = w.fresh(9).agents_by_type[w.kind]
        agents.shuffle_do(lambda agent, order=order: order.append(agent.unique_id))
    assert orders[0] == orders[1]


@expect("agents may be made while all act, and do not act themselves")
def _(w: World) -> None:
    made: list[Any] = []
    w.agents.do(lambda agent: made.append(Trader(w.model)))
    assert len(made) == COUNT
    assert all(new in w.model.agents for new in made)


@expect("select, sort, set and do can be chained")
def _(w: World) -> None:
    w.agents.select(lambda a: a.convinced > 5).sort("convinced").set("satisfaction", 1.0).do(add)
    assert sum(value == 1.0 for value in w.agents.get("satisfaction")) == sum(
        number > 6 for number in numbers(w))


@expect("model.agents.do reaches every kind")
def _(w: World) -> None:
    Trader(w.model)
    kinds: set[type] = set()
    w.model.agents.do(lambda agent: kinds.add(type(agent)))
    assert {w.kind, Trader} <= kinds


@expect("agents_by_type[kind].do reaches that kind only")
def _(w: World) -> None:
    kinds: set[type] = set()
    w.agents.do(lambda agent: kinds.add(type(agent)))
    assert kinds == {w.kind}


# -- groups -----------------------------------------------------------------------------------


@expect("groupby({0}) has one group per value", "convinced", "satisfaction")
def _(w: World, name: str) -> None:
    groups = w.agents.groupby(name).groups
    assert set(groups) == {getattr(agent, name) for agent in plain(w)}


@expect("groupby(function) groups by what the function returns")
def _(w: World) -> None:
    groups = w.agents.groupby(lambda agent: agent.convinced % 3).groups
    assert {key: len(group) for key, group in groups.items()} == {0: 4, 1: 4, 2: 4}


@expect("groups are agent sets, or lists with result_type='list'",
        ("agentset", mesa.agent.AgentSet), ("list", list))
def _(w: World, result_type: str, kind: type) -> None:
    groups = w.agents.groupby("satisfaction", result_type=result_type).groups
    assert all(isinstance(group, kind) for group in groups.values())


@expect("every agent is in one group")
def _(w: World) -> None:
    assert sum(len(group) for _key, group in w.agents.groupby("satisfaction")) == COUNT


@expect("the keys of groups are Python's own numbers")
def _(w: World) -> None:
    assert {type(key) for key in w.agents.groupby("convinced").groups} == {int}


@expect("len() of a grouping counts the groups")
def _(w: World) -> None:
    assert len(w.agents.groupby("satisfaction")) == 4


@expect("count() counts the agents of each group")
def _(w: World) -> None:
    assert w.agents.groupby("satisfaction").count() == dict.fromkeys((0.0, 0.25, 0.5, 0.75), 3)


@expect("agg(convinced, {0}) of groups", sum, min, max, len)
def _(w: World, function: Any) -> None:
    wanted = {key: function([a.convinced for a in plain(w) if a.satisfaction == key])
              for key in (0.0, 0.25, 0.5, 0.75)}
    assert w.agents.groupby("satisfaction").agg("convinced", function) == wanted


@expect("map(function) of groups hands each group over", "agentset", "list")
def _(w: World, result_type: str) -> None:
    grouped = w.agents.groupby("satisfaction", result_type=result_type)
    assert grouped.map(len) == dict.fromkeys((0.0, 0.25, 0.5, 0.75), 3)


@expect("map(method) of groups calls the method of the sets")
def _(w: World) -> None:
    found = w.agents.groupby("satisfaction").map("get", "satisfaction")
    assert found[0.25] == [0.25] * 3


@expect("do(function) of groups hands each group over and returns the grouping")
def _(w: World) -> None:
    seen: list[int] = []
    grouped = w.agents.groupby("satisfaction")
    assert grouped.do(lambda group: seen.append(len(group))) is grouped
    assert seen == [3] * 4


@expect("do(method) of groups calls the method of the sets")
def _(w: World) -> None:
    w.agents.groupby("satisfaction").do("set", "convinced", 2)
    assert set(numbers(w)) == {2}


@expect("a group by kind tells kinds apart")
def _(w: World) -> None:
    Trader(w.model)
    assert len(w.model.agents.groupby(type).groups[w.kind]) == COUNT + (w.kind is Trader)


# -- sets that a researcher makes -------------------------------------------------------------


@expect("AgentSet(list, random) holds the agents of the list")
def _(w: World) -> None:
    kept = plain(w)
    assert list(mesa.agent.AgentSet(kept[2:6], random=w.model.random)) == kept[2:6]


@expect("AgentSet(...) keeps agents that nobody else holds", differs={
    "rows": "a stock AgentSet holds agents weakly, and nobody else holds a view of a row: "
            "use model.agents.select(...), or keep the list"})
def _(w: World) -> None:
    made = mesa.agent.AgentSet(list(w.agents)[:4], random=w.model.random)
    assert len(made) == 4


@expect("set operator {0} of two selections", *OPERATORS)
def _(w: World, sign: str) -> None:
    if w.name == "stock":
        pytest.skip("stock sets lack a way to make a set from the result")
    low = w.agents.select(lambda agent: agent.convinced < 7)
    high = w.agents.select(lambda agent: agent.convinced > 4)
    assert set(OPERATORS[sign](low, high)) == OPERATORS[sign](set(low), set(high))


@expect("set relation {0} of two selections", *RELATIONS)
def _(w: World, sign: str) -> None:
    low = w.agents.select(lambda agent: agent.convinced < 5)
    assert RELATIONS[sign](low, w.agents.select()) is (sign in ("<=", "<"))

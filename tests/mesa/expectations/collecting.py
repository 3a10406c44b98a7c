"""Collecting data with Mesa's DataCollector."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from mesa import DataCollector

from tests.mesa.worlds import COUNT, NAMES, Trader, World, expect


def doubled(agent: Any, times: int = 2) -> int:
    return int(agent.convinced) * times


def counted(model: Any) -> int:
    return int(model.steps)


def collected(w: World, steps: int = 2, **reporters: Any) -> Any:
    """Return a collector that has looked at the model before and after each step."""
    collector = w.model.datacollector = DataCollector(**reporters)
    collector.collect(w.model)
    for _step in range(steps):
        w.model.step()
        collector.collect(w.model)
    return collector


@expect("a collector of your own can be put on the model")
def _(w: World) -> None:
    mine = DataCollector()
    w.model.datacollector = mine
    assert w.model.datacollector is mine


MODEL_REPORTERS: dict[str, Any] = {
    "a function": lambda model: model.steps, "an attribute's name": "steps",
    "a function with arguments": "a function with arguments"}


@expect("a model reporter may be {0}", *((name,) for name in MODEL_REPORTERS))
def _(w: World, name: str) -> None:
    reporter = MODEL_REPORTERS[name]
    if reporter == name:  # Mesa hands such a function its arguments only
        reporter = [counted, [w.model]]
    found = collected(w, model_reporters={"steps": reporter})
    assert found.model_vars["steps"] == [0, 1, 2]


@expect("model data is a data frame with a row a collection", 0, 1, 3)
def _(w: World, steps: int) -> None:
    frame = collected(w, steps, model_reporters={"n": "steps"}).get_model_vars_dataframe()
    assert isinstance(frame, pd.DataFrame)
    assert frame["n"].tolist() == list(range(steps + 1))


@expect("several model reporters are columns in their order")
def _(w: World) -> None:
    frame = collected(w, model_reporters={
        "b": "steps", "a": lambda m: len(m.agents)}).get_model_vars_dataframe()
    assert list(frame.columns) == ["b", "a"]


@expect("a model reporter of an attribute that is missing is refused")
def _(w: World) -> None:
    with pytest.raises((AttributeError, RuntimeError)):
        collected(w, model_reporters={"x": "no_such_thing"})


@expect("a reporter of a set's aggregate follows the agents")
def _(w: World) -> None:
    found = collected(w, 0, model_reporters={
        "sum": lambda m: m.agents_by_type[w.kind].agg("convinced", sum)})
    assert found.model_vars["sum"] == [sum(w.agents.get("convinced"))]


AGENT_REPORTERS: dict[str, Any] = {
    "an attribute's name": ("convinced", 1), "a function": (doubled, 2),
    "a function with arguments": ([doubled, [3]], 3)}


@expect("an agent reporter may be {0}", *((name,) for name in AGENT_REPORTERS))
def _(w: World, name: str) -> None:
    reporter, times = AGENT_REPORTERS[name]
    found = collected(w, 0, agenttype_reporters={w.kind: {"value": reporter}})
    frame = found.get_agenttype_vars_dataframe(w.kind)
    assert frame["value"].tolist() == [times * number for number in w.agents.get("convinced")]


@expect("agent data has an index of Step and AgentID")
def _(w: World) -> None:
    frame = collected(w, agent_reporters={"value": lambda a: 1}).get_agent_vars_dataframe()
    assert frame.index.names == ["Step", "AgentID"]


@expect("agent data has a row for every agent and collection")
def _(w: World) -> None:
    frame = collected(w, 1, agent_reporters={"value": lambda a: 1}).get_agent_vars_dataframe()
    assert len(frame.loc[0]) >= COUNT
    assert set(w.agents.get("unique_id")) <= set(frame.loc[1].index)


@expect("a reporter of an attribute that some agents lack gives them None",
        until=dict.fromkeys(NAMES, "3.4"))
def _(w: World) -> None:
    class Bare(Trader):
        def __init__(self, model: Any) -> None:
            super().__init__(model)
            del self.satisfaction

    bare = Bare(w.model)
    frame = collected(w, 0, agenttype_reporters={Bare: {"s": "satisfaction"}})
    assert frame.get_agenttype_vars_dataframe(Bare)["s"].tolist() == [None]
    assert bare in w.model.agents


@expect("data by kind holds that kind only")
def _(w: World) -> None:
    Trader(w.model)
    found = collected(w, 0, agenttype_reporters={w.kind: {"n": "convinced"}})
    assert len(found.get_agenttype_vars_dataframe(w.kind)) == len(w.agents)


@expect("two kinds have their own reporters")
def _(w: World) -> None:
    class Loud(Trader):
        pass

    Loud(w.model, 5)
    found = collected(w, 0, agenttype_reporters={
        w.kind: {"n": "convinced"}, Loud: {"m": "satisfaction"}})
    assert list(found.get_agenttype_vars_dataframe(w.kind).columns) == ["n"]
    assert list(found.get_agenttype_vars_dataframe(Loud).columns) == ["m"]


@expect("an agent that appears later is in the data from then on")
def _(w: World) -> None:
    collector = DataCollector(agenttype_reporters={w.kind: {"n": "convinced"}, Trader: {"n": "convinced"}})
    Trader(w.model)
    collector.collect(w.model)
    w.model.step()
    late = Trader(w.model)
    collector.collect(w.model)
    frame = collector.get_agenttype_vars_dataframe(Trader)
    assert late.unique_id not in frame.loc[0].index
    assert late.unique_id in frame.loc[1].index


@expect("a table takes rows of your own")
def _(w: World) -> None:
    collector = DataCollector(tables={"deals": ["who", "price"]})
    collector.add_table_row("deals", {"who": 1, "price": 9})
    collector.add_table_row("deals", {"who": 2, "price": 8})
    assert collector.get_table_dataframe("deals")["price"].tolist() == [9, 8]


@expect("a row with a column missing is refused, or filled with None when that is asked for",
        True, False)
def _(w: World, ignore: bool) -> None:
    collector = DataCollector(tables={"deals": ["who", "price"]})
    if ignore:
        collector.add_table_row("deals", {"who": 1}, ignore_missing=True)
        assert collector.get_table_dataframe("deals")["price"].tolist() == [None]
    else:
        with pytest.raises(Exception, match="missing"):
            collector.add_table_row("deals", {"who": 1})


@expect("a table that does not exist is refused")
def _(w: World) -> None:
    with pytest.raises(Exception, match=r"[Tt]able|exist"):
        DataCollector(tables={"deals": ["who"]}).add_table_row("sales", {"who": 1})


@expect("a model without a collector of your own has the weekly table as one",
        worlds=("rows", "own"))
def _(w: World) -> None:
    w.model.step()
    frame = w.model.datacollector.get_model_vars_dataframe()
    assert "sell_through" in frame.columns
    assert len(frame) == 1

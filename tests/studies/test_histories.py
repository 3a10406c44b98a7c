"""Histories of agents agree with the tables of the run, by tier, and across scenarios."""

from __future__ import annotations

import pytest

import sim
from sim.errors import UsageError
from tests.runs import worlds


def small(**settings: object) -> sim.Scenario:
    return worlds.small(recruiting={"founders": 0.05}, weeks=6, **settings)


def test_a_history_ends_where_the_table_of_resellers_does() -> None:
    found = sim.histories(small(), seed=4, agents=10_000)
    table = sim.run(small(), seed=4).resellers.set_index("person")
    last = found[found["week"] == 6].set_index("person")
    assert set(last.index) == set(table.index), "as many as there are"
    for mine, theirs in (("tier", "tier"), ("stock", "inventory_left"), ("recruits", "recruits"),
                         ("invested", "invested"), ("retail_margin", "own_retail_margin")):
        assert (last[mine].astype(int) == table.loc[last.index, theirs].astype(int)).all(), mine
    joined = found.groupby("person")["week"].min()
    expected = table["joined_week"].clip(lower=1)
    assert (joined == expected.loc[joined.index]).all(), "from the week of joining on"


def test_every_tier_has_its_part() -> None:
    everybody = sim.histories(small(), seed=4, agents=10_000)
    few = sim.histories(small(), seed=4, agents=6)
    last = everybody[everybody["week"] == 6]
    tiers = last["tier"].value_counts()
    mine = few[few["week"] == 6]["tier"].value_counts()
    assert set(mine.index) == set(tiers.index)
    assert all(count == max(1, round(6 * tiers[tier] / len(last))) for tier, count in mine.items())


def test_the_same_persons_come_first_in_every_scenario() -> None:
    other = small(offer={"list_price": 150.0})
    found = sim.histories([small(title="a"), other.changed({"title": "b"})], seed=4, agents=5)
    first, second = (set(found[found["scenario"] == name]["person"]) for name in ("a", "b"))
    alone = [{int(person) for person in sim.run(one, seed=4).resellers["person"]} for one in (small(), other)]
    shared = alone[0] & alone[1]
    assert first & second
    assert len(first & shared) >= min(len(first), len(shared)) - len(set(found["tier"]))
    with pytest.raises(UsageError):
        sim.histories(small(), agents=0)

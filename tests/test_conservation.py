"""Goods and money are conserved, whatever the scenario: from the tables, as any reader would."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim
from sim.errors import UsageError
from sim.runs.run import run
from tests.scenarios import names, small

SHARE = st.floats(0, 1).map(lambda x: round(x, 3))
CHANGES = st.fixed_dictionaries({
    "controls": st.fixed_dictionaries(
        {"stock_pressure": SHARE, "information_asymmetry": SHARE, "feedback": SHARE}),
    "persons": st.integers(20, 300),
    "weeks": st.integers(1, 24),
    "offer": st.fixed_dictionaries({
        "quality": SHARE, "overclaim": SHARE,
        "list_price": st.floats(160, 900).map(lambda x: round(x, 2)),
    }),
    "production": st.fixed_dictionaries({
        "lead_time": st.integers(1, 6), "opening_stock": st.floats(0, 2).map(lambda x: round(x, 2)),
        "capacity": st.sampled_from([0.0, 0.05, 5.0]),
    }),
    "supply_chain": st.fixed_dictionaries(
        {"lead_time": st.integers(1, 7), "backorders": st.booleans()}),
    "leaving": st.fixed_dictionaries({"base": SHARE.map(lambda x: x / 5)}),
    "recruiting": st.fixed_dictionaries(
        {"entry_fee": st.sampled_from([0.0, 99.5]), "founders": SHARE.map(lambda x: x / 10)}),
    "liquidation": st.fixed_dictionaries({"shelf_life": st.integers(1, 20)}),
    "selling": st.fixed_dictionaries({"basket": st.integers(1, 5)}),
})


def check(weekly: Any) -> None:
    """Recompute the identity of the output's documentation."""
    made = weekly.produced.cumsum()
    gone = weekly.consumed.cumsum() + weekly.written_off.cumsum()
    places = ["factory", "transit", "channel", "homes"]
    held = sum(weekly[f"inventory_{place}"] for place in places)
    assert (made == held + gone).all()
    assert (weekly[[f"inventory_{place}" for place in places]] >= 0).all(axis=None)
    flows = ["sell_in", "sell_through", "self_consumed", "dumped", "bought_back", "written_off",
             "lost_sales", "produced", "consumed", "joins", "exits"]
    assert (weekly[flows] >= 0).all(axis=None)
    assert (weekly.resellers_active == (weekly.joins - weekly.exits).cumsum()).all()


@settings(max_examples=25)
@given(CHANGES, st.integers(0, 2**63 - 1), st.sampled_from(names()))
def test_every_unit_is_in_one_place(changes: Any, seed: int, regime: str) -> None:
    model = sim.MicroCommerce(small(regime, **changes), rng=seed, threads=1)
    while model.running:
        model.step()
        goods, money = model.world.books.goods, model.world.books.money
        assert sum(goods.balance.values()) == sum(money.balance.values()) == 0
        assert money["resellers"] == int(model.world.resellers.cash.sum())
        assert money["purses"] == int(model.world.persons.purse.sum())
        assert (model.world.persons.purse >= 0).all(), "nobody spends what they do not have"
        for name in ("inventory", "transit", "backlog", "pipeline", "stock_value", "cash"):
            assert (model.world.resellers[name] >= 0).all(), name
        assert (model.world.persons.home >= 0).all()
    from sim.runs.result import tables_of

    check(tables_of(model)["weekly"])


@pytest.mark.parametrize("regime", names())
def test_the_tables_of_a_busy_run_balance(regime: str) -> None:
    result = run(small(regime, weeks=40), 3, threads=1)
    weekly = result.weekly
    check(weekly)
    moved = ["sell_in", "sell_through", "consumed", "joins", "exits", "produced"]
    assert (weekly[moved].sum() > 0).all(), "otherwise this test says nothing"
    assert result.tiers.groupby("week").resellers.sum().tolist() == weekly.resellers_active.tolist()
    assert len(result.resellers) == weekly.joins.sum()


def test_a_rule_that_loses_a_unit_stops_the_run() -> None:
    class Losing(sim.Mechanism):
        """Takes a unit away and books nothing."""

        phase = "share"
        writes = ("resellers.inventory",)

        def step(self, world: Any) -> None:
            held = np.flatnonzero(world.resellers.inventory)
            if held.size:
                world.resellers.inventory[held[0]] -= 1

    scenario = small()
    losing = scenario.with_rules(scenario.composition().inserting(Losing(), after="word_of_mouth"))
    with pytest.raises(AssertionError, match="channel holds"):
        run(losing, 1, threads=1)


def test_a_rule_that_writes_what_it_did_not_announce_stops_the_run() -> None:
    class Meddling(sim.Mechanism):
        """Says one thing and does another."""

        phase = "share"
        writes = ("persons.satisfaction",)

        def step(self, world: Any) -> None:
            world.persons.trust[:] = 1.0

    scenario = small()
    meddling = scenario.with_rules(scenario.composition().inserting(Meddling(), after="word_of_mouth"))
    with pytest.raises(UsageError, match="'meddling' changes a column that it does not name"):
        run(meddling, 1, threads=1)


def test_a_rule_announces_what_it_prepares_before_the_first_week() -> None:
    class Preparing(sim.Mechanism):
        """Begins with a column that it does not name."""

        phase = "share"
        writes = ("persons.satisfaction",)

        def begin(self, world: Any) -> None:
            world.persons.trust[:] = 1.0

        def step(self, world: Any) -> None:
            pass

    scenario = small()
    preparing = scenario.with_rules(scenario.composition().inserting(Preparing(), after="word_of_mouth"))
    with pytest.raises(UsageError, match="'preparing' changes a column that it does not name"):
        run(preparing, 1, threads=1)

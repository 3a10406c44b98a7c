"""The tables of one run, checked against a market whose history is written by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.runs.observed import _bullwhip, _cohorts
from sim.runs.result import tables_of


def test_cohorts_are_followed_to_the_end() -> None:
    """Four weeks: two founders, one of whom leaves in week 2; three join in week 3, one leaves at
    once, another in the last week."""
    table = pd.DataFrame(_cohorts(np.array([0, 3, 0, 3, 3]), np.array([2, -1, -1, 3, 4]), 4, 1))
    assert list(table.columns) == ["week", "cohort", "joined", "active"]
    assert table.to_numpy().tolist() == [
        [1, 0, 2, 2], [2, 0, 2, 1], [3, 0, 2, 1], [4, 0, 2, 1],
        [3, 3, 3, 2], [4, 3, 3, 1],
    ]


def test_without_resellers_there_are_no_cohorts() -> None:
    table = pd.DataFrame(_cohorts(np.array([], np.int64), np.array([], np.int64), 4, 1))
    assert list(table.columns) == ["week", "cohort", "joined", "active"]
    assert len(table) == 0
    assert set(map(str, table.dtypes)) == {"int64"}


def test_the_bullwhip_ratio_is_that_of_the_last_half_year() -> None:
    weeks = 30
    generator = np.random.default_rng(1)
    demand = {tier: generator.integers(0, 50, weeks) for tier in ("top", "low")}
    orders = {tier: generator.integers(0, 90, weeks) for tier in ("top", "low")}
    ratio = _bullwhip(
        np.array(["top", "low"] * weeks), np.stack([orders["top"], orders["low"]], 1).ravel(),
        np.stack([demand["top"], demand["low"]], 1).ravel())
    for place, tier in enumerate(("top", "low")):
        mine = ratio[place::2]
        assert np.isnan(mine[:25]).all()  # no half year yet
        for week in range(25, weeks):
            span = slice(week - 25, week + 1)
            assert mine[week] == pytest.approx(
                orders[tier][span].var(ddof=1) / demand[tier][span].var(ddof=1))


def test_the_bullwhip_ratio_is_undefined_without_variance_of_demand() -> None:
    assert np.isnan(_bullwhip(np.zeros(26), np.array([1, 2] * 13), np.full(26, 5))).all()


def test_a_tier_that_comes_later_has_its_own_last_half_year() -> None:
    generator = np.random.default_rng(2)
    tier = np.array([0] * 10 + [0, 1] * 30)
    orders, demand = generator.integers(0, 90, (2, tier.size))
    ratio = _bullwhip(tier, orders, demand)
    for one in (0, 1):
        mine = tier == one
        last = [moved[mine][-26:].var(ddof=1) for moved in (orders, demand)]
        assert ratio[mine][-1] == pytest.approx(last[0] / last[1])
        assert np.isnan(ratio[mine]).sum() == 25


def test_resellers_are_told_by_person() -> None:
    columns: dict[str, list[int]] = {
        "joined_week": [0, 2, 4], "left_week": [3, -1, -1], "person": [17, 4, 9],
        "sponsor": [-1, 0, -1], "tier": [0, 1, 1], "invested": [500, 0, 7],
        "entry_money": [300, 0, 5], "own_retail_margin": [10, 20, 30],
        "upline_payments": [1, 2, 3], "cash": [1000, 900, 800], "opening_cash": [700, 1000, 800],
        "recruits": [1, 0, 0], "inventory": [2, 4, 6],
    }

    class Resellers(SimpleNamespace):
        def __len__(self) -> int:
            return 3

    world = SimpleNamespace(
        resellers=Resellers(**{name: np.array(values) for name, values in columns.items()}),
        week=5, seed=5, scale=1)
    model: Any = SimpleNamespace(
        world=world, scenario=SimpleNamespace(
            title="By hand", regime="pyramid", calendar=SimpleNamespace(first_week=None),
            outputs=SimpleNamespace(persons=False, purchases=False)),
        weekly=[{"week": 1, "joins": 0}], tiers=[], purchases=None)
    tables = tables_of(model)
    people = tables["resellers"]
    assert list(people.columns[:2]) == ["scenario", "seed"]
    assert set(people["scenario"]) == {"By hand"}
    assert set(people["seed"]) == {5}
    assert people["person"].tolist() == [17, 4, 9]
    assert people["left_week"].tolist() == [3, pd.NA, pd.NA]
    assert people["upline"].tolist() == [pd.NA, 17, pd.NA]
    assert people["profit"].tolist() == [300, -100, 0]
    for mine, theirs in (
        ("tier", "tier"), ("joined_week", "joined_week"), ("invested", "invested"),
        ("entry_money", "entry_money"), ("own_retail_margin", "own_retail_margin"),
        ("upline_payments", "upline_payments"), ("recruits", "recruits"),
        ("inventory_left", "inventory"),
    ):
        assert people[mine].tolist() == columns[theirs], mine
    assert tables["cohorts"]["active"].tolist() == [1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    assert len(tables["tiers"]) == 0
    assert list(tables["weekly"].columns) == ["scenario", "seed", "week", "joins"]


def test_a_market_without_resellers_has_all_four_tables() -> None:
    model = sim.MicroCommerce(sim.load("pyramid", {
        "persons": 300, "weeks": 6, "title": "By hand", "recruiting.founders": 0.0,
        "recruiting.base": -50.0}), rng=5)
    for _week in range(5):
        model.step()
    assert len(model.world.resellers) == 0
    tables = tables_of(model)
    assert len(tables["resellers"]) == 0
    assert len(tables["cohorts"]) == 0
    assert tables["weekly"]["week"].iloc[-1] == 5
    assert tables["tiers"]["bullwhip"].isna().all()
    assert set(tables["weekly"]["scenario"]) == {"By hand"}

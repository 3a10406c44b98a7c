"""The plain-Mesa reference and the shipped model live the same weeks, unit for unit."""

from __future__ import annotations

import pytest

from benchmarks.plain_mesa import OFF, PlainModel, core
from sim.model import MicroCommerce
from sim.scenario.load import load


@pytest.mark.parametrize("seed", [1, 2])
def test_both_models_agree_unit_for_unit_and_fen_for_fen(seed: int) -> None:
    scenario = core(load("pyramid", {
        "persons": 1200, "weeks": 70, "network.contacts": 30.0, "network.close": 6,
        "recruiting.founders": 0.01,
    }))
    shipped = MicroCommerce(scenario, rng=seed)
    plain = PlainModel(shipped)
    for _ in range(scenario.weeks):
        shipped.step()
        plain.step()
        ours = shipped.weekly[-1]
        theirs = plain.observe()
        assert {name: ours[name] for name in theirs} == theirs
    moved = ("joins", "exits", "sell_through", "dumped", "self_consumed", "upline_payments")
    for column in moved:
        assert sum(week[column] for week in shipped.weekly) > 0, f"{column} never moved"


def test_the_reference_leaves_out_only_rules_it_names() -> None:
    names = {rule.name() for rule in core(load("pyramid", {})).settings().rules}
    assert not names & set(OFF)
    assert len(names) == 19

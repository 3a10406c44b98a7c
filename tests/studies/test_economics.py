"""Laws of economics: the table, how it judges, and the laws on small markets."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner

from sim.cli.prove import prove
from sim.errors import UsageError
from sim.scenario.load import load, shipped
from sim.studies.economics import LAWS, Law, Times, prove_economics
from sim.studies.economics import trying as trying_module
from sim.studies.economics.judging import BROKEN, HOLDS, UNCLEAR, judge
from sim.studies.economics.laws import PRICES, SCENARIOS
from sim.studies.economics.trying import changed, missing

SMALL = {"persons": 800, "weeks": 30}
LUCK = np.random.default_rng(1)


def law(expected: str, steps: int = 3, **more: object) -> Law:
    changes = tuple({"offer.list_price": Times(1.0 + step)} for step in range(steps))
    return Law("a law", "", ("prosumer",), changes, "sum(sell_through)", expected, **more)  # type: ignore[arg-type]


def table(*means: float, noise: float = 1.0, seeds: int = 10) -> np.ndarray:
    """Return values around these means, with luck of each pair."""
    return np.array(means)[:, None] + noise * LUCK.standard_normal((len(means), seeds))


def test_there_are_many_laws_with_reasons_and_all_shipped_scenarios() -> None:
    assert len({law.name for law in LAWS}) == len(LAWS) >= 30
    assert all(law.reason for law in LAWS)
    assert set(SCENARIOS) == {name for name in shipped() if "/" not in name}
    assert (PRICES[0], PRICES[-1]) == (0.25, 100.0)


def test_every_law_changes_settings_that_its_scenarios_have() -> None:
    bases = {name: load(name) for name in SCENARIOS}
    for one in LAWS:
        for name in one.scenarios:
            for step in one.steps:
                assert not [key for key in {**one.common, **step} if missing(bases[name], key)]
                changed(bases[name], {**one.common, **step})


@pytest.mark.parametrize(("expected", "means", "verdict"), [
    ("falls", (100.0, 80.0, 50.0), HOLDS), ("falls", (100.0, 100.0, 100.0), UNCLEAR),
    ("falls", (100.0, 110.0, 50.0), BROKEN), ("rises", (50.0, 80.0, 100.0), HOLDS),
    ("rises", (100.0, 80.0, 50.0), BROKEN), ("never rises", (100.0, 100.0, 100.0), HOLDS),
    ("never rises", (100.0, 104.0, 20.0), BROKEN), ("never falls", (100.0, 96.0, 120.0), BROKEN),
    ("peak", (50.0, 100.0, 60.0), HOLDS), ("peak", (50.0, 60.0, 100.0), BROKEN),
    ("peak", (100.0, 60.0, 50.0), BROKEN),
])
def test_laws_of_direction(expected: str, means: tuple[float, ...], verdict: str) -> None:
    assert judge(law(expected), table(*means)).verdict == verdict


def test_nothing_the_same_and_elasticities() -> None:
    assert judge(law("nothing", high=0.0), table(0.0, noise=0.0)).verdict == HOLDS
    assert judge(law("nothing", high=0.0), table(0.1, noise=0.0)).verdict == BROKEN
    same = law("same", 2, high=0.02, scale=10.0)
    assert judge(same, table(100.0, 1000.0, noise=0.1)).verdict == HOLDS
    assert judge(same, table(100.0, 1100.0, noise=0.1)).verdict == BROKEN
    elastic = law("elasticity", 2, low=-3.5, high=-1.8)
    assert judge(elastic, table(100.0, 100.0 * 2.0**-2.6, noise=0.1)).verdict == HOLDS
    assert judge(elastic, table(100.0, 100.0 * 2.0**-1.0, noise=0.1)).verdict == BROKEN
    assert judge(elastic, table(100.0, 0.0, noise=0.0)).verdict == UNCLEAR


def test_all_money_is_found_and_events_move_alike() -> None:
    base = load("transition")
    richer = changed(base, {"money": Times(10.0)})
    assert richer.people.income.mean == 10 * base.people.income.mean
    assert [tier.price for tier in richer.tiers] == [10 * tier.price for tier in base.tiers]
    assert richer.selling.postage == 10 * base.selling.postage
    listed = [event.set["offer.list_price"] for event in base.events if "offer.list_price" in event.set]
    moved = [event.set["offer.list_price"] for event in richer.events
             if "offer.list_price" in event.set]
    assert listed
    assert moved == [10 * price for price in listed]


def test_a_slice_of_the_laws_holds_on_a_small_market() -> None:
    names = ("no_money", "no_need", "unheard", "choke_price", "rival_price", "quality_open",
             "households")
    found = prove_economics(
        names, SMALL, seeds=4, scenarios=("prosumer",), workers=1)
    assert set(found["law"]) == set(names)
    assert not (found["verdict"] == BROKEN).any(), found.to_string()


def test_demand_falls_at_list_prices_that_nobody_lists() -> None:
    found = prove_economics(
        ("demand",), {**SMALL, "offer.list_price": 271.0}, seeds=4, scenarios=("pyramid",), workers=1)
    assert found["verdict"].tolist() == [HOLDS]
    assert found["found"].item() < -0.9


def test_a_broken_law_is_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Law("wrong", "nobody believes it", ("prosumer",),
                ({"offer.list_price": Times(0.5)}, {"offer.list_price": Times(100.0)}),
                "sum(sell_through)", "rises")
    monkeypatch.setattr(trying_module, "LAWS", (wrong,))
    given = ["economics", "--persons", "800", "--set", "weeks=30", "--seeds", "6", "--json"]
    result = CliRunner().invoke(prove, given, standalone_mode=False)
    assert result.return_value == 1
    row = json.loads(result.stdout)["rows"][0]
    assert (row["verdict"], row["reason"]) == (BROKEN, "nobody believes it")


def test_what_is_unclear_is_tried_again_on_fresh_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = ({"offer.list_price": Times(1.0)}, {"offer.list_price": Times(100.0)})
    clear = Law("clear", "", ("prosumer",), steps, "sum(sell_through)", "falls")
    same = Law("same", "", ("prosumer",), (steps[0], {"persons": 800}), "sum(sell_through)", "falls")
    monkeypatch.setattr(trying_module, "LAWS", (clear, same))
    lived: list[range] = []
    values = trying_module._values
    monkeypatch.setattr(trying_module, "_values", lambda plans, places, seeds, *rest: (
        lived.append(seeds), values(plans, places, seeds, *rest))[1])
    found = prove_economics((), SMALL, seeds=3, first_seed=5, workers=1).set_index("law")
    assert found["verdict"].to_dict() == {"clear": HOLDS, "same": UNCLEAR}
    assert found["seeds"].to_dict() == {"clear": 3, "same": 12}
    assert lived == [range(5, 8), range(8, 20)]


def test_a_price_list_is_the_list_price_and_what_every_tier_pays() -> None:
    base = load("pyramid")
    dearer = changed(base, {"price_list": Times(2.0)})
    assert dearer.offer.list_price == 2 * base.offer.list_price
    assert [tier.price for tier in dearer.tiers] == [2 * tier.price for tier in base.tiers]
    assert [tier.first_order for tier in dearer.tiers] == [tier.first_order for tier in base.tiers]


def test_unknown_laws_and_one_seed_are_refused() -> None:
    with pytest.raises(UsageError, match="demand"):
        prove_economics(("demnad",))
    with pytest.raises(UsageError, match="two"):
        prove_economics(("demand",), seeds=1)


@pytest.mark.slow
def test_no_law_is_broken() -> None:
    found = prove_economics()
    assert not (found["verdict"] == BROKEN).any(), found[found["verdict"] == BROKEN].to_string()

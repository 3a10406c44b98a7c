"""Two implementations, one trajectory: equal in every integer, week by week."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.kernel.threads import Threads
from sim.market.world import World
from sim.model import MicroCommerce
from sim.regimes import REGIMES
from sim.scenario.load import load
from tests.truth.reference import Reference

SMALL: dict[str, Any] = {
    # A few dozen persons hold a few founders, small circles and cheap ladders.
    "network.contacts": 10, "network.close": 4, "network.community": 20,
    "recruiting.founders": 0.05, "recruiting.base": 1.0, "recruiting.open_to_selling": 0.6,
    "noticing.advertising": 0.05,
}


def both(
    name: str, changes: dict[str, Any], seed: int, weeks: int, *, defect: dict[str, Any] | None = None
) -> None:
    """Live both; a `defect` changes settings of the model that the reference does not see."""
    scenario = load(name, {**SMALL, **changes, "weeks": weeks})
    model = MicroCommerce(scenario.changed(defect or {}), rng=seed, threads=1)
    world = World(scenario.settings(), scenario.persons, seed, Threads(1))
    other = Reference(world, scenario, seed)
    while model.running:
        model.step()
        found, expected = model.weekly[-1], other.step()
        differing = {
            column: (found[column], value) for column, value in expected.items()
            if found[column] != value
        }
        assert not differing, f"week {model.week}: (model, reference) {differing}"
    resellers = model.world.resellers
    for column, attribute in (
        ("cash", "cash"), ("inventory", "inventory"), ("price", "price"), ("tier", "rung"),
        ("stock_value", "value"), ("cumulative_orders", "orders"), ("recruits", "recruits"),
        ("upline", "upline"),
    ):
        assert resellers[column].tolist() == [
            getattr(seller, attribute) for seller in other.sellers], column
    for column in ("trust", "belief", "satisfaction", "evidence"):
        assert model.world.persons[column].tolist() == [
            getattr(person, column) for person in other.persons], column


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["pyramid", "prosumer"])
def test_shipped_scenarios_agree_unit_for_unit(name: str, seed: int) -> None:
    more = {"referring.founders": 0.05, "gathering.largest": 8} if name == "prosumer" else {}
    both(name, {"persons": 120, **more}, seed, 30)


share = st.floats(0.0, 1.0)


@settings(max_examples=40, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(["pyramid", "prosumer"]),
    persons=st.integers(30, 120),
    weeks=st.integers(5, 16),
    seed=st.integers(0, 2**40),
    changes=st.fixed_dictionaries({
        "controls.stock_pressure": share,
        "controls.information_asymmetry": share,
        "controls.feedback": share,
        "referring.founders": st.sampled_from([0.0, 0.1]),
        "referring.invitation": st.sampled_from([0.0, 0.3]),
        "gathering.largest": st.integers(2, 12),
        "gathering.own_channel": st.booleans(),
        "creating.preorders": st.booleans(),
        "supplying.backorders": st.booleans(),
        "supplying.lead_time": st.integers(1, 3),
        "production.opening_stock": st.floats(0.0, 2.0),
        "production.lead_time": st.integers(1, 4),
        "selling.basket": st.integers(1, 4),
        "approaching.asks": st.floats(0.0, 12.0),
        "recruiting.approaches": st.floats(0.0, 6.0),
        "ordering.margin": st.sampled_from([0.0, 0.1]),
        "clearing.shelf_life": st.integers(1, 10),
        "leaving.base": st.floats(0.0, 0.2),
        "leaving.grace": st.integers(0, 4),
        "people.never_need": share,
        "people.weekly_need": st.sampled_from([0.5, 2.0]),
        "belonging.devoted": st.sampled_from([0.18, 1.0]),
        "belonging.creators": st.sampled_from([0.1, 0.6]),
        "belonging.fan_satisfaction": st.sampled_from([0.3, 0.7]),
        "belonging.user_purchases": st.integers(1, 2),
        "belonging.lapse": st.integers(2, 26),
        "choosing.price_sensitivity": st.sampled_from([0.0, 2.7]),
        "offer.quality": share,
    }),
)
def test_random_small_scenarios_agree_unit_for_unit(
    name: str, persons: int, weeks: int, seed: int, changes: dict[str, Any]
) -> None:
    both(name, {"persons": persons, **changes}, seed, weeks)


LIVELY: dict[str, dict[str, Any]] = {
    "pyramid": {"leaving.base": 0.05, "pricing.patience": 2.0, "promoting.recruits": 2},
    "prosumer": {
        "referring.founders": 0.1, "referring.invitation": 0.3, "gathering.largest": 6,
        "belonging.devoted": 1.0, "belonging.creators": 0.5, "belonging.fan_satisfaction": 0.3,
        "belonging.user_purchases": 1, "choosing.price_sensitivity": 0.0,
        "people.weekly_need": 1.0, "people.never_need": 0.0,
    },
}


@pytest.mark.parametrize(("rule", "name"), [
    *((rule, "pyramid") for rule in (
        "training", "approaching", "noticing", "using", "choosing", "experiencing", "serving",
        "sharing", "listening", "forecasting", "ordering", "supplying", "rewarding",
        "recruiting", "pricing", "promoting", "leaving", "clearing")),
    *((rule, "prosumer") for rule in (
        "belonging", "gathering", "collecting", "creating", "referring")),
])
def test_a_rule_that_is_missing_is_noticed(rule: str, name: str) -> None:
    """Can the comparison fail? Without any one rule the model is no longer the reference."""
    both(name, {"persons": 120, **LIVELY[name]}, 2, 26)
    week = [other for other in REGIMES[name].names if other != rule]
    with pytest.raises((AssertionError, KeyError, TypeError)):
        both(name, {"persons": 120, **LIVELY[name]}, 2, 26, defect={"rules.week": week})


@pytest.mark.parametrize(("name", "path", "value"), [
    ("pyramid", "approaching.wear", 0.5), ("pyramid", "approaching.burn", 0.2),
    ("pyramid", "clearing.own_use", 0.0), ("pyramid", "leaving.contagion", 0.0),
    ("pyramid", "leaving.sunk", 0.0), ("pyramid", "pricing.follow", 0.0),
    ("pyramid", "rewarding.same_level", 0.2), ("pyramid", "training.fatigue", 0.3),
    ("pyramid", "recruiting.saturation", 2.0), ("pyramid", "recruiting.warning", 5.0),
    ("pyramid", "ordering.cover", 1.0), ("pyramid", "supplying.lead_time", 2),
    ("pyramid", "selling.postage", 8.01), ("pyramid", "experiencing.loss", 0.0),
    ("pyramid", "noticing.exaggeration", 0.0), ("pyramid", "choosing.price_knowledge", 1.0),
    ("prosumer", "sharing.distortion", 0.0), ("prosumer", "sharing.fans", 0.9),
    ("prosumer", "listening.weight", 0.0), ("prosumer", "gathering.passed_on", 0.0),
    ("prosumer", "collecting.half", 1.0), ("prosumer", "creating.ideas", 0.0),
    ("prosumer", "referring.share", 0.1), ("prosumer", "serving.capacity", 0.0),
])
def test_a_parameter_that_is_off_is_noticed(name: str, path: str, value: float) -> None:
    with pytest.raises(AssertionError):
        both(name, {"persons": 120, **LIVELY[name]}, 2, 26, defect={path: value})

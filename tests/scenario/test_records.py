"""A scenario made in Python is the same, and is checked in the same words, as one from a file."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.errors import ScenarioError, UsageError
from sim.runs.design import Design
from sim.runs.folder import run_into
from sim.scenario.load import load

SAID = {"persons": 300, "weeks": 5, "offer": {"list_price": 100.0}}
WAYS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "record": lambda said: sim.Scenario(**said),
    "of": lambda said: sim.Scenario.of(said),
    "model_validate": lambda said: sim.Scenario.model_validate(said),
    "changed": lambda said: sim.Scenario().changed(said),
    "model_copy": lambda said: sim.Scenario().model_copy(update=said),
    "model": lambda said: sim.MicroCommerce(sim.Scenario(), **said).scenario,
    "row": lambda said: sim.Scenario().changed(pd.Series(said, dtype=object)),
}


@pytest.mark.parametrize("way", WAYS)
def test_it_stays_what_it_is(way: str, tmp_path: Path) -> None:
    made = WAYS[way](SAID)
    for again in (
        pickle.loads(pickle.dumps(made)), copy.deepcopy(made), made.changed({}),
        made.changed({"weeks": 7}).changed({"weeks": 5}), Design.from_data(
            Design.of(made).as_data()).scenario(0),
    ):
        assert (again.persons, again.weeks, again.offer.list_price) == (300, 5, 100.0)
        assert again == made == sim.Scenario(**SAID)
    later = made.changed({"events": [{"week": 3, "set": {"offer.quality": 0.1}}]})
    assert later.at(3).offer.list_price == 100.0
    results = run_into(made, [1], tmp_path / "r")
    kept = load(results.path / "scenarios" / "pyramid.yaml")
    assert (kept.persons, kept.offer.list_price) == (300, 100.0)


MISTAKES = {
    "personz": (5, r"personz: unknown setting; did you mean 'persons'\?"),
    "persons": ("many", r"persons: found 'many'; allowed: a whole number from 1 to 100000000"),
    "weeks": (0, r"weeks: found 0; allowed: a whole number from 1 to 5200"),
    "offer": ({"list_price": "12 kg"}, r"the unit 'kg' does not fit"),
    "regime": ("prosumers", r"did you mean 'prosumer'\?"),
    "expect": (["sell_inn > 3"], r"sell_in"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("key", MISTAKES)
def test_mistakes_are_told_in_the_same_words(way: str, key: str) -> None:
    value, words = MISTAKES[key]
    with pytest.raises(ScenarioError, match=words):
        WAYS[way]({key: value})
    with pytest.raises(ScenarioError, match=words):
        load("pyramid", {key: value})


def test_numbers_of_numpy_and_texts_with_units_are_taken() -> None:
    made = sim.Scenario(persons=np.int64(400), weeks=np.float64(6.0)).changed(
        {"controls.feedback": np.float32(0.5), "offer.list_price": "90 CNY"})
    assert (made.persons, made.weeks, made.controls.feedback, made.offer.list_price) == (
        400, 6, 0.5, 90.0)
    assert load("pyramid", {"persons": 1000.0}).persons == 1000
    with pytest.raises(ScenarioError, match="a whole number"):
        load("pyramid", {"persons": 1000.5})


def test_records_replace_sections_and_maps_merge() -> None:
    pyramid = load("pyramid")
    controls = type(pyramid.controls)(stock_pressure=0.3)
    assert pyramid.model_copy(update={"controls": controls}).controls == controls
    assert sim.Scenario(controls=controls).controls == controls
    merged = pyramid.changed({"controls": {"stock_pressure": 0.3}}).controls
    assert (merged.stock_pressure, merged.information_asymmetry) == (0.3, 0.9)


def test_a_rung_that_is_not_there() -> None:
    for scenario in (load("pyramid"), sim.Scenario()):
        with pytest.raises(ScenarioError, match=r"tiers\.7\.price: there are \d+ entries"):
            scenario.changed({"tiers.7.price": 3.0})


def test_a_scenario_is_not_written_to() -> None:
    with pytest.raises(UsageError, match=r"changed\(\{'persons'"):
        sim.Scenario().persons = 5


def test_a_repr_is_one_line() -> None:
    assert repr(sim.Scenario(persons=5000, title="Mine")) == (
        "<Scenario 'Mine': pyramid, 5,000 persons, 104 weeks>")


@pytest.mark.parametrize("given", [None, 5, {"persons": 5}, object()])
def test_what_is_no_scenario_is_refused(given: Any) -> None:
    for attempt in (sim.run, lambda scenario: sim.run_many([scenario], 1)):
        with pytest.raises(UsageError, match="a scenario is a record"):
            attempt(given)


def test_rules_of_another_regime_bring_their_settings() -> None:
    pyramid = load("pyramid", {"persons": 300, "weeks": 8})
    other = pyramid.with_rules(sim.REGIMES["prosumer"])
    assert other.regime == "prosumer"
    assert other.production.cover == 1.0
    assert other.settings() == pyramid.changed({"regime": "prosumer"}).settings()
    mine = sim.Regime("mine", sim.REGIMES["pyramid"].rules, {"recruiting": {"approaches": 7.0}})
    made = pyramid.with_rules(mine)
    assert made.recruiting.approaches == 7.0
    assert pickle.loads(pickle.dumps(made)).recruiting.approaches == 7.0
    assert made.changed({"weeks": 3}).recruiting.approaches == 7.0

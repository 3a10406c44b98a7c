"""Stylised facts: when a row agrees."""

from __future__ import annotations

import inspect
import math

import pytest

from sim.studies.facts import FACTS, agreement, facts


@pytest.mark.parametrize(("low", "high", "said"), [
    (2.0, 3.0, "yes"), (0.5, 3.0, "in part"), (5.0, 6.0, "no"), (math.nan, math.nan, "no"),
    (math.inf, math.inf, "no"), (2.0, math.inf, "no"), (-math.inf, 3.0, "no"),
])
def test_a_row_agrees_where_its_whole_finite_interval_lies_in_the_band(
    low: float, high: float, said: str
) -> None:
    assert agreement(low, high, 1.0, 4.0) == said


def test_an_open_band_takes_no_infinite_value_for_agreement() -> None:
    assert agreement(math.inf, math.inf, 1.0, math.inf) == "no"
    assert agreement(2.0, 3.0, 1.0, math.inf) == "yes"


def test_rows_have_names_of_their_own_and_ten_seeds() -> None:
    assert len({fact.name for fact in FACTS}) == len(FACTS)
    assert inspect.signature(facts).parameters["seeds"].default == 10


def test_mutes_are_counted_against_the_asks_that_were_made() -> None:
    found = facts(("S17", "S18"), seeds=2, persons=1500).set_index("fact")
    assert 0.0 < found["simulated"]["S17"] < 0.2
    assert 0.0 <= found["simulated"]["S18"] < 0.2

"""Stylised facts: when a row agrees."""

from __future__ import annotations

import inspect
import math

import pytest

from sim.studies import facts as facts_module
from sim.studies.facts import FACTS, Fact, agreement, facts


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


def test_an_interval_of_a_share_ends_where_shares_end(monkeypatch: pytest.MonkeyPatch) -> None:
    share, plain = (
        Fact(name, "", "", 0.0, 0.1, "pyramid", lambda _seen: next(drawn), share=name == "a share")
        for name in ("a share", "a ratio"))
    monkeypatch.setattr(facts_module, "FACTS", (share, plain))
    drawn = iter((0.0, 0.0, 0.01, 0.01))
    found = facts(seeds=2).set_index("fact")
    assert (found["from"]["a share"], found["agrees"]["a share"]) == (0.0, "yes")
    assert (found["from"]["a ratio"] < 0.0, found["agrees"]["a ratio"]) == (True, "in part")


def test_a_row_says_in_how_large_a_market_it_was_seen() -> None:
    [large] = [fact for fact in FACTS if fact.name == "S7"]
    assert large.where(None) == "pyramid, 100,000 persons"
    assert large.where(500) == "pyramid, 500 persons"
    assert FACTS[0].where(None) == "pyramid"


def test_mutes_are_counted_against_the_asks_that_were_made() -> None:
    found = facts(("S17", "S18"), seeds=2, persons=1500).set_index("fact")
    assert 0.0 < found["simulated"]["S17"] < 0.2
    assert 0.0 <= found["simulated"]["S18"] < 0.2

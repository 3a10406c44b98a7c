"""Plausible worlds: each seed lives in one, plans share it, and folders keep it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.errors import UsageError
from sim.runs.design import Design
from sim.runs.folder import open_results, run_into
from sim.runs.many import run_many
from sim.runs.reproducing import reproduce
from sim.runs.worlds import Worlds
from sim.scenario.load import load
from tests.runs.worlds import small

WORLDS = Worlds(
    ("recruiting.approaches", "leaving.base"), ((1.0, 0.01), (9.0, 0.03), (3.0, 0.02)), "a test")


def design(seeds: int = 4) -> Design:
    return Design.of([small(), small(title="Good", offer={"quality": 0.9})], seeds, worlds=WORLDS)


def test_each_seed_lives_in_a_world_that_plans_share() -> None:
    made = design(5)
    for point in (0, 1):
        found = [made.scenario(point, seed) for seed in made.seeds]
        assert [one.recruiting.approaches for one in found] == [1.0, 9.0, 3.0, 1.0, 9.0]
        assert [one.leaving.base for one in found] == [0.01, 0.03, 0.02, 0.01, 0.03]
    assert made.scenario(1, 0).offer.quality == 0.9


def test_what_a_plan_states_or_a_study_varies_stays() -> None:
    stated = small(leaving={"base": 0.5})
    made = Design.of(stated, 2, worlds=WORLDS, keys=["recruiting.approaches"],
                     points=[Design.of(small(), 1).points[0].__class__(0, (7.0,))])
    found = made.scenario(0, 1)
    assert (found.leaving.base, found.recruiting.approaches) == (0.5, 7.0)


def test_what_a_regime_states_stays() -> None:
    """2.0 asks less and recruits nobody for pay, in every world; 1.0 does as its world says."""
    keys = ("prospecting.asks", "recruiting.approaches", "leaving.base")
    worlds = Worlds(keys, ((40.0, 9.0, 0.01),), "by hand")
    made = Design.of([load("pyramid"), load("prosumer"), load("transition")], 1, worlds=worlds)
    asks, approaches, leaving = zip(*(
        (one.prospecting.asks, one.recruiting.approaches, one.leaving.base)
        for one in (made.scenario(point, 0) for point in range(3))), strict=True)
    assert asks == (40.0, 3.0, 40.0)
    assert approaches == (9.0, 0.0, 9.0)
    assert leaving == (0.01, 0.01, 0.01)


def test_runs_are_those_of_their_worlds() -> None:
    runs = run_many(design(3), workers=1)
    for seed, (approaches, base) in enumerate(WORLDS.rows):
        alone = run_many(
            small(recruiting={"approaches": approaches}, leaving={"base": base}), [seed], workers=1)
        assert runs.result("Small", seed).weekly.equals(alone.result(0, seed).weekly)
        assert runs.result("Small", seed).scenario.recruiting.approaches == approaches


def test_a_folder_keeps_worlds_and_grows_by_seeds(tmp_path: Path) -> None:
    run_into(design(2), out=tmp_path / "r", workers=1)
    results = run_into(design(4), out=tmp_path / "r", workers=1)
    assert results.lived == 4
    again = open_results(tmp_path / "r")
    assert again.design.worlds == WORLDS
    assert again.design.digest == design(4).digest
    lines = (tmp_path / "r" / "worlds.csv").read_text().splitlines()
    assert lines[0] == "seed,world,recruiting.approaches,leaving.base"
    assert lines[4] == "3,0,1.0,0.01"
    assert not again.damage()
    assert reproduce(tmp_path / "r", 8, workers=1).same == 8


def test_other_worlds_are_other_results() -> None:
    other = Design.of(design().scenarios, 4, worlds=Worlds(WORLDS.keys, WORLDS.rows[::-1]))
    assert other.digest != design().digest
    assert other.identity("v")(0, 0) != design().identity("v")(0, 0)
    assert other.identity("v")(0, 1) == design().identity("v")(0, 1)  # the middle world stays
    data = json.loads(json.dumps(design().as_data()))
    assert Design.from_data(data).digest == design().digest


def test_no_world_is_refused() -> None:
    with pytest.raises(UsageError, match="no world"):
        Worlds(("leaving.base",), ())

"""The ensemble that comes with the package: what it holds, where it comes from, that plans run in it."""

from __future__ import annotations

import re
from operator import attrgetter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.scenario.manual import settings
from sim.studies import shipping
from sim.studies.calibrating import priors_of
from sim.studies.facts import FACTS
from sim.studies.worlds import SHIPPED, provenance, worlds_from
from tests.runs.worlds import small

PAGE = Path(__file__).parents[2] / "docs" / "calibration.md"


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_csv(SHIPPED)


def test_every_world_is_plausible_beforehand(table: pd.DataFrame) -> None:
    assert len(table) == 200 == provenance()["worlds"]
    known = {factor.key: factor for name in provenance()["scenarios"] for factor in priors_of(sim.load(name))}
    assert set(table) == set(known), "make it anew: python -m sim.studies.shipping"
    for key, values in table.items():
        prior = known[str(key)]
        assert values.between(prior.low * (1 - 1e-3), prior.high * (1 + 1e-3)).all(), key


def test_the_defaults_are_the_centre_of_the_worlds(table: pd.DataFrame) -> None:
    base = sim.load("pyramid")
    centre = {key: float(f"{table[key].median():.2g}") for key in table}
    assert {key: attrgetter(key)(base) for key in centre} == centre
    fitted = {row["name"] for row in settings() if row["prior"] and row["prior"]["fitted"]}
    assert fitted == set(centre)
    assert all(row["source"].startswith("centre of the plausible worlds")
               for row in settings() if row["name"] in fitted)


def test_it_says_which_facts_were_targets_and_which_are_predictions() -> None:
    made = provenance()
    targets = {row["fact"] for row in made["targets"]}
    known = {fact.name for fact in FACTS}
    assert targets - {"how many sell", "bust"} <= known
    assert set(made["predictions"]) <= known
    assert not targets & set(made["predictions"])
    assert [(row["fact"], row["low"], row["high"]) for row in made["targets"]] == [
        (aim.fact, shipping._finite(aim.low), shipping._finite(aim.high))
        for aim in shipping.aims(made["persons"])]
    assert re.fullmatch(r"[0-9a-f]{40}", made["commit"])


def test_a_target_over_a_pair_of_runs_is_what_the_second_makes_of_the_first() -> None:
    pair = shipping.Pair("offer.list_price", 1.1, 0.9, elasticity=True)
    price = shipping.Aim("S15", "prosumer", "sum(sell_through)", -3.5, -1.8, "", pair)
    dearer, cheaper = price.runs
    plain = sim.load("prosumer", {"persons": 300})
    assert dearer.load(300).offer.list_price == pytest.approx(1.1 * plain.offer.list_price)
    assert cheaper.load(300).offer.list_price == pytest.approx(0.9 * plain.offer.list_price)
    assert len({run.name for run in price.runs}) == 2
    # A thousand units at a price, and a constant elasticity of -2; what was not sold has no number.
    sold = [np.array([1000 * 1.1**-2, 0.0, 5.0]), np.array([1000 * 0.9**-2, 50.0, 0.0])]
    found = price.number(sold)
    assert found[0] == pytest.approx(-2.0)
    assert np.isnan(found[1:]).all()
    loop = shipping.Aim("S12", "prosumer", "sum(sell_through)", 0.18, 1.61, "",
                        shipping.Pair("controls.feedback_product", 1.0, 0.0))
    assert [run.load(300).controls.feedback_product for run in loop.runs] == [
        plain.controls.feedback_product, 0.0]
    assert loop.runs[0] == shipping.Run("prosumer"), "as it is: run once for all targets"
    assert loop.number([np.array([300.0]), np.array([100.0])])[0] == pytest.approx(np.log(3))


def test_what_the_page_says_of_it_stands_in_its_file() -> None:
    made, page = provenance(), " ".join(PAGE.read_text("utf-8").split())
    assert f"{made['worlds']} worlds" in page
    assert f"{made['runs']:,} runs" in page
    assert f"{made['persons']:,} persons" in page
    for fact, share in made["in_band"].items():
        assert f"{fact} {share:.0%}" in page
    silent = sum(share < 0.05 for share in made["learnt"].values())
    assert f"Of {silent} of the {len(made['learnt'])} settings" in page
    best = sorted(made["learnt"], key=lambda key: -made["learnt"][key])[:3]
    assert all(f"`{key}`" in page for key in best)
    assert all(f"`{a}` and `{b}`" in page or f"`{b}` and `{a}`" in page
               for a, b, _alike in made["together"])


def test_plans_run_in_it() -> None:
    found = sim.compare(small(title="A", persons=120), small(title="B", persons=120, offer={"quality": 0.9}),
                        measures=["quality_true at end"], worlds=3, workers=1)
    drawn = worlds_from(3)
    assert drawn is not None
    assert found.runs.design.worlds == drawn
    assert drawn.source == "shipped"

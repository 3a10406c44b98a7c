"""Preset answers confirm what the brand has in mind; open ones correct it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.market.world import World
from sim.mechanisms.surveys import Surveys
from tests.worlds import live, make_world


def surveyed(idea: tuple[float, float] = (1.0, 0.0), version: int = 2, **given: Any) -> World:
    """Return a world whose tastes lie around nothing, and a brand that has an idea of its own."""
    world = make_world(persons=4000, settings={"people": {"taste_spread": 0.0, "taste_within": 0.3}})
    world.unlock(None)
    world.brand.position, world.brand.version = idea, version
    live(world, Surveys(**{"asked": 2000, "confidence": 0.1, "spread": 0.25, **given}))
    return world


def test_preset_answers_keep_near_the_idea_and_open_ones_find_the_truth() -> None:
    preset, open_ = surveyed(), surveyed(preset=0.0)
    assert preset.brand.position[0] == pytest.approx(0.75, abs=0.03)
    assert open_.brand.position == pytest.approx((0.0, 0.0), abs=0.05)


def test_false_confidence() -> None:
    """Who has to tick an answer confirms; open questions confirm only what fits."""
    far = surveyed(idea=(2.0, 0.0), spread=1.0)
    assert far.reports["survey_true"] < 0.2 < 1.0 == far.reports["survey_confirmed"]
    half = surveyed(idea=(2.0, 0.0), spread=1.0, preset=0.5)
    assert half.reports["survey_confirmed"] == pytest.approx(0.5, abs=0.05)
    near = surveyed(idea=(0.0, 0.0), spread=2.0, preset=0.0)
    assert near.reports["survey_confirmed"] > 0.9 < near.reports["survey_true"]


def test_who_confirms_is_taken_for_a_buyer() -> None:
    world = surveyed(preset=0.5)
    assert world.flows["survey_batch"] == round(0.1 * 4000 * world.reports["survey_confirmed"])
    assert world.brand.in_production == world.flows["survey_batch"] > 100


@pytest.mark.parametrize("quiet", [{"version": 1}, {"asked": 0}])
def test_without_a_new_version_or_anybody_asked_nothing_happens(quiet: dict[str, int]) -> None:
    world = surveyed(**quiet)
    assert world.brand.position == (1.0, 0.0)
    assert world.brand.in_production == 0
    assert np.isnan(world.reports["survey_true"])


@pytest.mark.parametrize("extreme", [
    {"asked": 1}, {"asked": 200_000}, {"spread": 0.0}, {"spread": 5.0}, {"confidence": 100.0}])
def test_extremes_keep_sense(extreme: dict[str, Any]) -> None:
    world = surveyed(**extreme)
    assert np.isfinite(world.brand.position).all()
    assert 0 <= world.reports["survey_confirmed"] <= 1

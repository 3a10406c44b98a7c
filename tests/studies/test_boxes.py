"""Scenario discovery: a planted box is found, said and counted right, and luck is not taken for one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.studies.boxes import Box, discover

KEYS = ["offer.quality", "people.trust", "recruiting.approaches"]


def worlds(count: int = 200, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).random((count, 3))


def test_a_planted_box_is_found_and_nothing_else() -> None:
    rows = worlds()
    cases = (rows[:, 0] < 0.4) & (rows[:, 2] > 0.5)
    box = discover(KEYS, rows, cases)
    assert box is not None
    assert set(box.limits) == {"offer.quality", "recruiting.approaches"}
    low, high = box.limits["offer.quality"]
    assert math.isinf(low)
    assert high == pytest.approx(0.4, abs=0.08)
    assert box.limits["recruiting.approaches"][0] == pytest.approx(0.5, abs=0.08)
    assert box.said() == (f"offer.quality is {high:.3g} or less and recruiting.approaches is "
                          f"{box.limits['recruiting.approaches'][0]:.3g} or more")


def test_coverage_and_density_are_counted() -> None:
    rows = worlds(300, 2)
    cases = rows[:, 1] + 0.2 * np.random.default_rng(5).normal(size=300) > 0.7
    box = discover(KEYS, rows, cases)
    assert box is not None
    inside = box.holds(KEYS, rows)
    assert box.density == pytest.approx(cases[inside].mean())
    assert box.coverage == pytest.approx(cases[inside].sum() / cases.sum())
    assert box.support == pytest.approx(inside.mean())
    assert box.base == pytest.approx(cases.mean())
    assert box.density > box.base


def test_luck_is_no_box() -> None:
    found = sum(discover(KEYS, worlds(120, seed), np.random.default_rng(1000 + seed).random(120) < 0.3)
                is not None for seed in range(40))
    assert found <= 10


@pytest.mark.parametrize("share", [0.0, 1.0, 0.01])
def test_too_few_cases_of_either_kind_have_no_box(share: float) -> None:
    rows = worlds(100)
    assert discover(KEYS, rows, rows[:, 0] < share) is None


def test_a_limit_on_both_sides_is_said() -> None:
    box = Box({"offer.quality": (0.25, 0.5)}, 1.0, 1.0, 0.5, 0.5, {})
    assert box.said() == "offer.quality lies between 0.25 and 0.5"


def test_where_most_worlds_fail_the_part_that_nearly_always_does_is_found() -> None:
    """Scattered failures outside the part: a first slice of it is no more than chance."""
    found = 0
    for seed in range(20):
        rows = worlds(120, 300 + seed)
        cases = (rows[:, 0] < 0.6) | (np.random.default_rng(seed).random(120) < 0.55)
        box = discover(KEYS, rows, cases)
        found += box is not None and set(box.limits) == {"offer.quality"} and \
            0.45 < box.limits["offer.quality"][1] < 0.75 and box.density > cases.mean()
    assert found >= 15


def test_luck_is_seldom_a_box_where_most_worlds_fail() -> None:
    found = sum(discover(KEYS, worlds(120, 100 + seed), np.random.default_rng(seed).random(120) < 0.8)
                is not None for seed in range(60))
    assert found <= 5

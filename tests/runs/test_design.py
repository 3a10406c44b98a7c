"""Designs: how runs are numbered, labelled and told apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from sim.mechanisms.base import Mechanism, parameter
from sim.regimes import REGIMES
from sim.runs.design import Design, Point, canonical, slug
from sim.runs.errors import DesignError
from sim.scenario.load import load
from tests.runs.worlds import small, with_rule


def swept() -> Design:
    """Return two scenarios, one of them at two qualities, with the seeds 4 and 9."""
    return Design.of(
        [small(), small(title="Other")], [9, 4, 9], keys=["offer.quality", "weeks"],
        points=[Point(0, (0.25, 5)), Point(1, (0.75, 6)), Point(0, (0.75, 6))],
        study={"kind": "sweep"})


def test_plans_of_one_title_are_named_by_their_files_and_without_files_by_numbers(tmp_path: Path) -> None:
    def called(*scenarios: Any) -> tuple[tuple[str, ...], ...]:
        design = Design.of(list(scenarios), 1)
        assert design.labels == design.called("en")
        return design.labels, design.called("zh")

    files = [tmp_path / "mine.yaml", tmp_path / "yours.yaml"]
    for file in files:
        file.write_text("extends: pyramid\npersons: 300\n")
    mine, yours = map(str, files)
    assert called("pyramid", mine) == (
        ("Pyramid (1.0) (pyramid)", "Pyramid (1.0) (mine)"),
        ("层级压货（1.0）(pyramid)", "层级压货（1.0）(mine)"))
    assert called(mine, yours)[0] == ("Pyramid (1.0) (mine)", "Pyramid (1.0) (yours)")
    assert called(mine, "prosumer")[0] == ("Pyramid (1.0)", "Prosumer (2.0)")
    typed = load("pyramid")
    assert called(typed, typed.changed({"persons": 300}))[0] == ("Pyramid (1.0)", "Pyramid (1.0) (2)")


def test_runs_are_numbered_point_by_point_and_seed_by_seed() -> None:
    design = swept()
    assert design.seeds == (4, 9)
    assert len(design) == 6
    assert [design.of_run(run) for run in range(6)] == [
        (0, 4), (0, 9), (1, 4), (1, 9), (2, 4), (2, 9)]
    assert [design.run_of(*design.of_run(run)) for run in range(6)] == list(range(6))
    assert [design.run_of(*one) for one in ((0, 5), (3, 4), (4, 4), (-1, 4))] == [None] * 4
    assert design.describe(3) == "Other, offer.quality=0.75, weeks=6, seed 9"
    assert [design.label(point) for point in range(3)] == ["Small", "Other", "Small"]
    assert design.values(2) == {"offer.quality": 0.75, "weeks": 6}
    changed = design.scenario(2)
    assert (changed.offer.quality, changed.weeks) == (0.75, 6)
    assert design.with_seeds([3]).seeds == (3,)


def test_without_varied_settings_every_scenario_is_a_point() -> None:
    scenarios = [small(), small(title="Other")]
    design = Design.of(scenarios, 3)
    assert design.seeds == (0, 1, 2)
    assert design.points == (Point(0), Point(1))
    assert design.scenario(1) is scenarios[1]
    assert Design.of(small(seed=8)).seeds == (8,)
    assert Design.of([small(seed=8), small(title="Other", seed=9)]).seeds == (8,)
    assert Design.of(["pyramid", ("mine", small())], 1).names == ("pyramid", "mine")


def test_names_and_labels_are_told_apart() -> None:
    design = Design.of([small(), small(), small(title="Small (2)"), small()], 1)
    assert design.labels == ("Small", "Small (2)", "Small (2) (2)", "Small (3)")
    assert design.names == ("small", "small-2", "small-2-2", "small-3")
    untitled = Design.of(small(title=""), 1)
    assert untitled.labels == ("pyramid",)
    assert untitled.names == ("pyramid",)
    assert Design.of(small(), 1, names=["Given name"]).names == ("given-name",)


@pytest.mark.parametrize(("title", "name"), [
    ("A pyramid, at 20 %", "a-pyramid-at-20"), ("微商 团队", "微商-团队"), ("...", "scenario"),
    ("-x_.", "x"), ("a" * 80, "a" * 60)])
def test_a_title_as_the_name_of_a_file(title: str, name: str) -> None:
    assert slug(title) == name


@pytest.mark.parametrize(("seeds", "complaint"), [
    ([], "no seed"), (0, "no seed"), ([-1], "a seed is a whole number"),
    ([2**63], "a seed is a whole number")])
def test_seeds_out_of_bounds_are_refused(seeds: Any, complaint: str) -> None:
    with pytest.raises(DesignError, match=complaint):
        Design.of(small(), seeds)


def test_seeds_at_the_bounds_are_taken() -> None:
    assert Design.of(small(), [2**63 - 1, 0]).seeds == (0, 2**63 - 1)


def test_designs_that_make_no_sense_are_refused() -> None:
    with pytest.raises(DesignError, match="no scenario"):
        Design.of([], 1)
    with pytest.raises(DesignError, match="appears twice"):
        Design.of(small(), 1, keys=["weeks"], points=[Point(0, (3,)), Point(0, (3,))])
    wrong = Design.of(small(), 1, keys=["weeks", "offer.quality"], points=[Point(0, (3, 1.5))])
    with pytest.raises(DesignError, match=r"^weeks=3, offer.quality=1.5: offer\.quality: .*1"):
        wrong.scenario(0)
    unknown = Design.of(small(), 1, keys=["offer.nonsense"], points=[Point(0, (1,))])
    with pytest.raises(DesignError, match=r"^offer.nonsense=1: .*nonsense"):
        unknown.scenario(0)


def test_a_design_is_read_as_it_was_written() -> None:
    import json

    design = swept()
    data = json.loads(canonical(design.as_data()))
    again = Design.from_data(data)
    assert again == design
    assert again.digest == design.digest
    assert again.digests == design.digests
    assert data["points"] == [[0, 0.25, 5], [1, 0.75, 6], [0, 0.75, 6]]
    assert [entry["own_rules"] for entry in data["scenarios"]] == [[], []]


def test_the_digest_follows_everything_that_is_run() -> None:
    design = swept()
    others = [
        design.with_seeds([4]), Design.of([small(), small(title="Other")], [4, 9]),
        Design.of([small(weeks=13), small(title="Other")], [4, 9], keys=design.keys,
                  points=design.points, study=design.study),
        Design.of(design.scenarios, [4, 9], keys=design.keys, points=design.points),
        Design.of(design.scenarios, [4, 9], keys=design.keys, points=design.points[::-1],
                  study=design.study),
    ]
    assert len({design.digest, *(other.digest for other in others)}) == 6
    assert swept().digest == design.digest


class Idle(Mechanism):
    """Does nothing, with a figure."""

    phase: ClassVar[str] = "inform"
    figure: float = parameter(1.0, "share", 0, 5, "a figure")

    def step(self, world: Any) -> None: ...


class Idler(Mechanism):
    """Does nothing either."""

    phase: ClassVar[str] = "inform"
    figure: float = parameter(1.0, "share", 0, 5, "a figure")

    def step(self, world: Any) -> None: ...


def test_rules_of_ones_own_are_part_of_the_design() -> None:
    one, other = Design.of(with_rule(Idle()), 1), Design.of(with_rule(Idle(figure=2.0)), 1)
    kind, source = Design.of(with_rule(Idler()), 1), Design.of(small(), 1)
    assert len({one.digest, other.digest, kind.digest, source.digest}) == 4
    assert Design.of(with_rule(Idle()), 1).digest == one.digest
    week = one.as_data()["scenarios"][0]["own_rules"]
    assert "idle" in week
    assert set(week) == {"idle", *REGIMES["pyramid"].names}
    assert Design.of(with_rule(Idle), 1).digest != one.digest


def test_equal_data_is_equal_text() -> None:
    import numpy as np

    assert canonical({"b": (1, 2), "a": np.float64(0.5), "ä": {3}}) == (
        '{"a":0.5,"b":[1,2],"ä":[3]}')
    assert canonical(small().offer).startswith('{"')
    with pytest.raises(TypeError, match="a object is no plain data"):
        canonical(object())

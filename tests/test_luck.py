"""Luck belongs to (seed, decision, week, person): nothing else changes anybody's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.market.persons import COLUMNS
from tests.scenarios import names, small

TRAITS = [column.name for column in COLUMNS[:8]]


class Drawing(sim.Mechanism):
    """Draws luck of its own for everybody and keeps it in a column."""

    phase = "share"
    writes = ("persons.drawn",)
    columns = (("persons", sim.Column("drawn", "u8", "bits", "luck of the inserted rule")),)

    def step(self, world: Any) -> None:
        from sim.kernel.luck import draw64

        key = world.luck("drawing")
        for person in range(len(world.persons)):
            world.persons.drawn[person] = draw64(key, person)


def lived(scenario: Any, weeks: int = 12, rng: int = 5) -> sim.MicroCommerce:
    model = sim.MicroCommerce(scenario, rng=rng, threads=1)
    for _ in range(weeks):
        model.step()
    return model


@pytest.mark.parametrize("regime", names())
def test_an_inserted_rule_changes_nobodys_luck(regime: str) -> None:
    plain = small(regime)
    composition = plain.composition()
    for after in (composition.names[0], composition.names[-1]):
        with_rule = lived(plain.with_rules(composition.inserting(Drawing(), after=after)))
        without = lived(plain)
        assert with_rule.world.persons.drawn.any()
        assert str(with_rule.weekly) == str(without.weekly)
        for name, column in without.world.persons.items():
            assert np.array_equal(column, with_rule.world.persons[name]), name


def test_further_persons_change_nobodys_traits() -> None:
    """Traits drawn person by person; tastes also belong to a community, whose edges move."""
    few = sim.MicroCommerce(small(persons=500), rng=5).world.persons
    many = sim.MicroCommerce(small(persons=501), rng=5).world.persons
    for trait in TRAITS:
        if not trait.startswith("taste"):
            assert np.array_equal(few[trait], many[trait][:500]), trait


def test_the_same_people_live_under_every_regime() -> None:
    worlds = [sim.MicroCommerce(small(name), rng=5).world for name in names()]
    worlds.append(sim.MicroCommerce(small(controls={"stock_pressure": 1.0}), rng=5).world)
    for other in worlds[1:]:
        assert np.array_equal(worlds[0].graph.contacts, other.graph.contacts)
        for trait in TRAITS:
            assert np.array_equal(worlds[0].persons[trait], other.persons[trait]), trait


def test_the_same_person_in_the_same_week_meets_the_same_luck() -> None:
    """Who would use something in week 1 does so in both worlds, whatever else differs."""
    used = []
    for quality in (0.1, 0.9):
        model = sim.MicroCommerce(small(offer={"quality": quality}), rng=5, threads=1)
        persons = model.world.persons
        persons.home[:] = 200
        model.world.books.goods.move("made", "homes", int(persons.home.sum()))
        model.step()
        used.append(persons.used.copy())
    assert used[0].any()
    assert np.array_equal(*used)


def test_other_seeds_are_other_worlds() -> None:
    one, other = (sim.MicroCommerce(small(), rng=rng).world for rng in (5, 6))
    assert not np.array_equal(one.persons.trust, other.persons.trust)
    assert not np.array_equal(one.graph.contacts, other.graph.contacts)

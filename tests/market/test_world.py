import dataclasses

import numpy as np
import pytest

from sim.market.books import ConservationError
from sim.market.persons import COLUMNS, STAGES
from sim.market.world import Ties
from tests.worlds import enlist, graph_of, make_world, star, stock_home


def test_the_books_find_what_a_column_lost() -> None:
    world = make_world(4, star(3))
    enlist(world, 0, inventory=5)
    stock_home(world, 2)
    world.account()
    for table, column in (("resellers", "inventory"), ("persons", "home"), ("resellers", "cash")):
        world.tables[table][column][0] += 1
        with pytest.raises(ConservationError, match="week 1"):
            world.account()
        world.tables[table][column][0] -= 1
    world.account()


def test_rules_write_only_what_is_unlocked() -> None:
    world = make_world()
    world.unlock(("persons.trust", "resellers"))
    world.persons.trust[0] = 1.0
    enlist(world, 0)
    world.unlock(("persons.trust",))
    for column in (world.persons.home, world.resellers.cash):
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 1


def test_ties_keep_their_place_when_more_come() -> None:
    # Person 0 knows 1, 2 and 3; person 4 nobody; person 5 knows 1 and, less closely, 2 and all after.
    further = [(5, other) for other in (2, *range(6, 105))]
    circles = graph_of(105, [*star(3), (5, 1)], further).circles
    ties = Ties()
    assert ties.add(circles, np.array([0, 4, 1])).tolist() == [0, 3, 3]
    assert ties.contacts[:5].tolist() == [1, 2, 3, 0, 5]
    ties.wear[:5] = 9
    assert ties.add(circles, np.array([5])).tolist() == [5]
    assert ties.size == 106
    assert ties.contacts[:106].tolist() == [1, 2, 3, 0, 5, 1, 2, *range(6, 105)]
    assert (ties.wear[:5] == 9).all()
    assert not ties.wear[5:106].any()
    assert ties.add(circles, np.zeros(0, np.int64)).size == 0


def test_luck_has_a_key_for_each_decision_and_week() -> None:
    world = make_world()
    keys = {int(world.luck("buy")), int(world.luck("sell")), int(world.fixed_luck("buy"))}
    world.week += 1
    keys.add(int(world.luck("buy")))
    assert len(keys) == 4


def test_every_column_says_what_it_means() -> None:
    world = make_world()
    for table in world.tables.values():
        for column in table.schema.values():
            assert column.unit, column.name
            assert column.meaning, column.name
    assert len(STAGES) == 5
    assert len({column.name for column in COLUMNS}) == len(COLUMNS)


def test_what_follows_from_settings_holds_for_as_long_as_they_are_in_force() -> None:
    world = make_world()
    computed: list[float] = []

    def list_price() -> float:
        computed.append(world.settings.offer.list_price)
        return computed[-1]

    mine, other = object(), object()
    assert [world.settled(mine, list_price) for _ in range(3)] == [100.0] * 3
    assert len(computed) == 1
    assert world.settled(other, lambda: -1.0) == -1.0, "one rule does not read another's"
    dearer = dataclasses.replace(
        world.settings, offer=world.settings.offer.model_copy(update={"list_price": 250.0}))
    world.put_in_force(dearer)
    assert world.settled(mine, list_price) == 250.0
    assert world.settled(other, lambda: -2.0) == -2.0

"""Sharing out a difference: what Shapley values must obey, on games made by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from sim.studies.games import Game, all_coalitions, coalitions_of, orders_of

SEEDS = 5


def game(worth, count: int, orders=()) -> Game:
    """Return a game whose coalitions bring `worth(players)` plus a luck of the seed."""
    luck = np.arange(SEEDS) * 100
    masks = all_coalitions(count)
    return Game(count, {
        mask: worth({player for player in range(count) if mask >> player & 1}) + luck
        for mask in masks}, orders)


def test_changes_that_do_not_meet_are_worth_what_they_bring_alone() -> None:
    found = game(lambda players: sum((3, -2, 7)[player] for player in players), 3)
    assert found.shares == pytest.approx(np.outer([3, -2, 7], np.ones(SEEDS)))
    assert found.interaction(0, 2) == pytest.approx(np.zeros(SEEDS))
    assert list(found.alone(1)) == list(found.last(1)) == [-2] * SEEDS


def test_what_only_two_bring_together_is_halved() -> None:
    found = game(lambda players: 10 if {0, 1} <= players else 0, 3)
    assert found.shares == pytest.approx(np.outer([5, 5, 0], np.ones(SEEDS)))
    assert found.interaction(0, 1) == pytest.approx(np.full(SEEDS, 10))
    assert list(found.alone(0)) == [0] * SEEDS
    assert list(found.last(0)) == [10] * SEEDS


def test_an_interaction_is_of_the_two_alone_where_orders_were_sampled() -> None:
    """One and two meet; nothing else does, though others come before or after them in every order."""
    orders = orders_of(5, 4)
    whole = game(lambda players: 10 * ({0, 1} <= players) + 4 * (3 in players), 5)
    rest = [31 & ~(1 << one | 1 << other) for one, other in itertools.combinations(range(5), 2)]
    run = {*coalitions_of(orders), *rest, *(31 & ~(1 << one) for one in range(5))}
    found = Game(5, {mask: whole.values[mask] for mask in run}, orders)
    for one, other in itertools.combinations(range(5), 2):
        expected = 10 if (one, other) == (0, 1) else 0
        assert found.interaction(one, other) == pytest.approx(np.full(SEEDS, expected))
        assert whole.interaction(one, other) == pytest.approx(np.full(SEEDS, expected))
    few = Game(5, {mask: whole.values[mask] for mask in coalitions_of(orders)}, orders)
    assert any(few.interaction(one, other) is None for one, other in itertools.combinations(range(5), 2))


@pytest.mark.parametrize("count", [1, 2, 4])
def test_every_order_and_every_coalition_share_out_alike(count: int) -> None:
    def worth(players):
        return len(players) ** 3 + 5 * (0 in players) - 2 * (players == {0, 1})

    exact = game(worth, count)
    orders = orders_of(count, math.factorial(count))
    assert sorted(orders) == sorted(itertools.permutations(range(count)))
    assert game(worth, count, orders).shares == pytest.approx(exact.shares)


@pytest.mark.parametrize(("count", "wanted"), [(6, 8), (9, 4), (3, 100)])
def test_steps_and_shares_add_up_to_the_whole_seed_by_seed(count: int, wanted: int) -> None:
    luck = np.random.default_rng(1)
    orders = orders_of(count, wanted)
    values = {mask: luck.integers(-1000, 1000, SEEDS).astype(float) for mask in coalitions_of(orders)}
    found = Game(count, values, orders)
    for order in orders:
        assert (found.steps(order).sum(axis=0) == found.whole).all()
    assert found.shares.sum(axis=0) == pytest.approx(found.whole)


def test_sampled_orders_come_with_their_reverse_and_begin_with_the_given_one() -> None:
    given = (2, 0, 1, 4, 3)
    orders = orders_of(5, 6, given)
    assert orders[0] == given
    assert orders == orders_of(5, 6, given)
    assert len(orders) == len(set(orders)) == 6
    for there, back in zip(orders[::2], orders[1::2], strict=True):
        assert back == there[::-1]
    for one, other in itertools.combinations(range(5), 2):
        first = sum(order.index(one) < order.index(other) for order in orders)
        assert first == 3


def test_sampled_orders_widen_the_interval() -> None:
    orders = orders_of(4, 4)
    luck = np.random.default_rng(3)
    values = {mask: luck.normal(size=SEEDS) + mask.bit_count() ** 2 for mask in all_coalitions(4)}
    sampled, every = Game(4, values, orders), Game(4, values)
    for player in range(4):
        over_seeds = sampled.told(sampled.shares[player])
        assert sampled.share(player).low <= over_seeds.low
        assert every.share(player) == every.told(every.shares[player])

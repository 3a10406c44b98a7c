"""Overstocked sellers divert goods to strangers; the price that people pay comes down."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.market.world import World
from sim.mechanisms.diversion import Diversion
from tests.scenarios import small
from tests.worlds import enlist, live, make_world

EVERYBODY: dict[str, Any] = {"share": 1.0, "reach": 400, "markup": 0.1}


def two_communities(persons: int = 400, week: int = 50, **seller: Any) -> World:
    """Return a world with a seller in the first of two communities, all of whom need the product."""
    world = make_world(persons=persons, settings={
        "people": {"weekly_need": 20.0}, "selling": {"postage": 8.0}})
    world.graph.communities = np.array([0, persons // 2, persons], np.int64)
    world.week = week
    world.persons.aware[:] = 1
    world.persons.belief[:] = 0.9
    enlist(world, 0, tier=0, inventory=100, price=100.0, community=0, **seller)
    return world


def test_strangers_buy_and_neighbours_do_not() -> None:
    """The seller paid 50 yuan a unit: strangers pay 55 and the parcel."""
    world = two_communities()
    live(world, Diversion(**EVERYBODY))
    buyers = np.flatnonzero(world.persons.home)
    assert buyers.size == world.flows["diverted"] > 20
    assert (buyers >= 200).all()
    assert world.resellers.inventory[0] == 100 - buyers.size
    assert world.flows["revenue_diverted"] == buyers.size * 6300
    assert world.resellers.own_retail_margin[0] == buyers.size * 500
    assert world.market.street_price == 6300 == world.market.street_lowest
    assert (world.persons.last_purchase[buyers] == world.week).all()


@pytest.mark.parametrize("columns", [
    {"forecast": 50.0}, {"active": 0}, {"dropship": 1}, {"joined_week": 45},
])
def test_only_active_sellers_with_too_much_stock_divert(columns: dict[str, Any]) -> None:
    world = two_communities(**columns)
    live(world, Diversion(**EVERYBODY))
    assert world.flows["diverted"] == 0 == world.flows["diverters"]


@pytest.mark.parametrize("nothing", [{"reach": 0}, {"share": 0.0}, {"markup": 10.0}])
def test_nobody_reached_or_tempted_buys_nothing(nothing: dict[str, Any]) -> None:
    world = two_communities()
    live(world, Diversion(**{**EVERYBODY, **nothing}))
    assert world.flows["diverted"] == 0


def test_a_lower_price_finds_more_buyers() -> None:
    def sold(markup: float) -> int:
        world = two_communities(persons=4000)
        world.resellers.inventory[0] += 4000
        world.books.goods.move("made", "channel", 4000)
        live(world, Diversion(share=1.0, reach=2000, markup=markup))
        return world.flows["diverted"]

    low, usual, high = sold(-0.2), sold(0.1), sold(0.8)
    assert low > usual > high


def test_who_knows_a_cheaper_seller_stays_there() -> None:
    world = two_communities()
    world.persons.seller[200:] = enlist(world, 199, inventory=0, price=20.0, community=0, forecast=99.0)
    usual = two_communities()
    live(usual, Diversion(**EVERYBODY))
    live(world, Diversion(**EVERYBODY))
    assert world.flows["diverted"] < 0.7 * usual.flows["diverted"]


def lived(seed: int, **given: Any) -> list[dict[str, Any]]:
    model = sim.MicroCommerce(small("pyramid", **({"diversion": given} if given else {})), rng=seed)
    while model.running:
        model.step()
    return model.weekly


def test_diversion_brings_prices_down_for_all() -> None:
    """The mean over pairs with the same luck, by three standard errors."""
    def price(seed: int, **given: Any) -> float:
        return float(np.nanmean([row["price_street_mean"] for row in lived(seed, **given)]))

    change = np.log([
        price(seed, share=1.0, reach=100) / price(seed) for seed in range(1, 25)])
    assert change.mean() < -3.0 * change.std(ddof=1) / change.size**0.5


@pytest.mark.parametrize("extreme", [
    {"reach": 100_000}, {"markup": -1.0}, {"markup": 10.0}, {"share": 0.01}])
def test_extremes_keep_books_and_sense(extreme: dict[str, Any]) -> None:
    for row in lived(2, **{"share": 1.0, "reach": 20, **extreme}):
        assert 0 <= row["diverted"] <= row["sell_through"]
        assert row["inventory_channel"] >= 0

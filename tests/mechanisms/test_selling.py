import numpy as np
import pytest

from sim.market.world import World
from sim.mechanisms.selling import Generations, Selling
from tests.worlds import enlist, live, make_world, rule


def sell(world: World, *buyers: int, **parameters: float) -> World:
    world.persons.chosen[world.persons.chosen == -1] = 0
    world.market.buyers = np.array(buyers, np.int32)
    return live(world, rule(Selling, **{"basket": 1, "postage": 0.0, **parameters}))


def shop(inventory: int, **columns: float) -> World:
    world = make_world(4)
    enlist(world, 0, inventory=inventory, price=100.0, **columns)
    world.persons.source[:] = 2
    return world


def test_buyers_are_served_while_there_is_stock() -> None:
    world = sell(shop(2), 1, 2, 3)
    assert sorted(world.persons.home[1:].tolist()) == [0, 1, 1]
    assert world.persons.purchases.tolist() == world.persons.home.tolist()
    assert (world.flows["sell_through"], world.flows["lost_sales"]) == (2, 1)
    assert world.resellers.inventory[0] == 0
    assert world.resellers.lost[0] == 1
    assert world.resellers.demand[0] == 3
    assert world.flows["purchases_seller"] == 2


def test_money_goes_from_households_to_the_seller() -> None:
    world = shop(2)
    before = int(world.resellers.cash[0])
    sell(world, 1)
    # Price 100 yuan, wholesale 80 yuan.
    assert world.resellers.cash[0] - before == 10_000
    assert world.resellers.own_retail_margin[0] == 2_000
    assert world.resellers.week_income[0] == 2_000
    assert world.resellers.stock_value[0] == 8_000
    assert world.flows["retail_revenue"] == 10_000


def test_postage_is_paid_by_the_seller() -> None:
    world = sell(shop(2), 1, postage=8.0)
    assert world.resellers.own_retail_margin[0] == 1_200
    assert world.books.money["media"] == 800


def test_what_leavers_sell_is_dumped() -> None:
    world = sell(shop(2, active=0), 1)
    assert (world.flows["dumped"], world.flows["sell_through"]) == (1, 0)


def test_a_basket_takes_what_is_there() -> None:
    world = sell(shop(2), 1, basket=3)
    assert world.persons.home[1] == 2
    assert world.flows["lost_sales"] == 1


def test_a_referrer_gets_a_share_and_the_brand_ships() -> None:
    """A11: fifteen percent of 100 yuan, unless a scenario says otherwise."""
    world = shop(0, dropship=1)
    world.books.goods.move("made", "factory", 1)
    before = int(world.resellers.cash[0])
    sell(world, 1)
    reward = int(world.resellers.cash[0]) - before
    assert reward == world.flows["commission"] == world.settings.rule("referral").share * 10_000
    assert world.books.goods["factory"] == 0
    assert world.books.money["brand"] == 10_000 - reward


def test_the_own_channel_and_preorders() -> None:
    """A15: whom the brand cannot serve waits, and is served first."""
    world = make_world(4)
    world.persons.chosen[:] = -2
    sell(world, 1, 2)
    assert world.persons.waiting.tolist() == [0, 1, 1, 0]
    assert world.brand.preorders == 2
    world.books.goods.move("made", "factory", 1)
    sell(world)
    assert sorted(world.persons.home.tolist()) == [0, 0, 0, 1]
    assert (world.persons.home + world.persons.waiting).tolist() == [0, 1, 1, 0]
    assert world.brand.preorders == 1


def test_short_stock_goes_to_all_by_luck_whatever_their_number() -> None:
    """The last fifth of the buyers gets a fifth; and each week others are lucky."""
    served = np.zeros(500)
    lucky = []
    for week in range(1, 41):
        world = make_world(501, settings={"people": {"income": 100_000.0}})
        world.week = week
        enlist(world, 500, inventory=100, price=100.0)
        sell(world, *range(500))
        lucky.append(world.persons.home[:500].tolist())
        served += world.persons.home[:500]
    assert served.sum() == 4000
    assert served[400:].sum() == pytest.approx(800, abs=100)
    assert served[:100].sum() == pytest.approx(800, abs=100)
    assert lucky[0] != lucky[1]


def test_preorders_are_delivered_by_luck_whatever_their_number() -> None:
    served = 0
    for week in range(1, 31):
        world = make_world(300, settings={"people": {"income": 100_000.0}})
        world.week = week
        world.persons.waiting[:] = 1
        world.brand.preorders = 300
        world.books.goods.move("made", "factory", 30)
        sell(world)
        assert world.persons.home.sum() == 30
        served += int(world.persons.home[240:].sum())
    assert served == pytest.approx(180, abs=60)


def purse(persons: int, yuan: float) -> World:
    """Return a world of people who all have so much money for the category."""
    return make_world(persons, settings={
        "people": {"income": yuan, "category_share": 1.0, "saved_weeks": 1}})


def test_a_basket_is_as_large_as_the_purse_allows() -> None:
    for yuan, units in ((99.0, 0), (100.0, 1), (299.0, 2), (10_000.0, 3)):
        world = purse(4, yuan)
        enlist(world, 0, inventory=5, price=100.0)
        sell(world, 1, basket=3)
        assert world.persons.home[1] == units
        assert world.resellers.demand[0] == units
        assert world.flows["lost_sales"] == 0
        spent = 10_000 * units
        assert world.persons.purse[1] == (round(yuan * 100) - spent if units else 0)


def test_prices_are_paid_from_the_purse() -> None:
    world = purse(4, 150.0)
    enlist(world, 0, inventory=5, price=100.0)
    before = world.books.money["resellers"]
    sell(world, 1)
    assert world.books.money["resellers"] - before == 10_000
    assert world.persons.purse.tolist() == [0, 5_000, 0, 0]
    assert world.books.money["purses"] == 5_000
    # A second purchase in the same week finds 50 yuan.
    sell(world, 1)
    assert world.persons.home[1] == 1


def test_a_preorder_is_cancelled_when_the_purse_is_too_small_by_then() -> None:
    """The list price is 100 yuan."""
    for yuan, delivered in ((100.0, 2), (99.0, 0)):
        world = purse(4, yuan)
        world.persons.waiting[[1, 2]] = 1
        world.brand.preorders = 2
        world.books.goods.move("made", "factory", 10)
        sell(world)
        assert world.persons.home.sum() == delivered
        assert world.persons.waiting.sum() == world.brand.preorders == 0
        assert world.flows["preorders_cancelled"] == 2 - delivered
        assert world.books.goods["factory"] == 10 - delivered
        assert world.books.money["brand"] == 10_000 * delivered


def test_who_convinced_whom_is_counted() -> None:
    """A17."""
    world = shop(2)
    world.persons.convinced_by[1] = 3
    sell(world, 1)
    assert world.persons.convinced.tolist() == [0, 0, 0, 1]


def test_weeks_since_the_last_sale() -> None:
    world = shop(1, weeks_since_sale=3)
    assert sell(world).resellers.weeks_since_sale[0] == 4
    assert sell(world, 1).resellers.weeks_since_sale[0] == 0


def test_the_reproduction_number_compares_two_generations_of_three_weeks() -> None:
    world = make_world(4)
    selling = rule(Selling, generation=3)
    told = []
    for customers, convinced in ((4, 9), (6, 1), (2, 8), (5, 3), (7, 2), (1, 4), (0, 8)):
        selling._reproduce(world, customers, convinced)
        told.append(world.market.wom_reproduction)
    # Convinced in the last three weeks over the customers of the three weeks before.
    assert np.isnan(told[:5]).all()
    assert told[5:] == [(3 + 2 + 4) / (4 + 6 + 2), (2 + 4 + 8) / (6 + 2 + 5)]


def test_only_customers_of_the_last_two_generations_count_as_having_convinced() -> None:
    for bought, counted in ((6, 1), (5, 0), (10, 1)):
        world = shop(2)
        world.week = 10
        world.persons.purchases[3] = 1
        world.persons.first_purchase[3] = bought
        world.persons.convinced_by[1] = 3
        sell(world, 1, generation=2)
        assert world.own(Generations).weeks == [(1, counted)]
    world = shop(2)
    world.persons.convinced_by[1] = 3  # who has never bought any
    assert sell(world, 1, generation=2).own(Generations).weeks == [(1, 0)]


def test_a_referrer_asks_a_price_of_their_own() -> None:
    world = make_world(4)
    enlist(world, 0, price=90.0, dropship=1)
    world.books.goods.move("made", "factory", 1)
    sell(world, 1)
    reward = world.flows["commission"]
    assert reward == world.settings.rule("referral").share * 9000
    assert world.books.money["brand"] == 9000 - reward

from typing import Any

from sim.market.brand import DataStocks
from sim.market.world import World
from sim.mechanisms.supply_chain import SupplyChain
from tests.worlds import enlist, live, make_world, rule


def factory(world: World, units: int) -> World:
    world.books.goods.move("made", "factory", units)
    return world


def wants(units: int) -> dict[str, int]:
    return {"backlog": units, "ordered": units}


def test_the_brand_ships_and_is_paid() -> None:
    world = factory(make_world(), 100)
    enlist(world, 0, tier=0, **wants(10))
    live(world, rule(SupplyChain))
    resellers = world.resellers
    assert resellers.transit[0] == 10
    assert resellers.backlog[0] == 0
    assert resellers.invested[0] == resellers.stock_value[0] == 10 * 5000
    assert world.books.money["brand"] == 10 * 5000
    assert world.flows["sell_in"] == 10


def test_goods_arrive_after_the_lead_time() -> None:
    for weeks in (1, 3):
        world = factory(make_world(), 100)
        enlist(world, 0, tier=0, **wants(10))
        arrived = []
        for week in range(1, 6):
            world.week = week
            live(world, rule(SupplyChain, lead_time=weeks))
            arrived.append(int(world.resellers.inventory[0]))
        assert arrived == [0 if week < 1 + weeks else 10 for week in range(1, 6)]


def test_the_nearest_upline_of_a_better_tier_supplies_and_earns_the_difference() -> None:
    """A2: the top pays 50 yuan a unit, the bottom 80."""
    world = factory(make_world(), 100)
    top = enlist(world, 0, tier=0, inventory=20)
    same = enlist(world, 1, tier=1, upline=top, inventory=20)
    enlist(world, 2, tier=1, upline=same, **wants(4))
    live(world, rule(SupplyChain))
    resellers = world.resellers
    assert resellers.inventory.tolist() == [16, 20, 0]
    assert resellers.upline_payments.tolist() == [4 * 3000, 0, 0]
    assert world.flows["sell_in"] == 0
    assert world.flows["shipped_within_channel"] == 4
    assert resellers.downline_orders[top] == resellers.demand[top] == 4


def test_the_brand_supplies_all_where_orders_do_not_go_through_uplines() -> None:
    """A2: nobody lives from the price difference."""
    world = factory(make_world(), 100)
    top = enlist(world, 0, tier=0, inventory=20)
    enlist(world, 1, tier=1, upline=top, **wants(4))
    live(world, rule(SupplyChain, through_uplines=False))
    assert world.resellers.inventory[0] == 20
    assert world.resellers.upline_payments.tolist() == [0, 0]
    assert world.flows["sell_in"] == 4


def test_who_missed_the_own_quota_is_passed_over() -> None:
    """A2: the difference goes to the next upline who met it."""
    def paid(**given: bool) -> list[int]:
        world = factory(make_world(settings={"tiers": [
            {"price": price, "first_order": 1, "quota": 1} for price in (50.0, 60.0, 80.0)]}), 100)
        top = enlist(world, 0, tier=0, inventory=20)
        middle = enlist(world, 1, tier=1, upline=top, inventory=20, missed_quotas=1)
        enlist(world, 2, tier=2, upline=middle, **wants(4))
        pay: list[int] = live(world, rule(SupplyChain, **given)).resellers.upline_payments.tolist()
        return pay

    assert paid() == [4 * 3000, 0, 0]
    assert paid(qualifying=False) == [0, 4 * 2000, 0]


def test_a_left_upline_is_skipped() -> None:
    world = factory(make_world(), 100)
    top = enlist(world, 0, tier=0, inventory=20, active=0)
    enlist(world, 1, tier=1, upline=top, **wants(4))
    assert live(world, rule(SupplyChain)).flows["sell_in"] == 4


def test_short_stock_is_rationed_in_proportion() -> None:
    world = factory(make_world(), 10)
    for person, units in enumerate((10, 5, 5)):
        enlist(world, person, **wants(units))
    live(world, rule(SupplyChain))
    assert world.resellers.received.tolist() == [5, 3, 2]
    assert world.resellers.backlog.tolist() == [5, 2, 3]


def test_without_backorders_the_rest_is_forgotten() -> None:
    world = factory(make_world(), 10)
    enlist(world, 0, **wants(30))
    live(world, rule(SupplyChain, backorders=False))
    assert world.resellers.received[0] == 10
    assert world.resellers.backlog[0] == 0


def test_nobody_ships_what_the_buyer_cannot_pay() -> None:
    world = factory(make_world(), 100)
    enlist(world, 0, cash=250.0, **wants(10))
    assert live(world, rule(SupplyChain)).resellers.received[0] == 3


def test_first_orders_are_entry_payments() -> None:
    world = factory(make_world(), 100)
    enlist(world, 0, first_order_left=5, **wants(8))
    live(world, rule(SupplyChain))
    assert world.flows["entry_payments"] == world.resellers.entry_money[0] == 5 * 8000


def test_the_brand_makes_what_it_expects_to_ship() -> None:
    made = []
    for wanted in (0, 10):
        world = factory(make_world(persons=1000), 20)
        enlist(world, 0, cash=1e6)
        for week in range(1, 12):
            world.week = week
            world.resellers.backlog[0] += wanted
            world.resellers.ordered[0] = wanted
            live(world, rule(SupplyChain))
        made.append(world.flows.get("produced", 0))
    assert made[0] == 0
    assert made[1] > 0


def test_what_was_made_arrives_once_and_its_place_on_the_line_is_free_again() -> None:
    world = factory(make_world(), 0)
    world.unlock(None)
    world.week = 2
    world.brand.begin(9, week=2)
    live(world, rule(SupplyChain))
    assert world.flows["produced"] == world.books.goods["factory"] == 9
    assert sum(world.brand.pipeline) == world.brand.in_production == 0
    assert world.books.money["makers"] == 9 * 1000  # a unit costs 10 yuan to make


def test_an_upline_earns_its_margin_however_cheaply_it_bought() -> None:
    """Forty units for 10 yuan each, half of them still on the way; sold on at 80 yuan."""
    world = factory(make_world(), 0)
    top = enlist(
        world, 0, tier=0, inventory=20, transit=20, stock_value=40 * 1000, own_retail_margin=0)
    world.books.goods.move("made", "transit", 20)
    enlist(world, 1, tier=1, upline=top, **wants(3))
    live(world, rule(SupplyChain))
    sellers = world.resellers
    assert sellers.upline_payments[top] == sellers.week_income[top] == 3 * 7000
    assert world.flows["upline_payments"] == 3 * 7000
    assert sellers.stock_value[top] == 37 * 1000
    assert (sellers.cash - sellers.opening_cash).tolist() == [3 * 8000, -3 * 8000]


def made(stages: list[tuple[int, ...]], behaviour: float, **given: Any) -> list[float]:
    """Return the units that the brand has begun to make, week by week, at a steady demand of 10."""
    world = make_world()
    supply = rule(SupplyChain, information_sharing=0.0, **given)
    world.unlock(None)
    world.brand.forecast = 10.0
    begun = []
    for week, counted in enumerate(stages, 1):
        world.week = week
        world.market.stages = counted
        world.brand.known = DataStocks(0.0, 0.0, 0.0, behaviour, 0.0)
        world.brand.direct_demand = 10
        supply.begin(world)
        live(world, supply)
        begun.append(world.books.goods["factory"] + world.brand.in_production)
    return begun


def test_data_of_behaviour_tell_how_a_market_grows() -> None:
    """A13: users double; what is known of it corrects the forecast, in both directions."""
    steady = [(0, 0, 40, 0, 0)] * 20
    growing, shrinking = ([*steady, (0, 0, users, 0, 0)] for users in (80, 20))
    blind = made(growing, 0.0)[-1]
    assert made(growing, 0.5)[-1] > 1.2 * blind
    assert made(growing, 1.0)[-1] > made(growing, 0.5)[-1]
    assert made(growing, 1.0, anticipation=0.0)[-1] == blind
    assert made(shrinking, 1.0)[-1] <= blind
    assert made([(0, 30, 0, 0, 0)] * 5, 1.0) == made([(0, 30, 0, 0, 0)] * 5, 0.0), "no users, nothing to know"

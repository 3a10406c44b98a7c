import numpy as np
import pytest

from sim.mechanisms.demand_process import DemandProcess
from sim.model import MicroCommerce
from sim.scenario.load import load
from tests.worlds import enlist, live, make_world, rule


def demand(weeks: int, **changes: object) -> np.ndarray:
    model = MicroCommerce(load("limits/bullwhip", {
        "persons": 2000, "weeks": weeks, "fixed_sellers.lines": 400, "fixed_sellers.stock": 10**7,
        **{key.replace("__", "."): value for key, value in changes.items()}}), rng=2)
    found = []
    while model.running:
        model.step()
        found.append(model.world.resellers.wanted.copy())
    return np.array(found, float)


@pytest.mark.parametrize("rho", [-0.6, 0.0, 0.7])
def test_mean_deviation_and_correlation_are_those_stated(rho: float) -> None:
    found = demand(60, demand_process__correlation=rho) - 1000.0
    assert DemandProcess.name() == "demand_process"
    assert found.mean() == pytest.approx(0.0, abs=5 * 100 / 60**0.5 / 20 * 2.5)
    assert found.std() == pytest.approx(100.0, rel=0.04)
    assert (found[1:] * found[:-1]).mean() / found.var() == pytest.approx(rho, abs=0.04)


def test_a_jump_lasts() -> None:
    found = demand(6, demand_process__sd=0, demand_process__step_week=3, demand_process__step_size=50)
    assert found[:, 0].tolist() == [1000, 1000, 1050, 1050, 1050, 1050]


@pytest.mark.parametrize(("wait", "due", "lost"), [(True, 970, 0), (False, 0, 970)])
def test_what_is_out_of_stock_waits_or_is_lost(wait: bool, due: int, lost: int) -> None:
    model = MicroCommerce(load("limits/bullwhip", {
        "fixed_sellers.lines": 1, "fixed_sellers.stock": 30, "demand_process.sd": 0,
        "ordering.enabled": False,
        "demand_process.backorders": wait}), rng=1)
    model.step()
    assert model.world.resellers.due.tolist() == [due]
    assert model.weekly[0]["lost_sales"] == lost
    assert model.weekly[0]["sell_through"] == model.weekly[0]["consumed"] == 30


def test_a_week_in_the_accounts_of_a_seller() -> None:
    """Five of eight units are here, bought for 70 yuan each; four are wanted at 100 yuan."""
    world = make_world(4)
    world.add_columns(DemandProcess.columns)
    given = {"inventory": 5, "transit": 3, "stock_value": 8 * 7000, "weeks_since_sale": 7,
             "own_retail_margin": 1000, "demand": 2}
    enlist(world, 0, **given)
    enlist(world, 1, tier=0, **given)  # not in the lowest tier: nobody asks there
    enlist(world, 2, **{**given, "active": 0})
    enlist(world, 3, **{**given, "inventory": 1, "transit": 0, "stock_value": 7000})
    world.books.goods.move("made", "transit", 9)
    live(world, rule(DemandProcess, mean=4.0, sd=0.0, backorders=False))
    sellers = world.resellers
    assert sellers.wanted.tolist() == [4, 0, 0, 4]
    assert sellers.sold.tolist() == [4, 0, 0, 1]
    assert sellers.lost.tolist() == [0, 0, 0, 3]
    assert sellers.demand.tolist() == [6, 2, 2, 6]
    assert sellers.inventory.tolist() == [1, 5, 5, 0]
    assert sellers.stock_value.tolist() == [4 * 7000, 8 * 7000, 8 * 7000, 0]
    assert (sellers.cash - sellers.opening_cash).tolist() == [40_000, 0, 0, 10_000]
    assert sellers.own_retail_margin.tolist() == [1000 + 12_000, 1000, 1000, 1000 + 3000]
    assert sellers.week_income.tolist() == [12_000, 0, 0, 3000]
    assert sellers.weeks_since_sale.tolist() == [0, 8, 8, 0]
    flows = world.flows
    assert (flows["sell_through"], flows["used"], flows["lost_sales"]) == (5, 5, 3)
    assert (flows["retail_revenue"], flows["retail_margin_resellers"]) == (50_000, 15_000)
    assert world.brand.end_demand == 8
    assert (world.market.street_price, world.market.street_lowest) == (10_000, 10_000)


def test_the_street_price_is_that_of_who_sold() -> None:
    world = make_world(3)
    world.add_columns(DemandProcess.columns)
    for person, (price, units) in enumerate(((90.0, 4), (60.0, 2), (10.0, 0))):
        enlist(world, person, price=price, inventory=units)
    live(world, rule(DemandProcess, mean=4.0, sd=0.0))
    assert (world.market.street_price, world.market.street_lowest) == (8000, 6000)
    # Nothing is sold: the last price known stays.
    live(world, rule(DemandProcess, mean=0.0, sd=0.0, backorders=False))
    assert (world.market.street_price, world.market.street_lowest) == (8000, 6000)

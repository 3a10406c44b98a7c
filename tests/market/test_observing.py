import numpy as np
import pytest

from sim.market.observing import observe_week
from sim.market.outputs import WEEKLY
from sim.market.persons import STAGES
from sim.market.world import MUTED
from sim.model import MicroCommerce
from sim.runs.run import run
from tests.scenarios import small
from tests.worlds import enlist, make_world


def test_stages_are_counted_in_markets_of_any_size() -> None:
    world = make_world(20_001)
    world.unlock(None)
    for stages in (np.zeros(20_001), np.arange(20_001) % 5, np.full(20_001, 4)):
        world.persons.stage[:] = stages
        row = observe_week(world)
        counted = [row[f"stage_{stage}"] for stage in STAGES]
        assert counted == np.bincount(stages.astype(int), minlength=5).tolist()


def test_what_is_said_of_the_channel() -> None:
    world = make_world(6, [(person, person + 1) for person in range(5)])
    enlist(world, 0, inventory=3, price=90.0, cash=100.0, opening_cash=10_000)  # no more, no less
    enlist(world, 1, inventory=0, price=10.0, cash=100.0, opening_cash=9_999)
    enlist(world, 2, inventory=7, price=20.0, cash=99.0, opening_cash=10_000, active=0)
    enlist(world, 4, inventory=1, price=100.0, cash=100.01, opening_cash=10_000)
    enlist(world, 5, cash=0.0, dropship=1, active=0)
    world.ties.wear[:] = MUTED
    world.ties.wear[0] = 7
    row = observe_week(world)
    assert row["resellers_active"] == 3
    assert row["inventory_channel"] == 11
    assert row["inventory_leavers"] == 7
    assert row["price_asked_mean"] == pytest.approx(9500.0)
    # Persons 0 and 5: a prosumer brings no money in.
    assert row["resellers_lost_money"] == 1
    assert row["resellers_earned_nothing"] == 2
    assert row["loss_share"] == pytest.approx(3 / 5)
    # Person 0 knows one, 1 and 4 two each; the leaver's ties do not count.
    assert row["muted_share"] == pytest.approx(4 / 5)


def test_founders_join_in_week_1_of_both_tables() -> None:
    result = run(small(), 1)
    by_tier = result.tiers.groupby("week")["joins"].sum()
    assert by_tier.tolist() == result.weekly["joins"].tolist()
    assert by_tier[1] >= (result.resellers["joined_week"] == 0).sum() > 0


def test_prices_are_whole_fen_and_empty_where_nothing_is_sold() -> None:
    weekly = run(small(weeks=3, recruiting={"founders": 0.0}), 1).weekly
    assert str(weekly["price_street_min"].dtype) == "Int64"
    assert weekly["price_street_min"].isna().all()
    weekly = run(small(), 1).weekly
    sold = weekly["sell_through"] + weekly["dumped"] > 0
    assert (weekly["price_street_min"].notna() == sold).all()


def test_direct_sales_are_what_the_brand_delivers_to_consumers() -> None:
    weekly = run(small(
        "prosumer", offer={"list_price": 100.0}, referral={"founders": 0.02}), 1).weekly
    assert weekly["direct_sales"].sum() > 0
    assert (weekly["direct_sales"] <= weekly["sell_through"]).all()


def test_reproduction_is_also_told_per_contact_who_does_not_know_the_product() -> None:
    """A17: over the mean share of unaware persons in 26 weeks."""
    weekly = run(small("prosumer", referral={"founders": 0.02}, selling={"generation": 4}), 1).weekly
    unaware = (1.0 - weekly["awareness"]).rolling(26, min_periods=1).mean()
    some = unaware > 1e-6  # where everybody knows the product, there is nobody left to tell
    told = (weekly["wom_reproduction"] / unaware)[some]
    assert told.notna().any()
    np.testing.assert_allclose(weekly["wom_reproduction_unaware"][some], told)


@pytest.mark.parametrize("regime", ["pyramid", "prosumer"])
def test_a_run_does_not_depend_on_who_observes_it(
    regime: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = small(regime, weeks=25)
    seen, unseen = (MicroCommerce(scenario, rng=1, threads=1) for _ in range(2))
    while seen.running:
        seen.step()
    monkeypatch.setattr("sim.life.observe_week", lambda world: {})
    monkeypatch.setattr("sim.life.observe_tiers", lambda world: {})
    while unseen.running:
        unseen.step()
    assert seen.world.brand == unseen.world.brand
    for table in ("persons", "resellers"):
        for name, column in seen.world.tables[table].items():
            assert np.array_equal(column, unseen.world.tables[table][name]), f"{table}.{name}"


def test_columns_come_in_the_order_of_their_descriptions() -> None:
    row = observe_week(make_world())
    assert list(row) == [output.name for output in WEEKLY]

"""A run that begins in the middle of a brand's life: what is said holds, and the books balance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.errors import ScenarioError, UsageError
from sim.model import MicroCommerce
from sim.scenario.notices import notices
from tests.brand.books import SCENARIO, roster_rows, write_csv
from tests.test_conservation import check

TOTALS = {"tiers": [
    {"name": "总代", "resellers": 4, "inventory": 900}, {"name": "first", "resellers": 12, "inventory": 700},
    {"name": "second", "resellers": 40, "inventory": 600}, {"name": "agent", "resellers": 90,
                                                          "inventory": 501}],
    "aware": 0.35, "customers": 0.12, "bought_lately": 0.05, "trust": 0.45, "satisfaction": 0.6,
    "street_price": 160.0, "factory_stock": 2000, "age": 80}


def started(**changes: Any) -> Any:
    return sim.load("pyramid", {**SCENARIO, "start": TOTALS, **changes})


def test_what_is_said_of_the_market_holds_before_week_one() -> None:
    model = MicroCommerce(started(), rng=3)
    persons, resellers = model.world.persons, model.world.resellers
    assert np.bincount(resellers.tier, resellers.active).tolist() == [4, 12, 40, 90]
    assert np.bincount(resellers.tier, resellers.inventory).tolist() == [900, 700, 600, 501]
    assert int(persons.aware.sum()) == 700
    assert int((persons.purchases > 0).sum()) == 240
    assert int(((persons.last_purchase > -13) & (persons.purchases > 0)).sum()) == 100
    assert float(persons.trust.mean()) == pytest.approx(0.45, abs=1e-4)
    assert float(persons.satisfaction[persons.purchases > 0].mean()) == pytest.approx(0.6, abs=1e-4)
    assert model.world.books.goods["factory"] == 2000
    assert model.world.market.street_price == 16_000
    model.world.account()


def test_lines_sit_in_circles_and_carry_a_past() -> None:
    world = MicroCommerce(started(), rng=3).world
    resellers = world.resellers
    circles = world.graph.circles
    from sim.market.network.circles import whole_circle

    room = np.empty(5000, np.uint32)
    near = 0
    for row in np.flatnonzero(resellers.upline >= 0):
        above = int(resellers.upline[row])
        count = whole_circle(circles, int(resellers.person[above]), room)
        near += int(resellers.person[row]) in room[:count]
    assert near > 0.9 * int((resellers.upline >= 0).sum())
    assert (resellers.joined_week <= 0).all()
    assert int(resellers.joined_week.min()) < -40
    assert world.ties.wear[: world.ties.size].mean() > 1
    assert (resellers.cash >= 0).all()
    # What was paid for goods is no less than what the stock cost.
    assert (resellers.invested >= resellers.stock_value).all()
    assert int(resellers.invested.sum()) > 0


def test_the_past_of_money_adds_up() -> None:
    world = MicroCommerce(started(), rng=3).world
    resellers = world.resellers
    earned = resellers.own_retail_margin.sum() + resellers.upline_payments.sum()
    # Cash is what was brought in and earned, less what lies in goods.
    assert int(resellers.cash.sum()) == int(
        resellers.opening_cash.sum() + earned - resellers.stock_value.sum())


def test_goods_are_conserved_in_every_week_and_no_past_is_a_profit() -> None:
    result = sim.run(started(), seed=5)
    check(result.weekly)
    before = sim.run(started(weeks=1), seed=5).weekly.iloc[0]
    assert before["joins"] - before["exits"] == before["resellers_active"]
    # Profit of week 1: what came in less at most the goods finished in it, and postage and media.
    assert before["profit_brand"] <= before["revenue_brand"]
    assert before["profit_brand"] > -1e8


def test_who_left_before_is_known_as_such_and_counts_in_no_week() -> None:
    some = {**TOTALS, "left": 60}
    model = MicroCommerce(started(start=some), rng=3)
    world = model.world
    resellers, persons = world.resellers, world.persons
    gone = np.flatnonzero(resellers.active == 0)
    assert gone.size == 60
    assert int(resellers.active.sum()) == 146
    assert (resellers.left_week[gone] <= 0).all()
    assert (resellers.left_week[gone] != -1).all()
    assert (resellers.joined_week[gone] <= resellers.left_week[gone]).all()
    assert (resellers.inventory[gone] == 0).all()
    # Their circles know them as people who gave up, and those who still sell as sellers.
    from sim.market.network.circles import whole_circle

    room, leavers, sellers = np.empty(5000, np.uint32), np.zeros(2000, int), np.zeros(2000, int)
    for row in range(len(resellers)):
        mine = room[: whole_circle(world.graph.circles, int(resellers.person[row]), room)]
        (sellers if resellers.active[row] else leavers)[mine] += 1
    assert persons.circle_leavers.tolist() == leavers.tolist()
    assert persons.circle_sellers.tolist() == sellers.tolist()
    # Some lost what they brought in, nobody's debt is left, and the books hold their money.
    lost = (resellers.cash < resellers.opening_cash)[gone]
    assert 0 < int(lost.sum()) <= 60
    assert (resellers.cash >= 0).all()
    assert world.books.money["resellers"] == int(resellers.cash.sum())
    result = sim.run(started(start=some), seed=3)
    check(result.weekly)
    first = result.weekly.iloc[0]
    assert first["joins"] - first["exits"] == first["resellers_active"]
    assert first["resellers_lost_money"] >= int(lost.sum()) * 0.8
    assert result.tiers.groupby("week")["joins"].sum().tolist() == result.weekly["joins"].tolist()
    assert result.tiers.groupby("week")["exits"].sum().tolist() == result.weekly["exits"].tolist()
    assert len(result.resellers) == int(result.weekly["joins"].sum()) + 60
    assert int((result.resellers["left_week"] <= 0).sum()) == 60
    assert int(result.cohorts[result.cohorts["week"] == 1]["joined"].sum()) == int(first["joins"])


def test_those_who_left_are_as_many_as_the_hazard_says_and_this_is_told() -> None:
    hazard = 0.01
    gone = hazard * 80
    wanted = round(146 * (gone / (1 - np.exp(-gone)) - 1))
    scenario = started(**{"leaving.base": hazard})
    world = MicroCommerce(scenario, rng=3).world
    assert int((world.resellers.active == 0).sum()) == wanted
    assert any(f"{wanted} who sold and have left are drawn" in told for told in notices(scenario))
    none = started(start={**TOTALS, "left": 0})
    assert len(MicroCommerce(none, rng=3).world.resellers) == 146
    assert not any("have left" in told for told in notices(none))
    # What people have seen weighs on recruiting: fewer join where more have left.
    joins = [
        sum(int(sim.run(one, seed=seed).weekly["joins"].iloc[1:].sum()) for seed in range(3))
        for one in (started(start={**TOTALS, "left": left}, **{"recruiting.open_to_selling": 0.2})
                    for left in (0, 800))]
    assert joins[1] < 0.8 * joins[0], joins


def test_a_roster_with_dates_of_leaving_says_who_left(tmp_path: Path) -> None:
    write_csv(tmp_path / "agents.csv", [
        ["编号", "上级", "级别", "库存", "加入日期", "离开日期"],
        ["1", "", "总代", "50", "2023-1-1", ""], ["2", "1", "一级", "7", "2023-5-1", "2024-8-2"],
        ["3", "2", "二级", "9", "2024-2-1", ""], ["4", "3", "特约", "", "2024-3-1", "2024/12/31"]])
    world = MicroCommerce(started(start={"roster": str(tmp_path / "agents.csv")}), rng=1).world
    resellers = world.resellers
    assert resellers.active.tolist() == [1, 0, 1, 0]
    assert resellers.upline.tolist() == [-1, 0, 0, 2]  # 2 has left, 3 is below 1
    assert resellers.left_week.tolist() == [-1, -22, -1, 0]
    assert resellers.inventory.tolist() == [50, 7, 9, 0]
    world.account()
    write_csv(tmp_path / "wrong.csv", [["id", "tier", "inventory", "joined", "left"],
                                       ["1", "总代", "5", "2024-05-01", "2023-05-01"]])
    with pytest.raises(ScenarioError, match="'2023-05-01' is before '2024-05-01', the day of joining"):
        started(start={"roster": str(tmp_path / "wrong.csv")})


def test_cells_begin_with_the_members_that_are_said() -> None:
    wanted = {**TOTALS, "cells": 9, "members": 150, "quality_perceived": 0.55}
    scenario = sim.load("prosumer", {
        "persons": 2000, "weeks": 4, "tiers": SCENARIO["tiers"], "start": wanted})
    model = MicroCommerce(scenario, rng=4)
    persons, communities = model.world.persons, model.world.graph.communities
    members = np.flatnonzero(persons.cell >= 0)
    assert members.size == 150
    sizes = np.bincount(persons.cell[members])
    assert sizes.size == 9
    assert 1 <= sizes.min() <= sizes.max() <= 60
    homes = np.searchsorted(communities, members, side="right") - 1
    assert all(np.unique(homes[persons.cell[members] == cell]).size == 1 for cell in range(9))
    assert (persons.purchases[members] > 0).all()
    assert float(persons.belief[persons.aware == 1].mean()) == pytest.approx(0.55, abs=1e-3)
    model.step()
    first = model.weekly[0]
    # Some leave and some join in the first week; cells may be founded.
    assert first["communities"] >= 9
    assert first["members"] >= 130
    with pytest.raises(UsageError, match="members do not fit into 2 cells"):
        MicroCommerce(scenario.changed({"start": {**wanted, "cells": 2}}), rng=4)


@pytest.mark.parametrize("regime", ["pyramid", "prosumer", "transition", "channel_o2o"])
def test_any_scenario_can_start_in_mid_life(regime: str) -> None:
    tiers = [{**tier} for tier in SCENARIO["tiers"]]
    scenario = sim.load(regime, {"persons": 1500, "weeks": 6, "tiers": tiers, "start": TOTALS})
    result = sim.run(scenario, seed=2)
    check(result.weekly)
    assert int(result.weekly["resellers_active"].iloc[0]) >= 130  # no founders beside the 146


def test_the_same_seed_is_the_same_start_whatever_the_threads() -> None:
    one, other = (sim.run(started(), seed=7, threads=threads) for threads in (1, 3))
    assert one.weekly.equals(other.weekly)
    assert one.resellers.equals(other.resellers)
    assert not one.weekly.equals(sim.run(started(), seed=8).weekly)


def test_a_roster_is_who_sells(tmp_path: Path) -> None:
    rows = roster_rows(200)
    write_csv(tmp_path / "agents.csv", rows, "gbk")
    (tmp_path / "my.yaml").write_text(
        "extends: pyramid\npersons: 2000\nweeks: 5\ncalendar: {first_week: 2025-01-06}\n"
        "tiers:\n" + "".join(f"  - {{name: {tier['name']['zh']}, price: {tier['price']}, first_order: "
                             f"{tier['first_order']}}}\n" for tier in SCENARIO["tiers"])
        + "start: {roster: agents.csv}\n", encoding="utf-8")
    scenario = sim.load(tmp_path / "my.yaml")
    world = MicroCommerce(scenario, rng=1).world
    assert int(world.resellers.active.sum()) == 200
    check(sim.run(scenario, seed=1).weekly)
    assert any("not given" in told for told in notices(scenario))
    weekly = sim.run(scenario, seed=1).weekly
    assert list(weekly["date"])[:2] == ["2025-01-06", "2025-01-13"]


def test_a_mistake_in_the_roster_has_the_line_of_the_scenario(tmp_path: Path) -> None:
    write_csv(tmp_path / "agents.csv", [["id", "tier", "inventory"], ["1", "总代", "-1"]])
    (tmp_path / "my.yaml").write_text("extends: pyramid\nstart: {roster: agents.csv}\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"my\.yaml:2:17: start\.roster: agents\.csv: row 2, column "
                                            r"'inventory'"):
        sim.load(tmp_path / "my.yaml")


@pytest.mark.parametrize(("start", "words"), [
    ({"tiers": [{"name": "gold", "resellers": 3}]}, "no tier 'gold'"),
    ({"tiers": [{"name": "chief", "resellers": 3}, {"name": "总代", "resellers": 3}]}, "twice"),
    ({"tiers": [{"name": "chief", "resellers": 0, "inventory": 5}]}, "no resellers"),
    ({"aware": 0.1, "members": 20}, "say how many `cells` there are"),
    ({"aware": 0.1, "left": 20}, "say who sells"),
    ({"aware": 0.1, "customers": 0.2}, "customers 20% is more than aware 10%"),
    ({"customers": 0.1, "bought_lately": 0.2}, "bought_lately 20% is more than customers 10%"),
])
def test_a_start_that_contradicts_itself_is_refused(start: dict[str, Any], words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        sim.load("pyramid", {**SCENARIO, "start": start})


def test_more_resellers_than_persons_are_refused() -> None:
    scenario = started(persons=100)
    with pytest.raises(UsageError, match="do not fit"):
        sim.run(scenario, seed=1)


def test_a_scale_says_everything_in_real_units() -> None:
    real = sim.run(started(persons=4000), seed=1).weekly.iloc[0]
    small = sim.run(started(persons=400, scale=10), seed=1)
    first = small.weekly.iloc[0]
    assert first["resellers_active"] % 10 == 0
    assert first["resellers_active"] == pytest.approx(real["resellers_active"], rel=0.2)
    assert first["inventory_channel"] + first["inventory_transit"] == pytest.approx(
        real["inventory_channel"] + real["inventory_transit"], rel=0.3)
    assert first["price_list"] == real["price_list"]
    assert first["awareness"] <= 1.0
    check(small.weekly)
    assert int(small.tiers["resellers"].sum()) % 10 == 0
    assert int(small.cohorts["active"].max()) % 10 == 0


def test_without_a_start_nothing_is_opened() -> None:
    plain = sim.load("pyramid", {"persons": 500, "weeks": 3})
    assert not plain.start.given
    assert not MicroCommerce(plain, rng=1).world.opened
    assert "date" not in sim.run(plain, seed=1).weekly

"""The live view without a browser: what the buttons do."""

from __future__ import annotations

import io
import zipfile

import pytest

pytest.importorskip("panel")

from bokeh.models import Title, VSpan, VStrip
from bokeh.models.annotations import LabelSet

import sim
from sim.views.dashboard import LiveView, server_of
from sim.views.live_charts import charts
from sim.views.live_export import picture_png, scenario_text, tables_zip
from sim.views.live_market import CHARTS, MAX_IN_TREE
from sim.views.style import GREEN, GREY, REGIMES, VERMILLION
from tests.views.conftest import scenario


@pytest.fixture
def live():
    return LiveView(scenario(weeks=8), "zh")


@pytest.fixture
def two():
    view = LiveView(scenario(weeks=8), "en")
    view.other.value = "prosumer"
    return view


def model(view, place=0):
    return view.markets[place].model


def test_weeks_are_run_until_the_end(live):
    assert live.view() is not None
    for _ in range(10):
        live.step()
    assert model(live).week == 8
    market = live.markets[0]
    assert list(market.curves.data["week"]) == list(range(1, 9))
    assert next(iter(market.curves.data["price_list"])) == 390
    money = sum(row["profit_brand"] for row in model(live).weekly) / 100
    assert market.curves.data["brand_money"][-1] == pytest.approx(money)
    assert "8/8" in live.status.object
    assert "运行结束" in live.status.object
    assert live.one.disabled
    assert live.end.disabled


def test_the_status_counts_those_who_lost_money(live):
    live.rush()
    resellers = model(live).world.resellers
    lost = int((resellers.cash < resellers.opening_cash).sum())
    assert f"累计加入 {len(resellers)} 人" in live.status.object
    assert f"亏钱 {lost} 人" in live.status.object


def test_run_to_the_end(live):
    live.step()
    live.rush()
    assert model(live).week == 8
    assert not live.running


def test_rules_are_changed_in_mid_run(live):
    live.step()
    live.regime.value = "prosumer"
    assert live.sliders["stock_pressure"].value == 0.0, "the sliders follow the regime"
    live.sliders["feedback"].value = 0.5
    live.switch()
    assert model(live).world.settings.regime == "pyramid"
    live.step()
    assert model(live).world.settings.regime == "prosumer"
    assert model(live).world.settings.controls.feedback == 0.5
    assert "第 2 周" in live.log.object


def test_what_is_not_in_force_is_marked(live):
    assert live.apply.disabled
    assert "均已生效" in live.pending.object
    live.sliders["feedback"].value = 0.5
    assert "尚未生效" in live.pending.object
    assert "反馈强度" in live.pending.object
    assert live.sliders["feedback"].label.endswith("●")
    assert not live.sliders["stock_pressure"].label.endswith("●")
    assert not live.apply.disabled
    live.switch()
    live.step()
    assert model(live).world.settings.controls.feedback == 0.5
    assert "均已生效" in live.pending.object
    assert live.sliders["feedback"].value == 0.5
    live.sliders["feedback"].value = 0.7
    live.sliders["feedback"].value = 0.5
    assert "均已生效" in live.pending.object, "moved back: nothing is left to apply"


def test_sliders_follow_the_events_of_the_scenario():
    plan = scenario(weeks=8).changed(
        {"events": [{"week": 3, "set": {"controls.feedback": 0.9}}]})
    view = LiveView(plan, "en")
    for _ in range(4):
        view.step()
    assert view.sliders["feedback"].value == 0.9
    assert view.apply.disabled


def test_a_change_is_the_same_as_an_event(live):
    for _ in range(3):
        live.step()
    live.sliders["stock_pressure"].value = 0.2
    live.switch()
    for _ in range(5):
        live.step()
    wanted = {"controls.stock_pressure": 0.2}
    plan = scenario(weeks=8).changed({"events": [{"week": 4, "set": wanted}]})
    result = sim.run(plan, seed=plan.seed, threads=1)
    assert [row["sell_in"] for row in model(live).weekly] == list(result.weekly["sell_in"])


def test_start_again(live):
    live.step()
    live.sliders["stock_pressure"].value = 0.3
    live.seed.value = 5
    live.reset()
    assert model(live).week == 0
    assert model(live).world.seed == 5
    assert model(live).scenario.controls.stock_pressure == 0.3
    assert len(live.markets[0].curves.data["week"]) == 0


# Tornado leaves the socket that it could not bind to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_port_is_held_from_the_start_and_a_tunnel_may_come_in():
    import socket

    scenario = sim.load("pyramid", {"persons": 300, "weeks": 4})
    server = server_of(scenario, origins=["hub.example.org", "localhost:8080"])
    try:
        assert {f"127.0.0.1:{server.port}", f"localhost:{server.port}", "hub.example.org",
                "localhost:8080"} <= server._tornado.websocket_origins
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", server.port))
        with pytest.raises(OSError, match="in use"):
            server_of(scenario, port=server.port)
    finally:
        server.stop()


def test_another_regime_starts_as_its_shipped_scenario():
    view = LiveView(sim.load("pyramid", {"persons": 1500, "weeks": 12}), "en")
    view.regime.value = "prosumer"
    view.reset()
    shipped = sim.load("prosumer", {"persons": 1500})
    assert view.choice.value == "prosumer"
    assert model(view).scenario.offer == shipped.offer
    assert model(view).scenario.tiers == shipped.tiers


@pytest.mark.parametrize("name", ["prosumer", "transition", "channel_conflict"])
def test_a_scenario_chosen_by_name_is_the_whole_scenario(name):
    view = LiveView(sim.load("pyramid", {"persons": 1500, "weeks": 6}), "en")
    view.choice.value = name
    shipped = sim.load(name, {"persons": 1500})
    assert model(view).scenario.given == shipped.given
    for _ in range(5):
        view.step()
    wanted = sim.run(sim.load(name, {"persons": 1500}), seed=view.seed.value, threads=1).weekly
    got = [row["sell_through"] for row in model(view).weekly]
    assert got == list(wanted["sell_through"][:5])


def test_a_change_of_regime_takes_the_price_along(live):
    live.step()
    live.regime.value = "prosumer"
    live.switch()
    live.step()
    live.step()
    assert model(live).world.settings.offer.list_price == sim.load("prosumer").offer.list_price


def test_two_markets_have_the_same_luck_and_length(two):
    assert len(two.markets) == 2
    assert model(two, 0).world.seed == model(two, 1).world.seed
    assert model(two, 0).scenario.weeks == model(two, 1).scenario.weeks == 104
    two.step()
    assert model(two, 0).week == model(two, 1).week == 1
    assert two.status.object.count("<p") == 2
    assert "Prosumer (2.0)" in two.status.object
    two.other.value = ""
    assert len(two.markets) == 1


def test_the_same_scenario_twice_is_told_apart(live):
    live.other.value = "own"
    assert live.markets[0].label != live.markets[1].label
    live.sliders["stock_pressure"].value = 0.1
    live.switch()
    live.rush()
    first, second = ([row["sell_in"] for row in model(live, place).weekly] for place in (0, 1))
    assert first[0] != second[0] or first != second, "only the first is steered"


def test_charts_keep_stocks_and_flows_apart(two):
    stocks = {"resellers_active", "inventory_channel", "brand_money"}
    for _, unit, curves in CHARTS:
        assert not (unit.endswith("a week") and stocks & set(curves))
    made = charts(two.markets, "en")
    assert [chart.name for chart in made] == [name for name, _, _ in CHARTS]
    for chart, (_, _, curves) in zip(made, CHARTS, strict=True):
        lines = [one for one in chart.renderers if type(one.glyph).__name__ == "Line"]
        assert len(lines) == 2 * len(curves)
        assert {line.glyph.line_color for line in lines} == set(REGIMES.values())
        assert isinstance(chart.title, Title)


def test_events_are_lines_and_spans():
    plan = scenario(weeks=20).changed({"events": [
        {"week": 3, "set": {"controls.feedback": 0.9}, "for": 2, "every": 6, "note": "sale"},
        {"week": 5, "scale": {"offer.list_price": 0.5}, "over": 4}]})
    view = LiveView(plan, "en")
    market = view.markets[0]
    assert list(market.events.data["week"]) == [3, 9, 15, 5]
    assert list(market.events.data["mark"]) == ["①", "①", "①", "②"]
    assert list(zip(market.spans.data["start"], market.spans.data["end"], strict=True)) == [
        (3, 4), (9, 10), (15, 16), (5, 9)]
    assert "sale" in view.log.object
    for chart in charts(view.markets, "en"):
        kinds = {type(one.glyph) for one in chart.renderers}
        assert {VSpan, VStrip} <= kinds
        assert chart.select(LabelSet)


def test_the_tree_shows_gain_and_loss(live):
    live.rush()
    resellers = model(live).world.resellers
    profit = resellers.cash - resellers.opening_cash
    wanted = [GREEN if one > 0 else VERMILLION if one < 0 else GREY for one in profit[:MAX_IN_TREE]]
    assert list(live.markets[0].people.data["line"]) == wanted
    said = live.legends[0].object
    for words in ("盈利", "亏钱", "不赚不亏", "已退出", f"{len(resellers)} 名代理"):
        assert words in said
    live.colour.value = "stage"
    assert "极客" in live.legends[0].object
    live.colour.value = "tier"
    assert "特约" in live.legends[0].object


def test_what_can_be_taken_away(two, tmp_path):
    two.step()
    two.sliders["feedback"].value = 0.4
    two.switch()
    two.step()
    path = tmp_path / "kept.yaml"
    path.write_text(scenario_text(two.markets), encoding="utf-8")
    again = sim.run(sim.load(path), seed=two.seed.value, threads=1).weekly
    assert list(again["sell_in"][:2]) == [row["sell_in"] for row in model(two).weekly]
    with zipfile.ZipFile(io.BytesIO(tables_zip(two.markets))) as archive:
        assert set(archive.namelist()) == {
            "weekly.csv", "tiers.csv", "cohorts.csv", "resellers.csv"}
        rows = archive.read("weekly.csv").decode("utf-8-sig").splitlines()
        assert len(rows) == 1 + 2 * 2
    for lang in ("en", "zh"):
        assert picture_png(two.markets, lang).startswith(b"\x89PNG")
        assert picture_png(two.markets[:1], lang).startswith(b"\x89PNG")

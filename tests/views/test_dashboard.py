"""The live view without a browser: what the buttons do."""

from __future__ import annotations

import pytest

pytest.importorskip("panel")

from sim.views.dashboard import LiveView, server_of
from tests.views.conftest import scenario


@pytest.fixture
def live():
    return LiveView(scenario(weeks=8), "zh")


def test_weeks_are_lived_until_the_end(live):
    assert live.view() is not None
    for _ in range(10):
        live.step()
    assert live.model.week == 8
    assert list(live.curves.data["week"]) == list(range(1, 9))
    assert next(iter(live.curves.data["price_list"])) == 390
    assert "8/8" in live.status.object
    assert len(live.people.data["x"]) == len(live.model.world.resellers)


def test_rules_are_switched_in_mid_run(live):
    live.step()
    live.regime.value = "prosumer"
    assert live.sliders["stock_pressure"].value == 0.0, "the sliders follow the regime"
    live.sliders["feedback"].value = 0.5
    live.switch()
    assert live.model.world.settings.regime == "pyramid"
    live.step()
    assert live.model.world.settings.regime == "prosumer"
    assert live.model.world.settings.controls.feedback == 0.5
    assert "第 2 周起改变" in live.log.object


def test_a_switch_is_the_same_as_an_event(live):
    import sim

    for _ in range(3):
        live.step()
    live.sliders["stock_pressure"].value = 0.2
    live.switch()
    for _ in range(5):
        live.step()
    wanted = {f"controls.{name}": slider.value for name, slider in live.sliders.items()}
    plan = scenario(weeks=8).changed({"events": [{"week": 4, "set": wanted}]})
    result = sim.run(plan, seed=plan.seed, threads=1)
    assert [row["sell_in"] for row in live.model.weekly] == list(result.weekly["sell_in"])


def test_start_again(live):
    live.step()
    live.sliders["stock_pressure"].value = 0.3
    live.reset()
    assert live.model.week == 0
    assert live.model.scenario.controls.stock_pressure == 0.3
    assert len(live.curves.data["week"]) == 0


# Tornado leaves the socket that it could not bind to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_port_is_held_from_the_start_and_a_tunnel_may_come_in():
    import socket

    import sim

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
    import sim

    view = LiveView(sim.load("pyramid", {"persons": 1500, "weeks": 12}), "en")
    view.regime.value = "prosumer"
    view.reset()
    shipped = sim.load("prosumer", {"persons": 1500, "weeks": 12})
    assert view.model.scenario.offer == shipped.offer
    assert view.model.scenario.tiers == shipped.tiers
    while view.model.running:
        view.step()
    wanted = sim.run(shipped, seed=view.scenario.seed, threads=1).weekly
    assert view.model.weekly[-1]["resellers_active"] == wanted["resellers_active"].iloc[-1]


def test_a_switch_takes_the_price_of_the_new_regime_along(live):
    import sim

    live.step()
    live.regime.value = "prosumer"
    live.switch()
    live.step()
    live.step()
    assert live.model.world.settings.offer.list_price == sim.load("prosumer").offer.list_price

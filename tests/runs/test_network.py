"""The measured network in the summary is that of the run."""

from __future__ import annotations

import pytest

import sim
from sim.runs import network
from sim.runs.summary import summarise


def test_the_summary_measures_the_network_that_the_run_had() -> None:
    scenario = sim.load("pyramid", {"persons": 600, "weeks": 3})
    model = sim.MicroCommerce(scenario, rng=5)
    summary = summarise([sim.run(scenario, seed=5)], scenario, "pyramid")
    assert summary.network == model.world.graph.measure(5)
    told = [sentence for sentence in summary.sentences if "clustering" in sentence]
    assert len(told) == 1
    assert f"{model.world.graph.contacts.size / 600:.1f} contacts" in told[0]
    assert "seed 5" in told[0]


def test_a_complete_graph_is_measured_in_no_time() -> None:
    scenario = sim.load("limits/bass", {"persons": 2000})
    found = network.measured_network(scenario, 1)
    assert found["degree_mean"] == 1999
    assert found["clustering"] == 1
    assert found["components"] == 1


def test_a_large_network_is_not_built_again(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = sim.load("pyramid", {"persons": 600, "weeks": 2})
    result = sim.run(scenario, seed=1)
    monkeypatch.setattr(network, "MAX_PERSONS", 599)
    assert network.measured_network(scenario, 1) == {}
    assert not any("contacts a person" in sentence
                   for sentence in summarise([result], scenario, "pyramid").sentences)


@pytest.mark.parametrize(("persons", "pairs", "circles"), [
    (2000, 2e8, 50), (400, 2e8, 1000), (400, 1e6, 10)])
def test_few_circles_are_looked_at_where_they_are_large(
    persons: int, pairs: float, circles: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred million pairs of contacts at most, of 10 to 1,000 persons."""
    monkeypatch.setattr(network, "MAX_PAIRS", pairs)
    asked: list[int] = []
    monkeypatch.setattr(
        "sim.market.network.Graph.measure", lambda graph, seed, sample: asked.append(sample) or {})
    network.measured_network(sim.load("limits/bass", {"persons": persons}), 1)
    assert asked == [circles]

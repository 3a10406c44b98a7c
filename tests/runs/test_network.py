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
    monkeypatch.setattr(network, "MOST_PERSONS", 599)
    assert network.measured_network(scenario, 1) == {}
    assert not any("contacts a person" in sentence
                   for sentence in summarise([result], scenario, "pyramid").sentences)

"""Networks: who knows whom is mutual, once, nobody themselves, and the same on any machine."""

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from sim.kernel.threads import WORTH_IT, Threads
from sim.market.network import Graph, Network, build_network, community_edges
from sim.market.persons import make_persons
from sim.market.settings import People


def network(persons: int, seed: int = 1, threads: int = 1, **given: Any) -> Graph:
    settings = Network(**given)
    edges = community_edges(persons, settings.community, seed)
    sociability = make_persons(People(), edges, seed).sociability
    return build_network(settings, edges, sociability, seed, Threads(threads))


def pairs(graph: Graph) -> np.ndarray:
    """Return every tie from both ends, as one number each."""
    owner = np.repeat(np.arange(graph.persons), graph.degree()).astype(np.int64)
    return owner * graph.persons + graph.contacts.astype(np.int64)


@pytest.mark.parametrize("given", [
    {}, {"contacts": 8.0, "close": 4}, {"contacts": 40.0, "outside": 0.0},
    {"contacts": 40.0, "outside": 1.0}, {"contacts": 20.0, "community": 10.0},
    {"contacts": 0.0, "close": 0}, {"contacts": 30.0, "close": 60},
])
@pytest.mark.parametrize("persons", [1, 2, 7, 1000])
def test_ties_are_mutual_single_and_with_others(persons: int, given: dict[str, Any]) -> None:
    graph = network(persons, **given)
    ties = pairs(graph)
    assert graph.persons == persons
    assert graph.start[0] == 0
    assert graph.start[-1] == graph.contacts.size
    assert (np.diff(graph.start) >= 0).all()
    assert not graph.contacts.size or graph.contacts.max() < persons
    owner, other = ties // persons, ties % persons
    assert (owner != other).all(), "nobody knows themselves"
    assert np.unique(ties).size == ties.size, "nobody is known twice"
    assert np.array_equal(np.sort(ties), np.sort(other * persons + owner)), "knowing is mutual"
    assert (graph.close <= graph.degree()).all()


@pytest.mark.parametrize(("contacts", "close"), [(16.0, 6), (64.0, 15), (128.0, 15)])
def test_the_mean_degree_is_what_was_asked_for(contacts: float, close: int) -> None:
    graph = network(5000, contacts=contacts, close=close)
    assert graph.degree().mean() == pytest.approx(contacts, rel=0.06)


def test_the_sociable_know_more() -> None:
    edges = community_edges(3000, 150.0, 1)
    sociability = make_persons(People(), edges, 1).sociability
    graph = build_network(Network(), edges, sociability, 1, Threads(1))
    assert np.corrcoef(sociability, graph.degree())[0, 1] > 0.5


def test_close_ties_live_in_the_community_and_are_mutual() -> None:
    graph = network(2000)
    home = np.searchsorted(graph.communities, np.arange(2000), side="right")
    close = {
        (person, int(contact))
        for person in range(2000)
        for contact in graph.contacts[graph.start[person]:][: graph.close[person]]
    }
    assert len(close) > 2000 * 10
    assert all((other, one) in close for one, other in close)
    assert all(home[one] == home[other] for one, other in close)


def test_the_share_of_outside_contacts() -> None:
    graph = network(5000, outside=0.3)
    home = np.searchsorted(graph.communities, np.arange(5000), side="right")
    ties = pairs(graph)
    away = (home[ties // 5000] != home[ties % 5000]).mean()
    assert away == pytest.approx(0.3, abs=0.06)


def test_threads_and_repetition_change_nothing_seeds_do() -> None:
    persons = WORTH_IT + 1000
    alone = network(persons, contacts=8.0, close=4)
    for other in (network(persons, contacts=8.0, close=4, threads=2),
                  network(persons, contacts=8.0, close=4)):
        assert np.array_equal(alone.start, other.start)
        assert np.array_equal(alone.contacts, other.contacts)
        assert np.array_equal(alone.close, other.close)
    different = network(persons, seed=2, contacts=8.0, close=4)
    assert not np.array_equal(alone.contacts, different.contacts)


@pytest.mark.parametrize("given", [{"contacts": 40.0}, {"contacts": 8.0, "community": 5000.0}])
def test_nobody_can_write_to_a_network_nor_to_its_copy(given: dict[str, Any]) -> None:
    graph = network(1000, **given)
    for one in (graph, pickle.loads(pickle.dumps(graph)), copy.deepcopy(graph)):
        assert np.array_equal(one.contacts, graph.contacts)
        for array in (*one.arrays(), one.contacts):
            assert not array.flags.writeable
            with pytest.raises(ValueError, match="read-only"):
                array[:1] = 0


@pytest.mark.parametrize(("persons", "size"), [(1, 150.0), (10, 2.0), (10_000, 150.0)])
def test_communities_cover_everybody(persons: int, size: float) -> None:
    edges = community_edges(persons, size, 3)
    assert edges[0] == 0
    assert edges[-1] == persons
    assert (np.diff(edges) > 0).all()
    if persons > 1000:
        assert np.diff(edges).mean() == pytest.approx(size, rel=0.02)

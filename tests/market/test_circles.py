"""Circles: packed or listed, the same contacts stand at the same places."""

import importlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.kernel.threads import WORTH_IT, Threads
from sim.market.network import Graph, Network, community_edges
from sim.market.network.circles import longest, stretch, whole_circle, write_circle, write_circles
from sim.market.network.small_world import packed_words, small_world
from tests.worlds import graph_of, star

MODULE = importlib.import_module("sim.market.network.small_world")
"""The module: the package has a function of the same name."""


def world(persons: int, seed: int = 1, threads: int = 1, **given: Any) -> Graph:
    network = Network(**given)
    sociability = np.random.default_rng(seed).gamma(2.0, 0.5, persons).astype(np.float32) + 0.05
    edges = community_edges(persons, network.community, seed)
    return small_world(network, edges, sociability, seed, Threads(threads))


def both(monkeypatch: pytest.MonkeyPatch, *arguments: Any, **given: Any) -> tuple[Graph, Graph]:
    """Return the same network packed and listed."""
    packed = world(*arguments, **given)
    with monkeypatch.context() as patch:
        patch.setattr(MODULE, "packed_words", lambda *_: 0)
        return packed, world(*arguments, **given)


@pytest.mark.parametrize("given", [
    {}, {"contacts": 60.0}, {"outside": 0.0}, {"outside": 0.6}, {"close": 0}, {"close": 40},
    {"community": 90.0}, {"community": 60.0, "contacts": 100.0}, {"contacts": 200.0},
])
@pytest.mark.parametrize("persons", [150, 700, 5000])
def test_packed_and_listed_are_the_same(
    persons: int, given: dict[str, Any], monkeypatch: pytest.MonkeyPatch,
) -> None:
    packed, listed = both(monkeypatch, persons, seed=persons, **given)
    assert listed.circles.words == 0
    for name in ("start", "close", "contacts", "communities"):
        assert np.array_equal(getattr(packed, name), getattr(listed, name)), name
    for person in range(0, persons, 37):
        assert packed.circle(person).tolist() == listed.circle(person).tolist()
    assert packed.measure() == listed.measure()


def test_the_default_network_is_packed_and_small(monkeypatch: pytest.MonkeyPatch) -> None:
    packed, listed = both(monkeypatch, 20_000)
    assert packed.circles.words > 0
    assert packed.nbytes < 0.15 * listed.nbytes


def test_large_communities_and_few_contacts_are_listed() -> None:
    assert world(5000, community=2000.0).circles.words == 0
    assert world(5000, contacts=8.0, close=4).circles.words == 0


def test_words_of_a_circle() -> None:
    # A head; 210 members are 4 words, 78 distances are 2.
    assert packed_words(128.0, 210, 78, 7, 89.6) == 7
    assert packed_words(128.0, 192, 64, 7, 89.6) == 5
    # 75.6 wanted are asked for at 76 distances ahead and behind: half of 304 others.
    assert packed_words(128.0, 304 + 15, 78, 7, 89.6) > 0
    assert packed_words(128.0, 305 + 15, 78, 7, 89.6) == 0
    # Nobody but those on the ring lives in the community.
    assert packed_words(200.0, 5000, 0, 7, 14.0) == 80
    # No smaller than a list of four bytes a contact.
    assert packed_words(14.5, 210, 78, 7, 14.0) == 7
    assert packed_words(14.0, 210, 78, 7, 14.0) == 0


@pytest.mark.parametrize("packed", [True, False])
def test_threads_change_nothing(packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not packed:
        monkeypatch.setattr(MODULE, "packed_words", lambda *_: 0)
    persons, given = WORTH_IT + 1000, {"contacts": 40.0, "close": 4, "community": 60.0}
    one, other = (world(persons, threads=threads, **given) for threads in (1, 2))
    assert (one.circles.words > 0) == packed
    for mine, theirs in zip(one.arrays(), other.arrays(), strict=True):
        assert np.array_equal(mine, theirs)


PACKED = world(700)
LISTED = Graph.listed(PACKED.start, PACKED.contacts, PACKED.close, PACKED.communities)


@settings(max_examples=300)
@given(st.data())
def test_any_part_of_a_circle(data: st.DataObject) -> None:
    person = data.draw(st.integers(0, 699))
    whole = PACKED.contacts[PACKED.start[person] : PACKED.start[person + 1]].tolist()
    first = data.draw(st.integers(0, len(whole)))
    last = data.draw(st.integers(first, len(whole)))
    slot = data.draw(st.integers(0, len(whole) - 1))
    many = data.draw(st.integers(0, len(whole)))
    for graph in (PACKED, LISTED):
        out = np.full(len(whole) + 1, 2**32 - 1, np.uint32)
        write_circle(graph.circles, person, first, last, out)
        assert out.tolist() == whole[first:last] + [2**32 - 1] * (len(out) - last + first)
        stretch(graph.circles, person, slot, many, out)
        assert out[:many].tolist() == (whole + whole)[slot : slot + many]


def test_whole_circles_one_after_the_other() -> None:
    people = np.array([3, 699, 0])
    sizes = PACKED.degree()[people]
    starts = np.cumsum(sizes) - sizes
    expected = np.concatenate([PACKED.circle(person) for person in people])
    for graph in (PACKED, LISTED):
        out = np.empty(int(sizes.sum()), np.uint32)
        write_circles(graph.circles, people, starts, out)
        assert np.array_equal(out, expected)
        assert longest(graph.circles, people) == sizes.max()
        assert whole_circle(graph.circles, 3, out) == sizes[0]


def test_contacts_that_were_written_out_count_as_memory() -> None:
    graph = world(700, seed=9)
    before = graph.nbytes
    assert graph.contacts.nbytes == 4 * int(graph.start[-1])
    assert graph.nbytes == before + 4 * int(graph.start[-1])
    assert LISTED.nbytes == sum(array.nbytes for array in LISTED.arrays())


def test_nobody_knows_anybody() -> None:
    graph = graph_of(3, [])
    assert graph.circle(1).size == 0
    assert longest(graph.circles, np.array([0, 2])) == 0
    assert longest(graph.circles, np.empty(0, np.int64)) == 0
    assert graph_of(5, star(4)).circle(0).tolist() == [1, 2, 3, 4]

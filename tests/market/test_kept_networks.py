"""Networks built last are kept, and nobody can tell but by the clock."""

from pathlib import Path

import numpy as np
import pytest

from sim.kernel.threads import Threads
from sim.market.network import Graph, Network, build_network, community_edges, kept

EDGES = community_edges(400, 80.0, 1)
SOCIABILITY = np.ones(400, np.float32)


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_kept", type(kept._kept)())


def build(seed: int = 1, sociability: np.ndarray = SOCIABILITY, **settings: object) -> Graph:
    network = Network(**{"contacts": 20.0, "close": 4, **settings})  # type: ignore[arg-type]
    return build_network(network, EDGES, sociability, seed, Threads(1))


def test_the_same_world_shares_its_network() -> None:
    assert build() is build()


@pytest.mark.parametrize("other", [
    {"seed": 2}, {"contacts": 21.0}, {"kind": "erdos_renyi"},
    {"sociability": np.linspace(0.5, 1.5, 400, dtype=np.float32)},
])
def test_another_world_has_its_own(other: dict[str, object]) -> None:
    one, two = build(), build(**other)  # type: ignore[arg-type]
    assert one is not two
    assert one.contacts.size != two.contacts.size or (one.contacts != two.contacts).any()


def test_shared_arrays_cannot_be_written() -> None:
    graph = build()
    for array in (*graph.arrays(), graph.contacts):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_little_room_keeps_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    size = build().nbytes
    monkeypatch.setattr(kept, "MANY_BYTES", int(2.5 * size))
    graphs = [build(seed) for seed in (1, 2, 3)]
    assert build(3) is graphs[2]
    assert build(2) is graphs[1]
    assert build(1) is not graphs[0]
    monkeypatch.setattr(kept, "MANY_BYTES", size // 2)
    assert build(8) is build(8)
    assert len(kept._kept) == 1
    monkeypatch.setattr(kept, "MAX_BYTES", size // 2)
    assert build(9) is not build(9)


def test_a_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "edges.csv"
    path.write_text("person,contact\n0,1\n")
    before = build(kind="file", path=str(path))
    path.write_text("person,contact\n0,1\n1,2\n")
    assert build(kind="file", path=str(path)).contacts.size == before.contacts.size + 2

"""Every kind of network keeps the contract of the graph and has the shape its name promises."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats

from sim.errors import FilesError, UsageError
from sim.kernel.threads import Threads
from sim.market.network import BUILDERS, Graph, Network, build_network, community_edges
from sim.market.network.edge_list import read_ties
from tests.sheets import workbook

DRAWN = [kind for kind in BUILDERS if kind != "file"]


def build(persons: int, seed: int = 1, threads: int = 1, **settings: object) -> Graph:
    network = Network(**settings)  # type: ignore[arg-type]
    communities = community_edges(persons, network.community, seed)
    sociability = np.exp(np.random.default_rng(seed).normal(0, 0.4, persons)).astype(np.float32)
    return build_network(network, communities, sociability, seed, Threads(threads))


def matrix(graph: Graph) -> sparse.csr_matrix:
    ones = np.ones(graph.contacts.size, np.int64)
    return sparse.csr_matrix(
        (ones, graph.contacts, graph.start), shape=(graph.persons, graph.persons))


def owners(graph: Graph) -> np.ndarray:
    return np.repeat(np.arange(graph.persons), graph.degree())


def transitivity(graph: Graph) -> float:
    """Links between neighbours over possible ones, of the whole graph (Barrat, Weigt 2000)."""
    a = matrix(graph)
    degree = graph.degree()
    return float((a @ a).multiply(a).sum() / (degree * (degree - 1)).sum())


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize("persons", [1, 2, 3, 10, 150, 1000])
@pytest.mark.parametrize("contacts", [0.0, 1.0, 16.0, 200.0])
def test_every_tie_has_two_ends_and_is_there_once(
    kind: str, persons: int, contacts: float
) -> None:
    graph = build(persons, kind=kind, contacts=contacts, community=40.0)
    assert graph.start.dtype == np.int64
    assert graph.contacts.dtype == np.uint32
    assert graph.start[-1] == graph.contacts.size
    a = matrix(graph)
    assert a.nnz == 0 or (a.data == 1).all()
    a.sum_duplicates()
    assert a.nnz == graph.contacts.size, "a tie repeats"
    assert (a != a.T).nnz == 0, "a tie has one end only"
    assert a.diagonal().sum() == 0, "somebody is tied to themselves"
    assert (graph.close <= graph.degree()).all()


@pytest.mark.parametrize("kind", DRAWN)
def test_close_is_mutual(kind: str) -> None:
    graph = build(1000, kind=kind, contacts=60.0)
    place = np.arange(graph.contacts.size) - graph.start[owners(graph)]
    chosen = place < graph.close[owners(graph)]
    close = sparse.csr_matrix(
        (np.ones(chosen.sum()), (owners(graph)[chosen], graph.contacts[chosen])),
        shape=(1000, 1000))
    assert (close != close.T).nnz == 0
    assert graph.close.mean() == pytest.approx(15, abs=3)


@pytest.mark.parametrize("kind", [kind for kind in DRAWN if kind != "complete"])
def test_mean_degree_is_what_was_asked_for(kind: str) -> None:
    graph = build(5000, kind=kind, contacts=40.0)
    # scale_free: ties that repeat merge, and the first persons have fewer to pick from.
    short = 0.03 if kind == "scale_free" else 0.02
    assert graph.degree().mean() == pytest.approx(40, rel=short)


@pytest.mark.parametrize("kind", [kind for kind in DRAWN if kind != "complete"])
def test_same_seed_same_graph_on_any_number_of_threads(kind: str) -> None:
    one, two = (build(60_000, kind=kind, contacts=10.0, threads=n) for n in (1, 2))
    other = build(60_000, seed=2, kind=kind, contacts=10.0)
    assert one.start.tobytes() == two.start.tobytes()
    assert one.contacts.tobytes() == two.contacts.tobytes()
    assert one.close.tobytes() == two.close.tobytes()
    assert one.contacts.tobytes() != other.contacts.tobytes()


@pytest.mark.parametrize("rewiring", [0.0, 0.05, 0.2, 0.5])
@pytest.mark.parametrize("contacts", [10, 20])
def test_watts_strogatz_clustering_follows_the_closed_form(
    rewiring: float, contacts: int
) -> None:
    k, persons, runs = contacts, 3000, 8
    found = np.array([
        transitivity(build(persons, seed, kind="watts_strogatz", contacts=float(k),
                           rewiring=rewiring))
        for seed in range(runs)
    ])
    expected = 3 * (k - 2) / (4 * (k - 1)) * (1 - rewiring) ** 3
    # The closed form leaves out chance triangles, of the order k / persons.
    error = stats.t.ppf(0.9995, runs - 1) * found.std(ddof=1) / np.sqrt(runs)
    assert abs(found.mean() - expected) < error + k / persons + 1e-12


def test_erdos_renyi_degrees_are_binomial() -> None:
    graph = build(4000, kind="erdos_renyi", contacts=12.0)
    degree = graph.degree()
    p = 12 / 3999
    edges = np.array([0, 7, 9, 10, 11, 12, 13, 14, 16, 4000])
    seen = np.histogram(degree, edges)[0]
    share = np.diff(stats.binom.cdf(edges - 1, 3999, p))
    share[-1] += 1 - share.sum()
    assert stats.chisquare(seen, share * degree.size).pvalue > 1e-4
    assert graph.measure()["clustering"] == pytest.approx(p, abs=0.003)


def test_erdos_renyi_beyond_the_number_of_persons_is_complete() -> None:
    assert (build(100, kind="erdos_renyi", contacts=128.0).degree() == 99).all()


def test_scale_free_has_the_tail_of_preferential_attachment() -> None:
    graph = build(30_000, kind="scale_free", contacts=10.0)
    degree = np.sort(graph.degree())
    # Barabasi-Albert: P(degree >= d) = m (m + 1) / (d (d + 1)), here m = 5.
    for d in (10, 20, 40, 80):
        expected = 5 * 6 / (d * (d + 1))
        assert (degree >= d).mean() == pytest.approx(expected, rel=0.15)
    assert degree[-1] > 400


def test_the_most_sociable_are_the_hubs_of_a_scale_free_network() -> None:
    persons = 3000
    sociability = np.linspace(0.1, 3.0, persons).astype(np.float32)
    communities = community_edges(persons, 150.0, 1)
    graph = build_network(
        Network(kind="scale_free", contacts=10.0), communities, sociability, 1, Threads(1))
    assert np.argmax(graph.degree()) > persons - 30


@pytest.mark.parametrize("community", [50.0, 1000.0])
def test_blocks_mix_as_much_as_they_are_told(community: float) -> None:
    graph = build(8000, kind="stochastic_block", contacts=20.0, mixing=0.3, community=community)
    home = np.searchsorted(graph.communities, np.arange(8000), side="right")
    own, contact = home[owners(graph)], home[graph.contacts]
    assert (own != contact).mean() == pytest.approx(0.3, abs=0.02)


def test_the_small_world_is_one() -> None:
    graph = build(6000)
    measures = graph.measure()
    assert measures["degree_mean"] == pytest.approx(128, rel=0.03)
    assert measures["degree_p95"] > 1.4 * measures["degree_median"]
    assert measures["clustering"] > 8 * measures["degree_mean"] / 6000
    assert measures["components"] == 1
    home = np.searchsorted(graph.communities, np.arange(6000), side="right")
    outside = home[owners(graph)] != home[graph.contacts]
    assert outside.mean() == pytest.approx(0.3, abs=0.02)


def test_the_sociable_know_more_people_and_pairs_are_independent() -> None:
    persons = 4000
    social = np.random.default_rng(1).random(persons) < 0.5
    sociability = np.where(social, 1.3, 0.7).astype(np.float32)
    graph = build_network(
        Network(contacts=40.0, close=0, community=400.0), community_edges(persons, 400.0, 1),
        sociability, 1, Threads(1))
    degree = graph.degree()
    assert degree[social].mean() / degree[~social].mean() == pytest.approx(1.3 / 0.7, rel=0.04)
    # Independent pairs: hardly more variance than Poisson within a class.
    assert degree[~social].var() / degree[~social].mean() < 1.2


def test_a_huge_community_costs_no_more_than_its_contacts() -> None:
    graph = build(200_000, contacts=12.0, community=200_000.0, close=4)
    assert graph.degree().mean() == pytest.approx(12, rel=0.03)


def test_measures_agree_with_networkx() -> None:
    import networkx

    graph = build(700, kind="erdos_renyi", contacts=2.0)
    reference = networkx.from_scipy_sparse_array(matrix(graph))
    measures = graph.measure()
    groups = [len(group) for group in networkx.connected_components(reference)]
    assert measures["components"] == len(groups)
    assert measures["largest_component"] == max(groups) / 700
    local = networkx.clustering(reference)
    with_pairs = [local[i] for i in range(700) if reference.degree(i) > 1]
    assert measures["clustering"] == pytest.approx(np.mean(with_pairs))
    assert measures["degree_mean"] == 2 * reference.number_of_edges() / 700
    assert measures["degree_max"] == max(d for _, d in reference.degree())


def test_a_complete_graph_of_many_is_refused_in_one_sentence() -> None:
    with pytest.raises(UsageError, match=r"at most 5000 persons, not 6000") as refusal:
        build(6000, kind="complete")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("heading", [True, False])
def test_a_network_from_a_file(tmp_path: Path, suffix: str, heading: bool) -> None:
    ties = pd.DataFrame({"one": [0, 1, 2, 1], "other": [1, 2, 4, 0]})
    path = tmp_path / f"ties.{suffix}"
    if suffix == "csv":
        ties.to_csv(path, index=False, header=heading)
    else:
        ties.to_parquet(path)
    graph = build(6, kind="file", path=str(path), close=1)
    rows = [sorted(graph.contacts[a:b].tolist())
            for a, b in zip(graph.start[:-1], graph.start[1:], strict=True)]
    assert rows == [[1], [0, 2], [1, 4], [], [2], []]


@pytest.mark.parametrize(("text", "message"), [
    ("a,b\n0,1\n2,x\n", "line 3: 'x' is no person"),
    ("0,1\n2,\n", "line 2: '2,' is no tie"),
    ("0,1\n2,1.5\n", "line 2: '1.5' is no person"),
    ("0,1\n-3,1\n", "line 2: '-3' is no person"),
    ("0,1\n2,3\n4,5\n6,7\n", "names 8 persons and the market has 6; set persons: 8"),
    ("2,2\n", "holds no tie between two persons"),
    ("0\n1\n", "line 1: '0' is no tie"),
    ("", "holds no tie"),
    ("# nothing but words\n% here\n", "holds no tie"),
    ("*Vertices 2\n1 a\n2 b\n", "holds no tie"),
])
def test_bad_rows_get_one_clear_sentence(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "ties.csv"
    path.write_text(text)
    with pytest.raises(UsageError) as refusal:
        build(6, kind="file", path=str(path))
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FilesError, match=r"cannot read none\.csv"):
        build(6, kind="file", path=str(tmp_path / "none.csv"))
    with pytest.raises(UsageError, match="needs the path"):
        build(6, kind="file")


@pytest.mark.parametrize("text", [
    "0,1\n1,2\n2,4\n", "0 1\n1 2\n2 4\n", "0\t1\n1\t2\n2\t4\n", "0;1\r\n1;2\r\n2;4\r\n",
    "# Nodes: 5 Edges: 3\n# FromNodeId\tToNodeId\n0\t1\n1\t2\n2\t4\n",
    "% sym unweighted\n% 3 5 5\n0 1 1 1200\n1 2 1 1300\n2 4 1 1400\n",
    "source,target,weight\n0,1,0.5\n1,2,2\n2,4,1e3\n", "0 1 {'weight': 0.5}\n1 2 {}\n2 4 {}\n",
    "*Vertices 5\n0 \"a\"\n1 \"b\"\n*Edges\n0 1\n1 2 1.0\n2 4\n", '"0","1"\n"1","2"\n"2","4"\n',
    "0.0,1.0\n1.0,2.0\n2.0,4.0\n", "\ufeff0,1\n\n1,2\n2,4\n2,2\n",
    "%%MatrixMarket matrix coordinate pattern symmetric\n% from a collection\n9 9 3\n0 1\n1 2\n2 4\n",
    "c a graph\np edge 5 3\ne 0 1\ne 1 2\ne 2 4\n", "*Vertices 5\n*Edgeslist\n1 0 2\n2 4\n",
    "// by hand\n0, 1, 3.5\n1, 2, 1\n2, 4, 1\n",
], ids=["commas", "spaces", "tabs", "semicolons", "SNAP", "KONECT", "weights", "networkx", "Pajek",
        "quotes", "floats", "own ties", "Matrix Market", "DIMACS", "Pajek lists", "commas, spaces"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_edge_lists_as_others_publish_them(
    tmp_path: Path, text: str, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "ties.txt"
    path.write_bytes(pack(text.encode()))
    graph = build(6, kind="file", path=str(path), close=1)
    assert [sorted(graph.circle(person).tolist()) for person in range(6)] == [
        [1], [0, 2], [1, 4], [], [2], []]


@pytest.mark.parametrize("kind", ["graphml", "gml", "xlsx"])
def test_graphs_of_networkx_and_spreadsheets(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a 网络.{kind}"
    if kind == "xlsx":
        pytest.importorskip("python_calamine")
        path.write_bytes(workbook([["from", "to", "weight"], [0, 1, 2.5], [1, 2, 1], [2, 4, 1]]))
    else:
        graph = nx.Graph([(0, 1), (1, 2), (2, 4)])
        nx.write_graphml(graph, path) if kind == "graphml" else nx.write_gml(graph, path)
    ties = read_ties(str(path), 5)
    assert sorted(zip(ties.one.tolist(), ties.other.tolist(), strict=True)) in (
        [(0, 1), (1, 2), (2, 4)], [(0, 1), (1, 2), (2, 3)])  # GML keeps numbers of its own
    path.write_bytes(b"neither")
    with pytest.raises(UsageError, match="网络") as refusal:
        read_ties(str(path), 5)
    assert "\n" not in str(refusal.value)


def test_persons_with_names_or_numbers_of_their_own_are_numbered(tmp_path: Path) -> None:
    path = tmp_path / "ties.csv"
    path.write_text("from,to\n王芳,李娜\n李娜,张伟\n", "utf-8")
    found = read_ties(str(path), 3)
    assert sorted(zip(found.one.tolist(), found.other.tolist(), strict=True)) == [(1, 0), (2, 1)]
    assert found.notes == ("3 persons of ties.csv are numbered in the order of their names",)
    path.write_text("1 2\n2 3\n3 3\n")  # from one on, in a market of three
    found = read_ties(str(path), 3)
    assert (found.one.tolist(), found.other.tolist()) == ([0, 1], [1, 2])
    assert found.notes[1] == "ties.csv: ties of a person to themselves are left out (1)"
    assert "ties for 3 of 30 persons" in read_ties(str(path), 30).notes[1]


def test_the_encodings_of_windows_are_read_and_damage_is_said(tmp_path: Path) -> None:
    path = tmp_path / "ties.csv"
    path.write_bytes("甲,乙\n王芳,李娜\n".encode("cp936"))
    assert len(read_ties(str(path), 6).one) == 2
    path.write_bytes(b"0,1\n\xff\xfe\xfd,2\n")
    with pytest.raises(UsageError, match=r"ties\.csv is no text that can be read; save it as UTF-8"):
        build(6, kind="file", path=str(path))
    path.write_bytes("甲,乙\n0,1\n".encode("utf-16"))  # as Excel's "Unicode text"
    assert build(6, kind="file", path=str(path)).degree().sum() == 2
    (tmp_path / "ties.gz").write_bytes(b"\x1f\x8b damaged")
    with pytest.raises(FilesError, match=r"cannot read ties\.gz: it is damaged"):
        build(6, kind="file", path=str(tmp_path / "ties.gz"))

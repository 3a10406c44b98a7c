"""Network from a file: an edge list as others publish them (SNAP, KONECT, Pajek, networkx)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sim.errors import UsageError
from sim.kernel import np
from sim.kernel.threads import Threads
from sim.market.network.graph import Graph
from sim.market.network.pairs import finished, rows_of
from sim.market.network.settings import Network
from sim.market.network.tie_files import ends_of, is_number, refused
from sim.texts import _

__all__ = ["Ties", "edge_list", "read_ties"]


@dataclass(frozen=True)
class Ties:
    """The two ends of each tie (uint32), and how they were read, in sentences."""

    one: np.ndarray
    other: np.ndarray
    notes: tuple[str, ...] = ()


def read_ties(path: str, persons: int) -> Ties:
    """Return the ties of an edge list; `sim.market.network.tie_files` says which files are read.

    Whole numbers below `persons` are kept as ids; other numbers and names are numbered in order. Ties
    may repeat, in either direction.

    Raises
    ------
    FilesError
        When the file cannot be read.
    UsageError
        When a row is not a tie, or the file has more persons than the market.
    """
    file = Path(path)
    ends = ends_of(file)
    kind = np.int64 if all(is_number(cell) for end in ends for cell in end) else np.str_
    one, other = (np.array(end, kind) for end in ends)
    notes = []
    if kind is np.str_ or int(max(one.max(), other.max())) >= persons:
        names, numbers = np.unique(np.concatenate([one, other]), return_inverse=True)
        if names.size > persons:
            raise refused(file, _(
                "names {count} persons and the market has {persons}; set persons: {number}").format(
                    count=f"{names.size:,}", persons=f"{persons:,}", number=names.size))
        one, other = numbers[: one.size], numbers[one.size:]
        notes.append(_("{count} persons of {name} are numbered in the order of their names").format(
            count=f"{names.size:,}", name=file.name))
    own = one == other
    if own.any():
        one, other = one[~own], other[~own]
        notes.append(_("{name}: ties of a person to themselves are left out ({count})").format(
            name=file.name, count=f"{int(own.sum()):,}"))
        if not one.size:
            raise refused(file, _("holds no tie between two persons"))
    known = np.unique(np.concatenate([one, other])).size
    if 2 * known < persons:
        notes.append(_("{name} has ties for {count} of {persons} persons; the others know nobody")
                     .format(name=file.name, count=f"{known:,}", persons=f"{persons:,}"))
    return Ties(one.astype(np.uint32), other.astype(np.uint32), tuple(notes))


def edge_list(
    network: Network, communities: np.ndarray, _sociability: np.ndarray, seed: int,
    threads: Threads,
) -> Graph:
    """Return the graph of the file ``network.path``; ``network.contacts`` is not used."""
    if not network.path:
        raise UsageError(_("network.path: kind file needs the path of an edge list"))
    ties = read_ties(network.path, int(communities[-1]))
    start, contacts = rows_of(
        int(communities[-1]), lambda: iter([(ties.one, ties.other)]), threads)
    return finished(start, contacts, communities, network.close, seed, threads)

"""The graph itself, and its measures."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw64, key
from sim.market.network.circles import Circles, longest, whole_circle, write_circle, write_circles

__all__ = ["Graph"]


@dataclass
class Graph:
    """Undirected graph, without loops and without repeated ties; its arrays cannot be written to.

    Contacts of person `i` are ``circle(i)``, or ``contacts[start[i]:start[i + 1]]``; the first
    ``close[i]`` of them are close ties, the others weak ones. A tie is close for both of its ends
    or for neither.
    """

    circles: Circles
    """Who knows whom, as compiled loops read it."""
    communities: np.ndarray
    """int64: first person of each community, and the number of persons last."""

    def __post_init__(self) -> None:
        for array in self.arrays():
            array.flags.writeable = False

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Copies of locked arrays are open: anybody could write, and loops would be compiled again for them.
        self.__dict__.update(state)
        self.__dict__.pop("contacts", None)
        self.__post_init__()

    @classmethod
    def listed(
        cls, start: np.ndarray, contacts: np.ndarray, close: np.ndarray, communities: np.ndarray,
    ) -> Graph:
        """Return the graph of these rows: int64, uint32, uint16, int64."""
        nothing = np.empty(0, np.uint64), np.empty(0, np.int64)
        return cls(Circles(start, close, contacts, *nothing, words=0, inside=0), communities)

    def arrays(self) -> list[np.ndarray]:
        """Return the arrays that the graph consists of."""
        return [*self.circles[:5], self.communities]

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the graph takes, including contacts written out."""
        written = self.__dict__.get("contacts") if self.circles.words else None
        return self._packed_bytes + (0 if written is None else written.nbytes)

    @functools.cached_property
    def _packed_bytes(self) -> int:
        # Once: thousands of small networks may be kept, and are added up for each new one.
        return sum(array.nbytes for array in self.arrays())

    @property
    def start(self) -> np.ndarray:
        """int64, persons + 1: where the contacts of each person begin."""
        return self.circles.start

    @property
    def close(self) -> np.ndarray:
        """uint16 per person: how many of the contacts are close."""
        return self.circles.close

    @functools.cached_property
    def contacts(self) -> np.ndarray:
        """uint32, both ends of every tie; packed circles are written out on first use."""
        if self.circles.words == 0:
            return self.circles.contacts
        contacts = np.empty(int(self.start[-1]), np.uint32)
        write_circles(self.circles, np.arange(self.persons), self.start, contacts)
        contacts.flags.writeable = False
        return contacts

    def circle(self, person: int) -> np.ndarray:
        """Return the contacts of a person, close ones first."""
        contacts = np.empty(int(self.start[person + 1] - self.start[person]), np.uint32)
        whole_circle(self.circles, person, contacts)
        return contacts

    @property
    def persons(self) -> int:
        """Number of persons."""
        return int(self.start.size - 1)

    def degree(self) -> np.ndarray:
        """Return the number of contacts of each person."""
        return np.diff(self.start)

    def measure(self, seed: int = 0, sample: int = 1000) -> dict[str, float]:
        """Return measures of the graph's shape.

        ``degree_mean``, ``degree_p5``, ``degree_median``, ``degree_p95`` and ``degree_max`` in
        contacts; ``close_mean``, close ties a person; ``clustering``, mean share of pairs of a
        person's contacts who know each other (Watts, Strogatz 1998; over persons with two contacts
        or more, of `sample` persons drawn with the luck of `seed`, NaN where there are none);
        ``components``, groups without a tie between them, and ``largest_component``, share of the
        persons in the largest.
        """
        degree = self.degree()
        low, median, high = np.percentile(degree, [5, 50, 95], method="nearest")
        chosen = np.arange(min(self.persons, sample))
        if self.persons > sample:
            draws = np.empty(sample, np.int64)
            _sample(draws, self.persons, np.uint64(key(seed, "measure network", 0)))
            chosen = np.unique(draws)
        total, counted = _clustering(self.circles, chosen)
        components, largest = _components(self.circles)
        return {
            "degree_mean": int(self.start[-1]) / self.persons,
            "degree_p5": float(low),
            "degree_median": float(median),
            "degree_p95": float(high),
            "degree_max": float(degree.max()),
            "close_mean": int(self.close.sum(dtype=np.int64)) / self.persons,
            "clustering": total / counted if counted else float("nan"),
            "components": float(components),
            "largest_component": largest / self.persons,
        }


@compiled
def _sample(out, persons, key):
    for index in range(out.size):
        out[index] = draw64(key, index) % np.uint64(persons)


@compiled
def _clustering(circles, chosen):
    """Return the sum of the local clustering of the chosen, and how many of them have any."""
    start = circles.start
    knows = np.zeros(start.size - 1, np.uint32)
    circle = np.empty(longest(circles, chosen), np.uint32)
    theirs = np.empty(np.int64(0), np.uint32)
    total = 0.0
    counted = 0
    for index in range(chosen.size):
        person = chosen[index]
        degree = start[person + 1] - start[person]
        if degree < 2:
            continue
        mark = np.uint32(index + 1)
        whole_circle(circles, person, circle)
        for place in range(degree):
            knows[circle[place]] = mark
        ends = 0
        for place in range(degree):
            contact = np.int64(circle[place])
            further = start[contact + 1] - start[contact]
            if further > theirs.size:
                theirs = np.empty(2 * further, np.uint32)
            whole_circle(circles, contact, theirs)
            for other in range(further):
                if knows[theirs[other]] == mark:
                    ends += 1
        total += ends / (degree * (degree - 1))
        counted += 1
    return total, counted


@compiled
def _root(parent, person):
    while parent[person] != person:
        parent[person] = parent[parent[person]]
        person = parent[person]
    return person


@compiled
def _tie(parent, one, other):
    one = _root(parent, one)
    other = _root(parent, other)
    if one < other:
        parent[other] = one
    elif other < one:
        parent[one] = other


@compiled
def _components(circles):
    """Return the number of components, and the persons in the largest.

    A few contacts per person already join nearly all; only persons still outside the largest component
    look at all their contacts (Sutton, Ben-Nun, Barak 2018).
    """
    start = circles.start
    persons = start.size - 1
    parent = np.arange(persons)
    circle = np.empty(longest(circles, parent), np.uint32)
    for person in range(persons):
        degree = start[person + 1] - start[person]
        few = min(degree, 2)
        write_circle(circles, person, 0, few, circle)
        write_circle(circles, person, max(degree - 1, 0), degree, circle[few:])
        for place in range(few + np.int64(degree > 2)):
            _tie(parent, person, np.int64(circle[place]))
    size = np.zeros(persons, np.int64)
    for person in range(persons):
        size[_root(parent, person)] += 1
    giant = np.argmax(size)
    for person in range(persons):
        if _root(parent, person) != _root(parent, giant):
            for place in range(whole_circle(circles, person, circle)):
                _tie(parent, person, np.int64(circle[place]))
    size[:] = 0
    for person in range(persons):
        size[_root(parent, person)] += 1
    return np.count_nonzero(size), np.max(size)

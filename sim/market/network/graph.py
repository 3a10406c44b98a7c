"""The graph itself, and what is measured of it."""

from __future__ import annotations

from dataclasses import dataclass

from sim.kernel import np
from sim.kernel.compiled import compiled
from sim.kernel.luck import draw64, key

__all__ = ["Graph"]


@dataclass
class Graph:
    """Undirected graph in compressed rows, without loops and without repeated ties.

    Contacts of person `i` are ``contacts[start[i]:start[i + 1]]``; the first ``close[i]`` of them
    are close ties, the others weak ones. A tie is close for both of its ends or for neither.
    """

    start: np.ndarray
    """int64, persons + 1."""
    contacts: np.ndarray
    """uint32, both ends of every tie."""
    close: np.ndarray
    """uint16 a person: how many of the contacts are close."""
    communities: np.ndarray
    """int64: first person of each community, and the number of persons last."""

    @property
    def persons(self) -> int:
        """Number of persons."""
        return int(self.start.size - 1)

    def degree(self) -> np.ndarray:
        """Return the number of contacts of each person."""
        return np.diff(self.start)

    def measure(self, seed: int = 0, sample: int = 1000) -> dict[str, float]:
        """Return what is known of the shape of the graph.

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
        total, counted = _clustering(self.start, self.contacts, chosen)
        components, largest = _components(self.start, self.contacts)
        return {
            "degree_mean": self.contacts.size / self.persons,
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
def _clustering(start, contacts, chosen):
    """Return the sum of the local clustering of those chosen, and how many have any."""
    circle = np.zeros(start.size - 1, np.uint32)
    total = 0.0
    counted = 0
    for index in range(chosen.size):
        person = chosen[index]
        degree = start[person + 1] - start[person]
        if degree < 2:
            continue
        mark = np.uint32(index + 1)
        for place in range(start[person], start[person + 1]):
            circle[contacts[place]] = mark
        ends = 0
        for place in range(start[person], start[person + 1]):
            contact = contacts[place]
            for further in range(start[contact], start[contact + np.uint32(1)]):
                if circle[contacts[further]] == mark:
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
def _components(start, contacts):
    """Return how many components there are, and the persons in the largest.

    A few contacts of each person already join nearly all; only those who are then outside the
    largest component look at all of theirs (Sutton, Ben-Nun, Barak 2018).
    """
    persons = start.size - 1
    parent = np.arange(persons)
    for person in range(persons):
        for place in range(start[person], min(start[person + 1], start[person] + 2)):
            _tie(parent, person, np.int64(contacts[place]))
        if start[person + 1] > start[person]:
            _tie(parent, person, np.int64(contacts[start[person + 1] - 1]))
    size = np.zeros(persons, np.int64)
    for person in range(persons):
        size[_root(parent, person)] += 1
    giant = np.argmax(size)
    for person in range(persons):
        if _root(parent, person) != _root(parent, giant):
            for place in range(start[person], start[person + 1]):
                _tie(parent, person, np.int64(contacts[place]))
    size[:] = 0
    for person in range(persons):
        size[_root(parent, person)] += 1
    return np.count_nonzero(size), np.max(size)

"""The graph itself, and what is measured of it."""

from __future__ import annotations

from dataclasses import dataclass

from sim.kernel import np

__all__ = ["Graph"]


@dataclass
class Graph:
    """Undirected graph in compressed rows.

    Contacts of person `i` are ``contacts[start[i]:start[i + 1]]``; the first ``close[i]`` of them
    are close ties, the others weak ones.
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

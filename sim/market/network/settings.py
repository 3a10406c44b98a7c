"""What a scenario says about the social network."""

from __future__ import annotations

from typing import Literal

from sim.kernel.settings import Settings, parameter

__all__ = ["Network"]


class Network(Settings):
    """The social network over persons."""

    kind: Literal[
        "small_world", "watts_strogatz", "erdos_renyi", "scale_free", "stochastic_block",
        "complete", "file",
    ] = parameter("small_world", "kind", None, None, "how contacts are drawn")
    contacts: float = parameter(
        128.0, "contacts", 0, 5000, "mean number of contacts of a person",
        source="WeChat mean 128 friends (2015), EVIDENCE section 1")
    close: int = parameter(
        15, "contacts", 0, 500, "mean number of contacts that are close ties; even on a ring",
        source="Dunbar layers 5/15/50/150")
    community: float = parameter(
        150.0, "persons", 2, 1_000_000, "mean size of a community",
        source="Dunbar layers 5/15/50/150")
    outside: float = parameter(
        0.3, "share", 0, 1, "share of the contacts that live outside the community")
    rewiring: float = parameter(
        0.1, "share", 0, 1, "watts_strogatz: probability that a contact is rewired",
        source="Watts, Strogatz 1998")
    mixing: float = parameter(
        0.1, "share", 0, 1, "stochastic_block: share of contacts outside the own block")
    path: str | None = parameter(
        None, "path", None, None, "file: edge list (text, gzip or Parquet: two persons a row)")

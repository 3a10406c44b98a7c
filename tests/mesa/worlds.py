"""The worlds in which each expectation is tried, and the register of expectations.

- ``stock``: a plain `mesa.Model` with plain `mesa.Agent`s. An expectation that fails here says
  nothing about us: it is wrong about Mesa.
- ``rows``: the persons of a `MicroCommerce` model, which are rows of a table.
- ``own``: a researcher's plain `mesa.Agent`s inside a `MicroCommerce` model.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mesa

import sim
from tests.scenarios import small

COUNT = 12
"""Agents in a world."""


class Trader(mesa.Agent):
    """A plain agent with the two attributes of a person that the expectations use."""

    def __init__(self, model: Any, convinced: int = 0, satisfaction: float = 0.5) -> None:
        super().__init__(model)
        self.convinced = convinced
        self.satisfaction = satisfaction


class StockModel(mesa.Model):
    """A plain model with plain agents."""

    def __init__(self, seed: Any = 1, count: int = COUNT) -> None:
        super().__init__(rng=seed)
        for _ in range(count):
            Trader(self)


@functools.cache
def _scenario() -> Any:
    return small(persons=COUNT, weeks=4)


class OwnModel(sim.MicroCommerce):
    """A market in which a researcher's own agents live beside the persons."""

    def __init__(self, seed: Any = 1, count: int = COUNT) -> None:
        super().__init__(_scenario(), rng=seed)
        for _ in range(count):
            Trader(self)


class RowsModel(sim.MicroCommerce):
    """A market of persons."""

    def __init__(self, seed: Any = 1) -> None:
        super().__init__(_scenario(), rng=seed)


class World:
    """One model, and the kind of agents that an expectation is about."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.model_class: Any = {"stock": StockModel, "rows": RowsModel, "own": OwnModel}[name]
        self.kind: Any = sim.Consumer if name == "rows" else Trader
        self.model = self.fresh()
        for place, agent in enumerate(self.agents):
            agent.convinced = (place * 5) % COUNT
            agent.satisfaction = (place % 4) / 4

    def fresh(self, seed: Any = 1) -> Any:
        """Return another model of the same class."""
        return self.model_class(seed)

    @property
    def agents(self) -> Any:
        """The agents of the kind, as the model hands them out."""
        return self.model.agents_by_type[self.kind]

    @property
    def first(self) -> Any:
        """The first agent."""
        return next(iter(self.agents))


NAMES = ("stock", "rows", "own")


@dataclass(frozen=True)
class Expectation:
    """A sentence about Mesa, and the function that asserts it.

    `refused` gives, by world, the sentence with which the attempt is refused; `differs` what is so
    instead, where the attempt is not refused and does something else. `until` gives, by world, the
    version of Mesa from which on the expectation holds no more.
    """

    group: str
    title: str
    holds: Callable[..., None]
    case: tuple[Any, ...]
    worlds: tuple[str, ...]
    refused: Mapping[str, str]
    differs: Mapping[str, str]
    since: str
    until: Mapping[str, str]

    def here(self, world: str) -> bool:
        """Return whether the expectation holds in this world."""
        return world not in self.refused and world not in self.differs


EXPECTATIONS: list[Expectation] = []


def expect(
    title: str, *cases: Any, worlds: Sequence[str] = NAMES, since: str = "3.3",
    refused: Mapping[str, str] | None = None, differs: Mapping[str, str] | None = None,
    until: Mapping[str, str] | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register an expectation, once for each case; ``{0}`` in the title is the case."""
    def register(holds: Callable[..., None]) -> Callable[..., None]:
        group = holds.__module__.rpartition(".")[2].replace("_", " ")
        for case in cases or ((),):
            given = case if isinstance(case, tuple) else (case,)
            said = [getattr(one, "__name__", one) for one in given]
            EXPECTATIONS.append(Expectation(
                group, title.format(*said), holds, given, tuple(worlds), refused or {},
                differs or {}, since, until or {}))
        return holds
    return register

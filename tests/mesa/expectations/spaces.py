"""Custom agents in Mesa's spaces, inside the market."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pytest
from mesa.discrete_space import (
    CellAgent,
    FixedAgent,
    HexGrid,
    Network,
    OrthogonalMooreGrid,
    OrthogonalVonNeumannGrid,
)

from tests.mesa.worlds import World, expect

HERE = ("stock", "own")
GRIDS = (OrthogonalMooreGrid, OrthogonalVonNeumannGrid, HexGrid)


class Walker(CellAgent):
    """An agent that lives in cells."""


class Shop(FixedAgent):
    """An agent that stays where it is."""


def grid(w: World, kind: Any = OrthogonalMooreGrid, **more: Any) -> Any:
    return kind((4, 4), random=w.model.random, **{"torus": False, **more})


@expect("a {0} has its cells", *GRIDS, worlds=HERE)
def _(w: World, kind: Any) -> None:
    assert len(list(grid(w, kind).all_cells)) == 16


@expect("an agent put into a cell of a {0} is there", *GRIDS, worlds=HERE)
def _(w: World, kind: Any) -> None:
    space, walker = grid(w, kind), Walker(w.model)
    walker.cell = space[(1, 2)]
    assert walker in space[(1, 2)].agents
    assert walker.cell.coordinate == (1, 2)


@expect("move_to() takes an agent from cell to cell", worlds=HERE)
def _(w: World) -> None:
    space, walker = grid(w), Walker(w.model)
    walker.cell = space[(0, 0)]
    walker.move_to(space[(1, 1)])
    assert walker not in space[(0, 0)].agents
    assert walker in space[(1, 1)].agents


@expect("move_relative({0}) goes there", ((1, 0),), ((0, 1),), ((1, 1),), worlds=HERE)
def _(w: World, way: tuple[int, int]) -> None:
    space, walker = grid(w), Walker(w.model)
    walker.cell = space[(1, 1)]
    walker.move_relative(way)
    assert walker.cell.coordinate == (1 + way[0], 1 + way[1])


@expect("remove() takes an agent out of its cell and its model", worlds=HERE)
def _(w: World) -> None:
    space, walker = grid(w), Walker(w.model)
    walker.cell = space[(1, 1)]
    walker.remove()
    assert not list(space[(1, 1)].agents)
    assert walker not in w.model.agents


@expect("a fixed agent cannot move", worlds=HERE)
def _(w: World) -> None:
    space, shop = grid(w), Shop(w.model)
    shop.cell = space[(1, 1)]
    with pytest.raises(ValueError, match=r"(?i)fixed"):
        shop.cell = space[(2, 2)]


@expect("a cell of capacity {0} takes no more agents", 1, 2, worlds=HERE)
def _(w: World, capacity: int) -> None:
    space = grid(w, capacity=capacity)
    for _agent in range(capacity):
        Walker(w.model).cell = space[(0, 0)]
    with pytest.raises(Exception, match=r"full|FULL|capacity"):
        Walker(w.model).cell = space[(0, 0)]


@expect("the neighbourhood of a corner of a {0} has {1} cells", (OrthogonalMooreGrid, 3),
        (OrthogonalVonNeumannGrid, 2), worlds=HERE)
def _(w: World, kind: Any, cells: int) -> None:
    assert len(list(grid(w, kind)[(0, 0)].neighborhood)) == cells


@expect("on a torus every cell has {0} neighbours", 8, worlds=HERE)
def _(w: World, cells: int) -> None:
    space = grid(w, torus=True)
    assert {len(list(cell.neighborhood)) for cell in space.all_cells} == {cells}


@expect("empties are the cells without agents", worlds=HERE)
def _(w: World) -> None:
    space = grid(w)
    Walker(w.model).cell = space[(3, 3)]
    assert len(list(space.empties)) == 15


@expect("select_random_empty_cell() finds an empty one", worlds=HERE)
def _(w: World) -> None:
    space = grid(w)
    assert space.select_random_empty_cell().is_empty


@expect("the agents of a space are those in its cells", worlds=HERE)
def _(w: World) -> None:
    space = grid(w)
    walkers = [Walker(w.model) for _agent in range(3)]
    for place, walker in enumerate(walkers):
        walker.cell = space[(place, place)]
    assert set(space.agents) == set(walkers)


@expect("a network of agents follows its graph", worlds=HERE)
def _(w: World) -> None:
    space = Network(nx.path_graph(4), random=w.model.random)
    one, two = Walker(w.model), Walker(w.model)
    one.cell, two.cell = space[0], space[1]
    assert list(space[0].neighborhood.agents) == [two]


@expect("an agent in a space acts with the others of its kind", worlds=HERE)
def _(w: World) -> None:
    space = grid(w)
    for _agent in range(3):
        Walker(w.model).cell = space[(0, 0)]
    w.model.agents_by_type[Walker].do(lambda agent: agent.move_relative((1, 0)))
    assert len(list(space[(1, 0)].agents)) == 3

"""Worlds of a few persons, made by hand, on which one rule at a time is tried."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from sim.kernel.threads import Threads
from sim.market.network import Graph
from sim.market.persons import NO_OFFER
from sim.market.settings import Controls
from sim.market.world import World
from sim.scenario import Scenario
from sim.scenario.schema import merge

TIERS = (
    {"name": "top", "price": 50.0, "first_order": 20, "quota": 8},
    {"name": "bottom", "price": 80.0, "first_order": 5, "quota": 4},
)
PLAIN: dict[str, Any] = {
    "tiers": TIERS,
    "network": {"contacts": 0.0, "close": 0},
    # Everybody is the same and likes the product as it is.
    "people": {
        "willingness_to_pay": 200.0, "weekly_need": 1.0, "never_need": 0.0, "sociability": 1.0,
        "credulity": 0.5, "aspiration": 100.0, "budget": 10_000.0, "trust": 0.5,
        "taste_spread": 0.0, "taste_within": 0.0,
    },
    "offer": {
        "list_price": 100.0, "reference_price": 60.0, "unit_cost": 10.0, "quality": 0.5,
        "overclaim": 0.4, "reference_fit": 1.0,
    },
    "production": {"opening_stock": 0.0},
}


def make_world(
    persons: int = 4,
    close: Iterable[tuple[int, int]] = (),
    weak: Iterable[tuple[int, int]] = (),
    settings: Mapping[str, Any] | None = None,
) -> World:
    """Return a world in week 1 whose persons know each other as listed."""
    scenario = Scenario.of(merge(merge(PLAIN, {"persons": persons}), settings or {}))
    world = World(scenario.settings(), persons, 1, Threads(1))
    world.graph = graph_of(persons, close, weak)
    world.persons.offer[:] = NO_OFFER
    world.week = 1
    return world


def graph_of(
    persons: int, close: Iterable[tuple[int, int]], weak: Iterable[tuple[int, int]] = ()
) -> Graph:
    """Return the graph of these ties, all in one community."""
    near: list[list[int]] = [[] for _ in range(persons)]
    far: list[list[int]] = [[] for _ in range(persons)]
    for rows, ties in ((near, close), (far, weak)):
        for one, other in ties:
            rows[one].append(other)
            rows[other].append(one)
    contacts = [a + b for a, b in zip(near, far, strict=True)]
    start = np.zeros(persons + 1, np.int64)
    start[1:] = np.cumsum([len(row) for row in contacts])
    return Graph.listed(
        start, np.array([contact for row in contacts for contact in row], np.uint32),
        np.array([len(row) for row in near], np.uint16), np.array([0, persons], np.int64),
    )


def star(leaves: int) -> list[tuple[int, int]]:
    """Return ties of person 0 to the persons 1..leaves."""
    return [(0, leaf) for leaf in range(1, leaves + 1)]


def enlist(
    world: World, person: int, *, tier: int = 1, upline: int = -1, inventory: int = 0,
    cash: float = 10_000.0, price: float = 100.0, **columns: Any
) -> int:
    """Make a reseller of a person, money in yuan, with the books kept; return the row."""
    world.unlock(None)
    resellers, graph = world.resellers, world.graph
    row = resellers.append(1)
    fen = round(cash * 100)
    values = {
        "person": person, "tier": tier, "upline": upline, "sponsor": upline, "active": 1,
        "joined_week": 0, "inventory": inventory, "cash": fen, "opening_cash": fen,
        "price": round(price * 100),
        "stock_value": inventory * int(world.tier_prices()[tier]),
        "ties": world.ties.add(graph.circles, np.array([person]))[0],
        **columns,
    }
    for name, value in values.items():
        resellers[name][row] = value
    world.books.goods.move("made", "channel", inventory)
    world.books.money.move("households", "resellers", int(resellers.cash[row]))
    world.persons.reseller[person] = row
    for contact in graph.circle(person):
        world.persons.circle_sellers[contact] += 1
    return row


def stock_home(world: World, units: Any) -> None:
    """Put units into the homes of all persons."""
    world.persons.home[:] = units
    world.books.goods.move("made", "homes", int(world.persons.home.sum()))


def rule(kind: type, controls: Mapping[str, float] | None = None, **parameters: Any) -> Any:
    """Return a rule with these parameters; what follows a control follows `controls`."""
    chosen = Controls(**(controls or {}))
    return kind(**parameters).following(chosen.following(chosen))


def live(world: World, *rules: Any) -> World:
    """Let rules act once, each on the columns it says it writes; the books must balance."""
    for one in rules:
        world.add_columns(one.columns)
        world.unlock(one.writes)
        one.step(world)
        world.unlock(None)
        world.account()
    return world
